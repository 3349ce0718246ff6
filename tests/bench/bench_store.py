"""The stores: a plan of a million rows written and read in windows, and how often the journal is durable.

python -m tests.bench.bench_store                     1,000,000 rows, 2,000 durable states
python -m tests.bench.bench_store --rows 10000 --states 200
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import orjson

from connectors.contract import Action, Change, Outcome, Result, Text
from console.store.journal import Journal
from console.store.plan_query import Lexicon, Term, Where, condition
from console.store.plans import PlanStore, Row
from console.store.schema import open_customer
from console.store.vault import Vault
from console.sync.plan import Planned
from tests.bench.measure import MB, machine
from tests.bench.rows import NAMES, row

WINDOW = 50
SEARCHES = {
    "updates": (Term(Where.ACTION, ("update",)),),
    "text 777": (Term(Where.TEXT, ("777",)),),
}
_ACTIONS = (Action.CREATE, Action.UPDATE, Action.UPDATE, Action.SKIP)


def plan_store(folder: Path, rows: int) -> None:
    """Write a plan and read windows of it."""
    payloads = [orjson.dumps(row(number, "new")) for number in range(1000)]
    begun = time.perf_counter()
    with closing(PlanStore(folder, Vault.ephemeral())) as store:
        for number in range(rows):
            store.add(_planned(number, payloads[number % 1000]))
        store.index()
        wall = time.perf_counter() - begun
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"plan store, {rows:,} rows written and indexed: {wall:.1f} s, {size / MB:,.0f} MB")
        _windows("all", range(1, store.total + 1), lambda at: store.between(at, WINDOW))
        for what, terms in SEARCHES.items():
            begun = time.perf_counter()
            found = store.numbers(condition(terms, Lexicon()))
            print(f"plan store, {what}: {len(found):,} rows found in {time.perf_counter() - begun:.2f} s")
            _windows(what, found, partial(_read, store, found))


def _read(store: PlanStore, found: Sequence[int], at: int) -> list[Row]:
    return store.at(found[at : at + WINDOW])


def _windows(what: str, rows: Sequence[int], read: Callable[[int], list[Row]]) -> None:
    """Read a window at the beginning, in the middle and at the end."""
    places = {"first": 0, "middle": len(rows) // 2, "last": max(0, len(rows) - WINDOW)}
    times = [f"{name} {_best(partial(read, at)) * 1000:.1f}" for name, at in places.items()]
    print(f"plan store, {what}: window of {WINDOW} in ms: {', '.join(times)}", flush=True)


def _planned(number: int, payload: bytes) -> Planned:
    action = _ACTIONS[number % len(_ACTIONS)]
    id_ = f"10/{number:08}"
    if action is Action.SKIP:
        return Planned(action, "row", id_, rule="C2", reason=Text("sync.collision", {"count": 2}))
    before = payload if action is Action.UPDATE else None
    return Planned(action, "row", id_, before, payload, NAMES[:2], reason=Text("sync.differs"))


def journal(folder: Path, states: int) -> None:
    """Intend and settle records one by one: each is a durable commit."""
    with closing(open_customer(folder, "bench")) as conn:
        notes = Journal(conn, Vault.ephemeral())
        run = notes.start_run("bots4you", "practice", "master-data", "apply", settings={})
        begun = time.perf_counter()
        for number in range(states // 2):
            change = Change(Action.CREATE, "row", f"10/{number}")
            notes.intend(run, [change], [None])
            notes.settle(run, [Outcome("row", change.id, Action.CREATE, Result.DONE)])
        wall = time.perf_counter() - begun
    print(f"journal: {states / wall:,.0f} durable states a second ({states:,} in {wall:.1f} s)")


def _best(call: Callable[[], object]) -> float:
    """Seconds of the fastest of five."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--states", type=int, default=2_000)
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="einzug-bench-") as name:
        plan_store(Path(name) / "plans", asked.rows)
        journal(Path(name), asked.states)


if __name__ == "__main__":
    main()
