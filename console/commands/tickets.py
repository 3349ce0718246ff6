"""``einzug tickets``: one pass of the two-way ticket sync, or one after the other."""

from __future__ import annotations

import click

from console.i18n import _
from console.surroundings import common, surroundings


@click.command("tickets", help=_("Bring tickets, states, comments and files across, both ways."))
@click.argument("customer")
@click.argument("partner")
@click.option("--dry-run", is_flag=True, help=_("Show what would be done. Changes nothing."))
@click.option(
    "--watch",
    "interval",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help=_("Go on, with so many seconds between two passes, until Ctrl+C."),
)
@click.option("--retry-failed", is_flag=True, help=_("What is held back as well, once its cause is mended."))
@click.option("--yes", is_flag=True, help=_("Do not ask; outside practice only with --live."))
@click.option(
    "--live", default="", metavar="CUSTOMER", help=_("The customer again, to write outside practice.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output."))
def command(
    customer: str,
    partner: str,
    *,
    dry_run: bool,
    interval: float | None,
    retry_failed: bool,
    yes: bool,
    live: str,
    as_json: bool,
) -> int:
    """0 all well, 1 something is held back (or, dry, to be done), 3 no access, 4 interrupted."""
    from console.running import run
    from console.tickets.command import Wanted, tickets

    if dry_run and (interval is not None or retry_failed):
        raise click.UsageError(_("--dry-run shows one pass: leave out --watch and --retry-failed."))
    wanted = Wanted(dry_run, interval, retry_failed, yes, live, as_json)
    return run(lambda interrupts: tickets(surroundings(), (customer, partner), wanted, interrupts))


common(command)
