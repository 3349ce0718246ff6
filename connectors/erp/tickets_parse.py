"""OPENWOWI's tickets to our words and back, pure. Raises Failure ``erp.bad_payload`` and nothing else.

The ERP has no field for the id that a partner gave a ticket, nor for the name of whoever wrote a comment at
the partner. Both stand in the text, in a form that a clerk can read and that is found again:

    Die Heizung bleibt kalt.

    [einzug IMMOMIO:4711 2026-03-01T08:15:00+00:00]

and, at a comment that an integration wrote, ``Erika Muster schreibt:`` as its first line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote, unquote

from connectors.erp.openwowi_parse import Node, bad_payload, parse_page
from connectors.tickets import Author, Comment

TICKETS = "CommunicationRead/Ticket"
LEASE_WORDS = frozenset({"licenseagreement", "mietvertrag", "nutzungsvertrag", "vertrag"})
"""What an assignment entity may be called that stands for a lease, in lower case."""

WROTE = " schreibt:"
NOBODY = "Mieter"
"""Who is said to have written a comment without a name whose text begins like a name of ours."""

_LINE = re.compile(r"\[einzug ([A-Za-z0-9_.~:%-]+)(?: ([0-9T:.+-]+))?\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a ticket with what its last line says: the partner's id and its moment of creation."""

    text: str = field(repr=False)
    reference: str = ""
    created_at: datetime | None = None


def compose(text: str, reference: str, created_at: datetime) -> str:
    """The text as the ERP keeps it. Blanks at its end mean nothing."""
    line = f"[einzug {quote(reference, safe=':')} {created_at.isoformat()}]"
    return f"{text.rstrip()}\n\n{line}" if text.strip() else line


def take_apart(content: str) -> Content:
    """The text and what its last line says; only the last one counts, whatever the text quotes."""
    lines = content.replace("\r\n", "\n").rstrip()
    text, _, last = lines.rpartition("\n")
    match = _LINE.fullmatch(last.strip())
    if match is None:
        return Content(lines)
    return Content(text.rstrip(), unquote(match[1]), _moment(match[2] or ""))


def signed(text: str, name: str) -> str:
    """A comment in somebody's name, as the ERP keeps it."""
    author = " ".join(name.split())
    if not author and _author(text) is not None:
        author = NOBODY
    return f"{author}{WROTE}\n{text}" if author else text


def unsigned(content: str) -> tuple[str, str]:
    """Name and text of a comment that ``signed`` made; no name where it bears none."""
    content = content.replace("\r\n", "\n")
    author = _author(content)
    return ("", content) if author is None else (author, content.partition("\n")[2])


def _author(content: str) -> str | None:
    first, line_break, _ = content.partition("\n")
    name = first.rstrip("\r").removesuffix(WROTE)
    return name if line_break and name and name != first.rstrip("\r") else None


@dataclass(frozen=True, slots=True)
class WireTicket:
    """A ticket as OPENWOWI tells it; ``leases`` are the internal ids of the leases it belongs to."""

    id: str
    number: str
    received: datetime
    source: str
    status: str
    leases: tuple[str, ...]
    subject: str = field(repr=False)
    content: Content
    comments: tuple[Comment, ...] = ()


def parse_tickets(raw: object) -> list[WireTicket]:
    """The tickets of a page. Raises Failure."""
    return [_ticket(node) for node in parse_page(raw, TICKETS)]


def _ticket(node: Node) -> WireTicket:
    assigned = [node.child("MainAssignment"), *node.children("Assignment")]
    leases = [a.key("EntityId") for a in assigned if _is_lease(a.child("AssignmentEntity").text("Code"))]
    return WireTicket(
        id=node.record,
        number=node.text("IdNum") or "",
        received=moment(node, "TimeReceived"),
        source=node.child("Source").text("Code") or "",
        status=node.child("Status").text("Code") or "",
        leases=tuple(dict.fromkeys(leases)),
        subject=node.text("Subject") or "",
        content=take_apart(node.text("Content") or ""),
        comments=_in_order([_comment(comment) for comment in node.children("Comments")]),
    )


def _is_lease(code: str | None) -> bool:
    return (code or "").casefold() in LEASE_WORDS


def _in_order(comments: list[Comment]) -> tuple[Comment, ...]:
    """Oldest first. Some moments lack their fraction of a second: within one the ids decide, and the moments
    are made to follow them."""
    comments.sort(key=lambda c: (c.at.replace(microsecond=0), len(c.id), c.id))
    ordered: list[Comment] = []
    for comment in comments:
        earlier = ordered[-1].at if ordered else comment.at
        ordered.append(replace(comment, at=max(comment.at, earlier)))
    return tuple(ordered)


def _comment(node: Node) -> Comment:
    """A comment; what an integration wrote bears its name in the text."""
    api = node.flag("CommentFromApi")
    content = node.text("Content") or ""
    name, text = unsigned(content) if api else ("", content.replace("\r\n", "\n"))
    return Comment(
        id=node.key("Id"),
        author=Author.API if api else Author.CLERK,
        at=moment(node, "CreatedAt"),
        text=text,
        name=name or node.text("UserName") or "",
    )


def moment(node: Node, key: str) -> datetime:
    """A moment with its offset, with or without microseconds. Raises Failure where there is none."""
    found = _moment(node.text(key) or "")
    if found is None:
        raise node.bad(key)
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def parse_catalogue(raw: object, endpoint: str) -> Mapping[str, str]:
    """Code -> Id of a catalogue (sources, priorities, states, assignment entities). Raises Failure."""
    found: dict[str, str] = {}
    for node in parse_page(raw, endpoint):
        code = node.text("Code")
        if code is None:
            raise node.bad("Code")
        found[code] = node.record
    return found


def lease_entity(catalogue: Mapping[str, str]) -> str:
    """The id of the assignment entity that stands for leases. Raises Failure where there is none."""
    for code, ident in catalogue.items():
        if _is_lease(code):
            return ident
    raise bad_payload("CommunicationCatalog/TicketAssignmentEntity")


def number_of(ident: str) -> int | str:
    """An internal id as OPENWOWI writes it: a number where it is one."""
    return int(ident) if ident.isascii() and ident.isdigit() and len(ident) < 19 else ident
