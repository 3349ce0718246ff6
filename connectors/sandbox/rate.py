"""Token buckets, one per account, by the real clock: a rate limit is not passed by advancing the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

MOST_BUCKETS = 1_000


class Buckets:
    """Grants ``burst`` requests at once and ``per_second`` after that, per key."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable, per_second: float, burst: int) -> float:
        """Take one token: 0 when granted, otherwise the seconds until there is one (none is taken)."""
        now = self._seconds()
        level, at = self._levels.get(key, (float(burst), now))
        level = min(float(burst), level + (now - at) * per_second)
        granted = level >= 1
        if key not in self._levels and len(self._levels) >= MOST_BUCKETS:
            del self._levels[next(iter(self._levels))]
        self._levels[key] = (level - 1 if granted else level, now)
        return 0.0 if granted else (1 - level) / per_second
