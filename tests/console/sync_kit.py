"""What the tests of whole runs share: an office with sandboxes over real HTTP, and time that is pretended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from connectors.bots4you.sandbox import bots4you_sandbox
from connectors.contract import Action
from connectors.erp.sandbox import erp_sandbox
from connectors.limiter import Limiter
from connectors.problems import Problem
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.server import running
from connectors.wrappers import Patience
from console.config import parse
from console.credentials import MemorySecrets, Secrets, variable
from console.planner import Plan
from console.practice import CUSTOMER, config_text, secrets_of
from console.selection import EVERYTHING, Selection
from console.session import Session
from console.sitting import Sitting
from console.store.plans import Filter
from console.store.runs import Settled
from console.sync.events import Listener, deaf
from console.sync.guards import Guard
from console.syncer import RunResult
from console.workspace import Workspace

UNITS = 60
PARTNER, USE_CASE = "bots4you", "master-data"
TENANT = "tenant"
PATIENCE = Patience(tries=4)
FAST = {"partner": PARTNER, "kind": "rate", "per_second": 80_000, "burst": 80_000}


@cache
def company() -> Company:
    """The smallest seeded company."""
    return build_company(UNITS, 1)


@dataclass
class FakeTime:
    """Passes as fast as it is asked to; what was waited for is remembered."""

    now: float = field(default_factory=time.time)
    waits: list[tuple[float, str]] = field(default_factory=list)

    def clock(self) -> float:
        """The moment."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Be there at once."""
        self.now += seconds
        await asyncio.sleep(0)

    async def wait(self, seconds: float, problem: Problem, _attempt: int) -> None:
        """What a session calls before it tries again."""
        self.waits.append((seconds, problem.code))
        await self.sleep(seconds)


@dataclass(frozen=True)
class Done:
    """A finished run: how it ended, what became of every record, the plan's counts."""

    result: RunResult
    outcomes: list[Settled]
    counts: Mapping[str, int]
    settled: int

    @property
    def failed(self) -> list[Settled]:
        """The records that the partner does not hold as planned."""
        return [outcome for outcome in self.outcomes if not outcome.ok]


@dataclass
class Office:
    """The sandboxes, and a customer whose configuration leads to them."""

    erp: PartnerSandbox
    bots4you: PartnerSandbox
    ready: dict[str, Any]
    control: httpx.AsyncClient
    data: Path
    config: str
    secrets: Secrets
    time: FakeTime
    listener: Listener = deaf
    opened: list[Workspace] = field(default_factory=list)

    def workspace(self) -> Workspace:
        """The customer opened anew, as another process would."""
        config = parse(self.config, self.data / "config.toml")
        sitting = Sitting(PATIENCE, self.time.wait, lambda event: self.listener(event))
        opened = Workspace(config, config.customers[CUSTOMER], self.secrets, self.data, sitting)
        self.opened.append(opened)
        return opened

    @asynccontextmanager
    async def session(self, use_case: str = USE_CASE) -> AsyncIterator[Session]:
        """One use case of it."""
        async with self.workspace().session(PARTNER, use_case) as session:
            yield session

    async def sync(
        self,
        selection: Selection = EVERYTHING,
        *,
        retry_failed: bool = False,
        accepted: tuple[tuple[str, int], ...] = (),
        use_case: str = USE_CASE,
    ) -> Done:
        """What ``einzug sync --yes`` does; so small a company needs its ambiguous ids accepted."""
        async with self.session(use_case) as session:
            settled = await session.settle()
            if retry_failed:
                selection = Selection(only=session.failed_last())
            with closing(await session.plan(selection)) as plan:
                result = await session.sync(plan, asyncio.Event(), accepted + usual(plan))
                outcomes = list(session.journal.outcomes(result.run))
                return Done(result, outcomes, plan.tally.counts(), settled)

    async def plan(self, selection: Selection = EVERYTHING) -> tuple[dict[str, int], list[Guard]]:
        """The counts and guards of a plan that is not written."""
        async with self.session() as session:
            with closing(await session.plan(selection)) as plan:
                return plan.tally.counts(), plan.guards

    async def fault(self, spec: Mapping[str, Any]) -> None:
        """Arm a fault."""
        (await self.control.post("/faults", json=dict(spec))).raise_for_status()

    async def heal(self) -> None:
        """Disarm all faults, and let their time pass."""
        await self.control.delete("/faults")
        await self.fault(FAST)
        self.time.now += 3600

    async def requests(self, method: str = "*") -> int:
        """How many requests of this method Bots4You has seen."""
        answer = await self.control.get(f"/requests/{PARTNER}", params={"count": 1, "method": method})
        return int(answer.json()["count"])

    def held(self) -> dict[str, dict[str, Any]]:
        """The tenants that Bots4You holds, by id, without the moment of writing."""
        return {
            record["externalId"]: {key: value for key, value in record.items() if key != "updatedAt"}
            for record in self.bots4you.state(TENANT)
        }

    def creates(self) -> dict[str, int]:
        """How often each tenant was created there."""
        found: dict[str, int] = self.bots4you.state("creates")[TENANT]
        return found

    def store(self, record: Mapping[str, Any], **changed: Any) -> None:
        """Somebody at Bots4You writes a tenant."""
        self.bots4you.act(TENANT, {**record, **changed})

    async def remove(self, id_: str) -> None:
        """Somebody else deletes a tenant at Bots4You."""
        entry = self.ready["partners"][PARTNER]
        url = f"{entry['url']}/api/v1/tenants/{quote(id_, safe='')}"
        answer = await self.control.delete(url, auth=(entry["username"], entry["password"]))
        answer.raise_for_status()

    def environ(self) -> dict[str, str]:
        """The credentials as environment variables."""
        return {
            variable(CUSTOMER, partner, name): value
            for partner, entry in self.ready["partners"].items()
            for name, value in secrets_of(entry).items()
        }


def usual(plan: Plan) -> tuple[tuple[str, int], ...]:
    """The guard that the seeded defects raise in a company as small as ours."""
    return tuple((guard.key, guard.count) for guard in plan.guards if guard.key == "ambiguous_ids")


def changes(plan: Plan, action: Action) -> list[str]:
    """The ids of one action."""
    return [row.planned.id for row in plan.store.rows(Filter(action))]


@asynccontextmanager
async def office(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    bulk: bool = True,
    settings: str = "",
    network: str = "",
    secrets: Secrets | None = None,
) -> AsyncIterator[Office]:
    """An office with an empty Bots4You; ``settings`` and ``network`` are lines of its configuration."""
    pretended = FakeTime()
    # The limiter sleeps between requests and during a Retry-After: in pretended time.
    limiter = partial(Limiter, clock=pretended.clock, sleep=pretended.sleep)
    monkeypatch.setattr("connectors.http.Limiter", limiter)
    clock = Clock()
    erp, bots4you = erp_sandbox(company(), clock), bots4you_sandbox(clock)
    async with (
        running([erp, bots4you], clock=clock) as ready,
        httpx.AsyncClient(base_url=ready["control"], trust_env=False, verify=False) as control,
    ):
        kept = secrets or MemorySecrets()
        if secrets is None:
            for partner, entry in ready["partners"].items():
                kept.set(CUSTOMER, partner, "practice", secrets_of(entry))
        found = Office(
            erp, bots4you, ready, control, data, _config(ready, bulk, settings, network), kept, pretended
        )
        await found.fault(FAST)
        yield found


def _config(ready: Mapping[str, Any], bulk: bool, settings: str, network: str) -> str:
    text = config_text(ready)
    for table, lines in (
        ("[customers.practice.bots4you]\n", f"bulk = {str(bulk).lower()}\n"),
        ("[customers.practice.bots4you.use_cases.master-data]\n", f"{settings}\n"),
    ):
        assert table in text
        text = text.replace(table, table + lines)
    return text + (f"\n[network]\n{network}\n" if network else "")
