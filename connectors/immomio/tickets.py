"""The tickets of Immomio's tenants: damage reports and requests with comments and attachments (I12 to I14).

What goes over the wire stands in ``wire_tickets.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from connectors.answers import Reply
from connectors.contract import Finding, Text, Verdict
from connectors.http import Params, open_http
from connectors.ids import build, parse
from connectors.immomio import wire, wire_tickets
from connectors.immomio.options import ImmomioOptions
from connectors.immomio.session import BAD_PAYLOAD, Session
from connectors.immomio.ticket_stage import STAGE
from connectors.immomio.wire_tickets import path
from connectors.partner import Connection
from connectors.payload import Node, bad_payload
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.ticketing import Hop, LeaseNumber, TicketFlow, TicketSettings
from connectors.tickets import Can, Changes, Draft, Status, Ticket, TicketFile

USER = "IMMOMIO"
"""The ERP's user of the integration, the same as for master data (rules I5, I17)."""

PIECE = 1024 * 1024
"""Bytes of an attachment that are in memory at once."""


class ImmomioTickets:
    """The Immomio side. Only test accounts let tickets be deleted."""

    name = "immomio"

    def __init__(self, session: Session, *, tests: bool) -> None:
        self._session = session
        self._tests = tests

    @property
    def abilities(self) -> frozenset[Can]:
        """Everything; deleting on test accounts only."""
        return frozenset(set(Can) if self._tests else set(Can) - {Can.DELETE})

    async def check(self) -> list[Finding]:
        """Whether the account may read and write tickets; never raises Failure."""
        try:
            rights = Node.of(await self._session.send("GET", wire.ME), BAD_PAYLOAD).texts("rights")
        except Failure as failure:
            return [_finding(Verdict.FAIL, "unknown", code=failure.problem.code)]
        if missing := [right for right in wire_tickets.RIGHTS if right not in rights]:
            return [_finding(Verdict.FAIL, "right", rights=", ".join(missing))]
        return [_finding(Verdict.OK, "ok")]

    async def statuses(self) -> tuple[Status, ...]:
        """The states that can be set."""
        return wire_tickets.STATUSES

    async def changes(self, cursor: str = "") -> Changes:
        """One page of tickets changed since the cursor, oldest change first: one request. Raises Failure."""
        reply = await self._session.send("GET", wire_tickets.PATH, params=wire_tickets.params(cursor))
        return wire_tickets.changes(Node.of(reply, BAD_PAYLOAD), cursor)

    async def get(self, id_: str) -> Ticket | None:
        """A ticket with comments and attachments, None once it is gone. Raises Failure."""
        try:
            reply = await self._session.send("GET", path(id_))
        except Failure as failure:
            if failure.problem.trouble is Trouble.MISSING:
                return None
            raise
        found = wire_tickets.ticket(Node.of(reply, BAD_PAYLOAD))
        if found.id != id_:
            raise bad_payload(reply, "ticketId", BAD_PAYLOAD)
        return found

    async def find(self, reference: str) -> Ticket | None:
        """The ticket that was made under this reference. Raises Failure."""
        asked: Params = {"reference": reference, "page": 1, "pageSize": 1}
        reply = await self._session.send("GET", wire_tickets.PATH, params=asked)
        heads = wire_tickets.changes(Node.of(reply, BAD_PAYLOAD), "").heads
        found = next((head for head in heads if not head.gone), None)
        return await self.get(found.id) if found else None

    async def create(self, draft: Draft) -> str:
        """Make a ticket for an acceptance test; gives its id. Raises Failure."""
        body = wire_tickets.created(draft)
        reply = await self._session.send("POST", wire_tickets.PATH, json=body, write=True)
        return Node.of(reply, BAD_PAYLOAD).key("ticketId")

    async def set_status(self, id_: str, status: str) -> None:
        """Set the state; idempotent. Raises Failure."""
        if all(known.code != status for known in wire_tickets.STATUSES):
            where = f"statuses.{status}"
            raise Failure(
                Problem("immomio.ticket_status_unknown", Trouble.REJECTED, Owner.CONSULTANT, where=where)
            )
        reply = await self._session.send("PATCH", path(id_), json={"status": status}, write=True)
        node = Node.of(reply, BAD_PAYLOAD)
        if (node.key("ticketId"), node.key("status")) != (id_, status):
            raise bad_payload(reply, "status", BAD_PAYLOAD)

    async def set_category(self, id_: str, category: str) -> None:
        """Not offered: what a tenant chose stays. Raises Failure."""
        raise _misconfigured("immomio.tickets_not_offered", "category")

    async def comment(self, id_: str, text: str, name: str) -> str:
        """Add a comment in a clerk's name; gives its id. Raises Failure."""
        body = {"text": text, "authorName": name}
        reply = await self._session.send("POST", path(id_, "comments"), json=body, write=True)
        return Node.of(reply, BAD_PAYLOAD).key("commentId")

    async def fetch(self, ticket: str, file: TicketFile) -> AsyncIterator[bytes]:
        """The bytes of an attachment, PIECE by PIECE, never more than it has by its size. Raises Failure.

        ``immomio.attachment_damaged`` where bytes are missing or others than Immomio says: then nothing of
        what came may be used.
        """
        where = path(ticket, "attachments", file.id)
        digest, got, checksum = hashlib.md5(usedforsecurity=False), 0, file.md5
        while got < file.size:
            part = (got, min(got + PIECE, file.size) - 1)
            reply = await self._part(where, part)
            if reply is None:
                break
            checksum = checksum or reply.headers.get(wire_tickets.CHECKSUM, "").lower()
            digest.update(reply.content)
            got += len(reply.content)
            if not reply.content or got > file.size:
                break
            yield reply.content
            if reply.status != 206:  # it does not know parts and sent the whole file
                break
        if got != file.size or checksum not in ("", digest.hexdigest()):
            raise Failure(Problem("immomio.attachment_damaged", Trouble.PAYLOAD, Owner.PARTNER, where=where))

    async def _part(self, where: str, part: tuple[int, int]) -> Reply | None:
        """Some bytes of a file, None where it ends before them. Raises Failure."""
        try:
            return await self._session.send("GET", where, part=part)
        except Failure as failure:
            if failure.problem.status == 416:
                return None
            raise

    async def remove(self, id_: str) -> None:
        """Delete a test ticket; one that is gone already is fine. Raises Failure."""
        if not self._tests:
            raise _misconfigured("immomio.tickets_not_offered", str(Can.DELETE))
        try:
            wire.confirm(await self._session.send("DELETE", path(id_), write=True))
        except Failure as failure:
            if failure.problem.trouble is not Trouble.MISSING:
                raise

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._session.aclose()


def open_tickets(connection: Connection) -> ImmomioTickets:
    """The tickets of one account; opens no connection before the first call."""
    options: ImmomioOptions = connection.options
    username, password = connection.secrets["username"], connection.secrets["password"]
    session = Session(open_http(connection, options.limits, username), username, password)
    return ImmomioTickets(session, tests=connection.environment != "production")


def lease_of(ticket: Ticket, settings: TicketSettings) -> LeaseNumber | None:
    """Whose ticket it is: the composite id of a contract begins with its Mandant (rules C1, I7)."""
    parts = parse(settings.separator, ticket.contract, 2)
    return LeaseNumber(*parts) if parts else None


def contract_of(lease: LeaseNumber, settings: TicketSettings) -> str:
    """The contract's composite id. Raises EmptyPart, SeparatorInPart (both a ValueError)."""
    return build(settings.separator, mandant=lease.mandant, contract=lease.contract)


def _misconfigured(code: str, where: str) -> Failure:
    return Failure(Problem(code, Trouble.CONFIG, Owner.CONSULTANT, where=where))


def _finding(verdict: Verdict, why: str, **args: str) -> Finding:
    evidence = Text(f"immomio.tickets_access_{why}", args)
    return Finding("immomio.tickets_access", ("I12", "I14"), verdict, evidence)


FLOW = TicketFlow(
    open=open_tickets,
    to_erp=frozenset({Can.CREATE, Can.COMMENTS, Can.FILES}),
    to_partner=frozenset({Can.STATUS, Can.COMMENTS}),
    rules={
        Hop.TICKET: "I12",
        Hop.FILE: "I13",
        Hop.LINK: "I13",
        Hop.COMMENT_TO_ERP: "I12",
        Hop.STATUS: "I14",
        Hop.COMMENT_TO_PARTNER: "I14",
    },
    lease=lease_of,
    contract=contract_of,
    defaults={"source": "IMMOMIO"},
    user=USER,
    stage=STAGE,
)
"""The tickets of Immomio, both ways."""
