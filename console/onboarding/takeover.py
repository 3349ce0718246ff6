"""Decisions taken over into settings: first a proposal, then, once confirmed, a line of the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklists.model import Item
from connectors.ticketing import TICKETS
from console.config import load
from console.config_coerce import coerce
from console.config_edit import set_value
from console.config_model import At
from console.errors import ConfigError, ConsoleError
from console.handover.mark import refuse
from console.onboarding.answering import Values, consequences
from console.onboarding.facts import settings

if TYPE_CHECKING:
    from console.workspace import Workspace

Plain = str | bool | int | list[str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A setting and the value that a decision gives it. ``former`` is the value in force."""

    partner: str
    use_case: str
    name: str
    value: Plain
    former: object

    @property
    def setting(self) -> str:
        """``PARTNER/USE_CASE.NAME``."""
        return f"{self.partner}/{self.use_case}.{self.name}"


def proposals(workspace: Workspace, item: Item, values: Values) -> tuple[Proposal, ...]:
    """The settings that these values decide otherwise than they are now; none of a use case that is not in
    use, and none that the setting cannot have."""
    wanted = {
        setting: _value(value, values)
        for one in consequences(item, values)
        for setting, value in one.takes_over.items()
    }
    return proposed(workspace, wanted)


def proposed(workspace: Workspace, wanted: Mapping[str, str | tuple[str, ...]]) -> tuple[Proposal, ...]:
    """The same for settings (``PARTNER/USE_CASE.NAME``) that are named with their values."""
    now, found = settings(workspace), []
    for setting, value in wanted.items():
        place, _sep, name = setting.rpartition(".")
        partner, _sep, use_case = place.partition("/")
        fit = _fitting(workspace, partner, use_case, name, value)
        if fit is not None and not _same(now(setting), fit):
            found.append(Proposal(partner, use_case, name, fit, now(setting)))
    return tuple(found)


def take_over(workspace: Workspace, chosen: Sequence[Proposal]) -> None:
    """Write confirmed proposals into the configuration; they hold from the next plan on. Blocks.

    Raises ConfigError where the file cannot be edited: then it stays as it is, HandedOver where somebody else
    works on the customer now, whose configuration comes back with it.
    """
    refuse(workspace)
    path = workspace.config_path
    for one in chosen:
        place = ("customers", workspace.customer.key, one.partner, "use_cases")
        for use_case in _unnamed(workspace, one):  # naming one would switch off those that nobody named
            set_value(path, (*place, use_case), {})
        set_value(path, (*place, one.use_case, one.name), one.value)
        workspace.reconfigure(load(path))


def shown(value: object) -> str:
    """A setting's value in a line."""
    if value in (None, "", (), []):
        return "∅"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list, frozenset)) else str(value)


def _unnamed(workspace: Workspace, one: Proposal) -> tuple[str, ...]:
    """The other use cases, where the configuration names none and so means all."""
    if workspace.connections.partner_config(one.partner).use_cases:
        return ()
    return tuple(key for key in workspace.connections.use_cases(one.partner) if key != one.use_case)


def _value(wanted: str, values: Values) -> str | tuple[str, ...]:
    """``{field}`` alone stands for the field's value, everything else for itself."""
    if wanted.startswith("{") and wanted.endswith("}"):
        return values.get(wanted[1:-1], "")
    return wanted


def _fitting(
    workspace: Workspace, partner: str, use_case: str, name: str, value: str | tuple[str, ...]
) -> Plain | None:
    """The value in the spelling that the setting takes; None where it takes none."""
    connections = workspace.connections
    try:
        config = connections.partner_config(partner)
        if use_case == TICKETS:
            if not connections.has_tickets(partner):
                return None
            flow = connections.ticket_flow(partner)
            kind, defaults = flow.settings, {**flow.defaults, **workspace.customer.inherited}
        else:
            if use_case not in connections.use_cases(partner):
                return None
            kind = connections.use_case(partner, use_case).settings
            defaults = {**config.options, **workspace.customer.inherited}
    except ConsoleError:
        return None
    table = config.use_cases.get(use_case, {})
    for candidate in _spellings(value):
        try:
            coerce(kind, {**table, name: candidate}, At(workspace.config_path), defaults=defaults)
        except ConfigError:
            continue
        return candidate
    return None


def _spellings(value: str | tuple[str, ...]) -> Iterator[Plain]:
    """How a decision may be written as TOML."""
    if not value:
        return
    if not isinstance(value, str):
        yield list(value)
        if len(value) == 1:
            yield value[0]
        return
    if value in ("true", "false"):
        yield value == "true"
    if value.isascii() and value.isdecimal():
        yield int(value)
    yield value
    yield [value]


def _same(former: object, value: Plain) -> bool:
    if isinstance(value, list):
        return isinstance(former, (tuple, list, frozenset)) and sorted(map(str, former)) == sorted(value)
    return former == value
