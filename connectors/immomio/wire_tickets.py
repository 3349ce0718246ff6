"""The form in which Immomio is assumed to speak of tickets (see README.md).

``GET /tickets?changedSince&page&pageSize`` lists heads, oldest change first, what changed at that very moment
among them; with ``reference`` those made under it. ``GET /tickets/{id}`` gives a whole ticket, ``POST
/tickets`` makes one, ``PATCH /tickets/{id}`` sets its status, ``DELETE`` removes it (test accounts).
``POST /tickets/{id}/comments`` writes in somebody's name. ``GET /tickets/{id}/attachments/{id}`` gives the
bytes, in parts where ``Range`` asks for it, and always the whole file's MD5 as ``X-Checksum-MD5``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.housing import CategoryKind
from connectors.http import Params
from connectors.payload import Node
from connectors.tickets import Author, Changes, Comment, Draft, Head, Status, Ticket, TicketFile

PATH = "/tickets"
PAGE_SIZE = 100
RIGHTS = ("tickets:read", "tickets:write")
CHECKSUM = "x-checksum-md5"
STATUSES = (
    Status("NEW", "Neu"),
    Status("IN_PROGRESS", "In Bearbeitung"),
    Status("WAITING", "Rückfrage"),
    Status("DONE", "Erledigt", final=True),
    Status("REJECTED", "Abgelehnt", final=True),
)
"""What can be set; ``WITHDRAWN`` is the tenant's alone."""

KINDS: Mapping[str, CategoryKind] = {"DAMAGE": CategoryKind.DAMAGE, "REQUEST": CategoryKind.REQUEST}


def path(*ids: str) -> str:
    """The address of a ticket, or of what lies below it. Ids of dots alone would be steps up the path."""
    segments = [quote(id_, safe="") for id_ in ids]
    return "/".join((PATH, *(s if s.strip(".") else s.replace(".", "%2E") for s in segments)))


def params(cursor: str) -> Params:
    """The query that goes on at a cursor."""
    number, since = _place(cursor)
    return {"changedSince": since.isoformat() if since else None, "page": number, "pageSize": PAGE_SIZE}


def changes(node: Node, cursor: str) -> Changes:
    """A page of heads and where to go on: at the last moment seen, so that what lies at it comes again.

    A full page of one single moment is followed by its next page. Heads from before the cursor are repeated
    deliveries. Raises Failure, also where the list is not in order: going on would leave something out.
    """
    heads = tuple(
        Head(item.key("ticketId"), item.moment("changedAt"), item.get("deleted", bool))
        for item in node.nodes("items")
    )
    number, since = _place(cursor)
    times = [head.changed_at for head in heads if since is None or head.changed_at >= since]
    if times != sorted(times):
        raise node.bad("items")
    more = bool(times) and number * PAGE_SIZE < node.get("total", int)
    last = times[-1] if times else since
    if last is None:
        return Changes(heads, "")
    following = number + 1 if more and last == since else 1
    return Changes(heads, f"{following}@{last.isoformat()}", more)


def _place(cursor: str) -> tuple[int, datetime | None]:
    """The page that a cursor leads to and the moment from which on it counts; the beginning for any other."""
    number, _, since = cursor.partition("@")
    try:
        return int(number), datetime.fromisoformat(since)
    except ValueError:
        return 1, None


def ticket(node: Node) -> Ticket:
    """A whole ticket with its comments and attachments. One made for a test goes the way of all others.

    Raises Failure.
    """
    return Ticket(
        id=node.key("ticketId"),
        number=node.key("number"),
        created_at=node.moment("createdAt"),
        changed_at=node.moment("changedAt"),
        status=node.key("status"),
        category=_text(node, "category"),
        kind=_one_of(node, "kind", KINDS),
        contract=_text(node, "contract"),
        reference=_text(node, "reference"),
        subject=_text(node, "subject"),
        text=_text(node, "text"),
        comments=tuple(map(_comment, node.nodes("comments"))),
        files=tuple(map(_file, node.nodes("attachments"))),
    )


def _comment(node: Node) -> Comment:
    return Comment(
        id=node.key("commentId"),
        author=_one_of(node, "author", {author.name: author for author in Author}),
        at=node.moment("createdAt"),
        text=node.get("text", str),
        name=_text(node, "authorName"),
        visible=node.get("visible", bool),
    )


def _file(node: Node) -> TicketFile:
    size = node.get("size", int)
    if size < 0:
        raise node.bad("size")
    return TicketFile(node.key("attachmentId"), node.get("name", str), size, _text(node, "md5").lower())


def created(draft: Draft) -> dict[str, Any]:
    """A ticket to be made."""
    kind = next(word for word, kind in KINDS.items() if kind is draft.kind)
    return {
        "reference": draft.reference,
        "category": draft.category,
        "kind": kind,
        "contract": draft.contract,
        "subject": draft.subject,
        "text": draft.text,
        "createdAt": draft.created_at.isoformat(),
    }


def _one_of(node: Node, name: str, words: Mapping[str, Any]) -> Any:
    word = node.get(name, str)
    if word not in words:
        raise node.bad(name)
    return words[word]


def _text(node: Node, name: str) -> str:
    return node.get(name, str) if node.data.get(name) is not None else ""
