"""One ticket from reading to verifying: read both sides, decide, send, read again what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from connectors.contract import Outcome, Result, Text
from connectors.problems import Failure, Problem, Trouble
from connectors.tickets import Ticket
from console.settling import NEVER_ARRIVED, UNCLEAR
from console.store.clock import Clock
from console.store.runs import Intent
from console.tickets.courier import Courier, Sending, journal_id
from console.tickets.events import TicketOutcome
from console.tickets.judging import judge, moved_out
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
    journal_key,
    rule_of,
)  # fmt: skip
from console.tickets.reconcile import differences, reconcile, seen
from console.tickets.sendings import DONE, WRITES_ERP, WRITES_PARTNER, born, part_of, touched
from console.tickets.words import refusal

ROUNDS = 4
"""Creating shows a state to send, sending one may show a comment; more than that does not follow."""

PATIENCE = timedelta(days=1)
"""How long something may be not there yet before a person is asked."""

HALTING = frozenset({Trouble.CREDENTIALS, Trouble.RIGHTS, Trouble.LIMIT, Trouble.UNREACHABLE, Trouble.CONFIG})
"""Troubles that the next ticket would have too."""

PARTNER, ERP = "partner", "erp"


class Stopped(Exception):
    """Somebody has asked to stop; the ticket is left where it is."""


class Later(Exception):
    """A ticket cannot go on now and is left for a later pass."""

    def __init__(self, reason: Text, problem: Problem | None = None) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Task:
    """A ticket to look at: what an interrupted pass left of it, and how the lists named it (side to time)."""

    ticket: str
    intents: tuple[Intent, ...] = ()
    heads: tuple[tuple[str, datetime], ...] = ()


@dataclass(slots=True)
class Sight:
    """What is in front of us of one ticket."""

    known: Known
    partner: Ticket
    erp: Ticket | None
    stale: set[str] = field(default_factory=set)  # sides that were written since they were read
    touched: list[Item] = field(default_factory=list)


class Work:
    """Works off single tickets. ``tell`` hears every outcome, ``stopped`` says when to leave off."""

    def __init__(
        self,
        courier: Courier,
        tell: Callable[[TicketOutcome], None],
        stopped: Callable[[], bool],
        clock: Clock,
        *,
        dry: bool,
    ) -> None:
        self._courier = courier
        self._notes = courier.notes
        self._state = courier.notes.state
        self._tell = tell
        self._stopped = stopped
        self._clock = clock
        self._dry = dry
        self.adopted: dict[str, str] = {}  # a dry run's links, which it may not keep
        self._doubtful: set[str] = set()  # tickets that may have been made in the ERP: looked up before more

    async def do(self, task: Task) -> None:
        """Bring both sides of one ticket together. Raises Failure, Stopped, Later."""
        if any(i.entity == "ticket" and i.id == self._id(task.ticket, "") for i in task.intents):
            self._doubtful.add(task.ticket)
        known = await self._known(task.ticket)
        if known.stand is Stand.GONE and not task.intents:
            await self._note_heads(task, None)
            return
        if known.stand is Stand.PARKED and not self._dry:  # something has changed: it gets another chance
            await self._notes.held(partial(self._state.stand, task.ticket, Stand.OPEN))
        known = replace(known, stand=Stand.OPEN, reason=None) if known.stand is Stand.PARKED else known
        sight = await self._look(known, task)
        settled = not task.intents
        for _ in range(ROUNDS):
            ops = reconcile(sight.known, sight.partner, sight.erp, await self._terms(sight))
            if self._dry:
                await self._preview(sight, ops)
                return
            if not settled:
                await self._settle(task.intents, sight, ops)
                settled = True
            if not ops:
                break
            sending = sight.erp is not None and any(isinstance(op, Sending) for op in ops)
            if sending and not sight.touched and await moved_out(self._courier, sight.partner):
                self._say(sight.known, "ticket", Text("tickets.moved_out"))
            if not await self._apply(sight, ops):
                await self._note_heads(task, sight)
                return  # the whole ticket is parked
            await self._look_again(sight)
        await self._close(task, sight)

    async def _known(self, ticket: str) -> Known:
        known = await self._notes.held(partial(self._state.known, ticket))
        return replace(known, erp=self.adopted[ticket]) if ticket in self.adopted else known

    async def _look(self, known: Known, task: Task) -> Sight:
        sides = self._courier.sides
        partner = await self._courier.patiently(partial(sides.partner.get, task.ticket))
        if task.ticket in self._doubtful and not known.erp and not self._dry:
            born = partner.created_at if partner else None
            found = await self._courier.patiently(partial(self._courier.twin, task.ticket, born))
            self._doubtful.discard(task.ticket)
            if found is not None:
                await self._notes.held(partial(self._state.link, task.ticket, found.id))
                known = replace(known, erp=found.id)
                self._say(known, "ticket", Text("tickets.already_there"))
        if partner is None:
            await self._unclear(task.intents, linked=bool(known.erp))
            raise Later(Text("tickets.not_there_yet", {"side": PARTNER}))
        erp = await self._courier.patiently(partial(sides.erp.get, known.erp)) if known.erp else None
        if known.erp and erp is None:  # the ERP's list will tell whether it was deleted or merged
            await self._unclear(task.intents, linked=True)
            raise Later(Text("tickets.not_there_yet", {"side": ERP}))
        return Sight(known, partner, erp)

    async def _terms(self, sight: Sight) -> Terms:
        """The terms, with the states that end a ticket where a changed state makes them matter."""
        if sight.erp is None or sight.known.erp_status in ("", sight.erp.status):
            return self._courier.terms
        return replace(self._courier.terms, finals=await self._courier.finals())

    async def _look_again(self, sight: Sight) -> None:
        """Read the sides that were written."""
        sides, known = self._courier.sides, sight.known
        if ERP in sight.stale:
            sight.erp = await self._courier.patiently(partial(sides.erp.get, known.erp))
        if PARTNER in sight.stale:
            again = await self._courier.patiently(partial(sides.partner.get, known.ticket))
            if again is None:
                raise Later(Text("tickets.not_there_yet", {"side": PARTNER}))
            sight.partner = again
        if known.erp and sight.erp is None:
            raise Later(Text("tickets.not_there_yet", {"side": ERP}))
        sight.stale.clear()

    # --- what an interrupted pass left --------------------------------------------------------------

    async def _settle(self, intents: Iterable[Intent], sight: Sight, ops: Sequence[Op]) -> None:
        """What is still to be sent never arrived; everything else did."""
        missing = {journal_key(op): op for op in ops if isinstance(op, Sending)}
        for intent in intents:
            item = intent.id.removeprefix(self._id(sight.known.ticket, "")).removeprefix(":")
            op = missing.get((intent.entity, item))
            if (
                isinstance(op, StoreFile)
                and await self._courier.look(op, sight.known, sight.partner) is not None
            ):
                op = None
            await self._settled(
                intent, Result.FAILED if op else Result.ALREADY, NEVER_ARRIVED if op else None
            )

    async def _unclear(self, intents: Iterable[Intent], *, linked: bool) -> None:
        """A side does not show the ticket: all that is known is whether it was created."""
        if self._dry:
            return
        for intent in intents:
            if intent.entity == "ticket" and linked:
                await self._settled(intent, Result.ALREADY, None)
            else:
                await self._settled(intent, Result.UNKNOWN, UNCLEAR)

    async def _settled(self, intent: Intent, result: Result, problem: Problem | None) -> None:
        outcome = Outcome(intent.entity, intent.id, intent.action, result, problem)
        await self._notes.held(partial(self._notes.settle, outcome, None, intent.run))

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
        judged = await judge(self._courier, op)
        if isinstance(judged, Text):
            await self._park(sight, Park(judged), judged)
        else:
            await self._send(sight, judged)

    async def _send(self, sight: Sight, op: Sending) -> None:
        """Send one op. Raises Failure, Later."""
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
        sight.known = await self._known(sight.known.ticket)
        if isinstance(op, WRITES_ERP):
            sight.stale.add(ERP)
        if isinstance(op, WRITES_PARTNER):
            sight.stale.add(PARTNER)
        if (item := touched(op, sent)) is not None:
            sight.touched.append(item)
        self._say(sight.known, op, Text(DONE[type(op)]), sent.result)

    async def _failed(self, sight: Sight, op: Sending, problem: Problem) -> None:
        if problem.trouble in HALTING:
            raise Failure(problem)
        if problem.repeatable:
            raise Later(Text("tickets.failed", {"code": problem.code}), problem)
        by = PARTNER if isinstance(op, WRITES_PARTNER) else "archive" if isinstance(op, StoreFile) else ERP
        category = self._courier.terms.settings.category(sight.partner.category)
        reason = refusal(problem, by, category)
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
        if self._dry:
            self._say(Known(task.ticket), "ticket", later.reason)
            return
        since = await self._notes.held(partial(self._state.wait, task.ticket, later.reason))
        reason = later.reason
        if self._clock() - since > PATIENCE:
            reason = Text(f"{reason.code}_parked", reason.args)
            await self._notes.held(partial(self._state.stand, task.ticket, Stand.PARKED, reason))
        self._say(await self._known(task.ticket), "ticket", reason)

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
                    judged = await judge(self._courier, op)
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

    def _id(self, ticket: str, item: str) -> str:
        return journal_id(self._courier.terms.partner, ticket, item)
