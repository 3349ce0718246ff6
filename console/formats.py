"""Numbers, dates and durations as people read them, in the language in force."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime as DateTime
from decimal import Decimal

from console.i18n import language

_GERMAN = str.maketrans({",": ".", ".": ","})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: float | Decimal, decimals: int | None = None) -> str:
    """``1.234,5`` or ``1,234.5``; as many decimals as asked, else as needed, at most three."""
    text = f"{Decimal(str(value)):,.{3 if decimals is None else decimals}f}"
    if decimals is None:
        text = text.rstrip("0").rstrip(".")
    if not text.strip("-0.,"):
        text = text.removeprefix("-")
    return text.translate(_GERMAN) if language() == "de" else text


def count(value: int) -> str:
    """A whole number with its thousands apart: ``12.408`` or ``12,408``."""
    return number(value, 0)


def size(octets: int) -> str:
    """A file's size: ``512 B``, ``12 kB``, ``1,4 MB``."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 1_000_000:
        return f"{number(octets / 1000, 0)} kB"
    return f"{number(octets / 1_000_000, 1)} MB"


def percent(share: float, decimals: int = 0) -> str:
    """A share of 1: 0.61 is ``61 %`` (with a no-break space) or ``61%``."""
    text = number(Decimal(str(share)) * 100, decimals)
    return f"{text}\N{NO-BREAK SPACE}%" if language() == "de" else f"{text}%"


def duration(seconds: float) -> str:
    """Minutes and seconds as a clock shows them: ``0:12``, ``12:03``, ``1:02:03``."""
    minutes, second = divmod(max(0, round(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def date(value: Date) -> str:
    """``22.11.2026`` or ``22 Nov 2026``."""
    if language() == "de":
        return f"{value.day:02}.{value.month:02}.{value.year:04}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year:04}"


def datetime(value: DateTime) -> str:
    """Day and minute; a value that knows its time zone is shown in the local one."""
    local = value.astimezone() if value.tzinfo else value
    return f"{date(local)}, {local.hour:02}:{local.minute:02}"
