"""Walk two sorted snapshots in step. Equal lines are never parsed; that is the whole trick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from connectors.contract import EntityMapping, FieldChange, Value
from console.sync.codec import Codec, equal, split


class Pair(NamedTuple):
    """One key at which the sides differ. ``before`` is the target's payload, ``after`` the desired one;
    None where that side has no such record."""

    key: bytes
    before: bytes | None
    after: bytes | None


def compare(
    desired: Iterable[bytes],
    actual: Iterable[bytes],
    matched: Callable[[bytes], None] | None = None,
) -> Iterator[Pair]:
    """Yield a Pair for every key whose lines differ, in key order. Each side has one line per key.

    ``matched`` is told the line of every record that is equal on both sides.
    """
    left, right = iter(desired), iter(actual)
    want, have = next(left, None), next(right, None)
    while want is not None and have is not None:
        if want == have:
            if matched is not None:
                matched(want)
            want, have = next(left, None), next(right, None)
            continue
        want_key, after = split(want)
        have_key, before = split(have)
        if want_key == have_key:
            yield Pair(want_key, before, after)
            want, have = next(left, None), next(right, None)
        elif want_key < have_key:
            yield Pair(want_key, None, after)
            want = next(left, None)
        else:
            yield Pair(have_key, before, None)
            have = next(right, None)
    while want is not None:
        want_key, after = split(want)
        yield Pair(want_key, None, after)
        want = next(left, None)
    while have is not None:
        have_key, before = split(have)
        yield Pair(have_key, before, None)
        have = next(right, None)


def field_changes(
    mapping: EntityMapping, before: dict[str, Value] | None, after: dict[str, Value] | None
) -> tuple[FieldChange, ...]:
    """The fields that differ in meaning. Against nothing, every field that holds something differs."""
    old, new = before or {}, after or {}
    return tuple(
        FieldChange(f.name, old.get(f.name), new.get(f.name), f.source, f.rule)
        for f in mapping.fields
        if not equal(f, old.get(f.name), new.get(f.name))
    )


def differences(codec: Codec, pair: Pair, entity: str) -> tuple[FieldChange, ...]:
    """Decode a Pair and name the fields that differ."""
    before = None if pair.before is None else codec.decode(entity, pair.before)
    after = None if pair.after is None else codec.decode(entity, pair.after)
    return field_changes(codec.mappings[entity], before, after)
