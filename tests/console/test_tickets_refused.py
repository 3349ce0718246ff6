"""A refused ticket waits with its reason while all others go on; a lost access ends the pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.tickets import Author, Ticket
from console.store.runs import RunState
from console.tickets.events import PassResult
from console.tickets.health import LOTS, STREAK
from console.tickets.ops import Stand
from tests.console.tickets_kit import House, house
from tests.console.tickets_sides_kit import CUT, FORBIDDEN, GARBLED

TORN = replace(GARBLED, code="erp.bad_payload")
SILENT = replace(CUT, code="http.silent")


@pytest.fixture
def home(tmp_path: Path) -> House:
    made = house(tmp_path)
    made.portal.page = 50
    return made


async def once(home: House, *, replay: bool = False) -> PassResult:
    with home.session() as session:
        return await (session.replay() if replay else session.pass_())


def stand(home: House, ticket: str) -> tuple[Stand, str]:
    """How a ticket stands, and why."""
    with home.session() as session:
        known = session.store.known(ticket)
        return known.stand, known.reason.code if known.reason else ""


@pytest.mark.parametrize("linked", [False, True])
async def test_a_ticket_that_may_not_be_read_is_parked_and_all_others_go_on(
    home: House, linked: bool
) -> None:
    others = [home.ticket() for _ in range(3)]
    if linked:  # the others are known to be good; nothing else happens in the pass
        await once(home)
    bad = home.ticket()
    home.world.lasting[f"portal.get {bad}"] = FORBIDDEN
    result = await once(home)
    assert (result.stopped_by, result.state) == (None, RunState.FAILED if not linked else result.state)
    assert [o.name for o in result.bad] == ["refused_by_partner"]
    assert stand(home, bad) == (Stand.PARKED, "tickets.refused_by_partner")
    assert all(home.twin(ticket) for ticket in others)
    home.world.calls.clear()
    again = await once(home)
    assert (again.outcomes, home.world.calls["portal.get"]) == ([], 0)  # it is not asked about at every pass


async def test_once_the_cause_is_mended_a_replay_brings_it_over(home: House) -> None:
    home.ticket()
    bad = home.ticket()
    home.world.lasting[f"portal.get {bad}"] = FORBIDDEN
    await once(home)
    home.world.lasting.clear()
    await once(home, replay=True)
    assert home.twin(bad).text
    assert sorted(home.erp.creates.values()) == [1, 1]


@pytest.mark.parametrize("problem", [FORBIDDEN, TORN, SILENT], ids=lambda problem: problem.code)
async def test_five_bad_tickets_in_a_row_hold_up_no_other(home: House, problem: object) -> None:
    bad = [home.ticket() for _ in range(STREAK + 2)]
    good = [home.ticket() for _ in range(4)]
    for ticket in bad:
        home.world.lasting[f"portal.get {ticket}"] = problem  # type: ignore[assignment]
    result = await once(home)
    assert result.stopped_by is None
    assert all(home.twin(ticket) for ticket in good)
    assert len(result.outcomes) >= len(bad)
    home.ticket()
    assert "created" in (await once(home)).counts()


@pytest.mark.parametrize("call", ["portal.get", "erp.create", "erp.get"])
async def test_where_every_ticket_is_refused_the_pass_ends_with_that_reason(home: House, call: str) -> None:
    first = home.ticket()
    await once(home)
    news = [home.ticket() for _ in range(60)]
    home.erp.set(home.twin(first).id, status="30")
    home.world.lasting[call] = FORBIDDEN
    home.world.calls.clear()
    result = await once(home)
    assert (result.stopped_by, result.state) == (FORBIDDEN, RunState.INTERRUPTED)
    assert home.world.calls[call] < 25
    assert {stand(home, ticket)[0] for ticket in (first, *news)} == {Stand.OPEN}  # nothing for a person to do
    home.world.lasting.clear()
    assert (await once(home)).stopped_by is None
    assert sorted(home.erp.creates.values()) == [1] * 61


async def test_a_side_that_shows_a_good_ticket_and_no_other_ends_the_pass_in_the_end(home: House) -> None:
    home.ticket()
    await once(home)
    bad = [home.ticket() for _ in range(LOTS * 2)]
    for ticket in bad:
        home.world.lasting[f"portal.get {ticket}"] = TORN
    result = await once(home)
    assert result.stopped_by == TORN
    home.ticket()  # and what was left behind holds up nothing later
    home.portal.page = 100
    for ticket in bad:
        home.world.lasting.pop(f"portal.get {ticket}")
    assert (await once(home)).stopped_by is None


async def test_a_comment_that_one_ticket_does_not_take_is_held_back_and_its_state_goes(home: House) -> None:
    closed, open_ = home.ticket(), home.ticket()
    await once(home)
    home.world.lasting[f"portal.comment {closed}"] = FORBIDDEN
    for ticket in (closed, open_):
        home.erp.person_writes(home.twin(ticket).id, "Wir kommen.", Author.CLERK)
        home.erp.set(home.twin(ticket).id, status="30")
    first, second = await once(home), await once(home)
    assert (first.stopped_by, second.stopped_by) == (None, None)
    assert home.portal.tickets[closed].status == "waiting"
    assert home.portal.tickets[open_].comments[0].text == "Wir kommen."
    with home.session() as session:
        (row,) = session.store.tickets(stuck=True)
        assert (row.known.ticket, row.held[0].reason) == (closed, first.bad[0].outcome)


async def test_a_refusal_that_nothing_speaks_against_waits_for_a_day_and_then_for_a_person(
    home: House,
) -> None:
    ticket = home.ticket()
    home.world.lasting["erp.create"] = FORBIDDEN
    first = await once(home)
    assert (first.stopped_by, first.counts(), stand(home, ticket)[0]) == (
        None,
        {"refused_by_erp": 1},
        Stand.OPEN,
    )
    home.world.tick(timedelta(days=1, minutes=1))
    await once(home)
    assert stand(home, ticket) == (Stand.PARKED, "tickets.refused_by_erp")


async def test_a_dry_run_names_the_refused_ticket_and_writes_nothing(home: House) -> None:
    home.ticket()
    bad = home.ticket()
    home.world.lasting[f"portal.get {bad}"] = FORBIDDEN
    with home.session() as session:
        result = await session.pass_(dry_run=True)
    assert (result.stopped_by, [o.ticket for o in result.bad]) == (None, [bad])
    assert stand(home, bad) == (Stand.OPEN, "")


def foreign(home: House, **fields: object) -> str:
    """A ticket in the ERP that some integration made."""
    id_ = home.erp.next_id("e")
    now = home.world.tick()
    home.erp.put(replace(Ticket(id_, id_, now, now, "10", from_api=True), **fields))  # type: ignore[arg-type]
    return id_


async def test_an_erp_ticket_that_cannot_be_read_ends_no_pass_and_is_told_until_it_can(home: House) -> None:
    ticket = home.ticket()
    closed = foreign(home)
    home.world.lasting[f"erp.get {closed}"] = FORBIDDEN
    result = await once(home)
    assert (result.stopped_by, result.counts()["created"]) == (None, 1)
    assert [o.name for o in result.bad] == ["unread_in_erp"]
    with home.session() as session:
        assert (await session.state()).unread == 1
    assert [o.name for o in (await once(home)).bad] == ["unread_in_erp"]
    home.world.lasting.clear()
    assert (await once(home)).outcomes == []
    with home.session() as session:
        assert (await session.state()).unread == 0
    assert home.twin(ticket)


async def test_while_an_erp_ticket_is_unread_nothing_is_made_twice(home: House, tmp_path: Path) -> None:
    tickets = [home.ticket() for _ in range(3)]
    await once(home)
    elsewhere = replace(home, folder=tmp_path / "elsewhere")
    hidden = home.twin(tickets[1]).id
    home.world.lasting[f"erp.get {hidden}"] = FORBIDDEN
    await once(elsewhere)
    assert sorted(home.erp.creates.values()) == [1, 1, 1]
    home.world.lasting.clear()
    await once(elsewhere)
    assert sorted(home.erp.creates.values()) == [1, 1, 1]
    with elsewhere.session() as session:
        assert session.store.known(tickets[1]).erp == hidden
