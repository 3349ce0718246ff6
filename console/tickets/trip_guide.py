"""The acceptance ticket of one customer with one partner: begin, follow, give up, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.agreed import within
from connectors.contract import EINZUG
from connectors.housing import Lease, TicketCategory, stream
from connectors.problems import Failure
from connectors.ticketing import Hop, LeaseNumber
from connectors.tickets import CategoryState, LeaseState
from console.connections import PRACTICE
from console.errors import ConsoleError
from console.handover.mark import refuse, refuse_given
from console.i18n import _
from console.practice_hand import act
from console.run_journal import BEAT_S
from console.store.clock import Clock, utc_now
from console.store.errors import StoreError
from console.store.leases import LeaseHeld, Leases
from console.threads import off_loop
from console.tickets.ops import Terms
from console.tickets.origin import Origin
from console.tickets.trip import HOPS, Leg, Trip, TripTerms, new_trip
from console.tickets.trip_acts import Hand
from console.tickets.trip_follow import Ports, Standing, Tell, Traveller, Wait
from console.tickets.trip_judge import chosen_status, given_up
from console.tickets.trip_look import Told
from console.tickets.trip_store import TripStore
from console.tickets.trip_words import ask_words
from console.walks.follow import pause

if TYPE_CHECKING:
    from console.tickets.session import TicketSession
    from console.workspace import Workspace

T = TypeVar("T")

PRACTICE_S, ELSE_S = 1.0, 20.0
"""Seconds between two looks."""

_LEGS = {hop: leg for leg, hop in HOPS.items() if leg is not Leg.NEGATIVE}


class TripGuide:
    """Everything a command or a screen does with acceptance tickets. Opens nothing before it is needed."""

    def __init__(self, workspace: Workspace, partner: str, *, clock: Clock = utc_now) -> None:
        connections = workspace.connections
        self.partner = connections.partner(partner)
        self.environment = connections.partner_config(partner).environment
        self._workspace = workspace
        self._clock = clock
        self._writing = asyncio.Lock()
        self._stages = (connections.ticket_flow(partner).stage, connections.source_kind().ticket_stage)

    @property
    def terms(self) -> TripTerms:
        """What holds for its trips, as far as that is known without asking anybody. Raises ConsoleError."""
        connections = self._workspace.connections
        settings = connections.ticket_settings(self.partner.key)
        origin = Origin(self.partner.key, self.environment)
        terms = Terms(origin, connections.ticket_flow(self.partner.key), settings)
        return TripTerms(terms, self.partner.name, settings.owner == EINZUG)

    @property
    def practice(self) -> bool:
        """Whether nobody real is concerned."""
        return self.environment == PRACTICE

    @property
    def plays(self) -> bool:
        """Whether the sandbox can play its people."""
        return self.practice and bool(self._workspace.customer.control)

    @property
    def interval(self) -> float:
        """Seconds between two looks."""
        return PRACTICE_S if self.practice else ELSE_S

    @property
    def durable(self) -> bool:
        """Whether what was begun outlives the program; without a keyring it does not. May block."""
        return self._workspace.vault.durable

    def lease(self, wanted: str = "") -> str:
        """The contract it may be made on, "" where practice takes any. Raises ConsoleError."""
        allowed = self.terms.terms.settings.test_lease
        if self.practice:
            return wanted or allowed
        if not allowed:
            raise ConsoleError(
                _("Outside practice an acceptance ticket needs a lease that is kept for tests."),
                _("Set test_lease in the settings of the tickets of {partner}.").format(
                    partner=self.partner.name
                ),
            )
        if wanted not in ("", allowed):
            raise ConsoleError(
                _("Outside practice only the lease {lease} may be used.").format(lease=allowed),
                _("It is test_lease in the settings of the tickets."),
            )
        return allowed

    # --- what is kept ---------------------------------------------------------------------------------

    def stored(self, call: Callable[[TripStore], T]) -> T:
        """Ask the store; for a thread: blocks briefly. Raises StoreError."""
        with self._workspace.store() as conn:
            return call(TripStore(conn, self._workspace.vault, self.partner.key, self.environment))

    async def kept(self) -> Trip | None:
        """The one that was begun and is not over. Raises StoreError."""
        return await off_loop(partial(self.stored, TripStore.open), "trips")

    async def _keep(self, trip: Trip) -> None:
        async with self._writing:
            await off_loop(partial(self.stored, lambda store: store.keep(trip)), "trips")

    # --- begin, follow, give up -----------------------------------------------------------------------

    async def begin(self, lease: str = "", *, by_hand: bool = False) -> Trip:
        """A new one, from now on; nothing is written to anybody yet.

        Raises ConsoleError, Failure, StoreError.
        """
        contract = self.lease(lease)
        await off_loop(partial(refuse, self._workspace))
        async with self._open() as (session, traveller):
            contract, category = await self._ground(session, contract)
            people = traveller.people(by_hand=by_hand)
            return await traveller.begin(new_trip(self._clock(), contract, category, people))

    async def follow(self, standing: Standing, tell: Tell, wait: Wait) -> Standing:
        """Rounds until it is over; what may pass by itself is waited for.

        Raises ConsoleError, Failure, StoreError; LeaseHeld where another program follows it.
        """
        async with self._alone():
            while True:
                try:
                    async with self._open() as (_session, traveller):
                        return await traveller.follow(standing, interval=self.interval, tell=tell, wait=wait)
                except Failure as failure:  # opening asks for the states
                    if not failure.problem.repeatable:
                        raise
                    since = standing.since or self._clock()
                    standing = Standing(standing.trip, failure.problem, since, standing.failed + 1)
                await tell(standing)
                await wait(pause(standing.problem, standing.failed, self.interval))

    async def give_up(self, trip: Trip) -> Trip:
        """End what is open; following it then cleans up. Raises StoreError."""
        trip = given_up(trip)
        await self._keep(trip)
        return trip

    def asked(self, trip: Trip) -> list[str]:
        """What people are asked to do now, in sentences."""
        now, terms = self._clock(), self.terms
        return [ask_words(one, trip, terms, chosen_status(trip, terms)) for one in trip.asked(now)]

    # --- inside ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Nobody else follows it meanwhile, in no other program either. Raises LeaseHeld, and HandedOver
        under the lease: whoever hands over marks first, then looks for leases."""
        store = self._workspace.store()
        conn = await off_loop(store.__enter__)
        leases, name = Leases(conn), f"trip {self.partner.key}/{self.environment}"
        try:
            await off_loop(partial(leases.acquire, name))
            beating = asyncio.create_task(_beat(leases))
            try:
                await off_loop(
                    partial(refuse_given, conn, self._workspace.vault, self._workspace.customer.key)
                )
                yield
            finally:
                beating.cancel()
                with suppress(asyncio.CancelledError):
                    await beating
                await off_loop(partial(leases.release, name))
        finally:
            await off_loop(partial(store.__exit__, None, None, None))

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[tuple[TicketSession, Traveller]]:
        async with self._workspace.tickets(self.partner.key) as session:
            states = await session.sides.erp.statuses()
            finals = frozenset(state.code for state in states if state.final)
            terms = self.terms
            terms = replace(terms, terms=replace(terms.terms, finals=finals))
            ports = Ports(session.sides, terms, self._keep, self._clock, self._hand())
            if terms.moving:
                ports = replace(ports, move=partial(_move, session), ask=partial(_ask, session))
            yield session, Traveller(ports)

    def _hand(self) -> Hand | None:
        if not self.plays:
            return None
        at_partner, in_erp = self._stages
        return Hand(self._play, at_partner, in_erp)

    async def _play(self, party: str, entity: str, body: dict[str, Any]) -> None:
        await act(self._workspace.customer.control, party, entity, body, self._workspace.log)

    async def _ground(self, session: TicketSession, contract: str) -> tuple[str, str]:
        """A lease, where none is named, and a category that the ERP takes. Raises ConsoleError, Failure."""
        source = await off_loop(partial(self._workspace.connections.open_source, None))
        try:
            if not contract:
                contract = await _first_lease(session, stream(source, Lease))
            codes = list(session.settings.categories) or [
                one.code
                async for one in stream(source, TicketCategory)
                if one.active and not one.mandatory_features
            ]
        finally:
            await source.aclose()
        for code in codes:
            if await session.sides.erp.category(session.settings.category(code)) is CategoryState.USABLE:
                return contract, code
        raise ConsoleError(
            _("The ERP has no category that a ticket may get."),
            _("einzug check tells which ones want features that nobody fills in."),
        )


async def _first_lease(session: TicketSession, leases: AsyncIterator[Lease]) -> str:
    """The first lease that stands a ticket, as the partner names it; no more are read than that takes.

    Raises ConsoleError, Failure.
    """
    async for lease in leases:
        if not lease.number or lease.is_vacancy or not within(session.settings.scope, lease.mandant):
            continue
        try:
            contract = session.flow.contract(LeaseNumber(lease.mandant, lease.number), session.settings)
        except ValueError:
            continue  # its number cannot be joined
        known = lease.mandant if contract != lease.number else ""  # as far as the partner tells it
        if await session.sides.erp.lease(lease.number, known) is LeaseState.RUNNING:
            return contract
    raise ConsoleError(_("The ERP has no running lease."))


async def _move(session: TicketSession) -> None:
    """One pass; where another program makes one just now, that will do. Raises Failure, StoreError."""
    try:
        result = await session.pass_()
    except LeaseHeld:
        return
    if result.stopped_by is not None:
        raise Failure(result.stopped_by)


async def _ask(session: TicketSession, ticket: str) -> Told:
    """What our passes noted of a ticket. Raises StoreError."""

    def read() -> Told:
        known = session.store.known(ticket)
        items = [item.reason for item in known.items.values() if item.reason]
        held = known.reason or next(iter(items), None)
        legs = ((_LEGS[Hop(seen.hop)], seen.at) for seen in session.store.hops(ticket) if seen.hop in _HOPS)
        return Told(held, dict(legs))

    return await off_loop(read, "tickets")


_HOPS = frozenset(hop.value for hop in _LEGS)


async def _beat(leases: Leases) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        with suppress(StoreError):  # a sign of life that was missed is made good by the next
            await off_loop(leases.beat)
