"""What a table of records is made of, without a screen: rows in windows, columns that fit, selection."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

GAP = 2
"""Blank columns of the terminal between two columns of the table."""

BLOCK = 64
"""Rows read at once."""

BLOCKS = 6
"""Blocks kept: the highest terminal shows two or three of them."""


class Tone(StrEnum):
    """How a row is meant. Seen as a colour, so always said by its mark first."""

    NORMAL = "normal"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    MUTED = "muted"


class Align(StrEnum):
    """On which side a column's text stands."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; ``key`` names its record in any order of the table.

    The cells are plain external text, the table makes them safe. ``mark`` is the row's state as a glyph and
    a word (``+ neu``), shown in the mark column if the table has one.
    """

    key: str
    cells: tuple[str, ...]
    mark: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Without a ``width`` it takes what the others leave, at least ``minimum``.

    Where they do not all fit, the column with the highest ``priority`` goes first; those with 0 always stay.
    """

    title: str
    width: int | None = None
    align: Align = Align.LEFT
    priority: int = 0
    minimum: int = 8

    @property
    def least(self) -> int:
        """The width without which it is not shown."""
        return self.minimum if self.width is None else self.width


class RecordSource(Protocol):
    """The rows of a table under the filter and order in force.

    It is asked while the screen is drawn, so each answer must take a few milliseconds at most: SQLite or
    memory, never a network. A source that is slower fetches in a worker and calls ``refresh_rows`` then.
    """

    def count(self) -> int:
        """How many rows there are."""
        ...

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """At most ``limit`` rows from the row number ``offset`` on."""
        ...

    def find(self, key: str) -> int | None:
        """The row number of a record, None if it is not among the rows."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """A small source that holds its rows."""

    rows: tuple[TableRow, ...] = ()

    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Some of the rows."""
        return self.rows[offset : offset + limit]

    def find(self, key: str) -> int | None:
        """The number of the row with this key."""
        return next((number for number, row in enumerate(self.rows) if row.key == key), None)


class RowCache:
    """Rows of a source, read in blocks of which only the latest are kept."""

    def __init__(self, source: RecordSource) -> None:
        self.source = source
        self._blocks: OrderedDict[int, Sequence[TableRow]] = OrderedDict()

    def row(self, number: int) -> TableRow | None:
        """One row; None where the source has fewer than it said."""
        block, at = divmod(number, BLOCK)
        if block in self._blocks:
            self._blocks.move_to_end(block)
        else:
            self._blocks[block] = self.source.window(block * BLOCK, BLOCK)
            if len(self._blocks) > BLOCKS:
                self._blocks.popitem(last=False)
        rows = self._blocks[block]
        return rows[at] if at < len(rows) else None

    def forget(self, keys: Collection[str]) -> tuple[int, ...]:
        """Drop what is kept of these records, and tell the row numbers where they stood."""
        stale = [
            (block, at)
            for block, rows in self._blocks.items()
            for at, row in enumerate(rows)
            if row.key in keys
        ]
        for block in {block for block, _ in stale}:
            del self._blocks[block]
        return tuple(sorted(block * BLOCK + at for block, at in stale))

    def clear(self) -> None:
        """Drop everything that is kept."""
        self._blocks.clear()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are selected: these keys, or all rows of the table ``all_but`` these."""

    keys: frozenset[str] = frozenset()
    all_but: bool = False

    def __contains__(self, key: str) -> bool:
        return (key in self.keys) != self.all_but

    def count(self, rows: int) -> int:
        """How many records are selected in a table of so many rows."""
        return rows - len(self.keys) if self.all_but else len(self.keys)

    def toggled(self, key: str) -> Selection:
        """The selection with one record more or one less."""
        return Selection(self.keys ^ {key}, self.all_but)


NOTHING = Selection()
EVERYTHING = Selection(all_but=True)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a column is drawn: its index in the table, its first column of the terminal, its width."""

    index: int
    x: int
    width: int


def layout(columns: Sequence[Column], width: int, x: int = 0) -> tuple[Slot, ...]:
    """The columns that fit between ``x`` and ``width``, from left to right.

    The least important are left out first; if even those that must stay are too wide, the last are cut.
    """
    shown = list(range(len(columns)))
    while _least(columns, shown) > width - x and any(columns[index].priority for index in shown):
        shown.remove(max(shown, key=lambda index: (columns[index].priority, index)))
    spare = max(0, width - x - _least(columns, shown))
    growing = [index for index in shown if columns[index].width is None]
    return tuple(_slots(columns, shown, growing, spare, width, x))


def _least(columns: Sequence[Column], shown: Sequence[int]) -> int:
    return sum(columns[index].least for index in shown) + GAP * (len(shown) - 1)


def _slots(
    columns: Sequence[Column], shown: list[int], growing: list[int], spare: int, width: int, x: int
) -> Iterator[Slot]:
    for index in shown:
        taken = columns[index].least
        if index in growing:
            share = -(-spare // (len(growing) - growing.index(index)))
            taken, spare = taken + share, spare - share
        taken = min(taken, width - x)
        if taken <= 0:
            return
        yield Slot(index, x, taken)
        x += taken + GAP


def scrolled(offset: int, row: int, page: int, count: int) -> int:
    """The first row shown on a page of so many rows; it changes only if ``row`` is not on it.

    The row then stands in the middle: the next steps draw two lines each instead of the whole page, which
    is what a slow line feels.
    """
    seen = offset <= row < offset + page
    return max(0, min(offset if seen else row - page // 2, count - page))
