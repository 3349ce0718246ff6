"""Open a partner's tickets: both sides, the archive where attachments are agreed, and what is remembered."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from connectors.tickets import Archive, Can
from console.sitting import Sitting
from console.threads import off_loop, to_the_end
from console.tickets.courier import Sides
from console.tickets.session import TicketSession

if TYPE_CHECKING:
    from connectors.limiter import Pausing
    from console.connections import Connections
    from console.workspace import Workspace


async def open_session(
    stack: AsyncExitStack,
    workspace: Workspace,
    partner: str,
    sitting: Sitting,
    database: Callable[[], sqlite3.Connection],
) -> TicketSession:
    """The tickets of a partner, closed with the stack. Raises ConsoleError, ConfigError, StoreError."""
    connections = workspace.connections
    settings, config = connections.ticket_settings(partner), connections.partner_config(partner)
    sides = await opened_sides(stack, connections, partner, sitting.pausing)
    vault = await off_loop(lambda: workspace.vault)
    conn = await off_loop(database)
    stack.push_async_callback(to_the_end, conn.close)
    return TicketSession(
        workspace.customer.key,
        partner,
        config.environment,
        flow=connections.ticket_flow(partner),
        settings=settings,
        sides=sides,
        conn=conn,
        vault=vault,
        sitting=sitting,
    )


async def opened_sides(
    stack: AsyncExitStack, connections: Connections, partner: str, pausing: Pausing | None
) -> Sides:
    """The sides, closed with the stack. The keyring may take its time. Raises ConsoleError."""
    settings, flow = connections.ticket_settings(partner), connections.ticket_flow(partner)
    erp = await off_loop(partial(connections.open_erp_tickets, partner, pausing))
    stack.push_async_callback(erp.aclose)
    side = await off_loop(partial(connections.open_tickets, partner, pausing))
    stack.push_async_callback(side.aclose)
    if not settings.archive or Can.FILES not in flow.to_erp:
        return Sides(side, erp)
    archive: Any = await off_loop(partial(connections.open_archive, pausing))
    stack.push_async_callback(archive.aclose)
    return Sides(side, erp, cast(Archive, archive))
