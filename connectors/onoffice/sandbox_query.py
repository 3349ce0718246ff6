"""How the onOffice sandbox filters, sorts and cuts a list; every condition is linked with AND."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from connectors.onoffice.sandbox_refused import Refused

R = TypeVar("R")
Cell = str | list[str]

LARGEST = 500
_MULTI = frozenset({"=", "!=", "like", "not like", "in", "not in"})
_SAME = {"is": "=", "<>": "!="}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """What can be asked of one kind of record: names, its several-valued ones, and the value of a cell.

    ``by_text`` and ``by_map`` say which form of sorting has an effect.
    """

    names: frozenset[str]
    cell: Callable[[R, str], Cell]
    several: frozenset[str] = frozenset()
    no_filter: frozenset[str] = frozenset()
    by_text: bool = True
    by_map: bool = True


def chosen(rows: Iterable[R], parameters: Mapping[str, Any], table: Table[R]) -> list[R]:
    """The rows that a filter leaves, in the order that was asked for. Raises Refused."""
    tests = list(_tests(parameters.get("filter") or {}, table))
    found = [row for row in rows if all(test(row) for test in tests)]
    for name, order in reversed(_sorting(parameters, table)):
        found.sort(key=lambda row: _rank(table.cell(row, name)), reverse=order.upper() == "DESC")
    return found


def cut(
    rows: Sequence[R], parameters: Mapping[str, Any], *, clamp: bool, offset: str = "listoffset"
) -> list[R]:
    """The page that was asked for: 20 rows where nothing is said, 500 at most. Raises Refused."""
    limit = whole(parameters.get("listlimit", 20), "listlimit")
    if limit > LARGEST and not clamp:
        raise Refused(255, "listlimit")
    start = whole(parameters.get(offset, 0), offset)
    return list(rows[start : start + min(limit, LARGEST)])


def whole(value: Any, name: str) -> int:
    """A whole number from 0, also as a text. Raises Refused."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused(255, name)
    return int(text)


def _tests(conditions: Any, table: Table[R]) -> Iterable[Callable[[R], bool]]:
    if not isinstance(conditions, dict):
        if conditions:
            raise Refused(257, "filter")
        return
    for name, expressions in conditions.items():
        if name not in table.names:
            raise Refused(141, name)
        if name in table.no_filter or not isinstance(expressions, list):
            raise Refused(257, name)
        for expression in expressions:
            yield _test(name, expression, table)


def _test(name: str, expression: Any, table: Table[R]) -> Callable[[R], bool]:
    if not isinstance(expression, dict) or "val" not in expression:
        raise Refused(257, name)
    word = str(expression.get("op", "")).lower()
    op, wanted = _SAME.get(word, word), expression["val"]
    if name in table.several and op not in _MULTI:
        raise Refused(232)
    judge = _JUDGES.get(op)
    if judge is None:
        raise Refused(142, op)
    if op in ("in", "not in", "between") and not isinstance(wanted, list):
        raise Refused(257, name)

    def holds(row: R) -> bool:
        cell = table.cell(row, name)
        values = cell if isinstance(cell, list) else [cell]
        if op in ("!=", "not like", "not in"):
            return all(judge(value, wanted) for value in values)
        return any(judge(value, wanted) for value in values)

    return holds


def _sorting(parameters: Mapping[str, Any], table: Table[R]) -> list[tuple[str, str]]:
    by = parameters.get("sortby")
    if isinstance(by, dict):
        pairs = [(str(name), str(order)) for name, order in by.items()] if table.by_map else []
    elif by:
        pairs = [(str(by), str(parameters.get("sortorder", "ASC")))] if table.by_text else []
    else:
        pairs = []
    for name, _ in pairs:
        if name not in table.names:
            raise Refused(141, name)
    return pairs


def _rank(cell: Cell) -> tuple[int, float, str]:
    text = cell[0] if isinstance(cell, list) and cell else str(cell or "")
    return (0, float(text), "") if _NUMBER.fullmatch(text) else (1, 0.0, text)


def _compared(cell: str, wanted: Any, sign: Callable[[Any, Any], bool]) -> bool:
    text = str(wanted)
    if _NUMBER.fullmatch(cell) and _NUMBER.fullmatch(text):
        return sign(float(cell), float(text))
    return sign(cell, text)


def _like(cell: str, wanted: Any) -> bool:
    pattern = re.sub(r"([*?\[])", r"[\1]", str(wanted)).replace("%", "*")
    return fnmatch.fnmatchcase(cell.casefold(), pattern.casefold())


def _equal(cell: str, wanted: Any) -> bool:
    return _compared(cell, wanted, lambda a, b: a == b)


_JUDGES: Mapping[str, Callable[[str, Any], bool]] = {
    "=": _equal,
    "!=": lambda cell, wanted: not _equal(cell, wanted),
    ">": lambda cell, wanted: _compared(cell, wanted, lambda a, b: a > b),
    "<": lambda cell, wanted: _compared(cell, wanted, lambda a, b: a < b),
    ">=": lambda cell, wanted: _compared(cell, wanted, lambda a, b: a >= b),
    "<=": lambda cell, wanted: _compared(cell, wanted, lambda a, b: a <= b),
    "between": lambda cell, wanted: (
        len(wanted) == 2
        and _compared(cell, wanted[0], lambda a, b: a >= b)
        and _compared(cell, wanted[1], lambda a, b: a <= b)
    ),
    "like": _like,
    "not like": lambda cell, wanted: not _like(cell, wanted),
    "in": lambda cell, wanted: any(_equal(cell, one) for one in wanted),
    "not in": lambda cell, wanted: not any(_equal(cell, one) for one in wanted),
}
