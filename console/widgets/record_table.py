"""A table of any number of records that draws only the lines on the screen.

It reads its rows in windows from a ``RecordSource``; filter, order and search are the source's and the
screen's. The cursor stands on a record, not on a line: it stays there when rows come, go or change places.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import FIFOCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.safe import clean
from console.widgets.record_list import RecordList
from console.widgets.record_model import (
    NOTHING,
    Column,
    RecordSource,
    Selection,
    TableRow,
    Tone,
    layout,
    scrolled,
)
from console.widgets.record_view import GUTTER, Grid, Look, Palette

REFRESH_S = 0.1
"""Live updates of rows are gathered for so many seconds and drawn once."""

DRAWN = 256
"""Lines kept as they were drawn: scrolling draws only the new ones."""

_PREFIX = "record-table--"
_STYLES = ("header", "cursor", "selected", "match", *(tone.value for tone in Tone))


class RecordTable(ScrollView, can_focus=True):
    """Records as lines: cursor by key, selection, marks, fixed header. Tell it when its rows change:
    ``set_source`` for another filter or order, ``refresh_rows`` for other contents."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {_PREFIX + name for name in _STYLES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "edge(-1)", show=False),
        Binding("end", "edge(1)", show=False),
        Binding("enter", "open", show=False),
        Binding("x", "select", show=False),
        Binding("X,ctrl+a", "select_all", show=False),
        Binding("escape", "clear_selection", show=False),
    ]
    DEFAULT_CSS = """
    RecordTable {
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; background: $surface; color: $foreground;
        & > .record-table--header { color: $foreground; text-style: bold underline; }
        & > .record-table--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        }
        &:focus > .record-table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        & > .record-table--selected { color: $text-accent; text-style: bold; }
        & > .record-table--match { color: $text-warning; text-style: bold underline; }
        & > .record-table--normal { text-style: none; }
        & > .record-table--good { color: $text-success; }
        & > .record-table--warn { color: $text-warning; }
        & > .record-table--bad { color: $text-error; text-style: bold; }
        & > .record-table--muted { text-style: dim; }
    }
    """

    @dataclass
    class Told(Message):
        """What a table tells; its messages say which table it was."""

        table: RecordTable

        @property
        def control(self) -> RecordTable:
            """The table, for handlers that name one by a selector."""
            return self.table

    @dataclass
    class RowHighlighted(Told):
        """The cursor moved to another record; ``key`` is None when there are no rows."""

        key: str | None

    @dataclass
    class RowSelected(Told):
        """A record was opened, by enter or by a click on the cursor."""

        key: str

    @dataclass
    class SelectionChanged(Told):
        """Other records are selected; ``count`` of them."""

        count: int

    @dataclass
    class HeaderSelected(Told):
        """A column's title was clicked."""

        column: Column

    def __init__(
        self,
        columns: Sequence[Column],
        source: RecordSource | None = None,
        *,
        mark: Column | None = None,
        empty: str = "",
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        """``mark`` is the column of the rows' marks; ``empty`` is said where there are no rows."""
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns) if mark is None else (mark, *columns)
        self._mark = mark is not None
        self._empty = empty
        self.records = RecordList(source)
        self._match: re.Pattern[str] | None = None
        self._sort: tuple[Column | None, bool] = (None, False)
        self._stale: set[str] | None = set()
        self._waiting = False
        self._grid: Grid | None = None
        self._palette: Palette | None = None
        self._drawn: FIFOCache[tuple[TableRow, Look], Strip] = FIFOCache(DRAWN)

    # --- what it shows

    @property
    def cursor_key(self) -> str | None:
        """The record under the cursor; None without rows."""
        return self.records.key

    @property
    def selection(self) -> Selection:
        """Which records are selected."""
        return self.records.selection

    @property
    def grid(self) -> Grid:
        """The columns as they are laid out in the present width."""
        width = self.scrollable_content_region.width  # without the scroll bar
        if self._grid is None or self._grid.width != width:
            self._grid = Grid(self._columns, layout(self._columns, width, GUTTER), width, self._mark)
            self._drawn.clear()
        return self._grid

    # --- what it is told

    def set_source(self, source: RecordSource, *, total: int | None = None, same_rows: bool = False) -> None:
        """Show other rows: a new plan, another filter or order. The cursor stays on its record if it can.

        With "all" selected, other rows would be other records: unless ``same_rows`` says that only the
        order is another, that selection is dropped. Records selected one by one stay selected.
        """
        with self._telling():
            self.records.show(source, total=total, same_rows=same_rows)
        if self.is_mounted:
            self._reload()

    def refresh_rows(self, keys: Iterable[str] | None = None) -> None:
        """Rows have changed: the contents of these records, or (None) anything, their number included.

        Cheap at any rate of calls: changes are gathered and drawn ten times a second.
        """
        if keys is None:
            self._stale = None
        elif self._stale is not None:
            self._stale.update(keys)
        if not self._waiting and self.is_mounted:
            self._waiting = True
            self.set_timer(REFRESH_S, self._draw_stale)

    def set_sort(self, column: Column | None, *, descending: bool = False) -> None:
        """Show by which column the source sorts; the table itself sorts nothing."""
        self._sort = (column, descending)
        self.refresh(self.size.region)

    def set_search(self, pattern: re.Pattern[str] | None) -> None:
        """Mark what matches in the cells."""
        self._match = pattern
        self.refresh(self.size.region)

    def set_empty(self, text: str) -> None:
        """What is said where there are no rows; should name the next key."""
        self._empty = text
        self.refresh(self.size.region)

    def move_to(self, key: str) -> bool:
        """Put the cursor on a record; False if it is not among the rows."""
        row = self.records.cache.source.find(key)
        if row is None or row >= self.records.count:
            return False
        self._move(row)
        return True

    # --- actions

    def action_move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self._move(self.records.row + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screenful; it keeps its line on the screen."""
        line = self.records.row - self.scroll_offset.y
        self._move(self.records.row + pages * self._page)
        self._keep_line(line)

    def action_edge(self, direction: int) -> None:
        """Move the cursor to the first or the last row."""
        self._move(0 if direction < 0 else self.records.count - 1)

    def action_open(self) -> None:
        """Open the record under the cursor."""
        if self.records.key is not None:
            self.post_message(self.RowSelected(self, self.records.key))

    def action_select(self) -> None:
        """Select the record under the cursor, or no longer."""
        with self._telling():
            self.records.toggle()
        self._draw_row(self.records.row)

    def action_select_all(self) -> None:
        """Select every row of the table, on the screen or not."""
        with self._telling():
            self.records.select_all()
        self.refresh(self.size.region)

    def action_clear_selection(self) -> None:
        """Select nothing."""
        with self._telling():
            self.records.selection = NOTHING
        self.refresh(self.size.region)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the screen when there is no selection to clear."""
        return action != "clear_selection" or self.records.selection != NOTHING

    # --- drawing

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the header, a row, or what is said of an empty table."""
        grid, palette = self.grid, self._palette or self._mixed()
        self._palette = palette
        if y == 0:
            return grid.header(palette, *self._sort)
        number = self.scroll_offset.y + y - 1
        records = self.records
        row = records.cache.row(number) if number < records.count else None
        if row is None:
            return grid.remark("" if records.count else self._said(y - 2), palette)
        look = Look(number == records.row, row.key in records.selection, self._match)
        if (drawn := self._drawn.get((row, look))) is None:
            drawn = self._drawn[row, look] = grid.row(row, palette, look)
        return drawn

    def _said(self, line: int) -> str:
        lines = textwrap.wrap(clean(self._empty), max(8, self.grid.width - 2 * GUTTER))
        return lines[line] if 0 <= line < len(lines) else ""

    def _mixed(self) -> Palette:
        def style(name: str, *, partial: bool = False) -> Style:
            return self.get_component_rich_style(_PREFIX + name, partial=partial)

        return Palette(
            base=self.rich_style,
            header=style("header"),
            cursor=style("cursor"),
            selected=style("selected", partial=True),
            match=style("match", partial=True),
            tones={tone: style(tone, partial=True) for tone in Tone},
        )

    def _draw_row(self, number: int) -> None:
        if 0 <= number - self.scroll_offset.y < self._page:
            self.refresh_line(number + 1)

    def notify_style_update(self) -> None:
        """Mix the styles anew: another theme, or the focus came or went."""
        super().notify_style_update()
        self._palette = None
        self._drawn.clear()

    # --- what happens to it

    def on_mount(self) -> None:
        """Read the first rows."""
        self._reload()

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self._fit()
        self._show_cursor()

    def on_click(self, event: events.Click) -> None:
        """A title, a row, or the cursor's row again."""
        at = event.get_content_offset(self)
        if at is None:
            return
        row = self.scroll_offset.y + at.y - 1
        if at.y == 0:
            column = self.grid.column_at(at.x)
            if column is not None:
                self.post_message(self.HeaderSelected(self, column))
        elif row == self.records.row:
            self.action_open()
        elif row < self.records.count:
            self._move(row)

    # --- cursor and rows

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell afterwards what has become another: the record under the cursor, the selection."""
        records = self.records
        key, selection, selected = records.key, records.selection, records.selected
        yield
        if records.key != key:
            self.post_message(self.RowHighlighted(self, records.key))
        if records.selection != selection or records.selected != selected:
            self.post_message(self.SelectionChanged(self, records.selected))
        if self.styles.border_bottom[0] and str(self.border_subtitle or "") != records.summary:
            self.border_subtitle = records.summary

    def _move(self, row: int) -> None:
        before = self.records.row
        with self._telling():
            self.records.stand(row)
        if self.records.row != before:
            self._draw_row(before)
            self._draw_row(self.records.row)
        self._show_cursor()

    def _show_cursor(self) -> None:
        row, count = self.records.row, self.records.count
        if row >= 0 and self.size.height:
            self._scroll(scrolled(self.scroll_offset.y, row, self._page, count))

    def _keep_line(self, line: int) -> None:
        """Show the cursor on this line again, if it was on the screen and there are rows enough."""
        row, count = self.records.row, self.records.count
        if row >= 0 and 0 <= line < self._page:
            self._scroll(max(0, min(row - line, count - self._page)))

    def _scroll(self, offset: int) -> None:
        if offset != self.scroll_offset.y:
            self.scroll_to(y=offset, animate=False, force=True)

    def _fit(self) -> None:
        self.virtual_size = Size(self.size.width, self.records.count + 1)

    def _reload(self) -> None:
        """Read everything anew; the cursor keeps its record, and its line if that is on the screen."""
        records = self.records
        line = records.row - self.scroll_offset.y
        with self._telling():
            records.reload()
        self._fit()
        self._keep_line(line)
        self.refresh(self.size.region)

    def _draw_stale(self) -> None:
        keys, self._stale, self._waiting = self._stale, set(), False
        if keys is None:
            self._reload()
        else:
            for number in self.records.cache.forget(keys):
                self._draw_row(number)
