"""The panel of runs and the screen of one run, driven by keys on a journal that was written before."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from connectors.contract import Result
from connectors.problems import Owner, Problem, Trouble
from console.cockpit import Activity, Cockpit
from console.credentials import MemorySecrets
from console.keyring_state import KeyringError, KeyringState
from console.screens.protocol import ProtocolPanel
from console.screens.run_screen import RunScreen
from console.store.runs import RunState
from console.text_filter import text_filter
from console.widgets.record_table import RecordTable
from tests.console.fix_kit import CITY, with_fix
from tests.console.journal_kit import change, outcome, start
from tests.console.panel_kit import StageApp, cockpit, shown, until

PLACE = ("bots4you", "practice", "master-data")
USE_CASE = ("bots4you", "master-data")
HOSTILE = "10/[/b]\x1b]52;c;x\x07‮x"
REFUSED = Problem("http.rejected", Trouble.REJECTED, Owner.CUSTOMER)


def written(folder: Path, *, hostile: bool = False) -> Cockpit:
    """A journal with a finished run, one with failures and one that was interrupted."""
    of = cockpit(folder)
    with of.workspace.journal() as journal:
        first = start(journal, place=PLACE)
        journal.intend(first, [change("10/1")], [b"{}"])
        journal.settle(first, [outcome("10/1")])
        journal.finish_run(first, RunState.DONE, {"applied": 1, "failed": 0, "left": 0})
        second = start(journal, place=PLACE)
        ids = ["10/1", HOSTILE if hostile else "10/2", "10/3"]
        journal.intend(second, [change(id_) for id_ in ids], [b"{}"] * 3)
        journal.settle(second, [outcome(ids[0]), outcome(ids[1], Result.REJECTED, REFUSED), outcome(ids[2])])
        journal.finish_run(second, RunState.FAILED, {"applied": 2, "failed": 1, "left": 0})
        third = start(journal, place=PLACE)
        journal.finish_run(third, RunState.INTERRUPTED, {})
    return of


def stage(of: Cockpit) -> tuple[StageApp, ProtocolPanel]:
    panel = ProtocolPanel(of)
    return StageApp(panel), panel


def filled(panel: ProtocolPanel) -> bool:
    return panel._runs is not None and panel.query_one("#runs", RecordTable).cursor_key is not None


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_runs_are_listed_newest_first_with_their_state_in_words(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app, panel = stage(written(tmp_path))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: filled(panel))
        await pilot.pause(0.15)
        lines = [line for line in shown(app).splitlines() if "Stammdaten" in line]
        states = ["! unterbrochen", "✗ mit Fehlern beendet", "✓ fertig"]
        assert [state for line, state in zip(lines, states, strict=True) if state in line] == states
        assert panel.run is not None
        assert panel.run.id == 3


async def test_an_empty_history_names_the_next_key(tmp_path: Path) -> None:
    app, panel = stage(cockpit(tmp_path))
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: panel._runs == ())
        await pilot.pause(0.15)
        assert "1 führt zur Übersicht" in shown(app)
        await pilot.press("u")
        assert app.stage.reasons == ["Hier steht kein Lauf."]


async def test_the_filter_keeps_what_matches_and_escape_shows_all(tmp_path: Path) -> None:
    app, panel = stage(written(tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        table = panel.query_one("#runs", RecordTable)
        await until(pilot, lambda: filled(panel))
        await pilot.press("slash", *"unterbr", "enter")
        await until(pilot, lambda: table.records.count == 1)
        assert table.has_focus
        await pilot.press("slash", "home", "!")
        await until(pilot, lambda: table.records.count == 2)
        await pilot.press("escape")
        await until(pilot, lambda: table.records.count == 3)


async def test_undo_is_asked_of_the_frame_where_something_was_written(tmp_path: Path) -> None:
    app, panel = stage(written(tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: filled(panel))
        await pilot.press("end", "u")
        assert app.stage.asked == [("undo", USE_CASE, 1)]
        panel.cockpit.tracks[USE_CASE].activity = Activity.WRITING
        await pilot.press("u")
        assert len(app.stage.asked) == 1
        assert len(app.stage.reasons) == 1


async def test_only_an_interrupted_run_goes_on_and_its_plan_is_opened(tmp_path: Path) -> None:
    app, panel = stage(written(tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: filled(panel))
        await pilot.press("c")
        assert app.stage.asked == [("plan", USE_CASE), ("open", USE_CASE)]
        await pilot.press("down", "c")
        assert app.stage.reasons[0].startswith("Fortsetzen lässt sich nur")


async def test_an_interrupted_fix_goes_on_as_a_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_fix(monkeypatch)
    of = written(tmp_path)
    with of.workspace.journal() as journal:
        run = journal.start_run(*PLACE, "apply", settings={"fix": CITY})
        journal.finish_run(run, RunState.INTERRUPTED, {})
    app, panel = stage(of)
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: filled(panel))
        await pilot.press("c")
        assert app.stage.asked == [("fix", CITY)]


async def test_a_changed_journal_is_found_and_told(tmp_path: Path) -> None:
    app, panel = stage(written(tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: filled(panel))
        await pilot.press("v")
        await until(pilot, lambda: "vollständig" in shown(app))
        file = next((tmp_path / "data").rglob("*.sqlite*"))
        with sqlite3.connect(file) as conn:
            conn.execute("UPDATE entry SET record = '10/99' WHERE record = '10/1' AND kind = 'outcome'")
        conn.close()
        await pilot.press("v")
        await until(pilot, lambda: "✗ Das Protokoll" in shown(app))


async def test_the_list_is_exported_as_it_is_filtered(tmp_path: Path) -> None:
    app, panel = stage(written(tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: filled(panel))
        await pilot.press("slash", *"fertig", "enter", "e")
        folder = panel.cockpit.workspace.folder
        await until(pilot, lambda: "Geschrieben nach" in shown(app))
        (path,) = folder.glob("runs-*.csv")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        assert [(row["run"], row["state"], row["applied"]) for row in rows] == [("1", "done", "1")]


async def test_a_run_that_ended_appears_without_a_key(tmp_path: Path) -> None:
    of = written(tmp_path)
    app, panel = stage(of)
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: filled(panel))
        track = of.tracks[USE_CASE]
        table = panel.query_one("#runs", RecordTable)
        track.activity = Activity.WRITING
        await until(pilot, lambda: Activity.WRITING in panel._activities and not panel._reading)
        with of.workspace.journal() as journal:
            journal.finish_run(start(journal, place=PLACE), RunState.DONE, {"applied": 7})
        assert table.records.count == 3
        track.activity = Activity.IDLE
        await until(pilot, lambda: table.records.count == 4)


async def test_a_run_shows_every_outcome_the_failed_ones_first_and_hostile_ids_as_text(
    tmp_path: Path,
) -> None:
    app, panel = stage(written(tmp_path, hostile=True))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: filled(panel))
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        table = app.screen.query_one(RecordTable)
        await until(pilot, lambda: table.records.count == 3)
        await pilot.pause(0.15)
        text = shown(app)
        lines = [line for line in text.splitlines() if "Mieter" in line]
        assert "✗ abgelehnt" in lines[0]
        assert "10/[/b]␛" in lines[0]
        assert "\x1b" not in text
        assert "‮" not in text
        await pilot.press("slash", *"result:ok", "enter")
        await until(pilot, lambda: table.records.count == 2)
        await pilot.press("e")
        await until(pilot, lambda: len(list(panel.cockpit.workspace.folder.glob("run-2-*.csv"))) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.stage)


async def test_without_a_keyring_the_history_is_read_all_the_same(tmp_path: Path) -> None:
    class Locked(MemorySecrets):
        def key(self, customer: str, *, create: bool = False) -> bytes | None:
            raise KeyringError(KeyringState.LOCKED)

    written(tmp_path)
    app, panel = stage(cockpit(tmp_path, Locked()))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: filled(panel))
        assert len(panel._runs or ()) == 3


def test_a_filter_on_a_field_looks_into_that_field_only() -> None:
    from console.store.plan_query import Where

    fields = {Where.ID: "10/7", Where.RESULT: "failed"}
    assert text_filter("id:10/7").keeps("nothing of it", fields)
    assert not text_filter("id:abgelehnt").keeps("10/7 abgelehnt", fields)
    assert text_filter("!result:ok").keeps("x", fields)
    assert text_filter("/^1\\d/ !zwei").keeps("10 eins")
    assert not text_filter("eins !zwei").keeps("eins zwei")
