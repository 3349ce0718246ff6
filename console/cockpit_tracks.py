"""What the screens show of each use case: what it does, its plan, its last run; and lines of the feed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from console.names import fix_title
from console.store.runs import Run
from console.sync.events import Meter, Pauses, Progress, Waiting

if TYPE_CHECKING:
    from console.planner import Plan
    from console.syncer import RunResult

Place = tuple[str, str]
"""Partner key and use-case key."""


class Activity(StrEnum):
    """What a use case is doing."""

    IDLE = "idle"
    PLANNING = "planning"
    WRITING = "writing"


class Tone(StrEnum):
    """How a line of the feed is meant."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class FeedLine:
    """Something that happened; ``text`` is in the language in force and holds no personal data."""

    at: datetime
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(slots=True)
class Track:
    """One use case as it stands now."""

    place: Place
    partner: str  # the partner's name
    title: str
    direction: str
    activity: Activity = Activity.IDLE
    progress: Progress | None = None
    pauses: Pauses = field(default_factory=Pauses)
    meter: Meter = field(default_factory=Meter)
    plan: Plan | None = None
    last: Run | None = None
    result: RunResult | None = None
    error: tuple[str, ...] = ()
    impossible: str = ""  # why it is not possible with this ERP
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def shown_title(self) -> str:
        """The title; with a plan that mends a finding it says so."""
        return fix_title(self.title, self.plan.selection.fix if self.plan else "")

    @property
    def waiting(self) -> Waiting | None:
        """What is waited for just now, if anything is."""
        return self.pauses.current(time.monotonic())

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self.activity is not Activity.IDLE

    @property
    def age(self) -> float | None:
        """Seconds since the shown plan's data was read; None without a plan."""
        return None if self.plan is None else (datetime.now(UTC) - self.plan.read_at).total_seconds()
