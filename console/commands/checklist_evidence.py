"""``einzug checklist evidence``: the files beside an item's answers, and copies of them."""

from __future__ import annotations

from pathlib import Path

import click

from console.commands.options import unmask_option
from console.errors import Exit
from console.i18n import _
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.terminal import printing, say


@click.command("evidence", help=_("List the files beside an item's answers, or write copies of them."))
@click.argument("customer")
@click.argument("item_id", metavar="ITEM")
@click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path), help=_("The folder that gets the copies.")
)
@unmask_option
def evidence(customer: str, item_id: str, *, folder: Path | None, unmask: bool) -> int:
    """0 listed or written."""
    from console import formats
    from console.commands.checklist import item_of
    from console.onboarding.book import read
    from console.onboarding.keepsakes import files_of, save
    from console.onboarding.words import hidden_file

    workspace = surroundings().open(customer, Sitting())
    book = read(workspace)
    files = files_of(book.history(item_of(book, item_id).id))
    if folder is not None:
        for path in save(workspace, files, folder):
            say(str(path))
    mask = not workspace.connections.practice and not unmask
    with printing():
        for one in files if folder is None else ():
            say(f"{one.sha256}  {formats.size(one.size):>9}  {hidden_file(one.name, mask)}")
        if not files:
            say(_("No file is attached to {item}.").format(item=item_id))
    return Exit.OK


common(evidence)
