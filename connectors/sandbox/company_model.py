"""The seeded housing company as data, and the draft it grows in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from connectors.housing import (
    Building,
    EconomicUnit,
    Entity,
    Lease,
    Mandant,
    Person,
    RentItem,
    TenantRole,
    TicketCategory,
    Unit,
)
from connectors.letting import ErpUser, Vacancy
from connectors.sandbox.media import Medium

E = TypeVar("E", bound=Entity)

FIRST_IDS = {
    EconomicUnit.NAME: 10_001,
    Building.NAME: 100_001,
    Unit.NAME: 1_000_001,
    Person.NAME: 2_000_001,
    Lease.NAME: 3_000_001,
    TenantRole.NAME: 4_000_001,
    RentItem.NAME: 5_000_001,
}
"""Where the ERP's internal keys begin, per entity."""


_LISTS = {
    Mandant.NAME: "mandanten",
    EconomicUnit.NAME: "economic_units",
    Building.NAME: "buildings",
    Unit.NAME: "units",
    Person.NAME: "persons",
    Lease.NAME: "leases",
    TenantRole.NAME: "tenant_roles",
    RentItem.NAME: "rent_items",
    TicketCategory.NAME: "ticket_categories",
    Vacancy.NAME: "vacancies",
    ErpUser.NAME: "users",
}


@dataclass(slots=True)
class Company:
    """A housing company: its records by entity, in the order of their ids, and the defects built into them.

    ``defects`` names, per defect key (see ``defects.py``), the ids of the records concerned. A vacancy bears
    the id of the contract row that marks it; ``media`` are the pictures and documents of all vacancies.
    """

    seed: int
    today: date
    mandanten: list[Mandant] = field(default_factory=list)
    economic_units: list[EconomicUnit] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    tenant_roles: list[TenantRole] = field(default_factory=list)
    rent_items: list[RentItem] = field(default_factory=list)
    ticket_categories: list[TicketCategory] = field(default_factory=list)
    vacancies: list[Vacancy] = field(default_factory=list)
    users: list[ErpUser] = field(default_factory=list)
    media: list[Medium] = field(default_factory=list)
    defects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def records(self, entity: str) -> list[Any]:
        """The list that holds this entity (``housing`` and ``letting`` names). Raises KeyError."""
        found: list[Any] = getattr(self, _LISTS[entity])
        return found

    def __repr__(self) -> str:
        return f"Company(seed={self.seed}, units={len(self.units)})"


@dataclass(slots=True)
class Draft:
    """A company in the making: the one source of chance, and the numbers given out so far.

    ``lease_base`` keeps, per unit id, the part of its lease numbers that stays the same. Two lists name
    the small buildings that will lose their number, or their economic unit; ``reserved`` the flats whose
    running lease, with one ordinary tenant, is kept for a defect.
    """

    rng: Random
    company: Company
    lease_base: dict[str, str] = field(default_factory=dict)
    nameless_buildings: list[str] = field(default_factory=list)
    homeless_buildings: list[str] = field(default_factory=list)
    reserved: list[str] = field(default_factory=list)

    def next_id(self, kind: type[Entity]) -> str:
        """The id of the record that is about to be appended."""
        return str(FIRST_IDS[kind.NAME] + len(self.company.records(kind.NAME)))

    def change(self, kind: type[E], key: str, /, **fields: Any) -> E:
        """Replace fields of the record with this id; ids are consecutive while the company grows."""
        records = self.company.records(kind.NAME)
        place = int(key) - FIRST_IDS[kind.NAME]
        changed: E = replace(records[place], **fields)
        records[place] = changed
        return changed

    def days_ago(self, low: int, high: int) -> date:
        """A day between ``low`` and ``high`` days before today; negative days lie ahead."""
        return self.company.today - timedelta(days=self.rng.randint(low, high))


def euros(cents: int) -> Decimal:
    """An amount with two places."""
    return Decimal(cents).scaleb(-2)
