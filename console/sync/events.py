"""What a running plan or sync tells whoever watches: small facts, never a widget, never a record's values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from connectors.contract import Outcome
from connectors.problems import Problem


class Stage(StrEnum):
    """Where a run is."""

    SETTLE = "settle"  # finding out what an interrupted run left behind
    SOURCE = "source"
    TARGET = "target"
    COMPARE = "compare"
    APPLY = "apply"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` records in a stage; total None while nobody knows."""

    stage: Stage
    done: int
    total: int | None = None
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next try starts in ``seconds``; sent anew all the time, so that it can be shown as a countdown."""

    seconds: float
    problem: Problem
    attempt: int


@dataclass(frozen=True, slots=True)
class Applied:
    """One change is through."""

    outcome: Outcome


FRESH_S = 1.0
"""Seconds for which a wait counts as under way after it was last told."""

SyncEvent = Progress | Waiting | Applied
Listener = Callable[[SyncEvent], None]


def deaf(event: SyncEvent) -> None:
    """A listener for those who do not care."""


class Pauses:
    """The longest wait under way, however much other calls get done meanwhile.

    Times are seconds of any monotonic clock. A wait that is not told any more is over.
    """

    def __init__(self) -> None:
        self._longest: Waiting | None = None
        self._heard = self._end = 0.0

    def add(self, now: float, event: Waiting) -> None:
        """Note a wait that is under way."""
        end = now + event.seconds
        if self.current(now) is None or end > self._end - FRESH_S:  # not the shorter wait of another call
            self._longest, self._heard, self._end = event, now, end

    def current(self, now: float) -> Waiting | None:
        """The wait to show now, with the seconds that are left; None when nothing is waited for."""
        if self._longest is None or now >= self._end or now - self._heard > FRESH_S:
            return None
        return replace(self._longest, seconds=self._end - now)


class Meter:
    """Rate and remaining time from progress, over a sliding window.

    Times are seconds of any monotonic clock, handed in so that a test needs no waiting.
    """

    def __init__(self, window: float = 20.0) -> None:
        self._window = window
        self._points: list[tuple[float, int]] = []

    def add(self, now: float, done: int) -> None:
        """Note that ``done`` records were through at ``now``."""
        if self._points and done < self._points[-1][1]:
            self._points.clear()
        self._points.append((now, done))
        while len(self._points) > 2 and now - self._points[0][0] > self._window:
            del self._points[0]

    def rate(self) -> float | None:
        """Records per second, or None before there is anything to measure."""
        if len(self._points) < 2:
            return None
        (start, first), (end, last) = self._points[0], self._points[-1]
        return (last - first) / (end - start) if end > start and last > first else None

    def remaining(self, done: int, total: int | None) -> float | None:
        """Seconds left at this rate, or None."""
        rate = self.rate()
        return None if total is None or rate is None else max(0, total - done) / rate
