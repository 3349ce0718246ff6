"""A finding is mended by a plan like any other: only the fields of its fix change, and it can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from checklists import loader
from checklists.loader import parse
from connectors.contract import Action, Finding, Text, Verdict
from console.cockpit import Cockpit
from console.errors import ConsoleError
from console.fixes import fix_of, why_not_fix
from console.screens.checklists import ChecklistsPanel
from console.store.runs import Run
from console.widgets.record_table import RecordTable
from tests.console import panel_kit, screen_kit
from tests.console.checklist_kit import CONFIG, LIST, workspace
from tests.console.cli_kit import Office as Sandboxes
from tests.console.conftest import Einzug
from tests.console.fix_kit import CITY, ELSEWHERE, with_fix
from tests.console.panel_kit import StageApp
from tests.console.screen_kit import main, practice_app
from tests.console.sync_kit import PARTNER, Office, changes, office, usual

PLACE = (PARTNER, "master-data")


@pytest.fixture(autouse=True)
def _with_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    with_fix(monkeypatch)


def spoil(here: Office) -> tuple[dict[str, dict[str, Any]], str, str, str]:
    """Two tenants live elsewhere, one of them under another name, a third is gone; what is held then."""
    first, second, gone = list(here.held())[:3]
    here.store(here.held()[first], city="Altstadt")
    here.store(here.held()[second], city="Altstadt", lastName="Anders")
    return here.held(), first, second, gone


async def mend(here: Office) -> Run:
    """Plan the fix and write it."""
    opened = here.workspace()
    place, selection = fix_of(opened.connections, CITY)
    async with opened.session(*place) as session:
        with closing(await session.plan(selection)) as plan:
            result = await session.sync(plan, asyncio.Event(), usual(plan))
            assert (result.applying.failed, result.mismatches) == (0, [])
        return session.journal.run(result.run)


async def test_a_fix_changes_its_fields_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        whole = here.held()
        held, first, second, gone = spoil(here)
        await here.remove(gone)
        run = await mend(here)
        assert here.held() == {
            id_: {**record, "city": whole[id_]["city"]} for id_, record in held.items() if id_ != gone
        }
        assert here.held()[second]["lastName"] == "Anders"
        assert (run.counts["update"], run.counts["create"], run.fix) == (2, 0, CITY)
        assert first in here.held()


async def test_a_fix_says_nothing_of_the_use_case_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        _held, _first, second, gone = spoil(here)
        await here.remove(gone)
        await mend(here)
        async with here.session() as session:
            with closing(await session.plan()) as plan:
                assert (changes(plan, Action.CREATE), changes(plan, Action.UPDATE)) == ([gone], [second])
                assert not session.known(plan)


async def test_a_fix_is_taken_back_like_any_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        held, *_ids = spoil(here)
        run = await mend(here)
        assert here.held() != held
        async with here.session() as session:
            with closing(await session.plan_undo(run.id)) as plan:
                await session.sync(plan, asyncio.Event(), usual(plan))
        assert here.held() == held


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("bots4you.separator", ("separator findet", CITY)),
        (ELSEWHERE, ("nicht in Gebrauch", "use_cases.elsewhere")),
        ("erp.rights", ("erp.rights findet",)),
    ],
)
def test_what_cannot_be_mended_says_why(tmp_path: Path, key: str, words: tuple[str, ...]) -> None:
    connections = workspace(tmp_path, text=CONFIG).connections
    with pytest.raises(ConsoleError) as refused:
        fix_of(connections, key)
    told = " ".join(refused.value.lines())
    assert all(word in told for word in words)


def test_the_command_previews_writes_and_tells(einzug: Einzug, office: Sandboxes) -> None:
    assert einzug("sync", "practice", *PLACE, "--yes", "--accept", "ambiguous_ids=4").code == 0
    record = {key: value for key, value in office.held("tenant")[0].items() if key != "updatedAt"}
    office.control("POST", "/objects/bots4you/tenant", {**record, "city": "Altstadt", "lastName": "Anders"})
    checked = einzug("check", "practice", "bots4you")
    assert "→ einzug fix practice bots4you city" in checked.out
    told = einzug("fix", "practice", "bots4you", "city", "--yes", "--json", "--accept", "ambiguous_ids=4")
    assert (told.code, told.json["applied"]) == (0, 1)
    assert [outcome["id"] for outcome in told.json["outcomes"]] == [record["externalId"]]
    (now,) = (one for one in office.held("tenant") if one["externalId"] == record["externalId"])
    assert (now["city"], now["lastName"]) == (record["city"], "Anders")
    assert f"behebt {CITY}" in einzug("runs", "practice").out
    again = einzug("fix", "practice", "bots4you", CITY, "--yes")
    assert (again.code, "Es ist nichts zu schreiben." in again.out) == (0, True)


def test_the_command_refuses_what_it_does_not_know(einzug: Einzug, office: Sandboxes) -> None:
    for arguments in (("bots4you", "separator"), ("nobody", "city"), ("bots4you", "x" * 99)):
        told = einzug("fix", "practice", *arguments, "--yes")
        assert (told.code, told.out) == (2, "")
        assert told.err
    assert einzug("fix", "practice", "bots4you", "city").code == 2  # nobody can be asked here


@asynccontextmanager
async def checklist(folder: Path, verdict: Verdict) -> AsyncIterator[tuple[StageApp, Pilot[Any]]]:
    """The panel of checklists on an item whose check found this."""
    opened = workspace(folder)
    opened._found.keep([Finding(CITY, ("B3",), verdict, Text("sync.differs"))])
    app = StageApp(ChecklistsPanel(Cockpit(opened)))
    async with app.run_test(size=(120, 40)) as pilot:
        table = app.stage.query_one(RecordTable)
        await panel_kit.until(pilot, lambda: table.move_to("own.connection"))
        await pilot.pause(0.1)
        yield app, pilot


@pytest.mark.parametrize(
    ("verdict", "asked", "reasons"),
    [
        (Verdict.FAIL, [("fix", CITY)], []),
        (Verdict.OK, [], ["Die Prüfung hat nichts gefunden, was zu beheben wäre."]),
    ],
)
async def test_a_finding_is_mended_from_its_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, asked: list[Any], reasons: list[str]
) -> None:
    lists = (parse(LIST.replace("bots4you.connection", CITY), "own.toml"),)
    monkeypatch.setattr(loader, "shipped", lambda: lists)
    async with checklist(tmp_path, verdict) as (app, pilot):
        assert ("→ f zeigt den Plan" in panel_kit.shown(app)) == bool(asked)
        await pilot.press("f")
        assert (app.stage.asked, app.stage.reasons) == (asked, reasons)
        await pilot.press("up", "f")
        assert app.stage.reasons[-1] == "Für diesen Punkt antwortet keine Prüfung."


async def test_a_fix_is_shown_as_a_plan_that_says_what_it_mends(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        screen = main(app)
        track = screen.cockpit.tracks[PLACE]
        await screen_kit.until(pilot, lambda: "differences" in screen._panels)
        assert why_not_fix(screen.cockpit, CITY) is None
        screen.start_fix(CITY)
        await screen_kit.until(pilot, lambda: track.plan is not None and not track.busy)
        assert track.plan is not None
        assert track.plan.changes == 0  # there is nobody at the partner whose city could be mended
        await screen_kit.until(pilot, lambda: f"behebt {CITY}" in screen_kit.shown(app))
