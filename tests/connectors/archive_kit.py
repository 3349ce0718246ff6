"""A served archive with a connector to it: what its tests share."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from connectors.archive.client import ArchivKompakt
from connectors.archive.options import ArchiveOptions
from connectors.archive.sandbox import archive_sandbox
from connectors.contract import Scope
from connectors.documents import Document
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running

TODAY = date(2026, 3, 1)
QUICK = Network(timeout=5, deadline=10)
INDEX = "Mietvertrags-Nr."


@cache
def company() -> Company:
    """The company whose archive is served."""
    return build_company(60, 5, TODAY)


@dataclass(frozen=True)
class Room:
    """A sandbox being served, and a connector to it."""

    sandbox: PartnerSandbox
    archive: ArchivKompakt
    log: CallLog
    clock: Clock

    def file(self, **given: Any) -> dict[str, Any]:
        """A clerk files a document."""
        filed: dict[str, Any] = self.sandbox.act("document", {"archive": "MV Mieterapp", **given})
        return filed

    async def documents(self, *archives: str) -> list[Document]:
        """Everything in these archives."""
        return [d for d in await everything(self.archive, archives) if isinstance(d, Document)]


async def everything(archive: ArchivKompakt, names: tuple[str, ...], start: str | None = None) -> list[Any]:
    """All records of a reading, from ``start`` on."""
    scope = Scope(archives=frozenset(names)) if names else Scope()
    return [r async for p in archive.read("document", scope=scope, start=start) for r in p.records]


@asynccontextmanager
async def room(
    *faults: str, secrets: Mapping[str, str] | None = None, most: int = 500, **options: Any
) -> AsyncIterator[Room]:
    """A room whose archive gives at most ``most`` hits."""
    clock, log = Clock(), CallLog()
    sandbox = archive_sandbox(company(), clock, most_hits=most)
    armed = [Fault.parse(f"archive:{spec}") for spec in faults]
    async with running([sandbox], faults=armed, clock=clock) as line:
        ready = line["partners"]["archive"]
        known = {name: value for name, value in ready.items() if name != "url"} | dict(secrets or {})
        chosen = ArchiveOptions(**{"max_hits": most, "requests_per_second": 1000.0, "burst": 1000, **options})
        archive = ArchivKompakt(
            Connection("muster", "archive", "practice", ready["url"], known, chosen, QUICK, log)
        )
        try:
            yield Room(sandbox, archive, log, clock)
        finally:
            await archive.aclose()


def dlinfo(document: str, md5: str, *more: str) -> str:
    """A ``dlinfo`` written by hand."""
    lines = ["v1", document, "PDF", "Titel", "12", md5, *more]
    return base64.b64encode("\r\n".join(lines).encode()).decode()


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    """A file in pieces."""
    for part in parts:
        yield part
