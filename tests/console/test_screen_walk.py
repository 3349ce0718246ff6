"""The guided test on the screen: chosen, followed, played and planned by keys; it goes on when closed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from connectors.problems import Failure
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.walks import Begun, Seen, WalkContext
from console.actions import get
from console.app import ConsoleApp
from console.cockpit_walks import Trail
from console.i18n import setup
from console.practice import Practice, partners
from console.screens.apply_dialog import ApplyDialog
from console.screens.main import MainScreen
from console.screens.small_dialogs import SureDialog
from console.screens.walk_screen import WalkScreen
from console.walks.guide import Guide
from console.widgets.record_table import RecordTable
from tests.console.engine_kit import CUT
from tests.console.screen_kit import main, practice_app, shown, until
from tests.console.snapshot_kit import Album
from tests.console.walk_kit import PLACE, VACANCIES, written

SIZES = ((80, 24), (120, 40))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits two seconds for a look."""
    monkeypatch.setattr("console.walks.guide.PRACTICE_S", 0.4)


@asynccontextmanager
async def letting_app(
    folder: Path, *, vacancies: bool = True
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int], Trail]]:
    """The console with the cursor on the prospects, the vacancies written."""

    def make(clock: Clock) -> list[PartnerSandbox]:
        return partners(Practice(60, 1), clock, ("erp", "immomio"))

    async with practice_app(folder, make=make) as (app, pilot):
        cockpit = main(app).cockpit
        if vacancies:
            await written(cockpit.workspace, VACANCIES)
        main(app).query_one("#tracks", RecordTable).move_to("/".join(PLACE))
        await pilot.pause()
        yield app, pilot, cockpit.walks.trails[PLACE]


async def choose(app: ConsoleApp, pilot: Pilot[int], trail: Trail) -> None:
    """Open the window and begin with the first object."""
    await opened(app, pilot)
    await until(pilot, lambda: app.screen.query_one("#candidates", RecordTable).cursor_key is not None)
    await pilot.press("enter")
    await until(pilot, lambda: trail.standing is not None and trail.standing.looked is not None)


async def opened(app: ConsoleApp, pilot: Pilot[int]) -> None:
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, WalkScreen))


async def asked(app: ConsoleApp, pilot: Pilot[int], kind: type, button: str) -> None:
    """Wait for a question, its harmless button in focus."""

    def there() -> bool:
        focused = app.screen.focused
        return isinstance(app.screen, kind) and focused is not None and focused.id == button

    await until(pilot, there)


def seen(trail: Trail) -> int:
    return 0 if trail.standing is None else trail.standing.journey.done(trail.guide.walk)


async def play(pilot: Pilot[int], trail: Trail, number: int) -> None:
    """Let the sandbox do a step, and wait until it is ticked."""
    await until(pilot, lambda: not trail.busy)
    await pilot.press("s")
    await until(pilot, lambda: seen(trail) == number)


async def test_the_whole_walk_by_keys(tmp_path: Path) -> None:
    setup("de")
    async with letting_app(tmp_path) as (app, pilot, trail):
        await choose(app, pilot, trail)
        for number in (1, 2, 3):
            await play(pilot, trail, number)
        await pilot.press("p")
        track = main(app).cockpit.tracks[PLACE]
        await until(pilot, lambda: track.plan is not None and isinstance(app.screen, MainScreen))
        assert main(app).panel.SCOPE == "differences"
        await until(pilot, lambda: not track.busy)
        changes = main(app).query_one("#changes", RecordTable)
        await until(pilot, lambda: changes.cursor_key is not None and app.focused is changes)
        await pilot.press("a")
        await asked(app, pilot, ApplyDialog, "leave")
        question = str(app.screen.query_one(".title", Static).content)
        assert "in OPENWOWI schreiben" in question  # prospects flow towards the ERP
        await pilot.press("left", "enter")
        await until(pilot, lambda: track.result is not None and trail.done)
        assert isinstance(app.screen, MainScreen)  # it was followed behind
        assert [line.text for line in main(app).cockpit.feed if "4/4" in line.text]
        await pilot.press("1")
        await opened(app, pilot)
        await until(pilot, lambda: "Der Test ist bestanden" in shown(app))
        await pilot.press("n")
        await until(pilot, lambda: trail.standing is None and trail.candidates is not None)
        assert app.crash is None


async def test_closed_it_goes_on_and_is_reopened_where_it_was(tmp_path: Path) -> None:
    setup("de")
    async with letting_app(tmp_path) as (app, pilot, trail):
        await choose(app, pilot, trail)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert trail.standing is not None
        await trail.guide.play(trail.standing.journey)
        trail.pause.cut()
        await until(pilot, lambda: "Testmieter 1/4" in shown(app))
        await opened(app, pilot)
        await until(pilot, lambda: "✓ fertig" in shown(app))


async def test_what_was_begun_before_a_restart_is_shown_and_followed_once_it_is_opened(
    tmp_path: Path,
) -> None:
    setup("de")
    async with letting_app(tmp_path) as (app, pilot, trail):
        guide: Guide = trail.guide
        journey = await guide.begin((await guide.candidates())[0])
        main(app).cockpit.walks.load()
        await until(pilot, lambda: "Testmieter 0/4" in shown(app))
        assert not trail.following
        await opened(app, pilot)
        await until(pilot, lambda: trail.standing is not None and trail.standing.looked is not None)
        assert trail.standing is not None
        assert trail.standing.journey == journey


async def test_given_up_it_can_be_begun_anew(tmp_path: Path) -> None:
    setup("de")
    async with letting_app(tmp_path) as (app, pilot, trail):
        await choose(app, pilot, trail)
        await pilot.press("n")
        await asked(app, pilot, SureDialog, "no")
        await pilot.press("left", "enter")
        await until(pilot, lambda: trail.standing is None and not trail.following and not trail.busy)
        assert await trail.guide.kept() is None
        await until(pilot, lambda: isinstance(app.screen, WalkScreen))  # the question has gone
        await until(pilot, lambda: trail.candidates is not None and not trail.busy)
        await until(
            pilot, lambda: isinstance(app.focused, RecordTable) and app.focused.cursor_key is not None
        )
        await pilot.press("enter")
        await until(pilot, lambda: trail.standing is not None and trail.following)


async def test_a_network_that_breaks_is_told_with_the_age_of_the_last_look(tmp_path: Path) -> None:
    setup("de")
    async with letting_app(tmp_path) as (app, pilot, trail):
        whole, broken = trail.guide.walk, False

        async def look(context: WalkContext, begun: Begun) -> Sequence[Seen]:
            if broken:
                raise Failure(CUT)
            return await whole.look(context, begun)

        trail.guide.walk = replace(whole, look=look)
        await choose(app, pilot, trail)
        broken = True
        await until(pilot, lambda: "zuletzt gesehen vor 0:0" in shown(app))
        assert "Es geht von selbst weiter." in " ".join(shown(app).replace("│", "").split())
        broken = False
        await pilot.press("r")
        await until(pilot, lambda: "wird beobachtet" in shown(app))


async def test_keys_that_do_nothing_now_say_why(tmp_path: Path) -> None:
    setup("de")
    async with letting_app(tmp_path, vacancies=False) as (app, pilot, trail):
        await opened(app, pilot)
        await until(pilot, lambda: trail.candidates == ())
        await until(pilot, lambda: "zeigt kein Objekt" in shown(app))
        for key, words in (("s", "Wählen Sie zuerst"), ("y", "keinen Link")):
            await pilot.press(key)
            await until(pilot, lambda words=words: words in shown(app))  # type: ignore[misc]  # bound now
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        main(app).query_one("#tracks", RecordTable).move_to("immomio/vacancies")
        assert "keinen geführten Test" in str(main(app).why_not(get("overview.walk")))


async def _tour(app: ConsoleApp, pilot: Pilot[int], trail: Trail, album: Album) -> None:
    async def take(name: str) -> None:
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            if isinstance(app.screen, WalkScreen):
                app.screen._show()
            else:
                main(app)._seen = -1
                main(app)._tick()
            await pilot.pause()
            album.take(app, name)

    await opened(app, pilot)
    await until(pilot, lambda: app.screen.query_one("#candidates", RecordTable).cursor_key is not None)
    await take("walk-choice")
    await pilot.press("enter")
    await until(pilot, lambda: trail.standing is not None and trail.standing.looked is not None)
    await take("walk-begun")
    for number in (1, 2, 3):
        await play(pilot, trail, number)
    await until(pilot, lambda: not trail.busy)
    await take("walk-own")


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_guided_test_looks_as_reviewed(language: str, tmp_path: Path) -> None:
    setup(language)
    album = Album()
    async with letting_app(tmp_path) as (app, pilot, trail):
        await _tour(app, pilot, trail, album)
    album.finish()
