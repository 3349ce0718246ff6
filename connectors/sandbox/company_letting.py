"""The letting side of the seeded company: vacancies with all they say, their files, ERP users, and defects.

Chance has a source of its own here: the rest of the company stays as it is, whatever changes in this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from connectors.housing import Building, Lease, RentCategory, Unit, UsageClass
from connectors.letting import (
    AttachmentGroup,
    EnergyCertificate,
    EnergyKind,
    ErpUser,
    Heating,
    Vacancy,
)
from connectors.sandbox import names
from connectors.sandbox.company_leases import add_rent_item
from connectors.sandbox.company_model import Draft, euros
from connectors.sandbox.media import FIRST_ID, Medium

COOPERATIVE = "10"
"""The Mandant whose tenants hold shares."""

RENTS = {
    "net_cold_rent": RentCategory.NETTOKALTMIETE,
    "operating_costs": RentCategory.OPERATING_COSTS,
    "heating_costs": RentCategory.HEATING_COSTS,
    "surcharges": RentCategory.SURCHARGE,
}
"""The amounts of a vacancy that are contract positions; a car park's rent is a net rent here."""

DEFECTS = {
    # key: what is wrong with the vacancies listed; n = max(1, vacancies // 24), each has one planted defect.
    # Below seven vacancies only the first keys are planted: one vacancy always stays sound.
    "vacancy_without_net_rent": "no Nettokaltmiete at all: n",
    "vacancy_not_released": "not released for marketing: n",
    "vacancy_net_rent_zero": "a Nettokaltmiete of 0.00: n",
    "vacancy_rent_sum_mismatch": "a total rent that is not the sum of its parts: n",
    "vacancy_missing_fields": "no total rent, energy certificate, deposit, heating, texts and files: n",
    "vacancy_net_rent_negative": "a Nettokaltmiete below zero: n",
    "vacancy_floor_text": "vacancies in units whose floor is spelled oddly (natural share)",
    "vacancy_without_building_number": "vacancies in a building without a number (natural share)",
    "vacancy_usage_unknown": "vacancies of a usage type in no list (natural share)",
}

_ZERO = Decimal("0.00")
_NOTHING_SAID: dict[str, Any] = dict.fromkeys(
    ("total_rent", "energy", "deposit", "heating", "title", "description", "equipment")
)
_SPOILED: dict[str, Callable[[Vacancy], Vacancy]] = {
    "vacancy_without_net_rent": lambda v: _rented(v, None),
    "vacancy_not_released": lambda v: replace(v, released=False),
    "vacancy_net_rent_zero": lambda v: _rented(v, _ZERO),
    "vacancy_rent_sum_mismatch": lambda v: replace(v, total_rent=(v.total_rent or _ZERO) + euros(2_500)),
    "vacancy_missing_fields": lambda v: replace(v, attachments=(), **_NOTHING_SAID),
    "vacancy_net_rent_negative": lambda v: _rented(v, -(v.net_cold_rent or euros(100))),
}
"""How each planted defect changes a sound vacancy."""

_FILES = {
    UsageClass.RESIDENTIAL: (
        ("01_Ansicht.jpg", AttachmentGroup.TITLE),
        ("02_Wohnzimmer.jpg", AttachmentGroup.INSIDE),
        ("03_Grundriss.png", AttachmentGroup.FLOOR_PLAN),
        ("04_Energieausweis.pdf", AttachmentGroup.DOCUMENT),
    ),
    UsageClass.COMMERCIAL: (
        ("01_Ansicht.jpg", AttachmentGroup.TITLE),
        ("02_Lageplan.pdf", AttachmentGroup.DOCUMENT),
    ),
}


def build_letting(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Append vacancies, their positions and files, and the users; the ids concerned by defect key."""
    company = draft.company
    rng = Random(f"letting {company.seed}")  # noqa: S311 - reproducible, not secret
    company.users.extend(ErpUser(id=name, name=name) for name in names.ERP_USERS)
    units = {unit.id: unit for unit in company.units}
    numbers = {e.id: e.number for e in company.economic_units}
    buildings = {(b.mandant, numbers[b.economic_unit_id or ""], b.number): b for b in company.buildings}
    rows = [lease for lease in company.leases if lease.is_vacancy]
    made = []
    for lease in rows:
        unit = units[lease.unit_id]
        building = buildings[unit.mandant, unit.economic_unit, unit.building]
        made.append(_vacancy(draft, rng, lease, unit, building))
    planted = _choose(rng, made)
    spoil = {key: _SPOILED[defect] for defect, keys in planted.items() for key in keys}
    for lease, vacancy in zip(rows, made, strict=True):
        told = spoil[vacancy.id](vacancy) if vacancy.id in spoil else vacancy
        _positions(draft, lease, units[lease.unit_id], told)
        company.vacancies.append(told)
    bare = {lease.unit_id for lease, v in zip(rows, company.vacancies, strict=True) if not v.attachments}
    company.media = [medium for medium in company.media if medium.unit_id not in bare]
    return {**planted, **_natural(draft, rows)}


def _vacancy(draft: Draft, rng: Random, lease: Lease, unit: Unit, building: Building) -> Vacancy:
    """A sound vacancy: everything is known and the parts of the rent add up."""
    main = unit.floor_raw is not None
    flat = unit.usage is UsageClass.RESIDENTIAL
    net = unit.target_rent_net or euros(0)
    operating = euros(rng.randint(60, 210) * 100) if main else None
    heating = euros(rng.randint(40, 160) * 100) if main else None
    surcharges = euros(3_000) if main and rng.random() < 0.15 else None
    total = sum((part for part in (operating, heating, surcharges) if part is not None), net)
    start = lease.start or draft.company.today
    later = draft.company.today + timedelta(days=rng.randint(10, 60)) if rng.random() < 0.3 else None
    carrier = rng.choice(names.CARRIERS)
    has: dict[str, Any] = {name: rng.random() < 0.5 if main else None for name in _YES_OR_NO}
    return Vacancy(
        id=lease.id,
        **{name: getattr(unit, name) for name in _OF_UNIT},
        unit=unit.number,
        storeys=building.storeys,
        construction_year=building.construction_year,
        available_from=later or start,
        released=True,
        net_cold_rent=net,
        operating_costs=operating,
        heating_costs=heating,
        heating_included=main or None,
        surcharges=surcharges,
        total_rent=total,
        deposit=net * (3 if main else 1),
        coop_shares=euros(155_000) if flat and unit.mandant == COOPERATIVE else None,
        **has,
        heating=(Heating.DISTRICT if carrier == "Fernwärme" else Heating.CENTRAL) if main else None,
        energy=_energy(draft, rng, building, carrier) if main else None,
        title=f"{_rooms(unit)}{unit.usage_raw} in {unit.address.city}",
        description=f"Ruhig gelegen, {unit.address.street}; Übergabe nach Absprache." if main else None,
        equipment=rng.choice(names.EQUIPMENT) if flat else None,
        attachments=tuple(medium.attachment for medium in _media(draft, unit)),
    )


_OF_UNIT = (
    "mandant", "economic_unit", "building", "usage_raw", "usage", "address", "floor_raw", "position", "rooms",
    "living_area", "usable_area",
)  # fmt: skip
_YES_OR_NO = (
    "cellar", "fitted_kitchen", "intercom", "lift", "bike_room", "guest_wc", "balcony", "barrier_free",
    "wbs_required",
)  # fmt: skip


def _rooms(unit: Unit) -> str:
    return "" if unit.rooms is None else f"{unit.rooms.normalize():f}-Zimmer-".replace(".", ",")


def _energy(draft: Draft, rng: Random, building: Building, carrier: str) -> EnergyCertificate:
    issued = draft.company.today - timedelta(days=rng.randint(30, 3_000))
    return EnergyCertificate(
        kind=rng.choice(tuple(EnergyKind)),
        value=euros(rng.randint(450, 2_200) * 10),
        rating=rng.choice(("A+", "B", "C", "D", "E", "F")),
        valid_to=issued + timedelta(days=3_650),
        issued=issued,
        carrier=carrier,
        building_year=building.construction_year,
        with_hot_water=rng.random() < 0.5,
    )


def _media(draft: Draft, unit: Unit) -> list[Medium]:
    """Append the files of a vacant unit; car parks and stores have none."""
    made = []
    for name, group in _FILES.get(unit.usage, ()):
        title = name.partition("_")[2].rpartition(".")[0]
        key = str(FIRST_ID + len(draft.company.media))
        made.append(Medium(key, unit.id, name, group, title, f"{title}, Einheit {unit.id}"))
        draft.company.media.append(made[-1])
    return made


def _positions(draft: Draft, lease: Lease, unit: Unit, vacancy: Vacancy) -> None:
    """The contract positions of the row that marks a vacancy: what the unit is to cost."""
    vat = unit.usage is UsageClass.COMMERCIAL
    start = lease.start or draft.company.today
    for name, category in RENTS.items():
        amount = getattr(vacancy, name)
        if amount is not None:
            add_rent_item(draft, lease, category, amount, start, vat=vat)


def _choose(rng: Random, made: Sequence[Vacancy]) -> dict[str, tuple[str, ...]]:
    """Which vacancies get which planted defect: each at most one, and at least one stays sound."""
    n = max(1, len(made) // 24)
    free = [vacancy.id for vacancy in made]
    rng.shuffle(free)
    free.pop()
    planted = {}
    for defect in _SPOILED:
        planted[defect], free = tuple(sorted(free[:n], key=int)), free[n:]
    return planted


def _natural(draft: Draft, rows: Sequence[Lease]) -> dict[str, tuple[str, ...]]:
    """What a vacancy inherits from its unit."""
    units = {unit.id: unit for unit in draft.company.units}
    odd = {unit_id for unit_id, unit in units.items() if unit.floor_raw in names.ODD_FLOORS}
    nameless = {unit_id for unit_id, unit in units.items() if not unit.building}
    unknown = {unit_id for unit_id, unit in units.items() if unit.usage_raw in names.ODD_USAGES}
    return {
        key: tuple(lease.id for lease in rows if lease.unit_id in found)
        for key, found in (
            ("vacancy_floor_text", odd),
            ("vacancy_without_building_number", nameless),
            ("vacancy_usage_unknown", unknown),
        )
    }


def _rented(vacancy: Vacancy, net: Decimal | None) -> Vacancy:
    """The vacancy with another net rent, and a total rent that fits it."""
    rest = (vacancy.operating_costs, vacancy.heating_costs, vacancy.surcharges)
    total = sum((part for part in rest if part is not None), net or _ZERO)
    return replace(vacancy, net_cold_rent=net, total_rent=total)
