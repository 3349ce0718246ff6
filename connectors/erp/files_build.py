"""Fields of an export's rows to canonical entities, pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.erp import vocabulary
from connectors.erp.files_parse import LEASE, Parsed, Values, internal_id, key_of
from connectors.housing import (
    Address,
    Building,
    CategoryKind,
    EconomicUnit,
    Entity,
    Lease,
    Mandant,
    Person,
    PersonKind,
    RentItem,
    TenantRole,
    TicketCategory,
    Unit,
)
from connectors.letting import EnergyCertificate, ErpUser, Vacancy


def build(entity: str, parsed: Parsed) -> Entity:
    """The canonical entity of a row without doubts; a vacancy without its files."""
    return _BUILD[entity](internal_id(parsed.key), parsed.values)


def _ref(values: Values, *names: str) -> str:
    return internal_id(key_of(values, names))


def _address(v: Values) -> Address:
    return Address(
        street=v.get("address.street") or "",
        house_number=v.get("address.house_number") or "",
        postal_code=v.get("address.postal_code") or "",
        city=v.get("address.city") or "",
        country=vocabulary.country(v.get("address.country") or "DEU"),
    )


def _mandant(i: str, v: Values) -> Mandant:
    return Mandant(id=i, number=v["number"], name=v["name"] or "", active=v.get("active") is not False)


def _economic_unit(i: str, v: Values) -> EconomicUnit:
    return EconomicUnit(
        id=i,
        name=v.get("name") or "",
        **_same(v, "number", "mandant", "location", "construction_year"),
    )


def _building(i: str, v: Values) -> Building:
    parent = _ref(v, "mandant", "ref.economic_unit") if v.get("ref.economic_unit") else None
    return Building(
        id=i,
        economic_unit_id=parent,
        address=_address(v),
        **_same(v, "number", "mandant", "construction_year", "storeys"),
    )


_UNIT = (
    "number", "mandant", "floor_raw", "position", "rooms", "living_area", "usable_area", "heating_area",
    "target_rent_net", "managed_from", "managed_to",
)  # fmt: skip


def _unit(i: str, v: Values) -> Unit:
    return Unit(
        id=i,
        economic_unit=v.get("economic_unit") or "",
        building=v.get("building") or "",
        usage_raw=v["usage_raw"] or "",
        usage=vocabulary.usage(v["usage_raw"] or ""),
        address=_address(v),
        **_same(v, *_UNIT),
    )


_PERSON = (
    "number",
    "salutation",
    "title",
    "first_name",
    "last_name",
    "company_name",
    "birth_date",
    "language",
)


def _person(i: str, v: Values) -> Person:
    return Person(
        id=i,
        kind=v.get("kind") or PersonKind.NATURAL,
        emails=v.get("emails") or (),
        phones=v.get("phones") or (),
        **_same(v, *_PERSON),
    )


def _lease(i: str, v: Values) -> Lease:
    return Lease(
        id=i,
        unit_id=_ref(v, "mandant", "ref.economic_unit", "ref.building", "ref.unit"),
        is_vacancy=bool(v.get("is_vacancy")),
        **_same(v, "number", "mandant", "status", "start", "end"),
    )


def _tenant_role(i: str, v: Values) -> TenantRole:
    role, rank = vocabulary.role(v["role_raw"])
    return TenantRole(
        id=i,
        lease_id=_ref(v, *LEASE.fields),
        person_id=_ref(v, "ref.person"),
        role=role,
        rank=v.get("rank") or rank,
        **_same(v, "role_raw", "valid_from", "valid_to"),
    )


def _rent_item(i: str, v: Values) -> RentItem:
    category = v.get("category")
    return RentItem(
        id=i,
        lease_id=_ref(v, *LEASE.fields),
        label=v.get("label") or "",
        **({"category": category} if category else {}),
        **_same(v, "code", "amount_net", "amount_gross", "valid_from", "valid_to"),
    )


def _ticket_category(i: str, v: Values) -> TicketCategory:
    return TicketCategory(
        id=i,
        kind=v.get("kind") or CategoryKind.REQUEST,
        parent=v.get("parent") or None,
        mandatory_features=v.get("mandatory_features") or (),
        active=v.get("active") is not False,
        **_same(v, "code", "label"),
    )


_VACANCY = (
    "mandant", "unit", "floor_raw", "position", "storeys", "rooms", "living_area", "usable_area",
    "construction_year", "available_from", "released", "net_cold_rent", "operating_costs", "heating_costs",
    "heating_included", "surcharges", "total_rent", "deposit", "coop_shares", "cellar", "fitted_kitchen",
    "intercom", "lift", "bike_room", "guest_wc", "balcony", "barrier_free", "wbs_required", "heating",
    "title", "description", "equipment",
)  # fmt: skip
_ENERGY = ("value", "rating", "valid_to", "issued", "carrier", "building_year", "with_hot_water")


def _vacancy(i: str, v: Values) -> Vacancy:
    return Vacancy(
        id=i,
        economic_unit=v.get("economic_unit") or "",
        building=v.get("building") or "",
        usage_raw=v.get("usage_raw") or "",
        usage=vocabulary.usage(v.get("usage_raw") or ""),
        address=_address(v),
        energy=_energy(v),
        **_same(v, *_VACANCY),
    )


def _energy(v: Values) -> EnergyCertificate | None:
    """The energy certificate; without its kind there is none."""
    kind = v.get("energy.kind")
    if kind is None:
        return None
    fields: dict[str, Any] = {name: v.get(f"energy.{name}") for name in _ENERGY}
    return EnergyCertificate(kind=kind, **fields)


def _user(i: str, v: Values) -> ErpUser:
    return ErpUser(id=i, name=v["name"], active=v.get("active") is not False)


def _same(values: Values, *names: str) -> dict[str, Any]:
    """The fields that go over as they are."""
    return {name: values.get(name) for name in names}


_BUILD: Mapping[str, Callable[[str, Values], Entity]] = {
    "mandant": _mandant,
    "economic_unit": _economic_unit,
    "building": _building,
    "unit": _unit,
    "person": _person,
    "lease": _lease,
    "tenant_role": _tenant_role,
    "rent_item": _rent_item,
    "ticket_category": _ticket_category,
    "vacancy": _vacancy,
    "user": _user,
}
