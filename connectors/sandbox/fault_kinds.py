"""The kinds of faults and the options each of them takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """Everything that can be made to go wrong."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    LIMITED = "429"
    BROKEN = "500"
    UNAVAILABLE = "503"
    CUT = "cut"  # the connection ends before the request has any effect, without an answer
    CUT_AFTER = "cut-after"  # the request takes effect, then the connection ends: the duplicate trap
    TRUNCATE = "truncate"  # the request takes effect, its answer stops half way
    SLOW = "slow"  # the request takes effect, its answer comes late or byte by byte
    MALFORMED = "malformed"  # 200 with broken JSON
    HTML = "html"  # 200 with a web page, as a proxy in between would give
    RATE = "rate"  # another rate limit than the partner's own
    REWRITE = "rewrite"  # the server silently stores another value for a field
    REJECT = "reject"  # 422 for the ids of a glob
    FTP_REFUSE_DATA = "ftp-refuse-data"  # no data connection: 425, or a port on which nobody listens
    FTP_FULL = "ftp-full"  # 552 after some bytes of an upload
    FTP_CUT = "ftp-cut"  # both connections end after some bytes of an upload
    FTP_WRONG_SIZE = "ftp-wrong-size"  # an upload is answered 226 and stored short
    FTP_NO_RESULT = "ftp-no-result"  # a delivery lies there and nobody imports it
    FTP_SLOW = "ftp-slow"  # a command is carried out and answered late


STATUS_KINDS = frozenset(
    {
        FaultKind.UNAUTHORIZED,
        FaultKind.FORBIDDEN,
        FaultKind.LIMITED,
        FaultKind.BROKEN,
        FaultKind.UNAVAILABLE,
    }
)
FTP_KINDS = frozenset(kind for kind in FaultKind if kind.startswith("ftp-"))
"""Kinds of an FTP server beside a partner. A command is its method, as in the request log (``FTP STOR``); the
path is that of the file, ``/`` for a command without one."""

HOOK_KINDS = FTP_KINDS | {FaultKind.RATE, FaultKind.REWRITE, FaultKind.REJECT}
"""Kinds that do not answer in the partner's place; they are asked for by kind."""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    number = float(value)
    if not (math.isfinite(number) and 0 <= number <= 86_400):
        raise ValueError
    return number


def _positive(value: object) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError
    return number


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError
    number = int(value)
    if not 0 <= number <= 1_000_000_000:
        raise ValueError
    return number


def _from_one(value: object) -> int:
    number = _whole(value)
    if number < 1:
        raise ValueError
    return number


def _status(value: object) -> int:
    number = _whole(value)
    if not 200 <= number <= 599 or number in (204, 304):
        raise ValueError
    return number


def _flag(value: object) -> bool:
    words: dict[object, bool] = {
        True: True,
        False: False,
        "yes": True,
        "no": False,
        "true": True,
        "false": False,
    }
    if not isinstance(value, (bool, str)):
        raise TypeError
    if value not in words:
        raise ValueError
    return words[value]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    if not value:
        raise ValueError
    return value


def _scalar(value: object) -> str | int | float | bool | None:
    if not isinstance(value, (str, int, float, bool, type(None))):
        raise TypeError
    return value


@dataclass(frozen=True, slots=True)
class Option:
    """How one value is read (a ValueError, TypeError or OverflowError refuses it), and what is allowed."""

    read: Callable[[object], Any]
    allowed: str


_SECONDS = Option(_number, "seconds from 0 to 86400")
_PROCESSED = Option(_flag, "yes or no")
_BYTES = Option(_whole, "a whole number of bytes from 0")
COMMON: dict[str, Option] = {
    "path": Option(_text, "a glob such as /v1/tenants/*"),
    "method": Option(_text, "a method or glob such as PUT or *"),
    "after": Option(_whole, "a whole number from 0"),
    "count": Option(_from_one, "a whole number from 1"),
}
_STATUS_OPTIONS = {
    "retry_after": _SECONDS,
    "as_date": Option(_flag, "yes or no"),
    "processed": _PROCESSED,
}
OPTIONS: dict[FaultKind, dict[str, Option]] = {
    **dict.fromkeys(STATUS_KINDS, _STATUS_OPTIONS),
    FaultKind.CUT: {},
    FaultKind.CUT_AFTER: {},
    FaultKind.TRUNCATE: {"bytes": _BYTES},
    FaultKind.SLOW: {"delay": _SECONDS, "trickle": _SECONDS},
    FaultKind.MALFORMED: {"processed": _PROCESSED},
    FaultKind.HTML: {"status": Option(_status, "a status from 200 to 599"), "processed": _PROCESSED},
    FaultKind.RATE: {
        "per_second": Option(_positive, "requests per second above 0"),
        "burst": Option(_from_one, "a whole number from 1"),
    },
    FaultKind.REWRITE: {
        "field": Option(_text, "the name of a field"),
        "value": Option(_scalar, "a text, number, true, false or null"),
    },
    FaultKind.REJECT: {"id": Option(_text, "a glob over ids")},
    FaultKind.FTP_REFUSE_DATA: {"closed_port": Option(_flag, "yes or no")},
    FaultKind.FTP_FULL: {"bytes": _BYTES},
    FaultKind.FTP_CUT: {"bytes": _BYTES},
    FaultKind.FTP_WRONG_SIZE: {"bytes": Option(_from_one, "a whole number of bytes from 1")},
    FaultKind.FTP_NO_RESULT: {},
    FaultKind.FTP_SLOW: {"delay": _SECONDS},
}
REQUIRED: dict[FaultKind, tuple[str, ...]] = {
    FaultKind.RATE: ("per_second",),
    FaultKind.REWRITE: ("field", "value"),
    FaultKind.REJECT: ("id",),
}
