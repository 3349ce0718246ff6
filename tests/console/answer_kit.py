"""What the tests of answering share: panel 4 with its lists read, and its window led by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, Static

from console.cockpit import Cockpit
from console.credentials import Secrets
from console.screens.answer_dialog import AnswerDialog
from console.screens.checklists import ChecklistsPanel
from console.widgets.record_table import RecordTable
from tests.console.checklist_kit import CONFIG, workspace
from tests.console.panel_kit import StageApp, until


@asynccontextmanager
async def panel(
    folder: Path, *, size: tuple[int, int] = (120, 40), secrets: Secrets | None = None, text: str = CONFIG
) -> AsyncIterator[tuple[StageApp, Pilot[Any], Cockpit]]:
    """The panel, its lists read."""
    cockpit = Cockpit(workspace(folder, secrets, text))
    app = StageApp(ChecklistsPanel(cockpit))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: cockpit.checklists.book is not None)
        await until(pilot, lambda: app.stage.query_one(RecordTable).cursor_key is not None)
        yield app, pilot, cockpit
        assert app.stage.errors == []
        cockpit.close()


def latest(cockpit: Cockpit, item: str) -> Any:
    """The last answer to an item."""
    book = cockpit.checklists.book
    said = book.history(item) if book is not None else ()
    return said[-1] if said else None


def noted(cockpit: Cockpit, note: str) -> bool:
    """Whether this is the note of the last answer."""
    said = latest(cockpit, "own.provider")
    return said is not None and said.note == note


async def opened(app: StageApp, pilot: Pilot[Any], *keys: str) -> AnswerDialog:
    """The window of the item that the keys lead to."""
    await pilot.press(*keys)
    await until(pilot, lambda: isinstance(app.screen, AnswerDialog))
    assert isinstance(app.screen, AnswerDialog)
    return app.screen


async def typed(pilot: Pilot[Any], dialog: AnswerDialog, place: str, text: str) -> None:
    """Type into a line of the window."""
    dialog.query_one(place, Input).focus()
    await pilot.press(*text)


async def stored(app: StageApp, pilot: Pilot[Any], dialog: AnswerDialog) -> None:
    """Press the button by keys; the window closes once the answer is kept, or something is asked."""
    button = dialog.query_one("#yes")
    await until(pilot, lambda: not button.has_class("-active"))  # it takes no second press at once
    button.focus()
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is not dialog)


def refusal(dialog: AnswerDialog) -> str:
    """What the window says is wrong."""
    return str(dialog.query_one("#refusal", Static).render())
