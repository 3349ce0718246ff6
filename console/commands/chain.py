"""``einzug chain``: does everything hold, object by object or cause by cause, and what mends it."""

from __future__ import annotations

from pathlib import Path

import click

from console.commands.options import unmask_option
from console.i18n import _
from console.surroundings import common, surroundings


@click.command(
    "chain",
    help=_("Look at every object of a chain: does each link hold, and what mends what does not?"),
)
@click.argument("customer")
@click.argument("partner", required=False)
@click.option("--by-cause", is_flag=True, help=_("One entry for all objects that one repair mends."))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output, full values."))
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help=_("Write the table for Excel, full values.")
)
@click.option(
    "--xlsx", type=click.Path(path_type=Path), help=_("Write the table as a workbook, full values.")
)
@click.option(
    "--letters",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=_("Write the letters that follow from it into this folder."),
)
@unmask_option
def command(
    customer: str,
    partner: str | None,
    *,
    by_cause: bool,
    as_json: bool,
    csv_file: Path | None,
    xlsx: Path | None,
    letters: Path | None,
    unmask: bool,
) -> int:
    """0 everything holds, 1 something does not, 3 no access."""
    from console.chains.command import Wanted, chain
    from console.running import countdown, run
    from console.sitting import Sitting
    from console.terminal import TerminalProgress

    progress = TerminalProgress()
    workspace = surroundings().open_to_read(customer, Sitting(wait=countdown(progress), listener=progress))
    wanted = Wanted(by_cause, as_json, (csv_file, xlsx), letters, unmask)
    return run(lambda _interrupts: chain(workspace, partner, wanted, progress))


common(command)
