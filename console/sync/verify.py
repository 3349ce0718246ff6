"""Read again what was written and compare it with what was planned: a silent rewrite is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.contract import Action, Change, Connector, Record
from connectors.equality import field_changes
from console.sync.codec import SKIP, Codec, key, unkey
from console.sync.compare import compare, differences
from console.sync.spill import Snapshot

ABSENT = b"-"
"""The payload that stands for "must not be there" among the expected lines."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A record that does not hold what was written: the fields by name, or all of it (``fields`` empty)."""

    entity: str
    id: str
    fields: tuple[str, ...] = ()


async def read_back(target: Connector, changes: Sequence[Change], codec: Codec) -> list[Mismatch]:
    """Look each of a few changes up at the target. Raises Failure."""
    found = []
    for change in changes:
        record = await target.find(change.entity, change.id)
        mismatch = judge(change, record, codec)
        if mismatch is not None:
            found.append(mismatch)
    return found


def judge(change: Change, record: Record | None, codec: Codec) -> Mismatch | None:
    """Compare one change with what the target shows, by the mapping's equality."""
    if change.action is Action.DELETE:
        return None if record is None else Mismatch(change.entity, change.id)
    if record is None:
        return Mismatch(change.entity, change.id)
    mapping = codec.mappings[change.entity]
    names = tuple(f.name for f in field_changes(mapping, record.fields, change.after))
    return Mismatch(change.entity, change.id, names) if names else None


def expected_line(entity: str, id_: str, after: bytes | None) -> bytes:
    """What the target must show after a write (``after``) or a delete (None)."""
    return key(entity, id_) + b"\x00" + (ABSENT if after is None else after)


def mismatches(expected: Iterable[bytes], actual: Snapshot, codec: Codec) -> list[Mismatch]:
    """Compare sorted expected lines with everything the target shows; what nobody expects is ignored.

    A record that the target shows several times with different values is a mismatch as a whole.
    """
    found = []
    for pair in compare(expected, actual):
        if pair.after is None or (pair.after == ABSENT and pair.before is None):
            continue
        entity, id_ = unkey(pair.key)
        if pair.before is None or pair.after == ABSENT or pair.before.startswith(SKIP):
            found.append(Mismatch(entity, id_))
            continue
        names = tuple(f.name for f in differences(codec, pair, entity))
        if names:
            found.append(Mismatch(entity, id_, names))
    return found
