"""A table's rows, columns, cursor and selection, without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.widgets.record_list import RecordList
from console.widgets.record_model import (
    BLOCK,
    BLOCKS,
    EVERYTHING,
    GAP,
    NOTHING,
    Align,
    Column,
    RowCache,
    Rows,
    TableRow,
    layout,
    scrolled,
)

ACTION = Column("Aktion", 8)
ID = Column("Nummer", 14)
NAME = Column("Name", minimum=10)
COUNT = Column("Felder", 6, Align.RIGHT, priority=1)
REASON = Column("Grund", priority=2)
COLUMNS = (ACTION, ID, NAME, COUNT, REASON)


class Counting:
    """A source of numbered rows that counts how many it was asked for."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.read = 0
        self.windows: list[tuple[int, int]] = []

    def count(self) -> int:
        """How many rows."""
        return self.rows

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Some rows, made as they are asked for."""
        self.windows.append((offset, limit))
        self.read += limit
        return [TableRow(f"k{n}", (str(n),)) for n in range(offset, min(offset + limit, self.rows))]

    def find(self, key: str) -> int | None:
        """The number in the key."""
        number = int(key[1:])
        return number if number < self.rows else None


def rows(*keys: str) -> Rows:
    """A source of these records."""
    return Rows(tuple(TableRow(key, (key,)) for key in keys))


def shown(width: int) -> list[str]:
    """The titles of the columns that fit."""
    return [COLUMNS[slot.index].title for slot in layout(COLUMNS, width)]


def test_the_least_important_columns_go_first_and_the_rest_grows() -> None:
    assert shown(120) == ["Aktion", "Nummer", "Name", "Felder", "Grund"]
    assert shown(50) == ["Aktion", "Nummer", "Name", "Felder"]
    assert shown(40) == ["Aktion", "Nummer", "Name"]
    assert shown(20) == ["Aktion", "Nummer"]
    wide = {COLUMNS[slot.index].title: slot.width for slot in layout(COLUMNS, 120)}
    assert (wide["Aktion"], wide["Nummer"], wide["Felder"]) == (8, 14, 6)
    assert wide["Name"] + wide["Grund"] == 120 - 28 - 4 * GAP


@given(
    st.lists(
        st.builds(Column, st.just("t"), st.none() | st.integers(0, 30), priority=st.integers(0, 3)),
        max_size=8,
    ),
    st.integers(0, 200),
    st.integers(0, 5),
)
def test_columns_never_overlap_nor_leave_the_table(columns: list[Column], width: int, x: int) -> None:
    slots = layout(columns, width, x)
    assert all(slot.x >= x and slot.width > 0 and slot.x + slot.width <= width for slot in slots)
    assert all(a.x + a.width + GAP == b.x and a.index < b.index for a, b in pairwise(slots))


@given(st.integers(0, 300), st.integers(0, 299), st.integers(1, 60), st.integers(1, 300))
def test_scrolling_shows_the_cursor_and_moves_only_if_needed(
    offset: int, row: int, page: int, count: int
) -> None:
    row %= count
    first = scrolled(offset, row, page, count)
    assert 0 <= first <= max(0, count - page)
    assert first <= row < first + page
    if offset <= row < offset + page and offset <= max(0, count - page):
        assert first == offset
    else:
        assert first in (0, max(0, count - page), row - page // 2)


def test_a_cache_reads_blocks_and_keeps_few() -> None:
    source = Counting(1_000_000)
    cache = RowCache(source)
    for number in range(BLOCK):
        assert cache.row(number) == TableRow(f"k{number}", (str(number),))
    assert source.windows == [(0, BLOCK)]
    for block in range(1, BLOCKS + 1):
        cache.row(block * BLOCK)
    source.windows.clear()
    cache.row(BLOCK)
    assert source.windows == []
    cache.row(0)
    assert source.windows == [(0, BLOCK)], "the oldest block was dropped"


def test_a_source_with_fewer_rows_than_it_said_has_no_row_there() -> None:
    assert RowCache(Counting(10)).row(10) is None
    assert RowCache(Counting(10)).row(5000) is None


def test_a_cache_forgets_only_the_blocks_of_changed_records() -> None:
    source = Counting(1000)
    cache = RowCache(source)
    cache.row(0), cache.row(BLOCK)
    source.windows.clear()
    assert cache.forget({"k1", f"k{BLOCK + 3}", "k999"}) == (1, BLOCK + 3)
    assert cache.forget({"k2"}) == ()
    cache.row(0)
    assert source.windows == [(0, BLOCK)]


@pytest.mark.parametrize(
    ("before", "at", "after", "key", "row"),
    [
        ("abcd", "b", "abcd", "b", 1),
        ("abcd", "b", "xyabcd", "b", 3),  # rows came above
        ("abcd", "b", "dcba", "b", 2),  # another order
        ("abcd", "b", "acd", "c", 1),  # its record went: the row number stays
        ("abcd", "d", "ab", "b", 1),  # fewer rows: the last
        ("abcd", "b", "", None, -1),
        ("", "", "ab", "a", 0),
    ],
)
def test_the_cursor_follows_its_record(before: str, at: str, after: str, key: str | None, row: int) -> None:
    records = RecordList(rows(*before))
    records.reload()
    records.stand(before.index(at) if at else 0)
    records.show(rows(*after), total=None, same_rows=False)
    records.reload()
    assert (records.key, records.row) == (key, row)


def test_records_are_selected_one_by_one_and_stay_so_behind_a_filter() -> None:
    records = RecordList(rows(*"abcd"))
    records.reload()
    records.toggle()
    records.stand(2)
    records.toggle()
    assert (records.selection.keys, records.selected) == (frozenset("ac"), 2)
    records.show(rows("b", "c"), total=4, same_rows=False)
    records.reload()
    assert records.selected == 2
    assert records.key == "c"
    records.toggle()
    assert records.selection.keys == {"a"}


def test_all_but_a_few_of_a_million_are_selected_without_naming_them() -> None:
    source = Counting(1_000_000)
    records = RecordList(source)
    records.reload()
    records.select_all()
    records.toggle()
    assert (records.selected, len(records.selection.keys)) == (999_999, 1)
    assert "k0" not in records.selection
    assert "k77" in records.selection
    assert source.read == BLOCK


def test_everything_selected_is_dropped_with_a_filter_and_kept_with_an_order() -> None:
    records = RecordList(rows(*"abc"))
    records.reload()
    records.select_all()
    records.show(rows(*"cba"), total=None, same_rows=True)
    assert records.selection == EVERYTHING
    records.show(rows(*"abcdef"), total=None, same_rows=False)
    assert records.selection == NOTHING


def test_nothing_can_be_selected_where_nothing_is() -> None:
    records = RecordList()
    records.reload()
    records.toggle()
    records.select_all()
    assert (records.selection, records.current, records.row) == (NOTHING, None, -1)


def test_the_summary_says_rows_of_rows_and_selected() -> None:
    records = RecordList()
    records.show(Counting(1204), total=1_000_000, same_rows=False)
    records.reload()
    assert records.summary == "1.204 / 1.000.000"
    records.toggle()
    assert records.summary == "1.204 / 1.000.000  ✓ 1"
    records.show(Counting(3), total=None, same_rows=False)
    records.selection = NOTHING
    records.reload()
    assert records.summary == "3"
