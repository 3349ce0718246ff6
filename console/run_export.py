"""Runs and their outcomes as CSV that Excel opens as it is; numbers and codes only, nothing personal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from console.sheets import save_csv
from console.store.runs import Run, Settled

RUNS = (
    "run", "started", "finished", "partner", "environment", "use_case", "kind", "state",
    "applied", "failed", "left", "digest",
)  # fmt: skip
OUTCOMES = ("run", "at", "entity", "id", "action", "ok", "result", "error", "attempts")


def write_runs(runs: Iterable[Run], folder: Path) -> Path:
    """Write one row a run into a new file of ``folder``. Raises OSError."""
    return _write(folder, "runs", RUNS, map(_run, runs))


def write_outcomes(run: int, outcomes: Iterable[Settled], folder: Path) -> Path:
    """Write one row an outcome into a new file of ``folder``. Raises OSError."""
    return _write(folder, f"run-{run}", OUTCOMES, map(_outcome, outcomes))


def _run(run: Run) -> tuple[str, ...]:
    counts = (str(run.counts.get(name, "")) for name in ("applied", "failed", "left"))
    finished = run.finished.isoformat(timespec="seconds") if run.finished else ""
    started = run.started.isoformat(timespec="seconds")
    place = (run.partner, run.environment, run.use_case, run.kind, run.state.value)
    return (str(run.id), started, finished, *place, *counts, run.plan_digest)


def _outcome(settled: Settled) -> tuple[str, ...]:
    at = settled.at.isoformat(timespec="seconds")
    ended = ("yes" if settled.ok else "no", settled.result.value, settled.code or "", str(settled.attempts))
    return (str(settled.run), at, settled.entity, settled.id, settled.action.value, *ended)


def _write(folder: Path, name: str, head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Path:
    path = folder / f"{name}-{datetime.now():%Y%m%d-%H%M%S}.csv"
    save_csv(path, head, rows)
    return path
