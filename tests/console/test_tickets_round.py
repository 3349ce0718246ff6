"""The ten groups of round-trip checks (wire/housing.md 5.3), played between two sides in memory."""

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
from tests.console.tickets_kit import (
    BUSY,
    CUT,
    DOWN,
    FORBIDDEN,
    GARBLED,
    REFUSED,
    SLIM,
    UNAUTHORIZED,
    VERY_BUSY,
    House,
    house,
    md5,
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


# --- 1: created exactly once ------------------------------------------------------------------------------


async def test_1_a_ticket_arrives_once_with_category_lease_text_and_time(home: House) -> None:
    ticket = home.ticket()
    result = await once(home)
    twin = home.twin(ticket)
    assert result.counts() == {"category_set": 1, "created": 1}
    assert (twin.category, twin.mandant, twin.contract) == ("HEIZ", "10", "0815")
    assert (twin.text, twin.created_at) == ("Die Heizung ist kalt.", home.portal.tickets[ticket].created_at)
    with home.session() as session:
        assert session.store.known(ticket).erp == twin.id
        assert [hop.hop for hop in session.store.hops(ticket)] == ["ticket", "ticket"]


async def test_1_a_repeated_delivery_makes_no_second_ticket(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.portal.set(ticket)  # the same ticket is listed anew
    result = await once(home)
    assert home.erp.creates == {f"PORTAL:{ticket}": 1}
    assert (result.run, result.outcomes) == (None, [])


async def test_1_another_machine_links_what_is_there_and_makes_nothing(home: House, tmp_path: Path) -> None:
    ticket = home.ticket()
    home.portal.person_writes(ticket, "Bitte bald.", Author.TENANT)
    home.attach(ticket, b"bild")
    await once(home)
    home.erp.person_writes(home.twin(ticket).id, "Wir kommen.", Author.CLERK)
    await once(home)
    elsewhere = replace(home, folder=tmp_path / "elsewhere")
    result = await once(elsewhere)
    assert set(result.counts()) == {"already_there"}
    assert (result.run, home.erp.creates.total(), len(home.archive.documents)) == (None, 1, 1)
    assert await texts(home, ticket) == (["Bitte bald.", "Wir kommen."], ["Bitte bald.", "Wir kommen."])


async def test_1_an_idle_pass_asks_each_side_once_and_writes_no_run(home: House) -> None:
    for number in range(10):
        home.portal.person_writes(home.ticket(f"Nummer {number}"), "Und?", Author.TENANT)
    await once(home)
    await once(home)  # reads the list that its own writing has made, and no ticket
    home.world.calls.clear()
    result = await once(home)
    assert home.world.calls == {"erp.changes": 1, "portal.changes": 1}
    assert (result.run, result.read, result.state) == (None, 0, RunState.DONE)


async def test_1_what_the_engine_wrote_is_not_read_again(home: House) -> None:
    home.ticket()
    await once(home)
    home.world.calls.clear()
    await once(home)
    assert "erp.get" not in home.world.calls
    assert "portal.get" not in home.world.calls


# --- 2: states --------------------------------------------------------------------------------------------


async def test_2_of_two_changes_in_one_interval_the_last_one_counts(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.erp.set(home.twin(ticket).id, status="30")
    home.erp.set(home.twin(ticket).id, status="90")
    result = await once(home)
    assert home.portal.tickets[ticket].status == "closed"
    assert (result.counts(), home.world.calls["portal.set_status"]) == ({"status_sent": 1}, 1)


async def test_2_states_that_mean_the_same_there_send_nothing(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.erp.set(home.twin(ticket).id, status="20")
    assert (await once(home)).run is None


async def test_2_what_the_tenant_does_there_is_not_turned_back(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.portal.set(ticket, status="withdrawn")
    assert (await once(home)).run is None
    assert home.portal.tickets[ticket].status == "withdrawn"


async def test_2_a_state_without_a_counterpart_is_held_back_until_one_is_agreed(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.erp.set(home.twin(ticket).id, status="77")
    assert (await once(home)).counts() == {"status_unmapped": 1}
    home.settings = replace(home.settings, statuses={**home.settings.statuses, "77": "waiting"})
    with home.session() as session:
        assert (await session.replay()).counts() == {"status_sent": 1}
        assert (await session.state()).held == 0
    assert home.portal.tickets[ticket].status == "waiting"


async def test_2_a_held_state_is_forgotten_once_the_ticket_has_another(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    home.erp.set(home.twin(ticket).id, status="77")
    await once(home)
    home.erp.set(home.twin(ticket).id, status="90")
    assert (await once(home)).counts() == {"status_sent": 1}
    with home.session() as session:
        assert (await session.state()).held == 0


# --- 3: born in the ERP -----------------------------------------------------------------------------------


@pytest.mark.parametrize("slim", [False, True])
async def test_3_a_ticket_born_in_the_erp_never_goes_out(home: House, slim: bool) -> None:
    home.flow = SLIM if slim else home.flow
    born = home.born()
    await once(home)
    home.erp.set(born, status="90")
    home.erp.person_writes(born, "Erledigt.", Author.CLERK)
    result = await once(home)
    assert (home.portal.tickets, result.outcomes, result.run) == ({}, [], None)
    assert home.world.calls["erp.get"] == 0  # its list says that no integration made it
    with home.session() as session:
        assert (await session.state()).born == 1


async def test_3_where_the_list_does_not_tell_the_ticket_is_looked_at(home: House) -> None:
    home.born()
    home.erp.log = [replace(head, from_api=None) for head in home.erp.log]
    assert (await once(home)).outcomes == []
    assert home.world.calls["erp.get"] == 1


async def test_3_what_an_integration_made_at_the_partner_does_not_come_back(home: House) -> None:
    ticket = home.ticket()
    home.portal.set(ticket, from_api=True)
    assert (await once(home)).run is None
    assert not home.erp.tickets


# --- 4: comments ------------------------------------------------------------------------------------------


async def test_4_comments_cross_once_in_order_with_their_author_and_never_come_back(home: House) -> None:
    ticket = home.ticket()
    home.portal.person_writes(ticket, "Erstens", Author.TENANT, "Max")
    home.portal.person_writes(ticket, "Zweitens", Author.TENANT, "Max")
    await once(home)
    home.erp.person_writes(home.twin(ticket).id, "Drittens", Author.CLERK, "Eva")
    home.erp.person_writes(home.twin(ticket).id, "nur intern", Author.CLERK, visible=False)
    home.portal.person_writes(ticket, "Drittens", Author.TENANT, "Max")  # the same words are another comment
    for _ in range(3):
        await once(home)
    here, there = await texts(home, ticket)
    assert here == ["Erstens", "Zweitens", "Drittens", "Drittens"]
    assert there == ["Erstens", "Zweitens", "Drittens", "nur intern", "Drittens"]
    assert [c.name for c in home.twin(ticket).comments] == ["Max", "Max", "Eva", "Erika", "Max"]


async def test_4_comments_stay_at_the_partner_unless_that_was_agreed(home: House) -> None:
    home.settings = replace(home.settings, comments_to_erp=False)
    ticket = home.ticket()
    home.portal.person_writes(ticket, "Hallo", Author.TENANT)
    await once(home)
    assert home.twin(ticket).comments == ()


async def test_4_a_refused_comment_is_held_back_and_the_next_one_goes(home: House) -> None:
    ticket = home.ticket()
    await once(home)
    for text in ("Erstens", "Zweitens"):
        home.erp.person_writes(home.twin(ticket).id, text, Author.CLERK)
    home.world.faults = [("portal.comment", REFUSED, False)]
    assert (await once(home)).counts() == {"comment_sent": 1, "refused_by_partner": 1}
    with home.session() as session:
        assert (await session.replay()).counts() == {"comment_sent": 1}
    assert (await texts(home, ticket))[0] == ["Zweitens", "Erstens"]


# --- 5: attachments ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [True, False])
async def test_5_a_file_is_filed_before_it_is_linked_byte_for_byte(home: House, told: bool) -> None:
    ticket = home.ticket()
    home.attach(ticket, b"umlaut", "Küche/Bad „links“.jpg", told=told)
    result = await once(home)
    assert {"file_stored", "file_linked"} <= set(result.counts())
    order = [name for name in home.world.order if name in ("archive.store", "erp.link")]
    (shown,) = home.twin(ticket).files
    stored, archive, index, name = home.archive.documents[shown.id]
    assert order == ["archive.store", "erp.link"]
    assert (stored.md5, archive, dict(index)) == (md5(b"umlaut"), "Mieter App", {"Mietvertrags-Nr.": "0815"})
    assert name == "Küche/Bad „links“.jpg"


async def test_5_the_same_file_twice_is_filed_once(home: House) -> None:
    ticket = home.ticket()
    home.attach(ticket, b"bild", "a.jpg")
    home.attach(ticket, b"bild", "b.jpg")
    await once(home)
    assert (len(home.archive.documents), len(home.twin(ticket).files)) == (1, 1)
    assert (await once(home)).run is None


async def test_5_a_file_over_50_mb_is_refused_with_that_reason_and_the_rest_goes_on(home: House) -> None:
    ticket = home.ticket()
    home.attach(ticket, b"", size=50 * 1024**2 + 1)
    home.attach(ticket, b"klein")
    result = await once(home)
    (large,) = [o for o in result.outcomes if o.name == "file_too_large"]
    assert (large.outcome.args["size"], len(home.twin(ticket).files)) == (51, 1)
    assert result.state is RunState.FAILED
    assert home.world.calls["portal.fetch"] == 1


async def test_5_a_file_that_arrived_damaged_is_not_linked(home: House) -> None:
    ticket = home.ticket()
    home.attach(ticket, b"bild")
    home.archive.damage = lambda data: data[:-1]
    result = await once(home)
    assert "refused_by_archive" in result.counts()
    assert home.twin(ticket).files == ()


async def test_5_without_an_archive_files_wait_and_the_ticket_goes(home: House) -> None:
    home.settings = replace(home.settings, archive="", archive_index="")
    ticket = home.ticket()
    home.attach(ticket, b"bild")
    assert (await once(home)).counts()["no_archive"] == 1
    assert home.twin(ticket).files == ()


async def test_5_a_damage_report_is_added_where_that_was_agreed(home: House) -> None:
    home.settings = replace(home.settings, damage_report=True)
    ticket = home.ticket()
    await once(home)
    await once(home)
    assert (home.twin(ticket).damage_report != "", home.world.calls["erp.damage_report"]) == (True, 1)


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
    assert [t.reference for t in home.erp.tickets.values()] == [f"PORTAL:{good}"]
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


@pytest.mark.parametrize("problem", [VERY_BUSY, UNAUTHORIZED, FORBIDDEN], ids=lambda problem: problem.code)
@pytest.mark.parametrize("call", ["portal.changes", "erp.create", "portal.get"])
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
