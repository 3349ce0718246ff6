"""Whether a refusal concerns one ticket, or a side altogether: what else the side still gives decides.

A login that fails, a limit, wrong settings: the next ticket would meet them too, and the pass ends. A ticket
that is refused (403) or breaks is left behind and the others go on, as long as something speaks for the side:
the same way was gone for another ticket in this pass, or one that is known to be good can still be read.
Nothing speaks for it any more after STREAK in a row: then the pass ends with that reason. Tickets that an
earlier pass left behind say nothing about today and do not count.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from connectors.contract import Text
from connectors.problems import Failure, Problem, Trouble
from connectors.tickets import TicketSide
from console.tickets.courier import Courier
from console.tickets.ops import Item, ItemKey, Stand
from console.tickets.task import ERP, PARTNER

STREAK = 5
"""So many tickets in a row that had to be left raise the question whether a side answers at all."""

LOTS = 25
"""So many end the pass whatever speaks for the side."""

SAMPLES = 3
"""Tickets of a side that are read to answer that question."""

ACCOUNT = frozenset({Trouble.CREDENTIALS, Trouble.LIMIT, Trouble.CONFIG})
"""Troubles that the next ticket would have too."""

DOUBTFUL = frozenset({Trouble.RIGHTS, Trouble.UNREACHABLE})
"""Troubles that the next ticket may have too."""

READ = {PARTNER: "read_partner", ERP: "read_erp"}
"""The ways on which tickets are read; the others are called by what is sent."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A ticket, or one part of it, that was refused: alone, or with all others?"""

    ticket: str
    part: ItemKey | None
    reason: Text
    problem: Problem
    fresh: bool


class Health:
    """What a pass has learned about both sides."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._state = courier.notes.state
        self._suspects: dict[str, list[Suspect]] = defaultdict(list)
        self._proven: list[Suspect] = []
        self._good: set[str] = set()
        self._streak = 0
        self._lost = False
        self._asking = asyncio.Lock()
        self.ahead: Mapping[str, Sequence[str]] = {}  # by side: tickets of the page that may still be unread

    def went(self, way: str) -> None:
        """Something went this way: whatever was refused on it was refused alone."""
        self._good.add(way)
        self._proven += self._suspects.pop(way, [])

    def fine(self) -> None:
        """A ticket came through."""
        self._streak = 0

    async def refused(self, way: str, suspect: Suspect) -> Problem | None:
        """A ticket was refused on a way; the problem that ends the pass, if it does."""
        self._suspects[way].append(suspect)
        fresh = sum(one.fresh for one in self._suspects[way])
        if fresh >= STREAK and suspect.fresh:
            if not await self._alone(way):
                return suspect.problem
            self.went(way)
        return self._too_many(suspect.problem, fresh=suspect.fresh)

    async def failed(self, problem: Problem, ticket: str, *, fresh: bool) -> Problem | None:
        """A ticket could not be brought on; the problem that ends the pass, if it does."""
        if problem.trouble in ACCOUNT:
            return problem
        found = self._too_many(problem, fresh=fresh)
        streak = fresh and self._streak % STREAK == 0
        if found is None and (problem.trouble in DOUBTFUL or streak):
            served = await self.serves(but=ticket)
            lost = served is False or (served is None and (streak or problem.trouble is Trouble.UNREACHABLE))
            return problem if lost else None
        return found

    def _too_many(self, problem: Problem, *, fresh: bool) -> Problem | None:
        self._streak += fresh
        return problem if self._streak >= LOTS else None

    async def end(self) -> Problem | None:
        """At the end of a pass: what is left is alone where its way was gone, and where tickets can be read.

        The problem that tells why none can.
        """
        for way in list(self._suspects):
            alone = True if way in self._good else await self._alone(way)
            if alone is False:
                return self._suspects[way][0].problem
            if alone:
                self.went(way)
        return None

    async def park(self) -> None:
        """Hold back what was refused alone, until somebody has mended the cause."""
        while self._proven:
            await self.hold(self._proven.pop())

    async def hold(self, suspect: Suspect) -> None:
        """Hold back one ticket; of one with a refused part, only that: the rest of it waits and goes on."""
        await self._courier.notes.held(partial(self._hold, suspect))

    def _hold(self, suspect: Suspect) -> None:
        if suspect.part is None:
            self._state.stand(suspect.ticket, Stand.PARKED, suspect.reason)
        else:
            self._state.put(suspect.ticket, Item(*suspect.part, reason=suspect.reason))

    async def _alone(self, way: str) -> bool | None:
        """Whether others can be read on this way; None where nothing tells, as of every sending."""
        side = next((side for side, name in READ.items() if name == way), None)
        return await self.serves(side) if side else None

    async def serves(self, *only: str, but: str = "") -> bool | None:
        """Whether the sides give tickets that are known to be good, or that come next; None where there is
        none to ask for. What was lost once in this pass is not asked about again."""
        async with self._asking:
            if self._lost:
                return False
            told = {await self._gives(side, but) for side in only or (PARTNER, ERP)}
            self._lost = False in told
        return False if self._lost else True if True in told else None

    async def _gives(self, name: str, but: str) -> bool | None:
        sides = self._courier.sides
        side: TicketSide = sides.partner if name == PARTNER else sides.erp
        asked = False
        for id_ in await self._samples(name, but):
            asked = True
            try:
                await side.get(id_)
            except Failure as failure:
                if failure.problem.trouble is Trouble.UNREACHABLE:
                    return False  # the next one would only take as long
            else:
                return True
        return False if asked else None

    async def _samples(self, name: str, but: str) -> Sequence[str]:
        sound = await self._courier.notes.held(partial(self._state.sound, SAMPLES))
        known = [ticket if name == PARTNER else erp for ticket, erp in sound]
        bad = {but, *(one.ticket for found in self._suspects.values() for one in found)}
        following = [id_ for id_ in reversed(self.ahead.get(name, ())) if id_ not in bad]
        return [*known, *following[:SAMPLES]]
