"""How every panel looks, in both languages, on a small and on a comfortable terminal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from checklists.model import Addressee
from console import formats
from console.app import ConsoleApp
from console.credentials import MemorySecrets
from console.doors import Doors
from console.i18n import setup
from console.screens.answer_dialog import AnswerDialog
from console.screens.apply_dialog import ApplyDialog
from console.screens.credentials import CredentialsPanel
from console.screens.hand_out_dialog import HandOutDialog
from console.screens.help import HelpScreen
from console.screens.main import MainScreen
from console.screens.run_screen import RunScreen
from console.screens.sample_screen import SampleScreen
from console.screens.small_dialogs import SureDialog
from console.screens.take_in_screen import TakeInScreen
from console.screens.trial_screen import TrialScreen
from console.screens.welcome import WelcomeScreen
from console.screens.why_dialog import WhyDialog
from console.trials.desk import trial_of
from console.widgets.record_table import RecordTable
from tests.console.checklist_kit import only_own
from tests.console.handouts_kit import Typed, came_back, handed_out
from tests.console.screen_kit import main, practice_doors, until
from tests.console.snapshot_kit import Album, frozen_date, still

PLACE = ("bots4you", "master-data")
SIZES = ((120, 40), (80, 24))


class Tour:
    """Walks through the screens by keys and takes each in both sizes."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[int], album: Album) -> None:
        self.app = app
        self.pilot = pilot
        self.album = album

    async def press(self, *keys: str, until_: Callable[[], bool] | None = None) -> None:
        """Press keys; go on when something holds."""
        await self.pilot.press(*keys)
        if until_ is not None:
            await until(self.pilot, until_)

    async def take(self, name: str) -> None:
        """Both sizes, the comfortable one last so that the tour goes on in it."""
        for width, height in reversed(SIZES):
            await self.pilot.resize_terminal(width, height)
            await self.pilot.pause()
            self._redraw()
            await still(self.app, self.pilot)
            self.album.take(self.app, name)

    def _redraw(self) -> None:
        """What the screens do by themselves within a second."""
        screen = main(self.app)
        screen._seen = -1
        screen._tick()

    def opens(self, kind: type) -> Callable[[], bool]:
        """Whether a screen of this kind is on top."""
        return lambda: isinstance(self.app.screen, kind)

    async def close(self) -> None:
        """Leave a dialog."""
        await self.press("escape", until_=self.opens(MainScreen))


async def overview_and_differences(tour: Tour) -> None:
    """Checks, a plan, its records, masked and not."""
    cockpit = main(tour.app).cockpit
    await until(tour.pilot, lambda: cockpit.checklists.book is not None)
    await tour.take("overview-new")
    await tour.press("f5", until_=lambda: cockpit.checked_at is not None)
    track = cockpit.tracks[PLACE]
    await tour.press("p", until_=lambda: track.plan is not None and not track.busy)
    await tour.take("overview")
    await tour.press("enter", "down", "down")
    await until(tour.pilot, lambda: main(tour.app).query_one("#changes", RecordTable).cursor_key is not None)
    await tour.take("differences")
    await tour.press("m")
    await tour.take("differences-masked")
    await tour.press("m", "question_mark", until_=tour.opens(HelpScreen))
    await tour.take("help")
    await tour.close()
    await tour.press("w", until_=tour.opens(WhyDialog))
    await tour.take("why")
    await tour.close()


async def writing(tour: Tour) -> None:
    """The dialog before writing, and what a written plan looks like."""
    track = main(tour.app).cockpit.tracks[PLACE]
    await tour.press("a", until_=tour.opens(ApplyDialog))
    await tour.take("apply")
    assert track.plan is not None
    for guard in track.plan.guards:
        await tour.press(*str(guard.count), "tab")
    await tour.press("enter", until_=lambda: track.result is not None and not track.busy)
    await tour.take("differences-written")


async def checklists(tour: Tour) -> None:
    """The lists with the item under the cursor, and the window in which it is answered."""
    table = main(tour.app).query_one("#items", RecordTable)
    await tour.press("4", until_=lambda: table.cursor_key is not None)
    await tour.press("down")
    await tour.take("checklists")
    await tour.press("enter", until_=tour.opens(AnswerDialog))
    await tour.press("space")
    await tour.take("checklist-answer")
    await tour.press("escape", until_=tour.opens(SureDialog))
    await tour.press("up", "enter", until_=tour.opens(MainScreen))
    await handing_out(tour)


async def handing_out(tour: Tour) -> None:
    """Which points go out, and a workbook that came back."""
    await tour.press("h", until_=tour.opens(HandOutDialog))
    tour.app.screen.query_one("#place", Input).value = "out"
    await tour.take("hand-out")
    await tour.close()
    here = main(tour.app).cockpit.workspace
    (written,) = handed_out(here, here.folder / "telephony.xlsx", Addressee.TELEPHONY)
    typed: Typed = {("own.provider", "way"): "Rufumleitung", ("own.provider", "lines"): "viele"}
    path = came_back(written.path, typed)
    await tour.press("i", until_=tour.opens(TakeInScreen))
    tour.app.screen.query_one("#file", Input).value = str(path)
    await tour.press("enter", until_=lambda: tour.app.screen.query_one(RecordTable).cursor_key is not None)
    tour.app.screen.query_one("#file", Input).value = "telephony.xlsx"
    await tour.take("take-in")
    await tour.press("escape")
    await tour.close()


async def trial(tour: Tour) -> None:
    """What another choice would mean; the shipped items lead there, the list of these pictures does not."""
    cockpit = main(tour.app).cockpit
    await tour.app.push_screen(TrialScreen(cockpit, trial_of(cockpit.workspace, "bots4you")))
    groups = tour.app.screen.query_one("#groups", RecordTable)
    await until(tour.pilot, lambda: groups.cursor_key is not None)
    await tour.take("trial")
    await tour.close()


async def sample(tour: Tour) -> None:
    """A sample check with a verdict; of categories, which hold no day."""
    cockpit = main(tour.app).cockpit
    cockpit.checklists.who = "Erika Musterfrau"
    screen = SampleScreen(cockpit, ("bots4you", "ticket-categories"))
    await tour.app.push_screen(screen)
    await until(tour.pilot, lambda: screen.record is not None and not screen._busy)
    await tour.press("r", until_=lambda: screen._sampled is not None and bool(screen._sampled.marks))
    await until(tour.pilot, lambda: not screen._busy)
    await tour.take("sample")
    await tour.close()


async def credentials_and_history(tour: Tour) -> None:
    """The other panels, and one run."""
    await tour.press("5")
    await until(tour.pilot, lambda: main(tour.app).query_one(CredentialsPanel)._asked_at is None)
    await tour.take("credentials")
    await tour.press("6")
    await until(tour.pilot, lambda: main(tour.app).query_one("#runs", RecordTable).cursor_key is not None)
    await tour.take("protocol")
    await tour.press("enter", until_=tour.opens(RunScreen))
    await until(tour.pilot, lambda: tour.app.screen.query_one(RecordTable).cursor_key is not None)
    await tour.take("run")
    await tour.close()


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_panels_look_as_reviewed(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(language)
    monkeypatch.setattr(formats, "date", frozen_date)
    only_own(monkeypatch)
    monkeypatch.setattr("console.screens.sample_screen.new_seed", lambda: 4711)
    album = Album()
    async with practice_doors(tmp_path) as doors:
        app = ConsoleApp(doors)
        async with app.run_test(size=SIZES[0]) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            tour = Tour(app, pilot, album)
            for part in (
                overview_and_differences,
                writing,
                checklists,
                trial,
                sample,
                credentials_and_history,
            ):
                await part(tour)
            assert app.crash is None
    album.finish()


def _welcomes(app: ConsoleApp) -> bool:
    return isinstance(app.screen, WelcomeScreen)


async def test_the_first_start_looks_as_reviewed(tmp_path: Path) -> None:
    album = Album()
    for language in ("de", "en"):
        setup(language)
        path = tmp_path / "config.toml"
        app = ConsoleApp(Doors(None, MemorySecrets(), tmp_path, config_path=path))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, partial(_welcomes, app))
            await pilot.pause()
            album.take(app, "welcome")
    album.finish()
