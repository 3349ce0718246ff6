"""The ERP's side of the ticket flow: OPENWOWI as documented, and ``tickets_hub.py`` for what is assumed.

One request each: a page of changes, a category, a comment, a link. A ticket costs two to read (OPENWOWI and
hub), one more for a lease not seen before, and one where a clerk has just commented; making one costs its
writing and one look-up of its lease.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from connectors.contract import Finding, Limits
from connectors.erp import hub, tickets_hub
from connectors.erp.openwowi import OpenWowiOptions
from connectors.erp.openwowi_parse import Node
from connectors.erp.paging import LIMIT, pages
from connectors.erp.session import open_session
from connectors.erp.tickets_checks import Desk, inspect
from connectors.erp.tickets_leases import Leases
from connectors.erp.tickets_parse import (
    TICKETS,
    WireTicket,
    compose,
    lease_entity,
    number_of,
    parse_catalogue,
    parse_tickets,
    signed,
)
from connectors.housing import TicketCategory
from connectors.http import Reply
from connectors.partner import Connection
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from connectors.tickets import (
    REFUSALS,
    Author,
    Can,
    CategoryState,
    Changes,
    Comment,
    Draft,
    ErpTerms,
    LeaseState,
    Status,
    Ticket,
    TicketFile,
)

EDIT = "CommunicationEdit/Ticket"
COMMENT = f"{EDIT}/AddComment"
SOURCES = "CommunicationCatalog/TicketSource"
ENTITIES = "CommunicationCatalog/TicketAssignmentEntity"
KEEP = 300.0
"""Seconds for which a usable category is trusted; one that is not is asked about anew."""
STEP = LIMIT - 10
"""Pages of tickets overlap: up to ten that clerks delete between two of them make us miss none."""
NORMAL = 1
"""The priority that OPENWOWI takes where none is said; which number is urgent is the ERP's own affair."""

_CODES: Mapping[LeaseState | CategoryState, str] = {state: code for code, state in REFUSALS.items()}


class ErpTickets:
    """An ErpTicketSide over OPENWOWI. Opens no connection before the first call.

    It never creates without lease and usable category. States are a clerk's business: there is no
    ``Can.STATUS``, and no ``Can.DELETE``. The bytes of files lie in the archive.
    """

    name = "erp"
    abilities = frozenset({Can.CREATE, Can.COMMENTS, Can.FILES})

    def __init__(
        self, connection: Connection, terms: ErpTerms, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        options: OpenWowiOptions = connection.options
        self._base = urlsplit(connection.url).path.rstrip("/")
        self._session = open_session(connection, Limits(options.requests_per_second, options.burst))
        self._terms = terms
        self._clock = clock
        self._leases = Leases(self._session, self._base, clock)
        self._ids: dict[str, Mapping[str, str]] = {}
        self._categories: tuple[float, Mapping[str, TicketCategory]] | None = None

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._session.aclose()

    async def check(self) -> list[Finding]:
        """Rights, states, activity types and the API user (rules I15 to I17); never raises Failure."""
        return await inspect(Desk(self._session, self._base), self._terms)

    async def statuses(self) -> tuple[Status, ...]:
        """The states of the configured source. Raises Failure where the ERP knows no such source."""
        async with aclosing(pages(lambda at: tickets_hub.statuses(self._session, at))) as listed:
            async for sources, _ in listed:
                for code, found in sources:
                    if code == self._terms.source:
                        return found
        raise self._no_source()

    async def changes(self, cursor: str = "") -> Changes:
        """One page of tickets of all sources: what was born in the ERP is told apart by ``from_api``."""
        return await tickets_hub.changes(self._session, cursor)

    async def get(self, id_: str) -> Ticket | None:
        """The ticket with comments and linked documents, None once it is deleted or merged."""
        detail = await tickets_hub.detail(self._session, id_)
        found = None if detail is None else await self._one(id_)
        if detail is None or found is None:
            return None
        hidden = detail.hidden
        if any(_newer(comment, detail.changed_at) for comment in found.comments):
            again = await tickets_hub.detail(self._session, id_)
            if again is None:
                return None
            hidden |= again.hidden
        contract, mandant = await self._leases.name(found.leases[0]) if found.leases else ("", "")
        return Ticket(
            id=id_,
            number=found.number,
            created_at=found.content.created_at or found.received,
            changed_at=detail.changed_at,
            status=found.status,
            category=detail.category,
            kind=detail.kind,
            contract=contract,
            mandant=mandant,
            reference=found.content.reference,
            from_api=bool(found.content.reference),
            damage_report=detail.damage_report,
            subject=found.subject,
            text=found.content.text,
            comments=tuple(replace(c, visible=c.id not in hidden) for c in found.comments),
            files=detail.files,
        )

    async def find(self, reference: str) -> Ticket | None:
        """The ticket of the configured source whose last line names this reference; reads all of them."""
        return await self.find_made(lambda found, _at: found == reference)

    async def find_made(self, meant: Callable[[str, datetime], bool]) -> Ticket | None:
        """The ticket of the configured source whose last line is the one that is meant; reads all of them.

        Where that line names no moment, the one at which the ERP received the ticket counts.
        """
        source = {"ticketSourceId": (await self._ids_of(SOURCES)).get(self._terms.source)}
        if source["ticketSourceId"] is None:
            raise self._no_source()
        async with aclosing(pages(lambda at: self._list(at, source), limit=STEP)) as listed:
            async for found, _ in listed:
                for ticket in found:
                    named, at = ticket.content.reference, ticket.content.created_at or ticket.received
                    if named and meant(named, at):
                        return await self.get(ticket.id)
        return None

    async def create(self, draft: Draft) -> str:
        """Make a ticket at the lease, in the configured source; its category is set apart.

        Raises Failure with one of ``REFUSALS`` before anything is written. ValueError without a reference,
        for such a ticket could not be found again.
        """
        if not draft.reference:
            raise ValueError("a ticket needs the other side's id")
        lease = await self._leases.find(draft.contract, draft.mandant)
        if lease.state is not LeaseState.RUNNING:
            raise _refused(lease.state, draft.contract)
        category = await self.category(draft.category)
        if category is not CategoryState.USABLE:
            raise _refused(category, draft.category)
        sources = await self._ids_of(SOURCES)
        if self._terms.source not in sources:
            raise self._no_source()
        entity = lease_entity(await self._ids_of(ENTITIES))
        assigned = {"AssignmentEntityId": number_of(entity), "EntityId": number_of(lease.id)}
        body = {
            "Subject": draft.subject.strip() or draft.category,  # OPENWOWI wants one
            "Content": compose(draft.text, draft.reference, draft.created_at),
            "SourceId": number_of(sources[self._terms.source]),
            "PriorityId": NORMAL,
            "MainEntityAssignment": assigned,
        }
        return _made(await self._session.write("POST", f"{self._base}/{EDIT}", body), EDIT)

    async def set_status(self, id_: str, status: str) -> None:
        """Refused: only a clerk changes the state of a ticket in the ERP."""
        raise _not_ours("erp.ticket_status_by_clerk", id_)

    async def set_category(self, id_: str, category: str) -> None:
        """Set the activity type; idempotent. Raises Failure with one of ``REFUSALS``."""
        await tickets_hub.set_category(self._session, id_, category)

    async def comment(self, id_: str, text: str, name: str) -> str:
        """Add a comment; the name stands in its first line, for the ERP notes the API user as its author."""
        body = {"TicketId": number_of(id_), "Content": signed(text, name)}
        return _made(await self._session.write("POST", f"{self._base}/{COMMENT}", body), COMMENT)

    async def fetch(self, ticket: str, file: TicketFile) -> AsyncIterator[bytes]:
        """Refused: the ERP shows documents of the archive, which gives their bytes."""
        raise _not_ours("erp.ticket_file_in_archive", ticket)
        yield b""

    async def remove(self, id_: str) -> None:
        """Refused: only a clerk deletes a ticket in the ERP."""
        raise _not_ours("erp.ticket_deleted_by_clerk", id_)

    async def lease(self, contract: str, mandant: str) -> LeaseState:
        """The state of a lease by its number; one in force is remembered for a minute."""
        return (await self._leases.find(contract, mandant)).state

    async def category(self, code: str) -> CategoryState:
        """Whether a ticket may get this category; a usable one is remembered for five minutes."""
        kept = self._categories
        if kept and self._clock() - kept[0] < KEEP and _state(kept[1].get(code)) is CategoryState.USABLE:
            return CategoryState.USABLE
        async with aclosing(pages(lambda at: hub.ticket_categories(self._session, at))) as listed:
            table = {category.code: category async for page, _ in listed for category in page}
        self._categories = self._clock(), table
        return _state(table.get(code))

    async def link(self, id_: str, file: TicketFile) -> None:
        """Show a document of the archive at a ticket; idempotent."""
        await tickets_hub.link(self._session, id_, file)

    async def damage_report(self, id_: str) -> str:
        """The number of the damage report at a ticket; makes one where there is none."""
        return await tickets_hub.damage_report(self._session, id_)

    async def _one(self, id_: str) -> WireTicket | None:
        """The ticket by the documented filter; a server that does not know the filter is found out."""
        found = await self._list(
            0, {"ticketId": id_, "includeComments": "true", "includeAssignmentEntity": "true"}, limit=1
        )
        if found and found[0].id != id_:
            raise Failure(Problem("erp.bad_payload", Trouble.PAYLOAD, Owner.ERP_VENDOR, where=TICKETS))
        return found[0] if found else None

    async def _list(
        self, offset: int, filters: Mapping[str, str | None], limit: int = LIMIT
    ) -> Sequence[WireTicket]:
        reply = await self._session.get(
            f"{self._base}/{TICKETS}", {**filters, "limit": limit, "offset": offset}
        )
        return parse_tickets(reply.json())

    async def _ids_of(self, catalogue: str) -> Mapping[str, str]:
        """Code -> Id of a catalogue, read once; again while the configured source is not in it."""
        known = self._ids.get(catalogue)
        if known is None or (catalogue == SOURCES and self._terms.source not in known):
            reply = await self._session.get(f"{self._base}/{catalogue}", {"limit": LIMIT})
            known = self._ids[catalogue] = parse_catalogue(reply.json(), catalogue)
        return known

    def _no_source(self) -> Failure:
        where = self._terms.source
        return Failure(Problem("erp.ticket_source_unknown", Trouble.CONFIG, Owner.CONSULTANT, where=where))


def _newer(comment: Comment, told: datetime) -> bool:
    """Whether the hub may have spoken before a clerk wrote: then it did not say whether tenants may see it.

    Some moments lack their fraction of a second.
    """
    return comment.author is Author.CLERK and comment.at.replace(microsecond=0) >= told.replace(microsecond=0)


def _state(category: TicketCategory | None) -> CategoryState:
    if category is None or not category.active:
        return CategoryState.UNKNOWN
    return CategoryState.MANDATORY if category.mandatory_features else CategoryState.USABLE


def _refused(state: LeaseState | CategoryState, where: str) -> Failure:
    return Failure(Problem(_CODES[state], Trouble.REJECTED, Owner.CUSTOMER, where=where[:80]))


def _not_ours(code: str, ticket: str) -> Failure:
    return Failure(Problem(code, Trouble.RIGHTS, Owner.CUSTOMER, where=ticket[:80]))


def _made(reply: Reply, endpoint: str) -> str:
    """The id of what was just made; an answer without one leaves open whether it was. Raises Failure."""
    try:
        return Node.of(reply.json(), endpoint).record
    except Failure as failure:
        raise Failure(replace(failure.problem, arrival=Arrival.PERHAPS)) from None
