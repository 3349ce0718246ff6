"""The table of records on a screen: hostile text, a million rows, keys, mouse, live rows, any size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.strip import Strip

from console.widgets.record_model import BLOCK, Align, Column, RecordSource, Rows, TableRow, Tone
from console.widgets.record_table import RecordTable
from console.widgets.record_view import CURSOR, Grid, Look, Palette
from tests.console.test_record_list import Counting
from tests.console.test_safe import is_raw

MARK = Column("Stand", 10)
NUMBER = Column("Nummer", 12)
NAME = Column("Name")
RENT = Column("Miete", 9, Align.RIGHT, priority=1)
COLUMNS = (NUMBER, NAME, RENT)


class Screen(App[None]):
    """One table alone; keeps what it tells."""

    CSS = "RecordTable { border: solid $primary; }"
    BINDINGS = [("escape", "leave", "Leave")]  # noqa: RUF012

    def __init__(self, source: RecordSource | None = None, empty: str = "") -> None:
        super().__init__()
        self.table = RecordTable(COLUMNS, source, mark=MARK, empty=empty)
        self.told: list[Message] = []
        self.left = 0

    def compose(self) -> ComposeResult:
        """The table."""
        yield self.table

    @on(RecordTable.RowHighlighted)
    @on(RecordTable.RowSelected)
    @on(RecordTable.SelectionChanged)
    @on(RecordTable.HeaderSelected)
    def keep(self, message: Message) -> None:
        """Keep a message."""
        self.told.append(message)

    def action_leave(self) -> None:
        """What escape means where the table does not need it."""
        self.left += 1

    def news(self) -> list[tuple[str, object]]:
        """What was told since, by name and content."""
        told, self.told = self.told, []
        return [(type(m).__name__, next(v for k, v in vars(m).items() if k in KINDS)) for m in told]


KINDS = ("key", "count", "column")


def record(key: str, name: str = "Anna", rent: str = "408,50", mark: str = "+ neu") -> TableRow:
    """A row of the table."""
    return TableRow(key, (key, name, rent), mark, Tone.GOOD)


def lines(table: RecordTable) -> list[Strip]:
    """Everything the table draws, line by line."""
    return [table.render_line(y) for y in range(table.size.height)]


def texts(table: RecordTable) -> list[str]:
    """The same as text."""
    return [strip.text.rstrip() for strip in lines(table)]


HOSTILE = [
    "Müller [/x] [neu] [bold red]x[/]",
    "\x1b]52;c;aGk=\x1b\\ \x9b31m \x07",
    "rechnung\u202efdp.exe \u2066x\u2069",
    "x" * 10_000,
    "e" + "\u0301" * 5000,
    "👩‍💻 ☀️ 👨‍👩‍👧‍👦 🇩🇪 東京",
    "\u0301\u200d\ufe0f",
    "a\r\nb\tc\u2028d\x00",
    "\ud800 \ufeff \u3164",
]


async def test_hostile_text_in_every_cell_is_drawn_safely_and_shifts_nothing() -> None:
    source = Rows(
        tuple(TableRow(f"[/{n}]{evil}", (evil,) * 3, evil, Tone.BAD) for n, evil in enumerate(HOSTILE))
    )
    app = Screen(source, empty="[/x]\x1b")
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.set_search(re.compile(r"x|\W+"))
        await pilot.press("down", "x")
        shown = app.export_screenshot()
        drawn = lines(app.table)
        assert not any(is_raw(char) for strip in drawn for char in strip.text)
        assert {strip.cell_length for strip in drawn} == {app.table.grid.width}
        starts = {slot.x for slot in app.table.grid.slots}
        for strip in drawn[1 : 1 + len(HOSTILE)]:
            assert starts <= _edges(strip.text), "a column has shifted"
        assert "Müller [/x] [neu]" in " ".join(texts(app.table))
        assert "\u202e" not in shown


def _edges(text: str) -> set[int]:
    """The columns of the terminal at which a character begins."""
    at, edges = 0, set()
    for char in text:
        edges.add(at)
        at += cell_len(char)
    return edges


async def test_a_million_rows_cost_what_is_on_the_screen() -> None:
    source = Counting(1_000_000)
    app = Screen(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "k0" in str(app.table.cursor_key)
        assert source.read <= BLOCK
        source.read = 0
        await pilot.press("down")
        assert (app.table.cursor_key, source.read) == ("k1", 0)
        await pilot.press("end")
        assert app.table.cursor_key == "k999999"
        assert "999999" in texts(app.table)[-1]
        assert source.read <= 2 * BLOCK
        await pilot.press("pageup")
        assert app.table.records.row == 999_999 - (app.table.size.height - 1)
        assert app.table.border_subtitle == "1.000.000"


async def test_a_step_within_the_screen_draws_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Screen(Counting(1_000_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        drawn: list[int] = []
        draw = RecordTable.render_line

        def noted(table: RecordTable, y: int) -> Strip:
            drawn.append(y)
            return draw(table, y)

        monkeypatch.setattr(RecordTable, "render_line", noted)
        await pilot.press("down")
        assert drawn == [1, 2]
        drawn.clear()
        for _ in range(2 * app.table.size.height):
            app.table.action_move(1)
            await pilot.pause()
        assert len(drawn) < 8 * app.table.size.height, "the whole screen is drawn only every half screen"


async def test_a_page_keeps_the_line_and_scrolling_draws_only_new_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Screen(Counting(1000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down", "pagedown")
        page = app.table.size.height - 1
        assert app.table.cursor_key == f"k{2 + page}"
        assert texts(app.table)[3].startswith(CURSOR)
        drawn: list[str] = []
        draw = Grid.row

        def noted(grid: Grid, row: TableRow, palette: Palette, look: Look) -> Strip:
            drawn.append(row.key)
            return draw(grid, row, palette, look)

        monkeypatch.setattr(Grid, "row", noted)
        app.table.scroll_to(y=page + 1, animate=False)
        await pilot.pause()
        texts(app.table)
        assert drawn == [f"k{2 * page}"]


async def test_keys_move_open_and_select_and_say_so() -> None:
    app = Screen(Rows(tuple(record(key) for key in "abc")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "enter", "x")
        assert app.news() == [
            ("RowHighlighted", "a"), ("RowHighlighted", "b"), ("RowSelected", "b"), ("SelectionChanged", 1)
        ]  # fmt: skip
        assert texts(app.table)[2].startswith(f"{CURSOR}✓ + neu")
        assert app.table.border_subtitle == "3  ✓ 1"
        await pilot.press("X", "escape", "escape")
        assert app.news() == [("SelectionChanged", 3), ("SelectionChanged", 0)]
        assert app.left == 1, "escape is the screen's when nothing is selected"


async def test_a_click_highlights_a_second_opens_and_a_title_asks_for_an_order() -> None:
    app = Screen(Rows(tuple(record(key) for key in "abc")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.news()
        await pilot.click(RecordTable, offset=(10, 4))
        assert app.news() == [("RowHighlighted", "c")]
        await pilot.click(RecordTable, offset=(10, 4))
        await pilot.click(RecordTable, offset=(20, 1))
        await pilot.click(RecordTable, offset=(20, 12))
        assert app.news() == [("RowSelected", "c"), ("HeaderSelected", NUMBER)]
        app.table.set_sort(NUMBER, descending=True)
        assert "Nummer     ▼" in texts(app.table)[0]


async def test_the_cursor_keeps_its_record_and_line_when_rows_come_above() -> None:
    app = Screen(Rows(tuple(record(f"k{n:03}") for n in range(200))))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.table.move_to("k100")
        assert not app.table.move_to("gone")
        await pilot.pause()
        line = next(n for n, text in enumerate(texts(app.table)) if text.startswith(CURSOR))
        app.table.set_source(Rows(tuple(record(f"k{n:03}") for n in range(-50, 200))))
        await pilot.pause()
        assert (app.table.cursor_key, app.table.records.row) == ("k100", 150)
        assert texts(app.table)[line].startswith(f"{CURSOR}  + neu       k100")


async def test_the_scroll_bar_covers_no_column() -> None:
    app = Screen(Rows((record("a"),)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "408,50" in app.export_screenshot()
        app.table.set_source(Rows(tuple(record(f"k{n}", rent="712,90") for n in range(100))))
        await pilot.pause()
        assert app.table.show_vertical_scrollbar
        assert app.export_screenshot().count("712,90") == app.table.size.height - 1
        app.table.set_source(Rows((record("a"),)))
        await pilot.pause()
        assert not app.table.show_vertical_scrollbar
        assert "408,50" in app.export_screenshot()


async def test_live_rows_are_read_again_only_where_they_changed() -> None:
    app = Screen()
    async with app.run_test(size=(80, 24)) as pilot:
        source = Live(500)
        app.table.set_source(source)
        await pilot.pause()
        source.windows.clear()
        for number in range(100):
            source.done.add(f"k{number}")
            app.table.refresh_rows([f"k{number}"])
        await pilot.pause(0.3)
        assert source.windows == [(0, BLOCK)], "a hundred changes are one reading"
        assert all("✓ fertig" in text for text in texts(app.table)[1:])
        source.windows.clear()
        app.table.refresh_rows(["k400"])
        await pilot.pause(0.3)
        assert source.windows == [], "what is not on the screen is not read"
        source.rows = 3
        app.table.refresh_rows()
        await pilot.pause(0.3)
        assert (app.table.records.count, texts(app.table)[4]) == (3, "")


class Live(Counting):
    """Rows that become done."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self.done: set[str] = set()

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Rows with their state."""
        found = super().window(offset, limit)
        return [replace(row, mark="✓ fertig") if row.key in self.done else row for row in found]


async def test_an_empty_table_says_what_to_do() -> None:
    app = Screen(empty="Noch kein Plan. Mit p wird verglichen, was im ERP und beim Partner steht.")
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "enter", "x", "X")
        assert app.news() == []
        said = " ".join(text.strip() for text in texts(app.table)[1:]).split()
        assert said[:4] == ["Noch", "kein", "Plan.", "Mit"]
        assert said[-1] == "steht."
        app.table.set_source(Rows((record("a"),)))
        await pilot.pause()
        assert app.news() == [("RowHighlighted", "a")]
        app.table.set_source(Rows())
        await pilot.pause()
        assert app.news() == [("RowHighlighted", None)]


async def test_a_small_terminal_drops_columns_and_gets_them_back() -> None:
    app = Screen(Rows(tuple(record(f"k{n}") for n in range(100))))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end")
        before = texts(app.table)
        assert "Miete" in before[0]
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        small = texts(app.table)
        assert "Miete" not in small[0]
        assert any(text.startswith(CURSOR) for text in small), "the cursor stays on the screen"
        assert {strip.cell_length for strip in lines(app.table)} == {app.table.grid.width}
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert texts(app.table) == before
        await pilot.resize_terminal(4, 2)
        await pilot.pause()
        assert app.table.cursor_key == "k99"


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_cursor_selection_and_match_differ_in_every_theme(theme: str) -> None:
    app = Screen(Rows((record("a"), record("b", mark="! weg"), record("c"))))
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = theme
        app.table.set_search(re.compile("Anna"))
        await pilot.press("x")
        cursor, plain = lines(app.table)[1:3]
        assert cursor.text.startswith(f"{CURSOR}✓")
        assert plain.text.startswith("  ")
        styles = [{s.style for s in strip if s.text.strip() == "Anna"} for strip in (cursor, plain)]
        assert styles[0] != styles[1]
        assert all(style is not None and style.underline for group in styles for style in group)
        background = {s.style.bgcolor for s in cursor if s.style}
        assert len(background) == 1
        assert background != {s.style.bgcolor for s in plain if s.style}
