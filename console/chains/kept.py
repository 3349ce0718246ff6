"""The last reading of a chain as JSON values, as the cache keeps it: sealed, for some days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.chains import ChainReading, ChainRow, Hand, Letter, LinkState, LinkVerdict
from connectors.contract import Text


@dataclass(frozen=True, slots=True)
class Held:
    """A reading, and when it was made."""

    reading: ChainReading
    at: datetime


def plain(held: Held) -> dict[str, Any]:
    """A reading as JSON values."""
    reading = held.reading
    return {
        "at": held.at.isoformat(),
        "rows": [_plain_row(row) for row in reading.rows],
        "remarks": [_plain_text(text) for text in reading.remarks],
        "letters": [_plain_letter(letter) for letter in reading.letters],
    }


def held_of(value: dict[str, Any]) -> Held:
    """The reading of such values. Raises KeyError, TypeError, ValueError for those of another version."""
    reading = ChainReading(
        tuple(map(_row, value["rows"])),
        tuple(map(_text, value["remarks"])),
        tuple(map(_letter, value["letters"])),
    )
    return Held(reading, datetime.fromisoformat(value["at"]))


def _plain_text(text: Text) -> list[Any]:
    return [text.code, dict(text.args)]


def _text(value: Sequence[Any]) -> Text:
    code, args = value
    return Text(code, args)


def _plain_row(row: ChainRow) -> list[Any]:
    return [row.id, row.label, [_plain_link(link) for link in row.links], row.person, row.url]


def _row(value: Sequence[Any]) -> ChainRow:
    id_, label, links, person, url = value
    return ChainRow(id_, label, tuple(map(_link, links)), person, url)


def _plain_link(link: LinkVerdict) -> list[Any]:
    """A link that holds needs three values: most of them do."""
    brief = [link.link, link.state.value, link.subject]
    if link.state in (LinkState.OK, LinkState.AFTER):
        return brief
    told = [None if text is None else _plain_text(text) for text in (link.reason, link.repair)]
    return [*brief, *told, link.hand.value if link.hand else None, link.cause, link.fix]


def _link(value: Sequence[Any]) -> LinkVerdict:
    key, state, subject, *rest = value
    if not rest:
        return LinkVerdict(key, LinkState(state), subject=subject)
    reason, repair, hand, cause, fix = rest
    return LinkVerdict(
        key,
        LinkState(state),
        None if reason is None else _text(reason),
        None if repair is None else _text(repair),
        None if hand is None else Hand(hand),
        cause,
        subject,
        fix,
    )


def _plain_letter(letter: Letter) -> list[Any]:
    paragraphs = [_plain_text(text) for text in letter.paragraphs]
    return [letter.key, letter.to.value, _plain_text(letter.subject), paragraphs]


def _letter(value: Sequence[Any]) -> Letter:
    key, to, subject, paragraphs = value
    return Letter(key, Hand(to), _text(subject), tuple(map(_text, paragraphs)))
