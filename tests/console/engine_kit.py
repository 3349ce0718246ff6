"""What the engine's tests share: a small mapping, records by hypothesis, a target in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from connectors.contract import (
    ALL,
    Action,
    Capability,
    Change,
    EntityInfo,
    EntityMapping,
    Equality,
    Event,
    Field,
    Finding,
    Kind,
    Limits,
    Outcome,
    Page,
    Record,
    Result,
    Scope,
    Value,
)
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from console.sync.codec import Codec

FLAT = EntityMapping(
    "flat",
    (
        Field("name", Kind.TEXT, "unit.name", "B3", Equality.BLANKS),
        Field("rooms", Kind.DECIMAL, "unit.rooms", "B3"),
        Field("built", Kind.INTEGER, "unit.built", "B3"),
        Field("let", Kind.BOOLEAN, "unit.let", "B3"),
        Field("since", Kind.DATE, "unit.since", "B3"),
        Field("seen", Kind.TIMESTAMP, "unit.seen", "B3"),
        Field("lines", Kind.LIST, "unit.lines", "B3"),
        Field("tags", Kind.SET, "unit.tags", "B3"),
    ),
)
CODEC = Codec((FLAT,))

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ids = st.text(st.characters(categories=("L", "N"), include_characters="-/._|"), min_size=1, max_size=8)
fields: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {},
    optional={
        "name": _text,
        "rooms": st.decimals(
            allow_nan=False, allow_infinity=False, places=2, max_value=10**6, min_value=-(10**6)
        ),
        "built": st.integers(-(2**53), 2**53),
        "let": st.booleans(),
        "since": st.dates(),
        "seen": st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
        "lines": st.lists(_text, max_size=3).map(tuple),
        "tags": st.lists(_text, max_size=3).map(tuple),
    },
)
companies = st.dictionaries(ids, fields, max_size=8)


def lines(company: Mapping[str, Mapping[str, Value]]) -> list[bytes]:
    """The sorted lines of records by id."""
    return sorted(CODEC.line(Record("flat", id_, values)) for id_, values in company.items())


def record(id_: str, **values: Value) -> Record:
    """A flat."""
    return Record("flat", id_, values)


def full(values: Mapping[str, Value]) -> dict[str, Value]:
    """All mapped fields, None where the record has none."""
    return {f.name: values.get(f.name) for f in FLAT.fields}


def create(id_: str, **values: Value) -> Change:
    """A planned create."""
    return Change(Action.CREATE, "flat", id_, after=full(values))


REFUSED = Problem("http.refused", Trouble.UNREACHABLE, Owner.CUSTOMER)
CUT = Problem("http.cut", Trouble.UNREACHABLE, Owner.NOBODY, Arrival.PERHAPS)
BUSY = Problem("http.limit", Trouble.LIMIT, Owner.NOBODY, retry_after=2.0)
FORBIDDEN = Problem("http.rights", Trouble.RIGHTS, Owner.PARTNER)
INVALID = Problem("http.rejected", Trouble.REJECTED, Owner.CONSULTANT)

Fault = Callable[[Change], tuple[Problem, bool] | None]
"""For a change about to be written: the problem to answer with, and whether it is written all the same."""


@dataclass
class MemoryTarget:
    """A target that keeps records in a dict, creates doubles when told to, and fails on order."""

    records: dict[str, dict[str, Value]] = field(default_factory=dict)
    bulk: int = 1
    fault: Fault = lambda change: None
    rewrite: Callable[[dict[str, Value]], dict[str, Value]] = lambda values: values
    creates: list[str] = field(default_factory=list)
    calls: list[list[str]] = field(default_factory=list)
    read_faults: list[Problem] = field(default_factory=list)
    page: int = 3
    name: str = "memory"

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.CREATE, Capability.UPDATE, Capability.DELETE, Capability.BULK})

    async def check(self) -> list[Finding]:
        return []

    def entities(self) -> tuple[EntityInfo, ...]:
        return (EntityInfo("flat"),)

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        rest = sorted(id_ for id_ in self.records if start is None or id_ >= start)
        while True:
            await asyncio.sleep(0)
            if self.read_faults:
                raise Failure(self.read_faults.pop(0))
            now, rest = rest[: self.page], rest[self.page :]
            yield Page([Record("flat", i, dict(self.records[i])) for i in now], rest[0] if rest else None)
            if not rest:
                return

    async def get(self, entity: str, key: str) -> Record | None:
        return await self.find(entity, key)

    async def find(self, entity: str, external_id: str) -> Record | None:
        await asyncio.sleep(0)
        held = self.records.get(external_id)
        return None if held is None else Record("flat", external_id, dict(held))

    async def apply(self, change: Change) -> Outcome:
        return (await self.apply_many((change,)))[0]

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        await asyncio.sleep(0)
        self.calls.append([change.id for change in changes])
        return [self._one(change) for change in changes]

    def _one(self, change: Change) -> Outcome:
        fault = self.fault(change)
        if fault is None or fault[1]:
            if change.action is Action.DELETE:
                self.records.pop(change.id, None)
            else:
                if change.action is Action.CREATE:
                    self.creates.append(change.id)
                self.records[change.id] = self.rewrite(dict(change.after or {}))
        if fault is None:
            return Outcome("flat", change.id, change.action, Result.DONE)
        problem = fault[0]
        result = Result.UNKNOWN if problem.arrival is Arrival.PERHAPS else Result.FAILED
        if problem.trouble is Trouble.REJECTED:
            result = Result.REJECTED
        return Outcome("flat", change.id, change.action, result, problem)

    def limits(self) -> Limits:
        return Limits(1000, 1000, bulk=self.bulk, in_flight=4)

    def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        raise AssertionError("a sync watches nobody")

    async def aclose(self) -> None:
        return None


def faults(problems: Iterable[tuple[Problem, bool] | None]) -> Fault:
    """Answer with these, one a write; nothing goes wrong afterwards."""
    rest = iter(problems)
    return lambda change: next(rest, None)


def sample(**values: Any) -> dict[str, Value]:
    """One full record."""
    return full({"name": "Lindenhof", "rooms": Decimal("2.5"), "since": date(2019, 5, 1), **values})
