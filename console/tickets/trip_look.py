"""Looking at an acceptance ticket on both sides: what is listed, the tickets themselves, their files."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.contract import Text
from connectors.ticketing import Act
from connectors.tickets import Head, Ticket, TicketFile, TicketSide
from console.tickets.courier import Sides
from console.tickets.trip import Leg, Trip, TripTerms
from console.tickets.trip_judge import Sight

PARTNER, ERP = "partner", "erp"
CLOCKS = timedelta(minutes=5)
"""So far two clocks may be apart."""


@dataclass(frozen=True, slots=True)
class Told:
    """What our own passes noted of a ticket: why it is held back, and when its legs were done."""

    held: Text | None = None
    times: Mapping[Leg, datetime] = field(default_factory=dict)


Ask = Callable[[str], Awaitable[Told]]
"""Asks our own store about a ticket by its id at the partner."""


async def unheard(_ticket: str) -> Told:
    """Nobody of ours moves the tickets."""
    return Told()


async def end_of(side: TicketSide, cursor: str) -> str:
    """The place behind everything that a side lists now. Raises Failure."""
    while True:
        page = await side.changes(cursor)
        stuck, cursor = page.cursor == cursor, page.cursor
        if stuck or not page.more:
            return cursor


@dataclass(slots=True)
class _Marked:
    """The tickets with the mark that a list of changes led to."""

    cursor: str
    tickets: list[Ticket] = field(default_factory=list)


class Looker:
    """Looks. Keeps nothing but checksums of files, which do not change."""

    def __init__(self, sides: Sides, terms: TripTerms, ask: Ask = unheard) -> None:
        self._sides = sides
        self._terms = terms
        self._ask = ask
        self._sums: dict[str, str] = {}

    async def primed(self, trip: Trip) -> Trip:
        """The trip with the places behind which what concerns it will be listed. Raises Failure."""
        partner, erp = self._sides.partner, self._sides.erp
        cursors = dict(trip.cursors)
        cursors[PARTNER] = await end_of(partner, cursors.get(PARTNER, ""))
        cursors[ERP] = await end_of(erp, cursors.get(ERP, ""))
        return replace(trip, cursors=cursors)

    async def look(self, trip: Trip) -> Sight:
        """What both sides show now. Raises Failure."""
        sight = Sight(archive=self._sides.archive is not None)
        sight = await self._erp(trip, await self._partner(trip, sight))
        if sight.partner is not None and sight.partner.files and self._terms.agreed(Leg.FILED):
            sight = await self._files(trip, sight, sight.partner)
        if sight.partner is not None:
            told = await self._ask(sight.partner.id)
            sight = replace(sight, held=told.held, times=told.times)
        return sight

    async def _partner(self, trip: Trip, sight: Sight) -> Sight:
        side = self._sides.partner
        found = None if trip.ticket else await side.find(trip.id)
        asked = Act.REPORT in trip.people and not trip.ticket
        if (found is None and asked) or (Act.BORN in trip.acted or trip.born):
            marked = await self._listed(side, trip, PARTNER, lambda head: head.id != trip.ticket)
            own = [t for t in marked.tickets if trip.born_mark not in _words(t)]
            leaked = next((t.id for t in marked.tickets if trip.born_mark in _words(t)), "")
            found = found or next(iter(own), None)
            sight = replace(sight, leaked=leaked, cursors={**sight.cursors, PARTNER: marked.cursor})
        if found is None and trip.ticket:
            found = await side.get(trip.ticket)
        return replace(sight, partner=found)

    async def _erp(self, trip: Trip, sight: Sight) -> Sight:
        side, known = self._sides.erp, (trip.erp, trip.born)

        def wanted(head: Head) -> bool:
            return head.id not in known and (not trip.born or head.from_api is not False)

        marked = await self._listed(side, trip, ERP, wanted)
        born = next((t.id for t in marked.tickets if trip.born_mark in _words(t)), "")
        ours = [t for t in marked.tickets if trip.born_mark not in _words(t)]
        erp = await side.get(trip.erp) if trip.erp else None
        if not trip.erp and ours:
            erp, ours = ours[0], ours[1:]
        return replace(
            sight,
            erp=erp,
            born=born,
            twins=tuple(ticket.id for ticket in ours),
            cursors={**sight.cursors, ERP: marked.cursor},
        )

    async def _listed(
        self, side: TicketSide, trip: Trip, name: str, wanted: Callable[[Head], bool]
    ) -> _Marked:
        """Every wanted ticket with the mark that was listed since the last look. Raises Failure."""
        marked = _Marked(trip.cursors.get(name, ""))
        seen: set[str] = set()
        while True:
            page = await side.changes(marked.cursor)
            for head in page.heads:
                if head.gone or head.id in seen or not wanted(head):
                    continue
                seen.add(head.id)
                ticket = await side.get(head.id)
                if ticket is not None and self._belongs(trip, ticket, name):
                    marked.tickets.append(ticket)
            stuck, marked.cursor = page.cursor == marked.cursor, page.cursor
            if stuck or not page.more:
                return marked

    def _belongs(self, trip: Trip, ticket: Ticket, name: str) -> bool:
        """Whether a ticket is of this trip: by its mark, or at the partner by the lease kept for tests."""
        if trip.id in _words(ticket):
            return True
        if name == ERP:
            origin = self._terms.terms.origin
            return bool(trip.ticket) and ticket.reference == origin.reference(trip.ticket)
        fresh = ticket.created_at >= trip.begun - CLOCKS
        return Act.REPORT in trip.people and not trip.ticket and fresh and ticket.contract == trip.contract

    async def _files(self, trip: Trip, sight: Sight, partner: Ticket) -> Sight:
        """Checksums as the partner has them, and the documents of the archive that hold the same bytes.

        The archive is asked after the ERP: what is linked by then has to be filed.
        """
        sums = {file.id: await self._sum(partner.id, file) for file in partner.files}
        filed: dict[str, str] = {}
        archive = self._sides.archive
        if archive is not None and sight.erp is not None and trip.stamp(Leg.LINKED).end is None:
            index = self._terms.terms.index(partner)
            for id_, md5 in sums.items():
                stored = await archive.find(self._terms.terms.settings.archive, index, md5)
                if stored is not None:
                    filed[id_] = stored.id
        return replace(sight, sums=sums, filed=filed)

    async def _sum(self, ticket: str, file: TicketFile) -> str:
        if file.id not in self._sums:
            self._sums[file.id] = file.md5.lower() or await digest(self._sides.partner, ticket, file)
        return self._sums[file.id]


async def digest(side: TicketSide, ticket: str, file: TicketFile) -> str:
    """The checksum of a file whose side tells none: its bytes are read and not kept. Raises Failure."""
    found = hashlib.md5(usedforsecurity=False)
    async for piece in side.fetch(ticket, file):
        found.update(piece)
    return found.hexdigest()


def _words(ticket: Ticket) -> str:
    return f"{ticket.subject}\n{ticket.text}\n{ticket.reference}"
