"""Tickets of Bots4You: born in a chat, a call or a mail; the ERP's status goes back (rules B5, B6 and B7).

The wire form is assumed, all of it in here (see README.md). ``GET /api/v1/tickets?cursor&pageSize`` lists
heads, oldest change first, as ``items``, ``nextCursor`` and ``more``; with ``reference`` those made under it.
``GET .../{id}`` gives a whole ticket, ``PATCH .../{id}/status`` tells the status, ``POST`` makes a ticket for
tests. There are no comments and no files.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.bots4you.caller import without_number
from connectors.bots4you.client import BAD_PAYLOAD, ME, Bots4YouOptions
from connectors.bots4you.ticket_stage import STAGE
from connectors.contract import Finding, Text, Verdict
from connectors.housing import CategoryKind
from connectors.http import Http, Params, Reply, open_http
from connectors.ids import clean
from connectors.partner import Connection
from connectors.payload import Node, bad_payload
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.ticketing import Hop, LeaseNumber, TicketFlow, TicketSettings
from connectors.tickets import Can, Changes, Draft, Head, Status, Ticket, TicketFile

PATH = "/api/v1/tickets"
PAGE_SIZE = 100
RIGHTS = ("tickets:read", "tickets:write")
STATUSES = (
    Status("NEW", "Neu"),
    Status("IN_PROGRESS", "In Bearbeitung"),
    Status("WAITING", "Rückfrage"),
    Status("DONE", "Erledigt", final=True),
    Status("REJECTED", "Abgelehnt", final=True),
)
"""What a caller can be told of a ticket."""


class Bots4YouTickets:
    """The Bots4You side. Only test accounts let tickets be made, and none lets them be deleted."""

    name = "bots4you"

    def __init__(self, http: Http, username: str, password: str, *, tests: bool) -> None:
        self._http = http
        self._auth = (username, password)
        self._tests = tests

    @property
    def abilities(self) -> frozenset[Can]:
        """The status; creating for acceptance tests only."""
        return frozenset({Can.STATUS, Can.CREATE} if self._tests else {Can.STATUS})

    async def check(self) -> list[Finding]:
        """Whether the account may read and write tickets; never raises Failure."""
        try:
            rights = Node.of(await self._send("GET", ME), BAD_PAYLOAD).texts("rights")
        except Failure as failure:
            return [_finding(Verdict.FAIL, "unknown", code=failure.problem.code)]
        if missing := [right for right in RIGHTS if right not in rights]:
            return [_finding(Verdict.FAIL, "right", rights=", ".join(missing))]
        return [_finding(Verdict.OK, "ok")]

    async def statuses(self) -> tuple[Status, ...]:
        """The states that Bots4You knows."""
        return STATUSES

    async def changes(self, cursor: str = "") -> Changes:
        """One page of tickets changed since the cursor, oldest change first: one request. Raises Failure."""
        reply = await self._send("GET", PATH, params={"cursor": cursor or None, "pageSize": PAGE_SIZE})
        return changes(Node.of(reply, BAD_PAYLOAD))

    async def get(self, id_: str) -> Ticket | None:
        """A ticket, None once it is gone. Raises Failure."""
        try:
            reply = await self._send("GET", _path(id_))
        except Failure as failure:
            if failure.problem.trouble is Trouble.MISSING:
                return None
            raise
        found = ticket(Node.of(reply, BAD_PAYLOAD))
        if found.id != id_:
            raise bad_payload(reply, "ticketId", BAD_PAYLOAD)
        return found

    async def find(self, reference: str) -> Ticket | None:
        """The test ticket that was made with this reference. Raises Failure."""
        reply = await self._send("GET", PATH, params={"reference": reference, "pageSize": 1})
        heads = [head for head in changes(Node.of(reply, BAD_PAYLOAD)).heads if not head.gone]
        return await self.get(heads[0].id) if heads else None

    async def create(self, draft: Draft) -> str:
        """Make a test ticket; gives its id. Raises Failure."""
        if not self._tests:
            raise _not_offered(Can.CREATE)
        body = {
            "reference": draft.reference,
            "categoryId": draft.category,
            "kind": draft.kind.value,
            "clientNumber": draft.mandant or None,
            "contractNumber": draft.contract,
            "subject": draft.subject,
            "description": draft.text,
            "channel": "chat",
            "createdAt": draft.created_at.isoformat(),
        }
        reply = await self._send("POST", PATH, json=body, write=True)
        return Node.of(reply, BAD_PAYLOAD).key("ticketId")

    async def set_status(self, id_: str, status: str) -> None:
        """Tell the status, with the words for it; idempotent. Raises Failure."""
        known = next((s for s in STATUSES if s.code == status), None)
        if known is None:
            where = f"statuses.{status}"
            raise Failure(
                Problem("bots4you.ticket_status_unknown", Trouble.REJECTED, Owner.CONSULTANT, where=where)
            )
        body = {
            "statusCode": known.code,
            "statusLabel": known.label,
            "changedAt": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        reply = await self._send("PATCH", f"{_path(id_)}/status", json=body, write=True)
        node = Node.of(reply, BAD_PAYLOAD)
        if (node.key("ticketId"), node.key("statusCode")) != (id_, status):
            raise bad_payload(reply, "statusCode", BAD_PAYLOAD)

    async def set_category(self, id_: str, category: str) -> None:
        """Not offered: categories come from the ERP (rule B4). Raises Failure."""
        raise _not_offered("category")

    async def comment(self, id_: str, text: str, name: str) -> str:
        """Not offered. Raises Failure."""
        raise _not_offered(Can.COMMENTS)

    async def fetch(self, ticket: str, file: TicketFile) -> AsyncIterator[bytes]:
        """Not offered. Raises Failure."""
        raise _not_offered(Can.FILES)
        yield b""

    async def remove(self, id_: str) -> None:
        """Not offered. Raises Failure."""
        raise _not_offered(Can.DELETE)

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def _send(
        self, method: str, path: str, *, params: Params | None = None, json: Any = None, write: bool = False
    ) -> Reply:
        return await self._http.send(method, path, params=params, json=json, auth=self._auth, write=write)


def open_tickets(connection: Connection) -> Bots4YouTickets:
    """The tickets of one account; opens no connection before the first call."""
    options: Bots4YouOptions = connection.options
    username, password = connection.secrets["username"], connection.secrets["password"]
    http = open_http(connection, options.limits, username)
    return Bots4YouTickets(http, username, password, tests=connection.environment != "production")


def changes(node: Node) -> Changes:
    """A page of heads. Raises Failure."""
    heads = tuple(
        Head(item.key("ticketId"), item.moment("changedAt"), item.get("deleted", bool))
        for item in node.nodes("items")
    )
    return Changes(heads, node.key("nextCursor"), node.get("more", bool))


def ticket(node: Node) -> Ticket:
    """A whole ticket, without the caller's number (rule B18). One made for a test goes the way of all others.

    Raises Failure.
    """
    number = _text(node, "callbackNumber")
    written = [without_number(_text(node, name), number) for name in ("subject", "description", "transcript")]
    return Ticket(
        id=node.key("ticketId"),
        number=node.key("number"),
        created_at=node.moment("createdAt"),
        changed_at=node.moment("changedAt"),
        status=node.key("statusCode"),
        category=_text(node, "categoryId"),
        kind=_kind(node),
        contract=clean(_text(node, "contractNumber")),
        mandant=clean(_text(node, "clientNumber")),
        reference=_text(node, "reference"),
        subject=written[0],
        text="\n\n".join(part for part in written[1:] if part),
    )


def _kind(node: Node) -> CategoryKind:
    """A kind that is not told is a request. Raises Failure for another word."""
    try:
        return CategoryKind(_text(node, "kind") or CategoryKind.REQUEST)
    except ValueError:
        raise node.bad("kind") from None


def _text(node: Node, name: str) -> str:
    return node.get(name, str) if node.data.get(name) is not None else ""


def _path(id_: str) -> str:
    """The address of a ticket. An id of dots alone would be taken for a step up the path."""
    segment = quote(id_, safe="")
    return f"{PATH}/{segment if id_.strip('.') else segment.replace('.', '%2E')}"


def _not_offered(what: str) -> Failure:
    return Failure(Problem("bots4you.tickets_not_offered", Trouble.CONFIG, Owner.CONSULTANT, where=str(what)))


def _finding(verdict: Verdict, why: str, **args: str) -> Finding:
    evidence = Text(f"bots4you.tickets_access_{why}", args)
    return Finding("bots4you.tickets_access", ("B5", "B6"), verdict, evidence)


def lease_of(ticket: Ticket, settings: TicketSettings) -> LeaseNumber | None:
    """Whose ticket it is: a caller names the contract number, and the Mandant only as far as it is known."""
    return LeaseNumber(ticket.mandant, ticket.contract) if ticket.contract else None


def contract_of(lease: LeaseNumber, settings: TicketSettings) -> str:
    """Bots4You calls contracts as the ERP does."""
    return lease.contract


_RULES: Mapping[Hop, str] = {Hop.TICKET: "B5", Hop.STATUS: "B6"}

FLOW = TicketFlow(
    open=open_tickets,
    to_erp=frozenset({Can.CREATE}),
    to_partner=frozenset({Can.STATUS}),
    rules=_RULES,
    lease=lease_of,
    contract=contract_of,
    defaults={"source": "BOTS4YOU"},
    stage=STAGE,
)
"""The tickets of Bots4You; what is born in the ERP never goes there (rule B7)."""
