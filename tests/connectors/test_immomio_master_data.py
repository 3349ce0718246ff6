"""What Immomio shall hold of an ERP's master data: who is sent, who is not and why, what refers to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.agreed import NO_BUILDING
from connectors.contract import Record, Scope, Skipped
from connectors.housing import Entity, Person, Role
from connectors.immomio.master_data import MASTER_DATA, desired_master_data
from connectors.immomio.settings import MasterDataSettings
from connectors.problems import Failure
from connectors.sandbox.company import build_company
from tests.connectors.bots4you_erp import lease, person, role, spoken
from tests.connectors.immomio_erp import (
    KINDS,
    TODAY,
    Erp,
    building,
    connector,
    economic_unit,
    house,
    mandant,
    of_company,
    told,
    unit,
)

SETTINGS = MasterDataSettings(separator="/", mandanten=("10",))
SOURCE = replace(SETTINGS, page_version="source")
COMPANY = build_company(120, 11, TODAY)

Sent = dict[str, dict[str, Record]]


async def desired(
    records: Iterable[Entity], settings: MasterDataSettings = SETTINGS
) -> tuple[Sent, list[Skipped]]:
    return await told(desired_master_data(Erp(records), settings, today=TODAY))


def reasons(skipped: Iterable[Skipped]) -> list[tuple[str, str, str]]:
    """Entity, rule and reason of what is not sent."""
    found = list(skipped)
    codes = spoken(one.reason for one in found)
    return [(one.entity, one.rule, code) for one, code in zip(found, codes, strict=True)]


async def test_a_let_flat_is_sent_with_all_it_hangs_on() -> None:
    sent, skipped = await desired(house())
    assert skipped == []
    address = {"street": "Lindenweg", "houseNumber": "7a", "postalCode": "20095", "city": "Hamburg"}
    nowhere: dict[str, Any] = dict.fromkeys(address)
    of_10 = {"clientNumber": "10"}
    assert {id_: one.fields for id_, one in sent["property"].items()} == {
        "10": of_10
        | {"kind": "CLIENT", "number": "10", "parent": None, "name": "Wohnbau Musterstadt eG"}
        | nowhere
        | {"constructionYear": None},
        "10/00123": of_10
        | {"kind": "ECONOMIC_UNIT", "number": "00123", "parent": "10", "name": "Lindenhof"}
        | nowhere
        | {"constructionYear": 1962},
        "10/00123/004": of_10
        | {"kind": "BUILDING", "number": "004", "parent": "10/00123", "name": None}
        | address
        | {"constructionYear": None},
    }
    assert sent["unit"]["10/00123/004/0050"].fields == of_10 | address | {
        "kind": "FLAT",
        "number": "0050",
        "property": "10/00123/004",
        "floor": 3,
        "position": "3. Etage, links",
        "rooms": Decimal("2.5"),
        "livingArea": None,
        "usableArea": None,
    }
    assert sent["tenant"]["10/700815"].fields == {
        "clientNumber": "10",
        "number": "700815",
        "email": "e.muster@example.org",
        "salutation": None,
        "title": None,
        "firstName": "Erika",
        "lastName": "Muster",
        "companyName": None,
        "phoneNumbers": ("+4940123456",),
        "language": None,
    }
    assert sent["contract"]["10/0042"].fields == {
        "clientNumber": "10",
        "number": "0042",
        "unit": "10/00123/004/0050",
        "status": "AKTIV",
        "start": date(2019, 5, 1),
        "end": None,
        "mainTenant": "10/700815",
        "tenants": ("10/700815",),
    }


async def test_every_mapped_field_is_filled_and_named_with_rule_and_source() -> None:
    sent, _ = await desired(house())
    for mapping in MASTER_DATA.mappings(SETTINGS):
        (one, *_) = sent[mapping.entity].values()
        names = [f.name for f in mapping.fields]
        assert [name for name in one.fields if name in names] == names
        assert all(f.rule and f.source for f in mapping.fields)
    assert [m.entity for m in MASTER_DATA.mappings(SETTINGS)] == ["property", "unit", "tenant", "contract"]


async def test_where_the_erp_has_no_buildings_ids_have_three_parts() -> None:
    settings = replace(SETTINGS, unit_parts=NO_BUILDING)
    sent, skipped = await desired([r for r in house() if r.NAME != "building"], settings)
    assert skipped == []
    assert list(sent["property"]) == ["10", "10/00123"]
    assert sent["unit"]["10/00123/0050"].fields["property"] == "10/00123"
    assert sent["contract"]["10/0042"].fields["unit"] == "10/00123/0050"


async def test_the_older_version_gets_economic_units_and_units_only() -> None:
    erp = Erp(house())
    sent, skipped = await told(desired_master_data(erp, SOURCE, today=TODAY))
    assert skipped == []
    assert {entity: list(found) for entity, found in sent.items()} == {
        "property": ["10/00123"],
        "unit": ["10/00123/004/0050"],
        "tenant": [],
        "contract": [],
    }
    assert sent["property"]["10/00123"].fields["parent"] is None
    assert sent["unit"]["10/00123/004/0050"].fields["property"] == "10/00123"
    assert [m.entity for m in MASTER_DATA.mappings(SOURCE)] == ["property", "unit"]
    assert "person" not in {entity for entity, _ in erp.reads}


@pytest.mark.parametrize(
    ("usage", "kind"),
    [("Wohnung", "FLAT"), (" WOHNRAUM", "FLAT"), ("Garage", "GARAGE"), ("Laden", "COMMERCIAL")],
)
async def test_three_lists_decide_what_a_unit_is(usage: str, kind: str) -> None:
    sent, _ = await desired([mandant(), economic_unit(), building(), unit(usage=usage)])
    assert sent["unit"]["10/00123/004/0050"].fields["kind"] == kind


@pytest.mark.parametrize("usage", ["Bunker", "", "Wohnungsbau"])
async def test_a_usage_type_in_no_list_keeps_the_unit_back_and_its_lease(usage: str) -> None:
    records = [unit(usage=usage) if one.NAME == "unit" else one for one in house()]
    sent, skipped = await desired(records)
    assert sent["unit"] == sent["contract"] == {}
    assert reasons(skipped) == [("unit", "I10", "usage_in_no_list"), ("contract", "I7", "unit_not_sent")]
    assert list(sent["tenant"]) == ["10/700815"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda r: mandant() if r.NAME == "mandant" else r, []),
        (
            lambda r: economic_unit(number="") if r.NAME == "economic_unit" else r,
            [
                ("property", "C2", "empty_economic_unit"),
                ("property", "C2", "empty_economic_unit"),
                ("unit", "I7", "building_not_sent"),
                ("contract", "I7", "unit_not_sent"),
            ],
        ),
        (
            lambda r: building(above=None) if r.NAME == "building" else r,
            [
                ("property", "C2", "empty_economic_unit"),
                ("unit", "I7", "building_not_sent"),
                ("contract", "I7", "unit_not_sent"),
            ],
        ),
        (
            lambda r: building(above="e9") if r.NAME == "building" else r,
            [
                ("property", "I7", "economic_unit_unknown"),
                ("unit", "I7", "building_not_sent"),
                ("contract", "I7", "unit_not_sent"),
            ],
        ),
        (
            lambda r: unit(building="") if r.NAME == "unit" else r,
            [("unit", "C2", "empty_building"), ("contract", "I7", "unit_not_sent")],
        ),
        (
            lambda r: unit(number="00/50") if r.NAME == "unit" else r,
            [("unit", "C1", "separator_in_unit"), ("contract", "I7", "unit_not_sent")],
        ),
        (
            lambda r: lease(unit_id="u9") if r.NAME == "lease" else r,
            [("contract", "I7", "unit_missing")],
        ),
        (lambda r: lease(number=" ") if r.NAME == "lease" else r, [("contract", "C2", "empty_contract")]),
        (
            lambda r: person(number="7/1") if r.NAME == "person" else r,
            [("tenant", "C1", "separator_in_partner"), ("contract", "I4", "contract_without_tenant")],
        ),
        (
            lambda r: role(person_id="p9") if r.NAME == "tenant_role" else r,
            [("tenant", "I3", "person_missing"), ("contract", "I4", "contract_without_tenant")],
        ),
        (
            lambda r: role(lease_id="l9") if r.NAME == "tenant_role" else r,
            [("tenant", "I3", "lease_missing"), ("contract", "I4", "contract_without_tenant")],
        ),
    ],
)
async def test_what_refers_to_a_record_that_is_not_sent_is_named_with_its_own_reason(
    change: Any, expected: list[tuple[str, str, str]]
) -> None:
    _, skipped = await desired(map(change, house()))
    assert reasons(skipped) == expected


async def test_a_unit_whose_number_exists_twice_has_no_lease_of_its_own() -> None:
    found = [one async for one in desired_master_data(Erp([*house(), unit("u2")]), SETTINGS, today=TODAY)]
    assert Counter(one.id for one in found if one.entity == "unit") == {"10/00123/004/0050": 2}
    assert reasons(one for one in found if isinstance(one, Skipped)) == [("contract", "I7", "unit_not_sent")]


async def test_units_of_two_buildings_with_one_number_hang_on_neither() -> None:
    found = [one async for one in desired_master_data(Erp([*house(), building("b2")]), SETTINGS, today=TODAY)]
    assert reasons(one for one in found if isinstance(one, Skipped)) == [
        ("unit", "I7", "building_not_sent"),
        ("contract", "I7", "unit_not_sent"),
    ]


@pytest.mark.parametrize(
    ("emails", "why"),
    [((), "email_missing"), ((" ",), "email_missing"), (("e.muster(at)example.org", "x@y"), "email_invalid")],
)
async def test_nobody_is_sent_without_a_valid_email_address(emails: tuple[str, ...], why: str) -> None:
    records = [replace(one, emails=emails) if isinstance(one, Person) else one for one in house()]
    sent, skipped = await desired(records)
    assert sent["tenant"] == sent["contract"] == {}
    assert reasons(skipped) == [("tenant", "I4", why), ("contract", "I4", "contract_without_tenant")]
    assert "Muster" not in repr(skipped)
    assert "example" not in repr(skipped)


async def test_a_lease_without_any_tenant_is_sent_where_that_is_agreed() -> None:
    records = [replace(one, emails=()) if isinstance(one, Person) else one for one in house()]
    sent, skipped = await desired(records, replace(SETTINGS, leases_without_tenant="send"))
    fields = sent["contract"]["10/0042"].fields
    assert (fields["mainTenant"], fields["tenants"]) == (None, ())
    assert [one.entity for one in skipped] == ["tenant"]


async def test_a_lease_keeps_those_of_its_tenants_who_are_sent() -> None:
    silent = replace(person("p2", "700816"), emails=())
    records = [*house(), silent, role("r2", "l1", "p2", kind=Role.CO_TENANT, rank=2)]
    sent, skipped = await desired(records)
    assert sent["contract"]["10/0042"].fields["tenants"] == ("10/700815",)
    assert reasons(skipped) == [("tenant", "I4", "email_missing")]


async def test_who_has_several_leases_is_one_tenant() -> None:
    records = [*house(), unit("u2", "0051"), lease("l2", "0043", unit_id="u2"), role("r2", "l2")]
    sent, skipped = await desired(records)
    assert skipped == []
    assert list(sent["tenant"]) == ["10/700815"]
    assert [one.fields["tenants"] for one in sent["contract"].values()] == [("10/700815",)] * 2


async def test_of_a_couple_with_one_address_the_main_tenant_becomes_the_user() -> None:
    first = person("p0", "700814")  # read before the main tenant
    records = [first, *house(), role("r0", "l1", "p0", kind=Role.CO_TENANT, rank=2)]
    sent, skipped = await desired(records)
    assert list(sent["tenant"]) == ["10/700815"]
    assert reasons(skipped) == [("tenant", "I4", "email_taken")]
    assert skipped[0].reason.args == {"id": "10/700814", "first": "10/700815"}
    assert sent["contract"]["10/0042"].fields["tenants"] == ("10/700815",)
    both, nobody = await desired(records, replace(SETTINGS, shared_email="send"))
    assert nobody == []
    assert both["contract"]["10/0042"].fields["tenants"] == ("10/700814", "10/700815")


async def test_one_person_in_two_mandanten_is_one_user_in_both_leases() -> None:
    settings = replace(SETTINGS, mandanten=("10", "20"))
    second = [
        mandant("20"), economic_unit("e2", where="20"), building("b2", above="e2", where="20"),
        unit("u2", mandant="20"), lease("l2", "0099", where="20", unit_id="u2"), role("r2", "l2"),
    ]  # fmt: skip
    sent, skipped = await desired([*house(), *second], settings)
    assert list(sent["tenant"]) == ["10/700815"]
    assert sent["contract"]["20/0099"].fields["tenants"] == ("10/700815",)
    assert reasons(skipped) == [("tenant", "I4", "email_taken")]
    apart, _ = await desired([*house(), *second], replace(settings, shared_email="send"))
    assert apart["contract"]["20/0099"].fields["tenants"] == ("20/700815",)


@pytest.mark.parametrize(
    "other",
    [
        lease(end=TODAY - timedelta(days=1)),
        replace(lease(), is_vacancy=True),
        lease(where="20"),
    ],
)
async def test_tenants_of_a_lease_that_is_not_running_are_not_sent(other: Entity) -> None:
    sent, skipped = await desired(other if one.NAME == "lease" else one for one in house())
    assert sent["tenant"] == sent["contract"] == {}
    assert skipped == []


async def test_a_mandant_that_the_erp_does_not_know_is_an_error() -> None:
    with pytest.raises(Failure, match="unknown_mandant at 1O"):
        await desired(house(), replace(SETTINGS, mandanten=("10", "1O")))


async def test_only_the_configured_mandanten_are_read_and_sent() -> None:
    foreign: list[Entity] = [mandant("20"), economic_unit("e2", where="20"), unit("u2", mandant="20")]
    erp = Erp([*house(), *foreign])
    sent, skipped = await told(desired_master_data(erp, SETTINGS, today=TODAY))
    assert skipped == []
    assert {one.fields["clientNumber"] for found in sent.values() for one in found.values()} == {"10"}
    assert {scope for _, scope in erp.reads} == {Scope(frozenset({"10"}))}
    assert max(Counter(entity for entity, _ in erp.reads).values()) == 1


async def test_what_immomio_holds_can_be_limited_to_a_mandant_by_its_ids() -> None:
    held = [Record("unit", "20/1/2/3", {"kind": "FLAT"}), Record("tenant", "10/7", {"clientNumber": "10"})]
    found = [one async for one in MASTER_DATA.actual(connector(held), SETTINGS)]
    assert [(one.id, one.fields["clientNumber"]) for one in found] == [("20/1/2/3", "20"), ("10/7", "10")]
    assert MASTER_DATA.scopes == {"mandant": "clientNumber"}


@given(st.data())
async def test_whatever_is_missing_in_the_erp_nothing_refers_to_what_is_not_sent(data: st.DataObject) -> None:
    records = of_company(COMPANY)
    gone = data.draw(st.sets(st.integers(0, len(records) - 1), max_size=40))
    settings = MasterDataSettings(
        separator="/",
        mandanten="all",
        leases_without_tenant=data.draw(st.sampled_from(["skip", "send"])),
        shared_email=data.draw(st.sampled_from(["first", "send"])),
    )
    left = [one for place, one in enumerate(records) if place not in gone]
    found = [one async for one in desired_master_data(Erp(left), settings, today=TODAY)]
    spoken(one.reason for one in found if isinstance(one, Skipped))
    sent = Counter((one.entity, one.id) for one in found if isinstance(one, Record))
    once = {key for key, count in sent.items() if count == 1}
    for one in found:
        if isinstance(one, Record):
            refers = [("property", one.fields.get("parent")), ("property", one.fields.get("property"))]
            refers += [("unit", one.fields.get("unit")), ("tenant", one.fields.get("mainTenant"))]
            tenants = one.fields.get("tenants") or ()
            assert isinstance(tenants, tuple)
            refers += [("tenant", tenant) for tenant in tenants]
            assert {key for key in refers if key[1]} <= once
    # every record of the ERP that takes part is told of, sent or not
    units = {one.id for one in left if one.NAME == "unit"}
    assert sum(one.entity == "unit" for one in found) == len(units)
    running = [one for one in left if one.NAME == "lease" and one.running(TODAY)]  # type: ignore[attr-defined]  # a Lease
    assert sum(one.entity == "contract" for one in found) == len(running)


async def test_of_the_seeded_company_exactly_the_planted_defects_are_skipped() -> None:
    defects = {key: set(ids) for key, ids in COMPANY.defects.items()}
    sent, skipped = await desired(of_company(COMPANY), replace(SETTINGS, mandanten="all"))
    why = Counter((one.entity, one.reason.code) for one in skipped)
    odd = defects["usage_unknown"] | {u.id for u in COMPANY.units if u.usage_raw == "Lager"}
    nameless = defects["unit_without_building_number"]
    assert why["unit", "immomio.usage_in_no_list"] == len(odd - nameless)
    assert why["unit", "immomio.empty_building"] == len(nameless)
    assert why["property", "immomio.empty_building"] == len(defects["building_number_empty"])
    unnamed = defects["separator_in_partner_number"]
    assert why["tenant", "immomio.email_missing"] == len(defects["tenant_without_email"] - unnamed)
    assert why["tenant", "agreed.separator_in_partner"] == len(unnamed)
    assert why["tenant", "immomio.email_taken"] == len(defects["email_shared"]) // 2
    assert len(sent["unit"]) == len(COMPANY.units) - len(odd | nameless)


def test_the_lists_of_kinds_read_here_are_those_of_the_company() -> None:
    assert all(COMPANY.records(kind) for kind in KINDS)
