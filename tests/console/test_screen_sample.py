"""A sample check on the screen, on real sandboxes: one key a verdict, both sides, masked, drawn again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from connectors.contract import Record
from connectors.problems import Failure, Owner, Problem, Trouble
from console.app import ConsoleApp
from console.i18n import setup
from console.sampling.strata import strata
from console.sampling.take import Beside, Sample, Side, Wish
from console.screens.main import MainScreen
from console.screens.note_dialog import NoteDialog
from console.screens.sample_screen import SampleScreen
from console.store.samples import Mark, Samples
from console.widgets.record_table import RecordTable
from tests.console.hostile_kit import ATTACKS, raw
from tests.console.screen_kit import main, practice_app, shown, until

PLACE = ("bots4you", "practice", "master-data")
NAME = "Erika Musterfrau"


@pytest.fixture(autouse=True)
def _english() -> None:
    setup("en")


@asynccontextmanager
async def opened(folder: Path, **how: Any) -> AsyncIterator[tuple[ConsoleApp, Pilot[int], SampleScreen]]:
    """The sample of the first use case, drawn."""
    async with practice_app(folder, **how) as (app, pilot):
        main(app).cockpit.checklists.who = NAME
        yield app, pilot, await again(app, pilot)
        assert app.crash is None


async def again(app: ConsoleApp, pilot: Pilot[int]) -> SampleScreen:
    """Open the sample of the use case under the cursor."""
    await until(pilot, lambda: main(app).query_one("#tracks", RecordTable).cursor_key is not None)
    main(app).query_one("#tracks", RecordTable).move_to("bots4you/master-data")
    await pilot.press("k")
    await until(pilot, lambda: isinstance(app.screen, SampleScreen))
    screen = app.screen
    assert isinstance(screen, SampleScreen)
    await until(pilot, lambda: screen.record is not None and not screen._busy)
    return screen


def kept(app: ConsoleApp) -> Any:
    """What is kept of the sample."""
    workspace = main(app).cockpit.workspace
    with workspace.store() as conn:
        return Samples(conn, workspace.vault).latest((PLACE[0], environment(app), PLACE[2]))


def environment(app: ConsoleApp) -> str:
    """Where Bots4You is."""
    return main(app).cockpit.environment("bots4you")


async def test_a_key_a_verdict_and_the_cursor_goes_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot, screen):
        first = screen.record
        assert first is not None
        assert "seed" in str(screen.query_one("#sample-told", Static).render())
        await pilot.press("r")
        await until(pilot, lambda: screen.record != first and not screen._busy)
        second = screen.record
        assert second is not None
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, NoteDialog))
        await pilot.press("enter")
        await until(pilot, lambda: "needs a note" in shown(app))
        await pilot.press(*"old street", "enter")
        await until(pilot, lambda: app.screen is screen and not screen._busy)
        await until(pilot, lambda: screen.record not in (first, second))
        sampled = kept(app)
        assert (sampled.mark_of(*first.key), sampled.mark_of(*second.key)) == (Mark.RIGHT, Mark.WRONG)
        assert sampled.marks[second.key].note == "old street"
        assert sampled.marks[second.key].who == NAME
        assert "1 right, 1 wrong" in str(screen.query_one("#sample-told", Static).render())


async def test_the_same_sample_is_there_again_and_another_one_on_request(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot, screen):
        assert screen._sample is not None
        seed, records = screen._sample.wish.seed, screen._sample.records
        await pilot.press("r")
        await until(pilot, lambda: kept(app).count(Mark.RIGHT) == 1 and not screen._busy)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        screen = await again(app, pilot)
        assert screen._sample is not None
        assert (screen._sample.wish.seed, screen._sample.records) == (seed, records)
        assert "✓ right" in shown(app)
        await pilot.press("N")
        await until(pilot, lambda: screen._sample is not None and screen._sample.wish.seed != seed)


async def test_both_sides_stand_beside_each_other_once_they_are_synced(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        main(app).cockpit.checklists.who = NAME
        place = ("bots4you", "master-data")
        track = main(app).cockpit.tracks[place]
        await main(app).cockpit.plan(place)
        assert track.plan is not None
        accepted = tuple((guard.key, guard.count) for guard in track.plan.guards)
        await main(app).cockpit.sync(place, accepted)
        screen = await again(app, pilot)
        await until(pilot, lambda: "same on both sides" in shown(app))
        sides = screen.query_one("#beside", RecordTable)
        rows = sides.records.cache.source.window(0, 50)
        assert any(row.cells[1] == row.cells[2] != "∅" for row in rows)
        assert {row.mark for row in rows} == {"="}
        await pilot.press("tab")
        await until(pilot, lambda: sides.has_focus)
        said = screen.query_one("#sample-said", Static)
        await until(pilot, lambda: str(said.render()).startswith(f"ERP: {rows[0].cells[1]}"))
        await pilot.press("down")
        await until(pilot, lambda: str(said.render()).startswith(f"ERP: {rows[1].cells[1]}"))


async def test_persons_are_masked_outside_practice_and_while_they_are_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, live=True) as (app, pilot, screen):
        assert screen._sample is not None
        people = {
            str(side.erp)
            for one in screen._sample.records
            for side in one.sides
            if side.name == "lastName" and side.erp
        }
        for _record in screen._sample.records:
            await pilot.press("down")
            await pilot.pause()
            assert not any(f" {name} " in shown(app) for name in people)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NoteDialog))
        assert all(line.password for line in app.screen.query(Input))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_a_failure_is_said_in_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_arguments: object) -> None:
        raise Failure(Problem("http.silent", Trouble.UNREACHABLE, Owner.NOBODY))

    monkeypatch.setattr("console.screens.sample_screen.draw", silent)
    async with practice_app(tmp_path) as (app, pilot):
        await until(pilot, lambda: main(app).query_one("#tracks", RecordTable).cursor_key is not None)
        await pilot.press("k")
        await until(pilot, lambda: "✗" in shown(app) and isinstance(app.screen, SampleScreen))
        await pilot.press("r", "escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert app.crash is None


async def test_values_of_both_sides_attack_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "".join(text[:60] for text in ATTACKS)

    async def hostile(_session: object, wish: Wish, _listener: object) -> Sample:
        kinds = tuple(
            sorted(strata(Record("tenant", attack, {"contractNumber": attack}), None, ("contractNumber",)))
        )
        side = Side("lastName", attack, attack, attack, "B2", same=False)
        one = Beside("tenant", attack, kinds, (side,), there=True)
        from datetime import UTC, datetime

        return Sample(PLACE, wish, datetime.now(UTC), (one,), dict.fromkeys(kinds, 1), 1)

    monkeypatch.setattr("console.screens.sample_screen.draw", hostile)
    async with opened(tmp_path) as (app, pilot, screen):
        assert not raw(shown(app).replace("\n", ""))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NoteDialog))
        assert not raw(shown(app).replace("\n", ""))
        app.screen.query_one("#note", Input).value = attack
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen and not screen._busy)
        assert not raw(shown(app).replace("\n", ""))
