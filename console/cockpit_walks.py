"""The guided walks as the screens see them: which there are, how each stands, and what can be done with it.

Like the cockpit's, its coroutines are run by workers and never raise for what a user can mend.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from connectors.problems import Failure
from connectors.texts import render
from connectors.walks import Candidate, Step
from console.cockpit_words import told
from console.cockpit_work import at_work
from console.errors import ConsoleError
from console.i18n import _, language
from console.store.errors import StoreError
from console.walks import words
from console.walks.follow import Pause
from console.walks.guide import Guide, guides
from console.walks.journey import Standing
from console.workspace import Workspace

Place = tuple[str, str]


@dataclass(slots=True)
class Trail:
    """One walk as it stands now. ``candidates`` None = not asked for yet."""

    guide: Guide
    standing: Standing | None = None
    candidates: tuple[Candidate, ...] | None = None
    error: tuple[str, ...] = ()
    following: bool = False
    busy: bool = False  # candidates are being read, a walk begins, or the sandbox plays
    round: int = 0  # counts the walks: a follower of an earlier one is not heard any more
    pause: Pause = field(default_factory=Pause)

    @property
    def step(self) -> Step | None:
        """The step whose turn it is."""
        return None if self.standing is None else self.standing.journey.current(self.guide.walk)

    @property
    def done(self) -> bool:
        """Whether every step was seen."""
        return self.standing is not None and self.step is None

    @property
    def title(self) -> str:
        """The walk's name."""
        return words.title(self.guide.partner, self.guide.walk)

    @property
    def brief(self) -> str:
        """How far it got; "" where none is under way."""
        if self.standing is None:
            return ""
        return words.brief(self.guide.partner, self.guide.walk, self.standing.journey)


class Walks:
    """The walks of an opened customer, by the use case they belong to."""

    def __init__(self, workspace: Workspace, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        self.trails = {place: Trail(guide) for place, guide in guides(workspace).items()}
        self._changed = changed
        self._say = say

    def brief(self, place: Place) -> str:
        """How far the walk of a use case got; "" where none is under way."""
        trail = self.trails.get(place)
        return trail.brief if trail is not None else ""

    def why_not(self, place: Place) -> str | None:
        """Why a use case has no walk to make; None where it has."""
        return None if place in self.trails else _("There is no guided test of this use case.")

    def load(self) -> None:
        """Show what was begun before this start; it is followed once it is opened. Blocks briefly.

        Raises StoreError.
        """
        for trail in self.trails.values():
            journey = None if trail.standing else trail.guide.kept_blocking()
            if journey is not None:
                trail.standing = Standing(journey)
        self._changed()

    async def offer(self, place: Place) -> None:
        """Read what the walk can be made on."""
        trail = self.trails[place]
        async with at_work(trail, self._changed):
            trail.candidates = None
            trail.candidates = tuple(await trail.guide.candidates())

    async def begin(self, place: Place, candidate: Candidate) -> None:
        """Begin the walk and follow it to its end."""
        trail = self.trails[place]
        async with at_work(trail, self._changed):
            trail.standing = Standing(await trail.guide.begin(candidate))
        if trail.standing is not None and not trail.error:
            await self.follow(place)

    async def follow(self, place: Place) -> None:
        """Follow what was begun until it is done or given up; nothing happens while it is followed."""
        trail = self.trails[place]
        if trail.standing is None or trail.following or trail.done:
            return
        trail.following, trail.error = True, ()
        round_, pause = trail.round, trail.pause

        async def heard(now: Standing) -> None:
            if trail.round != round_:
                raise _Enough
            self._heard(trail, now)

        async def wait(seconds: float) -> None:
            await pause(seconds)
            if trail.round != round_:
                raise _Enough

        try:
            with suppress(_Enough):
                await trail.guide.follow(trail.standing, heard, wait)
        except (ConsoleError, Failure, StoreError) as error:
            if trail.round == round_:
                trail.error = told(error)
                self._say(f"{trail.title}: {' '.join(trail.error)}")
        finally:
            if trail.round == round_:
                trail.following = False
            self._changed()

    async def play(self, place: Place) -> None:
        """Let the practice sandbox do the current step."""
        trail = self.trails[place]
        if trail.standing is None:
            return
        async with at_work(trail, self._changed):
            await trail.guide.play(trail.standing.journey)
        trail.pause.cut()

    async def give_up(self, place: Place) -> None:
        """End it as it is; a new one can be begun."""
        trail = self.trails[place]
        former, trail.pause = trail.pause, Pause()
        trail.round += 1
        trail.standing, trail.following = None, False
        former.cut()
        async with at_work(trail, self._changed):
            await trail.guide.end()

    def close(self) -> None:
        """Follow nothing any more; what was begun stays kept."""
        for trail in self.trails.values():
            trail.round += 1
            trail.following = False
            trail.pause.cut()

    def why_not_play(self, place: Place) -> str | None:
        """Why the sandbox cannot do the current step; None where it can."""
        trail = self.trails[place]
        if trail.busy:
            return _("It is busy.")
        return trail.guide.why_not_play(trail.step)

    def why_not_go(self, place: Place) -> str | None:
        """Why it is not the turn of the use case's own plan; None where it is."""
        trail = self.trails[place]
        own = trail.step is not None and trail.guide.is_own(trail.step)
        return None if own else _("First the steps before it.")

    def _heard(self, trail: Trail, now: Standing) -> None:
        before = trail.standing
        trail.standing = now
        if before is not None and len(before.journey.sightings) < len(now.journey.sightings):
            newest = now.journey.sightings[-1].seen.evidence
            self._say(f"{trail.brief}: {render(newest, language())}")
        self._changed()


class _Enough(Exception):
    """Somebody gave the walk up while it was followed."""
