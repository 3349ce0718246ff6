"""Whether tickets of a partner can begin: both sides are asked, then the partner's checks look at them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from connectors.contract import Check, CheckContext, Connector, Finding, Reader
from connectors.ticketing import TICKETS, Ends
from connectors.tickets import TicketSide
from console.connections import Connections
from console.threads import off_loop

Answer = Callable[[Check, CheckContext], Awaitable[tuple[Finding, bool]]]
"""Runs a check; its finding, and whether access was refused."""

Remembered = Callable[[str, str, CheckContext], CheckContext]
"""Adds what is known of a partner's use case; blocks briefly."""

MASTER_DATA = "master-data"
"""The use case that tickets of every partner come after."""

Side = TypeVar("Side", bound=TicketSide)


async def ticket_findings(
    connections: Connections,
    partner: str,
    ends: tuple[Reader[Any] | None, Connector],
    remembered: Remembered,
    answer: Answer,
) -> tuple[list[Finding], bool]:
    """What both sides and the checks say, and whether access was refused. Raises ConsoleError.

    ``ends`` are the ERP, None where it cannot be reached, and the partner. The ERP's findings are named after
    the partner, for each partner has terms of its own there.
    """
    context = CheckContext(
        *ends,
        connections.ticket_settings(partner),
        siblings=connections.agreed(),
        options=connections.partner_options(partner),
    )
    if MASTER_DATA in connections.use_cases(partner):
        known = await off_loop(partial(remembered, partner, MASTER_DATA, context))
        context = replace(context, owned=known.owned)
    findings: list[Finding] = []
    no_access = False
    async with AsyncExitStack() as stack:
        side = await _opened(stack, partial(connections.open_tickets, partner))
        findings += await side.check()
        erp = None
        if context.source is not None and connections.source_kind().tickets is not None:
            erp = await _opened(stack, partial(connections.open_erp_tickets, partner))
            findings += [replace(found, key=f"{partner}.{found.key}") for found in await erp.check()]
        seen = replace(context, tickets=Ends(erp, side))
        for check in connections.partner(partner).checks:
            if check.use_case == TICKETS:
                finding, refused = await answer(check, seen)
                findings.append(finding)
                no_access |= refused
    return findings, no_access


async def _opened(stack: AsyncExitStack, open_: Callable[[], Side]) -> Side:
    side = await off_loop(open_)
    stack.push_async_callback(side.aclose)
    return side
