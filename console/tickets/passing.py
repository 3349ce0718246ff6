"""One pass: settle what an interrupted one left, read both lists of changes, bring each ticket together.

The ERP's list comes first: what was made there for us and is not known here, as on a new machine, is linked
before anything new is made. A cursor is saved once its page is worked off.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from connectors.contract import Text
from connectors.problems import Failure, Problem
from connectors.tickets import Head, TicketSide
from console.store.clock import Clock, utc_now
from console.store.errors import StoreError
from console.store.runs import Intent, RunState
from console.sync.events import Listener, Progress, Stage
from console.threads import off_loop
from console.tickets.courier import Courier, ticket_of
from console.tickets.events import PassResult, TicketOutcome
from console.tickets.health import ACCOUNT, Health
from console.tickets.ops import Stand
from console.tickets.task import ERP, PARTNER, Later, Refused, Stopped, Task
from console.tickets.work import Work

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 8
"""Tickets under way at once; the limiter decides how many calls that makes."""


class Pass:
    """One pass over the tickets of a partner. ``stop`` ends it after what is under way."""

    def __init__(
        self,
        courier: Courier,
        listener: Listener,
        stop: asyncio.Event,
        *,
        clock: Clock = utc_now,
        dry: bool = False,
    ) -> None:
        self._courier = courier
        self._notes = courier.notes
        self._state = courier.notes.state
        self._listener = listener
        self._stop = stop
        self._dry = dry
        self._bad = 0
        self._old: frozenset[str] = frozenset()  # tickets that an earlier pass had to leave
        self._unread: tuple[Head, ...] = ()  # and those of the ERP that it could not read
        self.result = PassResult(dry=dry)
        self._health = Health(courier)
        self._work = Work(courier, self._health, self._tell, self._ended, clock, dry=dry)

    async def run(self, intents: Sequence[Intent] = ()) -> PassResult:
        """Bring everything together that has changed. Never raises Failure: the result tells why it stopped.

        Raises StoreError.
        """
        result = self.result
        try:
            async with self._notes.alive():
                settle = partial(self._settle, intents)
                for step in (self._begin, settle, self._erp, self._waiting, self._partner, self._end):
                    if self._ended():
                        break
                    await self._halting(step)
                result.run = self._notes.run
                result.state = self._final()
                await off_loop(partial(self._notes.finish, result.state, result.counts()))
        except BaseException:
            with suppress(StoreError):  # the first error tells more
                self._notes.finish(RunState.INTERRUPTED, result.counts())
            raise
        return result

    def _final(self) -> RunState:
        if self._ended():
            return RunState.INTERRUPTED
        return RunState.FAILED if self.result.bad else RunState.DONE

    def _ended(self) -> bool:
        return self._stop.is_set() or self.result.stopped_by is not None

    def _tell(self, outcome: TicketOutcome) -> None:
        self._bad += outcome.bad
        self.result.outcomes.append(outcome)

    async def _halting(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except Failure as failure:
            self._halt(failure.problem)

    def _halt(self, problem: Problem) -> None:
        self.result.stopped_by = self.result.stopped_by or problem

    # --- the steps ------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        waiting = await self._notes.held(self._state.waiting)
        self._old = frozenset(ticket for ticket, _since in waiting)
        self._unread = await self._notes.held(self._state.unread)
        self._work.wary = bool(self._unread)

    async def _end(self) -> None:
        """What was refused alone is held back; whether it was may only show now."""
        problem = await self._health.end()
        if problem is not None:
            self._halt(problem)
        await self._parked()

    async def _settle(self, intents: Sequence[Intent]) -> None:
        """Look at every ticket that an interrupted pass had under way."""
        by_ticket: dict[str, list[Intent]] = defaultdict(list)
        for intent in intents:
            by_ticket[ticket_of(intent.id)].append(intent)
        await self._all([Task(ticket, tuple(found)) for ticket, found in by_ticket.items()])
        self.result.settled = len(intents)

    async def _waiting(self) -> None:
        """Tickets that an earlier pass had to leave, and those of the ERP that it could not read."""
        found = await self._each(self._unread, self._erp_task)
        await self._all([task for tasks in found for task in tasks])
        waiting = await self._notes.held(self._state.waiting)
        await self._all([Task(ticket) for ticket, _since in waiting])

    async def _partner(self) -> None:
        await self._pages(PARTNER, self._courier.sides.partner, self._partner_task)

    async def _erp(self) -> None:
        await self._pages(ERP, self._courier.sides.erp, self._erp_task)

    async def _pages(
        self, name: str, side: TicketSide, task: Callable[[Head], Awaitable[list[Task]]]
    ) -> None:
        cursor = await self._notes.held(partial(self._state.cursor, name))
        while not self._ended():
            page = await self._courier.patiently(partial(side.changes, cursor))
            heads = await self._notes.held(partial(self._news, name, page.heads))
            self._health.ahead = {name: [head.id for head in heads if not head.gone]}
            found = await self._each(heads, task)
            await self._all(list({task.ticket: task for tasks in found for task in tasks}.values()))
            if self._ended():
                return  # the page is read again; what was done is known by then
            if page.cursor != cursor and not self._dry:
                await self._notes.held(partial(self._state.save_cursor, name, page.cursor))
            stuck, cursor = page.cursor == cursor, page.cursor
            if stuck or not page.more:
                return

    def _news(self, side: str, heads: Sequence[Head]) -> list[Head]:
        """The heads that say something new; of a ticket that is named twice the last."""
        last = {head.id: head for head in heads}
        return [h for h in last.values() if not self._state.is_known(side, h.id, h.changed_at)]

    async def _partner_task(self, head: Head) -> list[Task]:
        if not head.gone:
            return [Task(head.id, heads=((PARTNER, head.changed_at),))]
        known = await self._notes.held(partial(self._state.known, head.id))
        if known.stand is Stand.PARKED or (known.erp and known.stand is Stand.OPEN):
            await self._give_up(known.ticket, known.erp, Text("tickets.deleted_at_partner"))
        elif not self._dry:  # what never came is waited for no more
            await self._notes.held(partial(self._state.ready, head.id))
        await self._note_head(PARTNER, head)
        return []

    async def _erp_task(self, head: Head) -> list[Task]:
        """The partner's tickets that an ERP ticket stands for: none, one, or several after a merge."""
        tickets = await self._notes.held(partial(self._state.linked, head.id))
        if not tickets:
            return await self._adopt(head)
        if not head.gone:
            return [Task(ticket, heads=((ERP, head.changed_at),)) for ticket in tickets]
        for ticket in tickets:
            if not head.merged_into:
                await self._give_up(ticket, head.id, Text("tickets.deleted_in_erp"))
                continue
            self._tell(
                TicketOutcome(ticket, head.merged_into, "ticket", Text("tickets.merged"), planned=self._dry)
            )
            if not self._dry:
                await self._notes.held(partial(self._merge, ticket, head.merged_into))
        await self._note_head(ERP, head)  # last: a pass that ends in between finds it in the list again
        return [Task(ticket) for ticket in tickets] if head.merged_into and not self._dry else []

    def _merge(self, ticket: str, into: str) -> None:
        """Another ERP ticket stands for it now; until it was looked at it waits, whatever ends this pass."""
        with self._state.transaction():
            self._state.link(ticket, into, merged=True)
            self._state.wait(ticket, Text("tickets.merged"))

    async def _adopt(self, head: Head) -> list[Task]:
        """An ERP ticket that is linked to nothing: ours from another machine, or born there (rule B7)."""
        try:
            ticket = "" if head.gone or head.from_api is False else await self._ours(head.id)
        except Failure as failure:
            await self._leave_unread(head, failure.problem)
            return []
        if not ticket:
            if not head.gone:
                await self._note_head(ERP, head, born=True)
            return []
        known = await self._notes.held(partial(self._state.known, ticket))
        if known.erp:  # a second ticket of ours for the same one of the partner's: a person has to look
            self._tell(
                TicketOutcome(ticket, head.id, "ticket", Text("tickets.twice_in_erp", {"id": head.id}))
            )
            await self._note_head(ERP, head)
            return []
        if self._dry:
            self._work.adopted[ticket] = head.id
        else:
            await self._notes.held(partial(self._state.link, ticket, head.id))
        self._tell(TicketOutcome(ticket, head.id, "ticket", Text("tickets.already_there"), planned=self._dry))
        return [Task(ticket, heads=((ERP, head.changed_at),))]

    async def _leave_unread(self, head: Head, problem: Problem) -> None:
        """An ERP ticket that may be ours cannot be read: the next pass tries again, and until then nothing is
        made before it was looked for. Raises Failure where that is no matter of this ticket."""
        fresh = not await self._notes.held(partial(self._state.is_unread, head.id))
        ending = await self._health.failed(problem, head.id, fresh=fresh)
        if ending is not None:
            raise Failure(ending)
        self._work.wary = True
        why = Text("tickets.unread_in_erp", {"id": head.id, "code": problem.code})
        self._tell(TicketOutcome("", head.id, "ticket", why, planned=self._dry))
        if not self._dry:
            await self._notes.held(partial(self._state.leave_unread, head.id, head.changed_at))

    async def _ours(self, erp: str) -> str:
        """The partner's ticket that an ERP ticket names as its origin; "" for none, and for that of another
        environment."""
        courier, origin = self._courier, self._courier.terms.origin
        found = await courier.patiently(partial(courier.sides.erp.get, erp))
        ticket = origin.ticket(found.reference) if found else ""
        if not found or not ticket or origin.proven(found.reference):
            return ticket
        told = await courier.patiently(partial(courier.sides.partner.get, ticket))
        ours = told is not None and origin.made_for(
            ticket, told.created_at, found.reference, found.created_at
        )
        return ticket if ours else ""

    async def _give_up(self, ticket: str, erp: str, why: Text) -> None:
        if not self._dry:
            await self._notes.held(partial(self._state.stand, ticket, Stand.GONE, why))
        self._tell(TicketOutcome(ticket, erp, "ticket", why, planned=self._dry))

    async def _note_head(self, side: str, head: Head, *, born: bool = False) -> None:
        if not self._dry:
            note = partial(self._state.note_head, side, head.id, head.changed_at, born=born)
            await self._notes.held(note)

    # --- several at once ------------------------------------------------------------------------------

    async def _all(self, tasks: Sequence[Task]) -> None:
        await self._each(tasks, self._one)

    async def _each(self, wanted: Iterable[T], call: Callable[[T], Awaitable[R]]) -> list[R]:
        """Call for all of them, a few at a time, and none any more once the pass has ended."""
        queue, done = deque(wanted), []

        async def work() -> None:
            while queue and not self._ended():
                done.append(await call(queue.popleft()))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(IN_FLIGHT, len(queue))):
                    group.create_task(work())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return done

    async def _one(self, task: Task) -> None:
        try:
            ending = await self._done(task)
        except Stopped:
            return
        if ending is not None:
            self._halt(ending)
            return
        await self._parked()
        self.result.read += 1
        self._listener(Progress(Stage.APPLY, self.result.read, None, self._bad))

    async def _done(self, task: Task) -> Problem | None:
        """Work off a ticket; the problem that ends the pass, if it does. Raises Stopped."""
        fresh = task.ticket not in self._old
        try:
            await self._work.do(task)
        except Refused as refused:
            suspect = await self._work.refused(task, refused, fresh=fresh)
            return await self._health.refused(refused.way, suspect)
        except Later as later:
            await self._work.wait(task, later)
            problem = later.problem
            return await self._health.failed(problem, task.ticket, fresh=fresh) if problem else None
        except Failure as failure:
            problem = failure.problem
            ending = await self._health.failed(problem, task.ticket, fresh=fresh)
            if problem.trouble not in ACCOUNT:
                await self._work.wait(task, Later(Text("tickets.failed", {"code": problem.code}), problem))
            return ending
        self._health.fine()
        return None

    async def _parked(self) -> None:
        if not self._dry:
            await self._health.park()
