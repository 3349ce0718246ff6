"""Write a plan and prove it: guards, apply, verify, remember."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from connectors.contract import Action, Change, Connector, Outcome, Result, Text
from connectors.problems import Failure, Problem
from connectors.wrappers import LOOK_UPS, Journaled, Patience, Retrying, Sleep
from console.part import Part
from console.planner import TARGET, Plan, Workbench, scratch
from console.run_journal import RunJournal
from console.store.errors import StoreError
from console.store.journal import Journal
from console.store.leases import Leases
from console.store.memory import Memory
from console.store.plans import Filter
from console.store.runs import ACCEPTED, FIX, PARTIAL, SEALS, UNDO_OF, RunState
from console.sync.apply import Applying, Writer
from console.sync.events import Listener, Progress, Stage
from console.sync.guards import Guard, Lifts, unlifted
from console.sync.plan import Planned, change
from console.sync.reading import collect
from console.sync.spill import Sorter
from console.sync.verify import Mismatch, expected_line, mismatches, read_back
from console.threads import off_loop

READ_BACK = "read_back"
APPLY = "apply"
"""The kind of a writing run in the journal."""
FRESH = timedelta(hours=1)
"""How old what a plan was made from may be when it is written."""

STALE = Guard("stale", 1, 0, Text("sync.guard_stale"))


class GuardStop(Exception):
    """Guards stand against the plan; nothing was written. ``partner`` knows the names of what they name."""

    def __init__(self, guards: Sequence[Guard], partner: str = "") -> None:
        super().__init__(", ".join(f"{guard.key}={guard.count}" for guard in guards))
        self.guards = tuple(guards)
        self.partner = partner


@dataclass(frozen=True, slots=True)
class State:
    """The stores a run writes to."""

    journal: Journal
    leases: Leases
    memory: Memory
    bench: Workbench


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a run behaves: guards lifted, patience, who listens, what ends it safely."""

    listener: Listener
    stop: asyncio.Event
    patience: Patience
    wait: Sleep
    accepted: Lifts = ()
    part: Part | None = None  # the rows to write, None for all


@dataclass(slots=True)
class RunResult:
    """How a run ended."""

    run: int
    state: RunState
    applying: Applying
    mismatches: list[Mismatch] = field(default_factory=list)
    unverified: Problem | None = None
    guards: list[Guard] = field(default_factory=list)


async def sync(plan: Plan, connector: Connector, state: State, conduct: Conduct) -> RunResult:
    """Write the plan. Raises GuardStop before anything is sent, StoreError when nothing could be noted."""
    job = plan.job
    last = await off_loop(partial(state.journal.last_run, *job.place, kind=APPLY))
    others_wrote = (last.id if last else 0) != plan.last_run
    old = others_wrote or datetime.now(UTC) - plan.read_at > FRESH
    part = conduct.part
    found = [*(part.guards if part else plan.guards), *([STALE] if old else [])]
    standing = unlifted(found, conduct.accepted)
    if standing:
        raise GuardStop(standing, plan.job.partner)
    run = await off_loop(
        partial(
            state.journal.start_run,
            *job.place,
            APPLY,
            plan_digest=plan.digest,
            mapping_version=job.mapping_version,
            settings=job.plain_settings | _besides(plan, found),
        )
    )
    notes = RunJournal(state.journal, state.leases, state.bench, run, plan.codec)
    mappings = plan.codec.mappings
    target = Retrying(Journaled(connector, notes), conduct.patience, conduct.wait, notes, mappings)
    writer = _writer(plan, target, notes, conduct)
    try:
        async with notes.alive():
            applying = await writer.run(_changes(plan, part), part.changes if part else plan.changes)
            result = RunResult(run, _state(applying), applying)
            await _verify(plan, target, result, conduct)
            await off_loop(
                partial(_keep, plan, state, notes, result, whole=plan.selection.whole and part is None)
            )
    except BaseException:
        with suppress(StoreError):  # the first error tells more; without an end the run counts as interrupted
            notes.finish(RunState.INTERRUPTED, {})
        raise
    return result


def _besides(plan: Plan, lifted: Sequence[Guard]) -> dict[str, Any]:
    """What the journal keeps of a run beside the settings: what it undoes or mends, what was confirmed."""
    about: dict[str, Any] = {UNDO_OF: plan.undo_of} if plan.undo_of else {}
    about |= {FIX: plan.selection.fix} if plan.selection.fix else {}
    about |= {} if plan.selection.whole else {PARTIAL: True}
    seals = {guard.key: guard.seal for guard in lifted if guard.seal}
    about |= {SEALS: seals} if seals else {}
    return about | ({ACCEPTED: {guard.key: guard.count for guard in lifted}} if lifted else {})


def _keep(plan: Plan, state: State, notes: RunJournal, result: RunResult, *, whole: bool) -> None:
    """Adopt what was found equal on both sides, remember the run, and note its end."""
    _adopt(plan, notes)
    with notes.lock:
        if result.state in (RunState.DONE, RunState.FAILED):
            _remember(plan, state, result, whole=whole)
        notes.finish(result.state, _counts(plan, result))


def _writer(plan: Plan, target: Connector, notes: RunJournal, conduct: Conduct) -> Writer:
    def record(outcomes: Sequence[Outcome]) -> None:
        plan.store.record(outcomes)
        untried = [outcome for outcome in outcomes if not outcome.attempts]
        if untried:
            notes.settle(untried)

    tolerated = {one[1] for one in conduct.accepted if one[0] == READ_BACK}
    return Writer(
        target,
        plan.codec,
        record=record,
        listener=conduct.listener,
        stop=conduct.stop,
        tolerated=tolerated,
    )


def _changes(plan: Plan, part: Part | None) -> Iterator[Change]:
    only = part.rows if part else None
    for planned in plan.store.in_writing_order(list(plan.codec.mappings), only):
        yield change(planned, plan.codec)


def _state(applying: Applying) -> RunState:
    if applying.interrupted:
        return RunState.INTERRUPTED
    if applying.left > 0:
        return RunState.STOPPED  # canaries came back changed
    return RunState.FAILED if applying.failed else RunState.DONE


async def _verify(plan: Plan, target: Connector, result: RunResult, conduct: Conduct) -> None:
    """Read back what was written. Canaries stopped the run when they came back changed."""
    if result.state is RunState.STOPPED:
        result.mismatches = list(result.applying.rewritten)
        count = len(result.mismatches)
        result.guards = [Guard(READ_BACK, count, 0, Text("sync.guard_read_back", {"count": count}))]
        return
    if result.applying.stopped_by is not None or conduct.stop.is_set() or not result.applying.applied:
        return
    conduct.listener(Progress(Stage.VERIFY, 0, result.applying.applied))
    try:
        few = max(LOOK_UPS, plan.tally.actual.total() // 100)
        written = await off_loop(lambda: list(islice(_written(plan), few + 1)))
        if len(written) <= few:
            result.mismatches = await read_back(target, [change(p, plan.codec) for p in written], plan.codec)
        else:
            result.mismatches = await _read_all(plan, target, conduct.listener)
    except Failure as failure:
        result.unverified = failure.problem
    done = result.applying.applied
    conduct.listener(Progress(Stage.VERIFY, done, done, len(result.mismatches)))


async def _read_all(plan: Plan, target: Connector, listener: Listener) -> list[Mismatch]:
    """Compare everything written with one reading of the target; memory stays bounded."""
    job, room = plan.job, scratch(plan.store.folder)

    def expect() -> Sorter:
        sorter = Sorter(room)
        for planned in _written(plan):
            sorter.add(expected_line(planned.entity, planned.id, planned.after))
        return sorter

    sorter = await off_loop(expect)
    async with aclosing(await off_loop(sorter.finish)) as expected:
        records = job.use_case.actual(target, job.settings)
        actual = await collect(
            records,
            TARGET,
            plan.codec,
            scratch=room,
            scope={},
            counts=Counter(),
            listener=lambda event: listener(Progress(Stage.VERIFY, getattr(event, "done", 0))),
        )
        async with aclosing(actual):
            return await off_loop(partial(mismatches, expected, actual, plan.codec))


def _written(plan: Plan) -> Iterator[Planned]:
    for result in (Result.DONE, Result.ALREADY):
        yield from (row.planned for row in plan.store.rows(Filter(result=result)))


def _adopt(plan: Plan, notes: RunJournal) -> None:
    """Take what was found equal on both sides into the id map; what was written is there already."""
    for matched in plan.store.matched():
        for entity in plan.codec.mappings:
            notes.adopt(entity, [id_ for name, id_ in matched if name == entity])


def _remember(plan: Plan, state: State, result: RunResult, *, whole: bool) -> None:
    if plan.selection.fields is not None:
        return  # a few fields say nothing of the use case as a whole
    former = state.memory.facts(*plan.job.place)
    mapping, settings = plan.job.mapping_version, plan.job.plain_settings
    counts: dict[str, Mapping[str, int]] = {**plan.facts}
    if not whole and former.settings is not None:
        # A part of the company neither changes what is known of the whole nor what was agreed for it.
        counts = {**former.counts}
        mapping, settings = former.mapping_version, dict(former.settings)
    counts["actual"] = _after_writing(counts.get("actual", {}), plan)
    state.memory.remember(*plan.job.place, counts=counts, mapping_version=mapping, settings=settings)


def _after_writing(held: Mapping[str, int], plan: Plan) -> Counter[str]:
    """How many records the target holds after our creates and deletes: an undo may empty it, rightly."""
    now: Counter[str] = Counter(held)
    for (entity, action), count in plan.store.written().items():
        now[entity] += {Action.CREATE: count, Action.DELETE: -count}.get(action, 0)
    return now


def _counts(plan: Plan, result: RunResult) -> dict[str, int]:
    applying = result.applying
    return plan.tally.counts() | {
        "applied": applying.applied,
        "failed": applying.failed,
        "left": applying.left,
        "rewritten": len(result.mismatches),
    }
