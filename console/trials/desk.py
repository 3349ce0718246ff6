"""Which trials there are, what one has read, and the settings that a choice stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.trials import Trial, TrialReading, TrialRow
from console.errors import ConsoleError
from console.i18n import _
from console.onboarding.takeover import Proposal, proposed
from console.threads import off_loop

if TYPE_CHECKING:
    from console.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TrialPlace:
    """A trial of a partner in use."""

    partner: str
    trial: Trial

    @property
    def use_case(self) -> str:
        """``PARTNER/USE_CASE``."""
        return f"{self.partner}/{self.trial.use_case}"


@dataclass(frozen=True, slots=True)
class Tried:
    """A reading of the ERP, when it was made, and what the settings chose then."""

    place: TrialPlace
    reading: TrialReading
    chosen: tuple[str, ...]
    at: datetime


def trials(workspace: Workspace) -> Iterator[TrialPlace]:
    """The trials of the use cases in use. Raises ConsoleError."""
    connections = workspace.connections
    for key in connections.partner_keys():
        for trial in connections.partner(key).trials:
            if trial.use_case in connections.use_cases(key):
                yield TrialPlace(key, trial)


def trial_of(workspace: Workspace, partner: str) -> TrialPlace:
    """The trial of a partner. Raises ConsoleError where it has none."""
    workspace.connections.partner(partner)
    found = next((one for one in trials(workspace) if one.partner == partner), None)
    if found is None:
        names = ", ".join(dict.fromkeys(one.partner for one in trials(workspace))) or "-"
        raise ConsoleError(
            _("Nothing can be tried out with {partner}.").format(partner=partner),
            _("Known: {names}.").format(names=names),
        )
    return found


def trial_for(workspace: Workspace, item: str) -> TrialPlace | None:
    """The trial that a checklist item leads to."""
    return next((one for one in trials(workspace) if item in one.trial.items), None)


async def read(workspace: Workspace, place: TrialPlace) -> Tried:
    """Read the ERP once. Raises ConsoleError, Failure."""
    async with workspace.reading(place.partner, place.trial.use_case) as (source, settings):
        reading = await place.trial.read(source, settings)
        return Tried(place, reading, place.trial.chosen(settings), datetime.now(UTC))


async def counted(tried: Tried, chosen: Collection[str]) -> tuple[TrialRow, ...]:
    """What a choice means, counted beside the loop."""
    return await off_loop(partial(tried.reading.count, frozenset(chosen)), "trial")


def ordered(place: TrialPlace, chosen: Collection[str]) -> tuple[str, ...]:
    """The chosen options in the order of the trial."""
    return tuple(one for one in place.trial.options if one in chosen)


def settings_of(workspace: Workspace, place: TrialPlace, chosen: Collection[str]) -> tuple[Proposal, ...]:
    """The settings that a choice decides otherwise than they are. Blocks briefly."""
    found = place.trial.takes_over(ordered(place, chosen))
    return proposed(workspace, {f"{place.use_case}.{name}": value for name, value in found.items()})
