"""What sendings are called, what they write, and when their matter came to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.tickets import Ticket
from console.tickets import versions
from console.tickets.courier import Sending, Sent
from console.tickets.ops import (
    CommentErp,
    CommentPartner,
    CreateErp,
    Item,
    ItemKey,
    ItemKind,
    LinkFile,
    Op,
    ReportDamage,
    SetErpCategory,
    SetPartnerStatus,
    StoreFile,
)  # fmt: skip

WRITES_ERP = (CreateErp, SetErpCategory, LinkFile, ReportDamage, CommentErp)
WRITES_PARTNER = (SetPartnerStatus, CommentPartner)
DONE = {
    CreateErp: "tickets.created",
    SetErpCategory: "tickets.category_set",
    StoreFile: "tickets.file_stored",
    LinkFile: "tickets.file_linked",
    ReportDamage: "tickets.damage_reported",
    CommentErp: "tickets.comment_sent",
    SetPartnerStatus: "tickets.status_sent",
    CommentPartner: "tickets.comment_sent",
}


def born(op: Sending, partner: Ticket, erp: Ticket | None) -> datetime:
    """When the matter of a sending came to be."""
    match op:
        case CommentErp(comment) | CommentPartner(comment):
            return comment.at
        case SetPartnerStatus() if erp is not None:
            return erp.changed_at
    return partner.created_at


def touched(op: Sending, sent: Sent) -> Item | None:
    """What a sending has written that can be read again; None where nothing can."""
    match op:
        case CommentErp(comment):
            return Item(ItemKind.COMMENT_TO_ERP, comment.id, sent.remote)
        case CommentPartner(comment):
            return Item(ItemKind.COMMENT_TO_PARTNER, comment.id, sent.remote)
        case LinkFile(file):
            return Item(ItemKind.LINK, file.id, sent.remote)
        case SetPartnerStatus(status, erp_status):
            return Item(ItemKind.STATUS, erp_status, status)
    return None


def corrects(op: Op, touched: Iterable[Item]) -> bool:
    """Whether an op would correct what was sent a moment ago: whether that stands there is verified first."""
    match op:
        case CommentErp(comment) | CommentPartner(comment):
            return any(versions.born(item.id) == versions.born(comment.id) for item in touched)
    return False


def part_of(op: Sending) -> ItemKey:
    """The part of a ticket that a sending is about."""
    match op:
        case SetErpCategory(category):
            return ItemKind.CATEGORY, category
        case StoreFile(file):
            return ItemKind.FILE, file.id
        case LinkFile(file):
            return ItemKind.LINK, file.id
        case CommentErp(comment):
            return ItemKind.COMMENT_TO_ERP, comment.id
        case CommentPartner(comment):
            return ItemKind.COMMENT_TO_PARTNER, comment.id
        case SetPartnerStatus(_, erp_status):
            return ItemKind.STATUS, erp_status
    return ItemKind.DAMAGE, ""
