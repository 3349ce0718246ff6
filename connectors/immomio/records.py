"""The fields of Immomio's master data, made of the ERP's records. Everything here is pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.contract import Value
from connectors.housing import Address, Building, EconomicUnit, Lease, Mandant, Person, Unit
from connectors.ids import clean
from connectors.immomio.floor import floor
from connectors.spelling import phones, text, unit_label

CLIENT = "CLIENT"
ECONOMIC_UNIT = "ECONOMIC_UNIT"
BUILDING = "BUILDING"

NOWHERE = Address()


def client_fields(mandant: Mandant) -> Mapping[str, Value]:
    """A Mandant as the root of its tree."""
    return _property(CLIENT, mandant.number, None, mandant.name)


def economic_unit_fields(unit: EconomicUnit, parent: str | None) -> Mapping[str, Value]:
    """A Wirtschaftseinheit below its Mandant."""
    year = unit.construction_year
    return _property(ECONOMIC_UNIT, unit.number, parent, unit.name, year=year)


def building_fields(building: Building, parent: str) -> Mapping[str, Value]:
    """A building below its Wirtschaftseinheit."""
    year = building.construction_year
    return _property(BUILDING, building.number, parent, address=building.address, year=year)


def _property(
    kind: str,
    number: str,
    parent: str | None,
    name: str = "",
    address: Address = NOWHERE,
    year: int | None = None,
) -> dict[str, Value]:
    return {
        "kind": kind,
        "number": clean(number),
        "parent": parent,
        "name": text(name),
        **address_fields(address),
        "constructionYear": year,
    }


def address_fields(address: Address) -> Mapping[str, Value]:
    """The four fields of an address."""
    return {
        "street": text(address.street),
        "houseNumber": text(address.house_number),
        "postalCode": text(address.postal_code),
        "city": text(address.city),
    }


def unit_fields(unit: Unit, kind: str, parent: str) -> Mapping[str, Value]:
    """A unit below its building, or below its Wirtschaftseinheit where there are no buildings."""
    return {
        "kind": kind,
        "number": clean(unit.number),
        "property": parent,
        **address_fields(unit.address),
        "floor": floor(unit.floor_raw),
        "position": unit_label(unit),
        "rooms": unit.rooms,
        "livingArea": unit.living_area,
        "usableArea": unit.usable_area,
    }


def tenant_fields(person: Person, mandant: str, email: str) -> Mapping[str, Value]:
    """A person as user of the tenant app."""
    return {
        "clientNumber": clean(mandant),
        "number": clean(person.number),
        "email": email,
        "salutation": text(person.salutation),
        "title": text(person.title),
        "firstName": text(person.first_name),
        "lastName": text(person.last_name),
        "companyName": text(person.company_name),
        "phoneNumbers": phones(person.phones),
        "language": text((person.language or "").lower()),
    }


def contract_fields(
    lease: Lease, unit: str, main: str | None, tenants: Collection[str]
) -> Mapping[str, Value]:
    """A running lease with the ids of its unit and of those tenants that are sent."""
    return {
        "clientNumber": clean(lease.mandant),
        "number": clean(lease.number),
        "unit": unit,
        "status": lease.status.value,
        "start": lease.start,
        "end": lease.end,
        "mainTenant": main,
        "tenants": tuple(sorted(tenants)),
    }
