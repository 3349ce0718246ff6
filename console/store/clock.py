"""The time, as a function that tests can replace, and its spelling in the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


def spell(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds; texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
