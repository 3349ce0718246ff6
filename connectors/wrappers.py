"""Cross-cutting behaviour as small wrappers with the connector's own interface, stacked from outside in:
ReadOnly, Retrying, Journaled, connector.

Repeating is decided here and nowhere else. A create is never repeated blindly: after an unknown outcome the
target is asked first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from connectors.contract import (
    ALL,
    Action,
    Capability,
    Change,
    Connector,
    EntityInfo,
    EntityMapping,
    Event,
    Finding,
    JournalPort,
    Limits,
    Outcome,
    Page,
    Reader,
    Record,
    Result,
    Scope,
)  # fmt: skip
from connectors.looking_up import arrived, begun_by, instead
from connectors.problems import Failure, Owner, Problem, Trouble

T = TypeVar("T")
U = TypeVar("U")
R = TypeVar("R", bound=Reader[Any])

LOOK_UPS = 20
"""Up to so many records are looked up one by one; more are found by reading the entity once."""

Sleep = Callable[[float, Problem, int], Awaitable[None]]
"""Waits: seconds, the problem that makes us wait, the number of the next try."""


class ReadOnlyError(RuntimeError):
    """Somebody tried to write through a connection that only reads. A defect, never a user's error."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on. Waits double from ``first`` up to ``longest`` seconds; a Retry-After beyond
    ``give_up`` seconds is not waited for at all; ``tries`` counts the first one too. Once ``stopped`` says
    so, nothing is repeated any more."""

    tries: int = 5
    first: float = 1.0
    longest: float = 30.0
    give_up: float = 600.0
    stopped: Callable[[], bool] = lambda: False

    def wait(self, problem: Problem, tried: int) -> float | None:
        """Seconds to wait after ``tried`` tries, or None to stop."""
        if not problem.repeatable or tried >= self.tries or self.stopped():
            return None
        if problem.retry_after:  # 0 asks for no pause: ours keeps us from hammering
            return problem.retry_after if problem.retry_after <= self.give_up else None
        return float(min(self.first * 2 ** (tried - 1), self.longest))


async def sleep(seconds: float, problem: Problem, attempt: int) -> None:
    """The plain way to wait; whoever shows a countdown brings another."""
    await asyncio.sleep(seconds)


async def ask(reader: Reader[Any], question: Callable[[Any], Awaitable[T]]) -> T:
    """Ask the connector beneath all wrappers what only it can answer; patient ones repeat the question like
    any look-up, so it must not write. Raises Failure."""
    return await (reader.ask(question) if isinstance(reader, _Reading) else question(reader))


async def _repeat(call: Callable[[], Awaitable[T]], patience: Patience, wait: Sleep) -> T:
    tried = 0
    while True:
        try:
            return await call()
        except Failure as failure:
            tried += 1
            seconds = patience.wait(failure.problem, tried)
            if seconds is None:
                raise
            await wait(seconds, failure.problem, tried + 1)


class _Reading(Generic[R]):
    """Hands the reading half through unchanged."""

    def __init__(self, inner: R) -> None:
        self._inner = inner

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._inner.capabilities

    async def check(self) -> list[Finding]:
        return await self._inner.check()

    def entities(self) -> tuple[EntityInfo, ...]:
        return self._inner.entities()

    def limits(self) -> Limits:
        return self._inner.limits()

    def read(self, entity: str, *, scope: Scope = ALL, start: str | None = None) -> AsyncIterator[Page[Any]]:
        return self._inner.read(entity, scope=scope, start=start)

    async def ask(self, question: Callable[[Any], Awaitable[T]]) -> T:
        return await ask(self._inner, question)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Paired(_Reading[Reader[Any]]):
    """A partner's reader for flows towards the ERP: ``erp`` tells who is known there, ``held`` what was
    written there before."""

    def __init__(self, partner: Reader[Any], erp: Reader[Any], held: Reader[Record]) -> None:
        super().__init__(partner)
        self.erp = erp
        self.held = held


class WithArchive(_Reading[Reader[Any]]):
    """The ERP's reader with the document archive beside it, for use cases that need both."""

    def __init__(self, erp: Reader[Any], archive: Reader[Any]) -> None:
        super().__init__(erp)
        self.erp = erp
        self.archive = archive

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the two can do together."""
        return self.erp.capabilities | self.archive.capabilities

    async def aclose(self) -> None:
        """Release the connections of both. Idempotent."""
        await self.archive.aclose()
        await self.erp.aclose()


def archive_of(source: Reader[Any]) -> Reader[Any]:
    """The archive beside an ERP's reader. Raises Failure where there is none."""
    if isinstance(source, WithArchive):
        return source.archive
    raise Failure(Problem("archive.not_configured", Trouble.CONFIG, Owner.CONSULTANT))


class _Writing(_Reading[Connector]):
    """Hands everything through unchanged."""

    async def get(self, entity: str, key: str) -> Record | None:
        return await self._inner.get(entity, key)

    async def find(self, entity: str, external_id: str) -> Record | None:
        return await self._inner.find(entity, external_id)

    async def apply(self, change: Change) -> Outcome:
        return (await self.apply_many((change,)))[0]

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        return await self._inner.apply_many(changes)

    def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        return self._inner.watch(entity, cursor)


class ReadOnly(_Writing):
    """A connection of which a plan can be made and nothing else."""

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Never sends. Raises ReadOnlyError."""
        raise ReadOnlyError(f"{self.name} is open for reading only")


class Journaled(_Writing):
    """Notes each try before it is sent and its outcome afterwards.

    What is noted and never settled was under way when the program ended: nobody knows, so it is looked up.
    """

    def __init__(self, inner: Connector, journal: JournalPort) -> None:
        super().__init__(inner)
        self._journal = journal

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Note, send once, note the outcomes."""
        await asyncio.to_thread(self._journal.intend, changes)
        outcomes = await self._inner.apply_many(changes)
        await asyncio.to_thread(self._journal.settle, outcomes)
        return outcomes


class PatientReader(_Reading[Reader[T]], Generic[T]):
    """A reader that goes on where it was interrupted, instead of from the start."""

    def __init__(self, inner: Reader[T], patience: Patience, wait: Sleep = sleep) -> None:
        super().__init__(inner)
        self._patience = patience
        self._wait = wait

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[T]]:
        """Stream pages; after a repeatable Failure wait, then re-enter at the last page's ``next``."""
        tried = 0
        while True:
            pages = self._inner.read(entity, scope=scope, start=start)
            try:
                async for page in pages:
                    tried = 0
                    yield page
                    if page.next is None:
                        return
                    start = page.next
            except Failure as failure:
                tried += 1
                await self._pause(failure, tried)
            else:
                return
            finally:
                if isinstance(pages, AsyncGenerator):  # one left early would hold its connection
                    await pages.aclose()

    async def ask(self, question: Callable[[Any], Awaitable[U]]) -> U:
        """Repeats as needed. Raises Failure."""
        return await _repeat(lambda: ask(self._inner, question), self._patience, self._wait)

    async def _pause(self, failure: Failure, tried: int) -> None:
        seconds = self._patience.wait(failure.problem, tried)
        if seconds is None:
            raise failure
        await self._wait(seconds, failure.problem, tried + 1)
        if self._patience.stopped():
            raise failure


class Retrying(_Writing):
    """Repeats what can be repeated, by class of problem, as long as its patience lasts.

    What a look-up found out about an unknown outcome goes to ``journal`` as well; by ``mappings`` (entity to
    mapping) it judges whether a value that the target spells otherwise is the one that was sent.
    """

    def __init__(
        self,
        inner: Connector,
        patience: Patience,
        wait: Sleep = sleep,
        journal: JournalPort | None = None,
        mappings: Mapping[str, EntityMapping] | None = None,
    ) -> None:
        super().__init__(inner)
        self._journal = journal
        self._mappings = mappings or {}
        self._patience = patience
        self._wait = wait
        self._reader: PatientReader[Record] = PatientReader(inner, patience, wait)

    def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Stream pages, resuming after repeatable failures."""
        return self._reader.read(entity, scope=scope, start=start)

    async def get(self, entity: str, key: str) -> Record | None:
        """Look up by the target's key, repeating as needed. Raises Failure."""
        return await _repeat(lambda: self._inner.get(entity, key), self._patience, self._wait)

    async def find(self, entity: str, external_id: str) -> Record | None:
        """Look up by our id, repeating as needed. Raises Failure."""
        return await _repeat(lambda: self._inner.find(entity, external_id), self._patience, self._wait)

    async def ask(self, question: Callable[[Any], Awaitable[T]]) -> T:
        """Repeats as needed. Raises Failure."""
        return await self._reader.ask(question)

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Send; look up what may have arrived; send again what surely did not."""
        final: dict[int, Outcome] = {}
        pending = dict(enumerate(changes))
        tried = 0
        while pending:
            tried += 1
            sent = await self._inner.apply_many(list(pending.values()))
            outcomes = {place: replace(o, attempts=tried) for place, o in zip(pending, sent, strict=True)}
            unsure = {p: pending[p] for p, o in outcomes.items() if o.result is Result.UNKNOWN}
            again = {
                p: pending[p]
                for p, o in outcomes.items()
                if o.result is Result.FAILED
                and o.problem
                and self._patience.wait(o.problem, tried) is not None
            }
            final.update({p: o for p, o in outcomes.items() if p not in unsure and p not in again})
            paused = await self._pause([outcomes[p] for p in (*unsure, *again)], tried)
            if not paused:
                final.update({p: outcomes[p] for p in again})
                again = {}
            verdicts, begun = await self._look_up(unsure, outcomes)
            for place, verdict in verdicts.items():
                if isinstance(verdict, Outcome):
                    final[place] = verdict
                elif paused:
                    again[place] = verdict
                elif verdict.action is changes[place].action and place not in begun:
                    final[place] = replace(outcomes[place], result=Result.FAILED)
                else:  # neither as it was nor as it shall be, by us or by somebody else: nobody knows which
                    final[place] = outcomes[place]
            await self._note([final[place] for place in unsure if place in final])
            pending = dict(sorted(again.items()))
        return [final[place] for place in range(len(changes))]

    async def _pause(self, outcomes: Sequence[Outcome], tried: int) -> bool:
        """Wait as long as the most demanding problem wants; False when patience ends or somebody stops."""
        waits = [
            (seconds, o.problem)
            for o in outcomes
            if o.problem and (seconds := self._patience.wait(o.problem, tried)) is not None
        ]
        if not waits:
            return False
        seconds, problem = max(waits, key=lambda wait: wait[0])
        await self._wait(seconds, problem, tried + 1)
        return not self._patience.stopped()

    async def _look_up(
        self, unsure: Mapping[int, Change], outcomes: Mapping[int, Outcome]
    ) -> tuple[dict[int, Outcome | Change], set[int]]:
        """For each unsure change the outcome that the target shows, or the change to send again; and those of
        which something has been written, but not all."""
        verdicts: dict[int, Outcome | Change] = {}
        begun: set[int] = set()
        try:
            found = await self._held(list(unsure.values())) if unsure else {}
        except Failure:
            return {place: outcomes[place] for place in unsure}, begun  # it stays unknown, and is shown so
        for place, change in unsure.items():
            record = found.get((change.entity, change.id))
            mapping = self._mappings.get(change.entity)
            if arrived(change, record, mapping):
                verdicts[place] = replace(outcomes[place], result=Result.ALREADY, problem=None)
            elif record is not None and change.action is Action.CREATE:
                verdicts[place] = instead(change, record, mapping)
            else:
                verdicts[place] = change
                if begun_by(change, record, mapping):
                    begun.add(place)
        return verdicts, begun

    async def _held(self, changes: Sequence[Change]) -> dict[tuple[str, str], Record]:
        """What the target holds of these: one by one, or by reading the entity where they are many."""
        if len(changes) <= LOOK_UPS:
            records = [await self.find(change.entity, change.id) for change in changes]
            return {(r.entity, r.id): r for r in records if r is not None}
        wanted = {(change.entity, change.id) for change in changes}
        held = {}
        for entity in sorted({change.entity for change in changes}):
            async for page in self.read(entity):
                held.update({(r.entity, r.id): r for r in page.records if (r.entity, r.id) in wanted})
        return held

    async def _note(self, outcomes: Sequence[Outcome]) -> None:
        if outcomes and self._journal is not None:
            await asyncio.to_thread(self._journal.settle, outcomes)
