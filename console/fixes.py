"""What mends a finding: the fix that its check declares, as what a plan is limited to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.contract import Fix
from console.connections import Connections
from console.errors import ConsoleError
from console.i18n import _
from console.selection import Selection

if TYPE_CHECKING:
    from console.cockpit import Cockpit

Place = tuple[str, str]
"""Partner key and use-case key."""


def fixable(connections: Connections) -> dict[str, Fix]:
    """The checks of the partners in use whose findings a plan can mend, by their keys."""
    checks = (check for key in connections.partner_keys() for check in connections.partner(key).checks)
    return {check.key: check.fix for check in checks if check.fix is not None}


def fix_of(connections: Connections, key: str) -> tuple[Place, Selection]:
    """The use case whose plan mends what a check (``PARTNER.NAME``) finds, and the limits of that plan.

    Raises ConsoleError where there is none.
    """
    partner = key.partition(".")[0]
    fixes = fixable(connections)
    if key not in fixes:
        names = ", ".join(name for name in fixes if name.startswith(f"{partner}."))
        known = _("These can be mended: {names}.").format(names=names) if names else ""
        raise ConsoleError(_("No plan mends what {check} finds.").format(check=key), known)
    fix = fixes[key]
    if fix.use_case not in connections.use_cases(partner):
        raise ConsoleError(
            _("A plan of {use_case} would mend this, but that use case is not in use.").format(
                use_case=fix.use_case
            ),
            _("Add use_cases.{use_case} to the partner in the configuration.").format(use_case=fix.use_case),
        )
    return (partner, fix.use_case), Selection(fields=fix.fields, fix=key)


def why_not_fix(cockpit: Cockpit, key: str) -> str | None:
    """Why no plan can be made now that mends what a check finds; None where one can."""
    try:
        place, _selection = fix_of(cockpit.workspace.connections, key)
    except ConsoleError as error:
        return error.message
    track = cockpit.tracks[place]
    return _("It is busy.") if track.busy else track.impossible or None
