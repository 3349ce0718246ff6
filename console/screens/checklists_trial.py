"""Panel 4: from an item to the trial of what it decides. The window is imported when it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.trials.desk import trial_for

if TYPE_CHECKING:
    from console.screens.checklists import ChecklistsPanel


def try_out(panel: ChecklistsPanel) -> None:
    """Open the trial that the item under the cursor leads to."""
    from console.screens.trial_screen import TrialScreen

    one = panel.standing
    place = trial_for(panel.cockpit.workspace, one.item.id) if one is not None else None
    if place is not None:
        panel.reading(lambda: panel.app.push_screen(TrialScreen(panel.cockpit, place)))
