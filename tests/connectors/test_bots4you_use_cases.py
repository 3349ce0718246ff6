"""What Bots4You shall hold of an ERP's data: who is sent, who is skipped and why, how fields are spelt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bots4you.mapping import TENANT_MAPPING
from connectors.bots4you.use_cases import (
    MASTER_DATA,
    TICKET_CATEGORIES,
    MasterDataSettings,
    TicketCategorySettings,
    desired_tenants,
)
from connectors.contract import Deletes, Direction, Kind, Record, Scope, Skipped
from connectors.housing import Entity, LeaseStatus, PersonKind, Role, TicketCategory
from connectors.ids import build, parse
from connectors.problems import Failure, Trouble
from connectors.sandbox.company import build_company
from connectors.spelling import phone, phones, text, unit_label
from tests.connectors.bots4you_erp import TODAY, Erp, lease, mandant, person, role, spoken, unit

SETTINGS = MasterDataSettings(separator="/", mandanten=("10",))


async def desired(
    records: Iterable[Entity], settings: MasterDataSettings = SETTINGS
) -> tuple[dict[str, Record], list[Skipped]]:
    """Records by id, and what is skipped."""
    erp = Erp([*records, *map(mandant, settings.scope.mandanten or ())])
    found = [x async for x in desired_tenants(erp, settings, today=TODAY)]
    sent = {x.id: x for x in found if isinstance(x, Record)}
    skipped = [x for x in found if isinstance(x, Skipped)]
    assert len(sent) + len(skipped) == len(found)
    return sent, skipped


async def skip(records: Iterable[Entity], settings: MasterDataSettings = SETTINGS) -> tuple[str, str]:
    """Rule and reason of the only answer, a skip."""
    sent, skipped = await desired(records, settings)
    assert (len(sent), len(skipped)) == (0, 1)
    return skipped[0].rule, spoken([skipped[0].reason])[0]


async def test_a_tenant_with_a_running_lease_becomes_one_record_with_every_field() -> None:
    born = person(born=date(1980, 4, 2))
    sent, skipped = await desired([unit(), lease(), born, role()], replace(SETTINGS, birth_date=True))
    assert skipped == []
    assert sent["10/0042/700815"].fields == {
        "clientNumber": "10",
        "contractNumber": "0042",
        "contractStatus": "AKTIV",
        "contractStart": date(2019, 5, 1),
        "contractEnd": None,
        "isMainTenant": True,
        "salutation": None,
        "firstName": "Erika",
        "lastName": "Muster",
        "companyName": None,
        "birthDate": date(1980, 4, 2),
        "phoneNumbers": ("+4940123456",),
        "email": "e.muster@example.org",
        "street": "Lindenweg",
        "houseNumber": "7a",
        "postalCode": "20095",
        "city": "Hamburg",
        "unitLabel": "3. Etage, links",
        "language": None,
        "unitId": "10/00123/004/0050",
    }


@pytest.mark.parametrize("birth_date", [True, False])
async def test_the_mapping_in_force_names_exactly_the_fields_in_their_order(birth_date: bool) -> None:
    settings = replace(SETTINGS, birth_date=birth_date)
    (mapping,) = MASTER_DATA.mappings(settings)
    sent, _ = await desired([unit(), lease(), person(born=date(1980, 4, 2)), role()], settings)
    assert list(sent["10/0042/700815"].fields) == [f.name for f in mapping.fields]
    assert ("birthDate" in sent["10/0042/700815"].fields) is birth_date
    assert all(f.rule and f.source for f in mapping.fields)
    assert next(f for f in TENANT_MAPPING.fields if f.name == "phoneNumbers").kind is Kind.LIST


async def test_every_tenant_of_every_running_lease_has_a_record_of_its_own() -> None:
    sent, skipped = await desired(
        [
            unit(), unit("u2", "0051"), lease(), lease("l2", "0043", unit_id="u2"),
            person(), person("p2", "700816"),
            role(), role("r2", "l1", "p2", kind=Role.CO_TENANT, rank=2), role("r3", "l2", "p1"),
        ]
    )  # fmt: skip
    assert {id_: r.fields["isMainTenant"] for id_, r in sent.items()} == {
        "10/0042/700815": True,
        "10/0042/700816": False,
        "10/0043/700815": True,
    }
    assert skipped == []


async def test_with_two_main_tenants_the_lowest_rank_counts() -> None:
    records = [
        unit(),
        lease(),
        person(),
        person("p2", "700816"),
        role(rank=2),
        role("r2", "l1", "p2", rank=1),
    ]
    sent, _ = await desired(records)
    assert [id_ for id_, r in sent.items() if r.fields["isMainTenant"]] == ["10/0042/700816"]


async def test_who_stands_in_a_lease_twice_is_sent_once_as_main_tenant() -> None:
    twice = [role("r0", kind=Role.CO_TENANT), role("r1"), role("r2", kind=Role.CO_TENANT)]
    sent, skipped = await desired([unit(), lease(), person(), *twice])
    assert [r.fields["isMainTenant"] for r in sent.values()] == [True]
    assert skipped == []


@pytest.mark.parametrize(
    "records",
    [
        [lease(status=LeaseStatus.ENDED), role()],
        [lease(status=LeaseStatus.DRAFT), role()],
        [lease(end=TODAY - timedelta(days=1)), role()],
        [replace(lease(), is_vacancy=True), role()],
        [lease(where="20"), role()],
        [lease(), role(kind=Role.GUARANTOR)],
        [lease(), role(kind=Role.FORMER)],
        [lease(), role(until=TODAY - timedelta(days=1))],
    ],
)
async def test_who_is_no_tenant_of_a_running_lease_in_scope_is_not_mentioned(records: list[Entity]) -> None:
    assert await desired([unit(), person(), *records]) == ({}, [])


async def test_a_lease_that_ends_today_is_still_running() -> None:
    given_notice = lease(status=LeaseStatus.NOTICE_GIVEN, end=TODAY)
    sent, _ = await desired([unit(), given_notice, person(), role()])
    assert sent["10/0042/700815"].fields["contractStatus"] == "GEKUENDIGT"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([unit(), lease(number=" "), person(), role()], ("B3", "contract_number_missing")),
        ([unit(), lease(), role()], ("B3", "person_missing")),
        ([lease(), person(), role()], ("B3", "unit_missing")),
        ([unit(), person(), role()], ("B3", "lease_missing")),
        ([unit(), lease(), person(number=""), role()], ("C2", "empty_partner")),
        ([unit(building=""), lease(), person(), role()], ("C2", "empty_building")),
        ([unit(number=""), lease(), person(), role()], ("C2", "empty_unit")),
        ([replace(unit(), economic_unit=""), lease(), person(), role()], ("C2", "empty_economic_unit")),
        ([unit(where=""), lease(), person(), role()], ("C2", "empty_mandant")),
        ([unit(), lease(number="00/42"), person(), role()], ("C1", "separator_in_contract")),
        ([unit(), lease(), person(number="70/1"), role()], ("C1", "separator_in_partner")),
        ([unit(number="1/2"), lease(), person(), role()], ("C1", "separator_in_unit")),
        ([unit(building="1/2"), lease(), person(), role()], ("C1", "separator_in_building")),
        (
            [replace(unit(), economic_unit="/"), lease(), person(), role()],
            ("C1", "separator_in_economic_unit"),
        ),
    ],
)
async def test_what_cannot_be_sent_is_skipped_with_its_rule(
    records: list[Entity], expected: tuple[str, str]
) -> None:
    assert await skip(records) == expected


async def test_a_mandant_that_holds_the_separator_is_skipped() -> None:
    settings = MasterDataSettings(separator="-", mandanten=("1-0",))
    records = [unit(where="1-0"), lease(where="1-0"), person(), role()]
    assert await skip(records, settings) == ("C1", "separator_in_mandant")


async def test_a_skip_names_the_number_and_carries_what_scopes_need() -> None:
    _, (skipped,) = await desired([unit(), lease(number="00/42"), person(), role()])
    assert skipped.reason.args["number"] == "00/42"
    assert skipped.fields == {"clientNumber": "10", "contractNumber": "00/42"}
    assert "Muster" not in repr(skipped)


async def test_an_erp_without_buildings_leaves_them_out_of_the_unit_id() -> None:
    settings = replace(SETTINGS, unit_parts=("mandant", "economic_unit", "unit"))
    sent, _ = await desired([unit(building=""), lease(), person(), role()], settings)
    assert sent["10/0042/700815"].fields["unitId"] == "10/00123/0050"


async def test_only_the_configured_mandanten_are_read() -> None:
    erp = Erp([unit(), lease(), person(), role(), mandant("020")])
    assert [x async for x in desired_tenants(erp, replace(SETTINGS, mandanten=("10", " 020 ")), today=TODAY)]
    assert {scope for _, scope in erp.reads} == {Scope(frozenset({"10", "020"}))}
    assert Counter(entity for entity, _ in erp.reads).most_common(1)[0][1] == 1
    everything = Erp([])
    assert not [x async for x in desired_tenants(everything, replace(SETTINGS, mandanten="all"), today=TODAY)]
    assert {scope for _, scope in everything.reads} == {Scope()}


async def test_a_mandant_that_the_erp_does_not_know_is_an_error_and_no_empty_plan() -> None:
    erp = Erp([unit(), lease(), person(), role(), mandant()])
    with pytest.raises(Failure, match="unknown_mandant at 1O, 30") as raised:
        _ = [
            x
            async for x in desired_tenants(erp, replace(SETTINGS, mandanten=("10", "30", "1O")), today=TODAY)
        ]
    assert raised.value.problem.trouble is Trouble.CONFIG


async def test_a_known_mandant_may_have_no_tenants() -> None:
    assert await desired([], SETTINGS) == ({}, [])


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"separator": "+", "mandanten": ("10",)}, "separator"),
        ({"separator": "", "mandanten": ("10",)}, "separator"),
        ({"separator": "/", "mandanten": ()}, "mandanten"),
        ({"separator": "/", "mandanten": ("10", " ")}, "mandanten"),
        ({"separator": "/", "mandanten": "10"}, "mandanten"),
        ({"separator": "/", "mandanten": "all", "authentication": ("shoe_size",)}, "authentication"),
        ({"separator": "/", "mandanten": "all", "unit_parts": ()}, "unit_parts"),
        ({"separator": "/", "mandanten": "all", "unit_parts": ("room",)}, "unit_parts"),
        ({"separator": "/", "mandanten": "all", "owner": "me"}, "owner"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_by_name(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        MasterDataSettings(**settings)


def test_only_an_id_of_a_configured_mandant_counts_as_ours() -> None:
    def ours(id_: str, settings: MasterDataSettings = SETTINGS, entity: str = "tenant") -> bool:
        return MASTER_DATA.owns(entity, id_, settings)

    assert ours("10/0042/700815")
    assert not any(
        map(ours, ("20/0042/700815", "10/0042", "10/0042/7/8", "10//7", "10-0042-7", "10/ 42/7", ""))
    )
    assert not ours("10/0042/700815", entity="ticket_category")
    assert not ours("10/0042/700815", replace(SETTINGS, mandanten="all"))
    assert not TICKET_CATEGORIES.owns("ticket_category", "10", TicketCategorySettings())


async def test_only_active_ticket_categories_are_sent() -> None:
    erp = Erp(
        [
            TicketCategory(id="1", code="HZ", label=" Heizung ", parent="10"),
            TicketCategory(id="2", code="ALT", label="Alt", active=False),
            TicketCategory(id="3", code=" ", label="Ohne"),
        ]
    )
    found = [x async for x in TICKET_CATEGORIES.desired(erp, TicketCategorySettings())]
    assert found[0] == Record(
        "ticket_category", "HZ", {"name": "Heizung", "kind": "ANLIEGEN", "parent": "10", "active": True}
    )
    assert [spoken([x.reason]) for x in found[1:] if isinstance(x, Skipped)] == [["category_code_missing"]]
    assert len(found) == 2


def test_both_flows_go_to_bots4you_and_delete_only_what_is_owned() -> None:
    for use_case in (MASTER_DATA, TICKET_CATEGORIES):
        assert use_case.direction is Direction.TO_PARTNER
        assert use_case.deletes is Deletes.OWNED
    (mapping,) = MASTER_DATA.mappings(SETTINGS)
    assert set(MASTER_DATA.scopes.values()) <= {f.name for f in mapping.fields}


async def test_the_seeded_company_skips_its_planted_defects_and_nothing_else() -> None:
    company = build_company(240, 7, TODAY)
    kinds = ("unit", "lease", "person", "tenant_role")
    records = [record for kind in kinds for record in company.records(kind)]
    settings = replace(SETTINGS, mandanten=tuple(m.number for m in company.mandanten))
    sent, skipped = await desired(records, settings)
    tenants = [
        r
        for r in company.tenant_roles
        if r.tenant(TODAY) and next(x for x in company.leases if x.id == r.lease_id).running(TODAY)
    ]
    assert len(sent) + len(skipped) == len({(r.lease_id, r.person_id) for r in tenants})
    reasons = Counter(spoken(x.reason for x in skipped))
    assert set(reasons) == {
        "contract_number_missing", "separator_in_contract", "separator_in_partner", "empty_building",
    }  # fmt: skip
    for why, defect in (("contract", "lease"), ("partner", "partner")):
        assert reasons[f"separator_in_{why}"] == len(company.defects[f"separator_in_{defect}_number"])
    leases = {x.reason.args["lease"] for x in skipped if x.rule == "B3"}
    assert leases == set(company.defects["lease_number_missing"])
    assert not any(isinstance(v, str) and v != v.strip() for r in sent.values() for v in r.fields.values())


@given(st.lists(st.text(max_size=4), min_size=3, max_size=3), st.sampled_from("-_./|"))
def test_an_id_can_be_taken_apart_again_or_is_not_built(parts: list[str], separator: str) -> None:
    mandant, contract, partner = parts
    try:
        id_ = build(separator, mandant=mandant, contract=contract, partner=partner)
    except ValueError:
        return
    found = parse(separator, id_, 3)
    assert found is not None
    assert build(separator, mandant=found[0], contract=found[1], partner=found[2]) == id_


@pytest.mark.parametrize(
    ("raw", "spelt"),
    [
        ("040/123 45-6", "+4940123456"),
        ("(040) 12 34 56", "+4940123456"),
        ("+49 (0)40 123456", "+4940123456"),
        ("+49 040 123456", "+4940123456"),
        ("0049 40 123456", "+4940123456"),
        ("0171\u00a01234567", "+491711234567"),
        ("+43 1 234567", "+431234567"),
        ("+43 (0) 1 234567", "+431234567"),
        ("123456", None),
        ("0171 1234567 privat", None),
        ("040/12345678, 0171/1234567", None),
        ("\u0660\u0664\u0660123456", None),
        ("", None),
        ("+", None),
    ],
)
def test_telephone_numbers_become_e164_or_stay_out(raw: str, spelt: str | None) -> None:
    assert phone(raw) == spelt


@given(st.one_of(st.text(), st.text("0123456789+()/- .")))
def test_normalising_a_telephone_number_never_fails_and_is_final(raw: str) -> None:
    number = phone(raw)
    if number is not None:
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", number)
        assert phone(number) == number
    assert phones((raw, raw)) == ((number,) if number else ())


@given(st.one_of(st.none(), st.text()))
def test_normalising_a_text_never_fails_and_is_final(raw: str | None) -> None:
    once = text(raw)
    assert once != ""
    assert text(once) == once


def test_a_position_that_the_floor_already_holds_is_not_repeated() -> None:
    assert unit_label(replace(unit(), floor_raw="3. Etage, links")) == "3. Etage, links"
    assert unit_label(replace(unit(), floor_raw=None)) == "links"
    assert unit_label(replace(unit(), floor_raw="EG", position=None)) == "EG"
    assert unit_label(replace(unit(), floor_raw=" ", position="")) is None
    assert unit_label(replace(unit(), floor_raw="3. Etage", position="3")) == "3. Etage, 3"


async def test_a_company_is_sent_with_its_name_and_without_birth_date() -> None:
    firm = replace(
        person(), kind=PersonKind.LEGAL, first_name=None, last_name=None, company_name=" Muster  GmbH "
    )
    sent, _ = await desired([unit(), lease(), firm, role()])
    assert sent["10/0042/700815"].fields["companyName"] == "Muster GmbH"
