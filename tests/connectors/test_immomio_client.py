"""The Immomio connector against its sandbox and against servers that misbehave, on real loopback HTTP."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.contract import Action, Capability, Change, Direction, Result, Verdict
from connectors.immomio import partner, wire
from connectors.immomio.options import ImmomioOptions
from connectors.problems import Failure, Owner, Trouble
from connectors.sandbox.app import body
from connectors.texts import LANGUAGES, meaning, render, todo
from tests.connectors.conformance import explained
from tests.connectors.immomio_desk import (
    TENANT,
    VACANCY,
    answering,
    code,
    create,
    delete,
    desk,
    tenants,
)

UNIT: dict[str, Any] = {"kind": "FLAT", "number": "7", "property": "10", "rooms": None}


async def _ids(immomio: Any, entity: str, start: str | None = None) -> list[str]:
    return [record.id async for page in immomio.read(entity, start=start) for record in page.records]


async def test_a_record_comes_back_as_it_was_sent() -> None:
    async with desk() as d:
        assert (await d.immomio.apply(create("10.1", "tenant"))).result is Result.DONE
        record = await d.immomio.get("tenant", "10.1")
        assert record is not None
        assert (record.id, record.fields) == ("10.1", TENANT)
        assert record == await d.immomio.find("tenant", "10.1")


async def test_an_expired_token_is_renewed_by_one_login_for_all_calls() -> None:
    async with desk() as d:
        await d.immomio.apply_many(tenants(350))
        assert d.sent("POST", "/auth/token") == 1
        d.clock.advance(3601)
        found = await asyncio.gather(*(d.immomio.get("tenant", f"10/{n:05}") for n in range(30)))
        assert all(found)
        assert d.sent("POST", "/auth/token") == 2
        d.sandbox.act("expire", {})
        outcomes = await d.immomio.apply_many([*tenants(2), create("v1")])
        assert {outcome.result for outcome in outcomes} == {Result.DONE}
        assert d.sent("POST", "/auth/token") == 3
        assert d.sandbox.state("creates")["vacancy"] == {"v1": 1}


async def test_a_server_that_never_believes_its_own_token_is_asked_twice_and_no_more() -> None:
    app = answering("/tenants/1", {"error": "token_expired"}, status=401)
    async with desk(app=app) as d:
        with pytest.raises(Failure) as caught:
            await d.immomio.get("tenant", "1")
        assert caught.value.problem.trouble is Trouble.CREDENTIALS
        assert (d.sent("POST", "/auth/token"), d.sent("GET", "/tenants/1")) == (2, 2)


async def test_a_wrong_password_says_where_the_right_one_is_found() -> None:
    async with desk(secrets={"password": "wr0ng"}) as d:
        with pytest.raises(Failure) as caught:
            await d.immomio.get("tenant", "1")
        problem = caught.value.problem
        assert (problem.code, problem.owner) == ("immomio.login_refused", Owner.CONSULTANT)
        explained(problem)
        outcome = await d.immomio.apply(create("10.1", "tenant"))
        assert (outcome.result, code(outcome)) == (Result.FAILED, "immomio.login_refused")


@pytest.mark.parametrize("bulk", [True, False])
async def test_who_has_no_or_somebody_elses_address_is_rejected_in_its_own_words(bulk: bool) -> None:
    async with desk(bulk=bulk) as d:
        changes = [
            create("a", "tenant"),
            create("b", "tenant", email="E.Muster@Example.org"),
            create("c", "tenant", email=None),
        ]
        first, second, third = await d.immomio.apply_many(changes)
        assert first.result is Result.DONE
        for outcome, expected in ((second, "immomio.duplicate_email"), (third, "immomio.missing_email")):
            assert outcome.problem is not None
            assert (outcome.result, code(outcome)) == (Result.REJECTED, expected)
            assert outcome.problem.owner is Owner.CUSTOMER
            assert all(todo(outcome.problem, language) for language in LANGUAGES)
            assert "@" not in repr(outcome)
            assert "@" not in meaning(outcome.problem)
        assert list(d.held("tenant")) == ["a"]


async def test_what_refers_to_something_missing_or_is_referred_to_is_named_as_such() -> None:
    async with desk(bulk=False) as d:
        unit = Change(Action.CREATE, "unit", "u1", after=UNIT)
        assert code(await d.immomio.apply(unit)) == "immomio.unknown_property"
        assert (await d.immomio.apply(create("10", "property"))).ok
        assert (await d.immomio.apply(unit)).ok
        outcome = await d.immomio.apply(delete("10", "property"))
        assert (outcome.result, code(outcome)) == (Result.REJECTED, "immomio.in_use")
        both = await d.immomio.apply_many([Change(Action.DELETE, "unit", "u1"), delete("10", "property")])
        assert all(one.result is Result.DONE for one in both)


async def test_a_property_arrives_before_what_stands_on_it_whatever_is_sent_at_once() -> None:
    async with desk("slow,path=/properties/bulk,delay=0.05") as d:
        levels = [create("10", "property")]
        levels += [create(f"10.{n}", "property", kind="ECONOMIC_UNIT", parent="10") for n in range(250)]
        units = [
            Change(Action.CREATE, "unit", f"10.{n}.1", after=UNIT | {"property": f"10.{n}"})
            for n in range(250)
        ]
        sent = await asyncio.gather(d.immomio.apply_many(levels), d.immomio.apply_many(units))
        assert all(outcome.ok for outcomes in sent for outcome in outcomes)


async def test_bulk_calls_are_full_and_one_bad_record_does_not_spoil_them() -> None:
    async with desk("reject,id=10/003*") as d:
        outcomes = await d.immomio.apply_many([*tenants(450), delete("gone", "tenant")])
        assert outcomes[-1].result is Result.ALREADY
        refused = [outcome.id for outcome in outcomes if outcome.result is Result.REJECTED]
        assert refused == [f"10/{n:05}" for n in range(300, 400)]
        assert (d.sent("POST", "/bulk"), d.sent("PUT")) == (3, 0)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_bulk_call_refused_as_a_whole_is_halved_until_the_guilty_one_is_alone(status: int) -> None:
    async def handle(request: Request) -> Response:
        if request.url.path == "/auth/token":
            return JSONResponse({"access_token": "t"})
        ids = [item["externalId"] for item in json.loads(body(request))["items"]]
        if "10/00013" in ids:
            return JSONResponse({"error": "spoilt"}, status)
        return JSONResponse({"results": [{"externalId": i, "status": 201} for i in ids]})

    routes = [Route("/tenants/{rest}", handle, methods=["PUT", "POST"])]
    app = Starlette(routes=[*routes, Route("/auth/token", handle, methods=["POST"])])
    async with desk(app=app) as d:
        outcomes = await d.immomio.apply_many(tenants(20))
        assert [o.id for o in outcomes if o.result is Result.REJECTED] == ["10/00013"]
        assert sum(o.result is Result.DONE for o in outcomes) == 19


async def test_a_record_that_a_bulk_answer_forgets_is_unknown() -> None:
    answer = {"results": [{"externalId": "10/00000", "status": 200}]}
    async with desk(app=answering("/tenants/bulk", answer, "POST")) as d:
        outcomes = await d.immomio.apply_many(tenants(2))
        assert [outcome.result for outcome in outcomes] == [Result.DONE, Result.UNKNOWN]


async def test_an_error_code_that_was_sent_by_us_is_not_repeated() -> None:
    answer = {"results": [{"externalId": "10/00000", "status": 422, "error": "Muster"}]}
    async with desk(app=answering("/tenants/bulk", answer, "POST")) as d:
        outcome = (await d.immomio.apply_many(tenants(2)))[0]
        assert outcome.result is Result.REJECTED
        assert "Muster" not in repr(outcome)


@pytest.mark.parametrize(
    ("fault", "result"),
    [("403", Result.FAILED), ("503", Result.FAILED), ("500", Result.UNKNOWN), ("cut-after", Result.UNKNOWN)],
)
async def test_a_create_that_may_have_arrived_is_unknown_and_not_failed(fault: str, result: Result) -> None:
    faults = (f"{fault},path=/tenants/bulk", f"{fault},path=/vacancies/import")
    async with desk(*faults) as d:
        outcomes = await d.immomio.apply_many([*tenants(2), create("v1")])
        assert [outcome.result for outcome in outcomes] == [result] * 3


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ([], "$"),
        ({"items": []}, "total"),
        ({"items": [{"externalId": "a", "rooms": "2"}], "total": 1}, "items[0].rooms"),
        ({"items": [{"externalId": "a", "rooms": True}], "total": 1}, "items[0].rooms"),
        ({"items": [{"externalId": "a", "floor": 1.5}], "total": 1}, "items[0].floor"),
        ({"items": [{"externalId": ""}], "total": 1}, "items[0].externalId"),
    ],
)
async def test_a_wrong_type_is_named_by_its_place(answer: Any, place: str) -> None:
    async with desk(app=answering("/units", answer)) as d:
        with pytest.raises(Failure) as caught:
            await _ids(d.immomio, "unit")
        assert (caught.value.problem.code, caught.value.problem.excerpt) == ("immomio.bad_payload", place)


async def test_pages_come_in_order_are_read_ahead_and_can_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as d:
        await d.immomio.apply_many(tenants(350))
        pages = [page async for page in d.immomio.read("tenant")]
        assert [page.next for page in pages] == ["2", "3", "4", None]
        assert [r.id for page in pages for r in page.records] == sorted(c.id for c in tenants(350))
        assert await _ids(d.immomio, "tenant", "4") == [c.id for c in tenants(350)[300:]]


async def test_the_older_page_version_takes_no_tenants_and_says_so() -> None:
    async with desk(page_version="source") as d:
        names = [info.name for info in d.immomio.entities()]
        assert names == ["property", "unit", "vacancy", "vacancy_state", "application"]
        outcomes = await d.immomio.apply_many([create("10", "property"), *tenants(3)])
        assert [o.result for o in outcomes] == [Result.DONE, *[Result.FAILED] * 3]
        assert {code(o) for o in outcomes[1:]} == {"immomio.not_offered"}
        assert d.held("tenant") == {}


async def test_applications_are_read_only_and_watched_since_a_moment() -> None:
    async with desk() as d:
        await d.immomio.apply(create("v1"))
        made = []
        for _ in range(3):
            d.clock.advance(60)
            made.append(d.sandbox.act("application", {"vacancy": "v1"})[0]["applicationId"])
        assert sorted(await _ids(d.immomio, "application")) == sorted(made)
        record = await d.immomio.get("application", made[0])
        assert record is not None
        assert (record.fields["vacancy"], record.fields["state"]) == ("v1", "NEW")
        events = [event async for event in d.immomio.watch("application")]
        assert [event.id for event in events] == made
        d.clock.advance(60)
        d.sandbox.act("application", {"id": made[1], "do": "accept"})
        later = [event.id async for event in d.immomio.watch("application", events[-1].cursor)]
        assert later == [made[2], made[1]]
        outcome = await d.immomio.apply(Change(Action.DELETE, "application", made[0]))
        assert (outcome.result, code(outcome)) == (Result.FAILED, "immomio.read_only")


async def test_what_immomio_says_of_a_vacancy_is_an_entity_of_its_own() -> None:
    async with desk() as d:
        await d.immomio.apply(create("v1"))
        state = await d.immomio.get("vacancy_state", "v1")
        assert state is not None
        assert (state.fields["state"], state.fields["prospects"]) == ("IMPORTED", 0)
        assert state.fields["label"] == "Lindenweg 7a Musterstadt"
        assert str(state.fields["link"]).startswith(d.ready["url"])


async def test_capabilities_follow_the_options() -> None:
    async with desk(bulk=False) as d:
        assert Capability.BULK not in d.immomio.capabilities
        assert {Capability.VACANCIES, Capability.PROSPECTS} <= d.immomio.capabilities
        assert d.immomio.limits().bulk == 1
    async with desk() as d:
        assert (Capability.BULK in d.immomio.capabilities, d.immomio.limits().bulk) == (True, 200)


async def test_a_missing_right_is_named() -> None:
    async with desk(rights=("contracts:write", "applications:read")) as d:
        finding = (await d.immomio.check())[0]
        assert (finding.key, finding.verdict) == ("immomio.connection", Verdict.FAIL)
        assert "contracts:write" in render(finding.evidence)
        assert "applications:read" in render(finding.evidence)
    async with desk(rights=("contracts:write",), page_version="source") as d:
        assert {finding.verdict for finding in await d.immomio.check()} == {Verdict.OK}


USE_CASES = ("master-data", "vacancies", "prospects", "documents")


@pytest.mark.parametrize(
    ("lacking", "of"),
    [
        ("tenants:write", "master-data"),
        ("vacancies:write", "vacancies"),
        ("applications:read", "prospects"),
        ("documents:write", "documents"),
    ],
)
async def test_only_the_rights_of_use_cases_in_use_are_asked_for(lacking: str, of: str) -> None:
    for used in ({of}, set(USE_CASES) - {of}, set[str]()):
        async with desk(rights=(lacking,), used=frozenset(used)) as d:
            finding = (await d.immomio.check())[0]
            assert finding.verdict is (Verdict.FAIL if of in used else Verdict.OK)
            assert (lacking in render(finding.evidence)) is (of in used)


async def test_a_sender_and_ftp_are_for_vacancies_only() -> None:
    async with desk(sender="", used=frozenset({"documents"})) as d:
        assert [finding.key for finding in await d.immomio.check()] == ["immomio.connection"]


def test_every_use_case_says_what_it_needs_of_the_account() -> None:
    settings = {"separator": "/", "mandanten": ("10",), "archives": ("A",)}
    for use_case in partner.use_cases:
        names = {f.name for f in fields(use_case.settings)}
        agreed = use_case.settings(**{name: value for name, value in settings.items() if name in names})
        entities = {mapping.entity for mapping in use_case.mappings(agreed)}
        if use_case.direction is Direction.TO_PARTNER:
            assert set(wire.NEEDS[use_case.key]) == entities
    assert set(wire.NEEDS) == {use_case.key for use_case in partner.use_cases} == set(USE_CASES)


async def test_a_sender_that_is_not_set_is_a_warning_and_keeps_vacancies_back() -> None:
    async with desk(sender="") as d:
        verdicts = {finding.key: finding.verdict for finding in await d.immomio.check()}
        assert verdicts == {"immomio.connection": Verdict.OK, "immomio.sender": Verdict.WARN}
        outcome = await d.immomio.apply(create("v1"))
        assert (outcome.result, code(outcome)) == (Result.FAILED, "immomio.sender_missing")
        assert d.sent("PUT") == 0


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"dit": True}, "ftp_host"),
        ({"ftp_host": "ftp://x.example.org/in"}, "ftp_host"),
        ({"ftp_port": 0}, "ftp_port"),
        ({"ftp_wait": 0}, "ftp_wait"),
        ({"delivery": "all"}, "delivery"),
        ({"page_version": "older"}, "page_version"),
        ({"contact_email": "Frau Muster"}, "contact_email"),
        ({"sender": "a\nb"}, "sender"),
        ({"requests_per_second": 0}, "requests_per_second"),
        ({"burst": 0}, "burst"),
    ],
)
def test_an_impossible_option_is_named(options: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}.*: "):
        ImmomioOptions(**options)


def test_nothing_of_a_contact_person_is_in_a_repr() -> None:
    from connectors.immomio.offers import Sender

    assert "example.org" not in repr(Sender("W", "Erika Muster", "a@example.org"))
    assert VACANCY["baseRent"]
