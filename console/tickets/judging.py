"""Whether the ERP would take a ticket, asked before anything is written."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from connectors.contract import Text
from connectors.tickets import LeaseState, Ticket
from console.tickets.courier import Courier
from console.tickets.ops import CreateErp
from console.tickets.words import category_refusal, lease_refusal

_ORDER = (
    LeaseState.AMBIGUOUS, LeaseState.RUNNING, LeaseState.ENDED, LeaseState.OTHER_MANDANT, LeaseState.UNKNOWN,
)  # fmt: skip


async def judge(courier: Courier, op: CreateErp) -> CreateErp | Text:
    """The op with the Mandant of its lease, or why the ERP would refuse it. Without side effects.

    Raises Failure.
    """
    erp, draft = courier.sides.erp, op.draft
    scope = courier.terms.settings.scope
    mandanten = [draft.mandant] if draft.mandant or scope.mandanten is None else sorted(scope.mandanten)
    found: dict[LeaseState, str] = {}
    for mandant in mandanten:
        state = await courier.patiently(partial(erp.lease, draft.contract, mandant))
        if state is LeaseState.RUNNING and state in found:
            state = LeaseState.AMBIGUOUS
        found.setdefault(state, mandant)
    best = next(state for state in _ORDER if state in found)
    if (why := lease_refusal(best)) is not None:
        return why
    usable = await courier.patiently(partial(erp.category, draft.category))
    return category_refusal(usable, draft.category) or CreateErp(replace(draft, mandant=found[best]))


async def moved_out(courier: Courier, partner: Ticket) -> bool:
    """Whether the lease of a ticket has ended meanwhile. Raises Failure."""
    lease = courier.terms.lease(partner)
    if lease is None:
        return False
    ask = partial(courier.sides.erp.lease, lease.contract, lease.mandant)
    return await courier.patiently(ask) is LeaseState.ENDED
