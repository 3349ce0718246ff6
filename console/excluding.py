"""What of a use case is left out from now on, such as an archive that no tenant shall see: a setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from console.i18n import _
from console.onboarding.takeover import Proposal, proposed, take_over
from console.scoping import scope_of

if TYPE_CHECKING:
    from console.workspace import Workspace


def exclusions(
    workspace: Workspace, partner: str, use_case: str, typed: Sequence[str]
) -> tuple[Proposal, ...]:
    """The settings that leave out what was typed (``archive=NAME``); none for what is left out already.

    Raises ConsoleError for what cannot be left out.
    """
    settings = workspace.connections.use_case(partner, use_case).excludes
    now = workspace.connections.job(partner, use_case).settings
    wanted: dict[str, tuple[str, ...]] = {}
    for pair in typed:
        ((name, value),) = scope_of({key: key for key in settings}, [pair]).items()
        field = settings[name]
        former = wanted.get(f"{partner}/{use_case}.{field}", getattr(now, field))
        wanted[f"{partner}/{use_case}.{field}"] = tuple(dict.fromkeys((*former, value.strip())))
    return proposed(workspace, wanted)


def exclude(workspace: Workspace, partner: str, use_case: str, typed: Sequence[str]) -> tuple[Proposal, ...]:
    """Leave it out from the next plan on. Raises ConsoleError, ConfigError."""
    found = exclusions(workspace, partner, use_case, typed)
    take_over(workspace, found)
    return found


def refused(settings: Mapping[str, str]) -> str | None:
    """Why nothing can be left out; None where something can."""
    return None if settings else _("Nothing can be left out here for good.")
