"""What the onOffice client asks in how few requests, and what it makes of refusals."""

from __future__ import annotations

import time
from typing import Any

import pytest

from connectors.onoffice import errors
from connectors.onoffice.errors import meaning
from connectors.onoffice.paging import PAGE_SIZE
from connectors.onoffice.session import credentials_flaw
from connectors.onoffice.wire import (
    CONTACT_PERSON,
    CONTACT_PERSON_ALL,
    GET,
    JOB_ESTATE,
    MODIFY,
    READ,
    USER_ADDRESS,
    Call,
    Refusal,
)
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from tests.connectors.conformance import explained
from tests.connectors.onoffice_kit import Scene, office, onoffice, planted

ESTATES = Call(READ, "estate", parameters={"data": ["Id", "objektnr_extern"]})
ADDRESSES = Call(READ, "address", parameters={"data": ["KdNr", "ArtDaten"]})
USERS = Call(READ, "user", parameters={"data": ["Nr", "Name"]})
FIELDS = Call(GET, "fields", parameters={"modules": ["address"], "fieldList": ["ArtDaten"]})


async def _problem(scene: Scene, *calls: Call) -> Problem:
    with pytest.raises(Failure) as caught:
        await scene.client.ask(calls or [FIELDS])
    explained(caught.value.problem)
    return caught.value.problem


async def test_answers_come_in_order_and_one_that_is_refused_stops_no_other() -> None:
    async with onoffice() as scene:
        wrong = Call(READ, "estate", parameters={"data": ["ind_77_Feld_ObjTech12"]})
        answers = await scene.client.ask([USERS, wrong, ADDRESSES, Call(READ, "spaceship")])
        assert [answer.error for answer in answers] == [
            None,
            Refusal(141, "Unknown field: ind_77_Feld_ObjTech12"),
            None,
            Refusal(25, 'Missing configuration for resourceType "spaceship"'),
        ]
        assert [row.type for row in (answers[0].rows[0], answers[2].rows[0])] == ["user", "address"]
        assert scene.log.total == 1


async def test_a_status_of_500_with_results_is_read_all_the_same() -> None:
    async with onoffice() as scene:
        scene.act("assumptions", error_root="500")
        good, bad = await scene.client.ask([USERS, Call(READ, "estate", parameters={"data": ["x"]})])
        assert (good.error, bad.error) == (None, Refusal(141, "Unknown field: x"))


async def test_more_than_twenty_actions_are_several_requests() -> None:
    async with onoffice() as scene:
        answers = await scene.client.ask([FIELDS] * 41)
        assert len(answers) == 41
        assert scene.log.total == 3
        assert await scene.client.ask([]) == []


async def test_a_list_is_read_page_by_page_to_its_end() -> None:
    async with onoffice(estates=1207) as scene:
        pages = [page async for page in scene.client.pages(ESTATES)]
        assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 209]
        ids = [row.id for page in pages for row in page]
        assert len(set(ids)) == len(ids)
        assert ids == sorted(ids)


async def test_several_lists_share_their_first_request_and_their_last() -> None:
    async with onoffice(users=60, estates=3000) as scene:
        found = await scene.client.collect([ADDRESSES, ESTATES, USERS])
        assert [len(answer.rows) for answer in found] == [65, 3002, 61]
        assert scene.log.total == 2
        ids = [row.id for row in found[1].rows if isinstance(row.id, int)]
        related = await scene.client.relations([CONTACT_PERSON, CONTACT_PERSON_ALL], parents=ids)
        assert {kind: len(told) for kind, told in related.items()} == {
            CONTACT_PERSON: 3002,
            CONTACT_PERSON_ALL: 3002,
        }
        assert scene.log.total == 3


async def test_a_list_that_is_refused_bears_its_error_and_the_others_are_whole() -> None:
    async with onoffice(estates=600) as scene:
        scene.act("assumptions", no_user_right="refused")
        scene.act("rights", read_users=False)
        estates, users = await scene.client.collect([ESTATES, USERS])
        assert len(estates.rows) == 602
        assert users.error is not None
        assert users.error.code == 170


async def test_relations_are_numbers_by_number_in_both_directions() -> None:
    async with onoffice() as scene:
        two = int(planted("estate_two_brokers"))
        none, other = int(planted("estate_without_contact")), int(planted("estate_contact_no_broker"))
        down = await scene.client.relations(
            [CONTACT_PERSON, CONTACT_PERSON_ALL], parents=[two, none, other, 7]
        )
        assert len(down[CONTACT_PERSON][two]) == 2
        assert (down[CONTACT_PERSON][none], down[CONTACT_PERSON][7]) == ((), ())
        assert (len(down[CONTACT_PERSON][other]), len(down[CONTACT_PERSON_ALL][other])) == (0, 1)
        broker = down[CONTACT_PERSON][two][1]
        up = await scene.client.relations([CONTACT_PERSON], children=[broker])
        assert two in up[CONTACT_PERSON][broker]
        user = office().users[0]
        found = await scene.client.relations([USER_ADDRESS], parents=[user.nr])
        assert found == {USER_ADDRESS: {user.nr: (user.address,)}}
        assert await scene.client.relations([CONTACT_PERSON]) == {CONTACT_PERSON: {}}


async def test_a_relation_that_is_not_known_is_a_problem_of_its_own() -> None:
    async with onoffice() as scene:
        scene.act("assumptions", job_relation="unknown")
        with pytest.raises(Failure) as caught:
            await scene.client.relations([JOB_ESTATE], children=[48])
        assert caught.value.problem.code == "onoffice.relation_refused"


async def test_a_field_that_is_switched_off_is_left_out_remembered_and_told() -> None:
    async with onoffice() as scene:
        for field in ("wohnflaeche", "objekttitel"):
            scene.act("field", module="estate", field=field, active=False)
        call = Call(READ, "estate", parameters={"data": ["objekttitel", "Id", "wohnflaeche"]})
        first = [page async for page in scene.client.pages(call)]
        assert set(first[0][0].elements) == {"Id"}
        assert scene.client.dropped == {"estate": {"objekttitel", "wohnflaeche"}}
        before = scene.log.total
        assert [page async for page in scene.client.pages(call)] == first
        assert scene.log.total == before + 1


async def test_a_field_that_only_sorts_is_left_out_too() -> None:
    async with onoffice() as scene:
        scene.act("field", field="KdNr", active=False)
        found = await scene.client.collect([Call(READ, "address", parameters={"data": ["Name"]})])
        assert found[0].error is None
        assert found[0].rows


async def test_a_filter_is_never_widened_by_leaving_a_field_out() -> None:
    async with onoffice() as scene:
        scene.act("field", field="ArtDaten", active=False)
        wanted = {"ArtDaten": [{"op": "in", "val": ["Systembenutzer"]}]}
        call = Call(READ, "address", parameters={"data": ["ArtDaten", "Name"], "filter": wanted})
        with pytest.raises(Failure) as caught:
            await scene.client.page(call)
        assert caught.value.problem.code == "onoffice.unknown_field"
        explained(caught.value.problem)


async def test_nothing_is_left_to_ask_for_when_the_last_field_is_gone() -> None:
    async with onoffice() as scene:
        (answer,) = await scene.client.read([Call(READ, "user", parameters={"data": ["nothing"]})])
        assert answer.error == Refusal(141, "Unknown field: nothing")


async def test_the_configuration_is_read_once_until_onoffice_contradicts() -> None:
    async with onoffice() as scene:
        fields = await scene.client.fields("address")
        assert fields["ArtDaten"].values["Makler"] == "Makler"
        assert fields["ArtDaten"].label == "Kontaktart"
        assert "label" not in fields
        assert (await scene.client.fields("address")) is fields
        assert scene.log.total == 1
        scene.act("key", field="ArtDaten", key="Makler", label="Mitarbeiter")
        assert (await scene.client.fields("address", "ENG"))["ArtDaten"].label == "Type of contact"
        await scene.client.ask([Call(READ, "address", parameters={"data": ["gone"]})])
        assert (await scene.client.fields("address"))["ArtDaten"].values["Makler"] == "Mitarbeiter"


async def test_only_what_is_switched_on_is_asked_for() -> None:
    async with onoffice() as scene:
        scene.act("field", field="Zusatz1", active=False)
        names = ["KdNr", "Zusatz1", "email", "defaultemail", "never"]
        assert await scene.client.readable("address", names) == ["KdNr", "email", "defaultemail"]
        assert await scene.client.readable("user", ["adrId:adressen.ID", "odd"]) == [
            "adrId:adressen.ID",
            "odd",
        ]


@pytest.mark.parametrize(
    ("token", "secret", "code", "length"),
    [
        ("t" * 64, "s" * 32, "credentials_swapped", ""),
        ("t" * 31, "s" * 64, "token_short", "31"),
        ("t" * 33, "s" * 64, "token_long", "33"),
        ("t" * 32, "s" * 40, "secret_short", "40"),
        ("t" * 32, "s" * 65, "secret_long", "65"),
        ("", "", "token_short", "0"),
    ],
)
async def test_credentials_that_cannot_be_right_are_told_without_a_call(
    token: str, secret: str, code: str, length: str
) -> None:
    async with onoffice(secrets={"token": token, "secret": secret}) as scene:
        problem = await _problem(scene)
        assert (problem.code, problem.excerpt) == (f"onoffice.{code}", length)
        assert problem.trouble is Trouble.CREDENTIALS
        assert scene.log.total == 0


def test_credentials_of_the_right_lengths_are_tried() -> None:
    assert credentials_flaw("t" * 32, "s" * 64) is None


@pytest.mark.parametrize(
    ("secrets", "rights", "code", "owner"),
    [
        ({"token": "x" * 32}, {}, "token_unknown", Owner.CONSULTANT),
        ({"secret": "x" * 64}, {}, "secret_wrong", Owner.CONSULTANT),
        ({}, {"ip_allowed": False}, "ip_refused", Owner.CUSTOMER),
        ({}, {"marketplace": True}, "marketplace_user", Owner.CUSTOMER),
    ],
)
async def test_who_we_are_and_where_we_come_from_are_findings_of_their_own(
    secrets: dict[str, str], rights: dict[str, bool], code: str, owner: Owner
) -> None:
    async with onoffice(secrets=secrets) as scene:
        scene.act("rights", **rights)
        problem = await _problem(scene)
        assert (problem.code, problem.owner) == (f"onoffice.{code}", owner)
        assert problem.excerpt.isdigit()


@pytest.mark.parametrize(
    ("ours", "code", "amount"),
    [
        (-3600, "zone_behind", "1"),
        (7200, "zone_ahead", "2"),
        (-600, "clock_behind", "10"),
        (1260, "clock_ahead", "21"),
    ],
)
async def test_a_wrong_clock_is_measured_by_the_servers_own(ours: int, code: str, amount: str) -> None:
    async with onoffice(now=lambda: time.time() + ours) as scene:
        problem = await _problem(scene)
        assert (problem.code, problem.excerpt) == (f"onoffice.{code}", amount)
        assert problem.trouble is Trouble.CONFIG


async def test_each_try_has_a_moment_of_its_own() -> None:
    moments = iter([0.0, 0.0, time.time(), time.time()])
    async with onoffice(now=lambda: next(moments)) as scene:
        assert (await _problem(scene)).code.startswith("onoffice.")
        (answer,) = await scene.client.ask([FIELDS])
        assert answer.error is None


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("429,retry_after=3", Trouble.LIMIT),
        ("500", Trouble.UNAVAILABLE),
        ("503", Trouble.UNAVAILABLE),
        ("html", Trouble.PAYLOAD),
        ("malformed", Trouble.PAYLOAD),
        ("truncate", Trouble.UNREACHABLE),
        ("cut", Trouble.UNREACHABLE),
    ],
)
async def test_a_reading_that_fails_on_the_way_can_be_repeated(fault: str, trouble: Trouble) -> None:
    async with onoffice(f"{fault},count=1") as scene:
        problem = await _problem(scene)
        assert (problem.trouble, problem.arrival, problem.repeatable) == (trouble, Arrival.NEVER, True)
        assert scene.log.total == 1  # nothing is sent twice from here
        assert (await scene.client.ask([FIELDS]))[0].error is None


async def test_a_write_that_fails_on_the_way_may_have_arrived_and_is_sent_once() -> None:
    async with onoffice("cut-after,count=1") as scene:
        problem = await _problem(scene, Call(MODIFY, "address", planted("external_broker"), {"ArtDaten": []}))
        assert problem.arrival is Arrival.PERHAPS
        assert scene.log.total == 1
        assert scene.held("address", planted("external_broker"))["ArtDaten"] == []


def test_every_code_of_the_table_has_one_meaning_and_can_be_told() -> None:
    codes = errors.meanings()
    assert len(codes) > 120
    for code in (*codes, 42_424):
        explained(errors.problem(Refusal(code, "mia@example.org"), "read address"))


@pytest.mark.parametrize(
    ("code", "name", "trouble", "whole"),
    [
        (22, "token_unknown", Trouble.CREDENTIALS, True),
        (137, "secret_wrong", Trouble.CREDENTIALS, True),
        (136, "clock", Trouble.CONFIG, True),
        (158, "ip_refused", Trouble.RIGHTS, True),
        (248, "marketplace_user", Trouble.CREDENTIALS, True),
        (170, "no_right_to_read", Trouble.RIGHTS, False),
        (261, "no_right_to_write", Trouble.RIGHTS, False),
        (263, "not_broker", Trouble.REJECTED, False),
        (141, "unknown_field", Trouble.CONFIG, False),
        (76, "unknown_key", Trouble.REJECTED, False),
        (80, "unknown_record", Trouble.MISSING, False),
        (999, "server_error", Trouble.UNAVAILABLE, False),
        (42, "customer_rejected", Trouble.CREDENTIALS, True),
        (12_345, "refused", Trouble.REJECTED, False),
    ],
)
def test_a_code_means_what_the_reference_says(code: int, name: str, trouble: Trouble, whole: bool) -> None:
    found = meaning(code)
    assert (found.code, found.trouble, found.whole) == (f"onoffice.{name}", trouble, whole)


def test_a_problem_shows_the_code_and_never_the_message() -> None:
    problem = errors.problem(Refusal(251, "Unknown user mia@example.org"), "modify address", write=True)
    assert "example" not in repr(problem)
    assert (problem.excerpt, problem.where, problem.arrival) == ("251", "modify address", Arrival.NEVER)
    unclear: Any = errors.problem(Refusal(1, ""), "modify address", write=True)
    assert unclear.arrival is Arrival.PERHAPS
