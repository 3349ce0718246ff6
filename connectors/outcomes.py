"""How a change ended at a target that keys its records by the id we use."""

from __future__ import annotations

from connectors.contract import Action, Change, Outcome, Result
from connectors.problems import Arrival, Problem, Trouble

_NO = frozenset({Trouble.REJECTED, Trouble.CONFLICT, Trouble.MISSING})


def outcome(change: Change, result: Result, problem: Problem | None = None) -> Outcome:
    """The outcome of a change."""
    return Outcome(change.entity, change.id, change.action, result, problem, remote_id=change.id)


def refused(change: Change, problem: Problem) -> Outcome:
    """What a problem means for the record that was to be written; one to be deleted may be gone already."""
    if change.action is Action.DELETE and problem.trouble is Trouble.MISSING:
        return outcome(change, Result.ALREADY)
    if problem.arrival is Arrival.PERHAPS:
        return outcome(change, Result.UNKNOWN, problem)
    return outcome(change, Result.REJECTED if problem.trouble in _NO else Result.FAILED, problem)
