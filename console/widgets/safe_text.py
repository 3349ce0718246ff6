"""The only ways in which external text becomes something on the screen: cleaned, and never read as markup.

Pass nothing else of a partner's to Static, labels, titles, tables or notifications. Where a widget insists
on a plain string (``notify``, ``border_title``), give it ``console.safe.clean`` and ``markup=False``, or
this ``content``.
"""

from __future__ import annotations

import re

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.content import Content

from console.safe import clean, clean_lines, fit


def content(text: str, style: str = "", *, lines: bool = False, limit: int | None = None) -> Content:
    """External text for a widget; ``style`` is ours. ``lines`` keeps its line ends as they are."""
    shown = clean_lines(text, limit) if lines else clean(text, limit)
    return Content.styled(shown, style) if style else Content(shown)


def cell(text: str, style: str | Style = "", *, limit: int | None = 1000) -> Text:
    """External text as one cell of a DataTable, a Tree label or an option."""
    return Text(clean(text, limit), style=style, no_wrap=True, end="")


def segments(
    text: str,
    width: int,
    style: Style,
    *,
    right: bool = False,
    match: re.Pattern[str] | None = None,
    match_style: Style | None = None,
) -> list[Segment]:
    """External text as a cell of a line that is drawn by hand: exactly ``width`` columns, matches marked."""
    shown = fit(text, width, right=right)
    if match is None or match_style is None:
        return [Segment(shown, style)] if shown else []
    pieces, at = [], 0
    for found in match.finditer(shown):
        if found.start() == found.end():
            continue
        pieces += [(shown[at : found.start()], style), (found.group(), style + match_style)]
        at = found.end()
    pieces.append((shown[at:], style))
    return [Segment(piece, drawn) for piece, drawn in pieces if piece]
