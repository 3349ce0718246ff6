"""OPENWOWI JSON to canonical entities, and paging, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.erp import openwowi_parse as wire
from connectors.erp import vocabulary
from connectors.erp.hub import parse_ticket_categories
from connectors.erp.openwowi_parse import ENDPOINTS, Context, Node, parse_page
from connectors.erp.paging import pages
from connectors.housing import (
    CategoryKind,
    LeaseStatus,
    Person,
    PersonKind,
    RentCategory,
    RentItem,
    Role,
    TenantRole,
    Unit,
    UsageClass,
)
from connectors.problems import Failure, Trouble

T = TypeVar("T")
TODAY = date(2026, 3, 1)
CONTEXT = Context({"7": "10"}, TODAY)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "Id", "IdNum", "Name", "CompanyCode", "Code", "EconomicUnit", "EstateAddress", "Street", "Building",
    "ConstructionYear", "CurrentUseUnitType", "UseUnitUsageType", "LivingSpace", "NumberOfRooms", "Floor",
    "ManagementStart", "UseUnit", "EconomicUnitId", "StatusContract", "StartContract", "RestrictionOfUse",
    "IsVacancy", "LicenseAgreementId", "ContractorType", "Person", "NetAmount", "Amount", "LicenseAgreement",
    "ContractPositionType", "IsPartOfNetRent", "NaturalPerson", "BirthDate", "Communications", "Content",
    "CommunicationType", "IsNaturalPerson", "FirstEmailCommunication", "ShortCode",
)  # fmt: skip
STAMPS = st.sampled_from(["2020-01-02", "2020-13-02", "2020-01-02T03:04:05+0100", "2020-01-02T99:04:05Z", ""])
LIKELY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | STAMPS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=12),
    max_leaves=40,
)


def node(data: dict[str, Any]) -> Node:
    return Node.of({"Id": 1, **data}, "Some/Endpoint")


def tried(parse: Callable[[], list[T]]) -> tuple[Failure | None, list[T]]:
    try:
        return None, parse()
    except Failure as failure:
        return failure, []


def unit(data: dict[str, Any]) -> Unit:
    return wire.unit(node({"EconomicUnit": {"Id": 7, "IdNum": "00123"}, **data}), CONTEXT)


def person(data: dict[str, Any]) -> Person:
    return wire.person(node(data), CONTEXT)


@given(st.sampled_from(sorted(ENDPOINTS)), JSON | LIKELY | st.lists(LIKELY, max_size=2))
def test_any_answer_becomes_entities_or_a_failure_that_shows_no_value(entity: str, answer: object) -> None:
    endpoint = ENDPOINTS[entity]
    failure, found = tried(
        lambda: [endpoint.parse(record, CONTEXT) for record in parse_page(answer, endpoint.path)]
    )
    assert {record.NAME for record in found} <= {entity}
    if failure:
        assert failure.problem.code == "erp.bad_payload"
        assert failure.problem.where.startswith(endpoint.path)


@given(JSON | st.fixed_dictionaries({"items": st.lists(JSON, max_size=2)}))
def test_any_answer_of_the_hub_becomes_categories_or_a_failure(answer: object) -> None:
    failure, found = tried(lambda: parse_ticket_categories(answer))
    assert failure is None or failure.problem.trouble is Trouble.PAYLOAD
    assert all(category.code for category in found)


def test_a_wrong_type_names_endpoint_record_and_key_but_never_the_value() -> None:
    with pytest.raises(Failure) as caught:
        wire.person(node({"NaturalPerson": {"BirthDate": "geheimnisvoll"}}), CONTEXT)
    assert caught.value.problem.where == "Some/Endpoint#1:NaturalPerson.BirthDate"
    assert "geheimnisvoll" not in repr(caught.value.problem) + str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019-05-01", date(2019, 5, 1)),
        ("2019-05-01T00:00:00+0200", date(2019, 5, 1)),
        ("2019-05-01T23:59:59.123456+02:00", date(2019, 5, 1)),
        ("2019-05-01T00:00:00.1234567Z", date(2019, 5, 1)),
    ],
)
def test_dates_and_both_forms_of_timestamps_give_the_day_they_write(written: str, meant: date) -> None:
    assert node({"Day": written}).date("Day") == meant


@pytest.mark.parametrize(
    "written", ["20190501", "2019-W10-1", "01.05.2019", "2019-02-30", "2019-05-01T25:00:00Z"]
)
def test_other_spellings_of_a_day_are_refused(written: str) -> None:
    with pytest.raises(Failure):
        node({"Day": written}).date("Day")


def test_omitted_fields_give_none_or_the_empty_text() -> None:
    found = unit({})
    assert (found.number, found.rooms, found.living_area, found.floor_raw) == ("", None, None, None)
    assert found.mandant == "10"  # from the economic unit


def test_a_record_of_an_unknown_mandant_is_refused_not_guessed() -> None:
    with pytest.raises(Failure) as caught:
        wire.unit(node({"EconomicUnit": {"Id": 8}}), CONTEXT)
    assert caught.value.problem.where.endswith("CompanyCode.Code")


def test_half_rooms_count_half_and_house_number_and_addition_are_joined() -> None:
    found = unit(
        {
            "NumberOfRooms": 2,
            "NumberOfHalfRooms": 1,
            "LivingSpace": 61.5,
            "EstateAddress": {"HouseNumber": "7", "HouseNumberAddition": "a", "CountryCode": "DE"},
        }
    )
    assert found.rooms == Decimal("2.5")
    assert str(found.living_area) == "61.50"
    assert (found.address.house_number, found.address.country) == ("7a", "DEU")


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("Wohnraum", UsageClass.RESIDENTIAL),
        (" tiefgarage ", UsageClass.PARKING),
        ("Wohnraumähnlich", UsageClass.OTHER),
        ("", UsageClass.OTHER),
    ],
)
def test_an_unknown_usage_is_other_and_keeps_its_text(name: str, usage: UsageClass) -> None:
    found = unit({"CurrentUseUnitType": {"UseUnitUsageType": {"Name": name}}})
    assert (found.usage, found.usage_raw) == (usage, name)


@pytest.mark.parametrize(
    ("word", "role", "rank"),
    [
        ("1. Vertragsnehmer", Role.HAUPTMIETER, 1),
        ("2. Vertragsnehmer", Role.CO_TENANT, 2),
        ("11. Vertragsnehmer", Role.CO_TENANT, 11),
        ("Bürge", Role.GUARANTOR, 1),
        ("ehemaliger Vertragsnehmer", Role.FORMER, 1),
        ("Hausverwaltung", Role.OTHER, 1),
        ("0. Vertragsnehmer", Role.OTHER, 1),
    ],
)
def test_the_role_follows_from_its_name(word: str, role: Role, rank: int) -> None:
    data = {"LicenseAgreementId": 5, "Person": {"Id": 9}, "ContractorType": {"Name": word}}
    found = wire.tenant_role(node(data), CONTEXT)
    assert isinstance(found, TenantRole)
    assert (found.role, found.rank, found.role_raw, found.lease_id, found.person_id) == (
        role,
        rank,
        word,
        "5",
        "9",
    )


@pytest.mark.parametrize(
    ("name", "start", "end", "status"),
    [
        ("Aktiv", "2020-01-01", "2021-01-01", LeaseStatus.ACTIVE),
        ("Gekündigt", "2020-01-01", None, LeaseStatus.NOTICE_GIVEN),
        ("ruhend", "2020-01-01", "2021-01-01", LeaseStatus.ENDED),
        ("ruhend", "2020-01-01", "2026-06-30", LeaseStatus.NOTICE_GIVEN),
        (None, "2020-01-01", None, LeaseStatus.ACTIVE),
        (None, None, None, LeaseStatus.DRAFT),
    ],
)
def test_the_status_word_decides_and_the_dates_where_it_says_nothing(
    name: str | None, start: str | None, end: str | None, status: LeaseStatus
) -> None:
    data = {
        "UseUnit": {"Id": 3, "EconomicUnitId": 7},
        "StatusContract": {"Name": name},
        "StartContract": start,
        "EndOfContract": end,
    }
    assert wire.lease(node(data), CONTEXT).status is status


@pytest.mark.parametrize(
    ("flags", "category"),
    [
        ({"IsPartOfNetRent": True, "IsGrossRentWithoutHeating": True}, RentCategory.NETTOKALTMIETE),
        ({"IsPrepaymentHeating": True}, RentCategory.HEATING_COSTS),
        ({"IsPrepaymentRunningCost": True}, RentCategory.OPERATING_COSTS),
        ({}, RentCategory.UNMAPPED),
        ({"IsPartOfNetRent": True, "IsPrepaymentHeating": True}, RentCategory.UNMAPPED),
    ],
)
def test_the_category_of_a_rent_item_follows_from_exactly_one_flag(
    flags: dict[str, bool], category: RentCategory
) -> None:
    data = {
        "NetAmount": 512.4,
        "Amount": 609.76,
        "LicenseAgreement": {"Id": 5},
        "ContractPositionType": {"ShortCode": "100", "Name": "Grundmiete", **flags},
    }
    found = wire.rent_item(node(data), CONTEXT)
    assert isinstance(found, RentItem)
    assert (found.category, str(found.amount_net), found.amount_gross) == (
        category,
        "512.40",
        Decimal("609.76"),
    )


def test_first_communications_lead_and_none_is_named_twice() -> None:
    def entry(kind: str, content: str) -> dict[str, Any]:
        return {"Content": content, "CommunicationType": {"Name": kind}}

    found = person(
        {
            "IsNaturalPerson": True,
            "FirstEmailCommunication": {"Content": "b@example.org"},
            "FirstMobilePhoneCommunication": {"Content": "0171"},
            "Communications": [
                entry("E-Mail privat", "a@example.org"),
                entry("E-Mail", "b@example.org"),
                entry("Telefon", "040"),
                entry("Mobiltelefon", "0171"),
                entry("Telefax", "041"),
            ],
        }
    )
    assert found.emails == ("b@example.org", "a@example.org")
    assert found.phones == ("0171", "040")


def test_a_legal_person_bears_its_long_names() -> None:
    found = person({"IsNaturalPerson": False, "LegalPerson": {"LongName1": "Muster", "LongName2": "GmbH"}})
    assert (found.kind, found.company_name, found.last_name) == (PersonKind.LEGAL, "Muster GmbH", None)


def test_ticket_categories_of_the_hub_keep_kind_parent_and_mandatory_features() -> None:
    [found] = parse_ticket_categories(
        {
            "items": [
                {
                    "code": "H1",
                    "label": "Heizung",
                    "kind": "SCHADEN",
                    "parent": "H",
                    "mandatoryFeatures": ["Raum"],
                    "active": False,
                }
            ]
        }
    )
    assert (found.kind, found.parent, found.mandatory_features, found.active) == (
        CategoryKind.DAMAGE,
        "H",
        ("Raum",),
        False,
    )


@pytest.mark.parametrize(
    "table", ["usage", "status", "role", "rent_category", "person_kind", "category_kind"]
)
def test_no_word_of_the_vocabulary_has_two_meanings_and_every_meaning_exists(table: str) -> None:
    kinds: dict[str, Any] = {
        "usage": UsageClass,
        "status": LeaseStatus,
        "role": Role,
        "rent_category": RentCategory,
        "person_kind": PersonKind,
        "category_kind": CategoryKind,
    }
    words = [word for meaning in vocabulary.table(table).values() for word in meaning]
    assert set(vocabulary.table(table)) <= {str(kind) for kind in kinds[table]}
    assert len({" ".join(w.split()).casefold() for w in words}) == len(words)


@given(st.integers(0, 30), st.integers(0, 35), st.integers(1, 5))
async def test_pages_come_complete_in_order_and_never_more_than_asked_ahead(
    start: int, total: int, ahead: int
) -> None:
    running = most = 0

    async def fetch(offset: int) -> Sequence[int]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return range(total)[offset : offset + 5]

    found: list[int] = []
    async with aclosing(pages(fetch, start, limit=5, ahead=ahead)) as stream:
        async for page, following in stream:
            found += page
            assert following is None or following == start + len(found)
    assert found == list(range(start, total))
    assert most <= ahead


async def test_a_reading_given_up_leaves_no_call_behind() -> None:
    begun = ended = 0

    async def fetch(offset: int) -> Sequence[int]:
        nonlocal begun, ended
        if offset < 10:
            return range(5)
        begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1
        return ()

    async with aclosing(pages(fetch, limit=5)) as stream:
        async for _, following in stream:
            if following == 10:
                await asyncio.sleep(0)
                break
    assert begun == ended == 1


async def test_a_list_of_one_page_costs_one_call() -> None:
    offsets: list[int] = []

    async def fetch(offset: int) -> Sequence[int]:
        offsets.append(offset)
        return [1]

    assert [page async for page, _ in pages(fetch)] == [[1]]
    assert offsets == [0]
