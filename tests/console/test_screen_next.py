"""The next step: the key does what the line says wherever the cursor is; narrow windows name who failed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from textual.widgets import Static

from connectors.contract import Finding, Text, Verdict
from console import actions
from console.cockpit import Activity
from console.screens.next_step import CHECK, OPEN, PLAN, next_step
from console.screens.overview import OverviewPanel
from console.widgets.record_table import RecordTable
from tests.console.screen_kit import main, practice_app, shown, until


async def test_the_key_does_what_the_line_says_and_not_what_the_row_under_the_cursor_is(
    tmp_path: Path,
) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit
        assert next_step(cockpit).what == CHECK
        await pilot.press("n")
        await until(pilot, lambda: cockpit.checked_at is not None)
        first, *others = cockpit.tracks
        table = app.screen.query_one(RecordTable)
        await pilot.press("end")
        assert table.cursor_key == "/".join(others[-1])
        step = next_step(cockpit)
        assert (step.what, step.place) == (PLAN, first)
        await pilot.press("n")
        await until(pilot, lambda: cockpit.tracks[first].plan is not None and not cockpit.tracks[first].busy)
        assert cockpit.tracks[others[-1]].plan is None
        assert table.cursor_key == "/".join(first)
        for place in others:  # all compared: now the first plan is to be looked at
            await pilot.press("n")
            await until(pilot, lambda at=place: _compared(main(app).cockpit, at))  # type: ignore[misc]
        step = next_step(cockpit)
        assert step.what == OPEN
        await pilot.press("end", "n")
        await until(pilot, lambda: main(app).panel.SCOPE == "differences")
        assert main(app).panel.query_one(RecordTable).display


def _compared(cockpit: object, place: tuple[str, str]) -> bool:
    track = cockpit.tracks[place]  # type: ignore[attr-defined]
    return not track.busy and bool(track.plan or track.impossible or track.error)


async def test_while_nothing_is_to_be_done_the_key_says_so(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, _pilot):
        cockpit = main(app).cockpit
        cockpit.checked_at = datetime.now(UTC)
        next(iter(cockpit.tracks.values())).activity = Activity.PLANNING
        reason = main(app).why_not(actions.get("overview.next"))
        assert reason == next_step(cockpit).text


async def test_a_narrow_window_names_the_partner_whose_checks_failed_first(tmp_path: Path) -> None:
    bad = Finding("immomio.connection", ("I1",), Verdict.FAIL, Text("sync.missing"))
    async with practice_app(tmp_path) as (app, pilot):
        panel = app.screen.query_one(OverviewPanel)
        cockpit = main(app).cockpit
        cockpit.findings = dict.fromkeys((key for key, _name in cockpit.parties()), ())
        key, name = cockpit.parties()[-1]
        cockpit.findings[key] = (bad, bad)
        await pilot.resize_terminal(80, 24)
        panel.show()
        await pilot.pause()
        line = next(text for text in shown(app).splitlines() if "✗" in text)
        assert line.strip().startswith(f"✗ {name} 2 ")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert not app.screen.query_one("#parties", Static).display
        assert name in shown(app)
