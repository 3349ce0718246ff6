"""Trials: what a choice would mean for the records there are, before it is agreed.

A partner declares a trial as data: which setting is tried out, what may be chosen, and how the ERP is read
once. Counting another choice then reads nothing; toggling, showing and taking over is the console's
business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from connectors.contract import Reader, Text


@dataclass(frozen=True, slots=True)
class TrialRow:
    """What a choice means for one group of records (a Mandant): how many there are, how many lack something
    that is chosen, how many cannot be told apart by it."""

    group: str
    total: int
    empty: int = 0
    shared: int = 0


class TrialReading(Protocol):
    """What was read, in a form that holds no person."""

    @property
    def lacking(self) -> Mapping[str, int]:
        """For each option how many records lack it, whatever is chosen."""

    @property
    def remarks(self) -> tuple[Text, ...]:
        """What stands out beside the choice, with counts."""

    @property
    def details(self) -> tuple[Text, ...]:
        """The records behind the remarks, each by its number."""

    def count(self, chosen: Collection[str]) -> tuple[TrialRow, ...]:
        """What a choice means, by group. Takes as long as there are records; reads nothing."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial of a use case. Its name is the text ``PARTNER.trial_KEY``, that of an option
    ``PARTNER.option_OPTION``; ``items`` are the checklist items that lead to it.

    ``chosen`` gives what the settings in force choose, ``takes_over`` the settings (name -> value, a flag
    as ``true``) that a choice stands for. ``read`` reads the ERP once and raises Failure.
    """

    key: str
    use_case: str
    rules: tuple[str, ...]
    options: tuple[str, ...]
    chosen: Callable[[Any], tuple[str, ...]]
    read: Callable[[Reader[Any], Any], Awaitable[TrialReading]]
    takes_over: Callable[[tuple[str, ...]], Mapping[str, str | tuple[str, ...]]]
    items: tuple[str, ...] = field(default=())
