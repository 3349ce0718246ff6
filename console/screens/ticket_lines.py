"""One ticket on both sides as lines of a width: what is equal, what differs, what is on one side only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from textual.content import Content

from connectors.tickets import Author, Comment, Ticket, TicketFile
from console import formats
from console.cockpit_tickets import Both, Line
from console.i18n import _
from console.masking import masked as mask
from console.safe import fit
from console.screens.tickets_words import reason_words, text_words
from console.tickets.trip_words import clock, took_words
from console.widgets.safe_text import content

NAME, GLYPH = 15, 2
EQUAL, DIFFERENT, ALONE = "=", "≠", " "


def lines(line: Line, both: Both | None, partner: str, width: int, *, masked: bool) -> Content:
    """The whole ticket; without ``both`` only what our own store knows."""
    found: list[Content] = []
    reason = reason_words(line)
    if reason:
        found += [content(f"! {reason}", "$error")]
    if both is not None:
        found += _sides(both, partner, width, masked=masked)
    found += list(_hops(line, width))
    return Content("\n").join(found)


def _sides(both: Both, partner: str, width: int, *, masked: bool) -> list[Content]:
    side = max(8, (width - NAME - 2 * GLYPH) // 2)
    found = [_row("", partner, "ERP", " ", side, "bold")]
    for name, left, right, glyph in _fields(both, masked=masked):
        found.append(_row(name, left, right, glyph, side, "$warning" if glyph == DIFFERENT else ""))
    half = max(12, (width - 3) // 2)
    found += [Content(""), _heading(_("Comments"))]
    found += _beside(_comments(both.partner, masked=masked), _comments(both.erp, masked=masked), half)
    found += [Content(""), _heading(_("Attachments"))]
    found += list(_files(both, half, masked=masked))
    return [*found, Content("")]


def _fields(both: Both, *, masked: bool) -> Iterator[tuple[str, str, str, str]]:
    """Name, both values, and a glyph; only what has to be equal is compared."""
    yield _("Number"), *_pair(both, lambda t: t.number), ALONE
    yield _("Status"), *_pair(both, lambda t: t.status), ALONE
    yield _("Category"), *_pair(both, lambda t: t.category), ALONE
    yield _("Contract"), *_pair(both, lambda t: " ".join(filter(None, (t.mandant, t.contract)))), ALONE
    yield _("Created"), *_pair(both, lambda t: formats.datetime(t.created_at)), ALONE
    yield _("Changed"), *_pair(both, lambda t: formats.datetime(t.changed_at)), ALONE
    yield _("Reference"), *_pair(both, lambda t: t.reference), ALONE
    yield _("Damage report"), *_pair(both, lambda t: t.damage_report), ALONE
    for name, values in (
        (_("Subject"), _pair(both, lambda t: t.subject)),
        (_("Text"), _pair(both, lambda t: t.text)),
    ):
        equal = both.partner is None or both.erp is None or values[0].strip() == values[1].strip()
        yield (
            name,
            _hidden(values[0], masked=masked),
            _hidden(values[1], masked=masked),
            (EQUAL if equal else DIFFERENT),
        )


def _pair(both: Both, of: Callable[[Ticket], str]) -> tuple[str, str]:
    """A value of each side; "(not there)" where the ticket is not."""
    gone = _("(not there)")
    return (
        of(both.partner) if both.partner else gone,
        of(both.erp) if both.erp else gone,
    )


def _hidden(text: str, *, masked: bool) -> str:
    return str(mask(text)) if masked and text else text


def _row(name: str, left: str, right: str, glyph: str, side: int, style: str) -> Content:
    return content(f"{fit(name, NAME)} {fit(left, side)} {fit(glyph, 1)} {fit(right, side)}".rstrip(), style)


def _heading(text: str) -> Content:
    return Content.styled(text, "bold")


def _comments(ticket: Ticket | None, *, masked: bool) -> list[str]:
    return [_comment(comment, masked=masked) for comment in ticket.comments] if ticket else []


def _comment(comment: Comment, *, masked: bool) -> str:
    who = {Author.TENANT: _("tenant"), Author.CLERK: _("clerk"), Author.API: _("interface")}[comment.author]
    inside = "" if comment.visible else " " + _("(internal)")
    return f"{clock(comment.at, comment.at)} {who}{inside}: {_hidden(comment.text, masked=masked)}"


def _beside(left: Sequence[str], right: Sequence[str], half: int) -> list[Content]:
    if not left and not right:
        return [content("  -")]
    pairs = zip_longest(left, right, fillvalue="")
    return [content(f"{fit(one, half)} │ {fit(other, half)}".rstrip()) for one, other in pairs]


def _files(both: Both, half: int, *, masked: bool) -> Iterator[Content]:
    """The files of both sides; equal are those of one size and checksum."""
    here = list(both.partner.files) if both.partner else []
    there = list(both.erp.files) if both.erp else []
    if not here and not there:
        yield content("  -")
    for file in here:
        same = next((o for o in there if _same(file, o)), None)
        if same is not None:
            there.remove(same)
        glyph = EQUAL if same else DIFFERENT
        right = _file(same, masked=masked) if same else _("(not there)")
        yield content(
            f"{fit(_file(file, masked=masked), half)} {glyph} {fit(right, half)}".rstrip(),
            "" if same else "$warning",
        )
    for file in there:
        yield content(f"{fit('', half)} {ALONE} {fit(_file(file, masked=masked), half)}".rstrip())


def _same(one: TicketFile, other: TicketFile) -> bool:
    sums = one.md5.lower() == other.md5.lower() if one.md5 and other.md5 else one.name == other.name
    return one.size == other.size and sums


def _file(file: TicketFile, *, masked: bool) -> str:
    """Size and checksum first: they are what is compared."""
    return f"{formats.count(file.size)} B {file.md5[:12] or '-'} {_hidden(file.name, masked=masked)}"


def _hops(line: Line, width: int) -> Iterator[Content]:
    """The ways of its parts, each with when and how long."""
    yield _heading(_("Hops"))
    if not line.hops:
        yield content("  -")
    for hop in line.hops:
        took = took_words(hop.at - hop.born) if hop.at >= hop.born else "-"
        part = hop.item.rpartition(":")[2]
        text = f"✓ {clock(hop.at, hop.at)}  {hop_name(hop.hop):<28} {took:<9} {part}"
        yield content(fit(text, width).rstrip())
    for item in line.row.held:
        if item.reason is not None:
            yield content(fit(f"! {item.id}  {text_words(item.reason)}", width).rstrip(), "$error")


def hop_name(hop: str) -> str:
    """A hop in words."""
    return {
        "ticket": _("partner → ERP"),
        "file": _("attachment → archive"),
        "link": _("attachment → ERP ticket"),
        "comment_to_erp": _("comment → ERP"),
        "status": _("status → partner"),
        "comment_to_partner": _("comment → partner"),
    }.get(hop, hop)
