"""What Bots4You's checks find in an ERP's data before anything is sent: exact counts, never a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from connectors.bots4you import checks
from connectors.bots4you.checks import CHECKS
from connectors.bots4you.use_cases import MASTER_DATA, MasterDataSettings
from connectors.contract import CheckContext, Finding, Verdict
from connectors.findings import SHOWN
from connectors.housing import Entity, Role
from connectors.ids import SEPARATORS
from connectors.rules import rule
from connectors.sandbox.company import build_company
from connectors.sandbox.company_model import Company
from tests.connectors.bots4you_erp import TODAY, Erp, lease, mandant, person, role, spoken, unit

SETTINGS = MasterDataSettings(separator="/", mandanten=("10",))
BOTH = replace(SETTINGS, mandanten=("10", "20"))

separator = partial(checks.separator, today=TODAY)
contract_numbers = partial(checks.contract_numbers, today=TODAY)
caller_authentication = partial(checks.caller_authentication, today=TODAY)
main_tenant = partial(checks.main_tenant, today=TODAY)


def shown(finding: Finding) -> list[str]:
    """The codes of evidence and details, all of which can be shown, and none of which names a person."""
    assert "Muster" not in repr(finding)
    assert "Erika" not in repr(finding)
    return spoken((finding.evidence, *finding.details))


def seeded() -> tuple[Company, Erp, MasterDataSettings]:
    """The seeded company as an ERP, with all its Mandanten configured."""
    company = build_company(240, 7, TODAY)
    kinds = ("mandant", "unit", "lease", "person", "tenant_role")
    erp = Erp(record for kind in kinds for record in company.records(kind))
    return company, erp, replace(SETTINGS, mandanten=tuple(m.number for m in company.mandanten))


async def test_a_mandant_unknown_to_the_erp_fails_by_its_number() -> None:
    erp = Erp([mandant("10"), mandant("20")])
    finding = await checks.mandanten(erp, replace(SETTINGS, mandanten=("10", "020", "30")))
    assert (finding.verdict, finding.count) == (Verdict.FAIL, 2)
    assert shown(finding) == ["mandanten_unknown", "mandant_unknown", "mandant_unknown"]
    assert [text.args["mandant"] for text in finding.details] == ["020", "30"]
    assert (await checks.mandanten(erp, BOTH)).verdict is Verdict.OK
    assert (await checks.mandanten(erp, replace(SETTINGS, mandanten="all"))).verdict is Verdict.OK


async def test_a_separator_inside_numbers_fails_and_the_safe_ones_are_proposed() -> None:
    records = [unit(), lease(number="0012/3.4"), person(number="7_1"), role()]
    finding = await separator(Erp(records), SETTINGS)
    assert finding.verdict is Verdict.FAIL
    assert shown(finding) == ["separator_unsafe", "separator_in_contract"]
    assert finding.details[0].args["number"] == "0012/3.4"
    assert finding.evidence.args["safe"] == "- |"
    assert (await separator(Erp(records), replace(SETTINGS, separator="|"))).verdict is Verdict.OK


async def test_when_no_separator_is_safe_that_is_said() -> None:
    records = [unit(), lease(number="".join(SEPARATORS)), person(), role()]
    assert shown(await separator(Erp(records), SETTINGS))[0] == "separator_none_safe"


async def test_numbers_that_build_one_id_are_named_even_without_a_separator_in_them() -> None:
    records = [
        unit(), unit("u2", "0050"), lease(), lease("l2", "0042", unit_id="u2"), person(), role(),
        role("r2", "l2"),
    ]  # fmt: skip
    finding = await separator(Erp(records), SETTINGS)
    assert (finding.verdict, finding.count) == (Verdict.FAIL, 2)
    assert shown(finding) == ["separator_unsafe", "collision_tenant", "collision_unit"]
    assert finding.details[0].args["id"] == "10/0042/700815"


async def test_parts_that_run_into_each_other_are_a_real_collision() -> None:
    records = [
        unit(), lease("l1", "1/2"), lease("l2", "1"), person("p1", "3"), person("p2", "2/3"), role(),
        role("r2", "l2", "p2"),
    ]  # fmt: skip
    finding = await separator(Erp(records), SETTINGS)
    assert shown(finding)[:2] == ["separator_unsafe", "collision_tenant"]
    assert finding.details[0].args == {"id": "10/1/2/3", "count": 2}


@pytest.mark.parametrize(
    ("former", "owned", "verdict"),
    [
        (None, 5, Verdict.OK),
        ({"separator": "/"}, 5, Verdict.OK),
        ({"separator": "-"}, 0, Verdict.OK),
        ({"separator": "-"}, 5, Verdict.FAIL),
    ],
)
async def test_a_changed_separator_fails_once_records_were_sent(
    former: Mapping[str, Any] | None, owned: int, verdict: Verdict
) -> None:
    finding = await checks.separator_changed(CheckContext(None, None, SETTINGS, former, owned))
    assert finding.verdict is verdict
    assert finding.count == (owned if verdict is Verdict.FAIL else 0)
    assert shown(finding)


async def test_leases_without_a_number_and_numbers_of_two_mandanten_are_counted() -> None:
    records = [
        lease("l1", "1"), lease("l2", "1", where="20"), lease("l3", "2"), lease("l4", "2"),
        lease("l5", " "), lease("l6", "", where="30"), lease("l7", "3", end=date(2020, 1, 1)),
    ]  # fmt: skip
    finding = await contract_numbers(Erp(records), BOTH)
    assert (finding.verdict, finding.count) == (Verdict.WARN, 3)
    assert shown(finding) == [
        "contract_numbers_bad",
        "lease_without_number",
        "number_repeated",
        "number_repeated",
    ]
    assert (await contract_numbers(Erp(records[2:4]), BOTH)).verdict is Verdict.OK


async def test_details_stop_at_fifty_and_the_count_does_not() -> None:
    finding = await contract_numbers(Erp(lease(f"l{n}", "") for n in range(SHOWN + 20)), SETTINGS)
    assert (len(finding.details), finding.count) == (SHOWN, SHOWN + 20)


async def test_callers_without_a_parameter_and_callers_who_are_alike_are_counted_per_mandant() -> None:
    born = date(1980, 4, 2)
    people = [person(f"p{n}", str(n), born=born if n < 4 else None) for n in range(1, 6)]
    records = [
        unit(), unit("u2", where="20"),
        lease("l1", "1"), lease("l2", "2"), lease("l3", "1", where="20", unit_id="u2"),
        *people,
        role("r1", "l1", "p1"),  # shares number 1 and the birth date with r3, in another Mandant
        role("r2", "l2", "p2"),
        role("r3", "l3", "p3"),
        role("r4", "l2", "p4", kind=Role.CO_TENANT),  # no birth date
        role("r5", "l3", "p5", kind=Role.GUARANTOR),  # is not sent
    ]  # fmt: skip
    finding = await caller_authentication(Erp(records), replace(BOTH, birth_date=True))
    assert (finding.verdict, finding.count) == (Verdict.WARN, 3)
    assert shown(finding) == [
        "caller_authentication",
        "callers",
        "callers",
        *["caller_empty"],
        *["caller_shared"] * 2,
    ]
    assert [dict(text.args) for text in finding.details[:2]] == [
        {"mandant": "10", "tenants": 3, "empty": 1, "shared": 1},
        {"mandant": "20", "tenants": 1, "empty": 0, "shared": 1},
    ]
    assert "1980" not in repr(finding)


async def test_another_choice_of_parameters_gives_another_answer() -> None:
    two = [person("p1", "1"), person("p2", "2", last="Beispiel")]
    records = [unit(), lease(), *two, role(), role("r2", "l1", "p2", kind=Role.CO_TENANT)]

    async def concerned(*parameters: str) -> int:
        return (await caller_authentication(Erp(records), replace(SETTINGS, authentication=parameters))).count

    assert await concerned("postal_code", "house_number") == 2
    assert await concerned("postal_code", "last_name") == 0
    assert await concerned("partner_number") == 0
    assert await concerned("phone") == 2
    assert await concerned("email") == 2
    assert await concerned() == 2
    records[1] = lease(number="")  # nobody of this lease is sent, so nobody is asked
    assert await concerned() == 0


async def test_asking_for_a_birth_date_that_is_not_sent_is_a_warning() -> None:
    records = [unit(), lease(), person(born=date(1980, 4, 2)), role()]
    finding = await caller_authentication(Erp(records), SETTINGS)
    assert (finding.verdict, finding.count) == (Verdict.WARN, 0)
    assert "birth_date_not_sent" in shown(finding)
    assert (
        await caller_authentication(Erp(records), replace(SETTINGS, birth_date=True))
    ).verdict is Verdict.OK


async def test_leases_need_exactly_one_main_tenant() -> None:
    records = [
        unit(), lease("l1", "1"), lease("l2", "2"), lease("l3", "3"), lease("l4", "4"),
        role("r1", "l1", "p1"), role("r1b", "l1", "p1", rank=2),  # the same person twice is one
        role("r2", "l2", "p1", kind=Role.CO_TENANT),
        role("r3", "l3", "p1"), role("r4", "l3", "p2", rank=2),
    ]  # fmt: skip
    finding = await main_tenant(Erp(records), SETTINGS)
    assert (finding.verdict, finding.count) == (Verdict.WARN, 3)
    assert shown(finding) == ["main_tenant_bad", "no_main_tenant", "no_main_tenant", "several_main_tenants"]
    assert [text.args["contract"] for text in finding.details] == ["2", "4", "3"]
    assert (await main_tenant(Erp([*records[:2], role("r1", "l1")]), SETTINGS)).verdict is Verdict.OK


async def test_the_seeded_defects_are_found_in_their_known_numbers() -> None:
    company, erp, settings = seeded()

    def planted(*keys: str) -> int:
        return sum(len(company.defects[key]) for key in keys)

    assert (await checks.mandanten(erp, settings)).verdict is Verdict.OK
    assert (await contract_numbers(erp, settings)).count == planted(
        "lease_number_missing", "lease_number_repeated"
    )
    assert (await main_tenant(erp, settings)).count == planted(
        "lease_without_main_tenant", "lease_with_two_main_tenants"
    )
    assert (await separator(erp, settings)).count == planted(
        "separator_in_lease_number", "separator_in_partner_number"
    )
    finding = await caller_authentication(erp, replace(settings, birth_date=True))
    assert finding.evidence.args["shared"] == planted("birth_date_shared")
    assert shown(finding)


async def test_without_an_erp_nothing_counts_as_fine() -> None:
    for check in CHECKS:
        if check.key != "bots4you.separator_changed":
            finding = await check.run(CheckContext(None, None, SETTINGS))
            assert (finding.key, finding.rules, finding.verdict) == (check.key, check.rules, Verdict.MANUAL)
            assert shown(finding) == ["no_source"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.key)
async def test_every_check_keeps_its_name_and_cites_rules_that_exist(check: Any) -> None:
    records: Iterable[Entity] = [mandant(), unit(), lease(), person(), role()]
    finding = await check.run(CheckContext(Erp(records), None, SETTINGS))
    assert (finding.key, finding.rules) == (check.key, check.rules)
    assert check.use_case == MASTER_DATA.key
    assert all(rule(rule_id) for rule_id in finding.rules)
