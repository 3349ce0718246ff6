"""The rows behind a table, with the cursor and the selection on them: what moves, without a screen."""

from __future__ import annotations

from console import formats
from console.widgets.record_model import (
    EVERYTHING,
    NOTHING,
    RecordSource,
    RowCache,
    Rows,
    Selection,
    TableRow,
)

SELECTED = "✓"


class RecordList:
    """A source as it was last read. ``key`` and ``row`` are the record under the cursor and its row number,
    None and -1 without rows; ``total`` is how many rows there would be without a filter.

    Records that a filter hides stay selected until the selection is cleared.
    """

    def __init__(self, source: RecordSource | None = None) -> None:
        self.cache = RowCache(source or Rows())
        self.count = 0
        self.key: str | None = None
        self.row = -1
        self.selection: Selection = NOTHING
        self._total: int | None = None

    @property
    def total(self) -> int:
        """How many rows there would be without a filter."""
        return self.count if self._total is None else self._total

    @property
    def current(self) -> TableRow | None:
        """The row under the cursor."""
        return self.cache.row(self.row) if self.row >= 0 else None

    @property
    def selected(self) -> int:
        """How many records are selected."""
        return self.selection.count(self.count)

    @property
    def summary(self) -> str:
        """Rows of all rows, and how many are selected: ``12 / 1.000.000  ✓ 3``."""
        counts = [self.count] if self.total == self.count else [self.count, self.total]
        chosen = f"  {SELECTED} {formats.count(self.selected)}" if self.selected else ""
        return " / ".join(map(formats.count, counts)) + chosen

    def show(self, source: RecordSource, *, total: int | None, same_rows: bool) -> None:
        """Take another source, to be read by ``reload``; see ``RecordTable.set_source``."""
        self.cache = RowCache(source)
        self._total = total
        if self.selection.all_but and not same_rows:
            self.selection = NOTHING

    def reload(self) -> None:
        """Read anew. The cursor stays on its record, else on its row number or the last row."""
        self.cache.clear()
        source = self.cache.source
        self.count = source.count()
        found = source.find(self.key) if self.key is not None and self.count else None
        self.stand(self.row if found is None else found)

    def stand(self, row: int) -> None:
        """Put the cursor on a row, or on the nearest that exists."""
        self.row = min(max(row, 0), self.count - 1)
        current = self.current
        self.key = None if current is None else current.key

    def toggle(self) -> None:
        """Select the record under the cursor, or no longer."""
        if self.key is not None:
            self.selection = self.selection.toggled(self.key)

    def select_all(self) -> None:
        """Select every row."""
        self.selection = EVERYTHING if self.count else NOTHING
