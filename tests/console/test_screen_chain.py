"""The panel of chains, driven by keys on the toy: objects, causes, confirming, mending, letters, export."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.cockpit_chains import ChainTrack
from console.config import parse
from console.doors import Doors
from console.errors import ConsoleError
from console.i18n import setup
from console.screens import chain_deeds
from console.screens.agreement import AgreementDialog
from console.screens.answer_dialog import AnswerDialog
from console.screens.chain import ChainPanel
from console.screens.chain_windows import LettersScreen, LinksScreen
from console.screens.export_dialog import ExportDialog
from console.screens.main import MainScreen
from console.screens.small_dialogs import SureDialog
from console.widgets.record_model import TableRow
from console.widgets.record_table import RecordTable
from tests.console.chain_kit import CUSTOMER, LETTING, NAME, SALES, Shelves, only_chain_lists, shelves
from tests.console.screen_kit import main, practice_app, shown, until

pytestmark = pytest.mark.usefixtures("toy_installed")


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_chain_lists(monkeypatch)


class Stage:
    """The console with the panel open."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[int], here: Shelves) -> None:
        self.app = app
        self.pilot = pilot
        self.here = here

    @property
    def panel(self) -> ChainPanel:
        """The panel."""
        panel = main(self.app)._panels["chain"]
        assert isinstance(panel, ChainPanel)
        return panel

    @property
    def track(self) -> ChainTrack:
        """The chain."""
        return main(self.app).cockpit.chains.tracks["toy/sight"]

    async def read(self) -> None:
        """Wait until what was read is shown."""
        await until(self.pilot, lambda: self.track.held is not None and not self.track.busy)
        await until(self.pilot, lambda: self.panel._wanted[0] is self.track.held and bool(self.panel._lines))
        await until(self.pilot, lambda: self.panel.table.cursor_key is not None)

    async def press(self, *keys: str) -> None:
        """Press keys, and let the screen follow."""
        await self.pilot.press(*keys)
        await self.pilot.pause(0.15)

    async def opens(self, kind: type, *keys: str) -> None:
        """Press keys that open a window."""
        await self.pilot.press(*keys)
        await until(self.pilot, lambda: isinstance(self.app.screen, kind))

    def told(self) -> str:
        """What was notified."""
        return " ".join(note.message for note in self.app._notifications)


@asynccontextmanager
async def stage(folder: Path, size: tuple[int, int] = (120, 40), **how: Any) -> AsyncIterator[Stage]:
    """The console on the toy, its chain opened by the letter of the overview."""
    async with shelves(folder, **how) as here:
        here.agree()
        path = folder / "config.toml"
        config = parse(path.read_text(encoding="utf-8"), path)
        doors = Doors(config, here.secrets, folder / "data", only=CUSTOMER, config_path=path)
        app = ConsoleApp(doors)
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            await until(pilot, lambda: "chain" in main(app)._panels)
            found = Stage(app, pilot, here)
            await pilot.press("c")
            await found.read()
            yield found
            assert app.crash is None
        doors.close()


async def test_objects_show_where_they_are_broken_and_what_helps(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.press("home")
        text = shown(here.app)
        assert "Toy Shelf  ✗ 1 broken  ? 3 unconfirmed" in text
        assert "3 items need a place." in text
        assert here.panel.row is not None
        assert here.panel.row.id == "D-4"
        assert "Item D-4 has no mailbox." in text
        assert "→ f shows the plan that mends this." in text
        await here.press("down")
        assert "→ c confirms it by hand." in shown(here.app)


async def test_one_mailbox_is_one_line_and_enter_leads_to_its_objects_and_back(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.press("g", "home")
        assert here.panel.group is not None
        assert [row.id for row in here.panel.group.rows] == ["D-1", "D-2"]
        assert LETTING in shown(here.app)
        await here.press("enter")
        assert [line.row.id for line in here.panel.seen] == ["D-1", "D-2"]
        assert "only one cause" in shown(here.app)
        await here.press("escape")
        assert here.panel.by_cause
        assert len(here.panel.seen) == 4


async def test_a_cause_is_confirmed_once_for_all_its_objects(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.press("g", "home")
        before = here.track.held
        await here.opens(AnswerDialog, "c")
        dialog = here.app.screen
        assert isinstance(dialog, AnswerDialog)
        assert f"Name the phone provider: {LETTING}" in shown(here.app)
        await here.pilot.press("space")
        dialog.query_one("#who", Input).focus()
        await here.pilot.press(*NAME)
        dialog.query_one("#yes").focus()
        await here.pilot.press("enter")
        await until(here.pilot, lambda: here.track.held is not before)
        await here.read()
        states = {row.id: row.first.link if row.first else "" for row in here.track.held.reading.rows}  # type: ignore[union-attr]
        assert states == {"D-1": "shown", "D-2": "shown", "D-3": "booking", "D-4": "note"}


async def test_what_is_selected_is_confirmed_together(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        here.here.confirm("own.provider", LETTING, SALES)
        await here.press("r")
        await here.read()
        await here.press("home", "x", "down", "x")
        await here.press("c")
        assert "open at different links" in here.told()
        await here.press("home", "x")  # the broken one is left out again
        await here.press("end", "x")
        await here.opens(AnswerDialog, "c")
        assert "Shown: 2 at once" in shown(here.app)
        await here.press("escape")


async def test_what_einzug_can_tell_is_not_confirmed_and_what_no_plan_mends_is_not_planned(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        await here.press("home", "c")
        assert "Einzug can tell this link by itself." in here.told()
        await here.press("down", "f")
        assert "No plan mends this link" in here.told()


async def test_a_link_is_mended_by_a_plan_and_the_panel_says_that_it_is_old(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.press("home", "f")
        track = main(here.app).cockpit.tracks["toy", "shelf"]
        await until(here.pilot, lambda: track.plan is not None and not track.busy)
        assert track.plan is not None
        assert track.plan.changes == 1
        assert main(here.app).panel.SCOPE == "differences"
        main(here.app)._start(main(here.app).cockpit.sync(track.place), track.place, "write")
        await until(here.pilot, lambda: track.result is not None and not track.busy)
        await here.press("1", "c")
        assert "Something was written since" in shown(here.app)
        await here.press("r")
        await until(here.pilot, lambda: not chain_deeds.written_since(main(here.app).cockpit, here.track))
        await here.read()
        assert "broken" not in shown(here.app).split("\n")[2]


async def test_the_next_link_and_the_filter_leave_what_is_asked_for(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.press("t")
        assert [line.row.id for line in here.panel.seen] == ["D-4"]
        assert "only broken at: Mailbox (t)" in shown(here.app)
        await here.press("t")
        assert [line.row.id for line in here.panel.seen] == ["D-1", "D-2", "D-3"]
        await here.press("t", "slash", *"weg 3", "enter")
        assert [line.row.id for line in here.panel.seen] == ["D-3"]
        assert here.panel.table.has_focus


async def test_all_links_of_an_object_have_a_window(tmp_path: Path) -> None:
    async with stage(tmp_path, size=(80, 24)) as here:
        await here.press("home", "down")
        await here.opens(LinksScreen, "enter")
        text = shown(here.app)
        assert "✓ holds  Mailbox" in text
        assert "? unconfirmed  Booking" in text
        assert "Turn: administrator" in text
        await here.press("escape")
        assert isinstance(here.app.screen, MainScreen)


async def test_letters_are_shown_copied_and_saved(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.opens(LettersScreen, "l")
        assert "support: Switch booking on" in shown(here.app)
        assert "Please switch booking on for 1 item" in shown(here.app)
        await here.press("y")
        await until(here.pilot, lambda: "clipboard" in here.told() or "written to" in here.told())
        await here.press("s")
        await until(here.pilot, lambda: "Written to" in here.told())
        (file,) = (tmp_path / "data").rglob("toy-booking.txt")
        assert file.read_text(encoding="utf-8").startswith("Switch booking on\n\nPlease")


@pytest.mark.parametrize(("keys", "rows", "first"), [(("t",), 1, "D-4"), (("g",), 3, "2")])
async def test_what_is_seen_is_exported(tmp_path: Path, keys: tuple[str, ...], rows: int, first: str) -> None:
    async with stage(tmp_path) as here:
        await here.press(*keys)
        await here.opens(ExportDialog, "e")
        target = tmp_path / "seen.csv"
        here.app.screen.query_one(Input).value = str(target)
        await here.pilot.press("enter")
        await until(here.pilot, lambda: "written to" in here.told())
        table = list(csv.reader(target.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
        assert (len(table) - 1, table[1][0]) == (rows, first)


async def test_an_object_is_opened_in_the_browser_and_copied_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", browse)
    async with stage(tmp_path) as here:
        monkeypatch.setattr(chain_deeds, "has_browser", lambda: True)
        await here.press("u")
        await until(here.pilot, lambda: opened == ["https://toy.example.org/3"])
        monkeypatch.setattr(chain_deeds, "has_browser", lambda: False)
        await here.press("u")
        await until(here.pilot, lambda: "No browser here." in here.told())
        assert len(opened) == 1


async def test_outside_practice_nobody_is_named_on_the_screen(tmp_path: Path) -> None:
    async with stage(tmp_path, environment="test") as here:
        for keys in (("home",), ("down",), ("g", "home"), ("g",)):
            await here.press(*keys)
            assert LETTING not in shown(here.app)
        await here.press("home", "down")
        await here.opens(AnswerDialog, "c")
        assert LETTING not in shown(here.app)
        await here.press("escape")
        await here.opens(SureDialog, "m")
        here.app.screen.query_one("#yes").focus()
        await here.pilot.press("enter")
        await until(here.pilot, lambda: LETTING in shown(here.app))


async def test_before_real_objects_are_looked_at_the_agreement_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(tmp_path, environment="test") as here:
        monkeypatch.setattr("console.cockpit_checklists.unsettled", lambda _workspace: True)
        before = here.track.held
        await here.opens(AgreementDialog, "r")
        await here.press("escape")
        assert here.track.held is before


async def test_the_last_reading_is_shown_at_the_next_start_and_stays_unreachable(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        await here.press("g")
        await here.press("ctrl+q")
    gone = {"ref": "D-9", "title": "Birkenweg 9", "note": None}
    async with shelves(tmp_path, items=(gone,)) as other:
        other.workspace()  # another address, and nobody who has the credentials
        path = tmp_path / "config.toml"
        text = path.read_text(encoding="utf-8").replace(other.url, "http://127.0.0.1:9")
        doors = Doors(
            parse(text, path), here.here.secrets, tmp_path / "data", only=CUSTOMER, config_path=path
        )
        app = ConsoleApp(doors)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen) and "chain" in main(app)._panels)
            found = Stage(app, pilot, other)
            await found.read()
            assert found.panel.by_cause
            await pilot.press("r")
            await until(pilot, lambda: bool(found.track.error))
            await pilot.pause(0.2)
            assert "✗" in shown(app)
            assert "Booking" in shown(app)
        doors.close()


async def test_an_answer_that_cannot_be_stored_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_how: object) -> None:

        raise ConsoleError("The disk is full.")

    async with stage(tmp_path) as here:
        monkeypatch.setattr("console.cockpit_checklists.confirm", full)
        await here.press("home", "down")
        await here.opens(AnswerDialog, "c")
        here.app.screen.query_one("#who", Input).value = NAME
        here.app.screen.query_one("#yes").focus()
        await here.pilot.press("enter")
        await until(here.pilot, lambda: "The disk is full." in shown(here.app))
        assert isinstance(here.app.screen, AnswerDialog)  # what was typed is not lost


async def test_of_three_thousand_objects_only_those_that_are_seen_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tuple({"ref": f"D-{n}", "title": f"Birkenweg {n}", "note": LETTING} for n in range(3000))
    async with stage(tmp_path, items=many) as here:
        table = here.panel.query_one("#chain-rows", RecordTable)
        assert table.records.count == 3000
        drawn: list[int] = []
        source = table.records.cache.source
        window = source.window

        def counted(offset: int, limit: int) -> Sequence[TableRow]:
            drawn.append(limit)
            return window(offset, limit)

        monkeypatch.setattr(source, "window", counted)
        await here.press("end", "pageup", "home", "pagedown", "slash", *"2999")
        await until(here.pilot, lambda: len(here.panel.seen) == 1)
        assert sum(drawn) < 1000  # only what is seen is put together
        await here.press("escape", "g")
        assert len(here.panel._groups) == 1


async def test_without_a_chain_the_letter_says_why(tmp_path: Path) -> None:
    setup("de")
    async with practice_app(tmp_path) as (app, pilot):
        screen = main(app)
        await until(pilot, lambda: "chain" in screen._panels)
        screen.cockpit.chains.tracks.clear()
        await pilot.press("c")
        await pilot.pause(0.1)
        assert "Kein Anwendungsfall hat hier eine Kette." in shown(app)
