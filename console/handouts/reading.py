"""A workbook that came back, as cells with their places. The file is somebody else's: bounded in every way,
nothing in it is evaluated, and what is no workbook of ours is refused with a sentence."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.erp.files_read import BROKEN
from connectors.openimmo.archive import Bounds, opened
from connectors.problems import Failure
from connectors.texts import meaning
from console.errors import ConsoleError
from console.handouts.columns import Column, known_headings
from console.handouts.keys import MARK, Key, read
from console.i18n import _, language
from console.os_words import os_words

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is looked at."""

BOUNDS = Bounds(members=500, directory=1024 * 1024, total=100 * 1024 * 1024)
SHEETS, ROWS, COLUMNS = 40, 20_000, 40
"""As much of a workbook as is looked at; ours are far smaller."""

_DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))

Raw = str | date | Decimal | bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell and where: ``IT!F8``. ``odd``: a formula or an error of the spreadsheet, whose
    text stands for it."""

    place: str
    value: Raw = field(default="", repr=False)
    odd: bool = False

    @property
    def text(self) -> str:
        """As people read it; "" where nothing is."""
        return str(self.value).strip()


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its key; ``key`` None = it was meddled with."""

    place: str
    key: Key | None
    cells: Mapping[Column, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of ours. ``missing`` are the columns that somebody took out."""

    name: str
    rows: tuple[Row, ...]
    missing: tuple[Column, ...] = ()


def sheets(path: Path) -> tuple[Sheet, ...]:
    """The sheets of ours in a file. Blocks. Raises ConsoleError for a file that is none, or too large."""
    try:
        if path.stat().st_size > LARGEST:
            raise ConsoleError(_("{file} is too large for a workbook of open points.").format(file=path.name))
        _bounded(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Excel adds for itself would be told across the screen
            found = tuple(_sheets(path))
    except Failure as failure:
        raise _unusable(path, meaning(failure.problem, language())) from None
    except OSError as error:
        raise _unusable(path, os_words(error)) from None
    except BROKEN as error:
        raise _unusable(path, type(error).__name__) from None
    if not found:
        raise ConsoleError(
            _("{file} holds no open points: it was not made by Einzug, or the hidden column is gone.").format(
                file=path.name
            ),
            _("Ask for the workbook that was sent back, or hand the points out again."),
        )
    return found


def _unusable(path: Path, why: str) -> ConsoleError:
    text = _("{file} cannot be read as a workbook: {why}")
    return ConsoleError(
        text.format(file=path.name, why=why), _("Open it in Excel or LibreOffice and save it as .xlsx.")
    )


def _bounded(path: Path) -> None:
    """Refuse archives that unpack to too much, and XML with entities of its own. Raises Failure."""
    with opened(path, BOUNDS) as archive:
        for member in archive.members:
            tail = b""
            for piece in archive.pieces(member):
                if any(sign in tail + piece for sign in _DOCTYPE):
                    raise ValueError("DOCTYPE")
                tail = piece[-32:]


def _sheets(path: Path) -> Iterator[Sheet]:
    from openpyxl import load_workbook

    # data_only would give what a spreadsheet has calculated; a formula is the text that somebody typed.
    with closing(load_workbook(path, read_only=True, data_only=False, keep_links=False)) as book:
        for sheet in book.worksheets[:SHEETS]:
            sheet.reset_dimensions()
            lines = sheet.iter_rows(max_row=ROWS, max_col=COLUMNS)
            if (found := _sheet(sheet.title, lines)) is not None:
                yield found


def _sheet(name: str, lines: Iterator[Sequence[Any]]) -> Sheet | None:
    """The rows of ours; None for a sheet without any."""
    rows: list[Row] = []
    columns: dict[Column, int] = {}
    waiting: list[tuple[str, str, Sequence[Any]]] = []  # the sheet's head, above the headings
    for line, cells in enumerate(lines, 1):
        text = next((c.value for c in cells if isinstance(c.value, str) and MARK in c.value[:20]), None)
        if not columns:
            columns = _headings(cells)
            if columns:
                rows += [_row(name, place, key, held, columns) for place, key, held in waiting]
            elif text is not None:
                waiting.append((f"{name}!{line}", text, cells))
        elif text is not None:
            rows.append(_row(name, f"{name}!{line}", text, cells, columns))
    if not rows:
        return None
    return Sheet(name, tuple(rows), tuple(column for column in Column if column not in columns))


def _headings(cells: Sequence[Any]) -> dict[Column, int]:
    """Where each column stands; {} for a row that holds no headings."""
    known = known_headings()
    found = {known[c.value.strip()]: at for at, c in enumerate(cells)
             if isinstance(c.value, str) and c.value.strip() in known}  # fmt: skip
    return found if {Column.KEY, Column.QUESTION} <= found.keys() else {}


def _row(name: str, place: str, key: str, cells: Sequence[Any], columns: Mapping[Column, int]) -> Row:
    found = {
        column: _cell(name, cells[at])
        for column, at in columns.items()
        if at < len(cells) and cells[at].value is not None
    }
    return Row(place, read(key), found)


def _cell(name: str, cell: Any) -> Cell:
    place = f"{name}!{cell.coordinate}"
    value, odd = cell.value, cell.data_type in ("f", "e")
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, bool | date) or (isinstance(value, str) and not odd):
        return Cell(place, value)
    if isinstance(value, int | float) and not odd:
        number = Decimal(str(value))
        return Cell(place, number) if number.is_finite() else Cell(place, str(value), odd=True)
    return Cell(place, str(value), odd)
