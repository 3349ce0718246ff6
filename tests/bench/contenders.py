"""One measured step in a process of its own; ``bench_compare`` calls it and reads the line of JSON it prints.

python -m tests.bench.contenders STEP FOLDER COUNT
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from connectors.contract import FieldChange, Record
from console.planner import scratch
from console.sync.codec import Codec, unkey
from console.sync.compare import compare, differences
from console.sync.spill import Snapshot, Sorter
from tests.bench import rows

CODEC = Codec((rows.MAPPING,))


def ours(folder: Path, count: int) -> dict[str, Any]:
    """Compare two sorted snapshots, encrypted as in the product, into a list of field changes."""
    room = scratch(folder)
    old, new = (Snapshot(room).write(lines(count, side)) for side in rows.SIDES)
    with old, new:
        begun, work = time.perf_counter(), time.process_time()
        found = [
            (id_, change)
            for pair in compare(new, old)
            for entity, id_ in (unkey(pair.key),)
            for change in differences(CODEC, pair, entity)
        ]
        return _report(begun, work, len(found), (_told(id_, change) for id_, change in found))


def lines(count: int, side: str) -> Iterator[bytes]:
    """The canonical lines of a version, in order."""
    for number, id_ in enumerate(rows.ids(count)):
        yield _line(id_, rows.row(number, side))


def _line(id_: str, values: list[str]) -> bytes:
    return CODEC.line(Record(rows.ENTITY, id_, dict(zip(rows.NAMES, values, strict=True))))


def _told(id_: str, change: FieldChange) -> tuple[object, ...]:
    return id_, change.name, change.old, change.new


def arrow(folder: Path, count: int) -> dict[str, Any]:
    """Make the Arrow files that polars starts from, sorted by id too."""
    import polars as pl

    begun, work = time.perf_counter(), time.process_time()
    for side in rows.SIDES:
        frame = pl.read_csv(rows.csv_path(folder, side), infer_schema=False)
        frame.sort("id").write_ipc(folder / f"{side}.arrow")
    return _report(begun, work, count, ())


def polars(folder: Path, count: int, engine: Any) -> dict[str, Any]:
    """Join both Arrow files on the id, keep the rows that differ, and make one frame of all differences."""
    import polars as pl

    begun, work = time.perf_counter(), time.process_time()
    old, new = (pl.scan_ipc(folder / f"{side}.arrow") for side in rows.SIDES)
    differing = [pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in rows.NAMES]
    joined = old.join(new, on="id", how="full", suffix="_new", coalesce=True)
    changed = joined.filter(pl.any_horizontal(differing)).collect(engine=engine)
    found = pl.concat(
        changed.filter(differs).select(
            "id",
            pl.lit(name).alias("field"),
            pl.col(name).alias("old"),
            pl.col(f"{name}_new").alias("new"),
        )
        for name, differs in zip(rows.NAMES, differing, strict=True)
    )
    return _report(begun, work, found.height, found.iter_rows())


def build(folder: Path, count: int) -> dict[str, Any]:
    """Sort both shuffled CSV files into snapshots."""
    room = scratch(folder)
    begun, work = time.perf_counter(), time.process_time()
    total = 0
    for side in rows.SIDES:
        sorter = Sorter(room)
        with rows.csv_path(folder, side).open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            next(reader)
            for id_, *values in reader:
                sorter.add(_line(id_, values))
        with sorter.finish() as snapshot:
            total += snapshot.count
    return _report(begun, work, total, ())


def _report(begun: float, work: float, count: int, found: Iterable[tuple[object, ...]]) -> dict[str, Any]:
    """Stop the clocks, then the digest: equal exactly when two contenders found the same differences."""
    wall, cpu = time.perf_counter() - begun, time.process_time() - work
    digest = hashlib.sha256("\n".join(sorted(map(repr, found))).encode()).hexdigest()[:12]
    return {"wall": wall, "cpu": cpu, "count": count, "digest": digest}


STEPS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "ours": ours,
    "arrow": arrow,
    "polars": partial(polars, engine="in-memory"),
    "polars-streaming": partial(polars, engine="streaming"),
    "build": build,
}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
