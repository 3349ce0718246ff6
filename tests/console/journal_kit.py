"""What the tests of the journal share."""

from __future__ import annotations

from connectors.contract import Action, Change, Outcome, Result
from connectors.problems import Problem
from console.store.journal import Journal
from console.store.vault import KEY_BYTES, Vault

VAULT = Vault(bytes(range(KEY_BYTES)))
PLACE = ("bots4you", "test", "master-data")


def start(journal: Journal, kind: str = "apply", place: tuple[str, str, str] = PLACE) -> int:
    """Start a run."""
    return journal.start_run(
        *place, kind, plan_digest="p1", mapping_version="m1", settings={"separator": "/"}
    )


def change(record: str, action: Action = Action.UPDATE) -> Change:
    """A change of one tenant."""
    return Change(action, "tenant", record, rule="B3")


def outcome(record: str, result: Result = Result.DONE, problem: Problem | None = None) -> Outcome:
    """How a change of one tenant ended."""
    return Outcome("tenant", record, Action.UPDATE, result, problem, remote_id=f"r-{record}")
