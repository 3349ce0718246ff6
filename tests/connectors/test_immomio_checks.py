"""What Immomio's checks find in an ERP's data and in what Immomio shows: exact counts, never a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.agreed import NO_BUILDING
from connectors.contract import CheckContext, Finding, Text, Verdict
from connectors.housing import Entity, Person, Role
from connectors.immomio import checks, checks_letting
from connectors.immomio.checks import CHECKS
from connectors.immomio.documents import DOCUMENTS
from connectors.immomio.entities import VACANCY_MAPPING
from connectors.immomio.master_data import MASTER_DATA
from connectors.immomio.prospects import PROSPECTS
from connectors.immomio.settings import MasterDataSettings, VacancySettings
from connectors.immomio.vacancies import VACANCIES
from connectors.letting import ErpUser
from connectors.rules import rule
from connectors.sandbox.company import build_company
from connectors.texts import LANGUAGES, template
from tests.connectors import bots4you_erp as plain
from tests.connectors.bots4you_erp import lease, person, role, spoken
from tests.connectors.immomio_erp import (
    TODAY,
    Erp,
    building,
    connector,
    economic_unit,
    house,
    mandant,
    of_company,
    unit,
    vacancy,
)

SETTINGS = MasterDataSettings(separator="/", mandanten=("10",))
LETTING = VacancySettings(separator="/", mandanten=("10",))
COMPANY = build_company(240, 7, TODAY)
ALL = replace(SETTINGS, mandanten="all")
ALL_LETTING = replace(LETTING, mandanten="all")


def shown(finding: Finding) -> list[str]:
    """The codes of evidence and details, all of which can be shown, and none of which names a person."""
    assert "Muster" not in repr(finding)
    assert "@" not in repr(finding)
    return spoken((finding.evidence, *finding.details))


def args(texts: tuple[Text, ...], name: str) -> list[str | int]:
    return [text.args[name] for text in texts]


# --- master data ------------------------------------------------------------------------------------------


async def test_a_mandant_unknown_to_the_erp_fails() -> None:
    finding = await checks.mandanten(Erp(house()), replace(SETTINGS, mandanten=("10", "1O")))
    assert (finding.key, finding.verdict, finding.count) == ("immomio.mandanten", Verdict.FAIL, 1)
    assert shown(finding) == ["mandanten_unknown", "mandant_unknown"]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (economic_unit(number="1/2"), "separator_in_economic_unit"),
        (building(number="1/2"), "separator_in_building"),
        (unit(number="1/2"), "separator_in_unit"),
        (lease(number="1/2"), "separator_in_contract"),
        (person(number="1/2"), "separator_in_partner"),
    ],
)
async def test_a_separator_inside_any_number_fails_and_only_what_immomio_takes_is_proposed(
    record: Entity, code: str
) -> None:
    records = [record if one.NAME == record.NAME else one for one in house()]
    finding = await checks.separator(Erp(records), SETTINGS, today=TODAY)
    assert finding.verdict is Verdict.FAIL
    assert code in shown(finding)
    assert finding.evidence.args["safe"] == "."


async def test_numbers_that_build_one_id_are_named_per_entity() -> None:
    twice: list[Entity] = [
        economic_unit("e2"), building("b2"), unit("u2"), lease("l2"), person("p2"), role("r2", "l2", "p2"),
    ]  # fmt: skip
    finding = await checks.separator(Erp([*house(), *twice]), SETTINGS, today=TODAY)
    assert sorted(shown(finding)[1:]) == [
        "collision_building",
        "collision_contract",
        "collision_economic_unit",
        "collision_tenant",
        "collision_unit",
    ]
    assert (await checks.separator(Erp(house()), SETTINGS, today=TODAY)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("former", "owned", "verdict"), [(None, 5, Verdict.OK), ({"separator": "."}, 5, Verdict.FAIL)]
)
async def test_a_changed_separator_fails_once_records_were_sent(
    former: Mapping[str, Any] | None, owned: int, verdict: Verdict
) -> None:
    for check, settings in ((checks, SETTINGS), (checks_letting, LETTING)):
        context = CheckContext(None, None, settings, former, owned)
        finding = await check.separator_changed(context)
        assert finding.verdict is verdict
        assert shown(finding)


@dataclass(frozen=True)
class OtherSettings:
    """Settings of another partner, perhaps with a separator."""

    separator: str


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        ({}, Verdict.OK),
        ({("immomio", "vacancies"): LETTING, ("bots4you", "master-data"): OtherSettings("/")}, Verdict.OK),
        ({("immomio", "vacancies"): replace(LETTING, separator=".")}, Verdict.FAIL),
        ({("bots4you", "master-data"): OtherSettings(".")}, Verdict.FAIL),
        ({("immomio", "vacancies"): replace(LETTING, unit_parts=NO_BUILDING)}, Verdict.FAIL),
        ({("bots4you", "ticket-categories"): SimpleNamespace(owner="hub")}, Verdict.OK),
    ],
)
async def test_all_use_cases_of_the_customer_must_build_their_ids_alike(
    others: dict[tuple[str, str], Any], verdict: Verdict
) -> None:
    siblings = {("immomio", "master-data"): SETTINGS, **others}
    finding = await checks.ids_join(CheckContext(None, None, None, siblings=siblings))
    assert finding.verdict is verdict
    assert len(shown(finding)) == (1 if verdict is Verdict.OK else 1 + len(siblings))


@pytest.mark.parametrize(
    ("agreed", "connection", "verdict"),
    [
        ("newest", "newest", Verdict.OK),
        ("source", "source", Verdict.OK),
        ("newest", "source", Verdict.FAIL),
        ("source", None, Verdict.OK),
    ],
)
async def test_the_page_version_is_one_for_connection_and_use_case(
    agreed: Any, connection: str | None, verdict: Verdict
) -> None:
    options = SimpleNamespace(page_version=connection) if connection else None
    context = CheckContext(None, None, replace(SETTINGS, page_version=agreed), options=options)
    finding = await checks.page_version(context)
    assert finding.verdict is verdict
    assert shown(finding)


async def test_units_are_counted_by_kind_and_usage_types_in_no_list_are_named() -> None:
    usages = ["Wohnung", "Wohnung", "Laden", "Garage", "Bunker", "Bunker", "Lager", ""]
    units = [unit(f"u{n}", f"{n}", usage) for n, usage in enumerate(usages)]
    finding = await checks.usage_types(Erp(units), SETTINGS)
    assert (finding.verdict, finding.count) == (Verdict.WARN, 4)
    assert shown(finding) == ["usage_types", "usage_unlisted", "usage_empty", "usage_unlisted"]
    assert [(d.args["usage"], d.args["count"]) for d in finding.details] == [
        ("Bunker", 2),
        ("", 1),
        ("Lager", 1),
    ]
    assert {k: finding.evidence.args[k] for k in ("flat", "commercial", "garage", "types")} == {
        "flat": 2, "commercial": 1, "garage": 1, "types": 3,
    }  # fmt: skip
    assert (await checks.usage_types(Erp(units[:4]), SETTINGS)).verdict is Verdict.OK


async def test_tenants_without_a_valid_address_are_counted_once() -> None:
    records = [replace(one, emails=()) if isinstance(one, Person) else one for one in house()]
    records += [unit("u2", "0051"), lease("l2", "0043", unit_id="u2"), role("r2", "l2")]
    finding = await checks.tenants_without_email(Erp(records), SETTINGS, today=TODAY)
    assert (finding.verdict, finding.count, finding.evidence.args["tenants"]) == (Verdict.WARN, 1, 1)
    assert shown(finding) == ["tenants_without_email", "email_missing"]
    assert (await checks.tenants_without_email(Erp(house()), SETTINGS, today=TODAY)).verdict is Verdict.OK


async def test_tenants_who_share_an_address_are_warned_of_whatever_its_case() -> None:
    other = replace(person("p2", "700816"), emails=("E.Muster@example.org",))
    records = [*house(), other, role("r2", "l1", "p2", kind=Role.CO_TENANT)]
    finding = await checks.shared_email(Erp(records), SETTINGS, today=TODAY)
    assert (finding.verdict, finding.count, finding.evidence.args["addresses"]) == (Verdict.WARN, 2, 1)
    assert args(finding.details, "partner") == ["700815", "700816"]
    assert shown(finding) == ["emails_shared", "email_shared", "email_shared"]
    assert (await checks.shared_email(Erp(house()), SETTINGS, today=TODAY)).verdict is Verdict.OK


async def test_leases_need_one_main_tenant() -> None:
    records = [*house(), unit("u2", "0051"), lease("l2", "0043", unit_id="u2")]
    finding = await checks.main_tenant(Erp(records), SETTINGS, today=TODAY)
    assert (finding.rules, finding.verdict, finding.count) == (("I9",), Verdict.WARN, 1)
    assert shown(finding) == ["main_tenant_bad", "no_main_tenant"]


@pytest.mark.parametrize(
    ("users", "verdict", "code"),
    [
        ([ErpUser(id="1", name="IMMOMIO")], Verdict.OK, "erp_user"),
        ([ErpUser(id="1", name="Immomio ")], Verdict.OK, "erp_user"),
        ([ErpUser(id="1", name="IMMOMIO", active=False)], Verdict.FAIL, "erp_user_inactive"),
        ([ErpUser(id="1", name="IMMOMIO2")], Verdict.FAIL, "erp_user_missing"),
        ([], Verdict.FAIL, "erp_user_missing"),
    ],
)
async def test_the_erp_needs_the_user_of_the_integration(
    users: list[ErpUser], verdict: Verdict, code: str
) -> None:
    finding = await checks.erp_user(Erp(users), SETTINGS)
    assert (finding.verdict, shown(finding)) == (verdict, [code])


async def test_the_seeded_company_yields_exactly_its_defects() -> None:
    erp = Erp(of_company(COMPANY))
    defects = {key: set(ids) for key, ids in COMPANY.defects.items()}
    lists = await checks.usage_types(erp, ALL)
    lager = {u.id for u in COMPANY.units if u.usage_raw == "Lager"}
    assert lists.count == len(defects["usage_unknown"] | lager)
    silent = await checks.tenants_without_email(erp, ALL, today=TODAY)
    assert silent.count == len(defects["tenant_without_email"] - defects["separator_in_partner_number"])
    assert (await checks.shared_email(erp, ALL, today=TODAY)).count == len(defects["email_shared"])
    mains = await checks.main_tenant(erp, ALL, today=TODAY)
    assert mains.count == sum(
        len(defects[key]) for key in ("lease_without_main_tenant", "lease_with_two_main_tenants")
    )


# --- vacancies --------------------------------------------------------------------------------------------


async def test_two_vacancies_of_one_unit_build_one_id() -> None:
    finding = await checks_letting.separator(Erp([vacancy(), vacancy("v2")]), LETTING)
    assert (finding.verdict, shown(finding)) == (Verdict.FAIL, ["separator_unsafe", "collision_vacancy"])
    assert (await checks_letting.separator(Erp([vacancy()]), LETTING)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("states", "lacks", "release", "verdict", "code"),
    [
        ((True, True), (), "required", Verdict.OK, "release_required"),
        ((True, False, None), (), "required", Verdict.WARN, "release_required"),
        ((True, False), (), "ignored", Verdict.WARN, "release_ignored"),
        ((None, None), ("released",), "required", Verdict.FAIL, "release_not_supplied_required"),
        ((None, None), (), "required", Verdict.FAIL, "release_not_supplied_required"),
        ((None,), ("released",), "ignored", Verdict.OK, "release_not_supplied_ignored"),
        ((), (), "required", Verdict.OK, "release_required"),
    ],
)
async def test_the_release_is_reported_and_where_it_is_unknown_the_setting_decides(
    states: tuple[bool | None, ...], lacks: tuple[str, ...], release: Any, verdict: Verdict, code: str
) -> None:
    records = [vacancy(f"v{n}", f"{n}", released=state) for n, state in enumerate(states)]
    finding = await checks_letting.release(Erp(records, lacks), replace(LETTING, release=release))
    assert finding.verdict is verdict
    assert shown(finding)[0] == code


async def test_rents_that_are_missing_zero_or_negative_are_told_apart() -> None:
    rents = [None, Decimal(0), Decimal("-1"), Decimal("500")]
    erp = Erp([vacancy(f"v{n}", f"{n}", net_cold_rent=rent) for n, rent in enumerate(rents)])
    finding = await checks_letting.rents(erp, LETTING)
    assert (finding.verdict, finding.count) == (Verdict.FAIL, 3)
    assert shown(finding) == ["rents_bad", "rent_of_negative", "rent_of_missing", "rent_of_zero_send"]
    assert args(finding.details, "id") == ["10/00123/004/2", "10/00123/004/0", "10/00123/004/1"]
    assert (
        shown(await checks_letting.rents(erp, replace(LETTING, zero_rent="skip")))[-1] == "rent_of_zero_skip"
    )
    zero = await checks_letting.rents(Erp([vacancy(net_cold_rent=Decimal("0.00"))]), LETTING)
    assert zero.verdict is Verdict.WARN
    assert (await checks_letting.rents(Erp([vacancy()]), LETTING)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("given_", "wrong"),
    [
        ({}, False),
        ({"total_rent": Decimal("650.01")}, False),
        ({"total_rent": Decimal("650.02")}, True),
        ({"total_rent": None}, False),
        ({"heating_included": False}, True),
        ({"heating_included": False, "total_rent": Decimal("590.00")}, False),
        ({"heating_included": None}, False),
        ({"heating_included": None, "total_rent": Decimal("590.00")}, False),
        ({"heating_included": None, "total_rent": Decimal("600.00")}, True),
        ({"heating_costs": None}, False),
        ({"surcharges": Decimal("10.00")}, True),
        ({"surcharges": Decimal("10.00"), "total_rent": Decimal("660.00")}, False),
        ({"net_cold_rent": None}, False),
    ],
)
async def test_a_total_rent_that_is_not_the_sum_of_its_parts_is_a_finding(
    given_: dict[str, Any], wrong: bool
) -> None:
    finding = await checks_letting.rent_sums(Erp([vacancy(**given_)]), LETTING)
    assert (finding.verdict is Verdict.WARN, finding.count) == (wrong, int(wrong))
    assert shown(finding) == (["rent_sums_bad", "rent_sum"] if wrong else ["rent_sums_good"])


async def test_the_seeded_vacancies_yield_exactly_their_defects() -> None:
    erp = Erp(of_company(COMPANY))
    defects = {key: set(ids) for key, ids in COMPANY.defects.items()}
    rents = await checks_letting.rents(erp, ALL_LETTING)
    assert {key: rents.evidence.args[key] for key in ("missing", "zero", "negative")} == {
        "missing": len(defects["vacancy_without_net_rent"]),
        "zero": len(defects["vacancy_net_rent_zero"]),
        "negative": len(defects["vacancy_net_rent_negative"]),
    }
    sums = await checks_letting.rent_sums(erp, ALL_LETTING)
    wrong = {"vacancy_rent_sum_mismatch"}
    assert sums.count == sum(len(defects[key]) for key in wrong)
    usage = await checks_letting.usage(erp, ALL_LETTING)
    lager = {v.id for v in COMPANY.vacancies if v.usage_raw == "Lager"}
    assert usage.count == len(defects["vacancy_usage_unknown"] | lager)
    release = await checks_letting.release(erp, ALL_LETTING)
    assert release.count == len(defects["vacancy_not_released"])


# --- all of them ------------------------------------------------------------------------------------------


async def test_without_an_erp_a_person_has_to_tell() -> None:
    alone = {"immomio.separator_changed", "immomio.vacancy_separator_changed", "immomio.page_version"}
    alone |= {"immomio.document_separator_changed", "immomio.document_tenants"}
    for check in CHECKS:
        if check.use_case is not None and check.key not in alone:
            settings: Any = SETTINGS if check.use_case == MASTER_DATA.key else LETTING
            finding = await check.run(CheckContext(None, None, settings))
            assert (finding.verdict, shown(finding)) == (Verdict.MANUAL, ["no_source"])


async def test_an_erp_without_users_or_vacancies_leaves_those_checks_to_a_person() -> None:
    by_key = {check.key: check for check in CHECKS}
    modest = plain.Erp([mandant()])
    user = await by_key["immomio.erp_user"].run(CheckContext(modest, None, SETTINGS))
    assert (user.verdict, shown(user)) == (Verdict.MANUAL, ["no_users"])
    for key in ("immomio.rents", "immomio.rent_sums", "immomio.release", "immomio.comparison"):
        finding = await by_key[key].run(CheckContext(modest, None, LETTING))
        assert (finding.verdict, shown(finding)) == (Verdict.MANUAL, ["no_vacancies"])


async def test_every_check_answers_under_its_own_key_and_a_known_rule() -> None:
    erp, target = Erp([*house(), vacancy()]), connector()
    assert len({check.key for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert all(rule(one) for one in check.rules)
        assert check.use_case in (None, MASTER_DATA.key, VACANCIES.key, PROSPECTS.key, DOCUMENTS.key)
        settings = LETTING if check.use_case == VACANCIES.key else SETTINGS
        finding = await check.run(CheckContext(erp, target, settings))
        assert (finding.key, finding.rules) == (check.key, check.rules)
        assert shown(finding)


def test_every_field_has_a_name_in_both_languages() -> None:
    for mapping in (VACANCY_MAPPING, *MASTER_DATA.mappings(SETTINGS)):
        for one in mapping.fields:
            assert all(template(f"immomio.field_{one.name}", language) for language in LANGUAGES)
