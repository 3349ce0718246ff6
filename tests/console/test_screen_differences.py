from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from connectors.contract import Action, Outcome, Result
from console import i18n
from console.cockpit import Activity
from console.screens.differences import DifferencesPanel
from console.screens.export_dialog import ExportDialog
from console.screens.value_dialog import ValueDialog
from console.screens.why_dialog import WhyDialog
from tests.console.plans_kit import PLACE, FakeCockpit, PanelApp, make_plan, track, until


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    i18n.setup("en")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TERM_PROGRAM", raising=False)


@pytest.fixture
def cockpit(tmp_path: Path) -> Iterator[FakeCockpit]:
    other = ("bots4you", "ticket-categories")
    made = FakeCockpit({PLACE: track(PLACE, make_plan(tmp_path / "work")), other: track(other, None)})
    yield made
    for one in made.tracks.values():
        if one.plan is not None:
            one.plan.close()


@asynccontextmanager
async def shown(cockpit: FakeCockpit, size: tuple[int, int] = (120, 30)) -> AsyncIterator[Any]:
    app = PanelApp(cockpit)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.shown.is_mounted and app.shown.panel.kinds is not None)
        await pilot.pause()
        yield pilot


def screen_of(pilot: Any) -> Any:
    return pilot.app.shown


def panel_of(pilot: Any) -> DifferencesPanel:
    panel: DifferencesPanel = pilot.app.shown.panel
    return panel


def line(pilot: Any, name: str) -> str:
    return str(panel_of(pilot).query_one(name, Static).content)


def seen(pilot: Any) -> list[tuple[str, ...]]:
    source = panel_of(pilot).source
    assert source is not None
    return [(row.mark, *row.cells) for row in source.window(0, 100)]


def picture(pilot: Any) -> str:
    screen = pilot.app.screen
    return "\n".join("".join(segment.text for segment in line) for line in screen._compositor.render_strips())


async def typed(pilot: Any, text: str) -> None:
    """Type a filter and wait for its rows."""
    await pilot.press("slash")
    panel_of(pilot).query_one("#filter", Input).value = text
    await until(pilot, lambda: panel_of(pilot).view.text == text)
    await pilot.press("enter")
    panel_of(pilot).search()
    await until(pilot, lambda: "…" not in line(pilot, "#seen-line"))


async def test_every_row_says_action_name_and_what_changes_or_why_not(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        assert [cells[:4] for cells in seen(pilot)[:5]] == [
            ("+ new", "10/1", "Anna Ahorn", seen(pilot)[0][3]),
            ("~ changed", "10/2", "Bernd Birke", "position"),
            ("~ changed", "10/3", "Clara Zeder", "e-mail"),
            ("- gone", "10/4", "Doris Dorn", seen(pilot)[3][3]),
            ("· skipped", "10/5", "", seen(pilot)[4][3]),
        ]
        assert seen(pilot)[4][3].startswith("C3 ")
        assert line(pilot, "#seen-line") == "6 records"


async def test_masking_reaches_table_and_record(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        assert "anna@example.org" in picture(pilot)
        cockpit.masked = True
        panel_of(pilot).show()
        await until(pilot, lambda: "anna@example.org" not in picture(pilot))
        await until(pilot, lambda: "Ahorn" not in picture(pilot))
        assert "a…@example.org" in picture(pilot)


async def test_hostile_text_reaches_the_screen_as_harmless_text(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert "[Hof]" in picture(pilot)
        assert "\x1b" not in picture(pilot)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("10/1", ["10/1", "10/1"]),
        ("!10/1", ["10/2", "10/3", "10/4", "10/5"]),
        ("/[23]$/ action:changed", ["10/2", "10/3"]),
        ("rule:b10", ["10/3"]),
        ("rule:C3", ["10/5"]),
        ("entity:unit", ["10/1"]),
        ("email !action:new", ["10/3"]),
        ("value:zeder", ["10/3"]),
        ("!value:/birke|zeder/ action:changed", []),
        ("result:failed", []),
    ],
)
async def test_a_typed_filter_leaves_what_it_means(text: str, ids: list[str], cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await typed(pilot, text)
        assert [cells[1] for cells in seen(pilot)] == ids
        assert line(pilot, "#seen-line").startswith(f"{len(ids)} of 6")


async def test_reasons_are_found_by_their_words(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        words = seen(pilot)[4][3].removeprefix("C3 ").split()[-2]
        await typed(pilot, f'"{words}" action:skip')
        assert [cells[1] for cells in seen(pilot)] == ["10/5"]


async def test_a_wrong_filter_is_explained_and_escape_shows_everything(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("slash")
        panel_of(pilot).query_one("#filter", Input).value = "/("
        await until(pilot, lambda: line(pilot, "#seen-line").startswith("✗"))
        assert len(seen(pilot)) == 6
        await pilot.press("escape")
        await until(pilot, lambda: line(pilot, "#seen-line") == "6 records")
        assert panel_of(pilot).table.has_focus


async def test_t_g_and_o_go_through_actions_rules_and_orders(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("t", "t")
        await until(pilot, lambda: line(pilot, "#seen-line") == "2 of 6   changed")
        await pilot.press("g")
        await until(pilot, lambda: line(pilot, "#seen-line") == "1 of 6   changed  B10")
        await pilot.press("escape", "o")
        await until(pilot, lambda: "sorted by action" in line(pilot, "#seen-line"))
        await until(pilot, lambda: [cells[0][0] for cells in seen(pilot)] == ["+", "+", "~", "~", "-", "·"])


async def test_the_record_shows_its_fields_and_space_the_whole_value(cockpit: FakeCockpit) -> None:
    cockpit.masked = True
    async with shown(cockpit) as pilot:
        await pilot.press("down", "down", "enter", "space")
        assert isinstance(pilot.app.screen, ValueDialog)
        assert "clara@example.org" not in picture(pilot)
        await pilot.press("r")
        assert "clara@example.org" in picture(pilot)
        await pilot.press("escape", "escape")
        assert panel_of(pilot).table.has_focus


async def test_w_explains_rule_reason_source_and_equality(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("down", "down", "w")
        assert isinstance(pilot.app.screen, WhyDialog)
        text = "\n".join(str(part.content) for part in pilot.app.screen.query(Static))
        assert "Rule B10: " in text
        assert "e-mail addresses (business partner)" in text
        assert "missing" in text


async def test_a_applies_all_or_exactly_what_is_selected(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: len(screen_of(pilot).asked) == 1)
        await pilot.press("down", "x", "down", "down", "x", "a")
        await until(pilot, lambda: len(screen_of(pilot).asked) == 2)
        everything, part = screen_of(pilot).asked
        assert (everything.what, everything.part) == ("apply", None)
        assert part.part.rows == {2, 4}
        assert (part.part.changes, part.part.counts()["delete"]) == (2, 1)
        cockpit.refusal = "not now"
        await pilot.press("a")
        assert screen_of(pilot).refused == ["not now"]


async def test_everything_that_is_shown_can_be_selected(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("t", "t")
        await until(pilot, lambda: "2 of 6" in line(pilot, "#seen-line"))
        await pilot.press("X", "a")
        await until(pilot, lambda: bool(screen_of(pilot).asked))
        assert screen_of(pilot).asked[0].part.rows == {2, 3}


async def test_results_appear_row_by_row_and_r_plans_what_failed(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        one = cockpit.tracks[PLACE]
        assert one.plan is not None
        await pilot.press("r")
        assert screen_of(pilot).refused == ["Nothing has failed."]
        one.activity = Activity.WRITING
        one.plan.store.record(
            [
                Outcome("tenant", "10/1", Action.CREATE, Result.DONE),
                Outcome("tenant", "10/2", Action.UPDATE, Result.REJECTED),
            ]
        )
        panel_of(pilot).show()
        await until(pilot, lambda: "✓ written" in picture(pilot) and "✗ refused" in picture(pilot))
        one.activity = Activity.IDLE
        one.result = failed_result()
        await pilot.press("r")
        await until(pilot, lambda: bool(screen_of(pilot).asked))
        assert screen_of(pilot).asked[0].selection.only == {"10/2"}


def failed_result() -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(applying=SimpleNamespace(failed=1, applied=1, left=0))


async def test_y_copies_the_record_as_it_is_seen_and_says_how(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("y")
        await until(pilot, lambda: len(pilot.app.copied) == 1)
        cockpit.masked = True
        await pilot.press("y")
        await until(pilot, lambda: len(pilot.app.copied) == 2)
        full, masked = pilot.app.copied
        assert "anna@example.org" in full
        assert "anna@example.org" not in masked
        said = [notification.message for notification in pilot.app._notifications]
        assert "in full" in said[0]
        assert "masked" in said[1]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_e_exports_exactly_what_is_seen(ending: str, cockpit: FakeCockpit, tmp_path: Path) -> None:
    cockpit.masked = True
    path = tmp_path / f"seen.{ending}"
    async with shown(cockpit) as pilot:
        await pilot.press("t", "t")
        await until(pilot, lambda: "2 of 6" in line(pilot, "#seen-line"))
        await pilot.press("e")
        assert isinstance(pilot.app.screen, ExportDialog)
        pilot.app.screen.query_one("#path", Input).value = str(path)
        await pilot.press("enter")
        await until(pilot, lambda: len(pilot.app._notifications) == 1)
    text = cells_of(path)
    assert "10/2" in text
    assert "10/3" in text
    assert "10/1" not in text
    assert "c…@example.org" in text
    assert "clara@example.org" not in text


def cells_of(path: Path) -> str:
    if path.suffix == ".csv":
        return path.read_text(encoding="utf-8-sig")
    import openpyxl

    sheet = openpyxl.load_workbook(path).worksheets[0]
    return "\n".join(";".join(str(cell) for cell in row) for row in sheet.iter_rows(values_only=True))


async def test_a_file_that_exists_is_replaced_only_when_confirmed(
    cockpit: FakeCockpit, tmp_path: Path
) -> None:
    path = tmp_path / "there.csv"
    path.write_text("precious", encoding="utf-8")
    async with shown(cockpit) as pilot:
        await pilot.press("e")
        pilot.app.screen.query_one("#path", Input).value = str(path)
        await pilot.press("enter")
        assert path.read_text(encoding="utf-8") == "precious"
        await pilot.press("enter")
        await until(pilot, lambda: "10/1" in path.read_text(encoding="utf-8-sig"))


async def test_another_plan_takes_the_place_of_the_former_and_selects_nothing(
    cockpit: FakeCockpit, tmp_path: Path
) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("x")
        one = cockpit.tracks[PLACE]
        assert one.plan is not None
        one.plan.close()  # as the cockpit does; the screen may be drawn before it hears of the new one
        await pilot.press("down", "w", "space", "y")
        one.plan = make_plan(tmp_path / "work")
        panel_of(pilot).show()
        await until(pilot, lambda: "6 records" in line(pilot, "#seen-line"))
        assert not panel_of(pilot).table.selection.count(6)
        assert len(seen(pilot)) == 6


async def test_without_a_plan_the_next_key_is_named(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await pilot.press("n")
        await pilot.pause()
        assert "p compares" in picture(pilot)
        await pilot.press("p", "e", "s")
        await pilot.pause()
        assert [event.what for event in screen_of(pilot).asked] == ["plan"]
        assert screen_of(pilot).asked[0].place == ("bots4you", "ticket-categories")
        assert len(screen_of(pilot).refused) == 2


async def test_the_view_is_restored(cockpit: FakeCockpit) -> None:
    async with shown(cockpit) as pilot:
        await typed(pilot, "action:new")
        memory = panel_of(pilot).memory()
    async with shown(cockpit) as pilot:
        panel_of(pilot).recall(memory)
        panel_of(pilot).search()
        await until(pilot, lambda: line(pilot, "#seen-line").startswith("2 of 6"))


@pytest.mark.parametrize(("size", "beside"), [((80, 24), False), ((120, 40), True)])
async def test_the_record_stands_below_or_beside(
    size: tuple[int, int], beside: bool, cockpit: FakeCockpit
) -> None:
    async with shown(cockpit, size) as pilot:
        table, fields = panel_of(pilot).table.region, panel_of(pilot).fields.region
        assert (fields.x >= table.right) is beside
        assert (fields.y >= table.bottom) is not beside
        await pilot.press("enter", "end")
        await pilot.pause()
        assert "anna@example.org" in picture(pilot)
