"""The canonical model of a housing company, as every ERP source yields it (wire reference housing 8a).

Numbers are texts: leading zeros matter. ``id`` is the ERP's internal key and means nothing outside it;
``*_id`` fields refer to it. Amounts are EUR with two places, areas square metres.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, TypeVar

from connectors.contract import ALL, Reader, Scope


class UsageClass(StrEnum):
    """What a unit is for (Einheitstyp)."""

    RESIDENTIAL = "WOHNEN"
    COMMERCIAL = "GEWERBE"
    PARKING = "STELLPLATZ"
    STORAGE = "LAGER"
    OTHER = "SONSTIGE"


class LeaseStatus(StrEnum):
    """State of a lease (Vertragsstatus)."""

    DRAFT = "ENTWURF"
    ACTIVE = "AKTIV"
    NOTICE_GIVEN = "GEKUENDIGT"
    ENDED = "BEENDET"


class Role(StrEnum):
    """What a person is to a lease (Vertragsnehmerart)."""

    HAUPTMIETER = "HAUPTMIETER"
    CO_TENANT = "MITMIETER"
    GUARANTOR = "BUERGE"
    FORMER = "EHEMALIG"
    OTHER = "SONSTIGE"


class RentCategory(StrEnum):
    """What a rent item pays for. ``UNMAPPED`` stands for a type that nobody has assigned."""

    NETTOKALTMIETE = "NETTOKALTMIETE"
    OPERATING_COSTS = "BETRIEBSKOSTEN_VZ"
    HEATING_COSTS = "HEIZKOSTEN_VZ"
    SURCHARGE = "ZUSCHLAG"
    PARKING = "STELLPLATZ"
    OTHER = "SONSTIGE"
    UNMAPPED = "UNMAPPED"


class CategoryKind(StrEnum):
    """Kind of a ticket category."""

    REQUEST = "ANLIEGEN"
    DAMAGE = "SCHADEN"


class PersonKind(StrEnum):
    """A human being or a legal entity."""

    NATURAL = "NATURAL"
    LEGAL = "LEGAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What all canonical entities have: a name for the kind and the ERP's internal id."""

    NAME: ClassVar[str] = ""
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandant(Entity):
    """A legal entity inside the ERP (client number)."""

    NAME: ClassVar[str] = "mandant"
    number: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EconomicUnit(Entity):
    """Wirtschaftseinheit."""

    NAME: ClassVar[str] = "economic_unit"
    number: str
    mandant: str
    name: str = ""
    location: str | None = None
    construction_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; ``country`` is ISO 3166 alpha-3."""

    street: str = ""
    house_number: str = ""  # with its addition: "7a"
    postal_code: str = ""
    city: str = ""
    country: str = "DEU"


@dataclass(frozen=True, slots=True, kw_only=True)
class Building(Entity):
    """Gebäude. ``economic_unit_id`` is None where the ERP has none."""

    NAME: ClassVar[str] = "building"
    number: str
    mandant: str
    economic_unit_id: str | None = None
    address: Address = Address()
    construction_year: int | None = None
    storeys: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Entity):
    """Verwaltungseinheit. The numbers of its building and economic unit travel with it; "" where empty."""

    NAME: ClassVar[str] = "unit"
    number: str
    mandant: str
    economic_unit: str = ""
    building: str = ""
    usage_raw: str = ""
    usage: UsageClass = UsageClass.OTHER
    floor_raw: str | None = None
    position: str | None = None
    address: Address = Address()
    rooms: Decimal | None = None
    living_area: Decimal | None = None
    usable_area: Decimal | None = None
    heating_area: Decimal | None = None
    target_rent_net: Decimal | None = None
    managed_from: date | None = None
    managed_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Entity):
    """Geschäftspartner. ``emails`` and ``phones``: the preferred one first, as the ERP spells it."""

    NAME: ClassVar[str] = "person"
    number: str
    kind: PersonKind = PersonKind.NATURAL
    salutation: str | None = None
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    birth_date: date | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease(Entity):
    """Mietvertrag. ``is_vacancy`` marks the contract rows by which some ERPs record a Leerstand."""

    NAME: ClassVar[str] = "lease"
    number: str  # "" where the ERP holds none: rule B3
    mandant: str
    unit_id: str
    status: LeaseStatus
    start: date | None = None
    end: date | None = None
    is_vacancy: bool = False

    def running(self, today: date) -> bool:
        """Whether the lease is in force on this day."""
        if self.is_vacancy or self.status in (LeaseStatus.DRAFT, LeaseStatus.ENDED):
            return False
        return (self.start is None or self.start <= today) and (self.end is None or self.end >= today)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRole(Entity):
    """Mietpartei: a person's part in a lease."""

    NAME: ClassVar[str] = "tenant_role"
    lease_id: str
    person_id: str
    role: Role
    role_raw: str = ""
    rank: int = 1
    valid_from: date | None = None
    valid_to: date | None = None

    def tenant(self, today: date) -> bool:
        """Whether the person is a tenant (main or co-tenant) of the lease on this day."""
        if self.role not in (Role.HAUPTMIETER, Role.CO_TENANT):
            return False
        return (self.valid_from is None or self.valid_from <= today) and (
            self.valid_to is None or self.valid_to >= today
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RentItem(Entity):
    """Vertragsposition."""

    NAME: ClassVar[str] = "rent_item"
    lease_id: str
    code: str
    label: str = ""
    amount_net: Decimal
    amount_gross: Decimal
    category: RentCategory = RentCategory.UNMAPPED
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCategory(Entity):
    """Aktivitätstyp. ``mandatory_features`` must be empty for use by a partner (rule I16)."""

    NAME: ClassVar[str] = "ticket_category"
    code: str
    label: str
    kind: CategoryKind = CategoryKind.REQUEST
    parent: str | None = None
    mandatory_features: tuple[str, ...] = ()
    active: bool = True


ENTITIES: tuple[type[Entity], ...] = (
    Mandant, EconomicUnit, Building, Unit, Person, Lease, TenantRole, RentItem, TicketCategory,
)  # fmt: skip

E = TypeVar("E", bound=Entity)


async def stream(source: Reader[Entity], kind: type[E], scope: Scope = ALL) -> AsyncIterator[E]:
    """All records of one kind, one after the other. Raises Failure; TypeError when a source mixes kinds."""
    async for page in source.read(kind.NAME, scope=scope):
        for record in page.records:
            if not isinstance(record, kind):
                raise TypeError(f"{source.name} yields {type(record).__name__} for {kind.NAME}")
            yield record
