"""What is to be done with one ticket: both sides and what is known, compared. Pure.

Applying what comes out and comparing again gives nothing. What an integration wrote, ours among it, never
goes back; what stands on the other side already is claimed, not sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from connectors.agreed import within
from connectors.contract import Text
from connectors.housing import CategoryKind
from connectors.ticketing import LARGEST_FILE
from connectors.tickets import Author, Can, Comment, Draft, Ticket, TicketFile
from console.tickets import versions
from console.tickets.ops import (
    Claim,
    CommentErp,
    CommentPartner,
    CreateErp,
    Item,
    ItemKind,
    Known,
    LinkFile,
    Note,
    Op,
    Park,
    ReportDamage,
    SetErpCategory,
    SetPartnerStatus,
    Stand,
    StoreFile,
    Terms,
)  # fmt: skip
from console.tickets.reused import another
from console.tickets.versions import same_text


def reconcile(known: Known, partner: Ticket, erp: Ticket | None, terms: Terms) -> list[Op]:
    """What to do, in this order. ``erp`` is None as long as the ticket is not there."""
    if known.stand is not Stand.OPEN:
        return []
    if known.erp and erp is None:
        return []
    if (why := another(known, partner)) is not None:
        return [Park(why)]
    made = [] if erp else list(_creating(partner, terms))
    if erp is None and not any(isinstance(op, CreateErp) for op in made):
        return made
    return [*made, *_towards_erp(known, partner, erp, terms), *_towards_partner(known, partner, erp, terms)]


def _creating(partner: Ticket, terms: Terms) -> Iterator[Op]:
    if Can.CREATE not in terms.to_erp or partner.from_api:
        return  # somebody brought it to the partner: it is not for us to bring it back
    lease = terms.lease(partner)
    if lease is None:
        yield Park(Text("tickets.refused_lease_unknown"))
        return
    if lease.mandant and not within(terms.settings.scope, lease.mandant):
        yield Park(Text("tickets.refused_mandant"))
        return
    yield CreateErp(
        Draft(
            reference=terms.origin.reference(partner.id),
            category=terms.settings.category(partner.category),
            kind=partner.kind,
            contract=lease.contract,
            mandant=lease.mandant,
            created_at=partner.created_at,
            subject=partner.subject,
            text=partner.text,
        )
    )


def _towards_erp(known: Known, partner: Ticket, erp: Ticket | None, terms: Terms) -> Iterator[Op]:
    if Can.CREATE in terms.to_erp and not known.merged:
        yield from _category(known, partner, erp, terms)
    if Can.FILES in terms.to_erp:
        for file in partner.files:
            yield from _file(known, file, erp, terms)
    wants_report = terms.settings.damage_report and partner.kind is CategoryKind.DAMAGE
    if wants_report and not (erp and erp.damage_report) and (ItemKind.DAMAGE, "") not in known.items:
        yield ReportDamage()
    if Can.COMMENTS in terms.to_erp:
        ours = known.targets(ItemKind.COMMENT_TO_PARTNER)
        wanted = [c for c in partner.comments if c.id not in ours]
        yield from _comments(known, ItemKind.COMMENT_TO_ERP, wanted, erp)


def _category(known: Known, partner: Ticket, erp: Ticket | None, terms: Terms) -> Iterator[Op]:
    """The partner's category, unless a clerk has chosen another since. A new ticket has none yet."""
    wanted, there = terms.settings.category(partner.category), erp.category if erp else ""
    untouched = there == known.category
    if wanted and untouched and there != wanted and (ItemKind.CATEGORY, wanted) not in known.items:
        yield SetErpCategory(wanted)


def _file(known: Known, file: TicketFile, erp: Ticket | None, terms: Terms) -> Iterator[Op]:
    stored = known.items.get((ItemKind.FILE, file.id))
    linked = known.items.get((ItemKind.LINK, file.id))
    if linked or (stored and stored.reason):
        return
    if stored is None:
        if file.size > LARGEST_FILE:
            megabytes = -(-file.size // 1024**2)
            reason = Text("tickets.file_too_large", {"size": megabytes, "limit": LARGEST_FILE // 1024**2})
            yield Park(reason, (ItemKind.FILE, file.id))
            return
        if not terms.settings.archive:
            yield Park(Text("tickets.no_archive"), (ItemKind.FILE, file.id))
            return
        there = next((f for f in erp.files if file.md5 and f.md5 == file.md5), None) if erp else None
        if there is not None:
            yield Claim(Item(ItemKind.FILE, file.id, there.id))
            yield Claim(Item(ItemKind.LINK, file.id, there.id))
            return
        yield StoreFile(file)
    elif erp is not None and any(f.id == stored.target for f in erp.files):
        yield Claim(Item(ItemKind.LINK, file.id, stored.target))
        return
    yield LinkFile(file)


def _towards_partner(known: Known, partner: Ticket, erp: Ticket | None, terms: Terms) -> Iterator[Op]:
    if erp is None:
        return
    if Can.STATUS in terms.to_partner:
        yield from _status(known, partner, erp, terms)
    if Can.COMMENTS in terms.to_partner and not known.merged:  # another tenant may be meant there
        ours = known.targets(ItemKind.COMMENT_TO_ERP)
        wanted = [c for c in erp.comments if c.visible and c.id not in ours]
        yield from _comments(known, ItemKind.COMMENT_TO_PARTNER, wanted, partner)


def _status(known: Known, partner: Ticket, erp: Ticket, terms: Terms) -> Iterator[Op]:
    if erp.status == known.erp_status or (ItemKind.STATUS, erp.status) in known.items:
        return
    mapped = terms.settings.statuses.get(erp.status)
    if mapped is None:
        yield Park(Text("tickets.status_unmapped", {"status": erp.status}), (ItemKind.STATUS, erp.status))
        return
    if known.erp_status in terms.finals and erp.status not in terms.finals:
        yield Note(Text("tickets.reopened"))
    if partner.status != mapped:
        yield SetPartnerStatus(mapped, erp.status)


def _comments(known: Known, kind: ItemKind, wanted: Iterable[Comment], there: Ticket | None) -> Iterator[Op]:
    """The comments to bring across, oldest first; those that stand there in our name are claimed. The new
    words of one that was edited follow as a correction."""
    free = list(_ours_unclaimed(known, kind, there))
    for found in sorted(wanted, key=lambda c: c.at):
        if found.author is Author.API or not found.text.strip():
            continue
        before = versions.sent(known, kind, found.id)
        if before and not _edited(found, before, there):
            continue
        comment = versions.corrected(found, len(before)) if before else found
        same = next((c for c in free if versions.says(c, found)), None)
        if same is not None:
            free.remove(same)
            yield Claim(Item(kind, comment.id, same.id))
        elif kind is ItemKind.COMMENT_TO_ERP:
            yield CommentErp(comment)
        else:
            yield CommentPartner(comment)


def _edited(comment: Comment, before: Sequence[Item], there: Ticket | None) -> bool:
    """Whether a comment says something else than our last copy of it on the other side."""
    last = before[-1]
    if there is None or last.reason or not last.target or len(before) >= versions.MOST:
        return False
    copy = next((c for c in there.comments if c.id == last.target), None)
    return copy is not None and not versions.says(copy, comment)


def _ours_unclaimed(known: Known, kind: ItemKind, there: Ticket | None) -> Iterator[Comment]:
    taken = known.targets(kind)
    if kind is ItemKind.COMMENT_TO_ERP:
        taken |= known.others
    for comment in there.comments if there else ():
        if comment.author is Author.API and comment.id not in taken:
            yield comment


def unclaimed(known: Known, kind: ItemKind, there: Ticket, text: str) -> Comment | None:
    """A comment that stands there in our name with this text and belongs to none that we know of."""
    return next((c for c in _ours_unclaimed(known, kind, there) if same_text(c.text, text)), None)


def differences(partner: Ticket, erp: Ticket, touched: Iterable[Item]) -> list[tuple[Item, Text]]:
    """What was written and stands there differently when it is read again, with what is wrong."""
    found = []
    for item in touched:
        match item.kind:
            case ItemKind.COMMENT_TO_ERP:
                good = _stands(item, partner, erp)
            case ItemKind.COMMENT_TO_PARTNER:
                good = _stands(item, erp, partner)
            case ItemKind.STATUS:
                good = partner.status == item.target or erp.status != item.id
            case _:
                good = _linked(item, partner, erp)
        if not good:
            found.append((item, Text("tickets.verify_differs", {"what": item.kind.value, "id": item.id})))
    return found


def _stands(item: Item, here: Ticket, there: Ticket) -> bool:
    """Whether a comment stands there as it was sent; one that was deleted here since proves nothing."""
    sent = next((c for c in here.comments if c.id == versions.born(item.id)), None)
    written = [c for c in there.comments if c.id == item.target]
    return sent is None or (len(written) == 1 and same_text(written[0].text, versions.words(item.id, sent)))


def _linked(item: Item, partner: Ticket, erp: Ticket) -> bool:
    shown = next((f for f in erp.files if f.id == item.target), None)
    sent = next((f for f in partner.files if f.id == item.id), None)
    if shown is None:
        return False
    return sent is None or not (sent.md5 and shown.md5) or sent.md5 == shown.md5


def seen(known: Known, partner: Ticket, erp: Ticket, terms: Terms) -> tuple[str, str]:
    """ERP state and category to remember once nothing is left to do."""
    status = erp.status if erp.status in terms.settings.statuses else known.erp_status
    agrees = erp.category == terms.settings.category(partner.category)
    return status, erp.category if agrees else known.category
