"""How going live, handing over and taking in look, in both languages and on both sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from console import formats
from console.app import ConsoleApp
from console.config import load
from console.doors import Doors
from console.golive.step import Word
from console.handover.export import export
from console.i18n import setup
from console.screens.arrival_screen import ArrivalScreen
from console.screens.go_live_screen import GoLiveScreen
from console.screens.handover_dialog import HandoverDialog, TakeBackDialog
from console.screens.main import MainScreen
from console.sitting import Sitting
from tests.console.checklist_kit import only_own
from tests.console.golive_kit import NAME, only_short, settle
from tests.console.handover_kit import NOW, PASSPHRASE, cheap, first, second
from tests.console.screen_kit import main, practice_doors, shown, until
from tests.console.snapshot_kit import Album, frozen_date
from tests.console.test_snapshots import SIZES, Tour

PLACE = ("bots4you", "ticket-categories")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)
    only_short(monkeypatch)
    monkeypatch.setattr(formats, "date", frozen_date)
    monkeypatch.setattr("platform.node", lambda: "laptop")


def compared(tour: Tour) -> bool:
    """Whether the window knows what it shows."""
    screen = tour.app.screen
    if not isinstance(screen, GoLiveScreen):
        return False
    return screen._found.conditions is not None or screen._found.live is not None


async def going_live(tour: Tour) -> None:
    """What is missing, everything there, live, and the overview with its banner."""
    cockpit = main(tour.app).cockpit
    await until(tour.pilot, lambda: cockpit.checklists.book is not None)
    await tour.press("down", "g", until_=lambda: compared(tour))
    await tour.take("go-live-missing")
    await tour.close()
    await cockpit.plan(PLACE)
    await cockpit.sync(PLACE)
    await cockpit.plan(PLACE)
    settle(cockpit.workspace)
    await tour.press("g", until_=lambda: compared(tour))
    await tour.take("go-live")
    await tour.close()
    found = await cockpit.standing.weigh(PLACE, Sitting(), None)
    assert found.look is not None
    await cockpit.standing.go_live(PLACE, found.look, Word(NAME))
    await cockpit.checklists.refresh()
    await tour.press("g", until_=lambda: compared(tour))
    await tour.take("go-live-taken-back")
    await tour.close()


async def handing_over(tour: Tour, folder: Path) -> None:
    """The dialog, the banner of what was handed over, and taking it back."""
    cockpit = main(tour.app).cockpit
    await tour.press("H", until_=tour.opens(HandoverDialog))
    path = tour.app.screen.query_one("#path", Input)
    path.value = "practice-20261122.einzug"
    await tour.take("handover")
    await tour.close()
    export(cockpit.workspace, folder / "x", PASSPHRASE, who=NAME, to="Max Beispiel", now=NOW)
    await cockpit.standing.read()
    await tour.take("overview-handed-over")
    await tour.press("H", until_=tour.opens(TakeBackDialog))
    await tour.take("take-back")
    await tour.close()


@pytest.mark.parametrize("language", ["de", "en"])
async def test_they_look_as_reviewed(language: str, tmp_path: Path) -> None:
    setup(language)
    album = Album()
    async with practice_doors(tmp_path) as doors:
        app = ConsoleApp(doors)
        async with app.run_test(size=SIZES[0]) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            tour = Tour(app, pilot, album)
            await going_live(tour)
            await handing_over(tour, tmp_path)
            assert app.crash is None
    album.finish()


@pytest.mark.parametrize("language", ["de", "en"])
async def test_taking_in_looks_as_reviewed(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(language)
    only_own(monkeypatch)
    album = Album()
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    with two.config.open("a", encoding="utf-8") as config:
        config.write('\n[customers.muster]\nname = "Anders"\n')
    data = two.folder / "data"
    doors = Doors(load(two.config), two.secrets, data, only="other", config_path=two.config)
    doors._only = None  # the choice is not what is looked at here
    app = ConsoleApp(doors)
    async with app.run_test(size=SIZES[0]) as pilot:
        app.push_screen(ArrivalScreen(doors))
        await until(pilot, lambda: isinstance(app.screen, ArrivalScreen))
        screen = app.screen
        assert isinstance(screen, ArrivalScreen)
        await screen._read(file, PASSPHRASE)
        await until(pilot, lambda: "Erika Muster" in shown(app))
        for width, height in reversed(SIZES):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            album.take(app, "arrival")
        await pilot.press("escape")
    app.doors.close()
    album.finish()
