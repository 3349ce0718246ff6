"""Panel 4: open points go out as workbooks and come back. Both windows are imported when they are wanted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.i18n import _
from console.safe import clean

if TYPE_CHECKING:
    from console.handouts.hand_out import Wish
    from console.onboarding.takeover import Proposal
    from console.screens.checklists import ChecklistsPanel

FOLDER = "open-points"


def hand_out(panel: ChecklistsPanel) -> None:
    """Ask for desk and place, then write beside the loop."""
    from console.handouts.asks import handouts
    from console.screens.hand_out_dialog import HandOutDialog

    book = panel.cockpit.checklists.book
    if book is None:
        return
    found = handouts(book)
    if not found:
        panel.notify(_("Nothing is open there."), markup=False)
        return
    standing = panel.standing
    desk = standing.item.addressee if standing is not None else None
    place = panel.cockpit.workspace.folder / FOLDER
    panel.app.push_screen(HandOutDialog(found, place, desk), partial(_wished, panel))


def _wished(panel: ChecklistsPanel, wish: Wish | None) -> None:
    if wish is not None:
        panel.work(_write(panel, wish), "hand out")


async def _write(panel: ChecklistsPanel, wish: Wish) -> None:
    from console.handouts.hand_out import Written

    found = await panel.cockpit.checklists.hand_out(wish)
    written = [one for one in found if isinstance(one, Written)]
    if not written:
        panel.post_message(panel.Refused(" ".join(map(str, found))))
        return
    paths = ", ".join(str(one.path) for one in written)
    text = _("Written, each with its covering text: {paths}").format(paths=paths)
    panel.notify(clean(text), timeout=15, markup=False)


def take_in(panel: ChecklistsPanel) -> None:
    """Show what a file would answer; afterwards the settings that the answers decide."""
    from console.screens.take_in_screen import TakeInScreen

    def left(settings: tuple[Proposal, ...] | None) -> None:
        panel.ask_settings(settings or ())

    panel.app.push_screen(TakeInScreen(panel.cockpit), left)
