"""Write a plan: one record, then ten, then the rest, reading back in between; stop when it makes no sense.

The connector handed in is already patient and journaled; this room decides the order, the size of the calls,
how many are under way at once, and when to give up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice

from connectors.contract import Action, Capability, Change, Connector, Outcome, Result
from connectors.problems import Failure, Problem, Trouble
from console.sync.codec import Codec
from console.sync.events import Applied, Listener, Progress, Stage
from console.sync.verify import Mismatch, read_back
from console.threads import off_loop

CANARIES = (1, 10)
"""Sizes of the first writes, each read back before the next."""

HOPELESS = 3
"""After so many calls in a row that failed for a reason that is not the record's, the rest is not tried."""

_SYSTEMIC = frozenset(
    {
        Trouble.UNREACHABLE,
        Trouble.UNAVAILABLE,
        Trouble.LIMIT,
        Trouble.CREDENTIALS,
        Trouble.RIGHTS,
        Trouble.PAYLOAD,  # a log-in or block page answers every call alike
    }
)


@dataclass(slots=True)
class Applying:
    """What an apply did so far. ``stopped_by`` is the problem that made it give up the rest."""

    total: int
    applied: int = 0
    failed: int = 0
    not_tried: int = 0
    interrupted: bool = False
    stopped_by: Problem | None = None
    rewritten: list[Mismatch] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many changes nobody has tried."""
        return self.total - self.applied - self.failed


class Writer:
    """Applies the changes of one plan through one connector. Use once.

    ``record`` receives every outcome as soon as it is known, in a worker thread and several calls at once;
    changes are drawn in worker threads too, one after the other. ``stop`` is set by whoever wants to end
    safely: calls under way are finished, no new one starts. ``tolerated`` are the numbers of rewritten
    canaries that a person has accepted; as with every guard only the exact one counts.
    """

    def __init__(
        self,
        target: Connector,
        codec: Codec,
        *,
        record: Callable[[Sequence[Outcome]], None],
        listener: Listener,
        stop: asyncio.Event,
        tolerated: Collection[int] = (),
    ) -> None:
        self._target = target
        self._codec = codec
        self._record = record
        self._listener = listener
        self._stop = stop
        self._tolerated = tolerated
        self._hopeless = 0
        self.state = Applying(0)

    async def run(self, changes: Iterable[Change], total: int) -> Applying:
        """Apply all changes, which come in the order in which they must be written."""
        self.state = Applying(total)
        rest = iter(changes)
        for size in CANARIES:
            unsent = await self._canary(list(islice(rest, size)))
            if self._ended() or not self._tolerable(final=size == CANARIES[-1]):
                await self._give_up(chain(unsent, rest))
                return self.state
        chunks = _chunks(rest, self._size())
        unsent = await self._bulk(chunks)
        await self._give_up(chain(unsent, chain.from_iterable(chunks)))
        return self.state

    def _tolerable(self, *, final: bool) -> bool:
        """Whether so many rewritten canaries are accepted; before the last, whether they still may be."""
        count = len(self.state.rewritten)
        if final:
            return not count or count in self._tolerated
        return count <= max(self._tolerated, default=0)

    async def _canary(self, changes: list[Change]) -> list[Change]:
        """Write a few and read them back. Returns those that were not sent because the run ended."""
        written: list[Change] = []
        unsent: list[Change] = []
        for chunk in _chunks(changes, self._size()):
            if self._ended():
                unsent += chunk
                continue
            good = {outcome.id for outcome in await self._send(chunk) if outcome.ok}
            written += [change for change in chunk if change.id in good]
        if not self._ended():
            try:
                self.state.rewritten += await read_back(self._target, written, self._codec)
            except Failure as failure:
                self.state.stopped_by = failure.problem
        return unsent

    async def _bulk(self, chunks: Iterator[list[Change]]) -> list[Change]:
        """Write several chunks at a time. Returns what was drawn and not sent because the run ended."""
        drawing, way = asyncio.Lock(), _Way()
        unsent: list[Change] = []

        async def work() -> None:
            while not self._ended():
                async with drawing:
                    chunk = await _draw(chunks)
                    if chunk is None:
                        return
                    await way.enter(chunk)
                try:
                    if self._ended():
                        unsent.extend(chunk)
                    else:
                        await self._send(chunk)
                finally:
                    await way.leave(chunk)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._target.limits().in_flight):
                    group.create_task(work())
        except ExceptionGroup as errors:  # callers know the first one, which ended the others, by its type
            raise errors.exceptions[0] from None
        return unsent

    def _size(self) -> int:
        return self._target.limits().bulk if Capability.BULK in self._target.capabilities else 1

    def _ended(self) -> bool:
        return self._stop.is_set() or self.state.stopped_by is not None

    async def _send(self, chunk: list[Change]) -> list[Outcome]:
        outcomes = await self._target.apply_many(chunk)
        await off_loop(partial(self._record, outcomes))
        good = sum(outcome.ok for outcome in outcomes)
        self.state.applied += good
        self.state.failed += len(outcomes) - good
        for outcome in outcomes:
            self._listener(Applied(outcome))
        done = self.state.applied + self.state.failed
        self._listener(Progress(Stage.APPLY, done, self.state.total, self.state.failed))
        self._judge(outcomes)
        return outcomes

    def _judge(self, outcomes: Sequence[Outcome]) -> None:
        """Count calls that failed whole for a reason that would fail every other record too."""
        problems = [o.problem for o in outcomes if o.problem and not o.ok and o.problem.trouble in _SYSTEMIC]
        if not outcomes or len(problems) < len(outcomes):
            self._hopeless = 0
            return
        self._hopeless += 1
        final = problems[0].trouble in (Trouble.CREDENTIALS, Trouble.RIGHTS)
        if self._hopeless >= HOPELESS or (final and self._hopeless > 1):
            self.state.stopped_by = problems[0]

    async def _give_up(self, rest: Iterable[Change]) -> None:
        """Name every record that is not tried because the other side fails for all of them."""
        self.state.interrupted = self._stop.is_set() and self.state.left > 0
        problem = self.state.stopped_by
        if problem is None or self.state.interrupted:
            return
        chunks = _chunks(rest, 1000)
        while (chunk := await _draw(chunks)) is not None:
            outcomes = [Outcome(c.entity, c.id, c.action, Result.FAILED, problem, attempts=0) for c in chunk]
            await off_loop(partial(self._record, outcomes))
            self.state.failed += len(chunk)
            self.state.not_tried += len(chunk)


class _Way:
    """The chunks under way. One that builds on another of them waits until that one has arrived."""

    def __init__(self) -> None:
        self._chunks: dict[int, list[Change]] = {}
        self._left = asyncio.Condition()

    async def enter(self, chunk: list[Change]) -> None:
        """Wait until nothing is under way that this chunk builds on."""
        async with self._left:
            await self._left.wait_for(lambda: not any(_builds_on(chunk, c) for c in self._chunks.values()))
            self._chunks[id(chunk)] = chunk

    async def leave(self, chunk: list[Change]) -> None:
        """The chunk has arrived, or never will."""
        async with self._left:
            del self._chunks[id(chunk)]
            self._left.notify_all()


def _builds_on(chunk: list[Change], earlier: list[Change]) -> bool:
    """Whether a chunk refers to what another one writes: entities come parents first, deletes children first,
    and within a tree the id of a child goes on where its parent's ends.

    Ids come in order, so between those of a parent and of its child everything begins with the parent's.
    """
    if _nature(chunk[0]) != _nature(earlier[0]):
        return True
    first, last = chunk[0].id, earlier[-1].id
    return any(first.startswith(c.id) for c in earlier) or any(last.startswith(c.id) for c in chunk)


async def _draw(chunks: Iterator[list[Change]]) -> list[Change] | None:
    """The next chunk, decrypted beside the loop; None after the last."""
    return await off_loop(partial(next, chunks, None))


def _chunks(changes: Iterable[Change], size: int) -> Iterator[list[Change]]:
    """Runs of at most ``size`` changes of one entity and of one nature: writing or deleting."""
    chunk: list[Change] = []
    for change in changes:
        if chunk and (len(chunk) >= size or _nature(change) != _nature(chunk[0])):
            yield chunk
            chunk = []
        chunk.append(change)
    if chunk:
        yield chunk


def _nature(change: Change) -> tuple[str, bool]:
    return change.entity, change.action is Action.DELETE
