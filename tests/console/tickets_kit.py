"""What the tests of the ticket engine share: an ERP, a partner, an archive in memory, and a way to die."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from connectors.contract import Finding
from connectors.housing import CategoryKind
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from connectors.ticketing import Hop, LeaseNumber, TicketFlow, TicketSettings
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
from connectors.wrappers import Patience
from console.sitting import Sitting
from console.store.schema import open_customer
from console.store.vault import KEY_BYTES, Vault
from console.tickets.courier import Sides
from console.tickets.session import TicketSession

VAULT = Vault(bytes(range(KEY_BYTES)))
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
    log: list[Head] = field(default_factory=list)
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
        self.log = [head for head in self.log if head.id != ticket.id]
        self.log.append(Head(ticket.id, ticket.changed_at, from_api=ticket.from_api))
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
        self.log = [head for head in self.log if head.id != id_]
        self.log.append(Head(id_, self.world.tick(), gone=True, merged_into=into))

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
        found = [head for head in self.log if head.changed_at.isoformat() > cursor]
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
        await self.world.before(f"{self.name}.set_status")
        self.set(id_, status=status)
        await self.world.after(f"{self.name}.set_status")

    async def set_category(self, id_: str, category: str) -> None:
        """Set the category."""
        await self.world.before(f"{self.name}.set_category")
        self.set(id_, category=category)
        await self.world.after(f"{self.name}.set_category")

    async def comment(self, id_: str, text: str, name: str) -> str:
        """An integration writes a comment."""
        await self.world.before(f"{self.name}.comment")
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


def lease_of(ticket: Ticket, settings: TicketSettings) -> LeaseNumber | None:
    """Mandant and contract as the ticket tells them."""
    return LeaseNumber(ticket.mandant, ticket.contract) if ticket.contract else None


def contract_of(lease: LeaseNumber, settings: TicketSettings) -> str:
    """The contract number."""
    return lease.contract


def flow(to_erp: frozenset[Can], to_partner: frozenset[Can]) -> TicketFlow:
    """A declared flow."""
    return TicketFlow(
        open=lambda _connection: MemorySide(World(), "portal"),
        to_erp=to_erp,
        to_partner=to_partner,
        rules={Hop.TICKET: "I12", Hop.FILE: "I13", Hop.LINK: "I13", Hop.STATUS: "I14"},
        lease=lease_of,
        contract=contract_of,
    )


FULL = flow(frozenset({Can.CREATE, Can.COMMENTS, Can.FILES}), frozenset({Can.STATUS, Can.COMMENTS}))
SLIM = flow(frozenset({Can.CREATE}), frozenset({Can.STATUS}))
SETTINGS = TicketSettings(
    separator="/",
    mandanten=("10", "20"),
    statuses=STATUSES,
    archive="Mieter App",
    archive_index="Mietvertrags-Nr.",
    comments_to_erp=True,
)


@dataclass
class House:
    """Both sides, the archive, and local data in a folder."""

    folder: Path
    world: World
    portal: MemorySide
    erp: MemoryErp
    archive: MemoryArchive
    flow: TicketFlow = FULL
    settings: TicketSettings = SETTINGS
    patience: Patience = field(default_factory=lambda: Patience(tries=3))
    waits: list[float] = field(default_factory=list)

    def ticket(
        self,
        text: str = "Die Heizung ist kalt.",
        *,
        contract: str = "0815",
        mandant: str = "10",
        category: str = "HEIZ",
        kind: CategoryKind = CategoryKind.DAMAGE,
    ) -> str:
        """A tenant makes a ticket."""
        id_ = self.portal.next_id("p")
        now = self.world.tick()
        self.portal.put(
            Ticket(
                id_, id_, now, now, "open", category, kind, contract, mandant, subject="Heizung", text=text
            )
        )
        return id_

    def attach(
        self, ticket: str, data: bytes, name: str = "Bild.jpg", *, told: bool = True, size: int = -1
    ) -> str:
        """A tenant attaches a file; ``told``: the portal tells its checksum."""
        id_ = self.portal.next_id("f")
        self.portal.content[ticket, id_] = data
        file = TicketFile(id_, name, len(data) if size < 0 else size, md5(data) if told else "")
        self.portal.set(ticket, files=(*self.portal.tickets[ticket].files, file))
        return id_

    def born(self, status: str = "10") -> str:
        """A clerk makes a ticket in the ERP."""
        id_ = self.erp.next_id("e")
        now = self.world.tick()
        self.erp.put(Ticket(id_, f"A-{id_}", now, now, status, "HEIZ", contract="0815", mandant="10"))
        return id_

    def twin(self, ticket: str) -> Ticket:
        """The one ERP ticket that stands for a portal ticket."""
        (found,) = [t for t in self.erp.tickets.values() if t.reference == f"PORTAL:{ticket}"]
        return found

    @contextmanager
    def session(self) -> Iterator[TicketSession]:
        """The console on this machine."""
        conn = open_customer(self.folder, "practice")
        try:
            yield self.opened(cast(sqlite3.Connection, Mortal(conn, self.world, self.world.life)))
        finally:
            conn.close()

    def opened(self, conn: sqlite3.Connection) -> TicketSession:
        """A session on an open file."""

        async def wait(seconds: float, _problem: Problem, _attempt: int) -> None:
            self.waits.append(seconds)

        return TicketSession(
            "practice",
            "portal",
            "practice",
            flow=self.flow,
            settings=self.settings,
            sides=Sides(self.portal, self.erp, self.archive),
            conn=conn,
            vault=VAULT,
            sitting=Sitting(self.patience, wait),
            clock=self.world.clock,
        )

    def raise_the_dead(self) -> None:
        """After a kill: the lease of a dead process holds nobody up."""
        self.world.kill_at, self.world.dead = None, False
        self.world.life += 1
        conn = open_customer(self.folder, "practice")
        conn.execute("DELETE FROM lease")
        conn.close()


def house(folder: Path) -> House:
    """An empty house with leases and categories."""
    world = World()
    archive = MemoryArchive(world)
    erp = MemoryErp(
        world,
        "erp",
        leases={
            ("10", "0815"): LeaseState.RUNNING,
            ("20", "0816"): LeaseState.RUNNING,
            ("10", "0700"): LeaseState.ENDED,
            ("99", "0900"): LeaseState.RUNNING,
        },
        categories={
            "HEIZ": CategoryState.USABLE,
            "WASSER": CategoryState.USABLE,
            "PFLICHT": CategoryState.MANDATORY,
        },
        archive=archive,
    )
    return House(folder, world, MemorySide(world, "portal"), erp, archive)
