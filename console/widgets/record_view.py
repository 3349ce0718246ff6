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
        style = palette.header
        pieces, x = [], 0
        for slot in self.slots:
            column = self.columns[slot.index]
            arrow = (" ▼" if descending else " ▲") if column is sort and slot.width > 2 else ""
            right = column.align is Align.RIGHT
            pieces += [
                *_blank(slot.x - x, style),
                *segments(column.title, slot.width - len(arrow), style, right=right),
                Segment(arrow, style),
            ]
            x = slot.x + slot.width
        return self._line(pieces, x, style)

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
        x = len(pieces)
        texts = (row.mark, *row.cells) if self.mark else row.cells
        for slot in self.slots:
            if slot.index < len(texts):
                style = whole + tone if self.mark and slot.index == 0 else whole
                right = self.columns[slot.index].align is Align.RIGHT
                pieces += _blank(slot.x - x, whole)
                pieces += segments(
                    texts[slot.index], slot.width, style, right=right, match=look.match, match_style=match
                )
                x = slot.x + slot.width
        return self._line(pieces, x, whole)

    def remark(self, text: str, palette: Palette) -> Strip:
        """A line of text where rows would be."""
        style = palette.base + palette.tones[Tone.MUTED]
        room = max(0, self.width - GUTTER)
        return self._line([*_blank(GUTTER, style), *segments(text, room, style)], GUTTER + room, style)

    def _line(self, pieces: list[Segment], x: int, style: Style) -> Strip:
        """The pieces, ``x`` columns wide, as a line as wide as the table."""
        pieces += _blank(self.width - x, style)
        strip = Strip(Segment.simplify(piece for piece in pieces if piece.text), max(x, self.width))
        return strip if x <= self.width else strip.crop(0, self.width)


def _blank(width: int, style: Style) -> list[Segment]:
    return [Segment(" " * width, style)] if width > 0 else []
