"""The window of an answer stays open until the answer is kept: nothing that was typed is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input

from console.i18n import setup
from console.onboarding.answering import Draft, keep
from console.onboarding.book import read
from console.screens.small_dialogs import SureDialog
from console.store.said import Said
from console.typed_path import typed_path
from tests.console.answer_kit import latest, opened, panel, refusal, stored
from tests.console.checklist_kit import only_own
from tests.console.panel_kit import shown, until
from tests.console.test_onboarding import NoKeyring

NAME = "Erika Musterfrau"


@pytest.fixture(autouse=True)
def _only_own(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_own(monkeypatch)


@pytest.mark.parametrize("path", ["gone.pdf", "~nobody-of-this-name/x.pdf", "."])
async def test_a_file_that_cannot_be_taken_leaves_everything_as_it_was_typed(
    tmp_path: Path, path: str
) -> None:
    async with panel(tmp_path) as (app, pilot, cockpit):
        dialog = await opened(app, pilot, "down", "e")
        dialog.query_one("#note", Input).value = "agreed at length"
        dialog.query_one("#who", Input).value = NAME
        dialog.query_one("#file", Input).value = path
        dialog.query_one("#yes").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be read" in refusal(dialog))
        assert app.screen is dialog
        assert dialog.query_one("#note", Input).value == "agreed at length"
        assert latest(cockpit, "own.provider") is None
        dialog.query_one("#file", Input).value = ""
        await stored(app, pilot, dialog)
        assert latest(cockpit, "own.provider").note == "agreed at length"


async def test_what_another_console_said_meanwhile_is_told_before_it_is_covered(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.txt", tmp_path / "theirs.txt"
    for file in (mine, theirs):
        file.write_text(file.name, encoding="utf-8")
    async with panel(tmp_path) as (app, pilot, cockpit):
        dialog = await opened(app, pilot, "down", "e")
        dialog.query_one("#note", Input).value = "asked by phone"
        dialog.query_one("#who", Input).value = NAME
        dialog.query_one("#file", Input).value = str(mine)
        standing = read(cockpit.workspace).item("own.provider")
        assert standing is not None
        keep(cockpit.workspace, standing.item, Draft(Said.DONE, "Max Andermann", "by mail", paths=(theirs,)))
        dialog.query_one("#yes").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "Meanwhile" in refusal(dialog))
        assert "settled · Max Andermann" in refusal(dialog)
        assert latest(cockpit, "own.provider").note == "by mail"
        await stored(app, pilot, dialog)
        said = latest(cockpit, "own.provider")
        assert said.note == "asked by phone"
        assert {one.name for one in said.files} == {"mine.txt", "theirs.txt"}
        assert cockpit.checklists.book is not None
        assert len(cockpit.checklists.book.history("own.provider")) == 2


async def test_who_does_not_agree_to_readable_storage_keeps_what_was_typed(tmp_path: Path) -> None:
    async with panel(tmp_path, secrets=NoKeyring()) as (app, pilot, cockpit):  # type: ignore[arg-type]
        dialog = await opened(app, pilot, "down", "e")
        dialog.query_one("#note", Input).value = "agreed"
        dialog.query_one("#who", Input).value = NAME
        await stored(app, pilot, dialog)
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing was stored" in refusal(dialog))
        assert dialog.query_one("#note", Input).value == "agreed"
        assert latest(cockpit, "own.provider") is None
        await pilot.press("escape", "up", "enter")


async def test_a_pasted_text_of_several_lines_is_taken_whole(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, _cockpit):
        dialog = await opened(app, pilot, "down", "e")
        note = dialog.query_one("#note", Input)
        note.focus()
        note.post_message(Paste("first line\r\n  second line\n"))
        await until(pilot, lambda: note.value == "first line second line")
        await pilot.press("escape", "up", "enter")


async def test_a_number_is_shown_as_it_is_read_again(tmp_path: Path) -> None:
    setup("de")
    async with panel(tmp_path) as (app, pilot, cockpit):
        for _time in range(2):  # to open an answer and to store it again changes nothing
            dialog = await opened(app, pilot, *([] if _time else ["down"]), "enter")
            if not _time:
                dialog.query_one("#field-3", Input).value = "1,125"
                dialog.query_one("#who", Input).value = NAME
            assert dialog.query_one("#field-3", Input).value == "1,125"
            await stored(app, pilot, dialog)
            assert latest(cockpit, "own.provider").values["lines"] == "1.125"


async def test_an_answer_that_went_wrong_keeps_its_item_open(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, cockpit):
        standing = read(cockpit.workspace).item("own.provider")
        assert standing is not None
        values: dict[str, str | tuple[str, ...]] = {"way": "sip", "hours": ("night",)}
        keep(cockpit.workspace, standing.item, Draft(Said.DONE, NAME, values=values))
        await cockpit.checklists.read()
        await pilot.press("down")
        await until(pilot, lambda: "What was answered keeps it open." in shown(app))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" plan.pdf ", "plan.pdf"),
        ("'Plan vom 3.pdf'", "Plan vom 3.pdf"),
        ('"C:\\Daten\\Plan.pdf"', "C:\\Daten\\Plan.pdf"),
        ("file:///home/x/Plan%20%C3%BC.pdf", "/home/x/Plan ü.pdf"),
        ("file:///C:/Daten/Plan.pdf", "C:/Daten/Plan.pdf"),
        ("it's.pdf", "it's.pdf"),
        ("'", "'"),
    ],
)
def test_a_path_is_understood_as_it_is_typed_or_dropped(typed: str, meant: str) -> None:
    assert typed_path(typed) == Path(meant)


@pytest.mark.skipif(os.name != "posix", reason="a backslash parts folders there")
def test_escaped_blanks_of_a_dropped_file_are_understood() -> None:
    assert typed_path(r"/home/x/Plan\ \(neu\).pdf") == Path("/home/x/Plan (neu).pdf")


def test_the_home_folder_has_a_short_name() -> None:
    assert typed_path("~/plan.pdf") == Path.home() / "plan.pdf"
