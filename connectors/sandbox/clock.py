"""The sandbox's clock: real time plus what a test or a demonstration has advanced it by."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

LONGEST_ADVANCE = 100 * 365 * 86_400
"""At most this many seconds in all: far enough for every expiry, and ``datetime`` cannot overflow."""


class Clock:
    """Time as the partners see it; tokens expire and dates move by it, never by waiting."""

    def __init__(self) -> None:
        self._advanced = 0.0

    @property
    def advanced(self) -> float:
        """Seconds by which this clock is ahead of real time."""
        return self._advanced

    def now(self) -> datetime:
        """The partners' current moment in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._advanced)

    def monotonic(self) -> float:
        """Seconds that only grow, advances included; for expiries."""
        return time.monotonic() + self._advanced

    def advance(self, seconds: float) -> None:
        """Move time forward. ValueError when negative, not a number, or beyond a hundred years in all."""
        if not 0 <= seconds <= LONGEST_ADVANCE - self._advanced:
            raise ValueError(f"the clock only moves forward, by at most {LONGEST_ADVANCE} seconds in all")
        self._advanced += float(seconds)
