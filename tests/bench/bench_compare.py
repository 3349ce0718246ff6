"""Compare two snapshots of records with 25 text fields, 1 % changed, beside polars on the same rows.

Every step runs in a process of its own. Its clock starts when the files lie on disk and stops when all
field-level differences are in memory; counts and digests of the differences must be equal.

    python -m tests.bench.bench_compare                     100,000 and 1,000,000 records, about 3 minutes
    python -m tests.bench.bench_compare --records 10000     the short form
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench import rows
from tests.bench.measure import MB, machine, python

COMPARING = ("ours", "polars", "polars-streaming")


@dataclass(frozen=True, slots=True)
class Figure:
    """What one step cost: seconds of wall and processor time, and the peak of its whole process."""

    wall: float
    cpu: float
    peak: int
    count: int
    digest: str


def step(name: str, folder: Path, records: int) -> Figure:
    """Run one step. Raises SystemExit when it fails."""
    cost = python("tests.bench.contenders", name, str(folder), str(records))
    if cost.code:
        raise SystemExit(f"{name} ended with {cost.code}")
    found = json.loads(cost.out)
    return Figure(found["wall"], found["cpu"], cost.peak, found["count"], found["digest"])


def measure(records: int, rounds: int) -> bool:
    """Print the figures for one size; whether everybody found the same."""
    with tempfile.TemporaryDirectory(prefix="einzug-bench-") as name:
        folder = Path(name)
        rows.write_csv(folder, records)
        step("arrow", folder, records)
        best: dict[str, Figure] = {}
        for _ in range(rounds):
            for contender in COMPARING:
                figure = step(contender, folder, records)
                if contender not in best or figure.wall < best[contender].wall:
                    best[contender] = figure
        for contender, figure in best.items():
            line(f"{contender}, {records:,}", figure)
        fastest = min((best[c] for c in COMPARING[1:]), key=lambda f: f.wall)
        leanest = min((best[c] for c in COMPARING[1:]), key=lambda f: f.peak)
        line(f"build both sides from CSV, {records:,}", step("build", folder, records))
    mine = best["ours"]
    same = len({(figure.count, figure.digest) for figure in best.values()}) == 1
    print(
        f"\n{records:,}: {mine.wall / fastest.wall:.2f} of the time of the faster polars, "
        f"{mine.peak / leanest.peak:.3f} of the memory of the leaner one; "
        f"{mine.count:,} differences, {'equal' if same else 'NOT EQUAL'}\n",
        flush=True,
    )
    return same


def line(what: str, figure: Figure) -> None:
    """One line of the table."""
    print(
        f"| {what} | {figure.wall:.2f} | {figure.cpu:.2f} | {figure.peak / MB:.0f} | {figure.count:,} |",
        flush=True,
    )


def main() -> None:
    """Print figures for each size; fails only when the differences found are not the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--records", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many (3)")
    asked = parser.parse_args()
    print(machine())
    print("| step, records | wall s | processor s | peak MB | differences or rows |\n|---|---|---|---|---|")
    if not all([measure(records, asked.rounds) for records in asked.records]):
        raise SystemExit("the differences found are not the same")


if __name__ == "__main__":
    main()
