"""Everything that decides where an item stands, gathered from configuration, store and cache."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from connectors.ticketing import TICKETS
from console.errors import ConsoleError
from console.readiness import Checked, Facts
from console.store.said import Answer
from console.store.walked import WalkedStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.workspace import Workspace

ROUND_TRIP = "roundtrip"
"""The walk that a passed acceptance ticket answers for."""


def gather(workspace: Workspace, answers: Mapping[str, Answer], now: datetime) -> Facts:
    """The facts of a customer. Blocks briefly. Raises ConsoleError, StoreError."""
    connections = workspace.connections
    partners = connections.partner_keys()
    return Facts(
        partners=frozenset(partners),
        use_cases=frozenset(f"{key}/{one}" for key in partners for one in use_cases(workspace, key)),
        erp_product=workspace.customer.erp_product,
        erp_source=workspace.customer.erp.source if workspace.customer.erp else "",
        setting=settings(workspace),
        answers=answers,
        checks={key: Checked(found, at) for key, (at, found) in workspace.last_findings().items()},
        walked=walked(workspace),
        now=now,
    )


def use_cases(workspace: Workspace, partner: str) -> tuple[str, ...]:
    """The use cases of a partner, tickets among them. Raises ConsoleError."""
    connections = workspace.connections
    tickets = (TICKETS,) if connections.has_tickets(partner) else ()
    return (*connections.use_cases(partner), *tickets)


def settings(workspace: Workspace) -> Callable[[str], object]:
    """Looks up ``PARTNER/USE_CASE.NAME``; None for what is not configured. Remembers what it has read."""
    connections = workspace.connections
    known: dict[str, Any] = {}

    def of(place: str) -> Any:
        partner, _sep, use_case = place.partition("/")
        try:
            if use_case == TICKETS:
                return connections.ticket_settings(partner)
            return connections.job(partner, use_case).settings
        except ConsoleError:
            return None  # of a partner or use case that is not in use, or wrong: the checks say so

    def look_up(name: str) -> object:
        place, _sep, field = name.rpartition(".")
        if place not in known:
            known[place] = of(place)
        value = getattr(known[place], field, None)
        return value.value if isinstance(value, Enum) else value

    return look_up


def walked(workspace: Workspace) -> frozenset[str]:
    """Keys of the guided walks and round trips that ended well, where each partner is now.

    A key stands there alone and with its partner: ``test_tenant`` and ``immomio.test_tenant``.
    """
    from console.tickets.trip_store import TripStore  # late: most customers have no tickets

    connections, found = workspace.connections, set[str]()
    with workspace.store() as conn:
        for one in WalkedStore(conn, workspace.vault).walks():
            partner = workspace.customer.partners.get(one.partner)
            if partner is not None and partner.environment == one.environment:
                found |= {one.walk, f"{one.partner}.{one.walk}"}
        for key in filter(connections.has_tickets, connections.partner_keys()):
            environment = connections.partner_config(key).environment
            trips = TripStore(conn, workspace.vault, key, environment).trips()
            if any(trip.passed for trip in trips):
                found |= {ROUND_TRIP, f"{key}.{ROUND_TRIP}"}
    return frozenset(found)
