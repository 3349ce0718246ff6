"""How OpenImmo spells numbers, truth values and days, and what a spelling stands for."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from connectors.openimmo.schema import Holds, Kind

Scalar = bool | int | Decimal | date | datetime | str
"""What a leaf or an attribute may be given and gives back."""

_BLANKS = " \t\n\r"
_DECIMAL = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,11}", re.ASCII)
_FLOAT = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
_ZONE = r"(Z|[+-]\d\d:\d\d)?"
_DATE = re.compile(rf"(\d{{4}}-\d\d-\d\d){_ZONE}", re.ASCII)
_MOMENT = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?{_ZONE}", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*(=\s*){0,2}", re.ASCII)
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPES: dict[Kind, type] = {
    Kind.INTEGER: int, Kind.POSITIVE: int, Kind.BOOLEAN: bool, Kind.MOMENT: datetime, Kind.DATE: date,
}  # fmt: skip
_LARGEST = 2**31
_LONGEST = 30


class NotSpelled(ValueError):
    """A value that its place cannot hold. Says nothing of the value itself."""


def clean(text: str) -> str:
    """Text that XML can carry and gives back unchanged: NFC, line feeds only, no characters it forbids."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", plain))


def spell(value: Scalar, holds: Holds) -> str:
    """The spelling of a value for its place. Raises NotSpelled where the value does not belong there."""
    kind = holds.kind
    if kind in (Kind.DECIMAL, Kind.FLOAT):
        return _number(value)
    wanted = _TYPES.get(kind)
    if wanted is not None:
        if type(value) is not wanted:
            raise NotSpelled(f"{type(value).__name__} is no {kind}")
        return _checked(_plain(value), holds)
    if kind is Kind.NOTHING:
        raise NotSpelled("holds attributes only")
    return _checked(clean(_plain(value)), holds)


def _number(value: Scalar) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise NotSpelled(f"{type(value).__name__} is no number")
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
        raise NotSpelled("no finite number of a sensible size")
    return format(number if number else abs(number), "f")


def _plain(value: Scalar) -> str:
    """A value as a text, where a text is wanted (``baujahr``, ``user_defined_simplefield``)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _checked(text: str, holds: Holds) -> str:
    parse(text, holds)
    return text


def parse(text: str, holds: Holds) -> Scalar:
    """What a spelling stands for; texts keep their blanks. Raises NotSpelled."""
    kind = holds.kind
    if kind in (Kind.TEXT, Kind.NOTHING):
        return text
    if kind is Kind.CONTACT:
        return _contact(text)
    if kind is Kind.WORDS:
        return _word(text, holds.words)
    if kind is Kind.BASE64:
        return _matching(_BASE64, text)
    bare = text.strip(_BLANKS)
    if kind is Kind.BOOLEAN:
        return _boolean(bare)
    if kind in (Kind.INTEGER, Kind.POSITIVE):
        return _integer(bare, positive=kind is Kind.POSITIVE)
    if kind is Kind.DECIMAL:
        return Decimal(_matching(_DECIMAL, bare))
    if kind is Kind.FLOAT:
        return Decimal(_matching(_FLOAT, bare))
    if kind is Kind.CODE:
        return _matching(_CODE, bare)
    return _time(bare, kind)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise NotSpelled
    return text


def _contact(text: str) -> str:
    if not text.strip(_BLANKS):
        raise NotSpelled
    return text


def _word(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise NotSpelled
    return text


def _boolean(text: str) -> bool:
    if text not in _TRUTH:
        raise NotSpelled
    return _TRUTH[text]


def _integer(text: str, *, positive: bool) -> int:
    number = int(_matching(_INTEGER, text))
    if not -_LARGEST <= number < _LARGEST or (positive and number < 1):
        raise NotSpelled
    return number


def _time(text: str, kind: Kind) -> date | datetime:
    pattern = _DATE if kind is Kind.DATE else _MOMENT
    found = pattern.fullmatch(text)
    if not found:
        raise NotSpelled
    try:
        return date.fromisoformat(found[1]) if kind is Kind.DATE else datetime.fromisoformat(text)
    except ValueError:  # 2025-02-30
        raise NotSpelled from None
