"""Make a plan: read both sides, compare, keep the result in a store that can be read in windows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from connectors.contract import Connector, Reader, Record, Skipped, Text, UseCase
from connectors.supply import unsupplied
from console.selection import EVERYTHING, Selection
from console.store.idmap import IdMap
from console.store.memory import LACKING, SKIPS
from console.store.memory import Facts as Remembered
from console.store.plain import plain_settings
from console.store.plans import PlanStore
from console.store.spills import spill_prefix
from console.store.vault import Vault
from console.sync.codec import Codec, unkey
from console.sync.events import Listener, Progress, Stage, deaf
from console.sync.exposed import Exposed, Review
from console.sync.guards import Facts, Guard, guards
from console.sync.plan import Digest, Planned, Policy, Tally, collision, plan, repeated
from console.sync.reading import Side, collect
from console.sync.spill import Scratch
from console.threads import off_loop

SOURCE = Side(Stage.SOURCE, collision)
TARGET = Side(Stage.TARGET, repeated, foreign=True)


def scratch(folder: Path) -> Scratch:
    """Room for sorted readings in a private folder, encrypted with a key that nobody keeps."""
    return Scratch(folder, Vault.ephemeral(), spill_prefix())


@dataclass(frozen=True, slots=True)
class Job:
    """One use case of one customer, with everything that names its state."""

    customer: str
    partner: str
    environment: str
    use_case: UseCase[Any]
    settings: Any

    @property
    def place(self) -> tuple[str, str, str]:
        """The key of its state: partner, environment, use case."""
        return self.partner, self.environment, self.use_case.key

    @property
    def plain_settings(self) -> dict[str, Any]:
        """The settings as JSON values, as they are remembered and compared."""
        return plain_settings(self.settings)

    def codec(self) -> Codec:
        """The codec of the mappings in force."""
        return Codec(self.use_case.mappings(self.settings))

    @property
    def mapping_version(self) -> str:
        """Changes whenever a mapping does."""
        return "+".join(m.version for m in self.use_case.mappings(self.settings))


@dataclass(slots=True)
class Plan:
    """A finished plan, stale as soon as another run than ``last_run`` is the last one. Close it to delete its
    rows."""

    job: Job
    codec: Codec
    selection: Selection
    store: PlanStore
    tally: Tally
    guards: list[Guard]
    digest: str
    read_at: datetime
    last_run: int
    undo_of: int | None = None  # the run that this plan takes back
    review: Review = field(default_factory=dict)
    lacking: frozenset[str] = frozenset()  # "entity.field" that the source does not supply
    exposed: Exposed | None = None  # what others will see; None where nobody does

    @property
    def changes(self) -> int:
        """How many records would be written."""
        counts = self.tally.counts()
        return counts["create"] + counts["update"] + counts["delete"]

    @property
    def facts(self) -> dict[str, dict[str, int]]:
        """What the next run must know of both sides as they were read."""
        tally = self.tally
        return {
            "desired": dict(tally.desired),
            "actual": dict(tally.actual),
            SKIPS: {" ".join(kind): count for kind, count in tally.skips.items()},
            LACKING: dict.fromkeys(sorted(self.lacking), 1),
        }

    def close(self) -> None:
        """Delete the rows."""
        self.store.close()

    async def aclose(self) -> None:
        """The same beside the loop: from here on the rows count as gone, their file is deleted in a while."""
        self.store.abandon()
        await off_loop(self.store.close)


@dataclass(frozen=True, slots=True)
class Workbench:
    """Where a plan is made: a private folder, the vault for what lies in it, what is remembered, and the
    number of the last writing run, however it ended (0 before the first)."""

    folder: Path
    vault: Vault
    idmap: IdMap
    remembered: Remembered
    last_run: int

    def fingerprint(self, payload: bytes) -> bytes:
        """The 16 bytes by which the id map remembers what was last written: nobody can guess it without the
        customer's key."""
        return self.vault.fingerprint(payload)[:16]


@dataclass(frozen=True, slots=True)
class Sides:
    """The two streams to compare, and what the plan may do with the differences."""

    desired: AsyncIterator[Record | Skipped]
    actual: AsyncIterator[Record]
    policy: Policy


def sides(job: Job, source: Reader[Any], target: Connector, bench: Workbench, selection: Selection) -> Sides:
    """What the use case compares."""

    def owned(entity: str, id_: str) -> bool:
        return job.use_case.owns(entity, id_, job.settings) or bench.idmap.owns(entity, id_)

    mappings = {mapping.entity: mapping for mapping in job.use_case.mappings(job.settings)}

    @cache  # asked once both sides are read: only then a source knows all that it lacks
    def lacking(entity: str) -> frozenset[str]:
        return unsupplied(source, mappings[entity])

    return Sides(
        job.use_case.desired(source, job.settings),
        job.use_case.actual(target, job.settings),
        Policy(job.use_case.deletes, owned, selection.only, unsupplied=lacking, fields=selection.fields),
    )


async def make_plan(
    job: Job,
    compared: Sides,
    bench: Workbench,
    selection: Selection = EVERYTHING,
    listener: Listener = deaf,
    *,
    undo_of: int | None = None,
) -> Plan:
    """Read both sides and plan. Writes nothing at the target. Raises Failure, CodecError, StoreError."""
    codec, tally, read_at = job.codec(), Tally(), datetime.now(UTC)
    review: dict[tuple[str, str], tuple[Text, ...]] = {}
    wanted = _reviewed(compared.desired, job.use_case, review)
    read = partial(
        collect,
        codec=codec,
        scratch=scratch(bench.folder),
        scope=selection.scope,
        listener=listener,
    )
    async with (
        aclosing(await read(wanted, SOURCE, counts=tally.desired)) as desired,
        aclosing(await read(compared.actual, TARGET, counts=tally.actual)) as actual,
    ):
        lines = desired.count + actual.count
        listener(Progress(Stage.COMPARE, 0, lines))
        store = await off_loop(partial(PlanStore, bench.folder, bench.vault))
        try:
            adopt = None if selection.fields is not None else _adopt(store)  # equal in a few fields only
            planned = plan(desired, actual, codec, compared.policy, tally, adopt)
            exposed = Exposed(review) if job.use_case.review else None
            digest = await off_loop(partial(_fill, store, planned, exposed))
            lacking = _lacking(codec, compared.policy)
            judged = partial(_guards, job, bench, tally, selection, exposed, lacking)
            found = await off_loop(partial(judged, undo=undo_of is not None))
        except BaseException:
            store.abandon()
            await off_loop(store.close)
            raise
        listener(Progress(Stage.COMPARE, lines, lines))
    last = bench.last_run
    return Plan(
        job, codec, selection, store, tally, found, digest, read_at, last, undo_of, review, lacking, exposed
    )


async def _reviewed(
    desired: AsyncIterator[Record | Skipped],
    use_case: UseCase[Any],
    review: dict[tuple[str, str], tuple[Text, ...]],
) -> AsyncIterator[Record | Skipped]:
    """The same records; what a person must look at is noted as they pass."""
    async for one in desired:
        if use_case.review and (texts := use_case.review(one)):
            review[one.entity, one.id] = texts
        yield one


def _fill(store: PlanStore, planned: Iterable[Planned], exposed: Exposed | None) -> str:
    digest = Digest()
    for row in planned:
        digest.add(row)
        if exposed is not None:
            exposed.add(row)
        store.add(row)
    store.index()
    return str(digest)


def _adopt(store: PlanStore) -> Callable[[bytes], None]:
    return lambda head: store.add_matched(*unkey(head))


def _lacking(codec: Codec, policy: Policy) -> frozenset[str]:
    return frozenset(f"{entity}.{name}" for entity in codec.mappings for name in policy.unsupplied(entity))


def _guards(
    job: Job,
    bench: Workbench,
    tally: Tally,
    selection: Selection,
    exposed: Exposed | None,
    lacking: frozenset[str],
    *,
    undo: bool,
) -> list[Guard]:
    remembered = bench.remembered
    owned = {m.entity: bench.idmap.count(m.entity) for m in job.use_case.mappings(job.settings)}
    # A part of the company says nothing about a side that is empty: compare only whole with whole.
    counts = remembered.counts if selection.whole else {}
    facts = Facts(
        desired=counts.get("desired", {}),
        actual=counts.get("actual", {}),
        mapping=remembered.mapping_version,
        settings=remembered.settings,
        owned=sum(owned.values()),
        owned_of=owned,
        skips=remembered.skips if selection.whole else {},
        lacking=remembered.lacking,
        undo=undo,
        chosen_fields=selection.fields is not None,
    )
    return guards(
        tally,
        facts,
        mapping=job.mapping_version,
        settings=job.plain_settings,
        filters=job.use_case.filters,
        exposed=exposed,
        lacking=lacking,
        gaps=job.use_case.gaps,
    )
