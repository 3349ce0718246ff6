"""What the journal tells of runs and their changes, read from its entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.contract import Action, Result
from connectors.problems import Trouble


class RunState(StrEnum):
    """How a run stands. A run that has no end and no living process is interrupted."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # finished, with records that failed
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"  # by a guard or a person


UNDO_OF = "undo_of"
"""Among a run's settings: the number of the run that it takes back."""

FIX = "fix"
"""Among a run's settings: the key of the check whose finding it mends."""

GO_LIVE, TAKE_BACK = "go-live", "take-back"
"""Kinds of runs that write nothing to anybody: a use case went live, and somebody took it back."""


PARTIAL = "partial"
"""Among a run's settings: its plan was about a part of the records, so it says nothing of the whole."""

ACCEPTED = "accepted"
"""Among a run's settings: the guards that somebody lifted, with the counts that were named for it."""

SEALS = "accepted_seals"
"""Among a run's settings: the seals of those guards, which tell the very records that were meant."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``counts`` is empty until it has finished."""

    id: int
    partner: str
    environment: str
    use_case: str
    kind: str
    state: RunState
    started: datetime
    finished: datetime | None
    counts: Mapping[str, int]
    plan_digest: str
    mapping_version: str
    settings: Mapping[str, Any]

    @property
    def undo_of(self) -> int | None:
        """The run that this one takes back; None for an ordinary one."""
        found = self.settings.get(UNDO_OF)
        return found if isinstance(found, int) else None

    @property
    def fix(self) -> str:
        """The check whose finding this run mends; "" for an ordinary one."""
        found = self.settings.get(FIX)
        return found if isinstance(found, str) else ""

    @property
    def partial(self) -> bool:
        """Whether its plan was about a part of the records only."""
        return bool(self.settings.get(PARTIAL)) or self.undo_of is not None

    @property
    def accepted(self) -> Mapping[str, int]:
        """The guards that somebody lifted before it was written, with their counts."""
        found = self.settings.get(ACCEPTED)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Intent:
    """A change that was about to be sent and whose outcome nobody noted; ``sent`` stands for what the target
    was to hold, None where that was not kept."""

    run: int
    seq: int
    entity: str
    id: str
    action: Action
    sent: bytes | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The last outcome of a record in a run. ``attempts`` counts how often it was about to be sent."""

    run: int
    seq: int
    at: datetime
    entity: str
    id: str
    action: Action
    result: Result
    attempts: int
    remote_id: str | None = None
    code: str | None = None
    trouble: Trouble | None = None
    status: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the target holds what was planned."""
        return self.result in (Result.DONE, Result.ALREADY)


RUNS = """
    SELECT s.run, s.at, s.scope, s.action, s.detail, f.at, f.result, f.detail
    FROM entry s LEFT JOIN entry f ON f.run = s.run AND f.kind = 'finish'
    WHERE s.kind = 'start'
"""
# SQLite takes the bare columns of a group from the row that holds max(seq).
OUTCOMES = """
    SELECT o.run, max(o.seq), o.at, o.entity, o.record, o.action, o.result, o.detail,
        (SELECT count(*) FROM entry i
         WHERE i.run = o.run AND i.kind = 'intent' AND i.entity = o.entity AND i.record = o.record)
    FROM entry o WHERE o.run = ? AND o.kind = 'outcome' AND (o.entity, o.record) > (?, ?)
    GROUP BY o.entity, o.record ORDER BY o.entity, o.record LIMIT ?
"""


def read_run(found: tuple[Any, ...], *, alive: bool) -> Run:
    """A run from a row of ``RUNS``; without an end it runs as long as its process is alive."""
    run, at, scope, kind, detail, ended, result, counts = found
    facts = json.loads(detail)
    partner, environment, use_case = scope.split("/")
    unfinished = RunState.RUNNING if alive else RunState.INTERRUPTED
    return Run(
        id=run,
        partner=partner,
        environment=environment,
        use_case=use_case,
        kind=kind,
        state=RunState(result) if result else unfinished,
        started=datetime.fromisoformat(at),
        finished=datetime.fromisoformat(ended) if ended else None,
        counts=json.loads(counts) if counts else {},
        plan_digest=facts["plan"],
        mapping_version=facts["mapping"],
        settings=facts["settings"],
    )


def read_intent(found: tuple[Any, ...]) -> Intent:
    """An intent from a row of the pending ones."""
    run, seq, entity, record, action, detail = found
    sent = json.loads(detail).get("sent")
    return Intent(run, seq, entity, record, Action(action), bytes.fromhex(sent) if sent else None)


def read_settled(found: tuple[Any, ...]) -> Settled:
    """The last outcome of a record from a row of ``OUTCOMES``."""
    run, seq, at, entity, record, action, result, text, intents = found
    detail = json.loads(text)
    trouble = detail.get("trouble")
    return Settled(
        run=run,
        seq=seq,
        at=datetime.fromisoformat(at),
        entity=entity,
        id=record,
        action=Action(action),
        result=Result(result),
        attempts=max(intents, detail.get("attempts", 1)),
        remote_id=detail.get("remote"),
        code=detail.get("code"),
        trouble=Trouble(trouble) if trouble else None,
        status=detail.get("status"),
    )
