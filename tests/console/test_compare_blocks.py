"""Comparing block by block finds what comparing record by record finds."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from console.planner import scratch
from console.sync.compare import Pair, compare
from console.sync.spill import Snapshot

IDS = st.text("abÄ", min_size=1, max_size=4)
PAYLOADS = st.text("xyß", max_size=12)
SIDES = st.dictionaries(IDS, PAYLOADS, max_size=40)


def _lines(side: dict[str, str]) -> list[bytes]:
    return sorted(f"unit\x1f{id_}\x00{payload}".encode() for id_, payload in side.items())


@given(st.data(), SIDES, st.integers(1, 200))
def test_sides_cut_into_blocks_anywhere_give_the_differences_and_the_equal_lines(
    data: st.DataObject, desired: dict[str, str], block: int
) -> None:
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(desired) or ["a"]), PAYLOADS, max_size=4))
    removed = data.draw(st.sets(st.sampled_from(sorted(desired) or ["a"]), max_size=4))
    added = data.draw(st.dictionaries(IDS, PAYLOADS, max_size=4))
    actual = {id_: payload for id_, payload in (desired | changed | added).items() if id_ not in removed}
    same: list[bytes] = []
    with TemporaryDirectory() as folder, patch("console.sync.spill.BLOCK", block):
        room = scratch(Path(folder))
        with (
            Snapshot(room).write(_lines(desired)) as left,
            Snapshot(room).write(_lines(actual)) as right,
        ):
            found = list(compare(left, right, same.append))
    assert found == _differences(desired, actual)
    assert same == [line for line in _lines(desired) if line in _lines(actual)]


def _differences(desired: dict[str, str], actual: dict[str, str]) -> list[Pair]:
    """Written down the plain way."""
    pairs = []
    for key in sorted(f"unit\x1f{id_}".encode() for id_ in desired.keys() | actual.keys()):
        id_ = key.decode().partition("\x1f")[2]
        before, after = actual.get(id_), desired.get(id_)
        if before != after:
            encoded = [None if payload is None else payload.encode() for payload in (before, after)]
            pairs.append(Pair(key, *encoded))
    return pairs
