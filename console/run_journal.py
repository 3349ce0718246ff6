"""The journal of one run, as the connector stack and the engine see it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from connectors.contract import Action, Change, Outcome
from console.planner import Workbench
from console.store.errors import StoreError
from console.store.idmap import Link
from console.store.journal import Journal
from console.store.leases import Leases
from console.store.runs import RunState
from console.sync.codec import Codec

BEAT_S = 20.0
"""Seconds between two signs of life; a lease ends after two minutes without."""


class RunJournal:
    """Implements JournalPort for one run. Its methods may be called from several threads.

    What was written stands in the id map before its outcome is noted: a program that is killed afterwards
    has lost nothing of what is ours.
    """

    def __init__(self, journal: Journal, leases: Leases, bench: Workbench, run: int, codec: Codec) -> None:
        self._journal = journal
        self._leases = leases
        self._idmap = bench.idmap
        self._fingerprint = bench.fingerprint
        self._codec = codec
        self._sent: dict[tuple[str, str], bytes | None] = {}  # fingerprints, None for a delete
        self.lock = threading.RLock()  # whoever else writes to the same file while the run lives takes it too
        self.run = run

    def intend(self, changes: Sequence[Change]) -> None:
        """Note what is about to be sent, with what the target holds, so that it can be undone."""
        before = [None if c.before is None else self._codec.payload(c.entity, c.before) for c in changes]
        sent = {(c.entity, c.id): self._digest(c) for c in changes}
        with self.lock:
            self._sent.update(sent)
            self._journal.intend(self.run, changes, before, sent)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Note how changes ended, and what is ours since."""
        with self.lock:
            self._link([outcome for outcome in outcomes if outcome.ok])
            self._journal.settle(self.run, outcomes)

    def adopt(self, entity: str, found: Sequence[str]) -> None:
        """Take records that the target holds as they shall be for ours."""
        with self.lock:
            self._idmap.adopt_many(entity, dict.fromkeys(found))

    def finish(self, state: RunState, counts: Mapping[str, int]) -> None:
        """Note the end of the run; what a cancelled call is still noting is waited for."""
        with self.lock:
            self._journal.finish_run(self.run, state, counts)

    def _link(self, written: Sequence[Outcome]) -> None:
        for entity in {outcome.entity for outcome in written}:
            sent = {o.id: self._sent.pop((entity, o.id)) for o in written if o.entity == entity}
            kept = [Link(id_, digest=digest, run=self.run) for id_, digest in sent.items() if digest]
            gone = [id_ for id_, digest in sent.items() if not digest]
            if kept:
                self._idmap.put_many(entity, kept)
            if gone:
                self._idmap.remove_many(entity, gone)

    def _digest(self, change: Change) -> bytes | None:
        if change.action is Action.DELETE:
            return None
        return self._fingerprint(self._codec.meaning(change.entity, change.after or {}))

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
                await asyncio.to_thread(self._beat_once)

    def _beat_once(self) -> None:
        with self.lock:
            self._leases.beat()
