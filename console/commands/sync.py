"""``einzug sync``: plan, confirm, apply, verify; settles an interrupted run first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from console.commands.options import asked, only_option, scope_option, selection, write_options
from console.i18n import _
from console.surroundings import common, surroundings

if TYPE_CHECKING:
    from console.planner import Plan
    from console.session import Session


@click.command("sync", help=_("Plan, confirm, apply and verify. An interrupted run is settled first."))
@click.argument("customer")
@click.argument("partner")
@click.argument("use_case")
@write_options
@scope_option
@only_option
@click.option("--retry-failed", is_flag=True, help=_("Only what the last run left failed."))
def command(
    customer: str,
    partner: str,
    use_case: str,
    *,
    scopes: tuple[str, ...],
    only: tuple[str, ...],
    retry_failed: bool,
    **options: Any,
) -> int:
    """0 all applied, 1 records failed, 3 no access, 4 interrupted, 5 stopped by a guard."""
    from console.running import run
    from console.selection import Selection
    from console.writing import write

    async def make(session: Session) -> Plan:
        chosen = selection(session, scopes, only)
        if retry_failed:
            failed = session.failed_last()
            chosen = Selection(chosen.scope, failed if chosen.only is None else failed & chosen.only)
        return await session.plan(chosen)

    what = (customer, partner, use_case)
    return run(lambda interrupts: write(surroundings(), what, asked(options), interrupts, make))


common(command)
