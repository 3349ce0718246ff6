"""The stock of the seeded company: Mandanten, economic units, buildings, use units."""

from __future__ import annotations

from decimal import Decimal

from connectors.housing import Address, Building, EconomicUnit, Mandant, Unit, UsageClass
from connectors.sandbox import names
from connectors.sandbox.company_model import Draft, euros

SMALL = 400
"""Below this many units there are two Mandanten and the economic units are small."""

SPECIAL_SIZE = 2
"""Units in a building that is made for a defect."""

CAR_PARK = 6
"""The place in a building, counted from 0, that is a car park; behind it some more."""


def build_stock(draft: Draft, units: int) -> None:
    """Append the stock with exactly ``units`` use units.

    The first economic unit of the second Mandant bears the number of the very first one, as happens where
    two companies have been merged; its leases keep numbers of their own.
    """
    company = draft.company
    small = units < SMALL
    shares = names.MANDANT_SHARES[: 2 if small else 3]
    code = 100
    special = max(1, units // 2_000)
    total = left = units - 2 * special * SPECIAL_SIZE
    for position, ((number, name), share) in enumerate(zip(names.MANDANTEN, shares, strict=False)):
        company.mandanten.append(Mandant(id=number, number=number, name=name))
        quota = left if position == len(shares) - 1 else round(total * share)
        left -= quota
        first = True
        while quota > 0:
            code += draft.rng.randint(1, 3)
            shown = company.economic_units[0].number if first and position == 1 else f"{code:05d}"
            size = min(quota, draft.rng.randint(8, 14) if small else draft.rng.randint(30, 50))
            _economic_unit(draft, number, f"{code:05d}", shown, size)
            quota -= size
            first = False
    _special_buildings(draft, special)


def _special_buildings(draft: Draft, count: int) -> None:
    """Small buildings for the defects of buildings, so that few tenants are concerned."""
    for place, parent in enumerate(draft.company.economic_units[:count]):
        for offset, ids in ((980, draft.nameless_buildings), (990, draft.homeless_buildings)):
            address = Address(
                street=names.STREETS[place % len(names.STREETS)],
                house_number=str(offset),
                postal_code=names.CITIES[0][0],
                city=names.CITIES[0][1],
            )
            code = f"9{offset}{place:03d}"
            building = _building(draft, parent, f"{code}.{offset}", offset, address, SPECIAL_SIZE)
            ids.append(building.id)


def _economic_unit(draft: Draft, mandant: str, code: str, shown: str, size: int) -> None:
    rng = draft.rng
    unit = EconomicUnit(
        id=draft.next_id(EconomicUnit),
        number=shown,
        mandant=mandant,
        name=f"{rng.choice(names.SITE_NAMES)} {int(code)}",
        location=rng.choice(names.SITES),
        construction_year=rng.randint(1899, draft.company.today.year - 1),
    )
    draft.company.economic_units.append(unit)
    street, (postal_code, city) = rng.choice(names.STREETS), rng.choice(names.CITIES)
    number = 0
    house = rng.randint(1, 60)
    while size > 0:
        number += 1
        house += 2
        share = min(size, rng.randint(7, 12))
        addition = rng.choice(("", "", "", "", "a", "b"))
        address = Address(
            street=street, house_number=f"{house}{addition}", postal_code=postal_code, city=city
        )
        _building(draft, unit, f"{code}.{number:03d}", number, address, share)
        size -= share


def _building(
    draft: Draft, parent: EconomicUnit, base: str, number: int, address: Address, size: int
) -> Building:
    company = draft.company
    building = Building(
        id=draft.next_id(Building),
        number=f"{number:03d}",
        mandant=parent.mandant,
        economic_unit_id=parent.id,
        address=address,
        construction_year=parent.construction_year,
        storeys=(size + 2) // 3,
    )
    company.buildings.append(building)
    shop = draft.rng.random() < 0.4
    for place in range(size):
        if place == CAR_PARK or (place > CAR_PARK and draft.rng.random() < 0.2):
            usages = names.CAR_PARKS if place == CAR_PARK or draft.rng.random() < 0.7 else names.STORES
            unit = _side_unit(draft, parent, building, 901 + place, draft.rng.choice(usages))
        else:
            usages = names.SHOPS if shop and place == 0 else names.FLATS
            unit = _main_unit(draft, parent, building, place, draft.rng.choice(usages))
        draft.lease_base[unit.id] = f"{base}.{int(unit.number):03d}"
        company.units.append(unit)
    return building


def _main_unit(draft: Draft, parent: EconomicUnit, building: Building, place: int, usage: str) -> Unit:
    rng = draft.rng
    halves = rng.randint(2, 9)
    area = halves * 1100 + rng.randint(-300, 600)  # hundredths of a square metre
    storey = place // 3
    residential = names.USAGE_CLASSES[usage] is UsageClass.RESIDENTIAL
    return Unit(
        id=draft.next_id(Unit),
        number=f"{(place + 1) * 10:04d}",
        mandant=parent.mandant,
        economic_unit=parent.number,
        building=building.number,
        usage_raw=usage,
        usage=names.USAGE_CLASSES[usage],
        floor_raw=f"{storey}. Obergeschoss" if storey else "Erdgeschoss",
        position=names.POSITIONS[place % 3],
        address=building.address,
        rooms=Decimal(halves * 5).scaleb(-1) if residential else None,
        living_area=euros(area) if residential else None,
        usable_area=euros(area + 450),
        heating_area=euros(area),
        target_rent_net=euros(area * rng.randint(590, 1180) // 100),
        managed_from=draft.days_ago(12_000, 15_000),
    )


def _side_unit(draft: Draft, parent: EconomicUnit, building: Building, number: int, usage: str) -> Unit:
    return Unit(
        id=draft.next_id(Unit),
        number=f"{number:04d}",
        mandant=parent.mandant,
        economic_unit=parent.number,
        building=building.number,
        usage_raw=usage,
        usage=names.USAGE_CLASSES[usage],
        address=building.address,
        usable_area=euros(1250),
        target_rent_net=euros(draft.rng.randint(25, 95) * 100),
        managed_from=draft.days_ago(12_000, 15_000),
    )
