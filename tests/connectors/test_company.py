"""The seeded company: reproducible, sound, and with its defects in the numbers it declares."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from connectors.housing import (
    ENTITIES,
    Lease,
    LeaseStatus,
    Person,
    PersonKind,
    RentCategory,
    Role,
    TenantRole,
    UsageClass,
)
from connectors.sandbox import names
from connectors.sandbox.company import MINIMUM_UNITS, Company, build_company
from connectors.sandbox.company_letting import DEFECTS as VACANCY_DEFECTS
from connectors.sandbox.defects import DEFECTS

TODAY = date(2026, 3, 15)
SIZES = (60, 250, 1_000)


@pytest.fixture(scope="module", params=SIZES)
def company(request: pytest.FixtureRequest) -> Company:
    return build_company(request.param, 7, TODAY)


def running(company: Company) -> list[Lease]:
    return [lease for lease in company.leases if lease.running(company.today)]


def parties(company: Company) -> dict[str, list[TenantRole]]:
    found = defaultdict(list)
    for role in company.tenant_roles:
        found[role.lease_id].append(role)
    return found


def tenants(company: Company) -> dict[str, list[Person]]:
    """Lease id -> the persons who are its tenants today, running leases only."""
    people = {p.id: p for p in company.persons}
    roles = parties(company)
    return {
        lease.id: [people[r.person_id] for r in roles[lease.id] if r.tenant(company.today)]
        for lease in running(company)
    }


def test_equal_seed_size_and_day_give_the_same_company_and_another_seed_another() -> None:
    first = build_company(80, 5, TODAY)
    assert build_company(80, 5, TODAY) == first
    other = build_company(80, 6, TODAY)
    assert other.persons != first.persons
    assert other.units != first.units


@pytest.mark.parametrize("units", [0, 20, 60, 61, 199, 200, 799])
def test_there_are_as_many_units_as_asked_for_but_never_too_few_for_the_defects(units: int) -> None:
    for seed in range(4):
        assert len(build_company(units, seed, TODAY).units) == max(units, MINIMUM_UNITS)


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        build_company(-1, 0)


def test_what_runs_keeps_running_on_another_day() -> None:
    later = TODAY + timedelta(days=3_000)
    assert len(running(build_company(100, 1, TODAY))) == len(running(build_company(100, 1, later))) > 60


def test_every_reference_points_to_a_record_and_ids_are_unique(company: Company) -> None:
    for kind in ENTITIES:
        ids = [record.id for record in company.records(kind.NAME)]
        assert len(set(ids)) == len(ids) > 0
    units = {u.id: u for u in company.units}
    leases = {lease.id for lease in company.leases}
    people = {p.id for p in company.persons}
    sites = {e.id: e for e in company.economic_units}
    buildings = {(b.mandant, sites[b.economic_unit_id or ""].number, b.number) for b in company.buildings}
    assert len(buildings) == len(company.buildings)
    assert all((u.mandant, u.economic_unit, u.building) in buildings for u in company.units)
    assert all(lease.mandant == units[lease.unit_id].mandant for lease in company.leases)
    assert all(r.lease_id in leases and r.person_id in people for r in company.tenant_roles)
    assert all(i.lease_id in leases for i in company.rent_items)


def test_nobody_can_be_reached(company: Company) -> None:
    for person in company.persons:
        assert all(mail.partition("@")[2] in names.MAIL_DOMAINS for mail in person.emails)
        for phone in person.phones:
            plain = re.sub(r"^(\+49|0049|0)", "", re.sub(r"[^+\d]", "", phone))
            assert plain.startswith(tuple(x.replace(" ", "") for x in names.LANDLINES + names.MOBILES))


def test_shares_are_those_of_a_real_company() -> None:
    company = build_company(2_000, 3, TODAY)
    states = Counter(lease.status for lease in company.leases if not lease.is_vacancy)
    assert all(states[state] > 10 for state in LeaseStatus)
    vacancies = [lease for lease in company.leases if lease.is_vacancy]
    assert len(vacancies) == 60
    everybody = [person for people in tenants(company).values() for person in people]
    assert 1.3 < len(everybody) / len(running(company)) < 1.5
    assert 0.55 < sum(bool(p.emails) for p in everybody) / len(everybody) < 0.75
    assert not {v.id for v in vacancies} & {r.lease_id for r in company.tenant_roles}


def test_defects_are_declared_with_their_meaning_and_none_is_empty(company: Company) -> None:
    assert company.defects.keys() == DEFECTS.keys() | VACANCY_DEFECTS.keys()
    for key, ids in company.defects.items():
        assert len(set(ids)) == len(ids), key
        assert ids or key in VACANCY_DEFECTS, key  # a small company has too few vacancies for them


def test_planted_defects_hit_records_of_their_own(company: Company) -> None:
    lease_of = {r.person_id: r.lease_id for r in company.tenant_roles}
    leases = {lease.id for lease in company.leases}
    natural = {
        "tenant_without_email",
        "legal_tenant",
        "parking_only",
        "vacancy_floor_text",
        "vacancy_without_building_number",
        "vacancy_usage_unknown",
    }
    hits: Counter[str] = Counter()
    for key, ids in company.defects.items():
        if key not in natural:
            hits.update({lease_of.get(i, i) for i in ids if i in leases or i in lease_of})
    assert set(hits.values()) == {1}


def same(company: Company, key: str, found: object) -> bool:
    assert isinstance(found, set)
    return set(company.defects[key]) == found


def test_the_defects_of_numbers_are_the_only_ones(company: Company) -> None:
    in_force = running(company)
    assert same(company, "lease_number_missing", {lease.id for lease in company.leases if not lease.number})
    assert same(
        company, "separator_in_lease_number", {i.id for i in company.leases if re.search(r"[/|_-]", i.number)}
    )
    assert same(
        company, "separator_in_partner_number", {p.id for p in company.persons if not p.number.isdigit()}
    )
    mandanten = defaultdict(set)
    for lease in in_force:
        mandanten[lease.number].add(lease.mandant)
    repeated = {x.id for x in in_force if x.number and len(mandanten[x.number]) > 1}
    assert same(company, "lease_number_repeated", repeated)
    within = Counter((x.mandant, x.number) for x in company.leases if x.number)
    assert max(within.values()) == 1
    sites = Counter(e.number for e in company.economic_units)
    assert same(
        company,
        "economic_unit_number_repeated",
        {e.id for e in company.economic_units if sites[e.number] > 1},
    )
    assert same(company, "building_number_empty", {b.id for b in company.buildings if not b.number})
    assert same(company, "unit_without_building_number", {u.id for u in company.units if not u.building})


def test_the_defects_of_parties_are_the_only_ones(company: Company) -> None:
    roles, people = parties(company), tenants(company)
    main = {
        lease.id: [r for r in roles[lease.id] if r.role is Role.HAUPTMIETER] for lease in running(company)
    }
    assert same(company, "lease_without_main_tenant", {key for key, found in main.items() if not found})
    assert same(
        company, "lease_with_two_main_tenants", {key for key, found in main.items() if len(found) > 1}
    )
    left = {
        key
        for key in main
        if any(r.role is Role.CO_TENANT and not r.tenant(company.today) for r in roles[key])
    }
    assert same(company, "moved_out_co_tenant", left)
    late = {
        lease.id
        for lease in company.leases
        if lease.status is LeaseStatus.ENDED and any(r.tenant(company.today) for r in roles[lease.id])
    }
    assert same(company, "moved_out_after_end", late)
    births = Counter((key, p.birth_date) for key, found in people.items() for p in found)
    twins = {
        p.id for key, found in people.items() for p in found if p.birth_date and births[key, p.birth_date] > 1
    }
    assert same(company, "birth_date_shared", twins)


def test_the_defects_of_persons_are_the_only_ones(company: Company) -> None:
    everybody = {p.id: p for found in tenants(company).values() for p in found}
    mails = Counter(mail for p in company.persons for mail in p.emails)
    assert same(
        company, "email_shared", {p.id for p in company.persons if any(mails[m] > 1 for m in p.emails)}
    )
    assert same(company, "tenant_without_email", {k for k, p in everybody.items() if not p.emails})
    assert same(company, "legal_tenant", {k for k, p in everybody.items() if p.kind is PersonKind.LEGAL})
    blank = {p.id for p in company.persons if p.last_name and p.last_name != p.last_name.strip()}
    assert same(company, "trailing_blank", blank)
    assert same(
        company,
        "birth_date_missing",
        {k for k, p in everybody.items() if p.birth_date is None and p.kind is PersonKind.NATURAL},
    )
    assert same(company, "long_name", {p.id for p in company.persons if len(p.last_name or "") > 40})


def test_the_defects_of_units_and_rents_are_the_only_ones(company: Company) -> None:
    units = {u.id: u for u in company.units}
    ordinary = re.compile(r"Erdgeschoss|\d+\. Obergeschoss")
    assert same(
        company,
        "floor_text",
        {u.id for u in company.units if u.floor_raw and not ordinary.fullmatch(u.floor_raw)},
    )
    assert same(
        company, "usage_unknown", {u.id for u in company.units if u.usage_raw not in names.USAGE_CLASSES}
    )
    assert all(names.USAGE_CLASSES.get(u.usage_raw, UsageClass.OTHER) is u.usage for u in company.units)
    sums: Counter[str] = Counter()
    for item in company.rent_items:
        net = item.category in (RentCategory.NETTOKALTMIETE, RentCategory.PARKING)
        if net and (item.valid_to is None or item.valid_to >= company.today):
            sums[item.lease_id] += int(item.amount_net * 100)
    wrong = {
        x.id for x in running(company) if sums[x.id] != int((units[x.unit_id].target_rent_net or 0) * 100)
    }
    assert same(company, "rent_mismatch", wrong)
    everybody = tenants(company)
    held = Counter(p.id for found in everybody.values() for p in found)
    alone = {
        x.id
        for x in running(company)
        if units[x.unit_id].usage is UsageClass.PARKING and held[everybody[x.id][0].id] == 1
    }
    assert same(company, "parking_only", alone)


def test_the_numbers_of_defects_follow_the_size() -> None:
    for units, n in ((60, 1), (250, 2), (1_000, 5)):
        counts = {key: len(ids) for key, ids in build_company(units, 2, TODAY).defects.items()}
        single = [key for key, text in DEFECTS.items() if text.endswith(": n")]
        assert len(single) >= 10
        assert {counts[key] for key in single} == {n}
        assert {counts[k] for k in ("email_shared", "lease_number_repeated", "birth_date_shared")} == {2 * n}


def test_ticket_categories_hold_an_inactive_one_and_active_ones_with_mandatory_features() -> None:
    company = build_company(60, 1, TODAY)
    categories = {c.id: c for c in company.ticket_categories}
    assert [categories[i].active for i in company.defects["category_inactive"]] == [False]
    offenders = {c.id for c in categories.values() if c.mandatory_features and c.active}
    assert same(company, "category_with_mandatory_feature", offenders)
    assert all(c.parent is None or c.parent in categories for c in categories.values())
