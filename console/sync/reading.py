"""From a stream of records to a sorted snapshot: one side of the comparison."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from connectors.contract import Record, Skipped, Value
from console.sync.codec import Codec, is_key, skip_line
from console.sync.events import Listener, Progress, Stage
from console.sync.plan import NOT_OURS
from console.sync.spill import Scratch, Snapshot, Sorter
from console.threads import off_loop

REPORT_EVERY = 250
"""Records between two reports of progress."""
_BATCH = 2000
"""Lines that are handed to the sorter at once, beside the loop: it may have to write to disk."""


@dataclass(frozen=True, slots=True)
class Side:
    """How one side is read: where it stands in a run and what stands for several lines of one key.

    The ids of a ``foreign`` side may be anything: one that is no key of ours cannot be ours, and is a skip.
    """

    stage: Stage
    collapse: Callable[[list[bytes]], bytes]
    foreign: bool = False


async def collect(
    records: AsyncIterator[Record | Skipped],
    side: Side,
    codec: Codec,
    *,
    scratch: Scratch,
    scope: Mapping[str, str],
    counts: Counter[str],
    listener: Listener,
) -> Snapshot:
    """Read everything, keep what is in scope, and sort it. ``scope`` is target field -> wanted value.

    ``counts`` receives the number of records per entity. The caller closes the Snapshot.
    Raises Failure, CodecError.
    """
    sorter = Sorter(scratch, collapse=side.collapse)
    done = 0
    lines: list[bytes] = []
    try:
        async for record in records:
            if not _in_scope(record.fields, scope):
                continue
            counts[record.entity] += 1
            lines.append(_line(record, side, codec))
            done += 1
            if len(lines) >= _BATCH:
                await off_loop(partial(sorter.add_all, lines))
                lines = []
            if done % REPORT_EVERY == 0:
                listener(Progress(side.stage, done))
                await asyncio.sleep(0)  # a page may hold thousands: let the screen breathe
        listener(Progress(side.stage, done, done))
        await off_loop(partial(sorter.add_all, lines))
        return await off_loop(sorter.finish)
    except BaseException:
        sorter.close()
        raise


def _line(record: Record | Skipped, side: Side, codec: Codec) -> bytes:
    if isinstance(record, Record) and (is_key(record.id) or not side.foreign):
        return codec.line(record)
    if isinstance(record, Record):  # shown as Python spells it: quoted, nothing unprintable left
        record = Skipped(record.entity, repr(record.id), "C3", NOT_OURS)
    return skip_line(record)


def _in_scope(fields: Mapping[str, Value], scope: Mapping[str, str]) -> bool:
    return all(fields.get(name) == value for name, value in scope.items())
