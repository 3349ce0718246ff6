"""One customer opened: configuration, credentials, connectors and stores. The only door for the command line
and the screens."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.calllog import CallLog
from connectors.contract import (
    CheckContext,
    Connector,
    Direction,
    Files,
    Finding,
    Reader,
    UseCase,
)
from connectors.partner import ENVIRONMENTS
from connectors.registry import partner_keys
from connectors.walks import WalkContext
from connectors.wrappers import Paired, PatientReader, ReadOnly, Retrying, WithArchive
from console import screen_memory
from console.check_memory import CheckMemory
from console.config_model import Config, Customer
from console.connections import ARCHIVE, ERP, Connections
from console.credentials import Secrets
from console.errors import ConsoleError, MissingCredentials
from console.keyring_state import KeyringError
from console.lacking import lacking
from console.sitting import Sitting
from console.store.cache import Cache
from console.store.errors import StoreError
from console.store.idmap import IdMap
from console.store.inheritance import heir
from console.store.journal import Journal
from console.store.memory import Memory
from console.store.places import CACHE, customer_folder, private_folder
from console.store.schema import open_customer
from console.store.spills import sweep
from console.store.vault import Vault
from console.threads import off_loop, to_the_end

if TYPE_CHECKING:
    from console.chains.kept import Held
    from console.checking import CheckReport
    from console.session import Session
    from console.store.forget import ForgetReport
    from console.tickets.session import TicketSession

WORK = "work"


class Workspace:
    """A customer and everything that can be done for it. Nothing is opened before it is needed."""

    def __init__(
        self, config: Config, customer: Customer, secrets: Secrets, data: Path, sitting: Sitting
    ) -> None:
        self.customer = customer
        self.log = CallLog()
        self.connections = Connections(config, customer, secrets, data, self.log)
        self._secrets = secrets
        self._data = data
        self._sitting = sitting
        self._found = CheckMemory(self.cache)
        self.config_path = config.path
        self.readings: dict[str, Held] = {}  # of chains, by their names, since this start
        self._vault: Vault | None = None
        self._unlocking = threading.Lock()
        sweep(data)

    @property
    def folder(self) -> Path:
        """The customer's private folder, for exports that nobody gave a place."""
        return private_folder(customer_folder(self._data, self.customer.key))

    @property
    def secrets(self) -> Secrets:
        """Where the customer's credentials are. May block: the keyring is asked."""
        return self._secrets

    @property
    def vault(self) -> Vault:
        """The customer's vault; without a keyring one that forgets everything with the process.

        Asked by several threads at once: the keyring is asked once, and all get the same.
        """
        with self._unlocking:
            if self._vault is None:
                self._vault = self._unlock()
            return self._vault

    def _unlock(self) -> Vault:
        try:
            key = self._secrets.key(self.customer.key, create=True)
        except KeyringError as error:
            self.without_keyring = error
            return Vault.ephemeral()
        return heir(self._data, self.customer.key, key) if key else Vault.ephemeral()

    without_keyring: KeyringError | None = None
    """Why nothing is kept that undo or the cache would need; None where all is well or nobody asked yet."""

    @contextmanager
    def store(self) -> Iterator[sqlite3.Connection]:
        """The customer's database, for the length of a block. Blocks. Raises StoreError."""
        with closing(open_customer(self._data, self.customer.key)) as conn:
            yield conn

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """The customer's journal. Raises StoreError."""
        with self.store() as conn:
            yield Journal(conn, self.vault)

    def reconfigure(self, config: Config) -> None:
        """Take up what was written into the configuration: settings hold from the next plan on."""
        self.customer = config.customers[self.customer.key]
        self.connections.reconfigure(config, self.customer)

    @asynccontextmanager
    async def session(
        self, partner: str, use_case: str, sitting: Sitting | None = None
    ) -> AsyncIterator[Session]:
        """Open a use case; ``sitting`` replaces the workspace's. Raises ConsoleError, StoreError."""
        from console.session import Session  # late: the engine is not needed to show what there is

        job = self.connections.job(partner, use_case)
        async with AsyncExitStack() as stack:
            chosen = sitting or self._sitting
            source, target = await self._ends(stack, partner, job.use_case, chosen)
            await off_loop(lambda: self.vault)
            conn = await off_loop(self._open)
            stack.push_async_callback(to_the_end, conn.close)
            yield Session(
                job,
                conn=conn,
                vault=self.vault,
                folder=customer_folder(self._data, self.customer.key) / WORK,
                source=source,
                connector=target,
                sitting=chosen,
            )

    @asynccontextmanager
    async def tickets(self, partner: str, sitting: Sitting | None = None) -> AsyncIterator[TicketSession]:
        """Open the tickets of a partner. Raises ConsoleError, StoreError."""
        from console.tickets.opening import open_session  # late, as above

        async with AsyncExitStack() as stack:
            yield await open_session(stack, self, partner, sitting or self._sitting, self._open)

    @asynccontextmanager
    async def looking(self, partner: str, use_case: str) -> AsyncIterator[WalkContext]:
        """What a guided walk of a use case may look at; nothing in it can write. Raises ConsoleError."""
        job = self.connections.job(partner, use_case)
        async with AsyncExitStack() as stack:
            read, write = await self._ends(stack, partner, job.use_case, self._sitting)
            erp: Reader[Any] = write if isinstance(read, Paired) else read
            if (reason := await off_loop(partial(lacking, job.use_case.needs, erp))) is not None:
                raise reason
            if isinstance(read, Paired):
                yield WalkContext(read.erp, read, job.settings, ReadOnly(write))
            else:
                yield WalkContext(read, ReadOnly(write), job.settings)

    @asynccontextmanager
    async def inspecting(self, partner: str, use_case: str) -> AsyncIterator[tuple[Connector, Any]]:
        """A partner to look at, patiently, and the settings of a use case; nothing can be written.

        Raises ConsoleError.
        """
        settings, sitting = self.connections.job(partner, use_case).settings, self._sitting
        target = await off_loop(partial(self.connections.open_target, partner, None, sitting.pausing))
        try:
            yield ReadOnly(Retrying(target, sitting.patience, sitting.wait)), settings
        finally:
            await target.aclose()

    @asynccontextmanager
    async def reading(self, partner: str, use_case: str) -> AsyncIterator[tuple[Reader[Any], Any]]:
        """The ERP as a use case reads it, patiently, and its settings; nothing is opened at the partner.

        Raises ConsoleError.
        """
        job, sitting = self.connections.job(partner, use_case), self._sitting
        open_ = partial(self.connections.open_reading, job.use_case.needs, sitting.pausing)
        source = await off_loop(open_)
        try:
            yield PatientReader(source, sitting.patience, sitting.wait), job.settings
        finally:
            await source.aclose()

    def last_written(self, partner: str, environment: str) -> dict[tuple[str, str], datetime]:
        """When Einzug last wrote each record (entity, id) of a partner. Blocks. Raises StoreError."""
        with self.journal() as journal:
            return journal.last_written(partner, environment)

    def _open(self) -> sqlite3.Connection:
        """The customer's database, what expired in it erased. Blocks. Raises StoreError."""
        conn = open_customer(self._data, self.customer.key)
        try:
            Journal(conn, self.vault).expire(date.today())
        except BaseException:
            conn.close()
            raise
        return conn

    async def _ends(
        self, stack: AsyncExitStack, partner: str, use_case: UseCase[Any], sitting: Sitting
    ) -> tuple[Reader[Any], Connector]:
        """Where a use case reads and where it writes; both are closed with the stack."""
        pausing = sitting.pausing
        if use_case.direction is Direction.WITHIN:
            inside = await off_loop(partial(self.connections.open_target, partner, None, pausing))
            stack.push_async_callback(inside.aclose)
            return inside, inside
        # The keyring may take its time.
        erp = await off_loop(partial(self.connections.open_reading, use_case.needs, pausing))
        stack.push_async_callback(erp.aclose)
        holder = erp.archive if isinstance(erp, WithArchive) else erp
        files = holder if isinstance(holder, Files) else None
        target = await off_loop(partial(self.connections.open_target, partner, files, pausing))
        stack.push_async_callback(target.aclose)
        if use_case.direction is Direction.TO_PARTNER:
            return erp, target
        writer = await off_loop(partial(self.connections.open_erp_target, pausing))
        stack.push_async_callback(writer.aclose)
        return Paired(target, erp, writer), writer

    async def why_not(self, partner: str, use_case: str) -> ConsoleError | None:
        """Why a use case is not possible with this ERP, as far as that can be told without connecting."""
        connections, found = self.connections, self.connections.use_case(partner, use_case)
        if found.direction is Direction.WITHIN:
            return None
        to_partner = found.direction is Direction.TO_PARTNER
        reading = partial(connections.open_reading, found.needs)
        open_: Callable[[], Reader[Any]] = reading if to_partner else connections.open_erp_target
        try:
            erp: Reader[Any] = await off_loop(open_)
        except MissingCredentials:
            return None  # the checks say so
        except ConsoleError as error:
            return error
        try:
            return await off_loop(partial(lacking, found.needs, erp))
        finally:
            await erp.aclose()

    async def check(self, partner: str | None = None) -> CheckReport:
        """Connections, credentials, rights, settings and preconditions; what was found is kept in the cache.

        Raises ConsoleError.
        """
        from console.chains.finding import with_chains  # late: most of what is done checks nothing
        from console.checking import Checking
        from console.golive.mandanten import with_new_mandanten

        report = await Checking(self.connections, self._sitting, self._context).run(partner)
        report = await with_new_mandanten(self, report, self._sitting, partner)
        report = await with_chains(self, report, partner)
        with suppress(StoreError):  # a cache that cannot be written costs the memory and nothing else
            await off_loop(partial(self._found.keep, report.findings))
        return report

    def last_findings(self) -> dict[str, tuple[datetime, Finding]]:
        """What the last checks found, with their times. Blocks briefly. Raises StoreError."""
        return self._found.last()

    def cache(self) -> Cache:
        """The customer's cache; close it. Blocks briefly. Raises StoreError."""
        return Cache(customer_folder(self._data, self.customer.key) / CACHE, self.vault)

    def _context(self, partner: str, use_case: str, context: CheckContext) -> CheckContext:
        """The context with settings and what is remembered of the use case."""
        job = self.connections.job(partner, use_case)
        conn = open_customer(self._data, self.customer.key)
        try:
            former = Memory(conn).facts(*job.place).settings
            links = IdMap(conn, job.partner, job.environment)
            owned = sum(links.count(entity) for entity in job.codec().mappings)
        finally:
            conn.close()
        return replace(context, settings=job.settings, former=former, owned=owned)


def forget_customer(customer: str, secrets: Secrets, data: Path) -> tuple[ForgetReport, KeyringError | None]:
    """Delete everything local about a customer and its secrets; it need not be configured any more.

    The files go even where the keyring cannot be asked: the second value says why it could not.
    Raises LeaseHeld while a run of the customer is alive.
    """
    from console.store.forget import forget

    report = forget(data, customer)
    screen_memory.forget(data, customer)
    try:
        for key in (ERP, ARCHIVE, *partner_keys()):
            for environment in ENVIRONMENTS:
                secrets.forget(customer, key, environment)
        secrets.forget_key(customer)
    except KeyringError as error:
        return report, error
    return report, None
