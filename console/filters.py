"""The filter that a person types: plain text, /pattern/, a leading ! for the opposite, field:value.

``müller !B10 action:neu id:/^10-/`` means: all four hold. Quotes keep blanks together. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from connectors.contract import Action, Result
from console.i18n import _
from console.store.pattern_cost import Costly, reach
from console.store.plan_query import Query, Term, Where, compiled

T = TypeVar("T")

_TOKEN = re.compile(
    r"(?P<not>!?)(?:(?P<field>[^\W\d]+):)?"
    r'(?:/(?P<pattern>(?:[^/\\]|\\.)*)(?P<slash>/?)(?=\s|$)|"(?P<quoted>[^"]*)(?P<quote>"?)|(?P<plain>\S*))'
)

FIELDS: Mapping[str, Where] = {
    "action": Where.ACTION,
    "aktion": Where.ACTION,
    "entity": Where.ENTITY,
    "art": Where.ENTITY,
    "rule": Where.RULE,
    "regel": Where.RULE,
    "id": Where.ID,
    "result": Where.RESULT,
    "ergebnis": Where.RESULT,
    "value": Where.VALUE,
    "wert": Where.VALUE,
}
"""The names before a colon, in both languages."""

ACTIONS: Mapping[str, Action] = {
    "create": Action.CREATE,
    "new": Action.CREATE,
    "neu": Action.CREATE,
    "update": Action.UPDATE,
    "changed": Action.UPDATE,
    "geändert": Action.UPDATE,
    "delete": Action.DELETE,
    "gone": Action.DELETE,
    "weg": Action.DELETE,
    "skip": Action.SKIP,
    "skipped": Action.SKIP,
    "übersprungen": Action.SKIP,
}

FAILED = (Result.FAILED.value, Result.REJECTED.value, Result.UNKNOWN.value)
_WRITTEN = (Result.DONE.value, Result.ALREADY.value)

RESULTS: Mapping[str, tuple[str, ...]] = {
    "ok": _WRITTEN,
    "written": _WRITTEN,
    "geschrieben": _WRITTEN,
    "failed": FAILED,
    "fehlgeschlagen": FAILED,
    "open": ("",),
    "offen": ("",),
}


class FilterError(ValueError):
    """A filter that cannot be understood; the text is a sentence for the person who typed it."""


def parse(text: str) -> Query:
    """The terms of a typed filter. Raises FilterError."""
    terms, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            raise FilterError(_("Nobody can read this filter from “{rest}” on.").format(rest=text[at:]))
        terms.append(_term(found))
        at = found.end()
    return tuple(terms)


def highlight(query: Query) -> re.Pattern[str] | None:
    """What to mark in the rows: the texts that were looked for, None where there are none."""
    parts = [
        part if term.pattern else re.escape(part)
        for term in query
        if term.where in (Where.TEXT, Where.ID, Where.VALUE) and not term.inverted
        for part in term.texts
    ]
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE) if parts else None


def _term(found: re.Match[str]) -> Term:
    where = _where(found["field"])
    inverted = bool(found["not"])
    if found["pattern"] is not None:
        if not found["slash"]:
            raise FilterError(_("The pattern has no end: close it with /."))
        return Term(where, (_pattern(found["pattern"]),), pattern=True, inverted=inverted)
    if found["quoted"] is not None and not found["quote"]:
        raise FilterError(_('The quotation has no end: close it with ".'))
    value = found["quoted"] if found["quoted"] is not None else found["plain"]
    if not value:
        what = found["field"] or "!"
        raise FilterError(_("After “{what}” something to look for is missing.").format(what=what))
    return Term(where, _values(where, value), inverted=inverted)


def _where(name: str | None) -> Where:
    if name is None:
        return Where.TEXT
    where = FIELDS.get(name.casefold())
    if where is not None:
        return where
    near = get_close_matches(name.casefold(), FIELDS, 1)
    known = ", ".join(FIELDS)
    if near:
        text = _('There is no field “{name}”; do you mean “{near}”? Put text with a colon into "quotes".')
        raise FilterError(text.format(name=name, near=near[0]))
    text = _('There is no field “{name}”; known are {known}. Put text with a colon into "quotes".')
    raise FilterError(text.format(name=name, known=known))


def _pattern(raw: str) -> str:
    pattern = raw.replace(r"\/", "/")
    if not pattern:
        raise FilterError(_("The pattern between the slashes is empty."))
    try:
        compiled(pattern)
    except re.error as error:
        text = _("The pattern is not valid at character {place}: {why}.")
        raise FilterError(text.format(place=(error.pos or 0) + 1, why=error.msg)) from None
    except (OverflowError, RecursionError):
        raise FilterError(_("The pattern is not valid.")) from None
    try:
        reach(pattern)
    except Costly as error:
        raise FilterError(_costly(error)) from None
    return pattern


def _costly(error: Costly) -> str:
    return {
        "long": _("The pattern is too long: {most} characters at most.").format(most=error.what),
        "odd": _("This pattern could take for ever: “{part}” is not allowed.").format(part=error.what),
        "nested": _("This pattern could take for ever: a repetition holds another, or a choice."),
        "many": _("This pattern could take for ever: fewer repetitions (* + ?) and choices, please."),
        "often": _("The pattern repeats something more than {most} times.").format(most=error.what),
    }[error.code]


def _values(where: Where, value: str) -> tuple[str, ...]:
    if where is Where.ACTION:
        return (_known(value, ACTIONS, _("action")).value,)
    if where is Where.RESULT:
        return _known(value, RESULTS, _("result"))
    if where is Where.RULE:
        return (value.upper(),)
    return (value,)


def _known(value: str, table: Mapping[str, T], what: str) -> T:
    found = [table[word] for word in table if word.startswith(value.casefold())]
    if not found or any(one != found[0] for one in found):
        text = _("“{value}” is no {what}; known are {known}.")
        raise FilterError(text.format(value=value, what=what, known=", ".join(table)))
    return found[0]
