"""Applications out of ``openimmo_feedback`` files, for accounts that hand them over that way.

The format knows neither a state nor a day of birth (wire reference housing 2.4); both come as extra fields
where sender and receiver agreed on them: ``status``, ``birth_date``, ``contract_start``, ``rent``, ``role``.
Without a state an inquiry is an inquiry: nobody becomes a tenant by it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from connectors.contract import Record, Value
from connectors.immomio.entities import APPLICATION
from connectors.openimmo.feedback import LIMITS, Inquiry, Prospect, parse_day, read
from connectors.openimmo.source import opened
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.spelling import phones

STATES = {
    "ANGENOMMEN": "ACCEPTED",
    "ACCEPTED": "ACCEPTED",
    "ABGELEHNT": "REJECTED",
    "REJECTED": "REJECTED",
}
CO_TENANTS = ("MITMIETER", "CO_TENANT")
_DIGITS = frozenset("0123456789")
_CENT = Decimal("0.01")
_AMOUNT = re.compile(r"\d{1,6}(?:[.,]\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _File:
    """Which file an inquiry came from: its name for ids, and when it was written."""

    name: str
    written: datetime


async def applications_in(folder: Path | None) -> list[Record]:
    """The applications of all feedback files in a folder, the oldest file first. Raises Failure."""
    return [] if folder is None else await asyncio.to_thread(lambda: list(_folder(folder)))


def _folder(folder: Path) -> Iterator[Record]:
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() == ".xml" and path.is_file()]
        files = sorted((path.stat().st_mtime, path) for path in paths)
    except OSError:
        problem = Problem("immomio.feedback_folder", Trouble.CONFIG, Owner.CONSULTANT, where=folder.name)
        raise Failure(problem) from None
    for changed, path in files:
        with opened(path, LIMITS) as source:
            found = read(source, path.name)
        written = datetime.fromtimestamp(changed, UTC)
        day = found.sender.day
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else written
        for inquiry in found.inquiries:
            for prospect in inquiry.prospects:
                yield _application(inquiry, prospect, _File(path.name, at))


def _application(inquiry: Inquiry, prospect: Prospect, file: _File) -> Record:
    """An ``interessent`` as Immomio's API would tell of it."""
    person = prospect.int_id or _made_up(prospect)
    street, number = _street(prospect.strasse)
    fields: dict[str, Value] = {
        "vacancy": inquiry.oobj_id or None,
        "state": STATES.get(prospect.extra("status").upper(), "NEW"),
        "applicant": f"feedback-{person}",
        "main": prospect.extra("role").upper() not in CO_TENANTS,
        "changedAt": file.written,
        "salutation": prospect.anrede or None,
        "title": None,
        "firstName": prospect.vorname or None,
        "lastName": prospect.nachname or None,
        "companyName": prospect.firma or None,
        "birthDate": _day(prospect, "birth_date"),
        "email": prospect.email or None,
        "phoneNumbers": phones((prospect.tel, prospect.mobil)),
        "street": street,
        "houseNumber": number,
        "postalCode": prospect.plz or None,
        "city": prospect.ort or None,
        "wantedStart": _day(prospect, "contract_start"),
        "acceptedRent": _amount(prospect.extra("rent")),
        "message": prospect.anfrage or None,
    }
    return Record(APPLICATION, f"feedback-{person}-{_short(inquiry.oobj_id)}", fields)


def _made_up(prospect: Prospect) -> str:
    """An id for somebody who was sent without one: the same each time the same person is sent."""
    return _short("\n".join((prospect.vorname, prospect.nachname, prospect.firma, prospect.email.lower())))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _day(prospect: Prospect, name: str) -> date | None:
    return parse_day(prospect.extra(name))


def _amount(text: str) -> Decimal | None:
    """An amount in either spelling; ``1.234`` is German for a thousand and more, never a bit over one."""
    bare = text.removesuffix("€").removesuffix("EUR").strip()
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(".", "")
    return Decimal(bare.replace(",", ".")).quantize(_CENT) if _AMOUNT.fullmatch(bare) else None


def _street(text: str) -> tuple[str | None, str | None]:
    """Street and house number, which the format has in one: the number is the last word that begins with
    one."""
    street, _, number = text.rpartition(" ")
    if street and number and number[0] in _DIGITS:
        return street, number
    return text or None, None
