"""An ERP in a list with everything that Immomio's use cases read, and an Immomio that only shows records."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from connectors.contract import ALL, Capability, Connector, EntityInfo, Page, Record, Scope, Skipped
from connectors.housing import Address, Building, EconomicUnit, Entity, Mandant, Unit
from connectors.letting import Vacancy
from connectors.sandbox.company_model import Company
from tests.connectors import bots4you_erp as plain

TODAY = plain.TODAY
KINDS = ("mandant", "economic_unit", "building", "unit", "lease", "tenant_role", "person", "vacancy", "user")


class Erp(plain.Erp):
    """A Reader with vacancies and users; ``lacks`` are the fields of a vacancy that it does not supply."""

    capabilities = frozenset({Capability.VACANCIES, Capability.USERS})

    def __init__(self, records: Iterable[Entity], lacks: tuple[str, ...] = ()) -> None:
        super().__init__(records)
        self.lacks = lacks

    def entities(self) -> tuple[EntityInfo, ...]:
        return (EntityInfo(Vacancy.NAME, self.lacks),)


class Shown:
    """Immomio as far as a comparison looks at it."""

    name = "immomio"

    def __init__(self, records: Sequence[Record] = (), lacks: tuple[str, ...] = ()) -> None:
        self.records = list(records)
        self.lacks = lacks

    def entities(self) -> tuple[EntityInfo, ...]:
        """The vacancies, without what it does not give back."""
        return (EntityInfo("vacancy", self.lacks),)

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """One page of everything."""
        yield Page([one for one in self.records if one.entity == entity])


def connector(records: Sequence[Record] = (), lacks: tuple[str, ...] = ()) -> Connector:
    """An Immomio that shows these records."""
    return cast(Connector, Shown(records, lacks))


def mandant(number: str = "10") -> Mandant:
    """A Mandant."""
    return plain.mandant(number)


def economic_unit(key: str = "e1", number: str = "00123", where: str = "10") -> EconomicUnit:
    """A Wirtschaftseinheit."""
    return EconomicUnit(id=key, number=number, mandant=where, name="Lindenhof ", construction_year=1962)


def building(key: str = "b1", number: str = "004", above: str | None = "e1", where: str = "10") -> Building:
    """A building."""
    address = Address(street="Lindenweg", house_number="7a", postal_code="20095", city="Hamburg")
    return Building(id=key, number=number, mandant=where, economic_unit_id=above, address=address)


def unit(key: str = "u1", number: str = "0050", usage: str = "Wohnung", **fields: Any) -> Unit:
    """A flat on the third floor."""
    return replace(plain.unit(key, number), usage_raw=usage, rooms=Decimal("2.5"), **fields)


def vacancy(key: str = "v1", number: str = "0050", **fields: Any) -> Vacancy:
    """A flat to be let for 500 net, 650 altogether."""
    given: dict[str, Any] = {
        "usage_raw": "Wohnung",
        "floor_raw": "3. Etage",
        "position": "links",
        "released": True,
        "available_from": date(2025, 8, 1),
        "net_cold_rent": Decimal("500.00"),
        "operating_costs": Decimal("90.00"),
        "heating_costs": Decimal("60.00"),
        "heating_included": True,
        "total_rent": Decimal("650.00"),
    }
    return Vacancy(
        id=key, mandant="10", economic_unit="00123", building="004", unit=number, **(given | fields)
    )


def house() -> list[Entity]:
    """A Mandant, its Wirtschaftseinheit, a building and a flat let to one tenant."""
    lease, person, role = plain.lease(), plain.person(), plain.role()
    return [mandant(), economic_unit(), building(), unit(), lease, person, role]


def of_company(company: Company) -> list[Entity]:
    """Everything of the seeded company that is read here."""
    return [record for kind in KINDS for record in company.records(kind)]


async def told(found: AsyncIterator[Record | Skipped]) -> tuple[dict[str, dict[str, Record]], list[Skipped]]:
    """Records by entity and id, and what is skipped; nothing is told twice."""
    everything = [one async for one in found]
    assert max(Counter((one.entity, one.id) for one in everything).values(), default=1) == 1
    sent: dict[str, dict[str, Record]] = {"property": {}, "unit": {}, "tenant": {}, "contract": {}}
    for one in everything:
        if isinstance(one, Record):
            sent.setdefault(one.entity, {})[one.id] = one
    return sent, [one for one in everything if isinstance(one, Skipped)]
