"""What the tests of guided walks share: the practice company on ERP and Immomio, its vacancies written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from console.config import parse
from console.credentials import MemorySecrets
from console.practice import CUSTOMER, Practice, config_text, partners, secrets_of
from console.sitting import Sitting
from console.walks.guide import Guide, guides
from console.workspace import Workspace

PLACE = ("immomio", "prospects")
VACANCIES = ("immomio", "vacancies")


@dataclass(frozen=True, slots=True)
class Letting:
    """A running ERP and Immomio, and ways to act there."""

    ready: Mapping[str, Any]
    control: httpx.AsyncClient
    secrets: MemorySecrets
    data: Path

    def workspace(self) -> Workspace:
        """The customer opened anew, as after a restart."""
        config = parse(config_text(self.ready), self.data / "config.toml")
        return Workspace(config, config.customers[CUSTOMER], self.secrets, self.data, Sitting())

    def guide(self) -> Guide:
        """The test tenant, of a workspace of its own."""
        return guides(self.workspace())[PLACE]

    async def act(self, entity: str, **data: Any) -> Any:
        """Somebody at Immomio does something."""
        answer = await self.control.post(f"/objects/immomio/{entity}", json=data)
        return answer.raise_for_status().json()

    async def fault(self, kind: str, **how: Any) -> None:
        """Arm a fault at Immomio."""
        body = {"partner": "immomio", "kind": kind, **how}
        (await self.control.post("/faults", json=body)).raise_for_status()

    async def mend(self) -> None:
        """Take all faults away."""
        (await self.control.delete("/faults")).raise_for_status()

    async def asked(self) -> int:
        """How many requests Immomio got."""
        answer = await self.control.get("/requests/immomio", params={"count": 1})
        return int(answer.json()["last"])


@asynccontextmanager
async def letting(data: Path) -> AsyncIterator[Letting]:
    """The sandboxes in this process, Immomio with the company's vacancies."""
    clock = Clock()
    served = partners(Practice(60, 1), clock, ("erp", "immomio"))
    async with (
        running(served, clock=clock) as ready,
        httpx.AsyncClient(base_url=ready["control"], trust_env=False, verify=False) as control,
    ):
        secrets = MemorySecrets()
        for partner, entry in ready["partners"].items():
            secrets.set(CUSTOMER, partner, "practice", secrets_of(entry))
        found = Letting(ready, control, secrets, data)
        await written(found.workspace(), VACANCIES)
        yield found


async def written(workspace: Workspace, place: tuple[str, str]) -> None:
    """Plan and apply a use case."""
    async with workspace.session(*place) as session:
        with closing(await session.plan()) as plan:
            accepted = tuple((guard.key, guard.count) for guard in plan.guards)
            await session.sync(plan, asyncio.Event(), accepted)
