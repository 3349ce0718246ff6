"""What the frame promises: a true exit code, no lost run, every action in the palette, nothing crashes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Input, OptionList, Static

from connectors.problems import Owner, Problem, Trouble
from console import actions, screen_memory
from console.actions import ACTIONS
from console.app import ConsoleApp
from console.cockpit import Activity, Cockpit
from console.config import parse
from console.credentials import MemorySecrets
from console.doors import Doors
from console.errors import Exit
from console.i18n import setup
from console.screens.calls import CallsScreen
from console.screens.export_dialog import ExportDialog
from console.screens.frame_actions import targets
from console.screens.palette import PaletteScreen
from console.screens.small_dialogs import QuitDialog
from console.screens.track_words import result_words
from console.screens.welcome import ChooserScreen
from console.store.errors import StoreError
from console.store.runs import RunState
from console.sync.apply import Applying
from console.syncer import RunResult
from console.widgets.header import HeaderBar, scope_words
from console.widgets.record_model import Tone
from console.widgets.record_table import RecordTable
from tests.console.panel_kit import CONFIG
from tests.console.screen_kit import main, practice_app, shown, until

PLACE = ("bots4you", "master-data")


async def test_leaving_a_run_that_is_not_done_is_told_by_the_exit_code(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        main(app).cockpit.tracks[PLACE].activity = Activity.WRITING
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, QuitDialog))
        await pilot.press("ctrl+q")
        assert sum(isinstance(screen, QuitDialog) for screen in app.screen_stack) == 1
        await pilot.click("#leave")
    assert app.return_code == Exit.INTERRUPTED


async def test_no_other_customer_while_something_is_written(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, _pilot):
        main(app).cockpit.tracks[PLACE].activity = Activity.WRITING
        assert "geschrieben" in str(main(app).why_not(actions.get("customer")))


async def test_the_palette_offers_every_action_and_leads_to_its_panel(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, PaletteScreen))
        options = app.screen.query_one(OptionList).options
        assert {option.id for option in options} == {action.id for action in ACTIONS} - {"palette"}
        await pilot.press("escape")
        main(app).action_do("run.verify")
        assert main(app).panel.SCOPE == "protocol"


async def test_what_is_locked_again_is_not_written_however_long_the_question_stood(tmp_path: Path) -> None:
    async with practice_app(tmp_path, live=True) as (app, _pilot):
        cockpit = main(app).cockpit
        await cockpit.plan(PLACE)
        track = cockpit.tracks[PLACE]
        assert track.plan is not None, track.error
        await cockpit.sync(PLACE, tuple((guard.key, guard.count) for guard in track.plan.guards))
        assert track.result is None
        assert "lesen" in cockpit.feed[-1].text.casefold()


async def test_a_use_case_that_is_busy_is_not_begun_twice(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        screen = main(app)
        screen.start_plan(PLACE)
        screen.start_plan(PLACE)
        track = screen.cockpit.tracks[PLACE]
        await until(pilot, lambda: track.plan is not None and not track.busy)
        await pilot.pause(0.1)
        assert sum("neu" in line.text for line in screen.cockpit.feed) == 1


async def test_jump_names_its_targets_and_leaves_out_what_is_not_seen(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("2")
        names = [name for name, _title in targets(main(app))]
        assert "changes" in names
        assert "filter" not in names
        assert ("changes", "Datensätze") in targets(main(app))


async def test_the_cursor_comes_back_at_the_next_start(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("down")
        key = main(app).query_one("#tracks", RecordTable).cursor_key
        await pilot.press("ctrl+q")
    async with practice_app(tmp_path) as (app, pilot):
        table = main(app).query_one("#tracks", RecordTable)
        await until(pilot, lambda: table.cursor_key == key)
        assert table.records.row == 1


async def test_the_customer_of_the_last_time_is_offered_first(tmp_path: Path) -> None:
    other = CONFIG.replace("customers.muster", "customers.other")
    config = parse(CONFIG + other, tmp_path / "config.toml")
    screen_memory.remember(tmp_path, "other", screen_memory.Remembered("overview"))
    app = ConsoleApp(Doors(config, MemorySecrets(), tmp_path, config_path=tmp_path / "config.toml"))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, ChooserScreen))
        assert app.screen.query_one(OptionList).highlighted == 1
        assert "Wohnbau" not in shown(app)


async def test_calls_that_cannot_be_exported_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.screens.calls.write_calls", full)
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, CallsScreen))
        await pilot.press("e")
        await until(pilot, lambda: "Platz" in shown(app))
        assert app.crash is None


@pytest.mark.parametrize("path", ["~nobody-of-that-name/a.csv", "x" * 300 + ".csv", "/dev/null/a.csv"])
async def test_a_path_that_cannot_be_looked_at_is_no_crash(path: str, tmp_path: Path) -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        dialog = ExportDialog("", tmp_path / "a.csv", masked=True)
        app.push_screen(dialog)
        await pilot.pause()
        dialog.query_one("#path", Input).value = path
        await pilot.press("enter")
        await pilot.pause()
        assert app.return_code is None
        assert app.screen is not dialog or str(dialog.query_one("#refusal", Static).content)


def test_only_what_was_read_back_counts_as_verified() -> None:
    setup("en")
    problem = Problem("http.silent", Trouble.UNREACHABLE, Owner.NOBODY)
    done = RunResult(1, RunState.DONE, Applying(2, 2))
    stopped = RunResult(1, RunState.STOPPED, Applying(2, 1))
    unread = RunResult(1, RunState.DONE, Applying(2, 2), unverified=problem)
    failed = RunResult(1, RunState.FAILED, Applying(2, 1, 1))
    assert result_words(done, 0) == ("✓ written and verified", Tone.GOOD)
    assert [result_words(r, r.applying.left)[1] for r in (stopped, unread, failed)] == [
        Tone.WARN,
        Tone.WARN,
        Tone.BAD,
    ]
    assert "1 left" in result_words(stopped, 1)[0]


def test_the_scope_is_said_in_words() -> None:
    setup("en")
    assert [scope_words(some) for some in ("all", (), ("10",), ("10", "20"))] == [
        "all companies", "", "company 10", "companies 10, 20",
    ]  # fmt: skip
    assert scope_words(("1", "2", "3", "4")) == "companies 1, 2, 3 …"


def test_the_process_ends_although_a_name_is_still_looked_up() -> None:
    code = """
import asyncio, time
from console.threads import end_within
async def main():
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 20)
    print("done")
    end_within(0.3, 4)
asyncio.run(main())
"""
    begun = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=15, check=False)
    assert (ended.returncode, ended.stdout.split()) == (4, [b"done"])
    assert time.monotonic() - begun < 10


async def test_a_history_that_cannot_be_read_is_told_and_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_cockpit: Cockpit) -> None:
        raise StoreError("locked", path="x")

    monkeypatch.setattr(Cockpit, "load_history", locked)
    async with practice_app(tmp_path) as (app, pilot):
        await until(pilot, lambda: bool(main(app).cockpit.feed))
        assert app.crash is None


async def test_a_run_that_was_stopped_does_not_shorten_the_waits_of_the_next_plan(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, _pilot):
        cockpit = main(app).cockpit
        cockpit.tracks[PLACE].stop.set()
        await cockpit.plan(PLACE)
        assert not cockpit.tracks[PLACE].stop.is_set()


async def test_the_header_gives_up_what_is_least_needed_before_the_name(tmp_path: Path) -> None:
    async with practice_app(tmp_path, size=(80, 24), live=True) as (app, pilot):
        cockpit = main(app).cockpit
        assert cockpit.unlock(cockpit.workspace.customer.key)
        for width, scope in ((80, False), (160, True)):
            await pilot.resize_terminal(width, 24)
            await pilot.pause(0.2)
            main(app).query_one(HeaderBar).show()
            await pilot.pause()
            line = shown(app).splitlines()[0]
            assert cockpit.shown_customer in line
            assert "SCHREIBEN" in line
            assert ("Mandant" in line) is scope
