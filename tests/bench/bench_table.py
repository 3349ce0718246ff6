"""A table of a million rows on a real pseudo-terminal, beside an empty Textual application in the same run.

    python -m tests.bench.bench_table                       1,000,000 rows, 200 steps, about a minute
    python -m tests.bench.bench_table --rows 10000 --steps 20

Key to bytes is the time from a written key to the first byte of the answer. Needs a POSIX system.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from console.widgets.record_model import Column, TableRow, Tone
from console.widgets.record_table import RecordTable
from tests.bench.measure import MB, machine
from tests.bench.terminal import SIZE, Answer, Terminal, terminal

STARTS = 5
DOWN, PAGE, END, HOME = b"\x1b[B", b"\x1b[6~", b"\x1b[F", b"\x1b[H"
READY, SHOWN, CHANGED = b"ready", b"record-000001", b"step"


class Store:
    """A million records in SQLite, read in windows as a plan is."""

    def __init__(self, file: Path) -> None:
        self._conn = sqlite3.connect(file)

    def count(self) -> int:
        """How many there are."""
        return int(self._conn.execute("SELECT count(*) FROM record").fetchone()[0])

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Some of them."""
        sql = "SELECT n, name FROM record ORDER BY n LIMIT ? OFFSET ?"
        return [_row(n, name) for n, name in self._conn.execute(sql, (limit, offset))]

    def find(self, key: str) -> int | None:
        """Where a record stands."""
        return int(key.rpartition("-")[2]) - 1


def _row(n: int, name: str) -> TableRow:
    return TableRow(
        f"record-{n:06}", (f"record-{n:06}", name, "Musterweg 4", f"{n % 900},50"), "~ geändert", Tone.WARN
    )


def fill(file: Path, rows: int) -> None:
    """Write the records."""
    with sqlite3.connect(file) as conn:
        conn.execute("CREATE TABLE record (n INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        values = ((n, f"Müller, Anna {n}") for n in range(1, rows + 1))
        conn.executemany("INSERT INTO record VALUES (?, ?)", values)


class Empty(App[None]):
    """Textual with one line that a key changes."""

    BINDINGS: ClassVar[list[BindingType]] = [("down", "step", "Step"), ("l", "load", "Load")]

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static(READY.decode())

    def action_step(self) -> None:
        """Change it."""
        self.query_one(Static).update(f"{CHANGED.decode()} {time.perf_counter_ns()}")

    def action_load(self) -> None:
        """Show what is waited for."""
        self.query_one(Static).update(SHOWN.decode())


class Full(Empty):
    """The same with a table, filled by a key."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        columns = [Column("Nummer", 14), Column("Name"), Column("Straße", 20), Column("Miete", 10)]
        self._table = RecordTable(columns, mark=Column("Stand", 12))

    def compose(self) -> ComposeResult:
        """The line and the table."""
        yield Static(READY.decode())
        yield self._table

    def action_load(self) -> None:
        """Give the table its rows."""
        self._table.set_source(Store(self._file))


@dataclass(frozen=True, slots=True)
class Figures:
    """What one application cost; seconds and bytes, ``steps`` by the name of the key."""

    start: float
    load: float
    memory: int
    steps: dict[str, list[Answer]]


def measure(what: str, file: Path, steps: int, keys: dict[str, bytes]) -> Figures:
    """Start and load several times, the last time press keys."""
    starts, loads = [], []
    for left in reversed(range(STARTS)):
        with terminal(_child(what, file)) as child:
            starts.append(child.until(READY))
            child.quiet()
            child.key(b"l")
            loads.append(child.until(SHOWN))
            if left:
                continue
            child.quiet()
            answers = {name: _steps(child, key, name, steps) for name, key in keys.items()}
            memory = child.memory()
    return Figures(statistics.median(starts), statistics.median(loads), memory, answers)


def _child(what: str, file: Path) -> list[str]:
    return [sys.executable, "-m", "tests.bench.bench_table", "--child", what, "--file", str(file)]


def _steps(child: Terminal, key: bytes, name: str, steps: int) -> list[Answer]:
    if name != "end":
        return [child.step(key) for _ in range(steps)]
    answers = []
    for _ in range(max(2, steps // 10)):
        answers.append(child.step(key))
        child.step(HOME)
    return answers


def inside(file: Path, times: int) -> float:
    """Median seconds of a screenful that is read and drawn anew, in our code alone."""

    async def run() -> float:
        app = Full(file)
        async with app.run_test(size=SIZE) as pilot:
            table = app.query_one(RecordTable)
            table.set_source(Store(file))
            await pilot.pause()
            return statistics.median(_paint(table) for _ in range(times))

    return asyncio.run(run())


def _paint(table: RecordTable) -> float:
    table.records.cache.clear()
    table.notify_style_update()  # forgets what was drawn
    begun = time.perf_counter()
    for y in range(table.size.height):
        table.render_line(y)
    return time.perf_counter() - begun


def _spread(answers: Sequence[Answer]) -> str:
    firsts = sorted(a.first * 1000 for a in answers)
    p95, p99 = firsts[int(len(firsts) * 0.95)], firsts[int(len(firsts) * 0.99)]
    sizes = [a.size for a in answers]
    said = f"{statistics.median(sizes):,.0f} bytes, {statistics.mean(sizes):,.0f} on average"
    return f"{statistics.median(firsts):.1f} / {p95:.1f} / {p99:.1f} ms, {said}"


def report(rows: int, steps: int) -> None:
    """Measure and print a table in Markdown."""
    begun = machine()
    with tempfile.TemporaryDirectory(prefix="einzug-bench-", ignore_cleanup_errors=True) as name:
        file = Path(name) / "records.sqlite"
        fill(file, rows)
        empty = measure("empty", file, steps, {"down": DOWN})
        full = measure("full", file, steps, {"down": DOWN, "page down": PAGE, "end": END})
        paint = inside(file, steps)
    print(f"{begun}; {rows:,} rows in SQLite, {SIZE[0]}x{SIZE[1]}, truecolor, {steps} steps\n")
    print("| what | empty application | table | ratio |\n|---|---|---|---|")
    for what, a, b in (("start to first word, ms", empty.start, full.start),
                       ("key to first row of the data, ms", empty.load, full.load)):  # fmt: skip
        print(f"| {what} | {a * 1000:.0f} | {b * 1000:.0f} | {b / a:.2f} |")
    before, after = empty.memory / MB, full.memory / MB
    print(f"| resident, MB | {before:.0f} | {after:.0f} | {after / before:.2f} |")
    base = statistics.median(a.first for a in empty.steps["down"])
    for what, answers in full.steps.items():
        ratio = statistics.median(a.first for a in answers) / base
        beside = _spread(empty.steps["down"]) if what == "down" else ""
        print(f"| {what}: median / p95 / p99 to first byte | {beside} | {_spread(answers)} | {ratio:.2f} |")
    print(f"| a screenful read and drawn, our code alone, ms | | {paint * 1000:.1f} | |")


def main() -> None:
    """Print the figures, or be a measured application."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the table (1000000)")
    parser.add_argument("--steps", type=int, default=200, help="presses of each key (200)")
    parser.add_argument("--child", choices=("empty", "full"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        (Empty() if asked.child == "empty" else Full(asked.file)).run()
    else:
        report(asked.rows, asked.steps)


if __name__ == "__main__":
    main()
