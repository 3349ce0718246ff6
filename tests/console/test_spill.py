from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.planner import scratch
from console.sync.plan import repeated
from console.sync.spill import Snapshot, Sorter

_keys = st.binary(min_size=1, max_size=6).filter(lambda b: b"\n" not in b and b"\x00" not in b)


@given(st.lists(st.tuples(_keys, st.sampled_from([b"[1]", b"[2]"])), max_size=60), st.integers(60, 400))
def test_sorting_in_runs_equals_sorting_in_memory(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[bytes, bytes]], budget: int
) -> None:
    folder = tmp_path_factory.mktemp("sort")
    written = [key + b"\x00" + payload for key, payload in pairs]
    sorter = Sorter(scratch(folder), budget=budget)
    for line in written:
        sorter.add(line)
    with sorter.finish() as snapshot:
        assert list(snapshot) == sorted(written)
        assert snapshot.count == len(written)
    assert list(folder.iterdir()) == []


@given(st.lists(_keys, max_size=40), st.integers(60, 300))
def test_collapsing_leaves_one_line_a_key(
    tmp_path_factory: pytest.TempPathFactory, keys: list[bytes], budget: int
) -> None:
    folder = tmp_path_factory.mktemp("sort")
    sorter = Sorter(scratch(folder), budget=budget, collapse=repeated)
    for key in keys:
        sorter.add(key + b"\x00[]")
    with sorter.finish() as snapshot:
        assert list(snapshot) == sorted({key + b"\x00[]" for key in keys})


def test_what_lies_on_disk_tells_nothing_and_bears_the_process(tmp_path: Path) -> None:
    with Snapshot(scratch(tmp_path)).write([b'flat\x1f1\x00["Erika Muster"]'] * 3) as snapshot:
        (file,) = tmp_path.iterdir()
        assert b"Erika" not in file.read_bytes()
        assert file.name.startswith(f"spill-{os.getpid()}-")
        assert len(list(snapshot)) == len(list(snapshot)) == 3  # readable any number of times
    assert list(tmp_path.iterdir()) == []
