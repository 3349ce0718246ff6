"""The identification trial on the screen, on real sandboxes: toggles by keys, counts at once, taken over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from connectors.problems import Failure, Owner, Problem, Trouble
from console.app import ConsoleApp
from console.cockpit import Cockpit
from console.i18n import setup
from console.screens.agreement import AgreementDialog
from console.screens.main import MainScreen
from console.screens.small_dialogs import SureDialog
from console.screens.trial_screen import TrialScreen
from console.trials import desk
from console.widgets.record_table import RecordTable
from tests.console.screen_kit import main, practice_app, shown, until

ITEM = "bots4you_voicebot_dialog.details_checked"


@pytest.fixture(autouse=True)
def _english() -> None:
    setup("en")


@asynccontextmanager
async def trial(folder: Path, **how: Any) -> AsyncIterator[tuple[ConsoleApp, Pilot[int], TrialScreen]]:
    """The trial, opened from its item, read and counted."""
    async with practice_app(folder, **how) as (app, pilot):
        table = await at_item(app, pilot, ITEM)
        assert table.cursor_key == ITEM
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, TrialScreen))
        screen = app.screen
        assert isinstance(screen, TrialScreen)
        await until(pilot, lambda: bool(screen._rows))
        yield app, pilot, screen


async def at_item(app: ConsoleApp, pilot: Pilot[int], item: str) -> RecordTable:
    """Panel 4 with the cursor on an item."""
    await pilot.press("4")
    await until(pilot, lambda: bool(main(app).query("#items")))
    table = main(app).query_one("#items", RecordTable)
    await until(pilot, lambda: table.cursor_key is not None)
    table.move_to(item)
    return table


def words(screen: TrialScreen, place: str) -> str:
    """What stands somewhere in the window."""
    return str(screen.query_one(place, Static).render())


async def test_counts_follow_every_toggle_from_one_reading(tmp_path: Path) -> None:
    async with trial(tmp_path) as (app, pilot, screen):
        log = main(app).cockpit.workspace.log
        assert screen._chosen == {"birth_date"}
        assert "[x]" in shown(app)
        assert "contract numbers" in words(screen, "#remarks")
        first, calls = screen._rows, log.total
        assert screen._tried is not None
        reading = screen._tried.reading
        assert sum(row.empty for row in first) == reading.lacking["birth_date"] > 0
        await pilot.press("down", "space")
        assert screen._chosen == {"birth_date", "last_name"}
        await pilot.press("up", "space")
        assert screen._chosen == {"last_name"}
        await until(pilot, lambda: screen._rows == reading.count({"last_name"}))
        assert sum(row.empty for row in screen._rows) == 0
        assert log.total == calls, "toggling reads nothing"
        assert [row.total for row in screen._rows] == [row.total for row in first]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert app.crash is None


async def test_the_choice_is_taken_over_once_confirmed(tmp_path: Path) -> None:
    async with trial(tmp_path) as (app, pilot, screen):
        await pilot.press("down", "space", "t")
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        assert "authentication" in shown(app)
        await pilot.press("up", "enter")
        connections = main(app).cockpit.workspace.connections

        def asked() -> tuple[str, ...]:
            found: tuple[str, ...] = connections.job("bots4you", "master-data").settings.authentication
            return found

        await until(pilot, lambda: asked() == ("birth_date", "last_name"))
        assert "authentication" in (tmp_path / "config.toml").read_text(encoding="utf-8")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("t")
        await until(pilot, lambda: any("say so already" in n.message for n in app._notifications))


async def test_an_erp_that_does_not_answer_is_said_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = desk.read

    async def silent(*_arguments: object) -> None:
        raise Failure(Problem("http.silent", Trouble.UNREACHABLE, Owner.NOBODY))

    monkeypatch.setattr("console.screens.trial_screen.read", silent)
    async with practice_app(tmp_path) as (app, pilot):
        await at_item(app, pilot, ITEM)
        await pilot.press("v")
        await until(pilot, lambda: "r tries again." in shown(app))
        monkeypatch.setattr("console.screens.trial_screen.read", real)
        await pilot.press("r")
        await until(pilot, lambda: "[x]" in shown(app))


async def test_where_data_is_real_the_processing_agreement_is_asked_for_first(tmp_path: Path) -> None:
    async with practice_app(tmp_path, live=True, agreed=False) as (app, pilot):
        await at_item(app, pilot, ITEM)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, AgreementDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_an_item_without_a_trial_says_so(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        table = await at_item(app, pilot, ITEM)
        await pilot.press("home", "down", "v")
        assert table.cursor_key != ITEM
        await until(pilot, lambda: any("Nothing can be tried out" in n.message for n in app._notifications))


async def test_nothing_personal_is_in_the_window(tmp_path: Path) -> None:
    async with trial(tmp_path, live=True) as (app, _pilot, screen):
        cockpit: Cockpit = main(app).cockpit
        assert cockpit.masked
        assert "@" not in shown(app)
        held = repr(vars(screen._tried.reading))  # type: ignore[union-attr]
        assert "@" not in held
