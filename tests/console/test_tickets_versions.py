"""A comment that is edited after it has crossed: its new words follow once, whatever happens meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.problems import Problem
from connectors.tickets import Author, Comment
from console.tickets import versions
from console.tickets.events import PassResult
from console.tickets.versions import CORRECTION, MOST, corrected, says
from tests.console.tickets_kit import House, house
from tests.console.tickets_sides_kit import CUT, GARBLED, START, MemorySide


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


async def once(home: House) -> PassResult:
    with home.session() as session:
        return await session.pass_()


def edit(side: MemorySide, ticket: str, text: str) -> None:
    """A person changes the words of the first comment."""
    first, *others = side.tickets[ticket].comments
    side.set(ticket, comments=(replace(first, text=text), *others))


def texts(side: MemorySide, ticket: str) -> list[str]:
    """The comments at a side."""
    return [comment.text for comment in side.tickets[ticket].comments]


async def answered(home: House) -> tuple[str, str]:
    """A ticket with a clerk's comment on both sides; its ids there."""
    ticket = home.ticket()
    await once(home)
    twin = home.twin(ticket).id
    home.erp.person_writes(twin, "Wir kommen um 10 Uhr.", Author.CLERK)
    await once(home)
    return ticket, twin


async def test_a_clerks_new_words_reach_the_tenant_once_and_never_come_back(home: House) -> None:
    ticket, twin = await answered(home)
    edit(home.erp, twin, "Wir kommen um 12 Uhr.")
    result = await once(home)
    assert result.counts() == {"comment_sent": 1}
    told = ["Wir kommen um 10 Uhr.", f"{CORRECTION}Wir kommen um 12 Uhr."]
    assert texts(home.portal, ticket) == told
    for _ in range(3):
        assert (await once(home)).outcomes == []
    assert (texts(home.portal, ticket), texts(home.erp, twin)) == (told, ["Wir kommen um 12 Uhr."])
    edit(home.erp, twin, "Wir kommen um 14 Uhr.")
    await once(home)
    assert texts(home.portal, ticket) == [*told, f"{CORRECTION}Wir kommen um 14 Uhr."]


async def test_a_tenants_new_words_reach_the_clerk_once(home: House) -> None:
    ticket = home.ticket()
    home.portal.person_writes(ticket, "Bitte klingeln.", Author.TENANT)
    await once(home)
    edit(home.portal, ticket, "Bitte zweimal klingeln.")
    await once(home)
    await once(home)
    twin = home.twin(ticket).id
    assert texts(home.erp, twin) == ["Bitte klingeln.", f"{CORRECTION}Bitte zweimal klingeln."]


@pytest.mark.parametrize("text", ["Wir  kommen\num 10 Uhr.", "Wir kommen um 10 Uhr. "])
async def test_other_blanks_are_no_new_words(home: House, text: str) -> None:
    _, twin = await answered(home)
    edit(home.erp, twin, text)
    assert (await once(home)).outcomes == []


@pytest.mark.parametrize(("problem", "after"), [(CUT, False), (CUT, True), (GARBLED, True)])
async def test_a_correction_whose_answer_is_lost_stands_there_once(
    home: House, problem: Problem, after: bool
) -> None:
    ticket, twin = await answered(home)
    edit(home.erp, twin, "Wir kommen um 12 Uhr.")
    home.world.faults = [("portal.comment", problem, after)]
    await once(home)
    await once(home)
    assert texts(home.portal, ticket)[1:] == [f"{CORRECTION}Wir kommen um 12 Uhr."]


async def test_another_machine_recognises_a_correction(home: House, tmp_path: Path) -> None:
    ticket, twin = await answered(home)
    edit(home.erp, twin, "Wir kommen um 12 Uhr.")
    await once(home)
    elsewhere = replace(home, folder=tmp_path / "elsewhere")
    await once(elsewhere)
    assert len(texts(home.portal, ticket)) == 2


async def test_a_side_that_keeps_other_words_gets_no_endless_corrections(home: House) -> None:
    def shortened(ticket: object) -> object:
        comments = tuple(replace(c, text=c.text[:6]) for c in ticket.comments)  # type: ignore[attr-defined]
        return replace(ticket, comments=comments)  # type: ignore[type-var]

    home.portal.rewrite = shortened  # type: ignore[assignment]
    ticket, twin = await answered(home)
    edit(home.erp, twin, "Wir kommen um 12 Uhr.")
    for _ in range(MOST):
        await once(home)
    assert len(texts(home.portal, ticket)) == 1  # held back with that reason, as it differed at once


@given(st.text(min_size=1), st.integers(1, 5))
def test_a_copy_says_what_was_sent_whichever_version_it_is(text: str, before: int) -> None:
    comment = Comment("c7", Author.CLERK, START, text)
    version = corrected(comment, before)
    assert versions.born(version.id) == "c7"
    assert version.text == versions.words(version.id, comment)
    assert says(version, comment)
    assert says(comment, comment)
