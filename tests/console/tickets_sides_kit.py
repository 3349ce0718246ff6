"""An ERP, a partner and an archive in memory, on which calls fail or the program dies when told to."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Finding
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from connectors.tickets import (
    REFUSALS,
    Author,
    Can,
    CategoryState,
    Changes,
    Comment,
    Draft,
    Head,
    LeaseState,
    Status,
    Stored,
    Ticket,
    TicketFile,
)

START = datetime(2026, 3, 2, 8, 0, 0, 500, UTC)
STATUSES = {"10": "open", "20": "open", "30": "waiting", "90": "closed", "95": "closed"}
CATALOGUE = tuple(Status(code, code, code in ("90", "95")) for code in (*STATUSES, "77"))
CUT = Problem("http.cut", Trouble.UNREACHABLE, Owner.NOBODY, Arrival.PERHAPS)
BUSY = Problem("http.limit", Trouble.LIMIT, Owner.NOBODY, retry_after=2.0)
VERY_BUSY = replace(BUSY, retry_after=700.0)
DOWN = Problem("http.unavailable", Trouble.UNAVAILABLE, Owner.PARTNER)
GARBLED = Problem("http.not_json", Trouble.PAYLOAD, Owner.PARTNER, Arrival.PERHAPS)
FORBIDDEN = Problem("http.rights", Trouble.RIGHTS, Owner.PARTNER)
UNAUTHORIZED = Problem("http.credentials", Trouble.CREDENTIALS, Owner.CONSULTANT)
REFUSED = Problem("http.rejected", Trouble.REJECTED, Owner.PARTNER)

_CODES: Mapping[LeaseState | CategoryState, str] = {state: code for code, state in REFUSALS.items()}


class Killed(BaseException):
    """The program is gone."""


@dataclass
class World:
    """The time, everything that is called, and the faults. A call may fail before or after it took effect."""

    now: datetime = START
    calls: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    faults: list[tuple[str, Problem, bool]] = field(default_factory=list)  # name, problem, after the effect
    lasting: dict[str, Problem] = field(default_factory=dict)  # by name, or name and id; until taken away
    kill_at: int | None = None
    moments: int = 0
    dead: bool = False
    life: int = 1

    def tick(self, by: timedelta = timedelta(milliseconds=1)) -> datetime:
        """The next moment."""
        self.now += by
        return self.now

    def clock(self) -> datetime:
        """The time as the engine sees it."""
        return self.now

    async def before(self, name: str, id_: str = "") -> None:
        """A call begins, about this id."""
        await self._moment()
        self.calls[name] += 1
        self.order.append(name)
        self._fail(name, after=False)
        self._fail(f"{name} {id_}", after=False)

    async def after(self, name: str) -> None:
        """A call has taken effect and answers."""
        await self._moment()
        self._fail(name, after=True)

    async def _moment(self) -> None:
        await asyncio.sleep(0)
        self.moments += 1
        if self.kill_at is not None and self.moments >= self.kill_at and not self.dead:
            self.dead = True
        if self.dead:
            raise Killed

    def _fail(self, name: str, *, after: bool) -> None:
        if name in self.lasting and not after:
            raise Failure(self.lasting[name])
        for fault in self.faults:
            if fault[0] in (name, "*") and fault[2] is after:
                self.faults.remove(fault)
                raise Failure(fault[1])


@dataclass
class Mortal:
    """A connection to the file, of no use to a program that is gone."""

    conn: sqlite3.Connection
    world: World
    life: int

    def execute(self, *what: Any) -> sqlite3.Cursor:
        """Execute a statement."""
        return self._living().execute(*what)

    def executemany(self, *what: Any) -> sqlite3.Cursor:
        """Execute a statement for several rows."""
        return self._living().executemany(*what)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._living().in_transaction

    def _living(self) -> sqlite3.Connection:
        if self.world.dead or self.world.life != self.life:
            raise Killed
        return self.conn


@dataclass
class MemorySide:
    """Tickets in a dict, with a list of changes that is read by number."""

    world: World
    name: str
    abilities: frozenset[Can] = frozenset(Can)
    page: int = 3
    tickets: dict[str, Ticket] = field(default_factory=dict)
    log: dict[str, Head] = field(default_factory=dict)  # the last change last
    content: dict[tuple[str, str], bytes] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    number: int = 0
    hidden: set[str] = field(default_factory=set)  # listed, but not there yet
    rewrite: Callable[[Ticket], Ticket] = lambda ticket: ticket

    def next_id(self, prefix: str) -> str:
        """A new id."""
        self.number += 1
        return f"{prefix}{self.number}"

    def put(self, ticket: Ticket) -> Ticket:
        """Keep a ticket as changed now."""
        ticket = self.rewrite(replace(ticket, changed_at=self.world.tick()))
        self.tickets[ticket.id] = ticket
        self._list(Head(ticket.id, ticket.changed_at, from_api=ticket.from_api))
        return ticket

    def person_writes(
        self, id_: str, text: str, author: Author, name: str = "Erika", *, visible: bool = True
    ) -> str:
        """A person adds a comment."""
        comment = Comment(self.next_id("c"), author, self.world.tick(), text, name, visible)
        ticket = self.tickets[id_]
        self.put(replace(ticket, comments=(*ticket.comments, comment)))
        return comment.id

    def set(self, id_: str, **fields: Any) -> None:
        """A person changes a ticket."""
        self.put(replace(self.tickets[id_], **fields))

    def vanish(self, id_: str, into: str = "") -> None:
        """A person deletes a ticket, or merges it into another."""
        del self.tickets[id_]
        self._list(Head(id_, self.world.tick(), gone=True, merged_into=into))

    def _list(self, head: Head) -> None:
        self.log.pop(head.id, None)
        self.log[head.id] = head

    async def check(self) -> list[Finding]:
        """Nothing to find."""
        return []

    async def statuses(self) -> tuple[Status, ...]:
        """The catalogue."""
        await self.world.before(f"{self.name}.statuses")
        return CATALOGUE

    async def changes(self, cursor: str = "") -> Changes:
        """A page; the cursor is the time of the last head."""
        await self.world.before(f"{self.name}.changes")
        since = datetime.fromisoformat(cursor) if cursor else START
        found = [head for head in self.log.values() if head.changed_at > since]
        page = tuple(found[: self.page])
        await self.world.after(f"{self.name}.changes")
        return Changes(page, page[-1].changed_at.isoformat() if page else cursor, len(found) > len(page))

    async def get(self, id_: str) -> Ticket | None:
        """A ticket."""
        await self.world.before(f"{self.name}.get", id_)
        found = None if id_ in self.hidden else self.tickets.get(id_)
        await self.world.after(f"{self.name}.get")
        return found

    async def find(self, reference: str) -> Ticket | None:
        """A ticket of ours."""
        await self.world.before(f"{self.name}.find")
        return next((t for t in self.tickets.values() if t.reference == reference), None)

    async def create(self, draft: Draft) -> str:
        """Make a ticket."""
        await self.world.before(f"{self.name}.create")
        self.judge(draft)
        id_ = self.next_id("e")
        self.creates[draft.reference] += 1
        self.put(
            Ticket(
                id=id_,
                number=f"A-{id_}",
                created_at=draft.created_at,
                changed_at=self.world.now,
                status="10",
                kind=draft.kind,
                contract=draft.contract,
                mandant=draft.mandant,
                reference=draft.reference,
                from_api=True,
                subject=draft.subject,
                text=draft.text,
            )
        )
        await self.world.after(f"{self.name}.create")
        return id_

    def judge(self, draft: Draft) -> None:
        """Nothing is refused."""

    async def set_status(self, id_: str, status: str) -> None:
        """Set the state."""
        await self.world.before(f"{self.name}.set_status", id_)
        self.set(id_, status=status)
        await self.world.after(f"{self.name}.set_status")

    async def set_category(self, id_: str, category: str) -> None:
        """Set the category."""
        await self.world.before(f"{self.name}.set_category")
        self.set(id_, category=category)
        await self.world.after(f"{self.name}.set_category")

    async def comment(self, id_: str, text: str, name: str) -> str:
        """An integration writes a comment."""
        await self.world.before(f"{self.name}.comment", id_)
        made = self.person_writes(id_, text, Author.API, name)
        await self.world.after(f"{self.name}.comment")
        return made

    async def fetch(self, ticket: str, file: TicketFile) -> AsyncIterator[bytes]:
        """The bytes, two at a time."""
        await self.world.before(f"{self.name}.fetch")
        data = self.content[ticket, file.id]
        for start in range(0, len(data), 2):
            yield data[start : start + 2]

    async def remove(self, id_: str) -> None:
        """Delete."""
        self.vanish(id_)

    async def aclose(self) -> None:
        """Nothing to close."""


@dataclass
class MemoryErp(MemorySide):
    """An ERP with leases and categories; states are set by clerks."""

    leases: dict[tuple[str, str], LeaseState] = field(default_factory=dict)
    categories: dict[str, CategoryState] = field(default_factory=dict)
    archive: MemoryArchive | None = None

    def judge(self, draft: Draft) -> None:
        """Refuse what has no lease or no usable category, before anything is written."""
        lease = self.leases.get((draft.mandant, draft.contract), LeaseState.UNKNOWN)
        category = self.categories.get(draft.category, CategoryState.UNKNOWN)
        for state, good in ((lease, LeaseState.RUNNING), (category, CategoryState.USABLE)):
            if state is not good:
                raise Failure(Problem(_CODES[state], Trouble.REJECTED, Owner.CUSTOMER))

    async def find_made(self, meant: Callable[[str, datetime], bool]) -> Ticket | None:
        """A ticket whose reference and moment are meant."""
        await self.world.before(f"{self.name}.find")
        return next((t for t in self.tickets.values() if meant(t.reference, t.created_at)), None)

    async def lease(self, contract: str, mandant: str) -> LeaseState:
        """The state of a lease."""
        await self.world.before("erp.lease")
        if not mandant:
            found = [state for (_m, number), state in self.leases.items() if number == contract]
            return found[0] if found else LeaseState.UNKNOWN
        if (mandant, contract) in self.leases:
            return self.leases[mandant, contract]
        others = any(number == contract for _m, number in self.leases)
        return LeaseState.OTHER_MANDANT if others else LeaseState.UNKNOWN

    async def category(self, code: str) -> CategoryState:
        """The state of a category."""
        await self.world.before("erp.category")
        return self.categories.get(code, CategoryState.UNKNOWN)

    async def link(self, id_: str, file: TicketFile) -> None:
        """Show a document that is filed."""
        await self.world.before("erp.link")
        assert self.archive is not None
        stored = self.archive.documents[file.id][0]
        files = [f for f in self.tickets[id_].files if f.id != file.id]
        shown = TicketFile(file.id, file.name, stored.size, stored.md5)
        self.set(id_, files=(*files, shown))
        await self.world.after("erp.link")

    async def damage_report(self, id_: str) -> str:
        """A damage report, once."""
        await self.world.before("erp.damage_report")
        number = self.tickets[id_].damage_report or self.next_id("S-")
        self.set(id_, damage_report=number)
        await self.world.after("erp.damage_report")
        return number


@dataclass
class MemoryArchive:
    """Documents by id, with archive, index values and bytes."""

    world: World
    documents: dict[str, tuple[Stored, str, Mapping[str, str], str]] = field(default_factory=dict)
    damage: Callable[[bytes], bytes] = lambda data: data

    async def find(self, archive: str, indexes: Mapping[str, str], md5: str) -> Stored | None:
        """A document by place and content."""
        await self.world.before("archive.find")
        return next(
            (
                s
                for s, a, i, _n in self.documents.values()
                if (a, dict(i), s.md5) == (archive, dict(indexes), md5)
            ),
            None,
        )

    async def store(
        self, archive: str, indexes: Mapping[str, str], name: str, content: AsyncIterator[bytes], size: int
    ) -> Stored:
        """File a document."""
        await self.world.before("archive.store")
        data = self.damage(b"".join([piece async for piece in content]))
        stored = Stored(f"d{len(self.documents) + 1}", len(data), md5(data))
        self.documents[stored.id] = (stored, archive, indexes, name)
        await self.world.after("archive.store")
        return stored

    async def link(self, document: str, ticket: str) -> None:
        """Not used: the ERP shows documents itself."""
        raise AssertionError

    async def linked(self, ticket: str) -> tuple[Stored, ...]:
        """Not used."""
        raise AssertionError


def md5(data: bytes) -> str:
    """The checksum."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
