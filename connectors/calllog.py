"""The list of calls the console can show: what was asked, how it ended, how long it took; never a body."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt on the wire. ``path`` is masked and has no query; ``bytes`` is the answer's size.

    ``at`` is in UTC, ``status`` None where no answer came, ``problem`` the code of what went wrong.
    """

    at: datetime
    partner: str
    method: str
    path: str
    status: int | None
    ms: float
    bytes: int
    problem: str | None = None


class CallLog:
    """The last calls, oldest first; older ones fall out. ``on_call`` hears of each one and must not raise."""

    def __init__(self, size: int = 5_000, on_call: Callable[[Call], None] | None = None) -> None:
        self._calls: deque[Call] = deque(maxlen=size)
        self._total = 0
        self.on_call = on_call

    def add(self, call: Call) -> None:
        """Note one call and tell the subscriber."""
        self._calls.append(call)
        self._total += 1
        if self.on_call is not None:
            self.on_call(call)

    def calls(self) -> tuple[Call, ...]:
        """The calls kept, oldest first, as they are now."""
        return tuple(self._calls.copy())

    @property
    def total(self) -> int:
        """How many calls were ever noted, those that fell out included."""
        return self._total
