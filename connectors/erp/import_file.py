"""The import file for an ERP that reads prospects from files: a row per prospect with its business partner.

UTF-8 with a byte order mark, semicolons, German headings, days and amounts. A text that a spreadsheet would
run as a formula gets an apostrophe in front, which is taken off again on reading. Synchronous.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.contract import Kind, Value
from connectors.erp import cells
from connectors.letting import BUSINESS_PARTNER, PROSPECT, WRITTEN
from connectors.problems import Failure, Owner, Problem, Trouble

HEADINGS: Mapping[str, Mapping[str, str]] = {
    PROSPECT: {
        "id": "Interessent-ID",
        "clientNumber": "Mandant",
        "unit": "Einheit",
        "businessPartner": "Geschäftspartner",
        "state": "Status",
        "wantedStart": "Mietbeginn",
        "acceptedRent": "Miete",
        "message": "Nachricht",
    },
    BUSINESS_PARTNER: {
        "id": "Geschäftspartner-ID",
        "salutation": "Anrede",
        "title": "Titel",
        "firstName": "Vorname",
        "lastName": "Nachname",
        "companyName": "Firma",
        "birthDate": "Geburtsdatum",
        "email": "E-Mail",
        "phoneNumbers": "Telefon",
        "street": "Straße",
        "houseNumber": "Hausnummer",
        "postalCode": "PLZ",
        "city": "Ort",
    },
}
"""Heading of each field. A business partner whose prospect has not been written yet has a row to itself."""

HEAD = tuple(heading for columns in HEADINGS.values() for heading in columns.values())
LONGEST = 30_000
"""Characters of one cell: what Excel holds, nearly."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_HARMLESS = re.compile(r"[+-]?\d[\d ()/.,-]*(\|[+-]?\d[\d ()/.,-]*)*", re.ASCII)  # amounts, telephone numbers
_BETWEEN = "|"

Fields = Mapping[str, Value]


@dataclass(slots=True)
class Content:
    """What the file holds: records by id, per entity."""

    records: dict[str, dict[str, Fields]] = field(default_factory=lambda: {entity: {} for entity in WRITTEN})

    def rows(self) -> Iterator[list[str]]:
        """The rows, headings first."""
        yield list(HEAD)
        partners, prospects = self.records[BUSINESS_PARTNER], self.records[PROSPECT]
        alone = dict(partners)
        for key, fields in prospects.items():
            partner = str(fields["businessPartner"] or "")
            alone.pop(partner, None)
            whose = _cells(BUSINESS_PARTNER, partner if partner in partners else "", partners.get(partner))
            yield _cells(PROSPECT, key, fields) + whose
        for key, fields in alone.items():
            yield _cells(PROSPECT, "", None) + _cells(BUSINESS_PARTNER, key, fields)


def load(path: Path) -> Content:
    """What the file holds; nothing where there is none. Raises Failure for one that is not ours."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Content()
    except OSError:
        raise Failure(_problem("erp.file_unreadable", path)) from None
    except UnicodeDecodeError:
        raise Failure(_problem("erp.import_foreign", path)) from None
    content = Content()
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        if tuple(next(reader, ())) != HEAD:
            raise Failure(_problem("erp.import_foreign", path))
        for row in reader:
            _take(content, row)
    except (csv.Error, cells.BadCell):
        raise Failure(_problem("erp.import_foreign", path)) from None
    return content


def save(path: Path, content: Content) -> None:
    """Put the file in the place of the former one, whole or not at all. Raises Failure."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(content.rows())
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(out.getvalue().encode("utf-8-sig"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise Failure(_problem("erp.import_unwritable", path)) from None


def suits(fields: Fields) -> bool:
    """Whether a cell can hold each value."""
    try:
        for value in fields.values():
            texts = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
            if any(len(text.encode("utf-8")) > LONGEST for text in texts):
                return False
            if isinstance(value, tuple) and any(_BETWEEN in text or not text for text in value):
                return False
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True


def _take(content: Content, row: list[str]) -> None:
    """Take a row up. Raises BadCell."""
    if len(row) != len(HEAD):
        raise cells.BadCell("another number of cells")
    texts = iter(row)
    for entity, columns in HEADINGS.items():
        found = {name: _armed(next(texts)) for name in columns}
        if key := found.pop("id"):
            kinds = WRITTEN[entity]
            values = {name: _value(kinds[name], text) for name, text in found.items()}
            content.records[entity][key] = values


def _cells(entity: str, key: str, fields: Fields | None) -> list[str]:
    names = [name for name in HEADINGS[entity] if name != "id"]
    return [disarmed(key), *(disarmed(_spelled((fields or {}).get(name))) for name in names)]


def _spelled(value: Value) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.strftime("%d.%m.%Y")
        case Decimal():
            return format(value, "f").replace(".", ",")
        case tuple():
            return _BETWEEN.join(value)
    return str(value)


def _value(kind: Kind, text: str) -> Value:
    """A cell as a field holds it. Raises BadCell."""
    if not text:
        return () if kind is Kind.LIST else None
    match kind:
        case Kind.DATE:
            return cells.day(text)
        case Kind.DECIMAL:
            return cells.decimal(2)(text)
        case Kind.LIST:
            return tuple(text.split(_BETWEEN))
    return text


def disarmed(text: str) -> str:
    """A text that no spreadsheet runs as a formula; telephone numbers and amounts keep their look."""
    return f"'{text}" if text.startswith(_FORMULA) and not _HARMLESS.fullmatch(text) else text


def _armed(text: str) -> str:
    """The text that was disarmed."""
    return text.removeprefix("'")


def _problem(code: str, path: Path) -> Problem:
    return Problem(code, Trouble.CONFIG, Owner.CONSULTANT, where=path.name)
