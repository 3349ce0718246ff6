"""The checks of a customer: connections first, then what each partner looks at. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

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
from connectors.problems import Failure, Trouble
from connectors.texts import sentence
from connectors.wrappers import PatientReader, Retrying, WithArchive
from console.connections import ARCHIVE, ERP, Connections
from console.errors import MissingCredentials
from console.sitting import Sitting
from console.threads import off_loop
from console.ticket_checking import Remembered, ticket_findings

End = TypeVar("End", bound=Reader[Any])

_NO_ACCESS = frozenset({Trouble.CREDENTIALS, Trouble.RIGHTS, Trouble.UNREACHABLE, Trouble.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings of a check, and whether somebody could not be reached or refused access."""

    findings: tuple[Finding, ...]
    no_access: bool = False

    @property
    def failed(self) -> bool:
        """Whether any finding is a failure."""
        return _failed(self.findings)


@dataclass(frozen=True, slots=True)
class _Erp:
    """The ERP as it was found: ``opened`` gives files even where it cannot answer and ``patient`` is None."""

    opened: Reader[Any] | None = None
    patient: Reader[Any] | None = None


class Checking:
    """One check of a customer. Use once. ``remembered`` adds what is known of a use case to a context."""

    def __init__(self, connections: Connections, sitting: Sitting, remembered: Remembered) -> None:
        self._connections = connections
        self._sitting = sitting
        self._remembered = remembered
        self._findings: list[Finding] = []
        self._no_access = False

    async def run(self, partner: str | None) -> CheckReport:
        """Check one party, or all of them. Raises ConsoleError."""
        keys = (partner,) if partner else self._connections.partner_keys()
        async with AsyncExitStack() as stack:
            erp = _Erp()
            if partner in (ERP, ARCHIVE) or self._connections.reads_erp(keys):
                erp = await self._erp(stack, partner)
            if partner not in (ERP, ARCHIVE):
                for key in keys:
                    await self._partner(stack, key, erp, partner)
        return CheckReport(tuple(self._findings), self._no_access)

    async def _erp(self, stack: AsyncExitStack, asked: str | None) -> _Erp:
        """The ERP, with the archive beside it where there is one."""
        pausing = self._sitting.pausing
        source, well = await self._tried(stack, partial(self._connections.open_source, pausing), ERP, asked)
        patient: Reader[Any] | None = source and self._patient(source)
        if asked == ARCHIVE or (self._connections.has_archive and asked != ERP):
            open_archive = partial(self._connections.open_archive, pausing)
            archive, archive_well = await self._tried(stack, open_archive, ARCHIVE, asked)
            if patient and archive and archive_well:
                patient = WithArchive(patient, self._patient(archive))
        return _Erp(source, patient if well else None)

    async def _partner(self, stack: AsyncExitStack, key: str, erp: _Erp, asked: str | None) -> None:
        """A partner's connection and all its checks."""
        connections = self._connections
        files = erp.opened if isinstance(erp.opened, Files) else None
        open_target = partial(connections.open_target, key, files, self._sitting.pausing)
        target, _well = await self._tried(stack, open_target, key, asked)
        if target is None:
            return
        ends = erp.patient, Retrying(target, self._sitting.patience, self._sitting.wait)
        options = connections.partner_options(key)
        context = CheckContext(*ends, None, siblings=connections.agreed(), options=options)
        used = connections.use_cases(key)
        for check in connections.partner(key).checks:
            if check.use_case is None or check.use_case in used:  # settings of others may not even be there
                finding, refused = await self._run(check, key, context)
                self._take([finding], refused=refused)
        if connections.has_tickets(key):
            found, refused = await ticket_findings(connections, key, ends, self._remembered, self._answer)
            self._take(found, refused=refused)

    def _take(self, found: list[Finding], *, refused: bool) -> None:
        self._findings += found
        self._no_access |= refused

    def _patient(self, reader: Reader[Any]) -> Reader[Any]:
        return PatientReader(reader, self._sitting.patience, self._sitting.wait)

    async def _tried(
        self, stack: AsyncExitStack, open_: Callable[[], End], party: str, asked: str | None
    ) -> tuple[End | None, bool]:
        """A party opened, None where its credentials are missing, and whether its connection is well.

        Raises MissingCredentials for the party that was ``asked`` for alone.
        """
        try:
            end = await off_loop(open_)
        except MissingCredentials as error:
            if party == asked:
                raise
            missing = {"environment": error.environment, "names": ", ".join(error.names)}
            evidence = Text("sync.credentials_missing", missing)
            self._take([Finding(f"{party}.connection", ("C4",), Verdict.FAIL, evidence)], refused=True)
            return None, False
        stack.push_async_callback(end.aclose)
        found = await end.check()
        self._take(found, refused=_failed(found))
        return end, not _failed(found)

    async def _run(self, check: Check, partner: str, context: CheckContext) -> tuple[Finding, bool]:
        """One check; what keeps it from an answer is a failure too, never a silence."""
        async with AsyncExitStack() as stack:
            if check.use_case is not None:
                context = await off_loop(partial(self._remembered, partner, check.use_case, context))
                erp = await self._erp_target(stack, partner, check.use_case, context.source)
                context = replace(context, erp=erp)
            return await self._answer(check, context)

    async def _erp_target(
        self, stack: AsyncExitStack, partner: str, use_case: str, source: Reader[Any] | None
    ) -> Connector | None:
        """The ERP as a target of a use case that flows towards it; None where it cannot be one."""
        towards = self._connections.use_case(partner, use_case).direction is Direction.TO_ERP
        if source is None or not towards or self._connections.source_kind().writer is None:
            return None
        erp = await off_loop(partial(self._connections.open_erp_target, self._sitting.pausing))
        stack.push_async_callback(erp.aclose)
        return Retrying(erp, self._sitting.patience, self._sitting.wait)

    @staticmethod
    async def _answer(check: Check, context: CheckContext) -> tuple[Finding, bool]:
        try:
            return await check.run(context), False
        except Failure as failure:
            problem = failure.problem
            evidence = Text("sync.check_impossible", {"code": problem.code, "where": problem.where})
            finding = Finding(check.key, check.rules, Verdict.FAIL, evidence, (sentence(problem),))
            return finding, problem.trouble in _NO_ACCESS


def _failed(findings: list[Finding] | tuple[Finding, ...]) -> bool:
    return any(finding.verdict is Verdict.FAIL for finding in findings)
