"""What a pass tells: the outcomes of its tickets, and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.contract import Result, Text
from connectors.problems import Problem
from console.store.runs import RunState


@dataclass(frozen=True, slots=True)
class TicketOutcome:
    """One thing that happened to a ticket, or would (``planned``). ``hop`` names its way, ``item`` the part.

    ``result`` is None where nothing was sent: it was remembered, held back or only noted.
    """

    ticket: str
    erp: str
    hop: str
    outcome: Text
    item: str = ""
    result: Result | None = None
    rule: str = ""
    planned: bool = False

    @property
    def name(self) -> str:
        """The outcome without the room it belongs to: ``created``."""
        return self.outcome.code.removeprefix("tickets.")

    @property
    def bad(self) -> bool:
        """Whether a person has to look at it."""
        return is_bad(self.name)


BAD = frozenset(
    {
        "file_too_large",
        "no_archive",
        "status_unmapped",
        "verify_differs",
        "twice_in_erp",
        "unread_in_erp",
        "number_reused",
    }
)
"""Outcomes that wait for a person, beside what was refused and what did not come in a day."""


def is_bad(name: str) -> bool:
    """Whether an outcome of this name waits for a person."""
    return name in BAD or name.startswith("refused_") or name.endswith("_parked")


@dataclass(slots=True)
class PassResult:
    """How a pass ended. ``run`` is None where nothing was sent; ``stopped_by`` why it could not go on."""

    run: int | None = None
    state: RunState = RunState.DONE
    settled: int = 0
    read: int = 0  # tickets that were looked at
    outcomes: list[TicketOutcome] = field(default_factory=list)
    stopped_by: Problem | None = None
    dry: bool = False

    def counts(self) -> dict[str, int]:
        """How often each outcome was, by name."""
        return dict(sorted(Counter(outcome.name for outcome in self.outcomes).items()))

    @property
    def bad(self) -> tuple[TicketOutcome, ...]:
        """The outcomes that wait for a person."""
        return tuple(outcome for outcome in self.outcomes if outcome.bad)


def named(outcomes: Iterable[TicketOutcome], name: str) -> list[TicketOutcome]:
    """The outcomes of one name."""
    return [outcome for outcome in outcomes if outcome.name == name]
