"""One ticket from reading to verifying: read both sides, decide, send, read again what was written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from connectors.contract import Result, Text
from connectors.problems import Failure, Problem, Trouble
from connectors.tickets import Ticket
from console.store.clock import Clock
from console.tickets.courier import Courier, Sending
from console.tickets.events import TicketOutcome
from console.tickets.health import ACCOUNT, READ, Health, Suspect
from console.tickets.judging import judge, moved_out
from console.tickets.left import Left
from console.tickets.ops import (
    Claim,
    CreateErp,
    Item,
    ItemKind,
    Known,
    LinkFile,
    Note,
    Op,
    Park,
    Stand,
    StoreFile,
    Terms,
    hop_of,
    item_of,
    rule_of,
)  # fmt: skip
from console.tickets.reconcile import differences, reconcile, seen
from console.tickets.reused import reborn
from console.tickets.sendings import DONE, WRITES_ERP, WRITES_PARTNER, born, corrects, part_of, touched
from console.tickets.task import ERP, PARTNER, Later, Refused, Stopped, Task
from console.tickets.words import refusal

ROUNDS = 4
"""Creating shows a state to send, sending one may show a comment; more than that does not follow."""

PATIENCE = timedelta(days=1)
"""How long something may be not there yet before a person is asked."""


T = TypeVar("T")


@dataclass(slots=True)
class Sight:
    """What is in front of us of one ticket."""

    known: Known
    partner: Ticket
    erp: Ticket | None
    stale: set[str] = field(default_factory=set)  # sides that were written since they were read
    touched: list[Item] = field(default_factory=list)


class Work:
    """Works off single tickets. ``tell`` hears every outcome, ``stopped`` says when to leave off.

    ``wary``: an ERP ticket could not be read that may be ours, so nothing is made before it was looked for.
    """

    def __init__(
        self,
        courier: Courier,
        health: Health,
        tell: Callable[[TicketOutcome], None],
        stopped: Callable[[], bool],
        clock: Clock,
        *,
        dry: bool,
    ) -> None:
        self._courier = courier
        self._health = health
        self._left = Left(courier)
        self._notes = courier.notes
        self._state = courier.notes.state
        self._tell = tell
        self._stopped = stopped
        self._clock = clock
        self._dry = dry
        self.wary = False
        self.adopted: dict[str, str] = {}  # a dry run's links, which it may not keep
        self._doubtful: set[str] = set()  # tickets that may have been made in the ERP: looked up before more

    async def do(self, task: Task) -> None:
        """Bring both sides of one ticket together. Raises Failure, Stopped, Later, Refused."""
        known = await self._begun(task)
        if known is None:
            await self._note_heads(task, None)
            return
        sight = await self._look(known, task)
        settled = not task.intents
        for _ in range(ROUNDS):
            ops = reconcile(sight.known, sight.partner, sight.erp, await self._terms(sight))
            ops = [op for op in ops if not corrects(op, sight.touched)]
            if self._dry:
                await self._preview(sight, ops)
                return
            if not settled:
                await self._left.settle(task.intents, sight.known, sight.partner, ops)
                settled = True
            if not ops:
                break
            sending = sight.erp is not None and any(isinstance(op, Sending) for op in ops)
            if sending and not sight.touched and await self._moved_out(sight.partner):
                self._say(sight.known, "ticket", Text("tickets.moved_out"))
            if not await self._apply(sight, ops):
                await self._note_heads(task, sight)
                return  # the whole ticket is parked
            await self._look_again(sight)
        await self._close(task, sight)

    async def _begun(self, task: Task) -> Known | None:
        """What is known of a ticket before both sides are looked at; None of one that is given up."""
        if self._left.made(task.intents, task.ticket):
            self._doubtful.add(task.ticket)
        known = await self._known(task.ticket)
        if known.stand is Stand.GONE and not task.intents:
            found = await self._read(PARTNER, partial(self._courier.sides.partner.get, task.ticket))
            if not reborn(known, found) or self._dry:
                return None
            await self._notes.held(partial(self._state.forget, task.ticket))
            return Known(task.ticket)
        if known.stand is Stand.PARKED and not self._dry:  # something has changed: it gets another chance
            await self._notes.held(partial(self._state.stand, task.ticket, Stand.OPEN))
        return replace(known, stand=Stand.OPEN, reason=None) if known.stand is Stand.PARKED else known

    async def _known(self, ticket: str) -> Known:
        known = await self._notes.held(partial(self._state.known, ticket))
        return replace(known, erp=self.adopted[ticket]) if ticket in self.adopted else known

    async def _look(self, known: Known, task: Task) -> Sight:
        sides, intents = self._courier.sides, () if self._dry else task.intents
        partner = await self._read(PARTNER, partial(sides.partner.get, task.ticket))
        doubtful = self.wary or task.ticket in self._doubtful
        if doubtful and not known.erp and not self._dry:
            born = partner.created_at if partner else None
            found = await self._read(ERP, partial(self._courier.twin, task.ticket, born))
            self._doubtful.discard(task.ticket)
            if found is not None:
                await self._notes.held(partial(self._state.link, task.ticket, found.id))
                known = replace(known, erp=found.id)
                self._say(known, "ticket", Text("tickets.already_there"))
        if partner is None:
            await self._left.unclear(intents, linked=bool(known.erp))
            raise Later(Text("tickets.not_there_yet", {"side": PARTNER}))
        erp = await self._read(ERP, partial(sides.erp.get, known.erp)) if known.erp else None
        if known.erp and erp is None:  # the ERP's list will tell whether it was deleted or merged
            await self._left.unclear(intents, linked=True)
            raise Later(Text("tickets.not_there_yet", {"side": ERP}))
        return Sight(known, partner, erp)

    async def _read(self, side: str, call: Callable[[], Awaitable[T]]) -> T:
        """Read patiently. Raises Failure, Refused where it lies with this ticket perhaps."""
        try:
            found = await self._courier.patiently(call)
        except Failure as failure:
            problem = failure.problem
            if problem.trouble is not Trouble.RIGHTS:
                raise
        else:
            self._health.went(READ[side])
            return found
        raise Refused(READ[side], refusal(problem, side), problem)

    async def _moved_out(self, partner: Ticket) -> bool:
        return await self._read(ERP, partial(moved_out, self._courier, partner))

    async def _terms(self, sight: Sight) -> Terms:
        """The terms, with the states that end a ticket where a changed state makes them matter."""
        if sight.erp is None or sight.known.erp_status in ("", sight.erp.status):
            return self._courier.terms
        return replace(self._courier.terms, finals=await self._courier.finals())

    async def _look_again(self, sight: Sight) -> None:
        """Read the sides that were written."""
        sides, known = self._courier.sides, sight.known
        if ERP in sight.stale:
            sight.erp = await self._read(ERP, partial(sides.erp.get, known.erp))
        if PARTNER in sight.stale:
            again = await self._read(PARTNER, partial(sides.partner.get, known.ticket))
            if again is None:
                raise Later(Text("tickets.not_there_yet", {"side": PARTNER}))
            sight.partner = again
        if known.erp and sight.erp is None:
            raise Later(Text("tickets.not_there_yet", {"side": ERP}))
        sight.stale.clear()

    # --- sending --------------------------------------------------------------------------------------

    async def _apply(self, sight: Sight, ops: Sequence[Op]) -> bool:
        """Send the ops in their order; False once the whole ticket is parked."""
        for op in ops:
            if self._stopped():
                raise Stopped
            match op:
                case Claim(item):
                    await self._keep(sight, item)
                    self._say(sight.known, op, Text("tickets.already_there"))
                case Park(reason, _):
                    await self._park(sight, op, reason)
                case Note(outcome):
                    self._say(sight.known, op, outcome)
                case LinkFile(file) if not sight.known.target(ItemKind.FILE, file.id):
                    continue  # it could not be filed
                case CreateErp():
                    await self._create(sight, op)
                case _:
                    await self._send(sight, op)
            if sight.known.stand is Stand.PARKED:
                return False
        return True

    async def _create(self, sight: Sight, op: CreateErp) -> None:
        judged = await self._judged(op)
        if isinstance(judged, Text):
            await self._park(sight, Park(judged), judged)
        else:
            await self._send(sight, judged)

    async def _judged(self, op: CreateErp) -> CreateErp | Text:
        try:
            return await judge(self._courier, op)
        except Failure as failure:
            problem = failure.problem
            if problem.trouble is not Trouble.RIGHTS:
                raise
        raise Refused(type(op).__name__, refusal(problem, ERP), problem)

    async def _send(self, sight: Sight, op: Sending) -> None:
        """Send one op. Raises Failure, Later, Refused."""
        since = born(op, sight.partner, sight.erp)
        try:
            sent = await self._courier.send(op, sight.known, sight.partner, since)
        except Failure:
            if isinstance(op, CreateErp):
                self._doubtful.add(sight.known.ticket)
            raise
        if sent.problem is not None and not sent.ok:
            await self._failed(sight, op, sent.problem)
            return
        self._health.went(type(op).__name__)
        sight.known = await self._known(sight.known.ticket)
        if isinstance(op, WRITES_ERP):
            sight.stale.add(ERP)
        if isinstance(op, WRITES_PARTNER):
            sight.stale.add(PARTNER)
        if (item := touched(op, sent)) is not None:
            sight.touched.append(item)
        self._say(sight.known, op, Text(DONE[type(op)]), sent.result)

    async def _failed(self, sight: Sight, op: Sending, problem: Problem) -> None:
        if problem.trouble in ACCOUNT or problem.trouble is Trouble.UNREACHABLE:
            raise Failure(problem)
        if problem.repeatable:
            raise Later(Text("tickets.failed", {"code": problem.code}), problem)
        by = PARTNER if isinstance(op, WRITES_PARTNER) else "archive" if isinstance(op, StoreFile) else ERP
        category = self._courier.terms.settings.category(sight.partner.category)
        reason = refusal(problem, by, category)
        if problem.trouble is Trouble.RIGHTS:
            raise Refused(type(op).__name__, reason, problem, op)
        whole = isinstance(op, CreateErp)
        await self._park(sight, Park(reason, None if whole else part_of(op)), reason)

    async def _park(self, sight: Sight, op: Park, reason: Text) -> None:
        if op.item is None:
            call = partial(self._state.stand, sight.known.ticket, Stand.PARKED, reason)
            await self._notes.held(call)
            sight.known = await self._known(sight.known.ticket)
        else:
            await self._keep(sight, Item(*op.item, reason=reason))
        self._say(sight.known, op, reason)

    async def _keep(self, sight: Sight, item: Item) -> None:
        await self._notes.held(partial(self._state.put, sight.known.ticket, item))
        sight.known = await self._known(sight.known.ticket)

    # --- the end ----------------------------------------------------------------------------------------

    async def _close(self, task: Task, sight: Sight) -> None:
        """Verify what was touched, and note how far both sides were read."""
        known, terms = sight.known, self._courier.terms
        if sight.erp is None:
            await self._note_heads(task, sight)
            return
        for item, why in differences(sight.partner, sight.erp, sight.touched):
            await self._differs(sight, item, why)
        await self._forget_former_states(sight, sight.erp.status)
        known = sight.known
        status, category = seen(known, sight.partner, sight.erp, terms)
        if not any(i.kind is ItemKind.STATUS and i.reason for i in known.items.values()) and (
            status,
            category,
        ) != (known.erp_status, known.category):
            await self._notes.held(partial(self._state.seen, known.ticket, status, category))
        await self._note_heads(task, sight)

    async def _forget_former_states(self, sight: Sight, now: str) -> None:
        """A state that could not be sent and holds no longer is no matter for anybody."""
        for item in sight.known.items.values():
            if item.kind is ItemKind.STATUS and item.id != now:
                await self._notes.held(partial(self._state.drop, sight.known.ticket, item))
        sight.known = await self._known(sight.known.ticket)

    async def _differs(self, sight: Sight, item: Item, why: Text) -> None:
        known = sight.known
        if item.kind is ItemKind.STATUS:
            await self._notes.held(partial(self._state.seen, known.ticket, "", known.category))
            item = replace(item, target="")
        await self._keep(sight, replace(item, reason=why))
        self._say(known, "verify", why, item=item.id)

    async def _note_heads(self, task: Task, sight: Sight | None) -> None:
        if self._dry:
            return
        named = dict(task.heads)
        partner, erp = (sight.partner, sight.erp) if sight else (None, None)
        read = {PARTNER: (task.ticket, partner)} | ({ERP: (erp.id, erp)} if erp else {})

        def note() -> None:
            with self._state.transaction():
                for side, (id_, ticket) in read.items():
                    moments = [m for m in (named.get(side), ticket.changed_at if ticket else None) if m]
                    if moments:
                        self._state.note_head(side, id_, max(moments))
                self._state.ready(task.ticket)

        await self._notes.held(note)

    async def wait(self, task: Task, later: Later) -> None:
        """Leave a ticket for a later pass; after a day a person is asked."""
        reason = later.reason
        if await self._waited(task, reason):
            reason = Text(f"{reason.code}_parked", reason.args)
            await self._notes.held(partial(self._state.stand, task.ticket, Stand.PARKED, reason))
        self._say(await self._known(task.ticket), "ticket", reason)

    async def refused(self, task: Task, refused: Refused, *, fresh: bool) -> Suspect:
        """Leave a ticket to which there is no right; after a day it is held back, whatever else is known."""
        op = refused.op
        part = part_of(op) if isinstance(op, Sending) and not isinstance(op, CreateErp) else None
        suspect = Suspect(task.ticket, part, refused.reason, refused.problem, fresh)
        if await self._waited(task, refused.reason):
            await self._health.hold(suspect)
        self._say(await self._known(task.ticket), op or "ticket", refused.reason)
        return suspect

    async def _waited(self, task: Task, reason: Text) -> bool:
        """Note that a ticket waits; whether it has done so for long enough."""
        if self._dry:
            return False
        since = await self._notes.held(partial(self._state.wait, task.ticket, reason))
        return self._clock() - since > PATIENCE

    # --- telling ----------------------------------------------------------------------------------------

    async def _preview(self, sight: Sight, ops: Sequence[Op]) -> None:
        """Tell what would be done."""
        for op in ops:
            match op:
                case Claim():
                    self._say(sight.known, op, Text("tickets.already_there"))
                case Park(reason, _):
                    self._say(sight.known, op, reason)
                case Note(outcome):
                    self._say(sight.known, op, outcome)
                case CreateErp():
                    judged = await self._judged(op)
                    if isinstance(judged, Text):
                        self._say(sight.known, op, judged)
                        return
                    self._say(sight.known, op, Text(DONE[CreateErp]))
                case _:
                    self._say(sight.known, op, Text(DONE[type(op)]))

    def _say(
        self, known: Known, op: Op | str, outcome: Text, result: Result | None = None, *, item: str = ""
    ) -> None:
        hop = op if isinstance(op, str) else hop_of(op).value
        part = item if isinstance(op, str) else item_of(op)
        rule = "" if isinstance(op, str) else rule_of(op, self._courier.terms)
        self._tell(TicketOutcome(known.ticket, known.erp, hop, outcome, part, result, rule, self._dry))
