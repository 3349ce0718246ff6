"""Guided walks: the console leads step by step, people act, and each step ticks itself once it can be seen.

A partner declares its walks as data; following one, keeping its state and showing it is the console's
business.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.contract import Reader, Record, Text


class Actor(StrEnum):
    """Whose turn a step is."""

    CONSULTANT = "consultant"
    APPLICANT = "applicant"
    CLERK = "clerk"
    CONSOLE = "console"  # Einzug itself, through a run that a person starts
    SYSTEM = "system"  # the partner or the hub, in its own time


@dataclass(frozen=True, slots=True)
class Step:
    """One stage. Its texts are ``PARTNER.walk_WALK_STEP_title`` and ``..._how``.

    ``usual_s``: so many seconds after the stage before it should be seen; later it counts as late, None = a
    person takes the time that is needed.
    """

    key: str
    actor: Actor
    usual_s: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something the walk can be made on; the label names it without naming a person, ``link`` opens it."""

    id: str
    label: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A step that was found done: when by the other side's clock, or None where it tells no time."""

    step: str
    at: datetime | None
    evidence: Text


@dataclass(frozen=True, slots=True)
class WalkContext:
    """What a walk may look at; nothing in here can write. ``held`` is what the ERP was handed in, if it can
    say."""

    source: Reader[Any]
    target: Reader[Record]
    settings: Any
    held: Reader[Record] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A walk under way: the chosen candidate, when it began by our clock, and the ids that were there before,
    which are somebody else's."""

    subject: str
    at: datetime
    known: frozenset[str] = frozenset()


Stage = Callable[[str, Sequence[Seen]], tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Walk:
    """A guided walk of a use case.

    ``candidates`` are offered to choose from. ``begin`` gives the ids that are there already for the chosen
    one: clocks differ between two systems, what is known does not. ``look`` tells which steps are done since
    then; neither writes anything. ``stage`` plays a person in the practice sandbox: step -> what happens, as
    (entity, body) of its control API; ``found`` are the steps seen so far. All raise Failure.
    """

    key: str
    use_case: str
    rules: tuple[str, ...]
    steps: tuple[Step, ...]
    candidates: Callable[[WalkContext], AsyncIterator[Candidate]]
    begin: Callable[[WalkContext, str], Awaitable[frozenset[str]]]
    look: Callable[[WalkContext, Begun], Awaitable[Sequence[Seen]]]
    stage: Mapping[str, Stage] = field(default_factory=dict)
