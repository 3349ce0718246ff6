"""Carries out changes: which of them onOffice takes at all, and how each of them ended."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract import Action, Change, Outcome, Result
from connectors.onoffice import errors
from connectors.onoffice.client import OnOfficeClient
from connectors.onoffice.entities import ENTITIES
from connectors.onoffice.mending import MENDED, Wish
from connectors.onoffice.wire import Refusal, number
from connectors.outcomes import outcome, refused
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble


async def carry_out(client: OnOfficeClient, change: Change) -> Outcome:
    """Send one change once, and prove it by reading; never raises Failure."""
    wrote = False
    try:
        key = _writable(change)
        for name, mend in MENDED[change.entity].items():
            if name in (change.after or {}):
                wrote |= await mend(client, key, _wish(change, name))
    except Failure as failure:
        problem = failure.problem
        # One field may have been written before the next was refused.
        return refused(change, replace(problem, arrival=Arrival.PERHAPS) if wrote else problem)
    return outcome(change, Result.DONE if wrote else Result.ALREADY)


def _writable(change: Change) -> int:
    """The id of the record. Raises Failure for what onOffice does not take."""
    if change.entity not in MENDED:
        code = "read_only" if change.entity in ENTITIES else "unknown_entity"
        raise Failure(_problem(code, Trouble.CONFIG, change.entity))
    if change.action is not Action.UPDATE:
        raise Failure(_problem("update_only", Trouble.REJECTED, change.entity))
    before = change.before if change.before is not None else change.after or {}
    for name, value in (change.after or {}).items():
        if name not in MENDED[change.entity] and before.get(name) != value:
            raise Failure(_problem("read_only_field", Trouble.REJECTED, name))
    key = number(change.id)
    if key is None:
        raise errors.failure(Refusal(errors.UNKNOWN_RECORD), change.entity)
    return key


def _wish(change: Change, name: str) -> Wish:
    planned = change.before is not None and name in change.before
    return Wish((change.after or {})[name], (change.before or {}).get(name), planned)


def _problem(code: str, trouble: Trouble, where: str) -> Problem:
    return Problem(f"onoffice.{code}", trouble, Owner.CONSULTANT, where=where)
