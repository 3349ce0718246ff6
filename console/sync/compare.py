"""Walk two sorted snapshots in step. What is equal is never parsed, and mostly not even cut into lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Self

from connectors.contract import FieldChange
from connectors.equality import field_changes
from console.sync.codec import Codec, split
from console.sync.spill import Snapshot


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
    left, right = _Lines(desired), _Lines(actual)
    want, have = next(left, None), next(right, None)
    while want is not None and have is not None:
        if want == have:
            same = left.skip_equal(right)
            if matched is not None:
                matched(want)
                for line in same.split(b"\n")[:-1]:
                    matched(line)
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


class _Lines:
    """The lines of one side, one after the other, out of blocks of them."""

    def __init__(self, side: Iterable[bytes]) -> None:
        self._texts = side.texts() if isinstance(side, Snapshot) else (line + b"\n" for line in side)
        self._text = b""
        self._at = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        while self._at == len(self._text):
            self._text, self._at = next(self._texts), 0
        start, end = self._at, self._text.index(b"\n", self._at)
        self._at = end + 1
        return self._text[start:end]

    def skip_equal(self, other: _Lines) -> bytes:
        """Pass over the lines that come next in both blocks, and return them.

        Halving finds where the blocks part: a dozen comparisons of memory instead of one for each line.
        """
        mine, theirs = self._text, memoryview(other._text)
        low, high = 0, min(len(mine) - self._at, len(theirs) - other._at)
        middle = high  # mostly all of it
        while low < high:
            if mine.startswith(theirs[other._at + low : other._at + middle], self._at + low):
                low = middle
            else:
                high = middle - 1
            middle = (low + high + 1) // 2
        end = mine.rfind(b"\n", self._at, self._at + low) + 1 or self._at
        same = mine[self._at : end]
        self._at, other._at = end, other._at + len(same)
        return same


def differences(codec: Codec, pair: Pair, entity: str) -> tuple[FieldChange, ...]:
    """Decode a Pair and name the fields that differ."""
    before = None if pair.before is None else codec.decode(entity, pair.before)
    after = None if pair.after is None else codec.decode(entity, pair.after)
    return field_changes(codec.mappings[entity], before, after)
