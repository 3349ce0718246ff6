"""How long the event loop stands still while a large sync runs: source and target in memory, real stores.

    python -m tests.bench.stalls 100000        as JSON, one entry per stage

Of the records the target holds four fifths: one fifth the same, three fifths outdated.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from connectors.contract import (
    ALL,
    Capability,
    Change,
    Connector,
    Deletes,
    Direction,
    EntityInfo,
    EntityMapping,
    Field,
    Kind,
    Limits,
    Outcome,
    Page,
    Reader,
    Record,
    Result,
    Scope,
    UseCase,
    Value,
)
from connectors.wrappers import Patience, sleep
from console import collector
from console.planner import Job, Workbench, make_plan, sides
from console.selection import EVERYTHING
from console.store.idmap import IdMap
from console.store.journal import Journal
from console.store.leases import Leases
from console.store.memory import Memory
from console.store.schema import open_customer
from console.store.vault import Vault, new_key
from console.sync.codec import Codec
from console.sync.events import Progress, SyncEvent
from console.syncer import Conduct, State, sync

BEAT_S = 0.02
BULK = 500
TEXTS = 16
MAPPING = EntityMapping(
    "lease",
    (
        *(Field(f"text_{number:02}", Kind.TEXT, f"lease.text_{number:02}", "C3") for number in range(TEXTS)),
        Field("rent", Kind.DECIMAL, "lease.rent", "C3"),
        Field("start", Kind.DATE, "lease.start", "C3"),
        Field("active", Kind.BOOLEAN, "lease.active", "C3"),
        Field("emails", Kind.SET, "lease.emails", "C3"),
    ),
)


CODEC = Codec((MAPPING,))


@dataclass(frozen=True, slots=True)
class Settings:
    """The use case has none but the owner."""

    owner: str = "einzug"


def record(number: int, *, outdated: bool = False) -> Record:
    """A record of twenty fields."""
    values: dict[str, Value] = {
        f"text_{n:02}": f"Lindenplatz {(number * 31 + n) % 9973}" for n in range(TEXTS)
    }
    values |= {
        "rent": Decimal(number % 90000) / 100,
        "start": date(2015, 1 + number % 12, 1 + number % 28),
        "active": not outdated,
        "emails": (f"mieter{number}@example.org", f"zweit{number}@example.org"),
    }
    return Record(MAPPING.entity, f"10/{(number * 7919) % 10_000_000:07}", values)


def _after(first: int, count: int) -> str | None:
    """Where the reading goes on after a page."""
    return str(first + BULK) if first + BULK < count else None


class Source:
    """All records as a reader, made a page at a time and out of order."""

    name = "memory"
    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, count: int) -> None:
        self.count = count

    def entities(self) -> tuple[EntityInfo, ...]:
        """It supplies every field."""
        return ()

    async def read(
        self, _entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Pages as a connection delivers them: each one lets the loop run."""
        for first in range(0, self.count, BULK):
            await asyncio.sleep(0)
            numbers = range(first, min(first + BULK, self.count))
            yield Page([record(number) for number in numbers], _after(first, self.count))


class Target:
    """A partner that holds records in memory and takes writes in bulk.

    It holds them as bytes: millions of objects would make the collector of garbage what is measured.
    """

    name = "memory"
    capabilities = frozenset(
        {Capability.CREATE, Capability.UPDATE, Capability.DELETE, Capability.BULK}
    )  # fmt: skip

    def __init__(self, count: int) -> None:
        self.held: dict[str, bytes] = {}
        for number in range(count * 4 // 5):
            one = record(number, outdated=number % 4 != 0)
            self.held[one.id] = CODEC.payload(one.entity, one.fields)

    async def read(
        self, _entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Everything that is held."""
        ids = list(self.held)
        for first in range(0, len(ids), BULK):
            await asyncio.sleep(0)
            yield Page([self._record(id_) for id_ in ids[first : first + BULK]], _after(first, len(ids)))

    async def find(self, _entity: str, external_id: str) -> Record | None:
        """One record."""
        await asyncio.sleep(0)
        return self._record(external_id) if external_id in self.held else None

    def _record(self, id_: str) -> Record:
        return Record(MAPPING.entity, id_, CODEC.decode(MAPPING.entity, self.held[id_]))

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Take all."""
        await asyncio.sleep(0)
        for change in changes:
            self.held[change.id] = CODEC.payload(change.entity, change.after or {})
        return [Outcome(change.entity, change.id, change.action, Result.DONE) for change in changes]

    def limits(self) -> Limits:
        """As large as a partner's."""
        return Limits(1000, 1000, bulk=BULK, in_flight=4)


async def _desired(source: Reader[Any], _settings: Settings) -> AsyncIterator[Record]:
    async for page in source.read(MAPPING.entity):
        for one in page.records:
            yield one


async def _actual(target: Connector, _settings: Settings) -> AsyncIterator[Record]:
    async for page in target.read(MAPPING.entity):
        for one in page.records:
            yield one


USE_CASE = UseCase(
    "leases", Direction.TO_PARTNER, Settings, lambda _settings: (MAPPING,), Deletes.NEVER,
    _desired, _actual, lambda _entity, _id, _settings: True,
)  # fmt: skip


@dataclass
class Heart:
    """Beats every 20 ms and notes by how much each beat was late, under the stage in force."""

    stage: str = "idle"
    late: dict[str, list[float]] = field(default_factory=dict)

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(BEAT_S)
            lateness = time.perf_counter() - begun - BEAT_S
            self.late.setdefault(self.stage, []).append(lateness)

    def hear(self, event: SyncEvent) -> None:
        """Follow the run."""
        if isinstance(event, Progress):
            self.stage = event.stage.value

    def figures(self) -> dict[str, dict[str, float]]:
        """Milliseconds by stage and over everything: how many beats, 95th percentile, longest."""
        everything = {**self.late, "all": [late for found in self.late.values() for late in found]}
        return {stage: _figures(sorted(found)) for stage, found in everything.items()}


def _figures(late: Sequence[float]) -> dict[str, float]:
    return {
        "beats": len(late),
        "p95": round(late[int(len(late) * 0.95)] * 1000, 1),
        "longest": round(late[-1] * 1000, 1),
    }


async def run(count: int, folder: Path) -> dict[str, Any]:
    """Idle a second, read, compare, write and verify; what the heart noted, and what was done."""
    source, target, heart = cast(Reader[Any], Source(count)), cast(Connector, Target(count)), Heart()
    vault = Vault(new_key())
    job = Job("bench", "memory", "practice", USE_CASE, Settings())
    pulse = asyncio.create_task(heart.beat())
    await asyncio.sleep(1)
    with closing(open_customer(folder, "bench")) as conn:
        leases, memory, idmap = Leases(conn), Memory(conn), IdMap(conn, "memory", "practice")
        bench = Workbench(folder / "work", vault, idmap, memory.facts(*job.place), 0)
        begun = time.perf_counter()
        plan = await make_plan(
            job, sides(job, source, target, bench, EVERYTHING), bench, EVERYTHING, heart.hear
        )
        planned = time.perf_counter()
        conduct = Conduct(
            heart.hear, asyncio.Event(), Patience(), sleep, tuple((g.key, g.count) for g in plan.guards)
        )
        state = State(Journal(conn, vault, leases), leases, memory, bench)
        async with aclosing(plan):
            result = await sync(plan, target, state, conduct)
            await asyncio.sleep(2 * BEAT_S)
            heart.stage = "deleting the plan"
    ended = time.perf_counter()
    await asyncio.sleep(5 * BEAT_S)  # the last beat tells of the end
    pulse.cancel()
    with suppress(asyncio.CancelledError):
        await pulse
    counts = plan.tally.counts()
    if result.applying.applied != counts["create"] + counts["update"] or result.mismatches:
        raise SystemExit(f"not everything was written: {result.applying}")
    return {
        "plan_s": round(planned - begun, 1), "sync_s": round(ended - planned, 1),
        "written": result.applying.applied, "equal": counts["unchanged"], "late": heart.figures(),
    }  # fmt: skip


def main() -> None:
    """Print the figures of one run."""
    collector.settle()  # as the console does
    with tempfile.TemporaryDirectory(prefix="einzug-bench-") as name:
        print(json.dumps(asyncio.run(run(int(sys.argv[1]), Path(name)))))


if __name__ == "__main__":
    main()
