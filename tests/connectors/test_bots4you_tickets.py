"""Tickets of Bots4You against the double and against servers that misbehave, on real loopback HTTP."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bots4you.caller import BLANKED, without_number
from connectors.bots4you.sandbox import bots4you_sandbox
from connectors.bots4you.tickets import FLOW, PAGE_SIZE, changes, ticket
from connectors.contract import Verdict
from connectors.housing import CategoryKind
from connectors.http import Network
from connectors.problems import Arrival, Failure, Trouble
from connectors.registry import partner
from connectors.ticketing import Hop, LeaseNumber, TicketSettings
from connectors.tickets import Can, Ticket, TicketFile
from tests.connectors.bots4you_office import answering
from tests.connectors.conformance import explained
from tests.connectors.partner_tickets_kit import DRAFT, JSON, Counter, counter, heads, node

SETTINGS = TicketSettings(separator="/", mandanten=("10",))
AT = "2026-03-01T10:00:00.000001+00:00"
HEAD = {"ticketId": "b4y-1", "changedAt": AT, "deleted": False}
PATH = "/api/v1/tickets"


def office(*faults: str, **how: Any) -> AbstractAsyncContextManager[Counter]:
    """The tickets of a Bots4You account."""
    return counter("bots4you", partial(bots4you_sandbox, seed=1), *faults, **how)


async def failing(call: Any) -> Failure:
    """The Failure that a call raises; its problem is explained in both languages."""
    with pytest.raises(Failure) as caught:
        await call
    explained(caught.value.problem)
    return caught.value


# --- reading ---


async def test_a_call_becomes_a_ticket_with_its_transcript_and_without_the_callers_number() -> None:
    async with office() as o:
        spoken = "Ich heiße Käthe Muster, 0171 / 23 45 678. Heizung fällt aus. Meine PLZ ist 99998."
        call = {"callbackNumber": "+49 171 2345678", "transcript": spoken, "description": "Heizung fällt aus"}
        made = o.report(
            contractNumber=" 0042 ", clientNumber="10", categoryId="SCH-HEIZ", subject="Kalt", **call
        )
        found = await o.side.get(made["ticketId"])
        assert isinstance(found, Ticket)
        assert found.text == f"Heizung fällt aus\n\n{spoken.replace('0171 / 23 45 678', BLANKED)}"
        assert (found.category, found.kind, found.status) == ("SCH-HEIZ", CategoryKind.DAMAGE, "NEW")
        assert (found.comments, found.files, found.from_api) == ((), (), False)
        assert FLOW.lease(found, SETTINGS) == LeaseNumber("10", "0042")
        assert "Kalt" not in repr(found)
        assert "2345678" not in repr([getattr(found, name) for name in Ticket.__slots__])


async def test_a_caller_nobody_could_identify_has_a_ticket_without_a_lease() -> None:
    async with office() as o:
        found = await o.side.get(o.report(channel="email")["ticketId"])
        assert FLOW.lease(found, SETTINGS) is None


async def test_all_pages_name_each_ticket_once_and_an_idle_reading_costs_one_request() -> None:
    async with office() as o:
        ids = o.report(contractNumber="1", count=2 * PAGE_SIZE + 50)
        found, cursor = await heads(o.side)
        assert [head.id for head in found] == ids
        assert o.sent("GET", PATH) == 3
        idle = await o.side.changes(cursor)
        assert (o.sent("GET", PATH), idle.heads, idle.more, idle.cursor) == (4, (), False, cursor)
        o.do(ids[3], "withdraw")
        o.do(ids[7], "repeat")
        again = await o.side.changes(cursor)
        assert [head.id for head in again.heads] == [ids[3], ids[7]]
        assert again.heads[1] in found  # the very same delivery once more


async def test_what_changes_between_two_pages_is_neither_lost_nor_repeated_for_ever() -> None:
    async with office() as o:
        ids = o.report(contractNumber="1", count=PAGE_SIZE + 20)
        first = await o.side.changes()
        o.do(ids[0], "withdraw")
        o.do(ids[-1], "delete")
        rest, _cursor = await heads(o.side, first.cursor)
        assert [head.id for head in rest] == [*ids[PAGE_SIZE:-1], ids[0], ids[-1]]
        assert [head.id for head in rest if head.gone] == [ids[-1]]


async def test_a_deleted_ticket_is_none_and_one_not_there_yet_comes_later() -> None:
    async with office() as o:
        gone, late = (o.report(contractNumber="1")["ticketId"] for _ in range(2))
        o.do(gone, "delete")
        o.do(late, "withhold", count=1)
        assert await o.side.get(gone) is None
        assert [await o.side.get(late) is None for _ in range(2)] == [True, False]
        o.do(late, "withdraw")
        assert (await o.side.get(late)).status == "WITHDRAWN"
        o.do(late, "reopen")
        assert (await o.side.get(late)).status == "NEW"


# --- writing ---


async def test_the_status_goes_out_with_its_words_once_per_call() -> None:
    async with office() as o:
        id_ = o.report(contractNumber="1")["ticketId"]
        for status in ("IN_PROGRESS", "IN_PROGRESS", "DONE"):
            await o.side.set_status(id_, status)
        assert o.arrived(id_)["statuses"] == ["IN_PROGRESS", "IN_PROGRESS", "DONE"]
        (held,) = o.sandbox.state("ticket")
        assert (held["statusCode"], held["statusLabel"]) == ("DONE", "Erledigt")
        assert (await failing(o.side.set_status("b4y-9", "DONE"))).problem.trouble is Trouble.MISSING


@pytest.mark.parametrize(
    "fault",
    ["cut-after", "truncate", "500,processed=yes", "malformed,processed=yes", "html,processed=yes"],
)
async def test_a_write_whose_answer_is_spoilt_may_have_arrived(fault: str) -> None:
    async with office(f"{fault},method=P*") as o:
        id_ = o.report(contractNumber="1")["ticketId"]
        for write in (o.side.set_status(id_, "DONE"), o.side.create(DRAFT)):
            assert (await failing(write)).problem.arrival is Arrival.PERHAPS
        assert o.arrived(id_)["statuses"] == ["DONE"]
        assert (await o.side.find("trip-1")).subject == DRAFT.subject
        assert o.sandbox.state("ticket_arrivals")["creates"] == {"trip-1": 1}


async def test_a_test_ticket_is_found_by_its_reference() -> None:
    async with office("reject,id=trip-2") as o:
        assert await o.side.find("trip-1") is None
        id_ = await o.side.create(DRAFT)
        found = await o.side.find("trip-1")
        assert (found.id, found.text, found.contract) == (id_, DRAFT.text, DRAFT.contract)
        assert [head.id for head in (await o.side.changes()).heads] == [id_]


async def test_a_status_that_is_silently_stored_otherwise_is_no_success() -> None:
    async with office("rewrite,field=statusCode,value=NEW") as o:
        id_ = o.report(contractNumber="1")["ticketId"]
        failure = await failing(o.side.set_status(id_, "DONE"))
        assert (failure.problem.trouble, failure.problem.arrival) == (Trouble.PAYLOAD, Arrival.PERHAPS)


async def test_what_is_not_offered_is_refused_without_a_call() -> None:
    async with office(environment="production") as o:
        assert o.side.abilities == {Can.STATUS}
        file = TicketFile("1", "a", 1)
        for call in (
            o.side.create(DRAFT),
            o.side.remove("b4y-1"),
            o.side.comment("b4y-1", "a", "b"),
            o.side.set_category("b4y-1", "x"),
            anext(o.side.fetch("b4y-1", file)),
        ):
            assert (await failing(call)).problem.trouble is Trouble.CONFIG
        # a state that one ticket gets: that of others may be known, so it is no matter of the whole account
        assert (await failing(o.side.set_status("b4y-1", "90"))).problem.trouble is Trouble.REJECTED
        assert not o.log.calls()
    async with office(environment="test") as o:
        assert o.side.abilities == {Can.STATUS, Can.CREATE}


def test_nothing_but_the_status_flows_to_bots4you_and_nothing_is_ever_made_there() -> None:
    assert partner("bots4you").tickets is FLOW
    assert (set(FLOW.to_partner), set(FLOW.to_erp)) == ({Can.STATUS}, {Can.CREATE})
    assert FLOW.rules == {Hop.TICKET: "B5", Hop.STATUS: "B6"}
    assert FLOW.contract(LeaseNumber("10", "0042"), SETTINGS) == "0042"


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("429,retry_after=2", Trouble.LIMIT),
        ("503,retry_after=700", Trouble.UNAVAILABLE),
        ("401", Trouble.CREDENTIALS),
        ("403", Trouble.RIGHTS),
        ("malformed", Trouble.PAYLOAD),
        ("html", Trouble.PAYLOAD),
        ("cut", Trouble.UNREACHABLE),
    ],
)
async def test_a_page_that_cannot_be_had_says_why_and_reading_goes_on_afterwards(
    fault: str, trouble: Trouble
) -> None:
    async with office(f"{fault},count=3") as o:
        id_ = o.report(contractNumber="1")["ticketId"]
        for call in (o.side.changes(), o.side.get(id_), o.side.find("x")):
            problem = (await failing(call)).problem
            assert (problem.trouble, problem.arrival) == (trouble, Arrival.NEVER)
            assert problem.retry_after == (float(fault.partition("retry_after=")[2] or 0) or None)
        assert [head.id for head in (await o.side.changes()).heads] == [id_]


async def test_a_page_that_takes_too_long_is_given_up() -> None:
    hasty = Network(timeout=0.2, deadline=0.4)
    async with office(f"slow,path={PATH},delay=3", network=hasty) as o:
        assert (await failing(o.side.changes())).problem.trouble is Trouble.UNREACHABLE


async def test_a_cursor_that_is_none_of_theirs_is_refused() -> None:
    async with office() as o:
        assert (await failing(o.side.changes("c99"))).problem.trouble is Trouble.REJECTED


async def test_somebody_elses_ticket_in_the_answer_is_refused() -> None:
    async with office(app=answering(f"{PATH}/{{id}}", WHOLE)) as o:
        assert (await failing(o.side.get("b4y-2"))).problem.code == "bots4you.bad_payload"
        assert (await o.side.get("b4y-1")).id == "b4y-1"


@pytest.mark.parametrize(
    ("how", "verdict", "code"),
    [
        ({}, Verdict.OK, "bots4you.tickets_access_ok"),
        ({"rights": ("tickets:read",)}, Verdict.FAIL, "bots4you.tickets_access_right"),
        ({"app": answering("/api/v1/me", [])}, Verdict.FAIL, "bots4you.tickets_access_unknown"),
    ],
)
async def test_the_rights_for_tickets_are_checked(how: Any, verdict: Verdict, code: str) -> None:
    async with office(**how) as o:
        (finding,) = await o.side.check()
        assert (finding.verdict, finding.evidence.code) == (verdict, code)


async def test_without_the_right_nothing_is_read_or_written() -> None:
    async with office(rights=("tickets:read", "tickets:write")) as o:
        id_ = o.report(contractNumber="1")["ticketId"]
        for call in (o.side.changes(), o.side.get(id_), o.side.set_status(id_, "DONE"), o.side.create(DRAFT)):
            assert (await failing(call)).problem.trouble is Trouble.RIGHTS
        assert o.arrived(id_)["statuses"] == []


# --- forms ---

WHOLE: dict[str, Any] = {
    "ticketId": "b4y-1",
    "number": "B-000001",
    "createdAt": AT,
    "changedAt": AT,
    "statusCode": "NEW",
    "categoryId": None,
    "kind": None,
    "clientNumber": None,
    "contractNumber": None,
    "reference": None,
    "subject": None,
    "description": None,
    "transcript": None,
    "callbackNumber": None,
}


def test_what_is_not_told_is_empty_and_a_kind_that_is_not_told_a_request() -> None:
    found = ticket(node(WHOLE))
    assert (found.kind, found.category, found.contract, found.text) == (CategoryKind.REQUEST, "", "", "")
    assert found.created_at == datetime.fromisoformat(AT)


@given(st.dictionaries(st.sampled_from(sorted(WHOLE)), JSON))
def test_any_answer_is_a_ticket_or_a_failure_that_shows_none_of_it(changed: dict[str, Any]) -> None:
    problem = None
    try:
        found = ticket(node(WHOLE | changed))
    except Failure as failure:
        problem = failure.problem
    if problem is None:
        assert found.created_at.tzinfo is not None
    else:
        assert problem.excerpt in WHOLE


@given(st.lists(st.dictionaries(st.sampled_from(sorted(HEAD)), JSON), max_size=3), JSON, JSON)
def test_any_list_is_a_page_or_a_failure(items: list[Any], cursor: Any, more: Any) -> None:
    try:
        found = changes(node({"items": [HEAD | i for i in items], "nextCursor": cursor, "more": more}))
    except Failure:
        return
    assert len(found.heads) == len(items)
    assert found.cursor


NUMBERS = ("+49 171 2345678", "0049 (0)171-2345678", "0171/2345678", "+49(0)171 23 45 678", "01712345678")


@pytest.mark.parametrize("known", NUMBERS)
@pytest.mark.parametrize("spoken", [*NUMBERS, "0 1 7 1 - 2 3 4 5 6 7 8", "171 2345678"])
def test_the_callers_number_is_blanked_however_both_are_spelt(known: str, spoken: str) -> None:
    assert without_number(f"Rufen Sie {spoken} an.", known) == f"Rufen Sie {BLANKED} an."


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+49 171 2345678", "Meine Kundennummer ist 991712345678 und die der Nachbarin 0171 2345679."),
        ("+43 660 1234567", "Die 660 12345 ist es nicht."),
        ("112", "Es ist die 112."),
        ("", "0171 2345678"),
        ("anonym", "0171 2345678"),
    ],
)
def test_other_numbers_stay(number: str, text: str) -> None:
    assert without_number(text, number) == text


def test_a_number_from_abroad_is_blanked_too() -> None:
    assert without_number("Aus Wien: 0043 660/1234567.", "+43 6601234567") == f"Aus Wien: {BLANKED}."


@given(st.text(), st.text(alphabet="0123456789+()/- x", max_size=20))
def test_blanking_never_fails_and_leaves_a_text_without_digits_alone(text: str, number: str) -> None:
    plain = "".join(letter for letter in text if not letter.isdigit())
    assert without_number(plain, number) == plain
    blanked = without_number(text, number)
    assert without_number(blanked, number) == blanked
