"""One cell that somebody filled in to one value of an answer. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from checklists.model import FieldKind
from console import formats
from console.errors import ConsoleError
from console.handouts.asks import Blank
from console.handouts.reading import Cell
from console.i18n import LANGUAGES, _, language, speaking
from console.onboarding.answering import read_day, read_value
from console.onboarding.words import said_name
from console.store.said import Said

Value = str | bool
"""The value of a field; of one choice of several whether it was chosen."""


class Unclear(Exception):
    """A cell that cannot be understood; the text says why."""


def value_of(cell: Cell, blank: Blank) -> Value:
    """What a cell says. Raises Unclear."""
    if blank.choice is not None:
        return _yes(cell)
    kind = blank.field.kind
    if kind in (FieldKind.TEXT, FieldKind.PERSON):
        return text_of(cell)
    _no_formula(cell)
    if kind is FieldKind.DATE:
        found = day_of(cell)
        return found.isoformat() if found else ""
    if kind is FieldKind.NUMBER:
        return _number(cell, blank)
    return _choice(cell, blank)


def text_of(cell: Cell) -> str:
    """A cell as text, whatever it begins with: a formula is what was typed, never what it would give."""
    value = cell.value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return format(value, "f")
    return formats.date(value) if isinstance(value, date) else value.strip()


def day_of(cell: Cell) -> date | None:
    """A day, None where the cell is empty. Raises Unclear."""
    _no_formula(cell)
    if isinstance(cell.value, date):
        return cell.value
    try:
        return read_day(cell.text, "")
    except ConsoleError:
        raise Unclear(_("This is no day. E.g. 31.05.2026.")) from None


def said_of(cell: Cell) -> Said | None:
    """The state of a point, None where the cell is empty. Raises Unclear."""
    text = cell.text.casefold()
    if not text:
        return None
    for tongue in LANGUAGES:
        with speaking(tongue):
            names = {said_name(one).casefold(): one for one in Said if one is not Said.ACCEPTED}
        if text in names:
            return names[text]
    raise Unclear(_("This is no state from the list."))


def _no_formula(cell: Cell) -> None:
    if cell.odd:
        raise Unclear(_("A formula stands there; only what was typed counts."))


def _yes(cell: Cell) -> bool:
    """Yes or no, as typed in any language, with a cross, or as a spreadsheet's own truth value."""
    if isinstance(cell.value, bool):
        return cell.value
    text = cell.text.casefold()
    for chosen, message in ((True, "yes"), (False, "no")):
        if text in _words(message):
            return chosen
    if text == "x":
        return True
    raise Unclear(_("Please answer yes or no."))


def _words(message: str) -> set[str]:
    found = set()
    for tongue in LANGUAGES:
        with speaking(tongue):
            found.add(_(message).casefold())
    return found


def _number(cell: Cell, blank: Blank) -> str:
    """A number; one that was typed as text is read as the language in force writes it."""
    if isinstance(cell.value, Decimal):
        text = format(cell.value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    try:
        return str(read_value(blank.field, (cell.text,)))
    except ConsoleError:
        raise Unclear(_("This is no number.")) from None


def _choice(cell: Cell, blank: Blank) -> str:
    try:
        return str(read_value(blank.field, (cell.text,)))
    except ConsoleError:
        names = ", ".join(one.label.in_(language()) for one in blank.field.choices)
        raise Unclear(_("This stands on no list. Known: {names}.").format(names=names)) from None
