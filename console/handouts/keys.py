"""What a row of the workbook belongs to, as the text of a hidden cell that tells whether it was meddled
with. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass

from checklists.model import Item
from console.store.said import Answer

MARK = "einzug-1"
"""What the hidden cell begins with; another number would be another form."""

_DIGITS = 12
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Key:
    """A row's place. ``item`` "" = the head of a sheet, whose ``field`` is the desk.

    ``version`` is the moment of the word in force when the row was written, "" before the first; ``form``
    changes when the question does; ``due`` is the day that was put into the row.
    """

    customer: str
    item: str
    field: str = ""
    choice: str = ""
    version: str = ""
    form: str = ""
    due: str = ""


def spelled(key: Key) -> str:
    """The text of the hidden cell."""
    values = [*astuple(key)]
    return json.dumps([MARK, _check(values), *values], ensure_ascii=True)


def read(text: str) -> Key | None:
    """The key in such a text; None where it is none, or was changed."""
    if not text.startswith(f'["{MARK}"') or len(text) > _LONGEST:
        return None
    try:
        _mark, check, *values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if len(values) != 7 or not all(isinstance(one, str) for one in values) or check != _check(values):
        return None
    return Key(*values)


def form_of(item: Item) -> str:
    """Changes when a question asks for something else; a better wording of why and how changes nothing."""
    fields = [[one.key, one.kind.value, [choice.key for choice in one.choices]] for one in item.fields]
    return _digest([item.title.de, item.title.en, fields])


def version_of(answer: Answer | None) -> str:
    """Which word on an item this is."""
    return answer.at.isoformat() if answer is not None else ""


def _check(values: list[str]) -> str:
    return _digest(values)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode("ascii")).hexdigest()[:_DIGITS]
