"""Open points as a workbook: a sheet for each desk, locked but for what is to be filled in.

Whatever stands in it is text; nothing is a formula, nothing refers to another file.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from checklists.model import FieldKind, Kind
from connectors.texts import render
from console import formats
from console.handouts import heights
from console.handouts.asks import Blank, Handout, Question
from console.handouts.columns import WIDTHS, Column, heading
from console.handouts.desks import desk_name
from console.handouts.keys import Key, form_of, spelled, version_of
from console.i18n import _, language
from console.onboarding.words import said_name
from console.readiness import State
from console.store.said import Said

HEAD_ROW = 5
"""The row of the headings, counted from 0; above it stands what the sheet is."""

NAME_ROW = 3
SAID = (Said.DONE, Said.OPEN, Said.NOT_APPLICABLE)
"""What a desk may say of a point."""

_EARLIEST = date(2000, 1, 1)
_LOCKED = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_columns": True,
    "format_rows": True,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose workbook it is, of which day, by when answers are wanted; ``given`` puts in what is known
    already, which only the desk itself may see."""

    customer: str
    name: str
    made: date
    due: date | None = None
    given: bool = False


@dataclass(slots=True)
class _Lists:
    """The choices of the drop-downs, on a hidden sheet: each list of labels once."""

    sheet: Any
    ranges: dict[tuple[str, ...], str] = field(default_factory=dict)

    def place(self, labels: tuple[str, ...]) -> str:
        if labels not in self.ranges:
            column = len(self.ranges)
            for row, label in enumerate(labels):
                self.sheet.write_string(row, column, label)
            from xlsxwriter.utility import xl_col_to_name

            name = xl_col_to_name(column)
            self.ranges[labels] = f"='{self.sheet.get_name()}'!${name}$1:${name}${len(labels)}"
        return self.ranges[labels]


def workbook(handouts: tuple[Handout, ...], terms: Terms) -> bytes:
    """The file, in the language in force."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": _("Open points"), "subject": terms.name})
    sheets = [book.add_worksheet(desk_name(one)) for one in handouts]
    lists = _Lists(book.add_worksheet(_("Choices")))
    look = _formats(book)
    for sheet, handout in zip(sheets, handouts, strict=True):
        _Page(sheet, look, lists, terms).fill(handout)
    lists.sheet.protect()
    lists.sheet.very_hidden()
    book.close()
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BFBFBF"}
    free = {**base, "locked": False, "bg_color": "#FFF8DC"}
    day = "dd.mm.yyyy" if language() == "de" else "d mmm yyyy"
    look = {
        "title": {"bold": True, "font_size": 14},
        "plain": {},
        "head": {**base, "bold": True, "bg_color": "#DCE6F1"},
        "text": base,
        "bold": {**base, "bold": True},
        "free": {**free, "num_format": "@"},
        "number": free,
        "date": {**free, "num_format": day, "align": "left"},
        "blocking": {**base, "bold": True, "font_color": "#9C0006"},
    }
    return {name: book.add_format(how) for name, how in look.items()}


@dataclass(slots=True)
class _Page:
    """One sheet while it is written."""

    sheet: Any
    look: dict[str, Any]
    lists: _Lists
    terms: Terms

    def fill(self, handout: Handout) -> None:
        self._frame(handout)
        row = HEAD_ROW + 1
        for question in handout.questions:
            row = self._question(row, question)
        self.sheet.protect("", _LOCKED)

    def _frame(self, handout: Handout) -> None:
        """Title, what to do, whose name, headings; and how it is printed."""
        sheet, text = self.sheet, self._text
        for column, width in WIDTHS.items():
            hidden = {"hidden": True} if column is Column.KEY else {}
            sheet.set_column(column, column, width, None, hidden)
        title = _("Open points: {desk}").format(desk=desk_name(handout))
        text(0, Column.NUMBER, title, "title")
        about = _("{name}, as of {day}").format(name=self.terms.name, day=formats.date(self.terms.made))
        text(1, Column.NUMBER, about, "plain")
        text(
            2, Column.NUMBER, _("Please fill in the yellow cells. Some offer a list to choose from."), "plain"
        )
        text(NAME_ROW, Column.NUMBER, _("Filled in by"), "plain")
        sheet.write_blank(NAME_ROW, Column.HOW, None, self.look["free"])
        key = Key(self.terms.customer, "", field=handout.key)
        text(NAME_ROW, Column.KEY, spelled(key), "text")
        for column in Column:
            text(HEAD_ROW, column, heading(column), "head")
        sheet.freeze_panes(HEAD_ROW + 1, Column.WHY)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD_ROW)

    def _question(self, row: int, question: Question) -> int:
        """A point with all its cells; the first free row after it."""
        blanks: tuple[Blank | None, ...] = question.blanks or (None,)
        last = row + len(blanks) - 1
        words = self._words(question)
        for column, text in words.items():
            style = "bold" if column is Column.QUESTION else "text"
            self._spread(row, last, column, text, style)
        for column in (Column.STATE, Column.WHO, Column.NOTE):
            self._spread(row, last, column, "", "free")
        self._spread(row, last, Column.DUE, "", "date")
        if self.terms.due is not None:
            self.sheet.write_datetime(row, Column.DUE, self.terms.due, self.look["date"])
        self._one_of(row, Column.STATE, tuple(map(said_name, SAID)))
        self._day(row, Column.DUE)
        height = heights.shared(words, len(blanks))
        for at, blank in enumerate(blanks, row):
            self.sheet.set_row(at, max(height, heights.needed(_label(blank), Column.WHAT)))
            self._text(at, Column.WHAT, _label(blank), "text")
            self._blank(at, question, blank)
            self._text(at, Column.KEY, spelled(self._key(question, blank)), "text")
        return last + 1

    def _words(self, question: Question) -> dict[Column, str]:
        item, tongue = question.item, language()
        title = item.title.in_(tongue)
        if question.standing.state is State.BLOCKED:
            title += "\n" + _("(needed before go-live)")
        return {
            Column.NUMBER: str(question.number),
            Column.QUESTION: title,
            Column.WHY: item.why.in_(tongue),
            Column.HOW: item.how.in_(tongue) + _found(question),
        }

    def _key(self, question: Question, blank: Blank | None) -> Key:
        item, due = question.item, self.terms.due
        field_, choice = blank.key if blank else ("", "")
        version = version_of(question.standing.answer)
        return Key(
            self.terms.customer,
            item.id,
            field_,
            choice,
            version,
            form_of(item),
            due.isoformat() if due else "",
        )

    def _blank(self, row: int, question: Question, blank: Blank | None) -> None:
        """The cell of an answer, with its drop-down and with what is known already."""
        kind = blank.field.kind if blank else FieldKind.FILE
        if blank is None or kind is FieldKind.FILE:
            self._text(row, Column.ANSWER, _("Please send the file along.") if blank else "", "text")
            return
        style = {FieldKind.DATE: "date", FieldKind.NUMBER: "number"}.get(kind, "free")
        self.sheet.write_blank(row, Column.ANSWER, None, self.look[style])
        answer = question.standing.answer
        value = answer.values.get(blank.field.key) if answer and self.terms.given else None
        if value:
            self._given(row, blank, value, style)
        offered = _offered(blank)
        if offered:
            self._one_of(row, Column.ANSWER, offered)
        elif kind is FieldKind.DATE:
            self._day(row, Column.ANSWER)
        elif kind is FieldKind.NUMBER:
            self._check(row, Column.ANSWER, {"validate": "decimal", "criteria": "between",
                        "minimum": -(10**15), "maximum": 10**15}, _("Please enter a number."))  # fmt: skip

    def _given(self, row: int, blank: Blank, value: str | tuple[str, ...], style: str) -> None:
        look = self.look[style]
        if blank.choice is not None:
            if blank.choice.key in value:
                self.sheet.write_string(row, Column.ANSWER, _("yes"), look)
        elif blank.field.kind is FieldKind.CHOICE:
            labels = {one.key: one.label.in_(language()) for one in blank.field.choices}
            self.sheet.write_string(row, Column.ANSWER, labels.get(str(value), ""), look)
        elif blank.field.kind is FieldKind.DATE:
            self.sheet.write_datetime(row, Column.ANSWER, date.fromisoformat(str(value)), look)
        elif blank.field.kind is FieldKind.NUMBER:
            self.sheet.write_number(row, Column.ANSWER, float(str(value)), look)
        else:
            self.sheet.write_string(row, Column.ANSWER, str(value), look)

    def _one_of(self, row: int, column: Column, labels: tuple[str, ...]) -> None:
        how = {"validate": "list", "source": self.lists.place(labels)}
        self._check(row, column, how, _("Please choose from the list."))

    def _day(self, row: int, column: Column) -> None:
        how = {"validate": "date", "criteria": ">=", "value": _EARLIEST}
        self._check(row, column, how, _("Please enter a day."))

    def _check(self, row: int, column: Column, how: dict[str, Any], message: str) -> None:
        self.sheet.data_validation(row, column, row, column, {**how, "error_message": message})

    def _spread(self, row: int, last: int, column: Column, text: str, style: str) -> None:
        """One cell over all rows of a point."""
        write: Callable[..., object] = self.sheet.write_string if text else self.sheet.write_blank
        look = self.look[style]
        if last > row:
            self.sheet.merge_range(row, column, last, column, "", look)
        write(row, column, text or None, look)

    def _text(self, row: int, column: Column, text: str, style: str) -> None:
        self.sheet.write_string(row, column, text, self.look[style])


def _label(blank: Blank | None) -> str:
    """What a cell asks for."""
    if blank is None:
        return ""
    label = blank.field.label.in_(language()) + (" *" if blank.field.required else "")
    return label if blank.choice is None else f"{label}: {blank.choice.label.in_(language())}"


def _offered(blank: Blank) -> tuple[str, ...]:
    """What a cell's drop-down offers; () for one that is typed into."""
    if blank.choice is not None:
        return (_("yes"), _("no"))
    if blank.field.kind is FieldKind.CHOICE:
        return tuple(one.label.in_(language()) for one in blank.field.choices)
    return ()


def _found(question: Question) -> str:
    """What a check found, below how to do it: counts, never a record."""
    checked = question.standing.checked
    if question.item.kind is not Kind.AUTOMATIC or checked is None:
        return ""
    return "\n" + _("Last check: {words}").format(words=render(checked.finding.evidence, language()))
