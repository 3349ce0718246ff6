"""The tickets of one customer with one partner, opened: passes, what they leave, and watching."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from functools import partial

from connectors.contract import EINZUG
from connectors.ticketing import TICKETS, TicketFlow, TicketSettings
from console.errors import ConsoleError
from console.golive.record import refuse_locked
from console.handover.mark import refuse_given
from console.i18n import _
from console.sitting import Sitting
from console.store.clock import Clock, utc_now
from console.store.journal import Journal
from console.store.leases import Leases
from console.store.runs import RunState
from console.store.vault import Vault
from console.threads import to_the_end
from console.tickets.courier import Courier, Sides
from console.tickets.events import PassResult
from console.tickets.notes import Notes
from console.tickets.ops import Terms
from console.tickets.origin import Origin
from console.tickets.passing import Pass
from console.tickets.ticket_state import Standing, TicketState
from console.tickets.watching import watch


class TicketSession:
    """Everything a command or a screen does with tickets goes through here.

    ``store`` may be read between passes. One pass at a time.
    """

    def __init__(
        self,
        customer: str,
        partner: str,
        environment: str,
        *,
        flow: TicketFlow,
        settings: TicketSettings,
        sides: Sides,
        conn: sqlite3.Connection,
        vault: Vault,
        sitting: Sitting,
        clock: Clock = utc_now,
    ) -> None:
        self.customer = customer
        self.partner = partner
        self.environment = environment
        self.flow = flow
        self.settings = settings
        self.sides = sides
        self.leases = Leases(conn)
        self.journal = Journal(conn, vault, self.leases)
        self.store = TicketState(conn, vault, partner, environment, clock=clock)
        self._sitting = sitting
        self._clock = clock
        self._refuse_given = partial(refuse_given, conn, vault, customer)
        self._refuse_locked = partial(refuse_locked, conn, vault, customer, self.place)

    @property
    def place(self) -> tuple[str, str, str]:
        """The key of its runs: partner, environment, use case."""
        return self.partner, self.environment, TICKETS

    async def pass_(self, *, dry_run: bool = False, stop: asyncio.Event | None = None) -> PassResult:
        """One pass. A dry run writes nothing, here nor anywhere else.

        Raises ConsoleError where the hub owns the tickets, LeaseHeld while another pass runs, StoreError.
        """
        ending = stop or asyncio.Event()
        if dry_run:
            return await self._pass(ending, dry=True)
        lease = "sync " + "/".join(self.place)
        await to_the_end(partial(self.leases.acquire, lease))
        try:
            await self.admit()  # under the lease: whoever hands over marks first, then looks for leases
            return await self._pass(ending, dry=False)
        finally:
            await to_the_end(partial(self.leases.release, lease))

    async def admit(self) -> None:
        """Refuse where nothing may be written from here, whoever asks. Raises ConsoleError, StoreError."""
        await to_the_end(self._refuse_locked)
        if self.settings.owner != EINZUG:
            raise ConsoleError(
                _("The hub owns the tickets: Einzug compares and writes nothing."),
                _('Set owner = "einzug" in the settings once the hub no longer runs them.'),
            )
        await to_the_end(self._refuse_given)

    async def replay(self, *, stop: asyncio.Event | None = None) -> PassResult:
        """Try everything again that is held back with a reason, and make a pass. Raises as ``pass_`` does."""
        await self.admit()
        await to_the_end(self.store.release)
        return await self.pass_(stop=stop)

    async def state(self) -> Standing:
        """How many tickets stand how. Raises StoreError."""
        return await to_the_end(self.store.standing)

    def watch(self, stop: asyncio.Event, interval_s: float | None = None) -> AsyncIterator[PassResult]:
        """Passes in an interval until ``stop`` is set; a lost network ends a pass, not the watching."""
        return watch(partial(self.pass_, stop=stop), interval_s or self.settings.interval_s, stop)

    async def _pass(self, stop: asyncio.Event, *, dry: bool) -> PassResult:
        terms = Terms(Origin(self.partner, self.environment), self.flow, self.settings)
        notes = Notes(self.place, self.journal, self.leases, self.store, self.settings)
        courier = Courier(self.sides, terms, notes, self._sitting.patience, self._sitting.wait)
        work = Pass(courier, self._sitting.listener, stop, clock=self._clock, dry=dry)
        if dry:
            return await work.run()
        intents = await to_the_end(partial(self.journal.unsettled, *self.place))
        result = await work.run(intents)
        if result.stopped_by is None:
            await to_the_end(partial(self._close_dead_runs, result.settled))
        return result

    def _close_dead_runs(self, settled: int) -> None:
        for run in self.journal.runs(*self.place, limit=10_000):
            if run.state is RunState.INTERRUPTED and run.finished is None:
                self.journal.finish_run(run.id, RunState.INTERRUPTED, {"settled": settled})
