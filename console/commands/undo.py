"""``einzug undo``: a plan that restores what a run changed, previewed and written like any other."""

from __future__ import annotations

from typing import Any

import click

from console.commands.options import LAST, asked, write_options
from console.i18n import _
from console.running import run as run_safely
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.writing import write


@click.command("undo", help=_("Take a run back, by a plan like any other."))
@click.argument("customer")
@click.argument("run", type=click.IntRange(1, LAST))
@write_options
def command(customer: str, run: int, **options: Any) -> int:
    """As for sync."""
    with surroundings().open(customer, Sitting()).journal() as journal:
        undone = journal.run(run)
    what = (customer, undone.partner, undone.use_case)
    return run_safely(
        lambda interrupts: write(
            surroundings(), what, asked(options), interrupts, lambda session: session.plan_undo(run)
        )
    )


common(command)
