"""How lists are asked for page by page: at most 500 rows, sorted so that pages do not shift.

Addresses take ``sortby`` as a text with ``sortorder`` beside it, estates, users and activities as a map; the
other form is ignored without a word. Tasks know no offset, so they are not paged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.onoffice.wire import Answer, Call, Refusal, Row

PAGE_SIZE = 500

_SORTED: Mapping[str, Mapping[str, Any]] = {
    "address": {"sortby": "KdNr", "sortorder": "ASC"},
    "estate": {"sortby": {"Id": "ASC"}},
    "user": {"sortby": {"Nr": "ASC"}},
    "agentslog": {"sortby": {"Nr": "ASC"}},
}
_OFFSET = {"log": "listOffset"}
"""Where the name of the offset is not ``listoffset``."""
_UNKNOWN_FIELD = re.compile(r'Unknown field[^:"]*:?\s*"?([^"]+?)"?\s*')


def page_of(call: Call, offset: int) -> Call:
    """The call for the page that begins at this row; a sorting of the call's own stays."""
    parameters = {
        **_SORTED.get(call.resource_type, {}),
        **call.parameters,
        "listlimit": PAGE_SIZE,
        _OFFSET.get(call.resource_type, "listoffset"): offset,
    }
    return replace(call, parameters=parameters)


def further(answer: Answer, offset: int) -> int | None:
    """Where the page after this one begins; None after the last."""
    reached = offset + len(answer.rows)
    last = not answer.rows or (answer.total is not None and reached >= answer.total)
    return None if last else reached


@dataclass
class Listing:
    """A list that is being read: which rows came so far, and what has to be asked for next."""

    call: Call
    seen: set[int | str] = field(default_factory=set)
    answer: Answer = field(default_factory=Answer)
    reached: int = 0
    step: int = 0
    open: bool = True

    def due(self) -> list[int]:
        """Where the pages begin that can be asked for now: the first alone, then all that must be there."""
        if not self.open:
            return []
        if not self.step or self.answer.total is None:
            return [self.reached]
        return list(range(self.reached, self.answer.total, self.step))

    def one_by_one(self) -> Iterator[int]:
        """Where the pages begin, each asked for after the one before has been taken."""
        while self.open:
            yield self.due()[0]

    def take(self, answer: Answer) -> list[Row]:
        """Take in one page; its rows that are new. A page that brings none is the last one."""
        fresh = {row.id: row for row in answer.rows if row.id not in self.seen}
        self.seen.update(fresh)
        self.reached += len(answer.rows)
        self.step = self.step or len(answer.rows)
        self.answer = self.answer if self.answer.error else answer
        all_read = answer.total is not None and self.reached >= answer.total
        self.open = self.open and answer.error is None and bool(fresh) and not all_read
        return list(fresh.values())


def unknown_field(refusal: Refusal) -> str:
    """The field that onOffice does not know, as its message names it; "" where it names none."""
    found = _UNKNOWN_FIELD.fullmatch(refusal.message)
    return found[1] if found else ""


def without(call: Call, name: str) -> Call | None:
    """The call without a field that is not there; None where a filter needs it, or nothing would be left."""
    parameters = dict(call.parameters)
    data = parameters.get("data")
    fewer = [one for one in data if one != name] if isinstance(data, list | tuple) else None
    sorted_by = parameters.get("sortby")
    sorts = sorted_by == name or (isinstance(sorted_by, dict) and name in sorted_by)
    if sorts:
        parameters.pop("sortby")
        parameters.pop("sortorder", None)
    if fewer is not None and len(fewer) < len(data or ()):
        if not fewer:
            return None
        parameters["data"] = fewer
    elif not sorts:
        return None
    return replace(call, parameters=parameters)
