"""One cell of an export to one value: German numbers, German and ISO dates, yes and no. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from connectors.erp import vocabulary
from connectors.erp.files_read import Cell

_NUMBER = re.compile(r"([+-]?)([1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,(\d+))?", re.ASCII)
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})( 00:00(:00)?)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})([T ]00:00(:00)?)?", re.ASCII)
_INTEGER = re.compile(r"\d{1,9}", re.ASCII)
_PARTS = re.compile(r"\||\r\n|\n|\r")
_NOISE = Decimal("0.000001")
"""What a worksheet's binary numbers may be off before digits count as really there."""


class BadCell(ValueError):
    """A cell that cannot be read as what its column holds; says nothing about its content."""


def text(cell: Cell) -> str | None:
    """A text as it stands, outer blanks included; None where there is nothing but blanks."""
    if isinstance(cell, bool | date):  # Excel made something else of it: what stood there is lost
        raise BadCell("no text")
    if isinstance(cell, Decimal):
        whole = cell.to_integral_value()
        return format(whole if cell == whole else cell, "f")
    return cell if cell.strip() else None


def number_text(cell: Cell) -> str:
    """A number that identifies something (leading zeros matter), without outer blanks; "" where empty."""
    return (text(cell) or "").strip()


def texts(cell: Cell) -> tuple[str, ...]:
    """Several values parted by | or line breaks."""
    return tuple(part.strip() for part in _PARTS.split(text(cell) or "") if part.strip())


def decimal(places: int) -> Callable[[Cell], Decimal | None]:
    """A parser for German numbers, ``1.234,50``: at most ``places`` places, dots between thousands only."""
    unit = Decimal(1).scaleb(-places)

    def parse(cell: Cell) -> Decimal | None:
        if isinstance(cell, bool | date):
            raise BadCell("no number")
        if isinstance(cell, str):
            stripped = cell.strip()
            if not stripped:
                return None
            value = _german(stripped)
            allowed = Decimal(0)
        else:
            value, allowed = cell, _NOISE
        try:
            rounded = value.quantize(unit)
        except InvalidOperation:
            raise BadCell("number too large") from None
        if abs(rounded - value) > allowed:
            raise BadCell("too many places")
        return rounded

    return parse


def _german(stripped: str) -> Decimal:
    match = _NUMBER.fullmatch(stripped)
    if not match:
        raise BadCell("no number")
    sign, whole, fraction = match.groups()
    return Decimal(f"{sign}{whole.replace('.', '')}.{fraction or '0'}")


def integer(cell: Cell) -> int | None:
    """A whole number of digits only."""
    if isinstance(cell, Decimal) and cell != cell.to_integral_value():
        raise BadCell("no whole number")
    stripped = number_text(cell)
    if not stripped:
        return None
    if not _INTEGER.fullmatch(stripped):
        raise BadCell("no whole number")
    return int(stripped)


def day(cell: Cell) -> date | None:
    """A day: ``31.12.2025`` or ``2025-12-31``, or a worksheet's own."""
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        raise BadCell("no date")  # a bare number of Excel days means nothing without its base year
    stripped = cell.strip()
    if not stripped:
        return None
    if match := _GERMAN.fullmatch(stripped):
        return _date(match[3], match[2], match[1])
    if match := _ISO.fullmatch(stripped):
        return _date(match[1], match[2], match[3])
    raise BadCell("no date")


def _date(year: str, month: str, number: str) -> date:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise BadCell("no such day") from None


def boolean(cell: Cell) -> bool | None:
    """Ja or nein, or a worksheet's own truth value."""
    if isinstance(cell, bool):
        return cell
    stripped = number_text(cell)
    if not stripped:
        return None
    found = vocabulary.boolean(stripped)
    if found is None:
        raise BadCell("neither yes nor no")
    return found
