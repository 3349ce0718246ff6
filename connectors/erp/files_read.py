"""From an export on disk to rows of cells: encoding, delimiter, line numbers, worksheets. Knows no entity."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError

from connectors.erp.layout import plain
from connectors.problems import Failure, Owner, Problem, Trouble

Cell = str | date | Decimal | bool
"""CSV gives texts only; a worksheet real days, numbers and truth values too. An empty cell is ""."""

SUFFIXES = (".csv", ".xlsx")
_CHUNK = 1 << 16
BROKEN = (
    BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, SyntaxError,
    NotImplementedError, ZlibError, ArithmeticError, AssertionError,
)  # fmt: skip
"""In how many ways a damaged workbook shows in openpyxl, zipfile and the XML parser."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins at (the number Excel or an editor shows) and its cells."""

    line: int
    cells: Sequence[Cell]
    ragged: bool = False  # worksheets leave empty cells at the end out


def complaint(code: str, *place: str | int, excerpt: str = "") -> Problem:
    """A problem of an export; ``place`` is file, line, heading as far as known."""
    where = ":".join(str(part) for part in place)
    return Problem(code, Trouble.SOURCE, Owner.CUSTOMER, where=where, excerpt=excerpt)


def find(folder: Path, stem: str) -> Path | None:
    """The export with this stem, or None. Raises Failure ``erp.two_files`` where there are several.

    Case and the spelling of umlauts do not matter, for file systems treat them differently.
    """
    try:
        hits = sorted(
            p
            for p in folder.iterdir()
            if p.suffix.lower() in SUFFIXES and plain(p.stem) == plain(stem) and p.is_file()
        )
    except FileNotFoundError:
        raise Failure(_no_folder("erp.no_folder", folder)) from None
    except OSError:
        raise Failure(_no_folder("erp.folder_unreadable", folder)) from None
    if len(hits) > 1:
        raise Failure(complaint("erp.two_files", hits[0].name))
    return hits[0] if hits else None


def _no_folder(code: str, folder: Path) -> Problem:
    return Problem(code, Trouble.CONFIG, Owner.CONSULTANT, where=str(folder))


@contextmanager
def rows(path: Path, headings: Iterable[str]) -> Iterator[Iterator[Row]]:
    """The rows of an export, its headings first; empty rows are left out.

    ``headings`` are those looked for: they decide which delimiter a CSV uses. Raises Failure for a file that
    is no CSV or XLSX, is being written, or cannot be opened.
    """
    reader = _worksheet(path) if path.suffix.lower() == ".xlsx" else _csv(path, headings)
    try:
        yield reader
    except OSError:
        raise Failure(complaint("erp.file_unreadable", path.name)) from None
    finally:
        reader.close()


def encoding(path: Path) -> str:
    """``utf-8-sig`` where the whole file decodes as UTF-8, else ``cp1252``. Raises Failure for neither."""
    for name in ("utf-8-sig", "cp1252"):
        if _decodes(path, name):
            return name
    raise Failure(complaint("erp.bad_encoding", path.name))


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if b"\0" in chunk:  # UTF-16, or no text at all
                    return False
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def delimiter(header: str, headings: Iterable[str]) -> str:
    """Semicolon or comma: the one that parts the heading line into more of the headings looked for."""
    wanted = {plain(h) for h in headings}

    def hits(sign: str) -> int:
        return sum(plain(cell) in wanted for cell in next(csv.reader([header], delimiter=sign), []))

    return "," if hits(",") > hits(";") else ";"


def _csv(path: Path, headings: Iterable[str]) -> Generator[Row, None, None]:
    line = 1
    try:
        with path.open(encoding=encoding(path), newline="") as file:
            sign = delimiter(file.readline(), headings)
            file.seek(0)
            reader = csv.reader(file, delimiter=sign, strict=True)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield Row(line, cells)
                line = reader.line_num + 1
    except UnicodeDecodeError:  # it changed after its encoding was found
        raise Failure(complaint("erp.bad_encoding", path.name)) from None
    except csv.Error:
        raise Failure(complaint("erp.bad_csv", path.name, line)) from None


def _worksheet(path: Path) -> Generator[Row, None, None]:
    """The first worksheet. openpyxl lets through whatever its parsers raise."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (*BROKEN, InvalidFileException)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except broken:
        raise Failure(complaint("erp.bad_xlsx", path.name)) from None
    line = 0
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # exporters write wrong ones
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_cell(value) for value in values]
            while cells and not str(cells[-1]).strip():
                cells.pop()
            if cells:
                yield Row(line, cells, ragged=True)
    except broken:
        raise Failure(complaint("erp.bad_xlsx", path.name, line + 1)) from None
    finally:
        book.close()


def _cell(value: Any) -> Cell:
    """A value of openpyxl as a Cell; a day with a time of day other than midnight stays visible as text."""
    if value is None:
        return ""
    if isinstance(value, bool | date) and not isinstance(value, datetime):
        return value
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value.isoformat()
    if isinstance(value, int | float) and isfinite(value):
        return Decimal(str(value))
    return str(value)
