"""One customer opened: configuration, credentials, connectors and stores. The only door for the command line
and the screens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from connectors.contract import (
    Check,
    CheckContext,
    Connector,
    Direction,
    Files,
    Finding,
    Reader,
    Text,
    Verdict,
)
from connectors.http import CallLog
from connectors.partner import ENVIRONMENTS
from connectors.problems import Failure, Trouble
from connectors.registry import partner_keys
from connectors.wrappers import Paired, PatientReader, Retrying
from console import check_memory, screen_memory
from console.config_model import Config, Customer
from console.connections import ERP, Connections
from console.credentials import Secrets
from console.keyring_state import KeyringError
from console.session import Session, Sitting
from console.store.cache import Cache
from console.store.errors import StoreError
from console.store.forget import ForgetReport, forget
from console.store.idmap import IdMap
from console.store.journal import Journal
from console.store.memory import Memory
from console.store.places import CACHE, customer_folder, private_folder
from console.store.schema import open_customer
from console.store.spills import sweep
from console.store.vault import Vault
from console.threads import off_loop

WORK = "work"
ARCHIVE = "archive"
_NO_ACCESS = frozenset({Trouble.CREDENTIALS, Trouble.RIGHTS, Trouble.UNREACHABLE, Trouble.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings of a check, and whether somebody could not be reached or refused access."""

    findings: tuple[Finding, ...]
    no_access: bool = False

    @property
    def failed(self) -> bool:
        """Whether any finding is a failure."""
        return any(finding.verdict is Verdict.FAIL for finding in self.findings)


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
        sweep(data)

    @property
    def folder(self) -> Path:
        """The customer's private folder, for exports that nobody gave a place."""
        return private_folder(customer_folder(self._data, self.customer.key))

    @property
    def secrets(self) -> Secrets:
        """Where the customer's credentials are. May block: the keyring is asked."""
        return self._secrets

    @cached_property
    def vault(self) -> Vault:
        """The customer's vault; without a keyring one that forgets everything with the process."""
        try:
            key = self._secrets.key(self.customer.key, create=True)
        except KeyringError as error:
            self.without_keyring = error
            return Vault.ephemeral()
        return Vault(key) if key else Vault.ephemeral()

    without_keyring: KeyringError | None = None
    """Why nothing is kept that undo or the cache would need; None where all is well or nobody asked yet."""

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """The customer's journal. Raises StoreError."""
        conn = open_customer(self._data, self.customer.key)
        try:
            yield Journal(conn, self.vault)
        finally:
            conn.close()

    @asynccontextmanager
    async def session(
        self, partner: str, use_case: str, sitting: Sitting | None = None
    ) -> AsyncIterator[Session]:
        """Open a use case; ``sitting`` replaces the workspace's. Raises ConsoleError, StoreError."""
        job = self.connections.job(partner, use_case)
        async with AsyncExitStack() as stack:
            source, target = await self._ends(stack, partner, job.use_case.direction)
            await off_loop(lambda: self.vault)
            conn = open_customer(self._data, self.customer.key)
            stack.callback(conn.close)
            Journal(conn, self.vault).expire(date.today())
            yield Session(
                job,
                conn=conn,
                vault=self.vault,
                folder=customer_folder(self._data, self.customer.key) / WORK,
                source=source,
                connector=target,
                sitting=sitting or self._sitting,
            )

    async def _ends(
        self, stack: AsyncExitStack, partner: str, direction: Direction
    ) -> tuple[Reader[Any], Connector]:
        """Where a use case reads and where it writes; both are closed with the stack."""
        erp = await off_loop(self.connections.open_source)  # the keyring may take its time
        stack.push_async_callback(erp.aclose)
        files = erp if isinstance(erp, Files) else None
        target = await off_loop(partial(self.connections.open_target, partner, files))
        stack.push_async_callback(target.aclose)
        if direction is Direction.TO_PARTNER:
            return erp, target
        writer = await off_loop(self.connections.open_erp_target)
        stack.push_async_callback(writer.aclose)
        return Paired(target, erp), writer

    async def check(self, partner: str | None = None) -> CheckReport:
        """Connections, credentials, rights, settings and preconditions; what was found is kept in the cache.

        Raises ConsoleError.
        """
        report = await self._check(partner)
        with suppress(StoreError):  # a cache that cannot be written costs the memory and nothing else
            await off_loop(partial(self._keep, report))
        return report

    def last_findings(self) -> dict[str, tuple[datetime, Finding]]:
        """What the last checks found, with their times. Blocks briefly. Raises StoreError."""
        with closing(self._cache()) as cache:
            return check_memory.last(cache)

    def _keep(self, report: CheckReport) -> None:
        with closing(self._cache()) as cache:
            check_memory.keep(cache, report.findings)

    def _cache(self) -> Cache:
        return Cache(customer_folder(self._data, self.customer.key) / CACHE, self.vault)

    async def _check(self, partner: str | None) -> CheckReport:
        keys = (partner,) if partner else self.connections.partner_keys()
        findings: list[Finding] = []
        no_access = False
        async with AsyncExitStack() as stack:
            source = await off_loop(self.connections.open_source)
            stack.push_async_callback(source.aclose)
            found = await source.check()
            findings += found
            reachable = not _failed(found)
            no_access |= not reachable
            if partner == ERP:
                return CheckReport(tuple(findings), no_access)
            for key in keys:
                files = source if isinstance(source, Files) else None
                target = await off_loop(partial(self.connections.open_target, key, files))
                stack.push_async_callback(target.aclose)
                found = await target.check()
                findings += found
                no_access |= _failed(found)
                patient = PatientReader(source, self._sitting.patience, self._sitting.wait)
                ready = Retrying(target, self._sitting.patience, self._sitting.wait)
                used = self.connections.use_cases(key)
                for check in self.connections.partner(key).checks:
                    if check.use_case is not None and check.use_case not in used:
                        continue  # its settings may not even be there
                    finding, refused = await self._run(check, key, patient if reachable else None, ready)
                    findings.append(finding)
                    no_access |= refused
        return CheckReport(tuple(findings), no_access)

    async def _run(
        self, check: Check, partner: str, source: Reader[Any] | None, target: Connector
    ) -> tuple[Finding, bool]:
        """One check; what keeps it from an answer is a failure too, never a silence."""
        options = self.connections.partner_options(partner)
        context = CheckContext(source, target, None, siblings=self.connections.agreed(), options=options)
        if check.use_case is not None:
            context = self._context(partner, check.use_case, context)
        try:
            return await check.run(context), False
        except Failure as failure:
            problem = failure.problem
            evidence = Text("sync.check_impossible", {"code": problem.code, "where": problem.where})
            finding = Finding(check.key, check.rules, Verdict.FAIL, evidence)
            return finding, problem.trouble in _NO_ACCESS

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


def _failed(findings: list[Finding]) -> bool:
    return any(finding.verdict is Verdict.FAIL for finding in findings)
