"""Both sides of a ticket flow in memory, their people, and a hub that brings things across when told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Finding
from connectors.housing import CategoryKind
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.ticketing import Act, Cue, Hop, LeaseNumber, TicketFlow, TicketSettings
from connectors.tickets import (
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
from console.tickets.courier import Sides
from console.tickets.ops import Terms
from console.tickets.origin import Origin
from console.tickets.trip import Trip, TripTerms, new_trip
from console.tickets.trip_acts import Hand
from console.tickets.trip_follow import Ports, Traveller

START = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
CUT = Problem("http.cut", Trouble.UNREACHABLE, Owner.NOBODY)
STATUSES = {"10": "NEW", "20": "IN_PROGRESS", "90": "DONE"}


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **how: float) -> None:
        """Let time pass."""
        self.now += timedelta(**how)


class Desk:
    """One side in memory. ``broken`` is raised by everything that is asked."""

    def __init__(self, name: str, abilities: frozenset[Can], time: Time, left: list[int]) -> None:
        self.name = name
        self.abilities = abilities
        self.time = time
        self.left = left  # calls until the program is killed, below 0 never
        self.tickets: dict[str, Ticket] = {}
        self.changed: list[Head] = []
        self.bytes: dict[str, bytes] = {}
        self.broken: Problem | None = None
        self.made = 0

    def _ask(self) -> None:
        self.left[0] -= 1
        if self.left[0] == 0:
            raise asyncio.CancelledError
        if self.broken is not None:
            raise Failure(self.broken)

    def put(self, ticket: Ticket, **how: Any) -> None:
        """A ticket as it is now, listed once more."""
        self.tickets[ticket.id] = replace(ticket, changed_at=self.time.now)
        self.changed.append(Head(ticket.id, self.time.now, **how))

    def new(self, **fields: Any) -> Ticket:
        """A new ticket."""
        self.made += 1
        id_ = f"{self.name}-{self.made}"
        now = self.time.now
        start = {"status": "NEW" if self.name != "erp" else "10", "created_at": now, "changed_at": now}
        ticket = Ticket(**{"id": id_, "number": id_.upper(), **start, **fields})
        self.put(ticket, from_api=ticket.from_api)
        return self.tickets[id_]

    def say(self, id_: str, author: Author, text: str) -> str:
        """Somebody comments."""
        ticket = self.tickets[id_]
        comment = Comment(f"{id_}-c{len(ticket.comments)}", author, self.time.now, text)
        self.put(replace(ticket, comments=(*ticket.comments, comment)))
        return comment.id

    def attach(self, id_: str, content: bytes, *, told: bool = True) -> TicketFile:
        """Somebody attaches a file; ``told``: its checksum is told."""
        ticket = self.tickets[id_]
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        file = TicketFile(f"{id_}-f{len(ticket.files)}", "a.txt", len(content), md5 if told else "")
        self.bytes[file.id] = content
        self.put(replace(ticket, files=(*ticket.files, file)))
        return file

    # --- TicketSide ---

    async def check(self) -> list[Finding]:
        """Nothing to find."""
        return []

    async def statuses(self) -> tuple[Status, ...]:
        """What a partner has."""
        return (
            Status("NEW", "Neu"),
            Status("IN_PROGRESS", "In Arbeit"),
            Status("DONE", "Erledigt", final=True),
        )

    async def changes(self, cursor: str = "") -> Changes:
        """Two heads to a page."""
        self._ask()
        at = int(cursor or "0")
        heads = tuple(self.changed[at : at + 2])
        return Changes(heads, str(at + len(heads)), at + len(heads) < len(self.changed))

    async def get(self, id_: str) -> Ticket | None:
        """A ticket."""
        self._ask()
        return self.tickets.get(id_)

    async def find(self, reference: str) -> Ticket | None:
        """By reference."""
        self._ask()
        return next((t for t in self.tickets.values() if t.reference == reference), None)

    async def create(self, draft: Draft) -> str:
        """By the interface."""
        self._ask()
        made = self.new(
            reference=draft.reference,
            contract=draft.contract,
            category=draft.category,
            subject=draft.subject,
            text=draft.text,
        )
        return made.id

    async def set_status(self, id_: str, status: str) -> None:
        """Set it."""
        self._ask()
        self.put(replace(self.tickets[id_], status=status))

    async def set_category(self, id_: str, category: str) -> None:
        """Set it."""
        self._ask()

    async def comment(self, id_: str, text: str, name: str) -> str:
        """By the interface."""
        self._ask()
        return self.say(id_, Author.API, text)

    async def fetch(self, ticket: str, file: TicketFile) -> AsyncIterator[bytes]:
        """The bytes."""
        self._ask()
        yield self.bytes[file.id]

    async def remove(self, id_: str) -> None:
        """Delete."""
        self._ask()
        self.tickets.pop(id_, None)

    async def aclose(self) -> None:
        """Nothing is open."""

    # --- the ERP's side ---

    async def lease(self, contract: str, mandant: str) -> LeaseState:
        """All run."""
        return LeaseState.RUNNING

    async def category(self, code: str) -> CategoryState:
        """All may be used."""
        return CategoryState.USABLE

    async def link(self, id_: str, file: TicketFile) -> None:
        """Show a document."""
        self._ask()
        self.put(replace(self.tickets[id_], files=(*self.tickets[id_].files, file)))

    async def damage_report(self, id_: str) -> str:
        """None here."""
        return ""


@dataclass
class Shelf:
    """An archive in memory."""

    held: dict[str, Stored] = field(default_factory=dict)

    async def find(self, archive: str, indexes: Mapping[str, str], md5: str) -> Stored | None:
        """By content."""
        return self.held.get(md5)

    def file(self, md5: str, size: int) -> Stored:
        """File a document."""
        return self.held.setdefault(md5, Stored(f"doc-{len(self.held)}", size, md5))


def flow(*, files: bool = True, to_partner: frozenset[Can] | None = None) -> TicketFlow:
    """A partner with everything."""
    to_erp = {Can.CREATE, Can.COMMENTS, *([Can.FILES] if files else [])}
    return TicketFlow(
        open=lambda _connection: None,  # type: ignore[arg-type,return-value]  # nobody opens it here
        to_erp=frozenset(to_erp),
        to_partner=frozenset({Can.STATUS, Can.COMMENTS}) if to_partner is None else to_partner,
        rules={Hop.TICKET: "I12", Hop.FILE: "I13", Hop.LINK: "I13", Hop.STATUS: "I14"},
        lease=lambda ticket, _settings: LeaseNumber("", ticket.contract),
        contract=lambda lease, _settings: lease.contract,
    )


def settings(**how: Any) -> TicketSettings:
    """What is agreed, with comments to the ERP."""
    given = {"statuses": STATUSES, "comments_to_erp": True, "source": "IMMOMIO", "owner": "hub", **how}
    return TicketSettings("/", "all", **given)


class World:
    """Both sides with their people, a hub between them, and the trip's ports on them."""

    def __init__(self, *, abilities: frozenset[Can] = frozenset(Can), **agreed: Any) -> None:
        self.time = Time()
        self.left = [-1]
        self.partner = Desk("immomio", abilities, self.time, self.left)
        self.erp = Desk("erp", frozenset({Can.CREATE, Can.COMMENTS, Can.FILES}), self.time, self.left)
        self.shelf = Shelf()
        self.kept: list[Trip] = []
        self.flow = agreed.pop("flow", flow())
        self.settings = settings(**agreed)
        self.plays = True
        self.hub: set[str] = {"ticket", "file", "link", "status", "comment", "reply"}

    @property
    def terms(self) -> TripTerms:
        """What holds."""
        terms = Terms(Origin("immomio", "practice"), self.flow, self.settings, frozenset({"90"}))
        return TripTerms(terms, "Immomio", self.settings.owner != "hub")

    def ports(self) -> Ports:
        """Connect a trip."""
        sides = Sides(self.partner, self.erp, self.shelf)  # type: ignore[arg-type]  # only find is used
        hand = Hand(self.play, _partner_stage(), _erp_stage()) if self.plays else None
        return Ports(sides, self.terms, self.keep, self.time, hand)

    def traveller(self) -> Traveller:
        """A new one, as after a start of the program."""
        return Traveller(self.ports())

    async def begun(self, *, by_hand: bool = False) -> Trip:
        """A new trip."""
        traveller = self.traveller()
        people = traveller.people(by_hand=by_hand)
        return await traveller.begin(new_trip(self.time.now, "10/1", "X", people))

    async def keep(self, trip: Trip) -> None:
        """Keep every state."""
        self.kept.append(trip)

    async def play(self, party: str, entity: str, body: dict[str, Any]) -> None:
        """The people of the sandbox."""
        side, act = (self.erp if party == "erp" else self.partner), body["act"]
        cue: Cue = body["cue"]
        side._ask()
        match act:
            case Act.REPORT:
                made = side.new(
                    reference=cue.reference, contract=cue.contract, subject=cue.subject, text=cue.text
                )
                if Can.FILES in self.flow.to_erp:
                    side.attach(made.id, b"picture", told=False)
            case Act.ATTACH:
                side.attach(cue.ticket, b"picture")
            case Act.REPLY:
                side.say(cue.ticket, Author.TENANT, cue.text)
            case Act.STATUS:
                side.put(replace(side.tickets[cue.ticket], status=cue.code))
            case Act.COMMENT:
                side.say(cue.ticket, Author.CLERK, cue.text)
            case Act.BORN:
                side.new(subject=cue.subject, text=cue.text, kind=CategoryKind.REQUEST)
            case Act.DELETE:
                side.tickets.pop(cue.ticket, None)

    def run_hub(self) -> None:
        """Bring everything across that the hub is able to, once."""
        for ticket in list(self.partner.tickets.values()):
            there = next(
                (t for t in self.erp.tickets.values() if t.reference == f"IMMOMIO-PRACTICE:{ticket.id}"), None
            )
            if there is None and "ticket" in self.hub:
                there = self.erp.new(
                    reference=f"IMMOMIO-PRACTICE:{ticket.id}",
                    subject=ticket.subject,
                    text=ticket.text,
                    from_api=True,
                )
            if there is not None:
                self._parts(ticket, there)

    def _parts(self, ticket: Ticket, there: Ticket) -> None:
        for file in ticket.files:
            md5 = hashlib.md5(self.partner.bytes[file.id], usedforsecurity=False).hexdigest()
            document = TicketFile(md5, file.name, file.size, md5)
            if "file" in self.hub:
                self.shelf.file(md5, file.size)
            if "link" in self.hub and md5 not in {f.md5 for f in self.erp.tickets[there.id].files}:
                held = self.erp.tickets[there.id]
                self.erp.put(replace(held, files=(*held.files, document)))
        if "status" in self.hub and ticket.status != STATUSES.get(there.status, ticket.status):
            self.partner.put(replace(self.partner.tickets[ticket.id], status=STATUSES[there.status]))
        if "comment" in self.hub:
            _carry(there.comments, Author.CLERK, self.partner, ticket.id)
        if "reply" in self.hub:
            _carry(ticket.comments, Author.TENANT, self.erp, there.id)


def _carry(said: tuple[Comment, ...], author: Author, side: Desk, id_: str) -> None:
    for comment in said:
        if comment.author is author and comment.text not in {c.text for c in side.tickets[id_].comments}:
            side.say(id_, Author.API, comment.text)


def _stage(act: Act) -> Any:
    return lambda cue: ("ticket", {"act": act, "cue": cue})


def _partner_stage() -> dict[Act, Any]:
    return {act: _stage(act) for act in (Act.REPORT, Act.ATTACH, Act.REPLY)}


def _erp_stage() -> dict[Act, Any]:
    return {act: _stage(act) for act in (Act.STATUS, Act.COMMENT, Act.BORN, Act.DELETE)}
