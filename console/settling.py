"""Find out what an interrupted run left behind, before anything new is planned.

Each intent without an outcome is looked up at the target; what stands there decides, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from connectors.contract import Action, Connector, Outcome, Record, Result
from connectors.problems import Arrival, Owner, Problem, Trouble
from connectors.wrappers import LOOK_UPS
from console.planner import Job, Workbench
from console.store.idmap import IdMap, Link
from console.store.journal import Journal
from console.store.runs import Intent, RunState
from console.store.vault import VaultError
from console.sync.codec import Codec

NEVER_ARRIVED = Problem("sync.never_arrived", Trouble.UNREACHABLE, Owner.NOBODY)
UNCLEAR = Problem("sync.unclear", Trouble.UNREACHABLE, Owner.CONSULTANT, Arrival.PERHAPS)


async def settle_interrupted(job: Job, target: Connector, journal: Journal, bench: Workbench) -> int:
    """Settle the intents of dead runs of this job, close those runs, and say how many intents there were.

    Raises Failure when the target cannot be asked; then nothing is lost and the next start asks again.
    """
    intents = journal.unsettled(*job.place)
    held = await _held(target, intents)
    codec = job.codec()
    for run, group in groupby(intents, key=lambda intent: intent.run):
        # Before-values of another mapping cannot be compared with what stands there now.
        comparable = journal.run(run).mapping_version == job.mapping_version
        known = partial(_before, journal) if comparable else _unknown
        found = [(intent, held.get((intent.entity, intent.id))) for intent in group]
        kept = [intent for intent, record in found if _as_sent(intent, record, codec, bench)]
        well = {intent.seq for intent in kept}
        outcomes = [_already(i) if i.seq in well else _judge(i, one, known, codec) for i, one in found]
        _link(bench.idmap, [outcome for outcome in outcomes if outcome.ok], kept)
        journal.settle(run, outcomes)
    for open_run in journal.runs(*job.place):
        if open_run.state is RunState.INTERRUPTED and open_run.finished is None:
            journal.finish_run(open_run.id, RunState.INTERRUPTED, {"settled": len(intents)})
    return len(intents)


def _as_sent(intent: Intent, record: Record | None, codec: Codec, bench: Workbench) -> bool:
    """Whether the target holds exactly what was sent."""
    if record is None or intent.sent is None:
        return False
    return bench.fingerprint(codec.meaning(record.entity, record.fields)) == intent.sent


async def _held(target: Connector, intents: Sequence[Intent]) -> dict[tuple[str, str], Record]:
    wanted = {(intent.entity, intent.id) for intent in intents}
    if len(wanted) <= LOOK_UPS:
        records = [await target.find(entity, id_) for entity, id_ in sorted(wanted)]
        return {(r.entity, r.id): r for r in records if r is not None}
    held = {}
    for entity in sorted({entity for entity, _ in wanted}):
        async for page in target.read(entity):
            held.update({(r.entity, r.id): r for r in page.records if (r.entity, r.id) in wanted})
    return held


def _link(idmap: IdMap, arrived: Sequence[Outcome], as_sent: Sequence[Intent]) -> None:
    """What arrived is ours. Only what stands there as it was sent gets a digest: undo takes it back, while
    the rest somebody may have changed since."""
    for entity in {intent.entity for intent in as_sent}:
        links = [Link(i.id, digest=i.sent, run=i.run) for i in as_sent if i.entity == entity]
        idmap.put_many(entity, links)
    for entity in {outcome.entity for outcome in arrived}:
        ours = [o for o in arrived if o.entity == entity]
        idmap.adopt_many(entity, {o.id: None for o in ours if o.action is not Action.DELETE})
        idmap.remove_many(entity, [o.id for o in ours if o.action is Action.DELETE])


def _before(journal: Journal, intent: Intent) -> bytes | None:
    try:
        return journal.before(intent.run, intent.entity, intent.id)
    except VaultError:
        return None


def _unknown(intent: Intent) -> bytes | None:
    return None


def _judge(
    intent: Intent, record: Record | None, known: Callable[[Intent], bytes | None], codec: Codec
) -> Outcome:
    """What the target shows of a change of which it does not hold all that was sent."""
    arrived = record is None if intent.action is Action.DELETE else record is not None
    if intent.action is Action.UPDATE and record is not None:
        before = known(intent)
        untouched = before is not None and codec.payload(record.entity, record.fields) == before
        if before is None or (intent.sent is not None and not untouched):
            # Half written, or changed by somebody else: the next plan compares it anew.
            return Outcome(intent.entity, intent.id, intent.action, Result.UNKNOWN, UNCLEAR)
        arrived = not untouched
    if arrived:
        return _already(intent)
    return Outcome(intent.entity, intent.id, intent.action, Result.FAILED, NEVER_ARRIVED)


def _already(intent: Intent) -> Outcome:
    return Outcome(intent.entity, intent.id, intent.action, Result.ALREADY)
