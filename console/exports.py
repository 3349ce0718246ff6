"""Plans as CSV and XLSX that Excel opens as they are: one row per differing field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from connectors.contract import Action, Change, Value
from connectors.texts import render
from console.masking import mask_fields, masked
from console.planner import Plan
from console.sheets import Lines, print_lines, save_csv, save_xlsx
from console.store.plans import Row
from console.sync.plan import change

HEAD = ("action", "entity", "id", "field", "old", "new", "source", "rule", "reason")
REVIEW = "review"
"""The last column where records become visible to others: what a person must look at before that."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class View:
    """What of a plan is exported: the rows with these numbers in this order, None for all; personal data
    masked or in full."""

    numbers: Sequence[int] | None = None
    masked: bool = False


WHOLE = View()


def rows(plan: Plan, language: str, view: View = WHOLE) -> Iterator[tuple[str, ...]]:
    """One row per differing field; skips and deletes have one row each."""
    for row in _seen(plan, view.numbers):
        planned = change(row.planned, plan.codec)
        if view.masked:
            planned = replace(
                planned, fields=mask_fields(plan.codec.mappings[planned.entity], planned.fields)
            )
        for line in _rows(planned, language):
            yield (*line, _concerns(plan, planned, language)) if plan.job.use_case.review else line


def head(plan: Plan) -> tuple[str, ...]:
    """The names of the columns."""
    return (*HEAD, REVIEW) if plan.job.use_case.review else HEAD


def _concerns(plan: Plan, planned: Change, language: str) -> str:
    return "; ".join(render(text, language) for text in plan.review.get((planned.entity, planned.id), ()))


def review_rows(plan: Plan, language: str, view: View = WHOLE) -> Iterator[tuple[str, ...]]:
    """The list that somebody signs: names of the columns, then one row per record, with room to decide."""
    names = [f.name for mapping in plan.codec.mappings.values() for f in mapping.fields]
    yield ("action", "id", *names, "rule", "reason", REVIEW, "approved")
    for row in _seen(plan, view.numbers):
        planned = change(row.planned, plan.codec)
        held = planned.after or planned.before or {}
        if view.masked:
            personal = {f.name for f in plan.codec.mappings[planned.entity].fields if f.personal}
            held = {name: masked(value) if name in personal else value for name, value in held.items()}
        reason = render(planned.reason, language) if planned.reason else ""
        cells = [cell(held.get(name)) for name in names]
        concerns = _concerns(plan, planned, language)
        yield (planned.action.value, planned.id, *cells, planned.rule, reason, concerns, "")


def _seen(plan: Plan, numbers: Sequence[int] | None) -> Iterator[Row]:
    if numbers is None:
        yield from plan.store.rows()
        return
    for start in range(0, len(numbers), _BATCH):
        yield from plan.store.at(numbers[start : start + _BATCH])


def _rows(planned: Change, language: str) -> Iterator[tuple[str, ...]]:
    reason = render(planned.reason, language) if planned.reason else ""
    head = (planned.action.value, planned.entity, planned.id)
    if planned.action in (Action.SKIP, Action.DELETE):
        yield (*head, "", "", "", "", planned.rule, reason)
        return
    for f in planned.fields:
        yield (*head, f.name, cell(f.old), cell(f.new), f.source, f.rule, reason)


def cell(value: Value) -> str:
    """A value as German Excel reads it: 512,40 and 31.12.2026."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nein"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date():
            return f"{value:%d.%m.%Y}"
        case Decimal():
            return format(value, "f").replace(".", ",")
        case tuple():
            return ", ".join(value)
    return str(value)


def write_csv(plan: Plan, path: Path, language: str, view: View = WHOLE) -> int:
    """A CSV file that Excel opens. Returns the rows. Raises OSError."""
    return save_csv(path, head(plan), rows(plan, language, view))


def print_csv(plan: Plan, file: TextIO, language: str, view: View = WHOLE) -> int:
    """The same into an open file, which should leave line ends alone."""
    return print_lines(file, head(plan), rows(plan, language, view))


def write_xlsx(plan: Plan, path: Path, language: str, view: View = WHOLE) -> int:
    """A workbook. Returns the rows.

    Where records become visible to others, a second sheet is the list that somebody signs before.

    Raises OSError where it cannot be written, SheetFull when there are more rows than a sheet holds.
    """
    sheets: list[tuple[str, Sequence[str], Lines]] = [("Plan", head(plan), rows(plan, language, view))]
    if plan.job.use_case.review:
        listed = review_rows(plan, language, view)
        sheets.append(("Review", next(listed), listed))
    return save_xlsx(path, sheets)
