"""A walk under way, as data: the chosen candidate, and which steps were seen when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.problems import Problem
from connectors.walks import Begun, Candidate, Seen, Step, Walk


class StepState(StrEnum):
    """How a step stands."""

    SEEN = "seen"
    NOW = "now"
    LATE = "late"  # it is its turn, for longer than it usually takes
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A step that was seen done. ``noticed`` is our clock's time of the first look that showed it."""

    seen: Seen
    noticed: datetime

    @property
    def at(self) -> datetime:
        """When it happened, by the other side's clock where that tells it."""
        return self.seen.at or self.noticed


@dataclass(frozen=True, slots=True)
class Journey:
    """One walk on one candidate; holds ids and addresses of homes, nothing personal."""

    candidate: Candidate
    begun: Begun
    sightings: tuple[Sighting, ...] = ()

    @property
    def seen(self) -> tuple[Seen, ...]:
        """The steps seen so far."""
        return tuple(sighting.seen for sighting in self.sightings)

    def sighting(self, step: str) -> Sighting | None:
        """When and how a step was seen, None before."""
        return next((one for one in self.sightings if one.seen.step == step), None)

    def current(self, walk: Walk) -> Step | None:
        """The first step that was not seen yet; None once all were."""
        return next((step for step in walk.steps if self.sighting(step.key) is None), None)

    def done(self, walk: Walk) -> int:
        """How many of its steps were seen."""
        return sum(self.sighting(step.key) is not None for step in walk.steps)

    def state(self, walk: Walk, step: Step, now: datetime) -> StepState:
        """How a step stands."""
        if self.sighting(step.key) is not None:
            return StepState.SEEN
        if step != self.current(walk):
            return StepState.LATER
        before = max((one.noticed for one in self.sightings), default=self.begun.at)
        late = step.usual_s is not None and now - before > timedelta(seconds=step.usual_s)
        return StepState.LATE if late else StepState.NOW

    def merged(self, found: Sequence[Seen], now: datetime) -> Journey:
        """The journey after a look. What was seen once stays seen; its first moment stays too."""
        former = {one.seen.step: one for one in self.sightings}
        for seen in found:
            before = former.get(seen.step)
            former[seen.step] = Sighting(seen, before.noticed if before else now)
        return replace(self, sightings=tuple(former.values()))


@dataclass(frozen=True, slots=True)
class Standing:
    """How following stands: when the last look succeeded, and what has kept the newest ones from it."""

    journey: Journey
    looked: datetime | None = None
    problem: Problem | None = None
    failed: int = 0
