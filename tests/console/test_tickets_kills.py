"""Killed at every moment of a pass, and started again: everything stands on both sides exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.tickets import Author
from console.store.database import rows
from console.store.schema import open_customer
from console.tickets.events import PassResult
from tests.console.tickets_kit import House, house
from tests.console.tickets_sides_kit import CUT, Killed


def prepare(home: House) -> None:
    """Two tickets with comments and a file, and one in the ERP that a clerk has answered already."""
    for number in range(2):
        ticket = home.ticket(f"Nummer {number}")
        for text in ("Hallo", "Hallo", f"Und {number}?"):
            home.portal.person_writes(ticket, text, Author.TENANT)
        home.attach(ticket, f"bild {number}".encode(), told=bool(number))


def answer(home: House) -> None:
    """A clerk answers every ticket."""
    for twin in list(home.erp.tickets.values()):
        home.erp.set(twin.id, status="30")
        home.erp.person_writes(twin.id, "Wir kommen.", Author.CLERK)


async def once(home: House) -> PassResult | None:
    """A pass, None where it was killed."""
    try:
        with home.session() as session:
            return await session.pass_()
    except Killed:
        assert home.world.dead
        return None


def prove(home: House) -> None:
    """Everything once on both sides, and nothing left open."""
    assert set(home.erp.creates.values()) == {1}
    assert len(home.erp.creates) == len(home.portal.tickets) == len(home.erp.tickets) == 2
    documents = Counter(stored.md5 for stored, *_rest in home.archive.documents.values())
    assert len(documents) == documents.total() == 2
    for ticket in home.portal.tickets.values():
        twin = home.twin(ticket.id)
        assert [c.text for c in ticket.comments][3:] == ["Wir kommen."]
        assert Counter(c.text for c in twin.comments) == Counter(c.text for c in ticket.comments)
        assert [c.text for c in twin.comments if c.author is Author.API] == [c.text for c in ticket.comments][
            :3
        ]
        assert (ticket.status, twin.category, len(twin.files)) == ("waiting", "HEIZ", 1)
    conn = open_customer(home.folder, "practice")
    try:
        assert rows(conn, "SELECT * FROM pending") == []
        starts, ends = (
            rows(conn, f"SELECT count(*) FROM entry WHERE kind = '{kind}'")[0][0]
            for kind in ("start", "finish")
        )
        assert starts == ends
    finally:
        conn.close()


async def whole_story(home: House, kills: list[int]) -> int:
    """Both halves of the story, with a kill at each of these moments; how many moments it had."""
    prepare(home)
    answered, moments = False, 0
    for kill in [*kills, None]:
        home.world.kill_at = None if kill is None else home.world.moments + kill
        for _ in range(3):
            start = home.world.moments
            if await once(home) is None:
                home.raise_the_dead()
                break
            moments += home.world.moments - start
            if len(home.erp.tickets) == 2 and not answered and kill is None:
                answered = True
                answer(home)
    return moments


async def test_undisturbed_it_takes_this_many_moments(tmp_path: Path) -> None:
    home = house(tmp_path)
    assert 60 < await whole_story(home, []) < 200
    prove(home)


@pytest.mark.parametrize("part", range(0, 10, 3))
async def test_killed_at_any_moment_of_the_first_pass_everything_arrives_once(
    tmp_path: Path, part: int
) -> None:
    for kill in range(1 + part, 110, 10):
        home = house(tmp_path / str(kill))
        await whole_story(home, [kill])
        prove(home)


async def test_killed_while_the_answers_go_back_everything_arrives_once(tmp_path: Path) -> None:
    for kill in range(1, 40, 2):
        home = house(tmp_path / str(kill))
        prepare(home)
        await once(home)
        answer(home)
        home.world.kill_at = home.world.moments + kill
        if await once(home) is None:
            home.raise_the_dead()
        await once(home)
        prove(home)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(1, 90), min_size=2, max_size=5),
    st.lists(st.sampled_from(["erp.create", "erp.comment", "archive.store", "erp.link"]), max_size=3),
    st.booleans(),
)
def test_killed_again_and_again_over_a_bad_line_everything_arrives_once(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int], cuts: list[str], after: bool
) -> None:
    home = house(tmp_path_factory.mktemp("house"))
    home.world.faults = [(name, CUT, after) for name in cuts]
    asyncio.run(whole_story(home, kills))
    home.world.faults.clear()
    asyncio.run(whole_story_end(home))
    prove(home)


async def whole_story_end(home: House) -> None:
    """Let what a bad line has stopped go on."""
    await once(home)
    if any(ticket.status != "waiting" for ticket in home.portal.tickets.values()):
        answer(home)
    for _ in range(2):
        await once(home)


async def test_what_was_unclear_is_counted_and_looked_up(tmp_path: Path) -> None:
    home = house(tmp_path)
    home.ticket()
    home.world.faults = [("erp.create", CUT, True), *[("erp.find", CUT, False)] * 3]
    with home.session() as session:
        assert (await session.pass_()).stopped_by == CUT
        assert len(session.journal.unsettled(*session.place)) == 1
    result = await once(home)
    assert result is not None
    assert (result.settled, home.erp.creates.total()) == (1, 1)
