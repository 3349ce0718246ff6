"""Tickets as both sides know them, and what a side must be able to do.

A side is an ERP or a partner. It reads and writes one thing at a time and sends each once; what belongs
where, in which order, and what was done before is decided in the console's ticket engine, which knows no
partner.

The ERP's side can do more (``ErpTicketSide``): it judges a lease and a category before anything is written,
shows archived files at a ticket, and adds a damage report. It is opened with ``ErpTerms``. What it refuses
for a reason it can name carries one of ``REFUSALS`` as its problem's code.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connectors.contract import Finding
from connectors.housing import CategoryKind


class Can(StrEnum):
    """What a side offers for tickets."""

    CREATE = "create"
    STATUS = "status"
    COMMENTS = "comments"
    FILES = "files"
    DELETE = "delete"  # else a test ticket is closed with a note


class Author(StrEnum):
    """Who wrote a comment. ``API`` is what an integration wrote, ours among them: it never goes back."""

    TENANT = "tenant"
    CLERK = "clerk"
    API = "api"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; text and name are personal and stay out of every repr."""

    id: str
    author: Author
    at: datetime
    text: str = field(repr=False)
    name: str = field(default="", repr=False)
    visible: bool = True  # to the tenant


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file at a ticket; ``id`` is the side's own. ``md5`` is "" where the side tells none."""

    id: str
    name: str = field(repr=False)
    size: int
    md5: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A ticket as a list of changes names it. ``gone``: deleted, or merged into ``merged_into``.

    ``from_api``: an integration made it; None where the list does not tell. A ticket that no integration made
    and that is linked to nothing need not be read: it was born there.
    """

    id: str
    changed_at: datetime
    gone: bool = False
    merged_into: str = ""
    from_api: bool | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A whole ticket. ``number`` is what people call it; ``contract`` and ``mandant`` as the side knows them,
    "" where unknown; ``reference`` is the other side's id where this side keeps it."""

    id: str
    number: str
    created_at: datetime
    changed_at: datetime
    status: str
    category: str = ""
    kind: CategoryKind = CategoryKind.REQUEST
    contract: str = ""
    mandant: str = ""
    reference: str = ""
    from_api: bool = False  # this side knows that an integration made it
    damage_report: str = ""  # number of a damage report that is linked to it
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    comments: tuple[Comment, ...] = ()
    files: tuple[TicketFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A ticket to be made. ``reference`` is the other side's id; a side that has no field for it writes it
    into the text in a form that it finds again."""

    reference: str
    category: str
    kind: CategoryKind
    contract: str
    mandant: str
    created_at: datetime
    subject: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Status:
    """An entry of a side's catalogue of states."""

    code: str
    label: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of what changed. ``cursor`` is where the next reading begins once this page is worked off;
    ``more`` says whether it is worth while at once."""

    heads: tuple[Head, ...]
    cursor: str
    more: bool = False


class TicketSide(Protocol):
    """One side of the ticket flow. Every method raises Failure; whatever writes sends once, and its Failure
    tells by ``arrival`` whether it may have taken effect."""

    @property
    def name(self) -> str:
        """Key of the side (``erp``, ``immomio``)."""

    @property
    def abilities(self) -> frozenset[Can]:
        """What this side offers."""

    async def check(self) -> list[Finding]:
        """Rights and preconditions for tickets, without side effects; never raises Failure."""

    async def statuses(self) -> tuple[Status, ...]:
        """The catalogue of states."""

    async def changes(self, cursor: str = "") -> Changes:
        """One page of tickets changed since the cursor, oldest first: one request. "" begins now minus
        nothing: at the oldest ticket this side still lists."""

    async def get(self, id_: str) -> Ticket | None:
        """A ticket with comments and files, None once it is gone."""

    async def find(self, reference: str) -> Ticket | None:
        """The ticket that was made for this id of the other side. Settles a create of unknown outcome."""

    async def create(self, draft: Draft) -> str:
        """Make a ticket; gives its id. Exactly one write: where ``get`` shows no category afterwards, it is
        set by ``set_category``."""

    async def set_status(self, id_: str, status: str) -> None:
        """Set the state; idempotent."""

    async def set_category(self, id_: str, category: str) -> None:
        """Set the category where it differs; idempotent."""

    async def comment(self, id_: str, text: str, name: str) -> str:
        """Add a comment in somebody's name; gives its id."""

    def fetch(self, ticket: str, file: TicketFile) -> AsyncIterator[bytes]:
        """The bytes of a file in pieces."""

    async def remove(self, id_: str) -> None:
        """Delete a test ticket; only with ``Can.DELETE``."""

    async def aclose(self) -> None:
        """Release connections. Idempotent."""


class LeaseState(StrEnum):
    """What the ERP knows of a contract number in a Mandant."""

    RUNNING = "running"  # in force, or signed and beginning later
    ENDED = "ended"
    UNKNOWN = "unknown"  # no such number, or only a draft of it
    OTHER_MANDANT = "other_mandant"  # the number exists, in other Mandanten only
    AMBIGUOUS = "ambiguous"  # several leases in force bear it


class CategoryState(StrEnum):
    """Whether a ticket may get a category (Aktivitätstyp). No value is one of LeaseState's: both are keys of
    one table."""

    USABLE = "category_usable"
    UNKNOWN = "category_unknown"  # or switched off
    MANDATORY = "category_mandatory"  # it demands features that no partner fills in (rule I16)


REFUSALS: Mapping[str, LeaseState | CategoryState] = {
    "erp.ticket_lease_unknown": LeaseState.UNKNOWN,
    "erp.ticket_lease_ended": LeaseState.ENDED,
    "erp.ticket_lease_other_mandant": LeaseState.OTHER_MANDANT,
    "erp.ticket_lease_ambiguous": LeaseState.AMBIGUOUS,
    "erp.ticket_category_unknown": CategoryState.UNKNOWN,
    "erp.ticket_category_mandatory": CategoryState.MANDATORY,
}
"""Code of the problem with which ``create`` or ``set_category`` refuses -> what is the matter."""


@dataclass(frozen=True, slots=True)
class ErpTerms:
    """What an ERP's side must know of the agreement with one partner.

    ``source`` is the code of the ERP's ticket source whose tickets are the partner's; ``categories`` the
    codes of the activity types offered to it, all active ones where empty; ``user`` the ERP user of the
    integration.
    """

    source: str
    categories: frozenset[str] = frozenset()
    user: str = ""


class ErpTicketSide(TicketSide, Protocol):
    """The ERP's side. ``create`` judges lease and category itself before it writes; asking beforehand costs
    no request more, for a lease in force and a usable category are remembered for a while."""

    async def find_made(self, meant: Callable[[str, datetime], bool]) -> Ticket | None:
        """The ticket of the configured source whose reference, and the moment beside it, are the ones that
        are meant. Settles a create of unknown outcome."""

    async def lease(self, contract: str, mandant: str) -> LeaseState:
        """The state of a lease by its number; "" as Mandant asks in all. Without side effects."""

    async def category(self, code: str) -> CategoryState:
        """Whether a ticket may get this category. Without side effects."""

    async def link(self, id_: str, file: TicketFile) -> None:
        """Show a file of the archive (``file.id`` is its document there) at a ticket; idempotent."""

    async def damage_report(self, id_: str) -> str:
        """The number of the damage report at a ticket; makes one where there is none. Idempotent."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as an archive holds it."""

    id: str
    size: int
    md5: str


class Archive(Protocol):
    """Where attachments are filed before a ticket may show them (rule I13). Every method raises Failure."""

    async def find(self, archive: str, indexes: Mapping[str, str], md5: str) -> Stored | None:
        """A document by its index values (name to value) and content."""

    async def store(
        self, archive: str, indexes: Mapping[str, str], name: str, content: AsyncIterator[bytes], size: int
    ) -> Stored:
        """File a document. Sent once."""

    async def link(self, document: str, ticket: str) -> None:
        """Show a stored document at an ERP ticket; idempotent."""

    async def linked(self, ticket: str) -> tuple[Stored, ...]:
        """The documents at an ERP ticket."""
