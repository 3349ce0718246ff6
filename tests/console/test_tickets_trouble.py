"""Groups 6 to 10 of the round-trip checks: what is refused, late, faulty, gone or merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.problems import Problem
from connectors.tickets import Author, CategoryState, LeaseState
from console.store.runs import RunState
from console.tickets.events import PassResult
from console.tickets.ops import Stand
from tests.console.tickets_kit import House, house
from tests.console.tickets_sides_kit import (
    BUSY,
    CUT,
    DOWN,
    FORBIDDEN,
    GARBLED,
    UNAUTHORIZED,
    VERY_BUSY,
    Killed,
)


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


async def once(home: House) -> PassResult:
    with home.session() as session:
        return await session.pass_()


async def texts(home: House, ticket: str) -> tuple[list[str], list[str]]:
    """The comments at the portal and in the ERP, in order."""
    return (
        [c.text for c in home.portal.tickets[ticket].comments],
        [c.text for c in home.twin(ticket).comments],
    )


# --- 6 and 7: categories and leases -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "fields", "name"),
    [
        (6, {"category": "GIBTSNICHT"}, "refused_category_unknown"),
        (6, {"category": "PFLICHT"}, "refused_category_mandatory"),
        (7, {"contract": "4711"}, "refused_lease_unknown"),
        (7, {"contract": ""}, "refused_lease_unknown"),
        (7, {"contract": "0700"}, "refused_lease_ended"),
        (7, {"contract": "0900", "mandant": "99"}, "refused_mandant"),
        (7, {"contract": "0900", "mandant": ""}, "refused_mandant"),
        (7, {"contract": "0816", "mandant": "10"}, "refused_mandant"),
    ],
)
async def test_6_and_7_a_refused_ticket_is_parked_with_its_reason_and_the_rest_goes_on(
    home: House, number: int, fields: dict[str, str], name: str
) -> None:
    bad, good = home.ticket(**fields), home.ticket("Gut")  # type: ignore[arg-type]  # texts only
    result = await once(home)
    assert result.counts() == {"category_set": 1, "created": 1, name: 1}
    assert [t.reference for t in home.erp.tickets.values()] == [f"PORTAL-PRACTICE:{good}"]
    home.world.calls.clear()
    assert (await once(home)).outcomes == []
    assert home.world.calls["portal.get"] == 0  # an idle pass leaves what is parked alone
    with home.session() as session:
        assert [row.known.ticket for row in session.store.tickets(stuck=True)] == [bad]


async def test_6_after_mending_only_the_parked_ones_are_replayed(home: House) -> None:
    bad = home.ticket(category="PFLICHT")
    home.ticket()
    await once(home)
    home.erp.categories["PFLICHT"] = CategoryState.USABLE
    home.world.calls.clear()
    with home.session() as session:
        result = await session.replay()
        assert (await session.state()).parked == 0
    assert {o.ticket for o in result.outcomes} == {bad}
    assert home.world.calls["portal.get"] == 1
    assert home.twin(bad).category == "PFLICHT"


async def test_7_a_mandant_that_the_partner_does_not_know_is_found(home: House) -> None:
    ticket = home.ticket(contract="0816", mandant="")
    await once(home)
    assert home.twin(ticket).mandant == "20"


# --- 8: out of order --------------------------------------------------------------------------------------


async def test_8_what_is_listed_before_it_is_there_waits_and_comes_later(home: House) -> None:
    ticket = home.ticket()
    home.portal.person_writes(ticket, "Vor dem Ticket", Author.TENANT)
    home.portal.hidden.add(ticket)
    assert (await once(home)).counts() == {"not_there_yet": 1}
    home.portal.hidden.clear()
    assert "created" in (await once(home)).counts()
    assert [c.text for c in home.twin(ticket).comments] == ["Vor dem Ticket"]
    with home.session() as session:
        assert (await session.state()).waiting == 0


async def test_8_what_does_not_come_within_a_day_is_parked(home: House) -> None:
    ticket = home.ticket()
    home.portal.hidden.add(ticket)
    await once(home)
    home.world.tick(timedelta(hours=25))
    assert (await once(home)).counts() == {"not_there_yet_parked": 1}
    assert (await once(home)).outcomes == []


async def test_8_a_change_that_shows_nowhere_sends_nothing(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.erp.set(home.twin(ticket).id, number="anders")
    result = await once(home)
    assert (result.read, result.outcomes, result.run) == (1, [], None)


# --- 9: faults --------------------------------------------------------------------------------------------

WRITES = (
    "erp.create", "erp.set_category", "archive.store", "erp.link", "erp.comment", "portal.set_status",
    "portal.comment",
)  # fmt: skip


async def _full_round(home: House, fault: tuple[str, Problem, bool] | None) -> None:
    ticket = home.ticket()
    home.portal.person_writes(ticket, "Bitte bald.", Author.TENANT)
    home.attach(ticket, b"bild")
    home.world.faults = [fault] if fault else []
    await once(home)
    twin = home.twin(ticket)
    home.erp.set(twin.id, status="30")
    home.erp.person_writes(twin.id, "Wir kommen.", Author.CLERK)
    for _ in range(4):
        await once(home)


@pytest.mark.parametrize(
    ("problem", "after"),
    [(CUT, False), (CUT, True), (GARBLED, False), (GARBLED, True), (BUSY, False), (DOWN, False)],
    ids=lambda value: getattr(value, "code", str(value)),
)
@pytest.mark.parametrize("hop", WRITES)
async def test_9_a_passing_fault_at_any_hop_leaves_everything_exactly_once(
    home: House, hop: str, problem: Problem, after: bool
) -> None:
    await _full_round(home, (hop, problem, after))
    (ticket,) = home.portal.tickets.values()
    assert not home.world.faults
    assert home.erp.creates.total() == len(home.archive.documents) == len(home.twin(ticket.id).files) == 1
    assert await texts(home, ticket.id) == (["Bitte bald.", "Wir kommen."],) * 2
    assert (ticket.status, home.twin(ticket.id).category) == ("waiting", "HEIZ")


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        *((call, problem) for call in ("erp.create", "portal.get") for problem in (VERY_BUSY, UNAUTHORIZED)),
        *(("portal.changes", problem) for problem in (VERY_BUSY, UNAUTHORIZED, FORBIDDEN)),
    ],
    ids=lambda value: getattr(value, "code", str(value)),
)
async def test_9_what_concerns_every_ticket_ends_the_pass_and_the_next_goes_on(
    home: House, call: str, problem: Problem
) -> None:
    for _ in range(5):
        home.ticket()
    home.world.faults = [(call, problem, False)]
    result = await once(home)
    assert (result.stopped_by, result.state) == (problem, RunState.INTERRUPTED)
    assert home.waits == []
    assert (await once(home)).state is RunState.DONE
    assert sorted(home.erp.creates.values()) == [1] * 5


async def test_9_a_side_that_cannot_answer_for_one_ticket_holds_up_no_other(home: House) -> None:
    poison = home.ticket()
    home.ticket()
    home.world.faults = [(f"portal.get {poison}", DOWN, False)] * 3
    result = await once(home)
    assert (result.counts()["failed"], result.counts()["created"]) == (1, 1)
    assert "created" in (await once(home)).counts()


async def test_9_a_side_that_answers_for_no_ticket_ends_the_pass(home: House) -> None:
    for _ in range(20):
        home.ticket()
    home.portal.page = 50
    home.world.faults = [("portal.get", DOWN, False)] * 60
    result = await once(home)
    assert result.stopped_by == DOWN
    assert result.read < 20


# --- 10: gone, merged, opened again, moved out ------------------------------------------------------------


async def test_10_a_ticket_deleted_in_the_erp_is_told_and_never_made_again(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.erp.vanish(home.twin(ticket).id)
    assert (await once(home)).counts() == {"deleted_in_erp": 1}
    home.portal.person_writes(ticket, "Hallo?", Author.TENANT)
    assert (await once(home)).run is None
    assert home.erp.creates.total() == 1
    with home.session() as session:
        assert session.store.known(ticket).stand is Stand.GONE


async def test_10_a_merged_ticket_gets_the_state_and_not_the_words_meant_for_others(home: House) -> None:
    one, other = home.ticket(), home.ticket("Zweites")
    await once(home)
    kept = home.twin(other).id
    home.erp.vanish(home.twin(one).id, into=kept)
    home.erp.person_writes(kept, "An den anderen Mieter", Author.CLERK)
    home.erp.set(kept, status="90")
    assert (await once(home)).counts() == {"comment_sent": 1, "merged": 1, "status_sent": 2}
    assert {home.portal.tickets[t].status for t in (one, other)} == {"closed"}
    assert home.portal.tickets[one].comments == ()


async def test_10_a_ticket_that_is_opened_again_is_told(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    for status in ("90", "20"):
        home.erp.set(home.twin(ticket).id, status=status)
        result = await once(home)
    assert result.counts() == {"reopened": 1, "status_sent": 1}
    assert home.portal.tickets[ticket].status == "open"


async def test_10_a_renamed_category_is_taken_over_unless_a_clerk_chose_another(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.portal.set(ticket, category="WASSER")
    assert (await once(home)).counts() == {"category_set": 1}
    home.erp.set(home.twin(ticket).id, category="SONST")
    home.portal.set(ticket, category="HEIZ")
    await once(home)
    assert home.twin(ticket).category == "SONST"


async def test_10_a_tenant_who_moved_out_still_gets_the_answer_and_it_is_told(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.erp.leases["10", "0815"] = LeaseState.ENDED
    home.erp.set(home.twin(ticket).id, status="90")
    assert (await once(home)).counts() == {"moved_out": 1, "status_sent": 1}
    assert home.portal.tickets[ticket].status == "closed"


async def test_a_value_that_a_side_rewrites_is_named_and_not_sent_for_ever(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.portal.rewrite = lambda t: replace(t, status="something")
    home.erp.set(home.twin(ticket).id, status="90")
    assert (await once(home)).counts() == {"status_sent": 1, "verify_differs": 1}
    assert (await once(home)).run is None
    home.portal.rewrite = lambda t: t
    with home.session() as session:
        assert (await session.replay()).counts() == {"status_sent": 1}


async def test_9_a_ticket_that_may_have_been_made_is_looked_up_before_it_is_made_in_the_same_pass(
    home: House,
) -> None:
    ticket = home.ticket()
    home.portal.hidden.add(ticket)
    await once(home)
    home.portal.hidden.clear()
    home.portal.set(ticket)  # it waits, and is listed as well
    home.world.faults = [("erp.create", CUT, True), *[("erp.find", DOWN, False)] * 3]
    await once(home)
    await once(home)
    assert home.erp.creates == {f"PORTAL-PRACTICE:{ticket}": 1}


async def test_10_a_merge_is_carried_out_although_the_program_stopped_right_after_reading_of_it(
    home: House,
) -> None:
    one, other = home.ticket(), home.ticket("Zweites")
    await once(home)
    await once(home)
    kept = home.twin(other).id
    home.erp.set(kept, status="90")
    await once(home)
    home.erp.vanish(home.twin(one).id, into=kept)
    home.world.kill_at = home.world.moments + 3  # the list was read, the tickets were not
    with pytest.raises(Killed):
        await once(home)
    home.raise_the_dead()
    for _ in range(2):
        await once(home)
    assert home.portal.tickets[one].status == "closed"


async def test_10_after_a_merge_the_same_words_of_two_tenants_are_two_comments(home: House) -> None:
    one, other = home.ticket(), home.ticket("Zweites")
    home.portal.person_writes(other, "Danke", Author.TENANT)
    await once(home)
    kept = home.twin(other).id
    home.erp.vanish(home.twin(one).id, into=kept)
    await once(home)
    for ticket in (one, other):
        home.portal.person_writes(ticket, "Danke", Author.TENANT)
        await once(home)
    assert [c.text for c in home.erp.tickets[kept].comments] == ["Danke"] * 3


async def test_10_a_parked_ticket_that_the_tenant_takes_back_waits_for_nobody(home: House) -> None:
    refused, unseen = home.ticket(contract="4711"), home.ticket()
    home.portal.hidden.add(unseen)
    await once(home)
    for ticket in (refused, unseen):
        home.portal.vanish(ticket)
    await once(home)
    with home.session() as session:
        standing = await session.state()
        assert (standing.parked, standing.waiting) == (0, 0)
