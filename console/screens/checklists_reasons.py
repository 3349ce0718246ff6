"""Panel 4: why an action is not possible for an item, as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklists.model import Kind
from connectors.contract import Verdict
from console.fixes import why_not_fix
from console.i18n import _
from console.onboarding.keepsakes import files_of
from console.readiness import Standing
from console.trials.desk import trial_for

if TYPE_CHECKING:
    from console.screens.checklists import ChecklistsPanel

BAD = (Verdict.FAIL, Verdict.WARN)


def why_not(panel: ChecklistsPanel, one: Standing, action: str) -> str | None:
    """None where it is possible."""
    match action:
        case "list.accept":
            return _accept(one)
        case "list.check":
            return _check(panel, one)
        case "list.fix":
            return _fix(panel, one)
        case "list.save":
            book = panel.cockpit.checklists.book
            found = book is not None and files_of(book.history(one.item.id))
            return None if found else _("No file is attached to this item.")
        case "list.walk" if panel.walk_of(one.item) is None and panel.trip_of(one.item) is None:
            return _("No guided test answers for this item here.")
        case "list.trial" if trial_for(panel.cockpit.workspace, one.item.id) is None:
            return _("Nothing can be tried out for this item here.")
    return None


def _accept(one: Standing) -> str | None:
    if one.item.kind is not Kind.AUTOMATIC:
        return _("Only the failure of a check can be accepted.")
    failed = one.checked is not None and one.checked.finding.verdict in BAD
    return None if failed else _("There is no failure to accept.")


def _check(panel: ChecklistsPanel, one: Standing) -> str | None:
    if one.item.kind is not Kind.AUTOMATIC:
        return _("No check answers for this item.")
    return _("The checks are running.") if panel.cockpit.checking else None


def _fix(panel: ChecklistsPanel, one: Standing) -> str | None:
    if one.item.kind is not Kind.AUTOMATIC:
        return _("No check answers for this item.")
    if one.checked is not None and one.checked.finding.verdict is Verdict.OK:
        return _("The check has found nothing to mend.")
    return why_not_fix(panel.cockpit, one.item.key)
