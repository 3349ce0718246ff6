"""The Bots4You connector against its sandbox and against servers that misbehave, on real loopback HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors import numbered
from connectors.bots4you import client
from connectors.contract import Action, Capability, Change, Result
from connectors.problems import Failure, Trouble
from connectors.sandbox.app import body
from connectors.texts import LANGUAGES, meaning, todo
from tests.connectors.bots4you_office import (
    CATEGORY,
    TENANT,
    answering,
    create,
    delete,
    fill,
    ids_of,
    office,
)


async def test_a_record_comes_back_as_it_was_sent() -> None:
    async with office() as o:
        assert (await o.bots.apply(create("10/0042/7"))).result is Result.DONE
        record = await o.bots.get("tenant", "10/0042/7")
        assert record is not None
        assert record.id == "10/0042/7"
        assert record.fields == TENANT | {"birthDate": None}
        assert record == await o.bots.find("tenant", "10/0042/7")
        assert (await o.bots.apply(create("10/0042/7"))).result is Result.DONE
        assert o.sandbox.state("creates")["tenant"] == {"10/0042/7": 1}


async def test_what_is_not_there_is_none() -> None:
    async with office() as o:
        assert await o.bots.get("tenant", "10/1/7") is None
        assert await o.bots.get("ticket_category", "10") is None


@pytest.mark.parametrize(
    "id_", ["10/0042/7", "10|0042|7", "10.0042.7", ".", "..", "a%2Fb", "ä ö", "?x=1#y", "bulk"]
)
async def test_any_id_reaches_exactly_its_record(id_: str) -> None:
    async with office(bulk=False) as o:
        change = Change(Action.CREATE, "ticket_category", id_, after=CATEGORY)
        assert (await o.bots.apply(change)).ok
        assert [record["categoryId"] for record in o.sandbox.state("ticket_category")] == [id_]
        found = await o.bots.get("ticket_category", id_)
        assert found is not None
        assert found.fields == CATEGORY
        assert (await o.bots.apply(delete(id_, "ticket_category"))).result is Result.DONE
        assert o.sandbox.state("ticket_category") == []


async def test_pages_come_in_order_and_can_be_resumed() -> None:
    async with office() as o:
        ids = fill(o.sandbox, 950)
        pages = [page async for page in o.bots.read("tenant")]
        assert [record.id for page in pages for record in page.records] == ids
        assert [page.next for page in pages] == [*map(str, range(2, 11)), None]
        assert await ids_of(o.bots, start="9") == ids[800:]


async def test_an_empty_list_is_one_empty_page() -> None:
    async with office() as o:
        pages = [page async for page in o.bots.read("tenant")]
        assert [(list(page.records), page.next) for page in pages] == [([], None)]


async def test_a_row_that_slips_to_the_next_page_is_given_once() -> None:
    async with office() as o:
        ids = fill(o.sandbox, 250)
        seen: list[str] = []
        async for page in o.bots.read("tenant"):
            if not seen:
                for new in ("00/1/1", "00/2/1"):
                    o.sandbox.act("tenant", {"externalId": new, "clientNumber": "00", "contractNumber": "1"})
            seen += [record.id for record in page.records]
        assert seen == ids


def reading() -> list[asyncio.Task[Any]]:
    """The pages under way."""
    return [task for task in asyncio.all_tasks() if "_page" in repr(task.get_coro())]


async def test_a_reading_that_is_abandoned_leaves_nothing_running() -> None:
    async with office("slow,path=/api/v1/tenants,after=1,delay=30") as o:
        fill(o.sandbox, 900)
        pages = o.bots.read("tenant")
        await anext(pages)
        waiting = asyncio.ensure_future(anext(pages))
        await asyncio.sleep(0.05)
        assert 1 < len(reading()) <= numbered.AHEAD
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not reading()


async def test_a_server_that_promises_endless_pages_is_not_believed() -> None:
    app = answering("/api/v1/tenants", {"items": [], "page": 1, "pages": 10**9, "total": 10**11})
    async with office(app=app) as o:
        assert await ids_of(o.bots) == []
        assert o.sent("GET") <= 1 + numbered.AHEAD


async def test_deleting_what_is_gone_counts_as_already_done() -> None:
    async with office() as o:
        assert (await o.bots.apply(delete("10/0042/7"))).result is Result.ALREADY


async def test_a_record_the_partner_refuses_is_rejected_with_its_code_and_no_value() -> None:
    async with office(bulk=False) as o:
        outcome = await o.bots.apply(create("10//7", contractNumber=""))
        assert outcome.result is Result.REJECTED
        assert outcome.problem is not None
        assert (outcome.problem.status, outcome.problem.excerpt) == (422, "empty_field")
        assert "Muster" not in repr(outcome)


@pytest.mark.parametrize(
    ("fault", "result", "trouble"),
    [
        ("401", Result.FAILED, Trouble.CREDENTIALS),
        ("403", Result.FAILED, Trouble.RIGHTS),
        ("429,retry_after=2", Result.FAILED, Trouble.LIMIT),
        ("503", Result.FAILED, Trouble.UNAVAILABLE),
        ("500", Result.UNKNOWN, Trouble.UNAVAILABLE),
        ("cut", Result.UNKNOWN, Trouble.UNREACHABLE),
        ("cut-after", Result.UNKNOWN, Trouble.UNREACHABLE),
        ("html", Result.UNKNOWN, Trouble.PAYLOAD),
    ],
)
@pytest.mark.parametrize("bulk", [True, False])
async def test_a_failed_call_becomes_the_outcome_of_each_record(
    fault: str, result: Result, trouble: Trouble, bulk: bool
) -> None:
    async with office(f"{fault},path=/api/v1/tenants*", bulk=bulk) as o:
        outcomes = await o.bots.apply_many([create("10/1/7"), create("10/2/7"), create("10/3/7")])
        assert [outcome.id for outcome in outcomes] == ["10/1/7", "10/2/7", "10/3/7"]
        assert {outcome.result for outcome in outcomes} == {result}
        assert {outcome.problem.trouble for outcome in outcomes if outcome.problem} == {trouble}


async def test_a_bulk_answer_that_cannot_be_read_leaves_the_records_unknown() -> None:
    async with office("malformed,processed=yes,path=/api/v1/tenants/bulk") as o:
        outcomes = await o.bots.apply_many([create("10/1/7"), create("10/2/7")])
        assert {outcome.result for outcome in outcomes} == {Result.UNKNOWN}
        assert o.sandbox.state("creates")["tenant"] == {"10/1/7": 1, "10/2/7": 1}


async def test_bulk_calls_are_full_and_outcomes_stay_in_order() -> None:
    async with office("reject,id=10/7*") as o:
        gone = fill(o.sandbox, 3)
        changes = [create(f"10/{number}/1") for number in range(1_100)]
        for place, id_ in ((0, gone[0]), (600, gone[1]), (1_102, gone[2])):
            changes.insert(place, delete(id_))
        outcomes = await o.bots.apply_many(changes)
        assert [(x.id, x.action) for x in outcomes] == [(c.id, c.action) for c in changes]
        refused = {x.id for x in outcomes if x.result is Result.REJECTED}
        assert refused == {f"10/{number}/1" for number in range(1_100) if str(number).startswith("7")}
        assert all(x.ok for x in outcomes if x.id not in refused)
        assert (o.sent("POST", "/bulk"), o.sent("DELETE"), o.sent("PUT")) == (3, 3, 0)


async def test_without_bulk_every_record_is_its_own_call() -> None:
    async with office(bulk=False) as o:
        outcomes = await o.bots.apply_many([create(f"10/{number}/1") for number in range(30)])
        assert all(outcome.ok for outcome in outcomes)
        assert (o.sent("POST"), o.sent("PUT")) == (0, 30)
        assert Capability.BULK not in o.bots.capabilities
        assert o.bots.limits().bulk == 1


async def test_a_bulk_call_that_is_too_large_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BULK", 900)
    async with office() as o:
        outcomes = await o.bots.apply_many([create(f"10/{number}/1") for number in range(900)])
        assert all(outcome.ok for outcome in outcomes)
        assert o.sent("POST", "/bulk") == 3
        assert set(o.sandbox.state("creates")["tenant"].values()) == {1}


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_one_record_that_spoils_the_whole_bulk_call_is_found(status: int) -> None:
    async def handle(request: Request) -> Response:
        ids = [item["externalId"] for item in json.loads(body(request))["items"]]
        if "10/13/1" in ids:
            return JSONResponse({"error": {"code": "spoilt", "field": None}}, status)
        return JSONResponse({"results": [{"externalId": i, "status": 201, "error": None} for i in ids]})

    app = Starlette(routes=[Route("/api/v1/tenants/bulk", handle, methods=["POST"])])
    async with office(app=app) as o:
        outcomes = await o.bots.apply_many([create(f"10/{number}/1") for number in range(20)])
        assert [x.id for x in outcomes if x.result is Result.REJECTED] == ["10/13/1"]
        assert sum(x.result is Result.DONE for x in outcomes) == 19
        assert [x.id for x in outcomes] == [f"10/{number}/1" for number in range(20)]


async def test_a_record_that_the_bulk_answer_forgets_is_unknown() -> None:
    answer = {"results": [{"externalId": "10/1/7", "status": 200, "error": None}]}
    async with office(app=answering("/api/v1/tenants/bulk", answer, "POST")) as o:
        outcomes = await o.bots.apply_many([create("10/1/7"), create("10/2/7")])
        assert [outcome.result for outcome in outcomes] == [Result.DONE, Result.UNKNOWN]


async def test_an_error_that_quotes_the_record_is_not_repeated() -> None:
    answer = {"results": [{"externalId": "10/1/7", "status": 422, "error": {"code": "Muster", "field": "x"}}]}
    async with office(app=answering("/api/v1/tenants/bulk", answer, "POST")) as o:
        outcome = (await o.bots.apply_many([create("10/1/7")]))[0]
        assert outcome.result is Result.REJECTED
        assert "Muster" not in repr(outcome)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ([], "$"),
        ({"items": [], "pages": "2"}, "pages"),
        ({"items": [], "pages": True}, "pages"),
        ({"items": {}, "pages": 1}, "items"),
        ({"items": ["Geheim"], "pages": 1}, "items[0]"),
        ({"items": [{"externalId": 7}], "pages": 1}, "items[0].externalId"),
        ({"items": [{"externalId": "a", "lastName": ["Geheim"]}], "pages": 1}, "items[0].lastName"),
        ({"items": [{"externalId": "a", "isMainTenant": 1}], "pages": 1}, "items[0].isMainTenant"),
        ({"items": [{"externalId": "a", "contractStart": "Geheim"}], "pages": 1}, "items[0].contractStart"),
        ({"items": [{"externalId": "a", "phoneNumbers": ["1", 2]}], "pages": 1}, "items[0].phoneNumbers"),
    ],
)
async def test_a_wrong_type_is_named_by_its_place_and_never_shown(answer: Any, place: str) -> None:
    async with office(app=answering("/api/v1/tenants", answer)) as o:
        with pytest.raises(Failure) as caught:
            await ids_of(o.bots)
        problem = caught.value.problem
        assert (problem.code, problem.trouble, problem.excerpt) == (
            "bots4you.bad_payload",
            Trouble.PAYLOAD,
            place,
        )
        assert "Geheim" not in repr(problem) + str(caught.value)
        assert all(meaning(problem, language) and todo(problem, language) for language in LANGUAGES)
