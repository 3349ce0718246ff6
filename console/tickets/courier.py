"""Send one thing: note it, send it once, note how it ended. What may have arrived is looked up."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from urllib.parse import quote, unquote

from connectors.contract import Action, Outcome, Result
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from connectors.ticketing import LARGEST_FILE
from connectors.tickets import Archive, Comment, ErpTicketSide, Stored, Ticket, TicketFile, TicketSide
from connectors.wrappers import Patience, Sleep
from console.store.clock import utc_now
from console.tickets.notes import Notes
from console.tickets.ops import (
    CommentErp,
    CommentPartner,
    CreateErp,
    Item,
    ItemKind,
    Known,
    LinkFile,
    ReportDamage,
    SetErpCategory,
    SetPartnerStatus,
    StoreFile,
    Terms,
    hop_of,
    journal_key,
    rule_of,
)  # fmt: skip
from console.tickets.reconcile import unclaimed
from console.tickets.ticket_state import HopSeen

T = TypeVar("T")

Sending = (
    CreateErp | SetErpCategory | StoreFile | LinkFile | ReportDamage | CommentErp | SetPartnerStatus
    | CommentPartner
)  # fmt: skip

DAMAGED = Problem("tickets.file_damaged", Trouble.REJECTED, Owner.PARTNER)
TOO_LARGE = Problem("tickets.file_larger_than_told", Trouble.REJECTED, Owner.PARTNER)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides and the archive between them; None where attachments are not agreed."""

    partner: TicketSide
    erp: ErpTicketSide
    archive: Archive | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """How a sending ended; ``problem`` is there unless the other side holds it now."""

    result: Result
    remote: str = ""
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        """Whether the other side holds it now."""
        return self.result in (Result.DONE, Result.ALREADY)


@dataclass(frozen=True, slots=True)
class Errand:
    """One sending: how it is sent, looked up, and remembered by its new id."""

    action: Action
    call: Callable[[], Awaitable[str]]
    look: Callable[[], Awaitable[str | None]]
    keep: Callable[[str], None]


class Courier:
    """Carries the ops of one pass."""

    def __init__(self, sides: Sides, terms: Terms, notes: Notes, patience: Patience, wait: Sleep) -> None:
        self.sides = sides
        self.terms = terms
        self.notes = notes
        self._patience = patience
        self._wait = wait
        self._finals: frozenset[str] | None = None

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat a reading as long as that may help. Raises Failure."""
        tried = 0
        while True:
            try:
                return await call()
            except Failure as failure:
                tried += 1
                if not await self._pause(failure.problem, tried):
                    raise

    async def finals(self) -> frozenset[str]:
        """The ERP's states that end a ticket, read once. Raises Failure."""
        if self._finals is None:
            catalogue = await self.patiently(self.sides.erp.statuses)
            self._finals = frozenset(status.code for status in catalogue if status.final)
        return self._finals

    async def twin(self, ticket: str, born: datetime | None) -> Ticket | None:
        """The ERP ticket that was made for the partner's ticket ``born`` then. Raises Failure."""
        return await self.sides.erp.find_made(partial(self.terms.origin.made_for, ticket, born))

    async def look(self, op: Sending, known: Known, partner: Ticket) -> str | None:
        """What an op would make, where it stands there already; None where it does not. Raises Failure."""
        return await self.patiently(self._errand(op, known, partner).look)

    async def send(self, op: Sending, known: Known, partner: Ticket, born: datetime) -> Sent:
        """Send one op, whose matter came to be when it was ``born``.

        Raises Failure only where an unknown outcome cannot be looked up: its intent stays open and the next
        pass settles it.
        """
        errand = self._errand(op, known, partner)
        entity, item = journal_key(op)
        id_ = journal_id(self.terms.partner, known.ticket, item)
        rule = rule_of(op, self.terms)
        tried = 0
        while True:
            tried += 1
            await self.notes.held(partial(self.notes.intend, entity, id_, errand.action, rule))
            sent = await self._once(errand)
            if sent.result is Result.UNKNOWN and sent.problem is not None:
                patient = await self._pause(sent.problem, tried)
                there = await self.patiently(errand.look)
                if there is not None:
                    sent = Sent(Result.ALREADY, there)
                else:
                    sent = replace(sent, result=Result.FAILED)
            else:
                patient = sent.result is Result.FAILED and await self._pause(sent.problem, tried)
            outcome = Outcome(
                entity, id_, errand.action, sent.result, sent.problem, sent.remote or None, tried
            )
            keep = partial(self._keep, op, errand, known.ticket, sent, born) if sent.ok else None
            await self.notes.held(partial(self.notes.settle, outcome, keep))
            if sent.ok or not patient or sent.result is not Result.FAILED:
                return sent

    def _keep(self, op: Sending, errand: Errand, ticket: str, sent: Sent, born: datetime) -> None:
        errand.keep(sent.remote)
        hop = HopSeen(
            hop_of(op).value, journal_key(op)[1], born, utc_now(), sent.result.value, self.notes.run
        )
        self.notes.state.note_hop(ticket, hop)

    async def _once(self, errand: Errand) -> Sent:
        try:
            return Sent(Result.DONE, await errand.call())
        except Failure as failure:
            problem = failure.problem
            if problem.arrival is Arrival.PERHAPS:
                return Sent(Result.UNKNOWN, problem=problem)
            return Sent(Result.FAILED if problem.repeatable else Result.REJECTED, problem=problem)

    async def _pause(self, problem: Problem | None, tried: int) -> bool:
        """Wait before the next try; False when patience ends or somebody stops."""
        seconds = self._patience.wait(problem, tried) if problem else None
        if seconds is None or problem is None:
            return False
        await self._wait(seconds, problem, tried + 1)
        return not self._patience.stopped()

    def _errand(self, op: Sending, known: Known, partner: Ticket) -> Errand:
        sides, ticket = self.sides, known.ticket
        match op:
            case CreateErp():
                return self._create(op, ticket)
            case SetErpCategory(category):
                return Errand(
                    Action.UPDATE,
                    lambda: _none(sides.erp.set_category(known.erp, category)),
                    lambda: self._erp_has(known, lambda t: t.category == category),
                    lambda _: self.notes.state.seen(ticket, known.erp_status, category),
                )
            case StoreFile(file):
                return self._store(file, known, partner)
            case LinkFile(file):
                return self._link(file, known)
            case ReportDamage():
                return Errand(
                    Action.CREATE,
                    lambda: sides.erp.damage_report(known.erp),
                    _never,
                    lambda number: self.notes.state.put(ticket, Item(ItemKind.DAMAGE, "", number)),
                )
            case SetPartnerStatus(status, erp_status):
                return Errand(
                    Action.UPDATE,
                    lambda: _none(sides.partner.set_status(ticket, status)),
                    lambda: self._partner_has(ticket, status),
                    lambda _: self.notes.state.seen(ticket, erp_status, known.category),
                )
            case CommentErp(comment):
                return self._comment(ItemKind.COMMENT_TO_ERP, comment, known, sides.erp, known.erp)
            case CommentPartner(comment):
                return self._comment(ItemKind.COMMENT_TO_PARTNER, comment, known, sides.partner, ticket)

    def _create(self, op: CreateErp, ticket: str) -> Errand:
        async def look() -> str | None:
            found = await self.twin(ticket, op.draft.created_at)
            return found.id if found else None

        return Errand(
            Action.CREATE,
            lambda: self.sides.erp.create(op.draft),
            look,
            lambda erp: self.notes.state.link(ticket, erp),
        )

    def _comment(
        self, kind: ItemKind, comment: Comment, known: Known, side: TicketSide, there: str
    ) -> Errand:
        async def look() -> str | None:
            found = await side.get(there)
            same = unclaimed(known, kind, found, comment.text) if found else None
            return same.id if same else None

        return Errand(
            Action.CREATE,
            lambda: side.comment(there, comment.text, comment.name),
            look,
            lambda id_: self.notes.state.put(
                known.ticket, Item(kind, comment.id, id_), comment.text.encode()
            ),
        )

    def _store(self, file: TicketFile, known: Known, partner: Ticket) -> Errand:
        archive, name = self._archive(), self.terms.settings.archive
        index = self.terms.index(partner)

        async def look() -> str | None:
            md5 = file.md5 or await self._digest(known.ticket, file)
            found = await archive.find(name, index, md5)
            return found.id if found else None

        async def call() -> str:
            there = await look()  # the same file twice, or a program that was killed
            if there is not None:
                return there
            pieces = Pieces(self.sides.partner.fetch(known.ticket, file))
            stored = await archive.store(name, index, file.name, pieces.read(), file.size)
            return _proven(stored, pieces, file)

        return Errand(
            Action.CREATE,
            call,
            look,
            lambda id_: self.notes.state.put(known.ticket, Item(ItemKind.FILE, file.id, id_)),
        )

    def _link(self, file: TicketFile, known: Known) -> Errand:
        document = known.target(ItemKind.FILE, file.id)

        async def look() -> str | None:
            there = await self._erp_has(known, lambda t: any(f.id == document for f in t.files))
            return None if there is None else document

        async def call() -> str:
            await self.sides.erp.link(known.erp, replace(file, id=document))
            return document

        return Errand(
            Action.CREATE,
            call,
            look,
            lambda id_: self.notes.state.put(known.ticket, Item(ItemKind.LINK, file.id, id_)),
        )

    def _archive(self) -> Archive:
        if self.sides.archive is None:
            raise Failure(Problem("tickets.no_archive_connection", Trouble.CONFIG, Owner.CONSULTANT))
        return self.sides.archive

    async def _digest(self, ticket: str, file: TicketFile) -> str:
        """The checksum of a file whose side tells none: its bytes are read once more, and not kept."""
        pieces = Pieces(self.sides.partner.fetch(ticket, file))
        async for _piece in pieces.read():
            pass
        return pieces.md5

    async def _erp_has(self, known: Known, holds: Callable[[Ticket], bool]) -> str | None:
        found = await self.sides.erp.get(known.erp)
        return "" if found and holds(found) else None

    async def _partner_has(self, ticket: str, status: str) -> str | None:
        found = await self.sides.partner.get(ticket)
        return "" if found and found.status == status else None


class Pieces:
    """A file on its way, counted and summed up as it passes."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self._sum = hashlib.md5(usedforsecurity=False)
        self.size = 0

    async def read(self) -> AsyncIterator[bytes]:
        """The pieces. Raises Failure for more than an attachment may have."""
        async for piece in self._source:
            self.size += len(piece)
            if self.size > LARGEST_FILE:
                raise Failure(TOO_LARGE)
            self._sum.update(piece)
            yield piece

    @property
    def md5(self) -> str:
        """The checksum of what has passed."""
        return self._sum.hexdigest()


def _proven(stored: Stored, pieces: Pieces, file: TicketFile) -> str:
    """The document's id, once its bytes are proven to be the partner's. Raises Failure."""
    told = {md5.lower() for md5 in (stored.md5, file.md5) if md5}
    if told - {pieces.md5}:
        raise Failure(replace(DAMAGED, where=stored.id, arrival=Arrival.NEVER))
    return stored.id


async def _none(call: Awaitable[None]) -> str:
    await call
    return ""


async def _never() -> str | None:
    """What may be sent again without harm is not looked up."""
    return None


def journal_id(partner: str, ticket: str, item: str) -> str:
    """What the journal calls a ticket, or a part of it."""
    return ":".join(filter(None, (partner, quote(ticket, safe=""), item)))


def ticket_of(journal_id: str) -> str:
    """The partner's ticket that a journal id names."""
    return unquote(journal_id.split(":")[1])
