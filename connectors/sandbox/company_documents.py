"""The archive of the seeded company: archives, documents with index values, and what is wrong with some.

It has a chance of its own, so the company stays as it is. Contents are made in code whenever they are read:
no file is ever held, however large it is said to be.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random

from connectors.housing import Lease, LeaseStatus
from connectors.ids import clean
from connectors.sandbox.company_model import Company
from connectors.sandbox.expected_immomio import sent_contracts
from connectors.sandbox.known import Known
from connectors.sandbox.media import pdf

LEASES, APP, TENANT_APP, FILE, OLD = 1, 2, 3, 4, 5
REMARK, CONTRACT, FILED, MANDANT, OBJECT = 1, 2, 3, 4, 5
"""Ids of archives and of indexes."""

INDEXES = {
    REMARK: "Bemerkung",
    CONTRACT: "Mietvertrags-Nr.",
    FILED: "Erfassungsdatum",
    MANDANT: "Mandant",
    OBJECT: "Objekt",
}
FIRST_ID = 700_001
LARGE = 52 * 1024 * 1024
MOST = 60
"""Leases of whom a document of their own is filed; more would only take time."""

_USUAL = (
    (LEASES, "Verträge", "Mietvertrag"),
    (APP, "Mieter-Freigabe", "Betriebskostenabrechnung"),
    (TENANT_APP, "Mieter-Freigabe", "Mietbescheinigung"),
)
DANGEROUS = (
    "Zweite Mahnung Mietrückstand",
    "Fristlose Kündigung",
    "Räumungsklage",
    "Schufa-Auskunft",
    "Vermerk intern",
)
"""Titles that no tenant should find in an app by surprise."""

DEFECTS = {
    "document_without_contract": "no contract number at all: n",
    "document_contract_unknown": "a contract number that the ERP does not know: n",
    "document_contract_ambiguous": "a contract number known in several Mandanten: one for each such number",
    "document_contract_ended": "a document of an ended lease: n",
    "document_before_lease": "dated before the lease began, so perhaps somebody else's: n",
    "document_too_large": "larger than 50 MB: one",
    "document_dangerous_title": "a title like reminder, eviction, credit report, internal: one of each",
    "document_other_category": "in a search category that nobody named: n",
    "document_in_archive_without_index": "in an archive without the contract-number index: 2",
    "document_in_archive_not_linked": "in an archive that is not linked to activity management: 2",
}


@dataclass(frozen=True, slots=True)
class Drawer:
    """An archive: its indexes by id, and whether it is linked to activity management."""

    id: int
    name: str
    indexes: tuple[int, ...]
    linked: bool = True


@dataclass(frozen=True)
class Filed:
    """A document as it lies in the archive. ``content`` is what somebody stored; None = made by the seed."""

    id: int
    archive: int
    title: str
    category: str
    created_at: datetime
    values: Mapping[int, str]
    size: int
    content: bytes | None = field(default=None, repr=False)

    def pieces(self) -> Iterator[bytes]:
        """The bytes, a piece at a time."""
        made = self.content if self.content is not None else pdf(f"Dokument {self.id}")
        yield made[: self.size]
        left = self.size - len(made)
        while left > 0:
            yield b"%\n" * (min(left, 1 << 20) // 2) or b"%"
            left -= min(left, 1 << 20) // 2 * 2 or 1

    @cached_property
    def md5(self) -> str:
        """The MD5 of the content in hexadecimal digits."""
        digest = hashlib.md5(usedforsecurity=False)
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The whole archive of a company; ``defects`` names the documents concerned, by defect key."""

    drawers: tuple[Drawer, ...]
    documents: tuple[Filed, ...]
    defects: Mapping[str, tuple[int, ...]]


DRAWERS = (
    Drawer(LEASES, "MI Mietvertrag", (REMARK, CONTRACT, FILED)),
    Drawer(APP, "MV Mieterapp", (REMARK, CONTRACT, FILED, MANDANT)),
    Drawer(TENANT_APP, "Mieter App", (REMARK, CONTRACT, FILED)),
    Drawer(FILE, "Objektakte", (REMARK, FILED, OBJECT)),
    Drawer(OLD, "Altbestand", (REMARK, CONTRACT, FILED), linked=False),
)


class _Clerk:
    """Files documents one after the other, with ids in a row."""

    def __init__(self, company: Company) -> None:
        self.rng = Random(f"documents {company.seed}")  # noqa: S311 - reproducible, not secret
        self.today = company.today
        self.documents: list[Filed] = []
        self.defects: dict[str, list[int]] = {key: [] for key in DEFECTS}

    def file(
        self,
        archive: int,
        title: str,
        category: str,
        number: str | None,
        day: date,
        defect: str = "",
        size: int = 0,
        mandant: str = "",
    ) -> None:
        """File one document under a contract number."""
        key = FIRST_ID + len(self.documents)
        values = {REMARK: category, FILED: day.isoformat()}
        indexes = next(drawer.indexes for drawer in DRAWERS if drawer.id == archive)
        if CONTRACT in indexes and number is not None:
            values[CONTRACT] = number
        if MANDANT in indexes and mandant:
            values[MANDANT] = mandant
        made = size or len(pdf(f"Dokument {key}")) + self.rng.randrange(0, 4_000, 2)
        at = datetime.combine(day, time(8, 30), UTC)
        self.documents.append(Filed(key, archive, title, category, at, values, made))
        if defect:
            self.defects[defect].append(key)

    def after(self, lease: Lease) -> date:
        """A day on which the lease had begun."""
        begun = max(lease.start or self.today, self.today - timedelta(days=1_500))
        return begun + timedelta(days=self.rng.randint(0, max(0, (self.today - begun).days)))


def build_documents(company: Company) -> Cabinet:
    """File the company's documents; equal companies give equal archives."""
    clerk = _Clerk(company)
    sound = sendable(company)
    number = max(1, len(sound) // 200)
    for at, lease in enumerate(sound[:: max(1, len(sound) // MOST)][:MOST]):
        archive, category, title = _USUAL[at % len(_USUAL)]
        clerk.file(archive, title, category, lease.number, clerk.after(lease), mandant=lease.mandant)
    _spoil(clerk, company, sound, number)
    for lease in sound[:2]:
        day = clerk.after(lease)
        clerk.file(FILE, "Wartungsprotokoll", "Objekt", None, day, "document_in_archive_without_index")
        clerk.file(OLD, "Mietvertrag", "Verträge", lease.number, day, "document_in_archive_not_linked")
    return Cabinet(DRAWERS, tuple(clerk.documents), {key: tuple(ids) for key, ids in clerk.defects.items()})


def _spoil(clerk: _Clerk, company: Company, sound: Sequence[Lease], number: int) -> None:
    """File what is wrong, always in the archive of the leases."""
    shared = ambiguous(company)
    ended = [
        lease
        for lease in company.leases
        if lease.status is LeaseStatus.ENDED and clean(lease.number) not in ("", *shared)
    ]
    for lease, old in zip(sound[:number], ended, strict=False):
        day, begun = clerk.after(lease), lease.start or clerk.today
        before = begun - timedelta(days=clerk.rng.randint(30, 900))
        for defect, key, on in (
            ("document_without_contract", None, day),
            ("document_contract_unknown", f"99999.{lease.id}", day),
            ("document_contract_ended", old.number, old.end or day),
            ("document_before_lease", lease.number, before),
        ):
            clerk.file(LEASES, "Schreiben", "Schriftverkehr", key, on, defect)
        other = "document_other_category"
        clerk.file(LEASES, "Wohnungsgeberbestätigung", "Sonstiges", lease.number, day, other)
    for key in shared:
        clerk.file(LEASES, "Mietvertrag", "Verträge", key, clerk.today, "document_contract_ambiguous")
    lease = sound[-1]
    day = clerk.after(lease)
    clerk.file(LEASES, "Bauakte", "Verträge", lease.number, day, "document_too_large", LARGE)
    for title in DANGEROUS:
        clerk.file(LEASES, title, "Schriftverkehr", lease.number, day, "document_dangerous_title")


def sendable(company: Company) -> list[Lease]:
    """Running leases that nothing speaks against: a number of their own, a sound unit, a tenant who can be
    reached."""
    shared = set(ambiguous(company))
    known = Known.of(company)
    return [
        known.leases[key] for key in sent_contracts(known) if clean(known.leases[key].number) not in shared
    ]


def ambiguous(company: Company) -> tuple[str, ...]:
    """The contract numbers that several Mandanten have."""
    owners: dict[str, set[str]] = defaultdict(set)
    for lease in company.leases:
        if not lease.is_vacancy and lease.status is not LeaseStatus.DRAFT and clean(lease.number):
            owners[clean(lease.number)].add(clean(lease.mandant))
    return tuple(sorted(number for number, of in owners.items() if len(of) > 1))
