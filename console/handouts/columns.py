"""The columns of the workbook: their order, widths and headings."""

from __future__ import annotations

from enum import IntEnum
from functools import cache

from console.i18n import LANGUAGES, _, speaking


class Column(IntEnum):
    """A column, counted from 0."""

    NUMBER = 0
    QUESTION = 1
    WHY = 2
    HOW = 3
    WHAT = 4
    ANSWER = 5
    STATE = 6
    WHO = 7
    DUE = 8
    NOTE = 9
    KEY = 10  # hidden


WIDTHS = {
    Column.NUMBER: 5,
    Column.QUESTION: 30,
    Column.WHY: 34,
    Column.HOW: 38,
    Column.WHAT: 24,
    Column.ANSWER: 28,
    Column.STATE: 14,
    Column.WHO: 22,
    Column.DUE: 12,
    Column.NOTE: 34,
    Column.KEY: 12,
}

FILLED = (Column.ANSWER, Column.STATE, Column.WHO, Column.DUE, Column.NOTE)
"""The columns that people fill in."""


def heading(column: Column) -> str:
    """A column's heading in the language in force."""
    return {
        Column.NUMBER: _("No."),
        Column.QUESTION: _("Question"),
        Column.WHY: _("Why"),
        Column.HOW: _("How"),
        Column.WHAT: _("What is asked for"),
        Column.ANSWER: _("Your answer"),
        Column.STATE: _("State"),
        Column.WHO: _("Who answers"),
        Column.DUE: _("By when"),
        Column.NOTE: _("Note"),
        Column.KEY: _("Not for you"),
    }[column]


@cache
def known_headings() -> dict[str, Column]:
    """The headings of all languages, to find the columns of a file that somebody rearranged."""
    found: dict[str, Column] = {}
    for language in LANGUAGES:
        with speaking(language):
            found |= {heading(column): column for column in Column}
    return found
