"""What Einzug does with the toy: every item gets a note, and a chain tells which item people can see.

An item's note is the mailbox that answers for it; a count of 0 says that nobody has shown it yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.chains import (
    Chain,
    ChainContext,
    ChainReading,
    ChainRow,
    Hand,
    Letter,
    Link,
    LinkState,
    LinkVerdict,
)
from connectors.contract import (
    Check,
    CheckContext,
    Connector,
    Deletes,
    Direction,
    EntityMapping,
    Field,
    Finding,
    Fix,
    Kind,
    Reader,
    Record,
    Text,
    UseCase,
    Verdict,
)
from tests.connectors.toy.client import ITEM

SHELF = "shelf"
MAPPING = EntityMapping(
    ITEM,
    (
        Field("title", Kind.TEXT, "unit.label", "O8"),
        Field("note", Kind.TEXT, "unit.note", "O4", personal=True),
        Field("count", Kind.INTEGER, "unit.count", "O9"),
    ),
)


@dataclass(frozen=True, slots=True)
class ShelfSettings:
    """The mailbox that items without one get."""

    mailbox: str = "shelf@example.org"


async def _items(reader: Reader[Any]) -> AsyncIterator[Record]:
    async for page in reader.read(ITEM):
        for record in page.records:
            yield record


async def _desired(reader: Reader[Any], settings: ShelfSettings) -> AsyncIterator[Record]:
    async for item in _items(reader):
        note = item.fields["note"] or settings.mailbox
        yield Record(ITEM, item.id, {**item.fields, "note": note, "count": item.fields["count"] or 1})


async def _actual(target: Connector, _settings: ShelfSettings) -> AsyncIterator[Record]:
    async for item in _items(target):
        yield item


USE_CASE = UseCase(
    key=SHELF,
    direction=Direction.WITHIN,
    settings=ShelfSettings,
    mappings=lambda settings: (MAPPING,),
    deletes=Deletes.NEVER,
    desired=_desired,
    actual=_actual,
    owns=lambda entity, id_, settings: False,
    filters=(),
)


async def _noted(context: CheckContext) -> Finding:
    assert context.target is not None
    bare = [item.id async for item in _items(context.target) if not item.fields["note"]]
    verdict = Verdict.FAIL if bare else Verdict.OK
    return Finding("toy.noted", ("O4",), verdict, Text("toy.without_note", {"count": len(bare)}))


CHECK = Check("toy.noted", ("O4",), _noted, SHELF, Fix(SHELF, {ITEM: ("note",)}))


def _note(item: Record) -> LinkVerdict:
    if item.fields["note"]:
        return LinkVerdict("note", LinkState.OK)
    reason, repair = Text("toy.no_note", {"item": item.id}), Text("toy.set_note")
    return LinkVerdict("note", LinkState.BROKEN, reason, repair, Hand.CONSOLE, "none", fix=CHECK.key)


def _booking(item: Record, context: ChainContext) -> LinkVerdict:
    mailbox = str(item.fields["note"])
    said = context.confirmation("booking", mailbox)
    if said is not None and said.holds:
        return LinkVerdict("booking", LinkState.OK, subject=mailbox)
    state = LinkState.UNCONFIRMED if said is None else LinkState.BROKEN
    hand = Hand.ADMINISTRATOR if said is None else Hand.SALES
    reason, repair = Text("toy.not_booked"), Text("toy.look_at_booking")
    return LinkVerdict("booking", state, reason, repair, hand, mailbox, mailbox)


def _shown(item: Record, context: ChainContext) -> LinkVerdict:
    said = context.confirmation("shown", item.id, (ITEM, item.id))
    if said is not None and said.holds:
        return LinkVerdict("shown", LinkState.OK, subject=item.id)
    repair = Text("toy.show_again")
    return LinkVerdict("shown", LinkState.UNCONFIRMED, None, repair, Hand.CONSULTANT, "open", subject=item.id)


def _row(item: Record, context: ChainContext) -> ChainRow:
    links = [_note(item)]
    for judge, key in ((_booking, "booking"), (_shown, "shown")):
        reached = links[-1].state is LinkState.OK
        links.append(judge(item, context) if reached else LinkVerdict(key, LinkState.AFTER))
    label, person = str(item.fields["title"]), str(item.fields["note"] or "")
    return ChainRow(item.id, label, tuple(links), person, f"https://toy.example.org/{len(item.id)}")


async def _read(context: ChainContext) -> ChainReading:
    rows = tuple([_row(item, context) async for item in _items(context.target)])
    states: Mapping[LinkState, int] = Counter(row.state for row in rows)
    letter = Letter(
        "booking",
        Hand.SUPPORT,
        Text("toy.letter_subject"),
        (Text("toy.letter_text", {"count": states[LinkState.BROKEN]}), Text("toy.letter_end")),
    )
    remarks = (Text("toy.remark", {"count": states[LinkState.UNCONFIRMED]}),)
    return ChainReading(rows, remarks, (letter,) if states[LinkState.BROKEN] else ())


CHAIN = Chain(
    "sight",
    SHELF,
    ("O10",),
    (Link("note", ("O4",)), Link("booking", ("O5",), "own.provider"), Link("shown", ("O9",), "own.shown")),
    _read,
)
