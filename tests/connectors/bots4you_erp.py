"""An ERP in a list, for the tests of Bots4You's use cases and checks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import date

from connectors.contract import ALL, Capability, EntityInfo, Finding, Limits, Page, Scope, Text
from connectors.housing import (
    Address,
    Entity,
    Lease,
    LeaseStatus,
    Mandant,
    Person,
    Role,
    TenantRole,
    Unit,
)
from connectors.texts import LANGUAGES, render

TODAY = date(2025, 6, 15)


class Erp:
    """A Reader of canonical entities, two a page; ``reads`` notes what was read within which scope."""

    name = "erp"
    capabilities = frozenset({Capability.TICKET_CATEGORIES})

    def __init__(self, records: Iterable[Entity]) -> None:
        self.records = list(records)
        self.reads: list[tuple[str, Scope]] = []

    async def check(self) -> list[Finding]:
        """Nothing to find."""
        return []

    def entities(self) -> tuple[EntityInfo, ...]:
        """Whatever is in the list."""
        return tuple(EntityInfo(name) for name in {record.NAME for record in self.records})

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Entity]]:
        """Pages of two."""
        self.reads.append((entity, scope))
        found = [record for record in self.records if entity == record.NAME]
        for at in range(0, len(found), 2):
            yield Page(found[at : at + 2], str(at + 2) if at + 2 < len(found) else None)

    def limits(self) -> Limits:
        """None worth the name."""
        return Limits(1000, 1000)

    async def aclose(self) -> None:
        """Nothing to close."""


def mandant(number: str = "10") -> Mandant:
    """A Mandant."""
    return Mandant(id=f"m{number}", number=number, name="Wohnbau Musterstadt eG")


def unit(key: str = "u1", number: str = "0050", *, building: str = "004", where: str = "10") -> Unit:
    """A flat."""
    address = Address(street="Lindenweg", house_number="7a", postal_code="20095", city="Hamburg")
    return Unit(
        id=key,
        number=number,
        mandant=where,
        economic_unit="00123",
        building=building,
        floor_raw="3. Etage",
        position="links",
        address=address,
    )


def lease(key: str = "l1", number: str = "0042", *, where: str = "10", unit_id: str = "u1",
          status: LeaseStatus = LeaseStatus.ACTIVE, end: date | None = None) -> Lease:  # fmt: skip
    """A lease running since 2019."""
    return Lease(
        id=key, number=number, mandant=where, unit_id=unit_id, status=status, start=date(2019, 5, 1), end=end
    )


def person(
    key: str = "p1", number: str = "700815", *, last: str = "Muster", born: date | None = None
) -> Person:
    """A natural person."""
    return Person(
        id=key,
        number=number,
        first_name="Erika",
        last_name=last,
        birth_date=born,
        emails=("e.muster@example.org",),
        phones=("040/123456", "intern 12"),
    )


def role(key: str = "r1", lease_id: str = "l1", person_id: str = "p1", *, kind: Role = Role.HAUPTMIETER,
         rank: int = 1, until: date | None = None) -> TenantRole:  # fmt: skip
    """A tenant's part in a lease."""
    return TenantRole(id=key, lease_id=lease_id, person_id=person_id, role=kind, rank=rank, valid_to=until)


def spoken(texts: Iterable[Text]) -> list[str]:
    """The codes of the texts without their prefix; every one of them can be shown in both languages."""
    found = list(texts)
    assert all(render(text, language) for text in found for language in LANGUAGES)
    return [text.code.partition(".")[2] for text in found]
