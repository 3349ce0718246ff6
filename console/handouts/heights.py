"""How high rows have to be: merged cells do not grow by themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from console.handouts.columns import WIDTHS, Column

LINE = 15.0
"""Points of a line."""

HIGHEST = 409.0
"""Points of the highest row that Excel shows."""


def needed(text: str, column: Column) -> float:
    """The height of a text in its column."""
    room = WIDTHS[column] - 1
    lines = sum(max(1, ceil(len(part) / room)) for part in text.split("\n"))
    return min(HIGHEST, lines * LINE)


def shared(words: Mapping[Column, str], rows: int) -> float:
    """The height of each of some rows that share the texts of a point."""
    highest = max(needed(text, column) for column, text in words.items())
    return max(LINE, ceil(highest / rows))
