"""``einzug demo``: the whole round on a seeded company, on this machine only."""

from __future__ import annotations

import click

from console.errors import ConsoleError, Exit
from console.i18n import _
from console.running import run
from console.surroundings import common, surroundings


@click.command("demo", help=_("Show everything on a seeded company, on this machine only."))
@click.option("--headless", is_flag=True, help=_("The whole round without a screen; prints a summary."))
@click.option("--units", type=click.IntRange(20), default=200, show_default=True, help=_("Units in the ERP."))
@click.option("--seed", type=int, default=1, show_default=True, help=_("Another seed, another company."))
def command(headless: bool, units: int, seed: int) -> int:
    """0 when every step did what the seed predicts."""
    from console.demo import headless_round
    from console.practice import Practice

    if not headless:
        raise ConsoleError(
            _("The console's screens are not in this version."), _("Use: einzug demo --headless")
        )
    good = run(lambda _interrupts: headless_round(Practice(units, seed), surroundings().data_dir))
    return Exit.OK if good else Exit.FINDINGS


common(command)
