"""A ticket to look at, and the ways in which looking at it can end early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.contract import Text
from connectors.problems import Problem
from console.store.runs import Intent
from console.tickets.ops import Op

PARTNER, ERP = "partner", "erp"


@dataclass(frozen=True, slots=True)
class Task:
    """A ticket to look at: what an interrupted pass left of it, and how the lists named it (side to time)."""

    ticket: str
    intents: tuple[Intent, ...] = ()
    heads: tuple[tuple[str, datetime], ...] = ()


class Stopped(Exception):
    """Somebody has asked to stop; the ticket is left where it is."""


class Later(Exception):
    """A ticket cannot go on now and is left for a later pass."""

    def __init__(self, reason: Text, problem: Problem | None = None) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.problem = problem


class Refused(Exception):
    """A side gave no right to one ticket, or to one ``op`` of it, on this ``way``."""

    def __init__(self, way: str, reason: Text, problem: Problem, op: Op | None = None) -> None:
        super().__init__(reason.code)
        self.way = way
        self.reason = reason
        self.problem = problem
        self.op = op
