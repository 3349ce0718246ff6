"""The journal of one run, as the connector stack and the engine see it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from connectors.contract import Change, Outcome
from console.store.journal import Journal
from console.store.leases import Leases
from console.sync.codec import Codec

BEAT_S = 20.0
"""Seconds between two signs of life; a lease ends after two minutes without."""


class RunJournal:
    """Implements JournalPort for one run. Its methods may be called from several threads."""

    def __init__(self, journal: Journal, leases: Leases, run: int, codec: Codec) -> None:
        self._journal = journal
        self._leases = leases
        self._codec = codec
        self._lock = threading.RLock()
        self.run = run

    def intend(self, changes: Sequence[Change]) -> None:
        """Note what is about to be sent, with what the target holds, so that it can be undone."""
        before = [None if c.before is None else self._codec.payload(c.entity, c.before) for c in changes]
        with self._lock:
            self._journal.intend(self.run, changes, before)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Note how changes ended."""
        with self._lock:
            self._journal.settle(self.run, outcomes)

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
            await asyncio.to_thread(self._beat_once)

    def _beat_once(self) -> None:
        with self._lock:
            self._leases.beat()
