"""A partner that gives the number of a former ticket to a new one, as a test account set up anew does.

Whoever takes the one for the other writes a tenant's words to somebody else's activity.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import Text
from connectors.tickets import Ticket
from console.tickets.ops import Known

SKEW = timedelta(days=1)
"""The clocks of two systems, and of this computer, may be apart; a new account is set up later than that."""


def another(known: Known, partner: Ticket) -> Text | None:
    """Why a linked ticket cannot be the one that we know: it came to be long after we had seen it. Pure."""
    if not known.erp or known.since is None or partner.created_at - known.since < SKEW:
        return None
    return Text("tickets.number_reused", {"id": known.ticket, "erp": known.erp})


def reborn(known: Known, partner: Ticket | None) -> bool:
    """Whether a ticket that was deleted at the partner is there again, and is a new one. Pure."""
    return (
        known.reason is not None
        and known.reason.code == "tickets.deleted_at_partner"
        and known.since is not None
        and partner is not None
        and partner.created_at > known.since
    )
