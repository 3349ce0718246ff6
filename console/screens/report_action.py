"""Write the go-live report or today's protocol into the customer's folder, and say where it is."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from console.cockpit_words import told
from console.errors import ConsoleError
from console.i18n import _
from console.store.errors import StoreError
from console.threads import off_loop

if TYPE_CHECKING:
    from console.cockpit import Cockpit
    from console.screens.main import MainScreen

ENDINGS = (".html", ".pdf")


async def write(screen: MainScreen, *, today: bool) -> None:
    """Write it beside the loop; persons are masked as they are on the screen."""
    cockpit = screen.cockpit
    cockpit.say(_("The report is being written …"))
    try:
        paths = await off_loop(partial(written, cockpit, today=today), "report")
    except (ConsoleError, StoreError) as error:
        text = _("The report was not written: {why}").format(why=" ".join(told(error)))
        screen.notify(text, severity="error", markup=False)
    else:
        text = _("Report written: {paths}").format(paths=", ".join(map(str, paths)))
        screen.notify(text, timeout=15, markup=False)
    cockpit.say(text)


def written(cockpit: Cockpit, *, today: bool) -> tuple[Path, ...]:
    """Gather and write; the files' paths. Blocks. Raises ConsoleError, StoreError."""
    from console.report.exhibits import exhibits
    from console.report.files import write as write_file
    from console.report.gather import Wish, gather

    workspace, now = cockpit.workspace, datetime.now().astimezone()
    wish = Wish(now.date() if today else None, unmask=not cockpit.masked)
    report = gather(workspace, wish)
    name = f"{'day' if today else 'report'}-{workspace.customer.key}-{now:%Y%m%d-%H%M%S}"
    paths = tuple(workspace.folder / f"{name}{ending}" for ending in ENDINGS)
    shows = exhibits(workspace)
    for path in paths:
        write_file(report, path, workspace.vault, shows)
    return paths
