"""Groups 1 to 5 of the round-trip checks, between two sides in memory; 6 to 10 are test_tickets_trouble."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.tickets import Author
from console.store.runs import RunState
from console.tickets.events import PassResult
from tests.console.tickets_kit import SLIM, House, house
from tests.console.tickets_sides_kit import (
    REFUSED,
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
    assert home.erp.creates == {f"PORTAL-PRACTICE:{ticket}": 1}
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
    home.erp.log = {id_: replace(head, from_api=None) for id_, head in home.erp.log.items()}
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
