"""A customer whose only partner is a served onOffice: no ERP is configured, for its chain needs none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Finding, Result
from connectors.limiter import Limiter
from connectors.onoffice import mending
from connectors.onoffice.client import OnOfficeClient
from connectors.onoffice.sandbox import onoffice_sandbox
from connectors.onoffice.wire import Call
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company_office import Office, build_office
from connectors.sandbox.server import running
from console.config import parse
from console.credentials import MemorySecrets
from console.fixes import fix_of
from console.practice import CUSTOMER, config_text, secrets_of
from console.selection import EVERYTHING, Selection
from console.session import Session
from console.sitting import Sitting
from console.store.plans import Filter
from console.syncer import RunResult
from console.workspace import Workspace
from tests.console.sync_kit import PATIENCE, FakeTime, company

PARTNER, USE_CASE = "onoffice", "contact-chain"
PLACE = (PARTNER, "practice", USE_CASE)
AGREED = 'api_user = "einzug-api"\n'
"""What the practice configuration says of the chain: each test agrees on its own."""
TABLE = "[customers.practice.onoffice.use_cases.contact-chain]\n"


@dataclass
class Account:
    """The served onOffice, its planted defects, and the customer as it is configured."""

    sandbox: PartnerSandbox
    clock: Clock
    office: Office
    data: Path
    config: str
    secrets: MemorySecrets
    time: FakeTime = field(default_factory=FakeTime)

    def workspace(self, settings: str = "") -> Workspace:
        """The customer opened anew, with these lines among the settings of the chain."""
        config = parse(self.config.replace(TABLE, f"{TABLE}{settings}\n"), self.data / "config.toml")
        sitting = Sitting(PATIENCE, self.time.wait)
        return Workspace(config, config.customers[CUSTOMER], self.secrets, self.data, sitting)

    @asynccontextmanager
    async def session(self, settings: str = "") -> AsyncIterator[Session]:
        """The chain of it."""
        async with self.workspace(settings).session(PARTNER, USE_CASE) as session:
            await session.settle()
            yield session

    async def plan(
        self, settings: str = "", selection: Selection = EVERYTHING
    ) -> dict[tuple[str, str], list[str]]:
        """The ids of a plan that is not written, by entity and action."""
        async with self.session(settings) as session:
            with closing(await session.plan(selection)) as plan:
                found: dict[tuple[str, str], list[str]] = {}
                for row in plan.store.rows(Filter()):
                    place = (row.planned.entity, row.planned.action.value)
                    found.setdefault(place, []).append(row.planned.id)
                return found

    async def sync(self, settings: str = "", selection: Selection = EVERYTHING) -> RunResult:
        """Plan and write; whatever guards find is accepted."""
        async with self.session(settings) as session:
            with closing(await session.plan(selection)) as plan:
                accepted = tuple((guard.key, guard.count) for guard in plan.guards)
                return await session.sync(plan, asyncio.Event(), accepted)

    async def fix(self, check: str, settings: str = "") -> RunResult:
        """Write the plan that mends what a check found."""
        _place, selection = fix_of(self.workspace(settings).connections, f"{PARTNER}.{check}")
        return await self.sync(settings, selection)

    async def undo(self, run: int, settings: str = "") -> RunResult:
        """Take a run back."""
        async with self.session(settings) as session:
            with closing(await session.plan_undo(run)) as plan:
                accepted = tuple((guard.key, guard.count) for guard in plan.guards)
                return await session.sync(plan, asyncio.Event(), accepted)

    async def outcome(self, run: int) -> Mapping[tuple[str, str], Result]:
        """How each record of a run ended."""
        async with self.session() as session:
            return {(one.entity, one.id): one.result for one in session.journal.outcomes(run)}

    async def findings(self, settings: str = "") -> dict[str, Finding]:
        """What ``einzug check`` finds, by key without the partner's."""
        report = await self.workspace(settings).check(PARTNER)
        return {one.key.removeprefix(f"{PARTNER}."): one for one in report.findings}

    def held(self, entity: str, id_: str) -> dict[str, Any]:
        """An address or estate as onOffice holds it."""
        found: dict[str, Any] = next(one for one in self.sandbox.state(entity) if str(one["id"]) == id_)
        return found

    def planted(self, defect: str) -> str:
        """The id of the first record with this defect."""
        return self.office.defects[defect][0]

    def sound(self) -> str:
        """The id of an address with which nothing is wrong."""
        wrong = {id_ for ids in self.office.defects.values() for id_ in ids}
        linked = (str(user.address) for user in self.office.users if user.address and user.active)
        return next(id_ for id_ in linked if id_ not in wrong)


class Killed(BaseException):
    """The end of the program, right where it happens."""


def kill_after_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next write arrives at onOffice, and the program ends before it can look."""
    write = mending._write
    writes = 0

    async def last(client: OnOfficeClient, call: Call) -> None:
        nonlocal writes
        writes += 1
        await write(client, call)
        if writes == 1:
            raise Killed

    monkeypatch.setattr(mending, "_write", last)


@asynccontextmanager
async def account(data: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Account]:
    """The onOffice of the smallest practice company."""
    pretended = FakeTime()
    limiter = partial(Limiter, clock=pretended.clock, sleep=pretended.sleep)
    monkeypatch.setattr("connectors.http.Limiter", limiter)
    clock = Clock()
    sandbox = onoffice_sandbox(company(), clock)
    async with running([sandbox], clock=clock) as ready:
        secrets = MemorySecrets()
        secrets.set(CUSTOMER, PARTNER, "practice", secrets_of(ready["partners"][PARTNER]))
        config = config_text(ready).replace(AGREED, "")
        yield Account(sandbox, clock, build_office(company()), data, config, secrets, pretended)
