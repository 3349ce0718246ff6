"""What can be done with a chain: when it is possible, confirming by hand, letters, export, opening."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.chains import ChainRow, LinkVerdict
from console import formats
from console.chains import tables
from console.chains.view import causes_of
from console.clipboard import copy_text
from console.cockpit import Cockpit
from console.cockpit_chains import ChainTrack
from console.fixes import why_not_fix
from console.i18n import _, ngettext
from console.onboarding.subjects import standing_for
from console.safe import clean
from console.screens.answer_dialog import AnswerDialog, Desk, Known, Start
from console.screens.chain_windows import LettersScreen, LinksScreen
from console.screens.export_dialog import ExportDialog, ExportWish
from console.screens.plan_record import mask_words, refuse
from console.sheets import SheetFull
from console.threads import off_loop

if TYPE_CHECKING:
    from console.readiness import Standing
    from console.screens.chain import ChainPanel

SAFE = ("https://", "http://")
"""What may be handed to a browser: a partner's data could name anything else."""


def why_not(panel: ChainPanel, track: ChainTrack, action: str) -> str | None:
    """Why an action is not possible now; None when it is."""
    match action:
        case "chain.read":
            return _("It is busy.") if track.busy else None
        case "chain.next":
            return None if len(panel.cockpit.chains.tracks) > 1 else _("There is no other chain.")
    if track.held is None:
        return _("First every object has to be looked at: r.")
    match action:
        case "chain.letters" if not track.held.reading.letters:
            return _("No letter follows from it.")
        case "chain.open" | "chain.select" if panel.row is None and panel.group is None:
            return _("There is no object here.")
        case "chain.select" | "chain.select_all" if panel.by_cause:
            return _("A cause is taken as a whole: g shows objects.")
        case "chain.web" if panel.row is None or not panel.row.url.startswith(SAFE):
            return _("There is no link to open.")
        case "chain.fix":
            return _why_not_fix(panel)
        case "chain.confirm":
            return why_not_confirm(panel, track)
    return None


def _why_not_fix(panel: ChainPanel) -> str | None:
    verdict = panel.verdict
    if verdict is None:
        return _("There is nothing to mend.")
    if not verdict.fix:
        return _("No plan mends this link: what helps stands beside it.")
    return why_not_fix(panel.cockpit, verdict.fix)


def why_not_confirm(panel: ChainPanel, track: ChainTrack) -> str | None:
    """Why nothing can be confirmed by hand for what is chosen."""
    verdicts = _verdicts(panel.chosen)
    if not verdicts:
        return _("There is nothing to confirm.")
    if len({verdict.link for verdict in verdicts}) > 1:
        return _("What is selected is open at different links: choose objects of one.")
    item = track.place.item(verdicts[0].link)
    if not item or not any(verdict.subject for verdict in verdicts):
        return _("Einzug can tell this link by itself.")
    book = panel.cockpit.checklists.book
    if book is None:
        return _("The checklists are being read …")
    return None if book.item(item) is not None else _("There is no item {key!r}.").format(key=item)


def _verdicts(rows: Sequence[ChainRow]) -> list[LinkVerdict]:
    return [row.first for row in rows if row.first is not None]


def confirm(panel: ChainPanel) -> None:
    """Ask what was seen, once for everything that is chosen, and keep it for each subject."""
    track, book = panel.track, panel.cockpit.checklists.book
    verdicts = _verdicts(panel.chosen)
    if track is None or book is None or not verdicts:
        return
    subjects = tuple(dict.fromkeys(verdict.subject for verdict in verdicts if verdict.subject))
    item = book.item(track.place.item(verdicts[0].link))
    if item is None:
        return
    mask, who = panel.cockpit.masked, panel.cockpit.checklists.who
    chosen = partial(_known, panel, item, subjects)
    desk = Desk(chosen, partial(panel.keep, item.item, subjects))
    panel.app.push_screen(AnswerDialog(desk, who=who, mask=mask, start=Start.FIRST), panel.look_anew)


def _known(panel: ChainPanel, former: Standing, subjects: tuple[str, ...]) -> Known:
    """How the item stands now for what was chosen."""
    book = panel.cockpit.checklists.book
    now = book.item(former.item.id) if book is not None else None
    if book is None or now is None:
        return Known(former, 0)
    return Known(*standing_for(book, now, subjects, mask=panel.cockpit.masked))


def show_links(panel: ChainPanel, track: ChainTrack, row: ChainRow) -> None:
    """All that is known of an object."""
    panel.app.push_screen(LinksScreen(panel.cockpit, track, row))


def show_letters(panel: ChainPanel) -> None:
    """The letters that follow from the chain."""
    track = panel.track
    if track is not None and track.held is not None:
        panel.app.push_screen(LettersScreen(panel.cockpit, track))


def written_since(cockpit: Cockpit, track: ChainTrack) -> bool:
    """Whether a run of the use case has ended after the chain was read."""
    last = cockpit.tracks[track.place.use_case].last
    ended = last.finished if last is not None else None
    return track.held is not None and ended is not None and ended > track.held.at


def ask_export(panel: ChainPanel) -> None:
    """Ask for a file, then write exactly what is seen into it."""
    track, found = panel.track, panel.seen
    if track is None:
        return

    def answered(wish: ExportWish | None) -> None:
        if wish is not None:
            panel.work(_export(panel, track, wish), "export")

    count = len(causes_of(found)) if panel.by_cause else len(found)
    text = ngettext("Export {count} row as it is filtered", "Export {count} rows as they are filtered", count)
    name = f"einzug-{track.place.partner}-{track.place.chain.key}-{datetime.now():%Y%m%d-%H%M}.csv"
    cockpit = panel.cockpit
    what = text.format(count=formats.count(count))
    dialog = ExportDialog(what, Path.cwd() / name, masked=cockpit.masked, live=cockpit.live)
    panel.app.push_screen(dialog, answered)


async def _export(panel: ChainPanel, track: ChainTrack, wish: ExportWish) -> None:
    if track.held is None:
        return
    write = partial(tables.save_seen, track.place, track.held, panel.view, by_cause=panel.by_cause)
    try:
        count = await off_loop(partial(write, wish.path, mask=wish.masked), "export")
    except OSError as error:
        refuse(panel, error)
    except SheetFull:
        panel.notify(_("The plan has more rows than a workbook holds."), severity="error", markup=False)
    else:
        text = ngettext("{count} row written to {path}.", "{count} rows written to {path}.", count)
        text = text.format(count=formats.count(count), path=wish.path)
        panel.notify(f"{text} {mask_words(masked=wish.masked)}", title=_("Exported"), markup=False)


def open_link(panel: ChainPanel) -> None:
    """Open the object at the partner, or copy its address where no browser can be opened."""
    row = panel.row
    if row is not None and row.url.startswith(SAFE):
        panel.work(_open_link(panel, row.url), "open a link")


async def _open_link(panel: ChainPanel, url: str) -> None:
    if has_browser() and await off_loop(partial(webbrowser.open, url), "browser"):
        panel.notify(_("Handed to the browser."), markup=False)
        return
    try:
        why = _("No browser here.")
        told = await copy_text(panel.app, url, panel.cockpit.workspace.folder)
        panel.notify(f"{why} {clean(told)}", markup=False)
    except OSError as error:
        refuse(panel, error)


def has_browser() -> bool:
    """Whether a browser with a window can be opened: one in the terminal would take it from us."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
