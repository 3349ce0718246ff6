"""What a file would do, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from console import formats
from console.handouts.proposals import Difference, Doubt, Found, Preview, Proposal
from console.i18n import _, language, ngettext
from console.masking import hidden
from console.onboarding.words import said_name

MARKS = {Found.ANSWER: "+", Found.CHANGE: "~", Found.CONFLICT: "!"}
NOTHING = "∅"
SHOWN = 60
"""Characters of a cell that was not understood."""


def found_name(found: Found) -> str:
    """What keeping a proposal would do, in a word."""
    return {
        Found.ANSWER: _("new"),
        Found.CHANGE: _("changed"),
        Found.CONFLICT: _("conflict"),
    }[found]


def lines(shown: Preview, *, mask: bool) -> Iterator[str]:
    """Every proposal with what it changes, every doubt with its place, and the counts."""
    for one in shown.proposals:
        title = one.item.title.in_(language())
        yield f"{MARKS[one.found]} {one.item.id}  {title}  ({one.place})"
        if one.found is Found.CONFLICT:
            yield f"    {conflict_words(one, mask=mask)}"
        yield from (f"    {difference_words(each, mask=mask)}" for each in one.differences)
        yield f"    {who_words(one, mask=mask)}"
    for doubt in shown.doubts:
        yield f"? {doubt_words(doubt, mask=mask)}"
    yield counts_words(shown)


def difference_words(one: Difference, *, mask: bool) -> str:
    """``Connection: SIP trunk → Forwarding``."""
    former, new = (hidden(text, mask and one.personal) if text else NOTHING for text in (one.former, one.new))
    return f"{one.label}: {former} → {new}"


def who_words(one: Proposal, *, mask: bool) -> str:
    """What is said, and by whom."""
    return f"{said_name(one.draft.said)} · {hidden(one.draft.who, mask)}"


def conflict_words(one: Proposal, *, mask: bool) -> str:
    """Who has answered meanwhile, and when."""
    if one.former is None:
        return ""
    text = _("Answered meanwhile by {who}, {at}; that word stays unless you take the file's.")
    return text.format(who=hidden(one.former.who, mask), at=formats.datetime(one.former.at))


def doubt_words(doubt: Doubt, *, mask: bool) -> str:
    """``IT!F8  "fax"  This stands on no list.``"""
    shown = hidden(doubt.shown[:SHOWN], mask)
    return "  ".join(filter(None, (doubt.place, f'"{shown}"' if shown else "", doubt.why)))


def counts_words(shown: Preview) -> str:
    """The one line that ends every preview."""
    text = _(
        "{new} answered for the first time, {changed} changed, {conflicts} in conflict, "
        "{doubts} not understood, {same} without anything new."
    )
    return text.format(
        new=formats.count(shown.count(Found.ANSWER)),
        changed=formats.count(shown.count(Found.CHANGE)),
        conflicts=formats.count(shown.count(Found.CONFLICT)),
        doubts=formats.count(len(shown.doubts)),
        same=formats.count(shown.same),
    )


def kept_words(count: int, file: str) -> str:
    """How many answers were kept."""
    text = ngettext("{count} answer kept from {file}.", "{count} answers kept from {file}.", count)
    return text.format(count=formats.count(count), file=file)


def document(shown: Preview, kept: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The preview as scripts rely on it, in full; ``kept`` are the items that were."""
    return {
        "schema": 1,
        "file": shown.file,
        "proposals": [_proposal(one, kept=one.item.id in kept) for one in shown.proposals],
        "doubts": [
            {"place": one.place, "value": one.shown, "why": one.why, "item": one.item} for one in shown.doubts
        ],
        "same": shown.same,
    }


def _proposal(one: Proposal, *, kept: bool) -> dict[str, Any]:
    draft = one.draft
    return {
        "item": one.item.id,
        "found": one.found.value,
        "place": one.place,
        "kept": kept,
        "said": draft.said.value,
        "who": draft.who,
        "note": draft.note,
        "due": draft.due.isoformat() if draft.due else None,
        "values": {key: list(v) if isinstance(v, tuple) else v for key, v in draft.values.items()},
        "differences": [
            {"label": each.label, "former": each.former, "new": each.new} for each in one.differences
        ],
    }
