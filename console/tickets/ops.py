"""What the ticket engine can decide to do with one ticket, and what it knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.contract import Text
from connectors.ticketing import Hop, LeaseNumber, TicketFlow, TicketSettings
from connectors.tickets import Can, Comment, Draft, Ticket, TicketFile
from console.tickets.origin import Origin


class ItemKind(StrEnum):
    """A part of a ticket that crosses on its own."""

    COMMENT_TO_ERP = "comment_to_erp"
    COMMENT_TO_PARTNER = "comment_to_partner"
    FILE = "file"  # filed in the archive
    LINK = "link"  # shown at the ERP ticket
    STATUS = "status"
    CATEGORY = "category"
    DAMAGE = "damage"


ItemKey = tuple[ItemKind, str]
"""The kind and the id at the side where it was born; a status or category is its own id."""


@dataclass(frozen=True, slots=True)
class Item:
    """What became of a part. ``target`` is its id on the other side, ``reason`` why it is held back."""

    kind: ItemKind
    id: str
    target: str = ""
    reason: Text | None = None

    @property
    def key(self) -> ItemKey:
        """The key among the parts of a ticket."""
        return self.kind, self.id


class Stand(StrEnum):
    """How a ticket stands."""

    OPEN = "open"
    PARKED = "parked"  # refused with a reason; waits for a person
    GONE = "gone"  # deleted on one side: nothing is sent any more


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a ticket, by its id at the partner.

    ``erp`` is its ERP id, "" before it is linked; ``erp_status`` the last ERP state that was handled;
    ``category`` the ERP category it had when both sides last agreed. ``since`` is when we first saw it, None
    before that. ``others`` are comments in the ERP that
    stand for words of other tickets, after a merge.
    """

    ticket: str
    erp: str = ""
    stand: Stand = Stand.OPEN
    reason: Text | None = None
    erp_status: str = ""
    category: str = ""
    merged: bool = False
    items: Mapping[ItemKey, Item] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    since: datetime | None = None

    def target(self, kind: ItemKind, id_: str) -> str:
        """Where a part has gone; "" where it has not."""
        found = self.items.get((kind, id_))
        return found.target if found else ""

    def targets(self, kind: ItemKind) -> frozenset[str]:
        """The ids of what we wrote on the other side."""
        return frozenset(i.target for i in self.items.values() if i.kind is kind and i.target)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the tickets of one partner: the agreement, and what flows which way."""

    origin: Origin
    flow: TicketFlow
    settings: TicketSettings
    finals: frozenset[str] = frozenset()  # the ERP's states that end a ticket

    @property
    def partner(self) -> str:
        """The partner's key."""
        return self.origin.partner

    @property
    def to_erp(self) -> frozenset[Can]:
        """What flows to the ERP; comments only where that was agreed (rule I12)."""
        return self.flow.to_erp if self.settings.comments_to_erp else self.flow.to_erp - {Can.COMMENTS}

    @property
    def to_partner(self) -> frozenset[Can]:
        """What flows to the partner."""
        return self.flow.to_partner

    def lease(self, ticket: Ticket) -> LeaseNumber | None:
        """The contract of a partner's ticket; None where it names none that can be read."""
        found = self.flow.lease(ticket, self.settings)
        return found if found and found.contract else None

    def index(self, ticket: Ticket) -> Mapping[str, str]:
        """The index values of an attachment in the archive."""
        lease = self.lease(ticket)
        return {self.settings.archive_index: lease.contract if lease else ticket.contract}


@dataclass(frozen=True, slots=True)
class CreateErp:
    """Make the ticket in the ERP."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class SetErpCategory:
    """Give the ERP ticket its type."""

    category: str


@dataclass(frozen=True, slots=True)
class StoreFile:
    """File an attachment in the archive (rule I13: before it is linked)."""

    file: TicketFile


@dataclass(frozen=True, slots=True)
class LinkFile:
    """Show a filed attachment at the ERP ticket."""

    file: TicketFile


@dataclass(frozen=True, slots=True)
class ReportDamage:
    """Add a damage report to the ERP ticket."""


@dataclass(frozen=True, slots=True)
class CommentErp:
    """Bring a comment to the ERP."""

    comment: Comment


@dataclass(frozen=True, slots=True)
class SetPartnerStatus:
    """Bring the ERP's state to the partner."""

    status: str
    erp_status: str


@dataclass(frozen=True, slots=True)
class CommentPartner:
    """Bring a comment to the partner."""

    comment: Comment


@dataclass(frozen=True, slots=True)
class Claim:
    """A part stands on the other side already: it is only remembered."""

    item: Item


@dataclass(frozen=True, slots=True)
class Park:
    """Hold the ticket back, or one ``item`` of it, until a person has mended the cause."""

    reason: Text
    item: ItemKey | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person may want to know; nothing is sent."""

    outcome: Text


Op = (
    CreateErp | SetErpCategory | StoreFile | LinkFile | ReportDamage | CommentErp | SetPartnerStatus
    | CommentPartner | Claim | Park | Note
)  # fmt: skip


_HOPS: Mapping[type, Hop] = {
    CreateErp: Hop.TICKET,
    SetErpCategory: Hop.TICKET,
    ReportDamage: Hop.TICKET,
    StoreFile: Hop.FILE,
    LinkFile: Hop.LINK,
    CommentErp: Hop.COMMENT_TO_ERP,
    SetPartnerStatus: Hop.STATUS,
    CommentPartner: Hop.COMMENT_TO_PARTNER,
}
_ITEM_HOPS: Mapping[ItemKind, Hop] = {
    ItemKind.FILE: Hop.FILE,
    ItemKind.LINK: Hop.LINK,
    ItemKind.COMMENT_TO_ERP: Hop.COMMENT_TO_ERP,
    ItemKind.COMMENT_TO_PARTNER: Hop.COMMENT_TO_PARTNER,
    ItemKind.STATUS: Hop.STATUS,
}


def hop_of(op: Op) -> Hop:
    """The way that an op goes."""
    match op:
        case Claim(item):
            return _ITEM_HOPS.get(item.kind, Hop.TICKET)
        case Park(_, item) if item:
            return _ITEM_HOPS.get(item[0], Hop.TICKET)
        case Note():
            return Hop.STATUS
    return _HOPS.get(type(op), Hop.TICKET)


def item_of(op: Op) -> str:
    """The part that an op is about; "" for the ticket itself."""
    match op:
        case CommentErp(comment) | CommentPartner(comment):
            return comment.id
        case StoreFile(file) | LinkFile(file):
            return file.id
        case SetPartnerStatus(_, erp_status):
            return erp_status
        case Claim(item):
            return item.id
        case Park(_, item):
            return item[1] if item else ""
    return ""


def journal_key(op: Op) -> tuple[str, str]:
    """What the journal calls a sending: its entity, and its part of the ticket."""
    match op:
        case SetErpCategory():
            return "ticket", ItemKind.CATEGORY.value
        case StoreFile(file):
            return "ticket_file", file.id
        case LinkFile(file):
            return "ticket_link", file.id
        case ReportDamage():
            return "ticket_link", ItemKind.DAMAGE.value
        case SetPartnerStatus(_, erp_status):
            return "ticket_status", erp_status
        case CommentErp(comment):
            return "ticket_comment", f"{ItemKind.COMMENT_TO_ERP.value}:{comment.id}"
        case CommentPartner(comment):
            return "ticket_comment", f"{ItemKind.COMMENT_TO_PARTNER.value}:{comment.id}"
    return "ticket", ""


def rule_of(op: Op, terms: Terms) -> str:
    """The rule behind an op; "" where the partner names none."""
    return terms.flow.rules.get(hop_of(op), "")
