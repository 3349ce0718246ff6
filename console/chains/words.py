"""What is said of chains: how an object stands, its links, who can mend them, and the letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from connectors.chains import ChainRow, Group, Hand, Letter, LinkState, LinkVerdict
from connectors.contract import Text
from connectors.texts import render
from console import formats
from console.i18n import _, language, ngettext
from console.masking import masked
from console.names import link_name
from console.onboarding.subjects import shown_subject

GLYPHS = {
    LinkState.OK: "✓",
    LinkState.BROKEN: "✗",
    LinkState.UNCONFIRMED: "?",
    LinkState.UNKNOWN: "!",
    LinkState.AFTER: "·",
}
_ITEM = "\N{EN DASH} "
"""How a line of a list begins in a letter."""

COUNTED = (LinkState.OK, LinkState.BROKEN, LinkState.UNCONFIRMED, LinkState.UNKNOWN)
"""What an object can be as a whole."""


def state_word(state: LinkState) -> str:
    """How a link or an object stands, in a word."""
    return {
        LinkState.OK: _("holds"),
        LinkState.BROKEN: _("broken"),
        LinkState.UNCONFIRMED: _("unconfirmed"),
        LinkState.UNKNOWN: _("unknown"),
        LinkState.AFTER: _("not reached"),
    }[state]


def mark(state: LinkState) -> str:
    """Glyph and word."""
    return f"{GLYPHS[state]} {state_word(state)}"


def hand_name(hand: Hand | None) -> str:
    """Who can mend a link; "" where nobody is named."""
    if hand is None:
        return ""
    return {
        Hand.CONSOLE: _("Einzug"),
        Hand.CONSULTANT: _("consultant"),
        Hand.ADMINISTRATOR: _("administrator"),
        Hand.SUPPORT: _("support"),
        Hand.SALES: _("sales"),
    }[hand]


def told(text: Text | None) -> str:
    """A sentence of the partner; "" for none."""
    return render(text, language()) if text is not None else ""


def strip(row: ChainRow) -> str:
    """The links of an object as glyphs, in their order."""
    return "".join(GLYPHS[link.state] for link in row.links)


def count_words(rows: Sequence[ChainRow]) -> str:
    """How many objects stand how: ``✓ 412 hold  ✗ 37 broken``."""
    counts = Counter(row.state for row in rows)
    texts: Mapping[LinkState, str] = {
        LinkState.OK: ngettext("{count} holds", "{count} hold", counts[LinkState.OK]),
        LinkState.BROKEN: _("{count} broken"),
        LinkState.UNCONFIRMED: _("{count} unconfirmed"),
        LinkState.UNKNOWN: _("{count} unknown"),
    }
    parts = [
        f"{GLYPHS[state]} {texts[state].format(count=formats.count(counts[state]))}"
        for state in COUNTED
        if counts[state]
    ]
    return "  ".join(parts) or _("no objects")


def objects_words(count: int) -> str:
    """A number of objects."""
    text = ngettext("{count} object", "{count} objects", count)
    return text.format(count=formats.count(count))


def person_words(row: ChainRow, *, mask: bool) -> str:
    """Whom the first broken link concerns."""
    return str(masked(row.person)) if mask else row.person


def subject_words(verdict: LinkVerdict, *, mask: bool) -> str:
    """What a person confirms, where it is more than the object's own number."""
    return shown_subject(verdict.subject, mask=mask) if "@" in verdict.subject else ""


def about_words(group: Group, *, mask: bool) -> str:
    """What a group is about: what a person confirms, or else the one person whom all its objects concern."""
    if group.verdict.subject:
        return subject_words(group.verdict, mask=mask)
    concerned = {row.person for row in group.rows}
    return person_words(group.rows[0], mask=mask) if len(concerned) == 1 else ""


def group_lines(partner: str, group: Group, *, mask: bool) -> Iterator[str]:
    """Objects that one repair mends: how many, where, why, what helps and who can do it."""
    verdict = group.verdict
    about = about_words(group, mask=mask)
    head = f"{mark(verdict.state)}  {objects_words(len(group.rows))}  {link_name(partner, verdict.link)}"
    yield f"{head}  {about}".rstrip()
    yield from repair_lines(verdict)


def repair_lines(verdict: LinkVerdict) -> Iterator[str]:
    """Why a link does not hold, what helps, and who can do it; what is not told is left out."""
    if reason := told(verdict.reason):
        yield f"    {reason}"
    if repair := told(verdict.repair):
        yield f"    → {repair}"
    if who := hand_name(verdict.hand):
        yield "    " + _("Turn: {who}").format(who=who)


def row_head(partner: str, row: ChainRow, *, mask: bool) -> str:
    """An object in a line: how it stands, its links, the first that does not hold."""
    first = row.first
    parts = [mark(row.state), strip(row), row.label]
    if first is not None:
        parts += [link_name(partner, first.link), person_words(row, mask=mask)]
    return "  ".join(part for part in parts if part)


def letter_title(letter: Letter) -> str:
    """To whom a letter goes, and what it is about."""
    return f"{hand_name(letter.to)}: {told(letter.subject)}"


def letter_text(letter: Letter) -> str:
    """A letter as it can be sent: subject and paragraphs with a blank line between, lists without."""
    parts = [told(letter.subject), *map(told, letter.paragraphs)]
    lists = [one.startswith(_ITEM) and after.startswith(_ITEM) for one, after in pairwise(parts)]
    ends = ["\n" if inside else "\n\n" for inside in lists]
    return "".join(part + end for part, end in zip(parts, [*ends, "\n"], strict=True))
