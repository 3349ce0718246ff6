"""The go-live step on the screens: conditions, a name, the lock, and what the overview says afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.config import load
from console.config_edit import set_value
from console.golive.step import Word
from console.screens.go_live_screen import GoLiveScreen
from console.screens.main import MainScreen
from console.sitting import Sitting
from tests.console.golive_kit import NAME, only_short, settle
from tests.console.screen_kit import main, practice_app, push, shown, until

PLACE = ("bots4you", "ticket-categories")


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_short(monkeypatch)


async def opened(app: ConsoleApp, pilot: Pilot[int]) -> GoLiveScreen:
    """The window, with everything compared."""
    await pilot.press("g")
    await until(pilot, lambda: isinstance(app.screen, GoLiveScreen))
    screen = app.screen
    assert isinstance(screen, GoLiveScreen)
    await until(pilot, lambda: screen._found.conditions is not None or screen._found.live is not None)
    await pilot.pause()
    return screen


async def written(app: ConsoleApp, pilot: Pilot[int]) -> None:
    """Everything of the use case is written."""
    cockpit = main(app).cockpit
    await until(pilot, lambda: cockpit.checklists.book is not None)
    await cockpit.plan(PLACE)
    await cockpit.sync(PLACE)
    await cockpit.plan(PLACE)
    await pilot.press("down")


async def test_it_says_what_is_missing_and_offers_no_button(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await written(app, pilot)
        screen = await opened(app, pilot)
        text = shown(app)
        for words in ("✓ keine Unterschiede", "✗ der Weg zurück", "✗ Ansprechpartner", "go_live.informed"):
            assert words in text
        assert not screen.query_one("#go").display
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_it_goes_live_by_a_name_and_the_overview_says_so(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit
        settle(cockpit.workspace)
        await written(app, pilot)
        requests = len(cockpit.workspace.log.calls())
        screen = await opened(app, pilot)
        calls = cockpit.workspace.log.calls()
        assert len(calls) - requests < 5  # the plan on the screen will do; only the Mandanten are read
        screen.query_one("#who", Input).value = ""
        await push(pilot, "#go")
        await until(pilot, lambda: "Es braucht einen Namen" in shown(app))
        screen.query_one("#who", Input).value = NAME
        await push(pilot, "#go")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(pilot, lambda: cockpit.standing.live(PLACE) is not None)
        await until(pilot, lambda: "live seit" in shown(app))
        assert NAME in shown(app)
        await pilot.press("m")
        await until(pilot, lambda: NAME not in shown(app))


async def test_a_plan_of_other_settings_does_not_do(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        workspace = main(app).cockpit.workspace
        await written(app, pilot)
        path = workspace.config_path
        assert path is not None
        set_value(path, ("customers", "practice", PLACE[0], "use_cases", PLACE[1], "owner"), "hub")
        workspace.reconfigure(load(path))
        requests = len(workspace.log.calls())
        await opened(app, pilot)
        assert len(workspace.log.calls()) - requests >= 5  # both sides are read anew


async def test_a_live_use_case_is_taken_back_with_a_reason(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit
        settle(cockpit.workspace)
        await written(app, pilot)
        found = await cockpit.standing.weigh(PLACE, Sitting(), None)
        assert found.look is not None
        assert await cockpit.standing.go_live(PLACE, found.look, Word(NAME)) == ()
        screen = await opened(app, pilot)
        assert "Ausgangszahlen" in shown(app)
        screen.query_one("#who", Input).value = NAME
        await push(pilot, "#go")
        await until(pilot, lambda: "einen Grund" in shown(app))
        screen.query_one("#note", Input).value = "Die Schnittstelle steht"
        await push(pilot, "#go")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(pilot, lambda: cockpit.standing.live(PLACE) is None)


async def test_differences_are_accepted_by_typing_their_number(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit
        await until(pilot, lambda: cockpit.checklists.book is not None)
        settle(cockpit.workspace)
        await pilot.press("down")
        screen = await opened(app, pilot)
        assert screen._found.look is not None
        count = screen._found.look.differences
        assert count > 0
        screen.query_one("#who", Input).value = NAME
        screen.query_one("#note", Input).value = "kommt heute Abend"
        screen.query_one("#accepted", Input).value = str(count + 1)
        await push(pilot, "#go")
        await until(pilot, lambda: "Nicht alle Bedingungen" in shown(app))
        screen.query_one("#accepted", Input).value = str(count)
        await push(pilot, "#go")
        await until(pilot, lambda: cockpit.standing.live(PLACE) is not None)


async def test_tickets_go_live_from_their_panel(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await until(pilot, lambda: main(app).cockpit.checklists.book is not None)
        await pilot.press("3")
        await until(pilot, lambda: main(app).panel.SCOPE == "tickets")
        await opened(app, pilot)
        assert "Bots4You: Tickets" in shown(app)
