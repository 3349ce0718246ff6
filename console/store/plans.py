"""The plan on disk: a million rows are read in windows, sealed values stay sealed until one is shown.

A plan lives as long as the process that made it: what is applied is always what was just compared. The file
is named after the process, so that a later start sweeps what a killed one left.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from connectors.contract import Action, Outcome, Result, Text
from console.store.database import transaction
from console.store.places import private_folder
from console.store.plan_query import Condition, teach
from console.store.spills import spill_prefix
from console.store.vault import Vault
from console.sync.plan import Planned

_BATCH = 1000
_SLICE, _SLOW_SLICE = 10_000, 500
"""Rows that a search looks at before it asks whether it is still wanted."""
_SCHEMA = """
CREATE TABLE change (
    n INTEGER PRIMARY KEY,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    fields TEXT NOT NULL,
    body BLOB NOT NULL,
    result TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE matched (entity TEXT NOT NULL, id TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a plan are wanted; empty = all. ``text`` is looked for in ids, reasons and field names;
    ``settled`` keeps the rows whose outcome is known."""

    action: Action | None = None
    entity: str = ""
    rule: str = ""
    text: str = ""
    result: str = ""
    code: str = ""
    settled: bool = False

    def where(self) -> tuple[str, list[str]]:
        """The SQL condition and its values."""
        terms, values = ["1"], []
        for column, value in (
            ("action", self.action),
            ("+entity", self.entity),  # the plus: in plan order, not by the index of ids and a sort
            ("rule", self.rule),
            ("result", self.result),
            ("code", self.code),
        ):
            if value:
                terms.append(f"{column} = ?")
                values.append(str(value))
        if self.settled:
            terms.append("result != ''")
        if self.text:
            terms.append("(instr(lower(id), lower(?)) OR instr(reason, ?) OR instr(fields, ?))")
            values += [self.text] * 3
        return " AND ".join(terms), values


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a plan with what became of it; ``result`` is "" before it is applied."""

    n: int
    planned: Planned
    result: str = ""
    code: str = ""
    attempts: int = 0

    @property
    def ok(self) -> bool:
        """Whether the target now holds what was planned."""
        return self.result in (Result.DONE, Result.ALREADY)


class Superseded(Exception):
    """Nobody wants the result of this search any more, or its plan is gone."""


class PlanStore:
    """The planned actions of one plan. Close it to delete it."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        private_folder(folder)
        handle, name = tempfile.mkstemp(prefix=spill_prefix(), suffix=".plan", dir=folder)
        os.close(handle)
        self.folder = folder
        self._path = Path(name)
        self._vault = vault
        self._searching = threading.Lock()
        # Two threads in one connection wait for each other inside SQLite, and hold up everybody else.
        self._using = threading.Lock()
        self._closed = False
        self._conn = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        # It need not survive a crash: the next run compares anew.
        self._conn.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        self._changes: list[tuple[str, ...] | tuple[object, ...]] = []
        self._matched: list[tuple[str, str]] = []

    def add(self, planned: Planned) -> None:
        """Append one planned action, in key order."""
        reason = planned.reason or Text("")
        self._changes.append((
            planned.action, planned.entity, planned.id, planned.rule, reason.code,
            " ".join(planned.fields), self._vault.seal(_pack(planned, reason), planned.id.encode()),
        ))  # fmt: skip
        if len(self._changes) >= _BATCH:
            self.flush()

    def add_matched(self, entity: str, id_: str) -> None:
        """Note a record that is the same on both sides; applying adopts it."""
        self._matched.append((entity, id_))
        if len(self._matched) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        with transaction(self._conn):
            self._conn.executemany(
                "INSERT INTO change (action, entity, id, rule, reason, fields, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                self._changes,
            )
            self._conn.executemany("INSERT INTO matched VALUES (?, ?)", self._matched)
        self._changes, self._matched = [], []

    def index(self) -> None:
        """Flush, and make look-ups by id and by action fast."""
        self.flush()
        self._conn.execute("CREATE INDEX change_id ON change (entity, id)")
        self._conn.execute("CREATE INDEX change_action ON change (action, n)")

    def count(self, where: Filter = Filter()) -> int:
        """How many rows a filter lets through."""
        if where == Filter():
            return self.total
        terms, values = where.where()
        sql = f"SELECT count(*) FROM change WHERE {terms}"  # noqa: S608  (terms are ours, values are bound)
        return int(self._conn.execute(sql, values).fetchone()[0])

    def window(self, offset: int, limit: int, where: Filter = Filter()) -> list[Row]:
        """Some rows in plan order."""
        if where == Filter():
            return self.between(offset, limit)
        terms, values = where.where()
        sql = f"SELECT * FROM change WHERE {terms} ORDER BY n LIMIT ? OFFSET ?"  # noqa: S608
        return [self._row(row) for row in self._conn.execute(sql, [*values, limit, offset])]

    def rows(self, where: Filter = Filter(), *, backwards: bool = False) -> Iterator[Row]:
        """All rows in plan order or against it, a batch at a time; rows may be given outcomes meanwhile."""
        terms, values = where.where()
        beyond, order = ("<", "DESC") if backwards else (">", "ASC")
        sql = f"SELECT * FROM change WHERE n {beyond} ? AND {terms} ORDER BY n {order} LIMIT {_BATCH}"  # noqa: S608
        last = self.total + 1 if backwards else 0
        while batch := self._fetch(sql, [last, *values]):
            yield from (self._row(row) for row in batch)
            last = batch[-1][0]

    def _fetch(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._using:
            return self._conn.execute(sql, values).fetchall()

    @property
    def total(self) -> int:
        """How many rows there are: they are numbered from 1 on without gaps."""
        return int(self._conn.execute("SELECT coalesce(max(n), 0) FROM change").fetchone()[0])

    def between(self, offset: int, limit: int) -> list[Row]:
        """Some rows in plan order, found by their numbers: as fast at the end as at the start."""
        sql = "SELECT * FROM change WHERE n > ? AND n <= ? ORDER BY n"
        return [self._row(row) for row in self._conn.execute(sql, (offset, offset + limit))]

    @property
    def closed(self) -> bool:
        """Whether the rows are gone."""
        return self._closed

    def at(self, numbers: Sequence[int]) -> list[Row]:
        """The rows with these numbers, in the order given; a few hundred at most."""
        marks = ", ".join("?" * len(numbers))
        sql = f"SELECT * FROM change WHERE n IN ({marks})"  # noqa: S608  (marks are ours)
        found = {row[0]: row for row in self._conn.execute(sql, list(numbers))}
        return [self._row(found[n]) for n in numbers if n in found]

    def numbers(
        self,
        where: Condition,
        by: str = "",
        order: Sequence[str] = (),
        wanted: Callable[[], bool] = lambda: True,
    ) -> array[int]:
        """The numbers of the rows that a search finds, in plan order or by the values of a column ``by``
        (those of ``order`` first). For a worker thread. Raises Superseded once it is not ``wanted``."""
        found: dict[str, array[int]] = {value: array("i") for value in order}
        column = by or "''"
        sql = f"SELECT {column}, n FROM change WHERE n > ? AND n <= ? AND {where.sql} ORDER BY n"  # noqa: S608
        for rows in self._slices(sql, where, wanted):
            for value, n in rows:
                found.setdefault(str(value), array("i")).append(int(n))
        return array("i", chain.from_iterable(found.values()))

    def kinds(self, wanted: Callable[[], bool] = lambda: True) -> Counter[tuple[str, str, str]]:
        """How many rows there are of each entity, rule and reason. For a worker thread. Raises Superseded."""
        sql = "SELECT entity, rule, reason, count(*) FROM change WHERE n > ? AND n <= ? GROUP BY 1, 2, 3"
        found: Counter[tuple[str, str, str]] = Counter()
        for rows in self._slices(sql, Condition(), wanted):
            for entity, rule, reason, count in rows:
                found[entity, rule, reason] += count
        return found

    def actions(self, only: Collection[int]) -> Counter[tuple[str, Action]]:
        """How many rows of each entity and action are among these numbers."""
        found: Counter[tuple[str, Action]] = Counter()
        for entity, action in self._picked("entity, action", only):
            found[str(entity), Action(str(action))] += 1
        return found

    def ids(self, only: Collection[int]) -> frozenset[str]:
        """The ids of the rows with these numbers."""
        return frozenset(str(id_) for (id_,) in self._picked("id", only))

    def in_writing_order(
        self, entities: Sequence[str], only: Collection[int] | None = None
    ) -> Iterator[Planned]:
        """What is to be written: parents before children, and deletes last, children first.

        Within an entity the ids tell: that of a child goes on where its parent's ends. ``only`` are the
        numbers of the rows to write, None for all.
        """

        def planned(where: Filter, *, backwards: bool = False) -> Iterator[Planned]:
            rows = (
                self.rows(where, backwards=backwards)
                if only is None
                else self._rows_of(where, only, backwards=backwards)
            )
            return (row.planned for row in rows)

        for entity in entities:
            yield from (row for row in planned(Filter(entity=entity)) if row.action in _WRITES)
        for entity in reversed(entities):
            yield from planned(Filter(Action.DELETE, entity), backwards=True)

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Note what became of rows; from any thread."""
        with self._using, transaction(self._conn):
            self._conn.executemany(
                "UPDATE change SET result = ?, code = ?, attempts = ? WHERE entity = ? AND id = ?",
                [
                    (o.result, o.problem.code if o.problem else "", o.attempts, o.entity, o.id)
                    for o in outcomes
                ],
            )

    def written(self) -> Counter[tuple[str, Action]]:
        """How many rows of each entity and action the target now holds as planned."""
        sql = "SELECT entity, action, count(*) FROM change WHERE result IN (?, ?) GROUP BY entity, action"
        found = self._fetch(sql, (Result.DONE, Result.ALREADY))
        return Counter({(str(entity), Action(str(action))): int(count) for entity, action, count in found})

    def failures(self) -> list[tuple[str, int]]:
        """The problem codes of rows that failed, with their counts, the most frequent first."""
        sql = "SELECT code, count(*) FROM change WHERE code != '' GROUP BY code ORDER BY 2 DESC, 1"
        return [(str(code), int(count)) for code, count in self._conn.execute(sql)]

    def matched(self) -> Iterator[list[tuple[str, str]]]:
        """Entity and id of the records that are the same on both sides, in batches."""
        cursor = self._conn.execute("SELECT entity, id FROM matched")
        while batch := cursor.fetchmany(_BATCH):
            yield batch

    def abandon(self) -> None:
        """From now on the rows count as gone; a search that is under way ends soon. Never blocks."""
        self._closed = True

    def close(self) -> None:
        """Close and delete the file; waits for the end of a search that is under way. Idempotent."""
        self.abandon()
        with self._searching, self._using:
            self._conn.close()
        self._path.unlink(missing_ok=True)

    def _rows_of(self, where: Filter, only: Collection[int], *, backwards: bool) -> Iterator[Row]:
        terms, values = where.where()
        return (self._row(row) for row in self._picked("*", only, terms, values, backwards=backwards))

    def _picked(
        self,
        columns: str,
        only: Collection[int],
        terms: str = "1",
        values: Sequence[str] = (),
        *,
        backwards: bool = False,
    ) -> Iterator[tuple[object, ...]]:
        """Columns of the rows with these numbers, in plan order or against it, a batch at a time."""
        numbers, order = sorted(only, reverse=backwards), "DESC" if backwards else "ASC"
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            marks = ", ".join("?" * len(batch))
            sql = f"SELECT {columns} FROM change WHERE n IN ({marks}) AND {terms} ORDER BY n {order}"  # noqa: S608
            yield from self._fetch(sql, [*batch, *values])

    def _slices(
        self, sql: str, where: Condition, wanted: Callable[[], bool]
    ) -> Iterator[list[tuple[Any, ...]]]:
        """A search, a slice of the numbers at a time.

        Each slice has a connection of its own: the functions of a condition run in Python, and a connection
        that two threads share could then wait for a thread that waits for it.
        """
        step = _SLOW_SLICE if where.slow else _SLICE
        start, found = 0, True
        while found:
            with self._searching:
                if self._closed or not wanted():
                    raise Superseded
                with closing(sqlite3.connect(self._path, isolation_level=None)) as conn:
                    teach(conn, self._vault)
                    last = conn.execute("SELECT coalesce(max(n), 0) FROM change").fetchone()[0]
                    rows = conn.execute(sql, (start, start + step, *where.values)).fetchall()
            yield rows
            start += step
            found = start < last

    def _row(self, row: tuple[object, ...]) -> Row:
        n, action, entity, id_, rule, reason, fields, body, result, code, attempts = row
        before, after, args = _unpack(self._vault.open(_bytes(body), str(id_).encode()))
        text = Text(str(reason), args) if reason else None
        planned = Planned(
            Action(str(action)),
            str(entity),
            str(id_),
            before,
            after,
            tuple(str(fields).split()),
            str(rule),
            text,
        )
        return Row(int(str(n)), planned, str(result), str(code), int(str(attempts)))


_WRITES = (Action.CREATE, Action.UPDATE)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)  # noqa: S101  (the column is a BLOB in a STRICT table)
    return value


def _pack(planned: Planned, reason: Text) -> bytes:
    sides = [None if side is None else side.decode() for side in (planned.before, planned.after)]
    return orjson.dumps([*sides, dict(reason.args)])


def _unpack(body: bytes) -> tuple[bytes | None, bytes | None, dict[str, str | int]]:
    before, after, args = orjson.loads(body)
    return (None if before is None else before.encode()), (None if after is None else after.encode()), args
