"""ASSUMED: what OPENWOWI does not document about tickets, read and written through the hub, ``/hub/v1/...``.

No reference is public; everything assumed about tickets is in this file (lists of categories and users are in
``hub.py``). Same login as OPENWOWI; objects are JSON, ids are those of OPENWOWI.

    GET {host}/hub/v1/tickets/changes?since&limit
        {"items": [{"id", "changedAt", "fromApi": true, "gone": false, "mergedInto": null}], "next", "more"}
        each ticket once, at its last change, oldest first; ``since`` is the ``next`` of the page before, left
        out at first, 400 where it is none. Deleted and merged tickets stay listed as gone.
    GET {host}/hub/v1/tickets/{id}
        {"id", "changedAt", "category", "kind": "ANLIEGEN" | "SCHADEN", "damageReport", "hiddenComments": [],
         "documents": [{"id", "name", "bytes", "md5"}]}; 404 once the ticket is gone
    PUT {host}/hub/v1/tickets/{id}/category          {"category": code} -> the ticket as above
        400 {"code": "CATEGORY_UNKNOWN" | "CATEGORY_MANDATORY"}
    PUT {host}/hub/v1/tickets/{id}/documents/{document}   {"name", "bytes", "md5"} -> the ticket as above
        400 {"code": "DOCUMENT_UNKNOWN"}; what the archive knows of the document goes before what we say
    PUT {host}/hub/v1/tickets/{id}/damage-report     {} -> the ticket as above, with its number
    GET {host}/hub/v1/ticket-sources?limit&offset
        {"items": [{"code", "statuses": [{"code", "label", "final": false}]}]}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.erp.hub import listed
from connectors.erp.openwowi_parse import Node, bad_payload
from connectors.erp.paging import LIMIT
from connectors.erp.session import Session
from connectors.erp.tickets_parse import moment
from connectors.housing import CategoryKind
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from connectors.tickets import Changes, Head, Status, TicketFile

TICKETS = "/hub/v1/tickets"
CHANGES = f"{TICKETS}/changes"
SOURCES = "/hub/v1/ticket-sources"
REFUSALS = {
    "CATEGORY_UNKNOWN": "erp.ticket_category_unknown",
    "CATEGORY_MANDATORY": "erp.ticket_category_mandatory",
    "DOCUMENT_UNKNOWN": "erp.ticket_document_unknown",
}
"""What the hub says with a 400 -> our code."""

_MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Detail:
    """What the hub says of a ticket beyond OPENWOWI."""

    id: str
    changed_at: datetime
    category: str
    kind: CategoryKind
    damage_report: str
    hidden: frozenset[str]
    files: tuple[TicketFile, ...] = field(repr=False)


async def changes(session: Session, cursor: str, limit: int = LIMIT) -> Changes:
    """One page of what changed. Raises Failure, ``erp.bad_cursor`` where the hub does not know the cursor."""
    since = {"since": cursor} if cursor else {}
    try:
        reply = await session.get(CHANGES, {"limit": limit, **since})
    except Failure as failure:
        if not cursor or failure.problem.status not in (400, 410):
            raise
        problem = Problem("erp.bad_cursor", Trouble.CONFIG, Owner.CONSULTANT, where=CHANGES)
        raise Failure(problem) from None
    found = parse_changes(reply.json())
    if found.more and found.cursor == cursor:  # it would be asked for without end
        raise bad_payload(f"{CHANGES}:next")
    return found


async def detail(session: Session, id_: str) -> Detail | None:
    """What the hub says of a ticket, None once it is gone. Raises Failure."""
    try:
        reply = await session.get(_path(id_), {})
    except Failure as failure:
        if failure.problem.trouble is Trouble.MISSING:
            return None
        raise
    return parse_detail(reply.json(), id_)


async def statuses(session: Session, offset: int) -> Sequence[tuple[str, tuple[Status, ...]]]:
    """One page of ticket sources, each with its states. Raises Failure."""
    return parse_sources(await listed(session, SOURCES, offset))


async def set_category(session: Session, id_: str, category: str) -> None:
    """Set the category of a ticket. Raises Failure, with a code of ours where the reason is known."""
    await _put(session, id_, "category", {"category": category}, category)


async def link(session: Session, id_: str, file: TicketFile) -> None:
    """Show a document of the archive at a ticket. Raises Failure."""
    body = {"name": file.name, "bytes": file.size, "md5": file.md5}
    await _put(session, id_, f"documents/{_segment(file.id)}", body, file.id)


async def damage_report(session: Session, id_: str) -> str:
    """The number of the damage report at a ticket, made where there was none. Raises Failure."""
    found = await _put(session, id_, "damage-report", {}, id_)
    if not found.damage_report:
        raise _unclear(f"{TICKETS}#{id_}:damageReport")
    return found.damage_report


async def _put(session: Session, id_: str, part: str, body: Mapping[str, Any], what: str) -> Detail:
    """Write a part of a ticket; the answer must be the hub's own. Raises Failure, naming ``what``."""
    try:
        reply = await session.write("PUT", f"{_path(id_)}/{part}", body)
    except Failure as failure:
        code = REFUSALS.get(failure.problem.excerpt)
        if failure.problem.status != 400 or code is None:
            raise
        problem = Problem(code, Trouble.REJECTED, Owner.CUSTOMER, where=what[:80], status=400)
        raise Failure(problem) from None
    answer = reply.json()
    try:
        return parse_detail(answer, id_)
    except Failure as failure:
        raise _unclear(failure.problem.where) from None


def _unclear(where: str) -> Failure:
    return Failure(
        Problem("erp.bad_payload", Trouble.PAYLOAD, Owner.ERP_VENDOR, Arrival.PERHAPS, where=where)
    )


def _path(id_: str) -> str:
    return f"{TICKETS}/{_segment(id_)}"


def _segment(text: str) -> str:
    """An id in a path. One of dots alone would be taken for a step up."""
    segment = quote(text, safe="")
    return segment if text.strip(".") else segment.replace(".", "%2E")


def parse_changes(answer: object) -> Changes:
    """A page of changes. Raises Failure ``erp.bad_payload``."""
    page = Node(answer if isinstance(answer, dict) else {}, CHANGES)
    heads = [_head(node) for node in _items(answer, CHANGES, "id")]
    cursor, more = page.text("next"), page.truth("more")
    if cursor is None:
        raise page.bad("next")
    if more is None or (more and not heads):
        raise page.bad("more")
    return Changes(tuple(heads), cursor, more)


def _head(node: Node) -> Head:
    return Head(
        id=node.record,
        changed_at=moment(node, "changedAt"),
        gone=node.flag("gone"),
        merged_into=node.optional_key("mergedInto") or "",
        from_api=node.truth("fromApi"),
    )


def parse_detail(answer: object, id_: str) -> Detail:
    """What the hub says of the ticket with this id. Raises Failure ``erp.bad_payload``."""
    if not isinstance(answer, dict):
        raise bad_payload(f"{TICKETS}#{id_}")
    node = Node(answer, TICKETS, id_)
    if node.key("id") != id_:
        raise node.bad("id")
    kind = node.text("kind") or CategoryKind.REQUEST
    hidden = answer.get("hiddenComments")
    if kind not in tuple(CategoryKind):
        raise node.bad("kind")
    if not isinstance(hidden, list) or not all(isinstance(key, int | str) for key in hidden):
        raise node.bad("hiddenComments")  # a comment that is not for tenants must not get there by a gap
    return Detail(
        id=id_,
        changed_at=moment(node, "changedAt"),
        category=node.text("category") or "",
        kind=CategoryKind(kind),
        damage_report=node.text("damageReport") or "",
        hidden=frozenset(map(str, hidden)),
        files=tuple(_file(child) for child in node.children("documents")),
    )


def _file(node: Node) -> TicketFile:
    size, md5 = node.integer("bytes"), (node.text("md5") or "").lower()
    if size is None or size < 0:
        raise node.bad("bytes")
    if md5 and not _MD5.fullmatch(md5):
        raise node.bad("md5")
    return TicketFile(node.key("id"), node.text("name") or "", size, md5)


def parse_sources(answer: object) -> list[tuple[str, tuple[Status, ...]]]:
    """Ticket sources with their states. Raises Failure ``erp.bad_payload``."""
    return [
        (node.record, tuple(_status(child) for child in node.children("statuses")))
        for node in _items(answer, SOURCES, "code")
    ]


def _status(node: Node) -> Status:
    return Status(node.key("code"), node.text("label") or "", node.flag("final"))


def _items(answer: object, path: str, key: str) -> list[Node]:
    """The objects of a list, each named by ``key`` in a complaint."""
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_payload(f"{path}:items")
    return [Node(item, path, Node(item, path).key(key)) for item in items]
