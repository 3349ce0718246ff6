"""Panel 4: open points go out as workbooks and come back. Both windows are imported when they are wanted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from console import formats
from console.i18n import _, ngettext
from console.safe import clean

if TYPE_CHECKING:
    from console.handouts.hand_out import Wish
    from console.onboarding.takeover import Proposal
    from console.screens.checklists import ChecklistsPanel
    from console.store.said import Evidence

FOLDER = "open-points"
COPIES = "evidence-copies"


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


def save_evidence(panel: ChecklistsPanel) -> None:
    """Ask for a folder, then write copies of everything that is attached to the item."""
    from console.onboarding.keepsakes import files_of
    from console.screens.place_dialog import PlaceDialog

    book, one = panel.cockpit.checklists.book, panel.standing
    if book is None or one is None:
        return
    files = files_of(book.history(one.item.id))
    text = ngettext("Write a copy of {count} file to", "Write copies of {count} files to", len(files))
    place = panel.cockpit.workspace.folder / COPIES

    def answered(folder: Path | None) -> None:
        if folder is not None:
            panel.work(_copy(panel, files, folder), "copies")

    question = text.format(count=formats.count(len(files)))
    panel.app.push_screen(PlaceDialog(question, place), answered)


async def _copy(panel: ChecklistsPanel, files: tuple[Evidence, ...], folder: Path) -> None:
    found = await panel.cockpit.checklists.save_evidence(files, folder)
    if isinstance(found, str):
        panel.post_message(panel.Refused(found))
        return
    text = _("Written: {paths}").format(paths=", ".join(map(str, found)))
    panel.notify(clean(text), timeout=15, markup=False)


def take_in(panel: ChecklistsPanel) -> None:
    """Show what a file would answer; afterwards the settings that the answers decide."""
    from console.screens.take_in_screen import TakeInScreen

    def left(settings: tuple[Proposal, ...] | None) -> None:
        panel.ask_settings(settings or ())

    panel.app.push_screen(TakeInScreen(panel.cockpit), left)
