"""Following an acceptance ticket: act, move, look, judge, keep; again and again until it is over.

What may pass by itself is waited for. The trip is kept before and after everything that is done, so that it
can go on after a restart: what was done meanwhile is seen, not done again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.problems import Arrival, Failure, Problem
from connectors.ticketing import Act
from console.store.clock import Clock
from console.tickets.courier import Sides
from console.tickets.trip import Leg, Trip, TripTerms
from console.tickets.trip_acts import Actor, Hand, cleaned, cleaning
from console.tickets.trip_judge import Sight, judge
from console.tickets.trip_look import Ask, Looker, unheard
from console.walks.follow import pause

ASLEEP = timedelta(seconds=45)
"""Two looks further apart than this, beyond the usual pause: nobody looked for a while."""

Keep = Callable[[Trip], Awaitable[None]]
Move = Callable[[], Awaitable[None]]
Wait = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How following stands. ``since``: when the problem began that keeps looks from succeeding."""

    trip: Trip
    problem: Problem | None = None
    since: datetime | None = None
    failed: int = 0

    def now(self, clock: datetime) -> datetime:
        """The moment up to which is known how things stand: nobody is late while nobody can look."""
        return min(clock, self.trip.looked or clock) if self.problem else clock


Tell = Callable[[Standing], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ports:
    """What a trip is connected to. ``move`` makes one of our passes, None where a hub moves the tickets."""

    sides: Sides
    terms: TripTerms
    keep: Keep
    clock: Clock
    hand: Hand | None = None
    move: Move | None = None
    ask: Ask = unheard


class Traveller:
    """Follows one trip."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._looker = Looker(ports.sides, ports.terms, ports.ask)
        self._actor = Actor(ports.sides, ports.terms, ports.hand)
        self._sight: Sight | None = None
        self._newest: Trip | None = None

    def people(self, *, by_hand: bool) -> tuple[Act, ...]:
        """What somebody has to be asked for in a new trip."""
        return self._actor.people(by_hand=by_hand)

    async def begin(self, trip: Trip) -> Trip:
        """Note from where on both sides are watched. Raises Failure, StoreError."""
        trip = await self._looker.primed(trip)
        await self._ports.keep(trip)
        return trip

    async def step(self, trip: Trip) -> Trip:
        """One round. Raises Failure, StoreError; what was reached before is kept."""
        if trip.ended is not None:
            return trip
        if self._sight is None:  # what happened since the last start comes first
            trip = await self._looked(trip)
        acted = await self._act(trip)
        moving = self._ports.move
        if acted is not trip or moving is None:
            trip = await self._looked(acted)
        if moving is not None:
            await moving()
            trip = await self._looked(trip)
        return await self._clean(trip) if trip.turn(Leg.CLEANUP) else trip

    async def follow(self, standing: Standing, *, interval: float, tell: Tell, wait: Wait) -> Standing:
        """Rounds until the trip is over. Raises Failure for what does not pass by itself, StoreError."""
        while True:
            standing = await self._round(standing, interval)
            await tell(standing)
            if standing.trip.ended is not None:
                return standing
            await wait(pause(standing.problem, standing.failed, interval))

    async def _round(self, standing: Standing, interval: float) -> Standing:
        trip, now = self._woken(standing.trip, interval), self._ports.clock()
        self._newest = trip
        try:
            return Standing(await self.step(trip))
        except Failure as failure:
            if not failure.problem.repeatable:
                raise
            since = standing.since or now
            return Standing(self._newest or trip, failure.problem, since, standing.failed + 1)

    def _woken(self, trip: Trip, interval: float) -> Trip:
        """After a sleep or a lost network nothing of ours is late by the time that nobody could move it."""
        gap = self._ports.clock() - (trip.looked or trip.begun) - timedelta(seconds=interval)
        if gap < ASLEEP or self._ports.move is None:
            return trip
        return replace(trip.delayed(gap), looked=self._ports.clock())

    async def _looked(self, trip: Trip) -> Trip:
        self._sight = await self._looker.look(trip)
        return await self._kept(judge(trip, self._sight, self._ports.terms, self._ports.clock()))

    async def _act(self, trip: Trip) -> Trip:
        for act in self._actor.due(trip, self._ports.clock()):
            before = trip
            trip = await self._kept(replace(trip, acted={**trip.acted, act: self._ports.clock()}))
            try:
                made = await self._actor.do(trip, act, self._sight or Sight())
            except Failure as failure:
                if failure.problem.arrival is Arrival.NEVER:
                    await self._kept(before)
                raise
            if act is Act.REPORT and made:
                trip = await self._kept(replace(trip, ticket=made))
        return trip

    async def _clean(self, trip: Trip) -> Trip:
        trip = await self._kept(cleaning(trip, self._ports.clock()))
        trip = await self._actor.clean_up(trip, self._sight or Sight())
        if self._ports.move is not None:
            await self._ports.move()  # so that our own store knows that they are gone
        return await self._kept(cleaned(trip, self._ports.clock()))

    async def _kept(self, trip: Trip) -> Trip:
        self._newest = trip
        await self._ports.keep(trip)
        return trip
