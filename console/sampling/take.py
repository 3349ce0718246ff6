"""Draw a sample of a use case and set both sides beside each other; nothing is written anywhere but here."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.contract import EntityMapping, Record, Skipped, Text, Value
from connectors.equality import field_changes
from console.errors import ConsoleError
from console.handover.mark import refuse_given
from console.i18n import _
from console.sampling.drawing import MOST, SIZE, Drawn, Reservoir
from console.sampling.strata import Stratum, strata
from console.store.samples import Place, Sampled, Samples
from console.sync.events import Listener, Progress, Stage, deaf
from console.sync.reading import REPORT_EVERY
from console.threads import off_loop

if TYPE_CHECKING:
    from console.session import Session
    from console.workspace import Workspace

SEEDS = 1_000_000
"""Seeds that people can read out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a sample is drawn."""

    seed: int
    size: int = SIZE


@dataclass(frozen=True, slots=True)
class Side:
    """One field of a record on both sides. ``supplied`` False: the ERP does not carry it."""

    name: str
    erp: Value = field(repr=False)
    partner: Value = field(repr=False)
    source: str
    rule: str
    same: bool
    personal: bool = False
    supplied: bool = True


@dataclass(frozen=True, slots=True)
class Beside:
    """A record of the sample with both sides. ``there``: the partner holds it; ``rule`` and ``reason`` say
    why it is left out, where it is."""

    entity: str
    id: str
    strata: tuple[Stratum, ...]
    sides: tuple[Side, ...] = ()
    there: bool = False
    rule: str = ""
    reason: Text | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Entity and id."""
        return self.entity, self.id

    @property
    def differs(self) -> tuple[str, ...]:
        """The fields in which both sides differ."""
        return tuple(side.name for side in self.sides if not side.same)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample as it was drawn just now."""

    place: Place
    wish: Wish
    at: datetime
    records: tuple[Beside, ...]
    counts: Mapping[Stratum, int]
    total: int

    def find(self, id_: str) -> Beside | None:
        """The record with this id."""
        return next((one for one in self.records if one.id == id_), None)


def new_seed() -> int:
    """A seed by chance."""
    return secrets.randbelow(SEEDS)


def admitted(seed: int, size: int) -> Wish:
    """The wish, if a sample can be of this size. Raises ConsoleError."""
    if not 1 <= size <= MOST or seed < 0:
        raise ConsoleError(
            _("A sample has between 1 and {most} records, and a seed from 0 on.").format(most=MOST)
        )
    return Wish(seed, size)


async def draw(session: Session, wish: Wish, listener: Listener = deaf) -> Sample:
    """Read what the target shall hold, draw while it streams past, and look each drawn record up.

    Raises ConsoleError, Failure.
    """
    job = session.job
    mappings = {mapping.entity: mapping for mapping in job.use_case.mappings(job.settings)}
    reservoir, done = Reservoir(wish.seed, wish.size), 0
    async for record in await session.desired():
        reservoir.add(record, strata(record, mappings.get(record.entity), job.use_case.strata))
        done += 1
        if done % REPORT_EVERY == 0:
            listener(Progress(Stage.SOURCE, done))
            await asyncio.sleep(0)  # a page may hold thousands: let the screen breathe
    drawing = reservoir.drawing()
    looked = []
    for number, drawn in enumerate(drawing.drawn):
        listener(Progress(Stage.TARGET, number, len(drawing.drawn)))
        looked.append(await _beside(session, drawn, mappings.get(drawn.record.entity)))
    return Sample(job.place, wish, datetime.now(UTC), tuple(looked), drawing.counts, drawing.total)


async def _beside(session: Session, drawn: Drawn, mapping: EntityMapping | None) -> Beside:
    record, kinds = drawn.record, tuple(sorted(drawn.strata))
    if isinstance(record, Skipped) or mapping is None:
        rule, reason = (record.rule, record.reason) if isinstance(record, Skipped) else ("", None)
        return Beside(record.entity, record.id, kinds, rule=rule, reason=reason)
    held = await session.reading.find(record.entity, record.id)
    lacking = session.lacking(mapping)
    return Beside(record.entity, record.id, kinds, _sides(record, held, mapping, lacking), held is not None)


def _sides(
    record: Record, held: Record | None, mapping: EntityMapping, lacking: frozenset[str]
) -> tuple[Side, ...]:
    theirs = held.fields if held is not None else {}
    other = {change.name for change in field_changes(mapping, theirs, record.fields)} - lacking
    return tuple(
        Side(
            f.name,
            record.fields.get(f.name),
            theirs.get(f.name),
            f.source,
            f.rule,
            f.name not in other,
            f.personal,
            f.name not in lacking,
        )
        for f in mapping.fields
    )


async def latest(workspace: Workspace, place: Place) -> Sampled | None:
    """The sample of a place that somebody worked on last. Raises StoreError."""

    def read() -> Sampled | None:
        with workspace.store() as conn:
            return Samples(conn, workspace.vault).latest(place)

    return await off_loop(read, "samples")


async def keep(workspace: Workspace, sample: Sample, names: Mapping[Stratum, str]) -> bool:
    """Keep what was drawn, by the names of its strata; whether it could be: without a keyring somebody has to
    agree first. Raises ConsoleError where somebody else works on the customer now, StoreError."""
    records = [(one.entity, one.id, [names[each] for each in one.strata]) for one in sample.records]
    return await off_loop(partial(_keep, workspace, sample, records), "samples")


def _keep(workspace: Workspace, sample: Sample, records: Sequence[tuple[str, str, Sequence[str]]]) -> bool:
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)
        samples = Samples(conn, workspace.vault)
        if samples.needs_consent:
            return False
        samples.draw(sample.place, sample.wish.seed, sample.wish.size, records, sample.total)
        return True
