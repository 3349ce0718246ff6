"""Plans as CSV and XLSX that Excel opens as they are: one row per differing field."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from connectors.contract import Action, Change, Value
from connectors.texts import render
from console.masking import mask_fields, masked
from console.planner import Plan
from console.store.plans import Row
from console.sync.plan import change

HEAD = ("action", "entity", "id", "field", "old", "new", "source", "rule", "reason")
REVIEW = "review"
"""The last column where records become visible to others: what a person must look at before that."""
SHEET_ROWS = 1_048_576  # what Excel opens
CELL = 32_767
_BATCH = 500
_AMOUNT = re.compile(r"-\d+(,\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class SheetFull(Exception):
    """A plan has more rows than a sheet of a workbook holds."""


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
    """Semicolons, UTF-8 with BOM; cells that Excel would take for formulas are disarmed. Returns the rows."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        return print_csv(plan, file, language, view)


def print_csv(plan: Plan, file: TextIO, language: str, view: View = WHOLE) -> int:
    """The same into an open file, which should leave line ends alone."""
    count = 0
    writer = csv.writer(file, delimiter=";")
    writer.writerow(head(plan))
    for row in rows(plan, language, view):
        writer.writerow([disarmed(text) for text in row])
        count += 1
    return count


def disarmed(text: str) -> str:
    """A text that no spreadsheet runs as a formula; phone numbers and the like keep their look."""
    return f"'{text}" if text.startswith(_FORMULA) and not _AMOUNT.fullmatch(text) else text


def write_xlsx(plan: Plan, path: Path, language: str, view: View = WHOLE) -> int:
    """A sheet with frozen head and filter; every cell is text. Returns the rows.

    Where records become visible to others, a second sheet is the list that somebody signs before.

    Raises OSError where it cannot be written, SheetFull when there are more rows than a sheet holds.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    path.open("ab").close()  # before the work, not after it: the library creates the file at its end
    book = xlsxwriter.Workbook(str(path), options)
    count = _fill(book, "Plan", head(plan), rows(plan, language, view))
    if plan.job.use_case.review:
        listed = review_rows(plan, language, view)
        _fill(book, "Review", next(listed), listed)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(0, str(error)) from error
    return count


def _fill(book: Any, name: str, head: Sequence[str], lines: Iterable[tuple[str, ...]]) -> int:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, head, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(head) - 1, 18)
    count = 0
    for count, row in enumerate(lines, 1):
        if count >= SHEET_ROWS:
            raise SheetFull
        for column, text in enumerate(row):
            sheet.write_string(count, column, text if len(text) <= CELL else text[: CELL - 1] + "…")
    sheet.autofilter(0, 0, max(count, 1), len(head) - 1)
    return count
