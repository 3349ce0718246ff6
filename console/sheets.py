"""Tables as CSV and XLSX that Excel opens as they are; nothing in them is run as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from console.errors import ConsoleError
from console.i18n import _
from console.os_words import os_words

SHEET_ROWS = 1_048_576  # what Excel opens
CELL = 32_767
_AMOUNT = re.compile(r"-\d+(,\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Lines = Iterable[Sequence[str]]
"""The rows of a table, below its head."""


class SheetFull(Exception):
    """There are more rows than a sheet of a workbook holds."""


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Around a file that a command writes. Raises ConsoleError where it cannot be written."""
    try:
        yield
    except OSError as error:
        why = os_words(error)
        raise ConsoleError(
            _("{path} cannot be written: {why}.").format(path=path, why=why),
            _("Close it where it is open, or choose another place."),
        ) from error
    except SheetFull as error:
        raise ConsoleError(_("The plan has more rows than a workbook holds."), _("Use --csv.")) from error


def disarmed(text: str) -> str:
    """A text that no spreadsheet runs as a formula; phone numbers and the like keep their look."""
    return f"'{text}" if text.startswith(_FORMULA) and not _AMOUNT.fullmatch(text) else text


def save_csv(path: Path, head: Sequence[str], lines: Lines) -> int:
    """Semicolons, UTF-8 with BOM. Returns the rows. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        return print_lines(file, head, lines)


def print_lines(file: TextIO, head: Sequence[str], lines: Lines) -> int:
    """The same into an open file, which should leave line ends alone."""
    count = 0
    writer = csv.writer(file, delimiter=";")
    writer.writerow(head)
    for line in lines:
        writer.writerow([disarmed(text) for text in line])
        count += 1
    return count


def save_xlsx(path: Path, sheets: Sequence[tuple[str, Sequence[str], Lines]]) -> int:
    """Sheets (name, head, rows) with frozen head and filter, every cell text. Returns the first one's rows.

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
    counts = [_fill(book, *sheet) for sheet in sheets]
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(0, str(error)) from error
    return counts[0]


def _fill(book: Any, name: str, head: Sequence[str], lines: Lines) -> int:
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
