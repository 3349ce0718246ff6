"""The defects built into the seeded company, each in a known number of records of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from connectors.housing import (
    Building,
    Lease,
    LeaseStatus,
    Person,
    PersonKind,
    Role,
    TenantRole,
    Unit,
    UsageClass,
)
from connectors.sandbox import names
from connectors.sandbox.company_leases import MAIN, add_role
from connectors.sandbox.company_model import Draft, euros
from connectors.sandbox.company_people import add_person

DEFECTS = {
    # key: what is wrong, and whose ids are listed; n = 1 below 200 units, 2 below 600, then units // 200
    "tenant_without_email": "persons who are tenants of a running lease and have no e-mail (natural share)",
    "email_shared": "persons who share one e-mail address with one other tenant: 2n",
    "lease_without_main_tenant": "leases whose only tenant is a co-tenant: n",
    "lease_with_two_main_tenants": "leases with two persons of rank 1 as Hauptmieter: n",
    "separator_in_lease_number": "leases whose number contains a slash: n",
    "separator_in_partner_number": "persons whose number contains a slash: n",
    "lease_number_missing": "running leases without a number: n",
    "lease_number_repeated": "running leases whose number exists in another Mandant too: 2n",
    "economic_unit_number_repeated": "economic units of two Mandanten with one number: 2",
    "building_number_empty": "buildings without a number: max(1, units // 2000)",
    "unit_without_building_number": "their units: two each",
    "building_without_economic_unit": "buildings without WE, in the file export only: max(1, units // 2000)",
    "unit_without_economic_unit": "their units: two each",
    "floor_text": "units whose floor is spelled oddly: max(9, n)",
    "usage_unknown": "units with a usage type in no list: n",
    "long_name": "persons with very long names full of umlauts: n",
    "moved_out_after_end": "ended leases whose tenant leaves later, after today: n",
    "moved_out_co_tenant": "running leases with a co-tenant who has left: n",
    "parking_only": "running leases of a car park whose tenant has no other running lease (natural share)",
    "legal_tenant": "legal persons who are tenants of a running lease (natural share and n)",
    "trailing_blank": "persons whose last name ends with a blank: n",
    "birth_date_missing": "natural tenants without birth date: n",
    "birth_date_shared": "tenants of one lease born on one day: 2n",
    "rent_mismatch": "running leases whose net items do not add up to the unit's target rent: n",
    "category_with_mandatory_feature": "active ticket categories with a mandatory feature",
    "category_inactive": "ticket categories that are switched off",
}
"""Every defect key with its meaning and its number."""

SLASH = "/"


LEASES_PER_DEFECT = 16
"""How many reserved leases one n takes: the sum over all functions below that take from the pool."""


@dataclass(slots=True)
class _Pool:
    """The reserved leases, each with one tenant who has no other role; each is taken once."""

    draft: Draft
    tenant: dict[str, TenantRole]
    free: list[Lease]
    n: int

    def take(self, count: int, mandant: str | None = None) -> list[Lease]:
        """Take leases out of the pool. Raises ValueError when it is empty."""
        found = [lease for lease in self.free if mandant in (None, lease.mandant)][:count]
        if len(found) < count:
            raise ValueError("the company is too small for its defects")
        taken = {lease.id for lease in found}
        self.free = [lease for lease in self.free if lease.id not in taken]
        return found

    def tenants(self, count: int) -> list[str]:
        """Take leases and name their only tenants."""
        return [self.tenant[lease.id].person_id for lease in self.take(count)]


def reserve(draft: Draft) -> None:
    """Choose the flats that are kept for defects, before anything is let: some in each of two Mandanten."""
    company = draft.company
    n = _number(len(company.units))
    special = set(draft.nameless_buildings + draft.homeless_buildings)
    streets = {b.address for b in company.buildings if b.id in special}
    flats = [u for u in company.units if u.usage is UsageClass.RESIDENTIAL and u.address not in streets]
    draft.rng.shuffle(flats)
    for mandant in company.mandanten[:2]:
        draft.reserved += [u.id for u in flats if u.mandant == mandant.number][:n]
    chosen = set(draft.reserved)
    others = [u.id for u in flats if u.id not in chosen]
    draft.reserved += others[: (LEASES_PER_DEFECT - 2) * n]


def plant(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Build the defects into the finished company; the ids concerned by defect key."""
    pool = _pool(draft)
    found: dict[str, Iterable[str]] = {}
    found |= _stock(draft, pool.n)
    found |= _numbers(pool)
    found |= _parties(pool)
    found |= _persons(pool)
    found |= _contents(pool)
    found |= _natural(draft)
    return {key: tuple(found[key]) for key in DEFECTS}


def _number(units: int) -> int:
    return 1 if units < 200 else max(2, units // 200)


def _pool(draft: Draft) -> _Pool:
    company = draft.company
    leases = {lease.unit_id: lease for lease in company.leases if lease.running(company.today)}
    free = [leases[unit_id] for unit_id in draft.reserved]
    wanted = {lease.id for lease in free}
    tenant = {role.lease_id: role for role in company.tenant_roles if role.lease_id in wanted}
    return _Pool(draft, tenant, free, _number(len(company.units)))


def _stock(draft: Draft, n: int) -> dict[str, Iterable[str]]:
    company = draft.company
    numbers = {e.id: e.number for e in company.economic_units}

    def units_of(building: Building) -> list[Unit]:
        home = (building.mandant, numbers[building.economic_unit_id or ""], building.number)
        return [u for u in company.units if (u.mandant, u.economic_unit, u.building) == home]

    buildings = {b.id: b for b in company.buildings}
    homeless = [u.id for key in draft.homeless_buildings for u in units_of(buildings[key])]
    nameless = [u.id for key in draft.nameless_buildings for u in units_of(buildings[key])]
    for key in draft.nameless_buildings:
        draft.change(Building, key, number="")
    for key in nameless:
        draft.change(Unit, key, building="")
    apart = {*homeless, *nameless, *draft.reserved}
    flats = [u.id for u in company.units if u.usage is UsageClass.RESIDENTIAL and u.id not in apart]
    chosen = draft.rng.sample(flats, max(len(names.ODD_FLOORS), n) + n)
    usages, floors = chosen[:n], chosen[n:]
    for place, key in enumerate(floors):
        draft.change(Unit, key, floor_raw=names.ODD_FLOORS[place % len(names.ODD_FLOORS)])
    for place, key in enumerate(usages):
        odd = names.ODD_USAGES[place % len(names.ODD_USAGES)]
        draft.change(Unit, key, usage_raw=odd, usage=UsageClass.OTHER)
    first = company.economic_units[0].number
    return {
        "economic_unit_number_repeated": [e.id for e in company.economic_units if e.number == first],
        "building_number_empty": draft.nameless_buildings,
        "unit_without_building_number": nameless,
        "building_without_economic_unit": draft.homeless_buildings,
        "unit_without_economic_unit": homeless,
        "floor_text": floors,
        "usage_unknown": usages,
    }


def _numbers(pool: _Pool) -> dict[str, Iterable[str]]:
    draft, n = pool.draft, pool.n
    first, second = (mandant.number for mandant in draft.company.mandanten[:2])
    originals, copies = pool.take(n, first), pool.take(n, second)
    for original, copy in zip(originals, copies, strict=True):
        draft.change(Lease, copy.id, number=original.number)
    slashed = pool.take(n)
    for lease in slashed:
        head, _, tail = lease.number.rpartition(".")
        draft.change(Lease, lease.id, number=f"{head}{SLASH}{tail}")
    missing = pool.take(n)
    for lease in missing:
        draft.change(Lease, lease.id, number="")
    partners = pool.tenants(n)
    people = {p.id: p for p in draft.company.persons}
    for key in partners:
        number = people[key].number
        draft.change(Person, key, number=f"{number[:2]}{SLASH}{number[2:]}")
    return {
        "lease_number_repeated": sorted(lease.id for lease in (*originals, *copies)),
        "separator_in_lease_number": [lease.id for lease in slashed],
        "lease_number_missing": [lease.id for lease in missing],
        "separator_in_partner_number": partners,
    }


def _parties(pool: _Pool) -> dict[str, Iterable[str]]:
    draft, n = pool.draft, pool.n
    without = pool.take(n)
    for lease in without:
        role = pool.tenant[lease.id]
        draft.change(TenantRole, role.id, role=Role.CO_TENANT, role_raw="2. Vertragsnehmer", rank=2)
    double = pool.take(n)
    for lease in double:
        second = add_role(draft, lease, add_person(draft), Role.HAUPTMIETER, 1)
        draft.change(TenantRole, second.id, role_raw=MAIN)
    left = pool.take(n)
    for lease in left:
        role = add_role(draft, lease, add_person(draft), Role.CO_TENANT, 2)
        draft.change(TenantRole, role.id, valid_to=draft.company.today - timedelta(days=20))
    twins: list[str] = []
    for lease in pool.take(n):
        first = draft.change(Person, pool.tenant[lease.id].person_id)
        other = add_person(draft, first.last_name)
        draft.change(Person, other.id, birth_date=first.birth_date)
        add_role(draft, lease, other, Role.CO_TENANT, 2)
        twins += [first.id, other.id]
    late: list[str] = []
    vacant = {lease.unit_id for lease in draft.company.leases if lease.is_vacancy}
    for lease in draft.company.leases:
        if lease.status is LeaseStatus.ENDED and lease.unit_id in vacant and len(late) < n:
            late.append(lease.id)
    for role in [role for role in draft.company.tenant_roles if role.lease_id in set(late)]:
        draft.change(TenantRole, role.id, valid_to=draft.company.today + timedelta(days=14))
    return {
        "lease_without_main_tenant": [lease.id for lease in without],
        "lease_with_two_main_tenants": [lease.id for lease in double],
        "moved_out_co_tenant": [lease.id for lease in left],
        "birth_date_shared": twins,
        "moved_out_after_end": late,
    }


def _persons(pool: _Pool) -> dict[str, Iterable[str]]:
    draft, n = pool.draft, pool.n
    shared = pool.tenants(2 * n)
    for place in range(0, len(shared), 2):
        address = f"familie.fabel{place}@{names.MAIL_DOMAINS[0]}"
        for key in shared[place : place + 2]:
            draft.change(Person, key, emails=(address,))
    blank = pool.tenants(n)
    for key in blank:
        person = draft.change(Person, key)
        draft.change(Person, key, last_name=f"{person.last_name} ")
    unborn = pool.tenants(n)
    for key in unborn:
        draft.change(Person, key, birth_date=None)
    long = pool.tenants(n)
    for place, key in enumerate(long):
        first, last = names.LONG_NAMES[place % len(names.LONG_NAMES)]
        draft.change(Person, key, first_name=first, last_name=last)
    for place, key in enumerate(pool.tenants(n)):
        draft.change(
            Person,
            key,
            kind=PersonKind.LEGAL,
            company_name=f"Hausgemeinschaft {names.LAST_NAME_HEADS[place % 16]}feld GbR",
            **dict.fromkeys(("salutation", "title", "first_name", "last_name", "birth_date")),
        )
    return {
        "email_shared": shared,
        "trailing_blank": blank,
        "birth_date_missing": unborn,
        "long_name": long,
    }


def _contents(pool: _Pool) -> dict[str, Iterable[str]]:
    draft = pool.draft
    company = draft.company
    mismatched = pool.take(pool.n)
    for lease in mismatched:
        unit = draft.change(Unit, lease.unit_id)
        rent = unit.target_rent_net or euros(0)
        draft.change(Unit, unit.id, target_rent_net=rent + euros(5_000))
    return {
        "rent_mismatch": [lease.id for lease in mismatched],
        "category_with_mandatory_feature": [
            c.id for c in company.ticket_categories if c.mandatory_features and c.active
        ],
        "category_inactive": [c.id for c in company.ticket_categories if not c.active],
    }


def _natural(draft: Draft) -> dict[str, Iterable[str]]:
    """What occurs by itself, counted at the end."""
    company = draft.company
    running = {lease.id: lease for lease in company.leases if lease.running(company.today)}
    leases_of: dict[str, set[str]] = defaultdict(set)
    for role in company.tenant_roles:
        if role.lease_id in running and role.tenant(company.today):
            leases_of[role.person_id].add(role.lease_id)
    parking = {u.id for u in company.units if u.usage is UsageClass.PARKING}
    alone = {next(iter(keys)) for keys in leases_of.values() if len(keys) == 1}
    tenants = [p for p in company.persons if p.id in leases_of]
    return {
        "tenant_without_email": [p.id for p in tenants if not p.emails],
        "legal_tenant": [p.id for p in tenants if p.kind is PersonKind.LEGAL],
        "parking_only": [k for k, lease in running.items() if lease.unit_id in parking and k in alone],
    }
