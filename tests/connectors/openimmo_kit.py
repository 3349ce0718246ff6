"""What the tests of OpenImmo share: a sound offer, documents around it, and ways to read them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.openimmo.attachments import Members
from connectors.openimmo.build import Deed, Envelope, Extent, delivery, extra, identifier
from connectors.openimmo.check import check
from connectors.openimmo.complaint import Complaint
from connectors.openimmo.source import LIMITS, Limits, Source

SAMPLES = Path(__file__).parent / "data" / "openimmo"
TODAY = date(2026, 11, 22)
ENVELOPE = Envelope(
    company="Wohnbau Musterstadt eG",
    anid=identifier("A", "EIN", "10"),
    extent=Extent.PART,
    created=datetime(2026, 11, 22, 7, 0),
    software="Einzug",
    software_version="1.0",
)


def offer(number: str = "10/1/2/3", deed: Deed = Deed.NEW) -> dict[str, Any]:
    """A flat without any fault, its blocks in no particular order."""
    return {
        "verwaltung_techn": {
            "stand_vom": date(2026, 11, 20),
            "aktion": deed.node,
            "objektnr_extern": number,
            "openimmo_obid": identifier("O", "EIN", number),
        },
        "preise": {
            "waehrung": {"@iso_waehrung": "EUR"},
            "warmmiete": Decimal("782.40"),
            "nebenkosten": Decimal(180),
            "heizkosten": Decimal(90),
            "heizkosten_enthalten": True,
            "kaltmiete": Decimal("692.40"),
            "nettokaltmiete": Decimal("512.40"),
        },
        "objektkategorie": {
            "objektart": {"wohnung": [{"@wohnungtyp": "ETAGE"}]},
            "vermarktungsart": {"@KAUF": False, "@MIETE_PACHT": True},
            "nutzungsart": {"@WOHNEN": True, "@GEWERBE": False},
        },
        "kontaktperson": {"name": "Vermietung", "email_direkt": "vermietung@example.org"},
        "geo": {
            "etage": 2,
            "hausnummer": "7a",
            "strasse": "Lindenstraße",
            "ort": "Musterstadt",
            "plz": "01234",
        },
        "ausstattung": {
            "fahrstuhl": {"@PERSONEN": True},
            "user_defined_simplefield": [extra("gegensprechanlage", True)],
        },
    }


def changed(path: str, value: Any, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """The sound offer with one value replaced; ``None`` takes it out."""
    made = deepcopy(base or offer())
    *above, last = path.split("/")
    node = made
    for name in above:
        node = node.setdefault(name, {})
    node[last] = value
    return made


def document(*offers: dict[str, Any]) -> str:
    """A delivery as text."""
    return delivery(ENVELOPE, offers).decode()


def source(content: bytes | str, limits: Limits = LIMITS) -> Source:
    """A document in memory; a text is in UTF-8."""
    data = content.encode() if isinstance(content, str) else content
    return Source(io.BytesIO(data), "test.xml", limits)


def complaints(content: bytes | str, members: Members | None = None) -> list[Complaint]:
    """Everything the check has to say."""
    return list(check(source(content), members, TODAY))


def codes(content: bytes | str, members: Members | None = None) -> list[str]:
    """The codes of the complaints without their first part."""
    return [one.text.code.removeprefix("openimmo.") for one in complaints(content, members)]


class Endless:
    """A stream that repeats a piece for ever and counts what was read of it."""

    def __init__(self, head: bytes, piece: bytes) -> None:
        self._pieces = self._all(head, piece)
        self.read_bytes = 0

    def _all(self, head: bytes, piece: bytes) -> Iterator[bytes]:
        yield head
        block = piece * (65536 // len(piece) + 1)
        while True:
            yield block

    def read(self, _size: int = -1) -> bytes:
        """The next block."""
        block = next(self._pieces)
        self.read_bytes += len(block)
        return block
