"""How a table of records is drawn, line by line: pure functions from rows and styles to strips."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.widgets.record_list import SELECTED
from console.widgets.record_model import Align, Column, Slot, TableRow, Tone
from console.widgets.safe_text import segments

CURSOR = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
GUTTER = 3
"""Columns of the terminal before the first column: cursor, selection, blank."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles of a table. ``base``, ``header`` and ``cursor`` are complete, the others are laid over."""

    base: Style
    header: Style
    cursor: Style
    selected: Style
    match: Style
    tones: Mapping[Tone, Style]


@dataclass(frozen=True, slots=True)
class Look:
    """How one row is seen at the moment."""

    cursor: bool = False
    selected: bool = False
    match: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns as they are laid out in a width; ``mark``: the first one shows the rows' marks."""

    columns: Sequence[Column]
    slots: Sequence[Slot]
    width: int
    mark: bool

    def column_at(self, x: int) -> Column | None:
        """The column drawn at this column of the terminal."""
        return next((self.columns[s.index] for s in self.slots if s.x <= x < s.x + s.width), None)

    def header(self, palette: Palette, sort: Column | None, descending: bool) -> Strip:
        """The line of titles; an arrow shows by which column the rows are sorted."""
        pieces: list[Segment] = []
        for slot in self.slots:
            column = self.columns[slot.index]
            arrow = (" ▼" if descending else " ▲") if column is sort else ""
            arrow = arrow if slot.width > len(arrow) else ""
            right = column.align is Align.RIGHT
            pieces += _blank(slot.x - _length(pieces), palette.header)
            pieces += segments(column.title, slot.width - len(arrow), palette.header, right=right)
            pieces += [Segment(arrow, palette.header)] if arrow else []
        return self._whole(pieces, palette.header)

    def row(self, row: TableRow, palette: Palette, look: Look) -> Strip:
        """One row, exactly as wide as the table."""
        tone = palette.tones.get(row.tone, Style.null())
        whole = palette.base + tone if row.tone is Tone.MUTED or not self.mark else palette.base
        chosen, match = palette.selected, palette.match
        if look.cursor:  # its colours win, so that it is readable in every theme
            whole, tone = palette.cursor, Style.null()
            chosen, match = chosen.without_color, match.without_color
        pieces = [
            Segment(CURSOR if look.cursor else " ", whole),
            Segment(SELECTED if look.selected else " ", whole + chosen),
        ]
        texts = (row.mark, *row.cells) if self.mark else row.cells
        for slot in self.slots:
            if slot.index < len(texts):
                style = whole + tone if self.mark and slot.index == 0 else whole
                right = self.columns[slot.index].align is Align.RIGHT
                pieces += _blank(slot.x - _length(pieces), whole)
                pieces += segments(
                    texts[slot.index], slot.width, style, right=right, match=look.match, match_style=match
                )
        return self._whole(pieces, whole)

    def remark(self, text: str, palette: Palette) -> Strip:
        """A line of text where rows would be."""
        style = palette.base + palette.tones[Tone.MUTED]
        room = max(0, self.width - GUTTER)
        return self._whole([*_blank(GUTTER, style), *segments(text, room, style)], style)

    def _whole(self, pieces: list[Segment], style: Style) -> Strip:
        strip = Strip(pieces).simplify()
        return strip.adjust_cell_length(self.width, style)


def _length(pieces: list[Segment]) -> int:
    return sum(piece.cell_length for piece in pieces)


def _blank(width: int, style: Style) -> list[Segment]:
    return [Segment(" " * width, style)] if width > 0 else []
