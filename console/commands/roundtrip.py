"""``einzug roundtrip``: the acceptance ticket, hop by hop, with clean-up and verdict."""

from __future__ import annotations

import click

from console.i18n import _
from console.surroundings import common, surroundings


@click.command("roundtrip", help=_("Follow an acceptance ticket hop by hop; then it is cleaned up."))
@click.argument("customer")
@click.argument("partner")
@click.option("--lease", default="", metavar="NUMBER", help=_("The lease to use, as the partner names it."))
@click.option(
    "--live", default="", metavar="CUSTOMER", help=_("The customer again, to alert people outside practice.")
)
@click.option(
    "--play/--by-hand", default=None, help=_("In practice: let the sandbox play the people, or ask for it.")
)
@click.option("--give-up", is_flag=True, help=_("End the one that was begun, and clean it up."))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output."))
def command(
    customer: str, partner: str, *, lease: str, live: str, play: bool | None, give_up: bool, as_json: bool
) -> int:
    """0 passed, 1 failed, 3 no access, 4 begun and not over: the same command goes on."""
    from console.running import run
    from console.sitting import Sitting
    from console.tickets.trip_command import Wanted, roundtrip

    workspace = surroundings().open_to_read(customer, Sitting())
    wanted = Wanted(lease, live, play, give_up, as_json)
    return run(lambda _interrupts: roundtrip(workspace, partner, wanted))


common(command)
