"""A folder of exports, synchronously: which file holds what, is it sound, and its rows batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from connectors.contract import Scope
from connectors.erp.files_build import build
from connectors.erp.files_media import MediaFolder
from connectors.erp.files_parse import (
    REFERENCES,
    Complaints,
    Key,
    Parsed,
    Table,
    heading,
    judge,
    key_of,
    match,
    parse,
)
from connectors.erp.files_read import Row, complaint, find, rows
from connectors.erp.layout import Layout, layouts
from connectors.housing import Entity
from connectors.letting import Vacancy
from connectors.problems import Failure, Owner, Problem, Trouble

PAGE = 1_000
"""Rows in one page."""

Stamp = tuple[tuple[str, int, int], ...]
"""Name, time of change and size of the files a verdict rests on."""


class Folder:
    """The exports of one company. Verdicts and keys are kept until a file they rest on changes."""

    def __init__(self, path: Path, columns: Mapping[str, Mapping[str, str]], media: str) -> None:
        self._path = path
        self._columns = columns
        self.media = MediaFolder(path / media)
        self._sound: dict[str, Stamp] = {}
        self._keys: dict[str, tuple[Stamp, frozenset[Key]]] = {}

    def layout(self, entity: str) -> Layout:
        """The layout of an entity. Raises Failure for an unknown one and for a wrong configuration."""
        found = layouts(self._columns).get(entity)
        if found is None:
            raise Failure(Problem("erp.unknown_entity", Trouble.CONFIG, Owner.CONSULTANT, where=entity))
        return found

    def file(self, entity: str) -> Path | None:
        """The export of an entity, None where there is none. Raises Failure."""
        return find(self._path, self.layout(entity).file)

    def required(self, entity: str) -> Path:
        """The export of an entity. Raises Failure ``erp.file_missing``."""
        path = self.file(entity)
        if path is None:
            raise Failure(complaint("erp.file_missing", self.layout(entity).file))
        return path

    def not_supplied(self, entity: str) -> tuple[str, ...]:
        """The fields whose heading is not there; all of them where no readable file is."""
        try:
            layout = self.layout(entity)
        except Failure:
            return ()
        shown = [n for n in layout.columns if not n.startswith("ref.") and n != "erp_key"]
        try:
            there = self._headings(self.required(entity), layout)
        except Failure:
            there = frozenset()
        # From the folders of the units, whatever the export says. A drive that is not there shows no picture,
        # which does not mean that there are none.
        there = there | {"attachments"} if self.media.there else there - {"attachments"}
        return tuple(name for name in shown if name not in there)

    def _headings(self, path: Path, layout: Layout) -> frozenset[str]:
        with _opened(path, layout, Complaints(path.name)) as (table, _):
            return frozenset(table.positions if table else ())

    def validate(self, entity: str) -> Stamp:
        """Judge the whole export; give the state it was in. Raises Failure ``erp.bad_export`` with them."""
        path, layout = self.required(entity), self.layout(entity)
        targets = [reference.entity for reference in REFERENCES.get(entity, ())]
        stamp = _stamp(path, *(p for p in map(self.file, targets) if p))
        if self._sound.get(entity) != stamp:
            known = {target: self._known(target) for target in targets if self.file(target)}
            _examine(path, layout, known, self.media if entity == Vacancy.NAME else None)
            self._sound[entity] = stamp
        return stamp

    def _known(self, entity: str) -> frozenset[Key]:
        """The keys of all rows of an export; its doubts are reported when it is read itself."""
        path, layout = self.required(entity), self.layout(entity)
        stamp = _stamp(path)
        kept = self._keys.get(entity)
        if kept is None or kept[0] != stamp:
            ignored = Complaints(path.name)
            with _opened(path, layout, ignored) as (table, body):
                keys = frozenset(p.key for p in parse(table, body, ignored)) if table else frozenset[Key]()
            kept = self._keys[entity] = (stamp, keys)
        return kept[1]

    def wanted(self, entity: str, scope: Scope) -> Callable[[Parsed], bool]:
        """Whether a row belongs to the Mandanten asked for (rule C3); persons by their roles."""
        mandanten = scope.mandanten
        if mandanten is None or entity in ("ticket_category", "user"):
            return lambda _: True
        if entity == "person":
            persons = self._persons(mandanten)
            return lambda parsed: parsed.key in persons
        name = "number" if entity == "mandant" else "mandant"
        return lambda parsed: parsed.values[name] in mandanten

    def _persons(self, mandanten: frozenset[str]) -> frozenset[Key]:
        self.validate("tenant_role")
        path, layout = self.required("tenant_role"), self.layout("tenant_role")
        with _opened(path, layout, Complaints(path.name)) as (table, body):
            if table is None:
                return frozenset()
            parties = parse(table, body, Complaints(path.name))
            return frozenset(
                key_of(p.values, ("ref.person",)) for p in parties if p.values["mandant"] in mandanten
            )

    def records(self, entity: str, batch: list[Parsed], wanted: Callable[[Parsed], bool]) -> list[Entity]:
        """The entities of the rows that are wanted. Raises Failure where a file of a vacancy is gone."""
        made = []
        for parsed in filter(wanted, batch):
            record = build(entity, parsed)
            if isinstance(record, Vacancy):
                record = replace(record, attachments=self.media.attachments(_files_of(parsed, self.media)))
            made.append(record)
        return made

    def batches(self, entity: str, skip: int) -> Generator[list[Parsed], None, None]:
        """The rows after the first ``skip``, PAGE at a time; the last batch is shorter, perhaps empty."""
        path, layout = self.required(entity), self.layout(entity)
        complaints = Complaints(path.name)
        with _opened(path, layout, complaints) as (table, body):
            complaints.settle()
            if table is None:
                return
            parsed = parse(table, islice(body, skip, None), complaints)
            full = True
            while full:
                batch = list(islice(parsed, PAGE))
                complaints.settle()  # it changed after it was found sound
                full = len(batch) == PAGE
                yield batch


@contextmanager
def _opened(
    path: Path, layout: Layout, complaints: Complaints
) -> Iterator[tuple[Table | None, Iterator[Row]]]:
    """An export with its headings matched, standing before its first row of data."""
    with rows(path, layout.columns.values()) as body:
        header = next(body, Row(1, ()))
        yield match(layout, header, complaints), body


def _files_of(parsed: Parsed, media: MediaFolder) -> tuple[str, ...]:
    """The files of a vacancy: those its row names, else those in the folder of its unit."""
    return parsed.values.get("attachments") or media.of_unit(parsed.key)


def _examine(
    path: Path, layout: Layout, known: Mapping[str, frozenset[Key]], media: MediaFolder | None
) -> None:
    """Judge every row, and with ``media`` the files it has. Raises Failure with all doubts."""
    complaints = Complaints(path.name)
    seen: set[Key] = set()
    try:
        with _opened(path, layout, complaints) as (table, body):
            if table is not None:
                for parsed in parse(table, body, complaints):
                    judge(table, parsed, seen, known, complaints)
                    for name in _files_of(parsed, media) if media else ():
                        if code := media.doubt(name) if media else None:
                            complaints.add(code, parsed.line, heading(table, "attachments"))
    except Failure as failure:  # the file cannot be read any further
        if not complaints.count:
            raise
        complaints.note(failure.problem)
    complaints.settle()


def _stamp(*paths: Path) -> Stamp:
    try:
        states = [(path.name, path.stat()) for path in paths]
    except OSError:
        raise Failure(complaint("erp.file_unreadable", paths[0].name)) from None
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)
