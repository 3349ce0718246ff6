"""What an interrupted pass left of a ticket: sendings whose end nobody noted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from connectors.contract import Outcome, Result
from connectors.problems import Problem
from connectors.tickets import Ticket
from console.settling import NEVER_ARRIVED, UNCLEAR
from console.store.runs import Intent
from console.tickets.courier import Courier, Sending, journal_id
from console.tickets.ops import Known, Op, StoreFile, journal_key


class Left:
    """Settles them by what both sides show."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._notes = courier.notes

    def made(self, intents: Iterable[Intent], ticket: str) -> bool:
        """Whether the ticket itself may have been made."""
        return any(i.entity == "ticket" and i.id == self._id(ticket) for i in intents)

    async def settle(
        self, intents: Iterable[Intent], known: Known, partner: Ticket, ops: Sequence[Op]
    ) -> None:
        """What is still to be sent never arrived; everything else did. Raises Failure."""
        missing = {journal_key(op): op for op in ops if isinstance(op, Sending)}
        for intent in intents:
            item = intent.id.removeprefix(self._id(known.ticket)).removeprefix(":")
            op = missing.get((intent.entity, item))
            if isinstance(op, StoreFile) and await self._courier.look(op, known, partner) is not None:
                op = None
            result, problem = (Result.FAILED, NEVER_ARRIVED) if op else (Result.ALREADY, None)
            await self._settled(intent, result, problem)

    async def unclear(self, intents: Iterable[Intent], *, linked: bool) -> None:
        """A side does not show the ticket: all that is known is whether it was created."""
        for intent in intents:
            if intent.entity == "ticket" and linked:
                await self._settled(intent, Result.ALREADY, None)
            else:
                await self._settled(intent, Result.UNKNOWN, UNCLEAR)

    async def _settled(self, intent: Intent, result: Result, problem: Problem | None) -> None:
        outcome = Outcome(intent.entity, intent.id, intent.action, result, problem)
        await self._notes.held(partial(self._notes.settle, outcome, None, intent.run))

    def _id(self, ticket: str) -> str:
        return journal_id(self._courier.terms.partner, ticket, "")
