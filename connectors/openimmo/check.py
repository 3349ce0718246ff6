"""Checks a delivery against the rule table and common sense, object by object."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connectors.openimmo import attachments, sense, structure
from connectors.openimmo.attachments import Members
from connectors.openimmo.complaint import Complaint, Place, Severity
from connectors.openimmo.read import Part, Step, walk
from connectors.openimmo.schema import schema
from connectors.openimmo.source import Source
from connectors.openimmo.structure import Sequence


def check(
    source: Source, members: Members | None = None, today: date | None = None, file: str = ""
) -> Iterator[Complaint]:
    """Every complaint about a document, in its order; what concerns the whole of it comes last.

    ``members`` are the files beside it, None where that is not known; ``today`` finds dates that cannot be;
    ``file`` is put into the complaints. Raises Failure where the document cannot be read any further.
    """
    checker = _Checker(members, today, file)
    for part in walk(source):
        yield from checker.meet(part)
    for note in source.notes:
        yield Place(note.path, note.line, file=file).warning(note.text.code, **note.text.args)
    yield from checker.end()


class _Checker:
    """What has to be remembered from one part to the next."""

    def __init__(self, members: Members | None, today: date | None, file: str) -> None:
        self._members = members
        self._today = today
        self._file = file
        self._open: list[tuple[Sequence, Place]] = []
        self._numbers = sense.Numbers()
        self._objects = 0
        self._full = False

    def meet(self, part: Part) -> Iterator[Complaint]:
        place = structure.place_of(part.element, part.path, Place("", None, file=self._file))
        if part.step is Step.CLOSED:
            sequence, opened = self._open.pop()
            yield from sequence.end(opened)
            return
        if self._open:
            sequence, _ = self._open[-1]
            yield from sequence.meet(part.name, place)
            if known := sequence.known.get(part.name):
                yield from structure.unfilled(part.element, known, place)
        if part.step is Step.OPENED:
            if not self._open:
                yield from _namespace(part, place)
            rule = schema()[part.name]
            yield from structure.attributes(part.element, rule, place)
            self._open.append((Sequence(rule), place))
        elif part.name in schema().elements:
            yield from structure.examine(part.element, schema()[part.name], place)
            yield from self._judge(part, place)

    def _judge(self, part: Part, place: Place) -> Iterator[Complaint]:
        if part.name == "uebertragung":
            self._full = part.element.get("umfang") == "VOLL"
            yield from sense.transfer(part.element, place)
        elif part.name == "anhang":
            yield from attachments.one(part.element, place, self._members)
        elif part.name == "immobilie":
            self._objects += 1
            yield from sense.judge(part.element, place, self._today)
            yield from self._numbers.meet(part.element, place)
            yield from attachments.examine(part.element, place, self._members)

    def end(self) -> Iterator[Complaint]:
        whole = Place("/openimmo", None, file=self._file)
        if not self._objects:
            if self._full:
                yield whole.data(Severity.WARNING, "openimmo.full_and_empty")
            else:
                yield whole.hint("openimmo.no_objects")
        if self._members is not None and (unused := self._members.unused()):
            yield whole.hint("openimmo.members_unused", count=len(unused), example=unused[0][:80])


def _namespace(part: Part, place: Place) -> Iterator[Complaint]:
    namespace = str(part.element.tag).rpartition("}")[0].removeprefix("{")
    if namespace:
        yield place.error("openimmo.namespace", found=namespace[:80])
