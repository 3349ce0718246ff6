"""One item answered for many subjects: each has its own history, the subject lies sealed, and a chain learns
what still holds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from checklists.model import Item
from connectors.chains import Chain, Link
from console.credentials import MemorySecrets
from console.errors import ConsoleError
from console.i18n import setup
from console.onboarding.answering import Draft, keep
from console.onboarding.book import Book, read
from console.onboarding.subjects import confirm, confirmations, standings_of
from console.readiness import State
from console.report.answers import chapters, people, words_since
from console.screens.checklists_detail import item_detail
from console.store.said import Said
from console.workspace import Workspace
from tests.console.checklist_kit import only_own, workspace

NAME = "Erika Musterfrau"
LETTING, SALES = "vermietung@example.org", "verkauf@example.org"
ITEM = "own.provider"  # it wants a choice
DONE = Draft(Said.DONE, NAME, values={"way": "sip"})


@pytest.fixture(autouse=True)
def _only_own(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_own(monkeypatch)


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    """A customer with a keyring."""
    return workspace(tmp_path, MemorySecrets())


async def _read(_context: object) -> object:
    raise AssertionError("nothing is read here")


CHAIN = Chain("contact", "master-data", ("O10",), (Link("known", ()), Link("booking", (), ITEM)), _read)  # type: ignore[arg-type]


def item_of(book: Book) -> Item:
    one = book.item(ITEM)
    assert one is not None
    return one.item


def say(here: Workspace, draft: Draft, *subjects: str) -> Book:
    confirm(here, item_of(read(here)), draft, subjects)
    return read(here)


def holds(book: Book) -> dict[tuple[str, str], bool]:
    return {key: said.holds for key, said in confirmations(book, CHAIN).items()}


def everything(folder: Path) -> bytes:
    files: Iterable[Path] = (path for path in folder.rglob("*") if path.is_file())
    return b"".join(os.fsencode(path.name) + path.read_bytes() for path in files)


def test_each_subject_is_answered_by_itself_and_keeps_its_history(here: Workspace) -> None:
    say(here, replace(DONE, said=Said.OPEN), LETTING)
    book = say(here, replace(DONE, note="seen"), LETTING)
    book = say(here, replace(DONE, said=Said.OPEN), SALES)
    assert [one.said for one in book.subjects(ITEM)[LETTING]] == [Said.OPEN, Said.DONE]
    assert holds(book) == {("booking", LETTING): True, ("booking", SALES): False}
    (said,) = (one for key, one in confirmations(book, CHAIN).items() if key[1] == LETTING)
    assert (said.note, said.values) == ("seen", {"way": "sip"})


def test_subjects_leave_the_item_itself_as_it_is(here: Workspace) -> None:
    keep(here, item_of(read(here)), replace(DONE, said=Said.OPEN))
    book = say(here, DONE, LETTING, SALES)
    one = book.item(ITEM)
    assert one is not None
    assert one.state is State.BLOCKED
    assert [(each.item.title.en, each.state) for each in standings_of(book, one, mask=False)] == [
        (f"Name the phone provider: {SALES}", State.DONE),
        (f"Name the phone provider: {LETTING}", State.DONE),
    ]
    titles = " ".join(each.item.title.en for each in standings_of(book, one, mask=True))
    assert LETTING not in titles
    assert SALES not in titles


def test_a_word_without_what_the_item_asks_for_does_not_hold(here: Workspace) -> None:
    book = say(here, Draft(Said.DONE, NAME), LETTING)
    assert holds(book) == {("booking", LETTING): False}


def test_a_word_holds_for_its_subject_whatever_the_check_of_the_item_says(here: Workspace) -> None:
    book = read(here)
    one = book.item("own.connection")  # its check has never run
    assert one is not None
    confirm(here, one.item, Draft(Said.DONE, NAME), [LETTING])
    chain = replace(CHAIN, links=(Link("booking", (), "own.connection"),))
    assert confirmations(read(here), chain)["booking", LETTING].holds


def test_nobody_finds_a_subject_in_the_folder(here: Workspace, tmp_path: Path) -> None:
    book = say(here, DONE, LETTING)
    assert LETTING in book.subjects(ITEM)
    found = everything(tmp_path)
    assert LETTING.encode() not in found
    assert ITEM.encode() in found
    assert LETTING not in repr(book.subjects(ITEM)[LETTING][-1])


def test_a_group_is_confirmed_whole_or_not_at_all(here: Workspace) -> None:
    with pytest.raises(ConsoleError, match="A name is needed"):
        say(here, replace(DONE, who=" "), LETTING, SALES)
    assert read(here).subjects(ITEM) == {}
    assert set(say(here, DONE, LETTING, SALES).subjects(ITEM)) == {LETTING, SALES}


def test_a_file_is_kept_once_for_all_subjects(here: Workspace, tmp_path: Path) -> None:
    picture = tmp_path / "tick.png"
    picture.write_bytes(b"PNG")
    book = say(here, replace(DONE, paths=(picture,)), LETTING, SALES)
    files = {one[-1].files for one in book.subjects(ITEM).values()}
    assert [[file.name for file in found] for found in files] == [["tick.png"]]


def test_a_subject_whose_mark_is_of_another_key_is_the_same_subject(here: Workspace) -> None:
    book = say(here, DONE, LETTING)
    (mark,) = (key for key in book.histories if key != ITEM)
    (said,) = book.histories[mark]
    moved = replace(said, item=f"{ITEM}#0123", said=Said.OPEN)
    both = replace(book, histories={f"{ITEM}#0123": (moved,), mark: (said,)})
    assert len(both.subjects(ITEM)[LETTING]) == 2


def test_the_panel_and_the_report_tell_what_was_said_of_each_subject(here: Workspace) -> None:
    book = say(here, replace(DONE, said=Said.OPEN), *(f"box{n}@example.org" for n in range(14)))
    book = say(here, DONE, LETTING)
    one = book.item(ITEM)
    assert one is not None
    told = item_detail(book, one, mask=False, now=datetime.now(UTC), fixable=False).plain
    assert "box0@example.org" in told
    assert "… and 3 more" in told  # what does not hold comes first
    assert "box0@" not in item_detail(book, one, mask=True, now=datetime.now(UTC), fixable=False).plain
    for masked, shown in ((False, LETTING), (True, "v…@example.org")):
        (found,) = (chapter for chapter in chapters(book, masked=masked) if chapter.id == "own")
        said = {point.title: point.said for point in found.points}
        assert said[f"Name the phone provider: {shown}"] is not None
        assert masked is not (LETTING in str(found))
        assert masked is not (LETTING in str(words_since(book, date(2000, 1, 1), masked=masked)))
    assert [(person.name, person.answers) for person in people(book, masked=False)] == [(NAME, 15)]
    assert len(words_since(book, date(2000, 1, 1), masked=False)) == 15
