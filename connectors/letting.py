"""The canonical model of letting: vacancies as an ERP yields them, and what it takes back of an applicant.

Like ``housing``: numbers are texts, amounts EUR with two places, areas square metres (wire reference housing
8a). None stands for what the ERP does not say; nothing is filled in by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from connectors.contract import Kind
from connectors.housing import Address, Entity, UsageClass

NO_ADDRESS = Address()


class Heating(StrEnum):
    """Heizungsart."""

    STOVE = "OFEN"
    STOREY = "ETAGE"
    CENTRAL = "ZENTRAL"
    DISTRICT = "FERN"
    FLOOR = "FUSSBODEN"


class EnergyKind(StrEnum):
    """What an energy certificate was calculated from (Energiepass)."""

    DEMAND = "BEDARF"
    CONSUMPTION = "VERBRAUCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyCertificate:
    """Energiepass; ``value`` in kWh per square metre and year."""

    kind: EnergyKind
    value: Decimal | None = None
    rating: str | None = None  # A+ to H
    valid_to: date | None = None
    issued: date | None = None
    carrier: str | None = None
    building_year: int | None = None
    with_hot_water: bool | None = None


class AttachmentGroup(StrEnum):
    """What a picture or document shows; the words are those of OpenImmo."""

    TITLE = "TITELBILD"
    INSIDE = "INNENANSICHTEN"
    OUTSIDE = "AUSSENANSICHTEN"
    FLOOR_PLAN = "GRUNDRISS"
    PICTURE = "BILD"
    DOCUMENT = "DOKUMENTE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A picture or PDF of a vacancy.

    ``ref`` is what ``Files.fetch`` takes, and a file name at the same time: ASCII letters, digits, ``-``,
    ``_`` and an ending (``media-4711.jpg``); it stays the same as long as the file does. ``check`` changes
    with the content: the MD5 where the ERP gives it, else what it gives instead (a time stamp, a size).
    """

    ref: str
    group: AttachmentGroup
    title: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy(Entity):
    """Leerstand: a unit that is to be let, with everything an advertisement says of it.

    The numbers of unit, building and economic unit travel with it; "" where empty. ``released`` is the
    release for marketing.
    """

    NAME: ClassVar[str] = "vacancy"
    mandant: str
    economic_unit: str = ""
    building: str = ""
    unit: str
    usage_raw: str = ""
    usage: UsageClass = UsageClass.OTHER
    address: Address = NO_ADDRESS
    floor_raw: str | None = None
    position: str | None = None
    storeys: int | None = None
    rooms: Decimal | None = None
    living_area: Decimal | None = None
    usable_area: Decimal | None = None
    construction_year: int | None = None
    available_from: date | None = None
    released: bool | None = None
    net_cold_rent: Decimal | None = None
    operating_costs: Decimal | None = None
    heating_costs: Decimal | None = None
    heating_included: bool | None = None  # whether the total rent holds the heating costs
    surcharges: Decimal | None = None
    total_rent: Decimal | None = None  # Gesamtmiete (Warmmiete) as the ERP states it
    deposit: Decimal | None = None
    coop_shares: Decimal | None = None
    cellar: bool | None = None
    fitted_kitchen: bool | None = None
    intercom: bool | None = None
    lift: bool | None = None
    bike_room: bool | None = None
    guest_wc: bool | None = None
    balcony: bool | None = None
    barrier_free: bool | None = None
    wbs_required: bool | None = None
    heating: Heating | None = None
    energy: EnergyCertificate | None = None
    title: str | None = None
    description: str | None = None
    equipment: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpUser(Entity):
    """A user account of the ERP, by its login name (rule I5)."""

    NAME: ClassVar[str] = "user"
    name: str
    active: bool = True


ENTITIES: tuple[type[Entity], ...] = (Vacancy, ErpUser)
"""What an ERP source yields beside the entities of ``housing``, where it has the capability."""

BUSINESS_PARTNER = "business_partner"
PROSPECT = "prospect"

BUSINESS_PARTNER_FIELDS: Mapping[str, Kind] = {
    "salutation": Kind.TEXT,
    "title": Kind.TEXT,
    "firstName": Kind.TEXT,
    "lastName": Kind.TEXT,
    "companyName": Kind.TEXT,
    "birthDate": Kind.DATE,
    "email": Kind.TEXT,
    "phoneNumbers": Kind.LIST,
    "street": Kind.TEXT,
    "houseNumber": Kind.TEXT,
    "postalCode": Kind.TEXT,
    "city": Kind.TEXT,
}
"""What the ERP takes of a new Geschäftspartner. Its id is the partner system's: ``immomio:APPLICANT``."""

PROSPECT_FIELDS: Mapping[str, Kind] = {
    "clientNumber": Kind.TEXT,
    "unit": Kind.TEXT,  # Mandant, WE, Gebäude, Einheit as the ERP numbers them, parted by "/"
    "businessPartner": Kind.TEXT,  # the id of a business partner above, or "number:700815" of a known one
    "state": Kind.TEXT,
    "wantedStart": Kind.DATE,
    "acceptedRent": Kind.DECIMAL,
    "message": Kind.TEXT,
}
"""What the ERP takes of an accepted applicant (Interessent, Angebot). Its id: ``immomio:APPLICATION``."""

WRITTEN: Mapping[str, Mapping[str, Kind]] = {
    BUSINESS_PARTNER: BUSINESS_PARTNER_FIELDS,
    PROSPECT: PROSPECT_FIELDS,
}
"""The entities that an ERP takes back, with their fields in order."""
