"""What the tests of chains share: a customer of the toy partner, whose items hold or do not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checklists import loader
from checklists.loader import parse as parse_list
from checklists.model import Checklist
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from console.chains.kept import Held
from console.chains.reading import ChainPlace, chains, read_chain
from console.config import parse
from console.credentials import MemorySecrets, variable
from console.onboarding.agreement import agreement
from console.onboarding.answering import Draft, keep
from console.onboarding.book import read
from console.onboarding.subjects import confirm
from console.sitting import Sitting
from console.store.said import Said
from console.workspace import Workspace
from tests.connectors.toy.client import ITEM
from tests.connectors.toy.sandbox import toy_sandbox
from tests.console.checklist_kit import LIST

CUSTOMER = "muster"
LETTING, SALES = "vermietung@example.org", "verkauf@example.org"
NAME = "Erika Musterfrau"
DONE = Draft(Said.DONE, NAME, values={"way": "sip"})

SHOWN_ITEM = """
[[item]]
id = "own.shown"
kind = "manual"
who = "customer"
title = { de = "Gezeigt", en = "Shown" }
why = { de = "Sonst sieht es niemand.", en = "Else nobody sees it." }
how = { de = "Sehen Sie nach.", en = "Look at it." }
"""

ITEMS: tuple[dict[str, Any], ...] = (
    {"ref": "D-1", "title": "Birkenweg 1", "note": LETTING},
    {"ref": "D-2", "title": "Birkenweg 2", "note": LETTING},
    {"ref": "D-3", "title": "Birkenweg 3", "note": SALES},
    {"ref": "D-4", "title": "Birkenweg 4", "note": None},
)


def chain_lists() -> tuple[Checklist, ...]:
    """The list whose items the chain's links name."""
    return (parse_list(LIST + SHOWN_ITEM, "own.toml"),)


def only_chain_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this one list be in force."""
    monkeypatch.setattr(loader, "shipped", chain_lists)


def config(url: str, environment: str = "practice") -> str:
    """A customer that has nothing but the toy."""
    return (
        f'[customers.{CUSTOMER}]\nname = "Wohnbau Musterstadt eG"\n'
        f'[customers.{CUSTOMER}.toy]\nenvironment = "{environment}"\nurl = "{url}"\n'
        f"[customers.{CUSTOMER}.toy.use_cases.shelf]\n"
    )


@dataclass
class Shelves:
    """The running toy, and a customer whose configuration leads there."""

    toy: PartnerSandbox
    url: str
    key: str
    data: Path
    secrets: MemorySecrets
    environment: str = "practice"

    def workspace(self) -> Workspace:
        """The customer opened anew, as after a restart."""
        path = self.data / "config.toml"
        path.write_text(config(self.url, self.environment), encoding="utf-8")
        found = parse(path.read_text(encoding="utf-8"), path)
        return Workspace(found, found.customers[CUSTOMER], self.secrets, self.data / "data", Sitting())

    def place(self) -> ChainPlace:
        """The one chain."""
        (found,) = chains(self.workspace())
        return found

    async def read(self) -> Held:
        """A new reading."""
        return await read_chain(self.workspace(), self.place())

    def confirm(self, item: str, *subjects: str, draft: Draft = DONE) -> None:
        """Somebody confirms these subjects."""
        workspace = self.workspace()
        one = read(workspace).item(item)
        assert one is not None
        confirm(workspace, one.item, draft, subjects)

    def agree(self) -> None:
        """Somebody records that the processing of real data is agreed."""
        values = {"signed_on": "2026-11-02", "signed_by": "Max Beispiel"}
        keep(self.workspace(), agreement(), Draft(Said.DONE, NAME, "Ordner AVV", values))

    def environ(self) -> dict[str, str]:
        """The credential as an environment variable."""
        return {variable(CUSTOMER, "toy", "key"): self.key}


@asynccontextmanager
async def shelves(
    data: Path, items: tuple[dict[str, Any], ...] = ITEMS, environment: str = "practice"
) -> AsyncIterator[Shelves]:
    """The toy with these items."""
    clock = Clock()
    toy = toy_sandbox(clock)
    for item in items:
        toy.act(ITEM, {"count": 1, **item})
    async with running([toy], clock=clock) as ready:
        entry = ready["partners"]["toy"]
        secrets = MemorySecrets()
        secrets.set(CUSTOMER, "toy", environment, {"key": entry["key"]})
        yield Shelves(toy, entry["url"], entry["key"], data, secrets, environment)


@contextmanager
def beside(data: Path, **how: Any) -> Iterator[Shelves]:
    """The same on a loop of its own, for commands, which run their own in this thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opened = shelves(data, **how)

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    try:
        yield run(opened.__aenter__())
        run(opened.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
