"""The journal of one pass: a run begins with the first thing that is sent, so an idle pass leaves none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeVar

from connectors.contract import Action, Change, Outcome
from connectors.ticketing import TICKETS, TicketSettings
from console.run_journal import BEAT_S
from console.store.errors import StoreError
from console.store.journal import Journal
from console.store.leases import Leases
from console.store.plain import plain_settings
from console.store.runs import RunState
from console.threads import to_the_end
from console.tickets.ticket_state import TicketState

T = TypeVar("T")

Place = tuple[str, str, str]
"""Partner, environment, use case."""


class Notes:
    """What a pass writes down. Everything that touches the file goes through ``held``: one at a time."""

    def __init__(
        self, place: Place, journal: Journal, leases: Leases, state: TicketState, settings: TicketSettings
    ) -> None:
        self.place = place
        self.state = state
        self.run: int | None = None
        self._journal = journal
        self._leases = leases
        self._settings = settings
        self._lock = threading.RLock()
        self._ended = False

    async def held(self, call: Callable[[], T]) -> T:
        """Run a call to the file beside the loop, alone."""
        return await to_the_end(partial(self._alone, call))

    def _alone(self, call: Callable[[], T]) -> T:
        with self._lock:
            if self._ended:  # a cancelled call's thread comes too late: the file may be closed by now
                raise asyncio.CancelledError
            return call()

    def intend(self, entity: str, id_: str, action: Action, rule: str) -> None:
        """Note what is about to be sent."""
        if self.run is None:
            plain = plain_settings(self._settings)
            self.run = self._journal.start_run(*self.place, TICKETS, settings=plain)
        self._journal.intend(self.run, [Change(action, entity, id_, rule=rule)], [None])

    def settle(
        self, outcome: Outcome, keep: Callable[[], None] | None = None, run: int | None = None
    ) -> None:
        """Note how it ended together with what is remembered of it: both or neither."""
        number = self.run if run is None else run
        assert number is not None  # noqa: S101  (whatever ends was intended before)
        with self.state.transaction():
            if keep is not None:
                keep()
            self._journal.settle(number, [outcome])

    def finish(self, state: RunState, counts: Mapping[str, int]) -> None:
        """Note the end of the run, if there is one. Nothing is noted after it."""
        with self._lock:
            self._ended = True
            if self.run is not None:
                self._journal.finish_run(self.run, state, counts)

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Give signs of life while the body runs, so that nobody takes the run for interrupted."""
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            with suppress(StoreError):  # a sign of life that was missed is made good by the next
                await self.held(self._leases.beat)
