"""What is seen of a chain: objects or causes in a sensible order, filtered, each as the words of a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from connectors.chains import ChainReading, ChainRow, Group, LinkState, LinkVerdict, groups
from console.chains import words
from console.names import link_name
from console.text_filter import TextFilter

ORDER = (LinkState.BROKEN, LinkState.UNKNOWN, LinkState.UNCONFIRMED, LinkState.OK, LinkState.AFTER)
"""What needs somebody comes first."""


@dataclass(frozen=True, slots=True)
class Line:
    """An object in words; ``text`` is all of them, for the filter."""

    row: ChainRow
    link: str
    reason: str
    repair: str
    who: str
    person: str
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """What is wanted: the objects at a link, those of one cause (a group's key), those that pass a filter."""

    link: str = ""
    cause: str = ""
    filter: TextFilter = field(default_factory=TextFilter)


def lines(reading: ChainReading, partner: str, *, mask: bool) -> tuple[Line, ...]:
    """Every object in words, what does not hold first. Takes its time with thousands."""
    ordered = sorted(reading.rows, key=lambda row: ORDER.index(row.state))
    return tuple(_line(row, partner, mask=mask) for row in ordered)


def _line(row: ChainRow, partner: str, *, mask: bool) -> Line:
    first = row.first
    person = words.person_words(row, mask=mask)
    if first is None:
        told = ("", "", "", "")
    else:
        reason, repair = words.told(first.reason), words.told(first.repair)
        told = (link_name(partner, first.link), reason, repair, words.hand_name(first.hand))
    text = " ".join((row.id, row.label, words.state_word(row.state), *told, person))
    return Line(row, *told, person, text)


def seen(found: Sequence[Line], view: View) -> Iterator[Line]:
    """The lines that pass."""
    for line in found:
        first = line.row.first
        if view.link and (first is None or first.link != view.link):
            continue
        if view.cause and (first is None or key_of(first) != view.cause):
            continue
        if view.filter.keeps(line.text):
            yield line


def causes_of(found: Iterable[Line]) -> Sequence[Group]:
    """What stands behind these lines, the cause of most objects first."""
    return groups(line.row for line in found)


def key_of(verdict: LinkVerdict) -> str:
    """What names a group of objects with the same link and cause."""
    return "\N{UNIT SEPARATOR}".join((verdict.link, verdict.cause, verdict.state.value))
