"""The guided test enquiry (rules O5, O10): one enquiry at a portal walks the whole chain of one object.

Somebody writes at the portal, with a mark in the text that nobody else uses, and no one opens the mail. If
onOffice enters it into the activity log all the same, portal, mailbox and automatic booking work together
for this object. It proves nothing of other mailboxes, and nothing where somebody has opened the mail.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Text
from connectors.onoffice.asking import Asking
from connectors.onoffice.client import granted
from connectors.onoffice.contact_chain import KEY
from connectors.onoffice.evidence import spell
from connectors.onoffice.office import read_office
from connectors.onoffice.people import passes
from connectors.onoffice.raw import moment
from connectors.onoffice.wire import READ, Call, Row, number
from connectors.walks import Actor, Begun, Candidate, Seen, Step, Walk, WalkContext

SEND, ASSIGNED = "send", "assigned"
MAIL = "Email"
"""The kind of activity that a mail leaves behind."""

BOOKING_S = 1800.0
"""Mail booking has done its work within half an hour (rule O5); how long it takes is not documented."""

EARLIER = timedelta(days=1)
"""Entries are looked for from so long before the beginning: two clocks, and times without a zone."""

_NEWEST = 100
_DATA = ("Nr", "Objekt_nr", "Aktionsart", "created", "Bemerkung", "HerkunftKontakt")


@dataclass(frozen=True, slots=True)
class Entry:
    """A new entry of the activity log. ``marked`` None = onOffice does not show what stands in it."""

    nr: str
    at: datetime | None
    kind: str
    objects: tuple[int, ...]
    origin: str
    marked: bool | None


def mark(subject: str) -> str:
    """What has to stand in the enquiry for an object: capitals, so that no mail program changes it."""
    return f"EINZUG-{subject}"


async def candidates(context: WalkContext) -> AsyncIterator[Candidate]:
    """The letting objects, each with the mark that its enquiry has to bear; those whose contact person passes
    come first. Raises Failure."""
    office = await read_office(Asking(context.target), context.settings)
    well = {one.id for one in office.addresses.values() if passes(one, office, context.settings)}
    for one in sorted(
        office.objects, key=lambda one: not (len(one.brokers) == 1 and well.issuperset(one.brokers))
    ):
        id_ = str(one.id)
        yield Candidate(id_, f"{one.number or id_} · {mark(id_)}")


async def begin(context: WalkContext, subject: str) -> frozenset[str]:
    """The numbers of the entries that are there already. Raises Failure."""
    return frozenset(entry.nr for entry in await _entries(context, subject, datetime.now(UTC)))


async def look(context: WalkContext, begun: Begun) -> Sequence[Seen]:
    """Which steps are done. Raises Failure."""
    new = [one for one in await _entries(context, begun.subject, begun.at) if one.nr not in begun.known]
    found = _ours(new, int(begun.subject))
    if found is None:
        return ()
    seen = "walk_seen_send" if found.marked else "walk_seen_unmarked"
    steps = [Seen(SEND, found.at, Text(f"onoffice.{seen}", {"entry": found.nr}))]
    if int(begun.subject) in found.objects:
        code = "walk_seen_assigned" if found.origin else "walk_seen_assigned_plain"
        args = {"id": begun.subject, "origin": found.origin}
        steps.append(Seen(ASSIGNED, found.at, Text(f"onoffice.{code}", args)))
    return steps


def _ours(new: Iterable[Entry], subject: int) -> Entry | None:
    """The entry of the test enquiry: the one with the mark, at the object where there are several; only where
    onOffice shows no texts at all, a mail at the object."""
    entries = sorted(new, key=lambda one: subject not in one.objects)
    if any(one.marked is not None for one in entries):
        return next((one for one in entries if one.marked), None)
    return next((one for one in entries if one.kind == MAIL and subject in one.objects), None)


async def _entries(context: WalkContext, subject: str, begun: datetime) -> list[Entry]:
    """The newest entries of the object, and the newest of all: a mail that went straight to the mailbox
    belongs to no object."""
    since = [{"op": ">=", "val": spell(begun - EARLIER)}]
    wanted: dict[str, Any] = {
        "data": list(_DATA),
        "filter": {"created": since},
        "sortby": {"Nr": "DESC"},
        "listlimit": _NEWEST,
    }
    calls = [Call(READ, "agentslog", parameters=wanted | more) for more in ({"estateid": [int(subject)]}, {})]
    answers = await Asking(context.target).read(calls)
    found = (row for call, answer in zip(calls, answers, strict=True) for row in granted(call, answer).rows)
    rows = {str(row.elements.get("Nr")): row for row in found}
    return [_entry(nr, row, subject) for nr, row in rows.items()]


def _entry(nr: str, row: Row, subject: str) -> Entry:
    told = row.elements
    note, objects = told.get("Bemerkung"), told.get("Objekt_nr")
    numbers = map(number, objects if isinstance(objects, list) else [objects])
    return Entry(
        nr,
        moment(told.get("created")),
        str(told.get("Aktionsart") or ""),
        tuple(one for one in numbers if one is not None),
        str(told.get("HerkunftKontakt") or ""),
        _bears(note, subject) if isinstance(note, str) and note else None,
    )


def _bears(note: str, subject: str) -> bool:
    """Whether a text holds the mark of this object, and not that of one whose number only begins alike."""
    return re.search(rf"{re.escape(mark(subject))}(?!\d)", note, re.IGNORECASE) is not None


TEST_ENQUIRY = Walk(
    key="test_enquiry",
    use_case=KEY,
    rules=("O5", "O10"),
    steps=(Step(SEND, Actor.APPLICANT, BOOKING_S), Step(ASSIGNED, Actor.SYSTEM, BOOKING_S)),
    candidates=candidates,
    begin=begin,
    look=look,
    stage={
        SEND: lambda subject, found: (
            "enquiry",
            {"estate": int(subject), "text": f"Ist die Wohnung noch frei? {mark(subject)}"},
        ),
    },
)
