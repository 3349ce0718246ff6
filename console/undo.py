"""Undo as a plan: what the journal kept is the desired state, and it goes through the same preview.

What somebody has changed since is left alone and shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from connectors.contract import Action, Connector, Record, Skipped, Text
from console.planner import Job, Sides, Workbench
from console.selection import Selection
from console.store.journal import Journal
from console.sync.plan import Policy
from console.threads import off_loop

UNDONE = Text("sync.undone")


async def undo_sides(
    job: Job, run: int, target: Connector, journal: Journal, bench: Workbench
) -> tuple[Sides, Selection]:
    """The sides to compare so that the plan takes back a run, and the records it is limited to.

    Raises Failure, StoreError.
    """
    written = await off_loop(lambda: {(s.entity, s.id): s.action for s in journal.outcomes(run, ok=True)})
    now = await _fingerprints(job, target, bench, set(written))
    created = {key for key, action in written.items() if action is Action.CREATE}
    ids = frozenset(id_ for _, id_ in written)
    deletes = job.use_case.deletes  # what must never be deleted stays, also when it is taken back
    policy = Policy(deletes, lambda entity, id_: (entity, id_) in created, ids, UNDONE)
    desired = _desired(job, run, written, now, journal, bench)
    return Sides(desired, job.use_case.actual(target, job.settings), policy), Selection(only=ids)


async def _fingerprints(
    job: Job, target: Connector, bench: Workbench, wanted: set[tuple[str, str]]
) -> dict[tuple[str, str], bytes]:
    """What the target holds of these records now, as fingerprints: a large run fits into memory."""
    codec = job.codec()
    return {
        (record.entity, record.id): bench.fingerprint(codec.meaning(record.entity, record.fields))
        async for record in job.use_case.actual(target, job.settings)
        if (record.entity, record.id) in wanted
    }


async def _desired(
    job: Job,
    run: int,
    written: dict[tuple[str, str], Action],
    now: dict[tuple[str, str], bytes],
    journal: Journal,
    bench: Workbench,
) -> AsyncIterator[Record | Skipped]:
    codec = job.codec()
    for (entity, id_), action in written.items():
        link = bench.idmap.get(entity, id_)
        held = now.get((entity, id_))
        ours = link is not None and link.run == run and held == link.digest  # a later run counts as a change
        untouched = held is None if action is Action.DELETE else ours
        if not untouched:
            if held is not None or action is not Action.CREATE:
                yield _left(entity, id_, "sync.undo_changed_since")
            continue
        if action is Action.CREATE:
            continue  # nothing is desired: the plan deletes what the run created
        before = journal.before(run, entity, id_)
        if before is None:
            yield _left(entity, id_, "sync.undo_not_kept")
        else:
            yield Record(entity, id_, codec.decode(entity, before))


def _left(entity: str, id_: str, code: str, **args: Any) -> Skipped:
    return Skipped(entity, id_, "", Text(code, args))
