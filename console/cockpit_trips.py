"""The acceptance tickets as the screens see them: one for each partner, followed in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.problems import Failure
from console.cockpit_words import told
from console.cockpit_work import at_work
from console.errors import ConsoleError
from console.i18n import _
from console.store.errors import StoreError
from console.tickets import trip_words as words
from console.tickets.trip import Leg, Trip
from console.tickets.trip_follow import Standing
from console.tickets.trip_guide import TripGuide
from console.tickets.trip_store import TripStore
from console.walks.follow import Pause

if TYPE_CHECKING:
    from console.workspace import Workspace


@dataclass(slots=True)
class TripTrail:
    """The acceptance ticket of one partner as it stands now; ``round`` tells an earlier follower apart."""

    guide: TripGuide
    standing: Standing | None = None
    error: tuple[str, ...] = ()
    following: bool = False
    busy: bool = False  # it is being begun
    round: int = 0
    pause: Pause = field(default_factory=Pause)
    idle: asyncio.Event = field(default_factory=asyncio.Event)  # nobody follows it

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.standing is not None and self.standing.trip.ended is not None


class Trips:
    """The acceptance tickets of an opened customer, by partner."""

    def __init__(self, workspace: Workspace, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        keys = [key for key in workspace.connections.partner_keys() if workspace.connections.has_tickets(key)]
        self.trails = {key: TripTrail(TripGuide(workspace, key)) for key in keys}
        self._changed = changed
        self._say = say

    def load(self) -> None:
        """Show what was begun before this start. Blocks briefly. Raises StoreError."""
        for trail in self.trails.values():
            trip = None if trail.standing else trail.guide.stored(TripStore.open)
            if trip is not None:
                trail.standing = Standing(trip)
        self._changed()

    def to_resume(self) -> list[str]:
        """The partners whose trip goes on by itself after a start: where nobody real is concerned."""
        found = ((key, trail) for key, trail in self.trails.items() if trail.guide.practice)
        return [key for key, trail in found if trail.standing and not trail.over and not trail.following]

    def alerts(self, key: str) -> list[str]:
        """Who will notice it. Raises ConsoleError where none can be begun."""
        guide = self.trails[key].guide
        lease = guide.lease()
        return words.alerts(guide.terms, lease or _("(any running one)"), practice=guide.practice)

    async def begin(self, key: str) -> None:
        """Begin one and follow it to its end."""
        trail = self.trails[key]
        async with at_work(trail, self._changed):
            trail.standing = Standing(await trail.guide.begin())
        if not trail.error:
            await self.follow(key)

    async def follow(self, key: str) -> None:
        """Follow what was begun until it is over; nothing happens while it is followed."""
        trail = self.trails[key]
        if trail.standing is None or trail.following or trail.over:
            return
        trail.following, trail.error = True, ()
        trail.idle.clear()
        round_, pause = trail.round, trail.pause

        async def heard(standing: Standing) -> None:
            if trail.round != round_:
                raise _Enough
            self._heard(trail, standing)

        async def wait(seconds: float) -> None:
            await pause(seconds)
            if trail.round != round_:
                raise _Enough

        self._changed()
        try:
            with suppress(_Enough):
                await trail.guide.follow(trail.standing, heard, wait)
        except (ConsoleError, Failure, StoreError) as error:
            if trail.round == round_:
                trail.error = told(error)
                self._say(" ".join(trail.error))
        finally:
            trail.following = False
            trail.idle.set()
            self._changed()

    async def give_up(self, key: str) -> None:
        """End what is open and clean it up."""
        trail = self.trails[key]
        if trail.standing is None or trail.over:
            return
        former, trail.pause = trail.pause, Pause()
        trail.round += 1
        former.cut()
        async with at_work(trail, self._changed):
            if trail.following:
                await trail.idle.wait()  # what is under way is finished, and kept
            trip = await trail.guide.kept() or trail.standing.trip
            trail.standing = Standing(await trail.guide.give_up(trip))
        await self.follow(key)

    def put_away(self, key: str) -> None:
        """Show one that is over no more; it stays kept as evidence."""
        trail = self.trails[key]
        if trail.over:
            trail.standing = None
            self._changed()

    def _heard(self, trail: TripTrail, now: Standing) -> None:
        before, trail.standing = trail.standing, now
        clock, terms = datetime.now(UTC), trail.guide.terms
        for leg in _ended_since(before.trip if before else None, now.trip):
            self._say(f"{trail.guide.partner.name}: {words.leg_line(now.trip, leg, terms, clock)}")
        if now.trip.ended is not None:
            self._say(f"{trail.guide.partner.name}: {words.verdict(now.trip, terms, clock)}")
        self._changed()


class _Enough(Exception):
    """Somebody gave it up while it was followed."""


def _ended_since(before: Trip | None, now: Trip) -> list[Leg]:
    ended = [leg for leg in Leg if now.stamp(leg).at is not None]
    return [leg for leg in ended if before is None or before.stamp(leg).at is None]
