"""Chains are read with what people confirmed and what Einzug wrote, kept for the next start, and seen as
objects or causes."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.chains import ChainReading, ChainRow, Hand, Letter, LinkState, LinkVerdict
from connectors.contract import Action, Change, Text
from connectors.wrappers import ReadOnlyError
from console.chains import words
from console.chains.kept import Held, held_of, plain
from console.chains.reading import last_read
from console.chains.view import View, causes_of, lines, seen
from console.fixes import fix_of
from console.i18n import setup
from console.store.places import customer_folder
from console.text_filter import text_filter
from tests.console.chain_kit import (
    CUSTOMER,
    LETTING,
    SALES,
    Shelves,
    only_chain_lists,
    shelves,
)

pytestmark = pytest.mark.usefixtures("toy_installed")

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_chain_lists(monkeypatch)


def states(held: Held) -> dict[str, tuple[str, str]]:
    """Object -> its state and the first link that does not hold."""
    return {row.id: (row.state.value, row.first.link if row.first else "") for row in held.reading.rows}


async def test_a_mailbox_is_confirmed_once_for_all_its_objects(tmp_path: Path) -> None:
    async with shelves(tmp_path) as here:
        assert states(await here.read()) == {
            "D-1": ("unconfirmed", "booking"),
            "D-2": ("unconfirmed", "booking"),
            "D-3": ("unconfirmed", "booking"),
            "D-4": ("broken", "note"),
        }
        here.confirm("own.provider", LETTING)
        now = states(await here.read())
        assert [now[key] for key in ("D-1", "D-2", "D-3")] == [
            ("unconfirmed", "shown"),
            ("unconfirmed", "shown"),
            ("unconfirmed", "booking"),
        ]
        here.confirm("own.shown", "D-1", "D-2")
        assert states(await here.read())["D-2"] == ("ok", "")


async def test_what_was_confirmed_counts_no_more_once_einzug_wrote_the_object(tmp_path: Path) -> None:
    async with shelves(tmp_path) as here:
        here.confirm("own.provider", LETTING, "shelf@example.org")
        here.confirm("own.shown", "D-1", "D-4")
        assert states(await here.read())["D-1"] == ("ok", "")
        await mend(here)
        now = states(await here.read())
        assert now["D-1"] == ("ok", "")
        assert now["D-4"] == ("unconfirmed", "shown")  # it was written after it was confirmed
        here.confirm("own.shown", "D-4")
        assert states(await here.read())["D-4"] == ("ok", "")


async def mend(here: Shelves) -> None:
    """Write the fix of the first link."""
    workspace = here.workspace()
    place, selection = fix_of(workspace.connections, "toy.noted")
    async with workspace.session(*place) as session:
        with closing(await session.plan(selection)) as plan:
            assert plan.changes == 1
            await session.sync(plan, asyncio.Event())


async def test_the_last_reading_is_there_at_the_next_start_and_sealed(
    tmp_path: Path,
) -> None:
    async with shelves(tmp_path) as here:
        assert last_read(here.workspace(), here.place()) is None
        held = await here.read()
        assert last_read(here.workspace(), here.place()) == held
        kept = b"".join(
            p.read_bytes() for p in customer_folder(tmp_path / "data", CUSTOMER).rglob("*") if p.is_file()
        )
        assert LETTING.encode() not in kept
        assert b"Birkenweg" not in kept


async def test_a_chain_cannot_write(tmp_path: Path) -> None:
    gone = Change(Action.DELETE, "item", "D-1")
    async with shelves(tmp_path) as here, here.workspace().inspecting("toy", "shelf") as (target, _settings):
        with pytest.raises(ReadOnlyError):
            await target.apply(gone)


texts = st.builds(Text, st.sampled_from(["toy.no_note", "toy.remark"]), st.just({"item": "D-1", "count": 2}))
links = st.builds(
    LinkVerdict,
    st.text(max_size=5),
    st.sampled_from(LinkState),
    st.none() | texts,
    st.none() | texts,
    st.none() | st.sampled_from(Hand),
    st.text(max_size=5),
    st.text(max_size=5),
    st.text(max_size=5),
)
rows = st.builds(ChainRow, st.text(max_size=5), st.text(max_size=5), st.lists(links, max_size=4).map(tuple))
letters = st.builds(Letter, st.text(max_size=5), st.sampled_from(Hand), texts, st.lists(texts).map(tuple))
readings = st.builds(
    ChainReading,
    st.lists(rows, max_size=4).map(tuple),
    st.lists(texts).map(tuple),
    st.lists(letters).map(tuple),
)


@given(readings)
def test_what_is_kept_says_the_same_as_what_was_read(reading: ChainReading) -> None:
    again = held_of(json.loads(json.dumps(plain(Held(reading, NOON)))))
    assert again.at == NOON
    assert (again.reading.remarks, again.reading.letters) == (reading.remarks, reading.letters)
    for was, now in zip(reading.rows, again.reading.rows, strict=True):
        assert (now.id, now.state, now.first) == (
            was.id,
            was.state,
            was.first,
        ) or was.state is LinkState.AFTER
        assert [one.subject for one in now.links] == [one.subject for one in was.links]


def reading(*found: tuple[str, str, LinkState, str]) -> ChainReading:
    """Objects with one link: id, person, state, cause."""
    return ChainReading(
        tuple(
            ChainRow(
                id_, f"Birkenweg {id_}", (LinkVerdict("booking", state, cause=cause, subject=cause),), person
            )
            for id_, person, state, cause in found
        )
    )


FEW = reading(
    ("1", "Erika Muster", LinkState.OK, ""),
    ("2", "Max Beispiel", LinkState.UNCONFIRMED, LETTING),
    ("3", "Erika Muster", LinkState.BROKEN, ""),
    ("4", "Max Beispiel", LinkState.UNCONFIRMED, LETTING),
)


def test_what_does_not_hold_comes_first_and_a_filter_sees_what_is_shown() -> None:
    found = lines(FEW, "toy", mask=False)
    assert [line.row.id for line in found] == ["3", "2", "4", "1"]
    assert [line.row.id for line in seen(found, View(filter=text_filter("erika")))] == ["3", "1"]
    assert [line.row.id for line in seen(found, View(link="booking", filter=text_filter("!broken")))] == [
        "2",
        "4",
    ]
    hidden = lines(FEW, "toy", mask=True)
    assert not list(seen(hidden, View(filter=text_filter("erika"))))
    assert {line.person for line in hidden} == {"E…", "M…"}


def test_the_causes_are_those_of_the_objects_that_are_seen() -> None:
    found = lines(FEW, "toy", mask=False)
    assert [len(group.rows) for group in causes_of(found)] == [2, 1]
    (group,) = causes_of(seen(found, View(filter=text_filter("max"))))
    assert [row.id for row in group.rows] == ["2", "4"]


def test_a_cause_names_the_mailbox_or_the_one_person_it_is_about() -> None:
    def about(held: ChainReading, *, mask: bool) -> list[str]:
        return [words.about_words(group, mask=mask) for group in causes_of(lines(held, "toy", mask=mask))]

    assert about(FEW, mask=False) == [LETTING, "Erika Muster"]
    assert about(FEW, mask=True) == ["v…@example.org", "E…"]
    several = reading(
        ("1", "Erika Muster", LinkState.BROKEN, ""), ("2", "Max Beispiel", LinkState.BROKEN, "")
    )
    assert about(several, mask=False) == [""]


def test_counts_name_only_what_there_is() -> None:
    assert words.count_words(FEW.rows) == "✓ 1 holds  ✗ 1 broken  ? 2 unconfirmed"
    assert words.count_words(()) == "no objects"


def test_a_letter_keeps_its_list_together_and_its_paragraphs_apart() -> None:
    lines = [Text("onoffice.letter_quota_line", {"mailbox": name}) for name in (LETTING, SALES)]
    why = Text("onoffice.letter_quota_why", {"count": 2})
    letter = Letter(
        "quota", Hand.SALES, Text("onoffice.letter_quota_subject", {"firm": "Wohnbau"}), (why, *lines, why)
    )
    subject, first, together, last = words.letter_text(letter).rstrip().split("\n\n")
    assert together.splitlines() == [f"\N{EN DASH} {LETTING}", f"\N{EN DASH} {SALES}"]
    assert first == last
    assert "Wohnbau" in subject
