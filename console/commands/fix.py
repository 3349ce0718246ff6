"""``einzug fix``: a plan that mends what a check has found, previewed and written like any other."""

from __future__ import annotations

from typing import Any

import click

from console.commands.options import asked, write_options
from console.fixes import fix_of
from console.i18n import _
from console.running import run
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.writing import write


@click.command("fix", help=_("Mend what a check has found, by a plan that changes nothing else."))
@click.argument("customer")
@click.argument("partner")
@click.argument("check_key")
@write_options
def command(customer: str, partner: str, check_key: str, **options: Any) -> int:
    """As for sync."""
    key = check_key if check_key.startswith(f"{partner}.") else f"{partner}.{check_key}"
    connections = surroundings().open(customer, Sitting()).connections
    connections.partner(partner)
    place, selection = fix_of(connections, key)
    return run(
        lambda interrupts: write(
            surroundings(),
            (customer, *place),
            asked(options),
            interrupts,
            lambda session: session.plan(selection),
        )
    )


common(command)
