"""Immomio's tickets against the double and against servers that misbehave, on real loopback HTTP."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.contract import Verdict
from connectors.housing import CategoryKind
from connectors.http import Network
from connectors.immomio.sandbox import immomio_sandbox
from connectors.immomio.tickets import FLOW, PIECE
from connectors.immomio.wire_tickets import PAGE_SIZE
from connectors.problems import Arrival, Failure, Trouble
from connectors.ticketing import LeaseNumber, TicketSettings
from connectors.tickets import Author, Can, Ticket, TicketFile
from tests.connectors.conformance import explained
from tests.connectors.immomio_desk import answering
from tests.connectors.partner_tickets_kit import DRAFT, IMMOMIO_TICKET, Counter, counter, heads

SETTINGS = TicketSettings(separator="/", mandanten=("10",))
AT = "2026-03-01T10:00:00.000001+00:00"
HEAD = {"ticketId": "T-1", "changedAt": AT, "deleted": False}


def office(*faults: str, **how: Any) -> AbstractAsyncContextManager[Counter]:
    """The tickets of an Immomio account."""
    return counter("immomio", partial(immomio_sandbox, seed=1), *faults, **how)


async def failing(call: Any) -> Failure:
    """The Failure that a call raises; its problem is explained in both languages."""
    with pytest.raises(Failure) as caught:
        await call
    explained(caught.value.problem)
    return caught.value


async def content(side: Any, id_: str, file: TicketFile) -> list[bytes]:
    return [piece async for piece in side.fetch(id_, file)]


# --- reading ---


async def test_a_ticket_arrives_with_everything_that_was_said_and_attached() -> None:
    async with office() as o:
        photo = {"name": "Bad/Küche, Übersicht.jpg", "base64": base64.b64encode(b"photo").decode()}
        more = {"subject": "Heizung kalt", "text": "Seit gestern.", "attachments": [photo, photo]}
        made = o.report(contract="10/0042", category="SCH-HEIZ", kind="DAMAGE", **more)
        o.do(made["ticketId"], "comment", text="Es wird kälter.")
        await o.side.comment(made["ticketId"], "Wir kommen morgen.", "S. Muster")
        o.do(made["ticketId"], "comment", text="Danke!")
        found = await o.side.get(made["ticketId"])
        assert isinstance(found, Ticket)
        assert (found.category, found.kind, found.contract) == ("SCH-HEIZ", CategoryKind.DAMAGE, "10/0042")
        assert (found.status, found.subject, found.text) == ("NEW", "Heizung kalt", "Seit gestern.")
        said = [(c.author, c.text, c.name) for c in found.comments]
        assert said == [
            (Author.TENANT, "Es wird kälter.", ""),
            (Author.API, "Wir kommen morgen.", "S. Muster"),
            (Author.TENANT, "Danke!", ""),
        ]
        assert [c.at for c in found.comments] == sorted(c.at for c in found.comments)
        digest = hashlib.md5(b"photo").hexdigest()
        assert [(f.name, f.size, f.md5) for f in found.files] == [(photo["name"], 5, digest)] * 2
        assert len({f.id for f in found.files}) == 2
        assert all("Heizung" not in repr(one) and "Küche" not in repr(one) for one in (found, found.files))
        assert FLOW.lease(found, SETTINGS) == LeaseNumber("10", "0042")


async def test_all_pages_name_each_ticket_once_and_an_idle_reading_costs_one_request() -> None:
    async with office() as o:
        ids = o.report(contract="10/1", count=2 * PAGE_SIZE + 50)
        found, cursor = await heads(o.side)
        assert list(dict.fromkeys(head.id for head in found)) == ids
        assert len({(h.id, h.changed_at) for h in found}) == len(ids)
        before = o.sent("GET", "/tickets")
        idle = await o.side.changes(cursor)
        assert (o.sent("GET", "/tickets") - before, idle.more, idle.cursor) == (1, False, cursor)
        assert [head.id for head in idle.heads] == ids[-1:]  # what lies at the cursor comes again
        o.do(ids[3], "comment", text="Noch etwas.")
        again = await o.side.changes(cursor)
        assert [head.id for head in again.heads] == [ids[-1], ids[3]]
        o.do(ids[7], "repeat")
        late = await o.side.changes(again.cursor)
        assert [head.id for head in late.heads] == [ids[7], ids[3]]
        assert late.cursor == again.cursor


async def test_what_changes_between_two_pages_is_neither_lost_nor_repeated_for_ever() -> None:
    async with office() as o:
        ids = o.report(contract="10/1", count=PAGE_SIZE + 20)
        first = await o.side.changes()
        o.do(ids[0], "comment", text="a")  # leaves the first page for the last
        rest, _cursor = await heads(o.side, first.cursor)
        seen = {(h.id, h.changed_at) for h in (*first.heads, *rest)}
        assert {id_ for id_, _ in seen} == set(ids)
        assert len(seen) == len(ids) + 1


async def test_more_than_a_page_of_one_single_moment_is_read_to_its_end() -> None:
    same = [{**HEAD, "ticketId": f"T-{n}"} for n in range(PAGE_SIZE * 2 + 1)]

    async def listed(request: Request) -> Response:
        since, number = request.query_params.get("changedSince"), int(request.query_params["page"])
        found = [h for h in same if since is None or str(h["changedAt"]) >= since]
        start = (number - 1) * PAGE_SIZE
        return JSONResponse({"items": found[start : start + PAGE_SIZE], "total": len(found)})

    app = answering("/else", {})
    app.router.routes.append(Route("/tickets", listed))
    async with office(app=app) as o:
        found, _cursor = await heads(o.side)
        assert {head.id for head in found} == {head["ticketId"] for head in same}


async def test_a_deleted_ticket_is_listed_as_gone_and_one_not_there_yet_comes_later() -> None:
    async with office() as o:
        gone, late = (o.report(contract="10/1")["ticketId"] for _ in range(2))
        o.do(gone, "delete")
        o.do(late, "withhold", count=2)
        found, _cursor = await heads(o.side)
        assert [(head.id, head.gone) for head in found] == [(late, False), (gone, True)]
        assert await o.side.get(gone) is None
        assert [await o.side.get(late) is None for _ in range(3)] == [True, True, False]


async def test_a_tenant_may_withdraw_and_reopen() -> None:
    async with office() as o:
        id_ = o.report(contract="10/1")["ticketId"]
        for what, status in (("withdraw", "WITHDRAWN"), ("reopen", "NEW")):
            o.do(id_, what)
            assert (await o.side.get(id_)).status == status


# --- writing ---


async def test_a_test_ticket_goes_the_way_of_all_others_and_is_found_by_its_reference() -> None:
    async with office() as o:
        assert await o.side.find(DRAFT.reference) is None
        id_ = await o.side.create(DRAFT)
        found = await o.side.find(DRAFT.reference)
        assert found == await o.side.get(id_)
        assert (found.reference, found.from_api, found.kind) == ("trip-1", False, CategoryKind.DAMAGE)
        assert found.created_at == DRAFT.created_at
        await o.side.remove(id_)
        await o.side.remove(id_)
        assert await o.side.find(DRAFT.reference) is None


async def test_after_a_cut_the_create_may_have_arrived_and_the_reference_tells() -> None:
    async with office("cut-after,method=POST,path=/tickets,count=1") as o:
        failure = await failing(o.side.create(DRAFT))
        assert failure.problem.arrival is Arrival.PERHAPS
        assert await o.side.find(DRAFT.reference) is not None
        assert o.sandbox.state("ticket_arrivals")["creates"] == {"trip-1": 1}
    async with office("cut,method=POST,path=/tickets,count=1") as o:
        failure = await failing(o.side.create(DRAFT))
        assert failure.problem.arrival is Arrival.PERHAPS
        assert await o.side.find(DRAFT.reference) is None


async def test_each_write_is_sent_once_and_says_whether_it_may_have_arrived() -> None:
    async with office() as o:
        id_ = o.report(contract="10/1")["ticketId"]
        await o.side.set_status(id_, "IN_PROGRESS")
        await o.side.set_status(id_, "IN_PROGRESS")
        first = await o.side.comment(id_, "Müller & Söhne kommen", "A/B")
        assert (await o.side.get(id_)).comments[0].id == first
        assert o.arrived(id_) == {
            "statuses": ["IN_PROGRESS"] * 2,
            "comments": {"Müller & Söhne kommen": 1},
        }
    for fault in (
        "cut-after",
        "truncate",
        "500,processed=yes",
        "malformed,processed=yes",
        "html,processed=yes",
    ):
        async with office(f"{fault},path=/tickets/*") as o:
            id_ = o.report(contract="10/1")["ticketId"]
            for write in (o.side.set_status(id_, "DONE"), o.side.comment(id_, "Hallo", "A")):
                assert (await failing(write)).problem.arrival is Arrival.PERHAPS, fault
            assert o.arrived(id_) == {"statuses": ["DONE"], "comments": {"Hallo": 1}}


async def test_a_status_that_is_silently_stored_otherwise_is_no_success() -> None:
    async with office("rewrite,field=status,value=WAITING") as o:
        id_ = o.report(contract="10/1")["ticketId"]
        failure = await failing(o.side.set_status(id_, "DONE"))
        assert (failure.problem.trouble, failure.problem.arrival) == (Trouble.PAYLOAD, Arrival.PERHAPS)


async def test_what_is_not_offered_is_refused_without_a_call() -> None:
    async with office(environment="production") as o:
        assert o.side.abilities == frozenset(Can) - {Can.DELETE}
        for call in (o.side.remove("T-1"), o.side.set_category("T-1", "x")):
            assert (await failing(call)).problem.trouble is Trouble.CONFIG
        # a state that one ticket gets: that of others may be known, so it is no matter of the whole account
        assert (await failing(o.side.set_status("T-1", "90"))).problem.trouble is Trouble.REJECTED
        assert not o.log.calls()
    async with office() as o:
        assert o.side.abilities == frozenset(Can)


async def test_what_does_not_exist_is_missing_and_what_is_refused_says_so() -> None:
    async with office("reject,id=trip-1") as o:
        assert (await failing(o.side.set_status("T-9", "DONE"))).problem.trouble is Trouble.MISSING
        assert (await failing(o.side.comment("T-9", "a", "b"))).problem.trouble is Trouble.MISSING
        assert (await failing(o.side.create(DRAFT))).problem.trouble is Trouble.REJECTED
        id_ = o.report(contract="10/1")["ticketId"]
        assert (await failing(o.side.comment(id_, "", "b"))).problem.trouble is Trouble.REJECTED


# --- attachments ---


async def test_an_attachment_comes_piece_by_piece_and_byte_for_byte() -> None:
    async with office() as o:
        size = 2 * PIECE + 4_711
        made = o.report(
            contract="10/1", attachments=[{"name": "a", "size": size}, {"name": "leer", "size": 0}]
        )
        big, empty = (await o.side.get(made["ticketId"])).files
        pieces = await content(o.side, made["ticketId"], big)
        assert [len(piece) for piece in pieces] == [PIECE, PIECE, 4_711]
        assert hashlib.md5(b"".join(pieces)).hexdigest() == big.md5
        assert await content(o.side, made["ticketId"], empty) == []


async def test_a_huge_file_is_announced_and_nothing_of_it_is_moved() -> None:
    async with office() as o:
        made = o.report(contract="10/1", attachments=[{"name": "film.mov", "size": 60 << 30}])
        found = await o.side.get(made["ticketId"])
        assert [(f.size, f.md5) for f in found.files] == [(60 << 30, "")]
        assert o.sent("GET", "attachments") == 0
        pieces = o.side.fetch(made["ticketId"], found.files[0])
        assert len(await anext(pieces)) == PIECE
        await pieces.aclose()


@pytest.mark.parametrize("changed", [{"size": 4}, {"size": 6}, {"md5": "0" * 32}])
async def test_bytes_that_are_missing_or_others_are_not_to_be_used(changed: dict[str, Any]) -> None:
    async with office() as o:
        given = {"name": "a", "base64": base64.b64encode(b"photo").decode()}
        made = o.report(contract="10/1", attachments=[given])
        told = {"id": f"{made['ticketId']}-F1", "name": "a", "size": 5, "md5": "", **changed}
        failure = await failing(content(o.side, made["ticketId"], TicketFile(**told)))
        assert failure.problem.code == "immomio.attachment_damaged"


async def test_a_server_that_knows_no_parts_sends_the_whole_file() -> None:
    app = Starlette(routes=answering("/else", {}).routes)

    async def whole(_request: Request) -> Response:
        return Response(b"photo", headers={"x-checksum-md5": hashlib.md5(b"photo").hexdigest()})

    app.router.routes.append(Route("/tickets/{id}/attachments/{file}", whole))
    async with office(app=app) as o:
        assert await content(o.side, "T 1/2", TicketFile("F/ü", "a", 5)) == [b"photo"]
        failure = await failing(content(o.side, "T-1", TicketFile("F", "a", 3)))
        assert failure.problem.code == "immomio.attachment_damaged"


async def test_a_download_that_is_cut_in_the_middle_fails_and_can_be_repeated() -> None:
    async with office("cut,path=*/attachments/*,after=1,count=1") as o:
        made = o.report(contract="10/1", attachments=[{"name": "a", "size": 2 * PIECE}])
        file = (await o.side.get(made["ticketId"])).files[0]
        failure = await failing(content(o.side, made["ticketId"], file))
        assert (failure.problem.arrival, failure.problem.repeatable) == (Arrival.NEVER, True)
        assert sum(map(len, await content(o.side, made["ticketId"], file))) == file.size


# --- what goes wrong ---


async def test_an_expired_token_is_renewed_once_for_all() -> None:
    async with office() as o:
        id_ = o.report(contract="10/1")["ticketId"]
        await o.side.changes()
        o.sandbox.act("expire", {})
        await asyncio.gather(*(o.side.get(id_) for _ in range(10)), o.side.set_status(id_, "DONE"))
        assert o.sent("POST", "/auth/token") == 2
        assert o.arrived(id_)["statuses"] == ["DONE"]


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("429,retry_after=2", Trouble.LIMIT),
        ("503,retry_after=700", Trouble.UNAVAILABLE),
        ("403", Trouble.RIGHTS),
        ("malformed", Trouble.PAYLOAD),
        ("html", Trouble.PAYLOAD),
        ("cut", Trouble.UNREACHABLE),
    ],
)
async def test_a_page_that_cannot_be_had_says_why_and_reading_goes_on_afterwards(
    fault: str, trouble: Trouble
) -> None:
    async with office(f"{fault},path=/tickets*,count=3") as o:
        id_ = o.report(contract="10/1")["ticketId"]
        for call in (o.side.changes(), o.side.get(id_), o.side.find("x")):
            problem = (await failing(call)).problem
            assert (problem.trouble, problem.arrival) == (trouble, Arrival.NEVER)
            assert problem.retry_after == (float(fault.partition("retry_after=")[2] or 0) or None)
        assert [head.id for head in (await o.side.changes()).heads] == [id_]


async def test_a_page_that_takes_too_long_is_given_up() -> None:
    hasty = Network(timeout=0.2, deadline=0.4)
    async with office("slow,path=/tickets,delay=3", network=hasty) as o:
        assert (await failing(o.side.changes())).problem.trouble is Trouble.UNREACHABLE


async def test_somebody_elses_ticket_in_the_answer_is_refused() -> None:
    async with office(app=answering("/tickets/{id}", IMMOMIO_TICKET)) as o:
        assert (await failing(o.side.get("T-2"))).problem.code == "immomio.bad_payload"
        assert (await o.side.get("T-1")).id == "T-1"


@pytest.mark.parametrize(
    ("how", "verdict", "code"),
    [
        ({}, Verdict.OK, "immomio.tickets_access_ok"),
        ({"rights": ("tickets:write",)}, Verdict.FAIL, "immomio.tickets_access_right"),
        ({"app": answering("/me", [])}, Verdict.FAIL, "immomio.tickets_access_unknown"),
    ],
)
async def test_the_rights_for_tickets_are_checked(how: Any, verdict: Verdict, code: str) -> None:
    async with office(**how) as o:
        (finding,) = await o.side.check()
        assert (finding.verdict, finding.evidence.code) == (verdict, code)


async def test_without_the_right_nothing_is_read_or_written() -> None:
    async with office(rights=("tickets:read", "tickets:write")) as o:
        id_ = o.report(contract="10/1")["ticketId"]
        for call in (o.side.changes(), o.side.get(id_), o.side.set_status(id_, "DONE"), o.side.create(DRAFT)):
            assert (await failing(call)).problem.trouble is Trouble.RIGHTS
        assert o.arrived(id_)["statuses"] == []
