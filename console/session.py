"""One use case of one customer at work: connections, stores and the engine put together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from connectors.contract import (
    EINZUG,
    Agreed,
    Capability,
    Connector,
    Direction,
    EntityMapping,
    Reader,
    Record,
    Skipped,
)
from connectors.supply import unsupplied
from connectors.wrappers import Paired, PatientReader, ReadOnly, Retrying, WithArchive
from console.errors import ConsoleError
from console.golive.record import refuse_locked
from console.handover.mark import HandedOver, refuse_given
from console.i18n import _
from console.lacking import lacking
from console.part import part_of
from console.planner import Job, Plan, Workbench, make_plan, sides
from console.selection import EVERYTHING, Selection
from console.settling import settle_interrupted
from console.sitting import Sitting
from console.store.counted import Counted, CountedStore
from console.store.idmap import IdMap
from console.store.journal import Journal
from console.store.leases import LeaseHeld, Leases
from console.store.memory import Memory
from console.store.vault import Vault
from console.sync.events import Progress, Stage
from console.sync.guards import Lifts
from console.syncer import APPLY, Conduct, RunResult, State, sync
from console.threads import off_loop, to_the_end
from console.undo import undo_sides


class Session:
    """An opened job. Everything a command or a screen does with a use case goes through here."""

    def __init__(
        self,
        job: Job,
        *,
        conn: sqlite3.Connection,
        vault: Vault,
        folder: Path,
        source: Reader[Any],
        connector: Connector,
        sitting: Sitting,
    ) -> None:
        self.job = job
        self.leases = Leases(conn)
        self.journal = Journal(conn, vault, self.leases)
        self._memory = Memory(conn)
        self._counted = CountedStore(conn)
        self._idmap = IdMap(conn, job.partner, job.environment)
        self._vault = vault
        self._folder = folder
        self._connector = connector
        self._sitting = sitting
        self._refuse_given = partial(refuse_given, conn, vault, job.customer)
        self._refuse_locked = partial(refuse_locked, conn, vault, job.customer, job.place)
        self._source = _patient(source, sitting)
        self.reading: Connector = ReadOnly(Retrying(connector, sitting.patience, sitting.wait))

    async def plan(self, selection: Selection = EVERYTHING) -> Plan:
        """Compare and plan; nothing can be written on this way. Whose term here is over is forgotten before.

        Raises ConsoleError, Failure, StoreError.
        """
        await self._require()
        await self._forget_ended()
        bench = await off_loop(self._bench)
        compared = sides(self.job, self._source, self.reading, bench, selection)
        plan = await make_plan(self.job, compared, bench, selection, self._sitting.listener)
        if selection.whole:
            tally = plan.tally
            sides_ = dict(tally.desired), dict(tally.actual)
            counted = Counted(plan.read_at, *sides_, tally.counts())
            await off_loop(partial(self._counted.keep, self.job.place, counted))
        return plan

    async def desired(self) -> AsyncIterator[Record | Skipped]:
        """What the target shall hold, to be gone through once. Raises ConsoleError, then Failure."""
        await self._require()
        return self.job.use_case.desired(self._source, self.job.settings)

    def lacking(self, mapping: EntityMapping) -> frozenset[str]:
        """The fields of which the source can say nothing."""
        return unsupplied(self._source, mapping)

    async def _require(self) -> None:
        to_partner = self.job.use_case.direction is Direction.TO_PARTNER
        erp = self._source if to_partner else self._connector
        await off_loop(partial(require, self.job.use_case.needs, erp))  # a folder may be slow

    async def plan_undo(self, run: int) -> Plan:
        """A plan that takes a run of this job back. Raises ConsoleError, Failure, StoreError."""
        if not self._vault.durable:
            raise ConsoleError(
                _("Without a keyring nothing is kept for undo."),
                _("Install one, or choose the encrypted file with EINZUG_KEYRING=file."),
            )
        undone = await off_loop(partial(self.journal.run, run))
        if (undone.partner, undone.environment, undone.use_case) != self.job.place:
            raise ConsoleError(_("Run {run} belongs to another use case.").format(run=run))
        if undone.mapping_version != self.job.mapping_version:  # what was kept is spelled by its mapping
            raise ConsoleError(
                _("Run {run} was made with other fields; it cannot be taken back.").format(run=run),
                _("Set the settings of the use case as they were then, and try again."),
            )
        bench = await off_loop(self._bench)
        compared, selection = await undo_sides(self.job, run, self.reading, self.journal, bench)
        return await make_plan(self.job, compared, bench, selection, self._sitting.listener, undo_of=run)

    async def settle(self) -> int:
        """Find out what an interrupted run left; how many records were unclear. Raises Failure."""
        self._sitting.listener(Progress(Stage.SETTLE, 0))
        try:
            await off_loop(self._refuse_given)
        except HandedOver:
            return 0  # whoever works on it now settles it
        try:
            async with self._leased():
                bench = await off_loop(self._bench)
                return await settle_interrupted(self.job, self.reading, self.journal, bench)
        except LeaseHeld:
            return 0  # somebody is writing this use case now: what is open is theirs

    async def sync(
        self,
        plan: Plan,
        stop: asyncio.Event,
        accepted: Lifts = (),
        only: Collection[int] | None = None,
    ) -> RunResult:
        """Write a plan, or ``only`` its rows with these numbers; once ``stop`` is set only what is under way.

        No second process writes the use case meanwhile. Raises GuardStop, ConsoleError, StoreError.
        """
        state = State(self.journal, self.leases, self._memory, await off_loop(self._bench))
        sitting = self._sitting
        part = None if only is None else await off_loop(partial(part_of, plan, only))
        conduct = Conduct(sitting.listener, stop, sitting.patience, sitting.wait, accepted, part)
        async with self._leased():
            await self.admit()  # under the lease: whoever hands over marks first, then looks for leases
            return await sync(plan, self._connector, state, conduct)

    async def admit(self) -> None:
        """Refuse where nothing may be written from here, whoever asks. Raises ConsoleError, StoreError."""
        await off_loop(self._refuse_locked)
        settings = self.job.settings
        if isinstance(settings, Agreed) and settings.owner != EINZUG:
            raise ConsoleError(
                _("The hub owns this use case: Einzug compares and writes nothing."),
                _('Set owner = "einzug" in the settings once the hub no longer runs it.'),
            )
        await off_loop(self._refuse_given)

    async def _forget_ended(self) -> None:
        """Drop the links and kept values of those whose term here is over. Raises Failure, StoreError."""
        use_case = self.job.use_case
        if use_case.forgets is not None:
            ended = [one async for one in use_case.forgets(self._source, self.job.settings)]
            await off_loop(partial(self._erase, ended))

    def _erase(self, records: Sequence[tuple[str, str]]) -> None:
        partner, environment, _use_case = self.job.place
        self.journal.forget(partner, environment, records)
        for entity in {entity for entity, _id in records}:
            self._idmap.remove_many(entity, [id_ for name, id_ in records if name == entity])

    def known(self, plan: Plan) -> bool:
        """Whether a plan without changes tells nothing either that the last applied run did not know."""
        if plan.selection.only == frozenset() or plan.selection.fields is not None:
            return True
        facts = self._memory.facts(*self.job.place)
        now = (plan.facts, self.job.mapping_version, dict(self.job.plain_settings))
        return (facts.counts, facts.mapping_version, facts.settings) == now

    def failed_last(self) -> frozenset[str]:
        """The ids that the last writing run left failed."""
        last = self.journal.last_run(*self.job.place, kind=APPLY)
        return frozenset(id_ for _entity, id_ in self.journal.failed_ids(last.id)) if last else frozenset()

    @asynccontextmanager
    async def _leased(self) -> AsyncIterator[None]:
        """Hold the lease of the use case for the length of a block. Raises LeaseHeld."""
        lease = "sync " + "/".join(self.job.place)
        await to_the_end(partial(self.leases.acquire, lease))
        try:
            yield
        finally:
            await to_the_end(partial(self.leases.release, lease))

    def _bench(self) -> Workbench:
        place = self.job.place
        last = self.journal.last_run(*place, kind=APPLY)
        facts = self._memory.facts(*place)
        return Workbench(self._folder, self._vault, self._idmap, facts, last.id if last else 0)


def require(needs: frozenset[Capability], erp: Reader[Any]) -> None:
    """Refuse what this ERP cannot do, as the side that is read or as the one that is written.

    Raises ConsoleError.
    """
    if (reason := lacking(needs, erp)) is not None:
        raise reason


def _patient(source: Reader[Any], sitting: Sitting) -> Reader[Any]:
    """The source read patiently; of a pair both are."""
    if isinstance(source, WithArchive):
        return WithArchive(_patient(source.erp, sitting), _patient(source.archive, sitting))
    patient: Reader[Any] = PatientReader(source, sitting.patience, sitting.wait)
    if not isinstance(source, Paired):
        return patient
    return Paired(patient, _patient(source.erp, sitting), _patient(source.held, sitting))
