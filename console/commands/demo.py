"""``einzug demo``: the whole round on a seeded company, on this machine only."""

from __future__ import annotations

import asyncio

import click

from console.errors import Exit
from console.i18n import _
from console.running import run
from console.surroundings import common, surroundings


@click.command("demo", help=_("Show everything on a seeded company, on this machine only."))
@click.option("--headless", is_flag=True, help=_("The whole round without a screen; prints a summary."))
@click.option(
    "--units",
    type=click.IntRange(20),
    default=200,
    show_default=True,
    help=_("Units in the ERP; fewer than 60 give 60."),
)
@click.option("--seed", type=int, default=1, show_default=True, help=_("Another seed, another company."))
def command(headless: bool, units: int, seed: int) -> int:
    """0 when every step did what the seed predicts."""
    from console.practice import Practice

    if not headless:
        from console.full_screen import start_demo

        return asyncio.run(start_demo(Practice(units, seed), surroundings().data_dir))
    from connectors.sandbox.company import MINIMUM_UNITS
    from console.demo import headless_round

    if units < MINIMUM_UNITS:
        text = _("No company has fewer than {least} units: that many are built.")
        click.echo(text.format(least=MINIMUM_UNITS), err=True)
    good = run(lambda _interrupts: headless_round(Practice(units, seed), surroundings().data_dir))
    return Exit.OK if good else Exit.FINDINGS


common(command)
