"""A journal whose process is killed keeps everything that it said it had noted."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from console.store.journal import Journal
from console.store.runs import RunState
from console.store.schema import open_customer
from console.store.vault import Vault
from tests.console.journal_kit import PLACE

CHILD = """
import sys
from pathlib import Path
from connectors.contract import Action, Change, Outcome, Result
from console.store.journal import Journal
from console.store.schema import open_customer
from console.store.vault import Vault

journal = Journal(open_customer(Path(sys.argv[1]), "practice"), Vault.ephemeral())
run = journal.start_run("bots4you", "test", "master-data", "apply", settings={})
print("run", run, flush=True)
for n in range(100_000):
    ids = [f"{n}/{k}" for k in range(5)]
    journal.intend(run, [Change(Action.CREATE, "tenant", i) for i in ids], [None] * 5)
    print("intent", n, flush=True)
    journal.settle(run, [Outcome("tenant", i, Action.CREATE, Result.DONE) for i in ids])
    print("outcome", n, flush=True)
"""


def run_until_killed(data_dir: Path, lines: int) -> tuple[int, set[int], set[int]]:
    """Kill a writing child after some lines: its run, and the batches it said it had noted."""
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    with child:
        assert child.stdout is not None
        said = [child.stdout.readline().split() for _ in range(lines)]
        child.kill()
        said += [words for words in map(str.split, child.stdout) if len(words) == 2]
    noted: dict[str, set[int]] = {"run": set(), "intent": set(), "outcome": set()}
    for word, number in said:
        noted[word].add(int(number))
    (run,) = noted["run"]
    return run, noted["intent"], noted["outcome"]


def test_twenty_kills_lose_nothing_that_was_noted(tmp_path: Path) -> None:
    conn = open_customer(tmp_path, "practice")
    journal = Journal(conn, Vault.ephemeral())
    seed = random.Random(20260301)
    for _ in range(20):
        run, intents, outcomes = run_until_killed(tmp_path, seed.randint(1, 40))
        assert journal.run(run).state is RunState.INTERRUPTED
        settled = [int(s.id.split("/")[0]) for s in journal.outcomes(run)]
        unsettled = [int(i.id.split("/")[0]) for i in journal.unsettled(*PLACE) if i.run == run]
        assert outcomes <= set(settled)
        assert intents <= set(settled) | set(unsettled)
        assert len(set(unsettled)) <= 1  # whole batches, and only the one under way
        assert all(batch.count(n) == 5 for batch in (settled, unsettled) for n in set(batch))
        assert not set(settled) & set(unsettled)
        assert journal.verify().ok
        journal.finish_run(run, RunState.INTERRUPTED, {})
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()
