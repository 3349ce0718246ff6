"""A served Bots4You sandbox with a connector to it, for the tests of both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.bots4you.client import Bots4YouOptions, connect
from connectors.bots4you.sandbox import bots4you_sandbox
from connectors.contract import Action, Change, Connector, Value
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running

QUICK = Network(timeout=2, deadline=5)
TENANT: dict[str, Value] = {
    "clientNumber": "10",
    "contractNumber": "0042",
    "contractStatus": "AKTIV",
    "contractStart": date(2019, 5, 1),
    "contractEnd": None,
    "isMainTenant": True,
    "salutation": "Frau",
    "firstName": "Erika",
    "lastName": "Muster",
    "companyName": None,
    "phoneNumbers": ("+4940123456",),
    "email": "e.muster@example.org",
    "street": "Lindenweg",
    "houseNumber": "7a",
    "postalCode": "20095",
    "city": "Hamburg",
    "unitLabel": "3. Etage, links",
    "language": "de",
    "unitId": "10/00123/004/0050",
}
CATEGORY: dict[str, Value] = {"name": "Heizung", "kind": "SCHADEN", "parent": None, "active": True}


@dataclass(frozen=True)
class Office:
    """A sandbox being served, its address, and a connector to it."""

    sandbox: PartnerSandbox
    ready: Mapping[str, Any]
    bots: Connector
    log: CallLog

    def sent(self, method: str, path: str = "") -> int:
        """How many calls of a method went to paths that end so."""
        return sum(1 for c in self.log.calls() if c.method == method and c.path.endswith(path))


@asynccontextmanager
async def office(
    *faults: str,
    bulk: bool = True,
    allowed: bool = True,
    app: Starlette | None = None,
    secrets: Mapping[str, str] | None = None,
) -> AsyncIterator[Office]:
    """An office whose sandbox has no rate limit; ``app`` takes the sandbox's place."""
    sandbox = replace(bots4you_sandbox(Clock(), bulk=allowed), rate=None)
    served = sandbox if app is None else replace(sandbox, app=app)
    async with running([served], faults=[Fault.parse(f"bots4you:{spec}") for spec in faults]) as line:
        ready = line["partners"]["bots4you"]
        log = CallLog()
        bots = connect(connection(ready["url"], secrets or ready, log, bulk=bulk))
        try:
            yield Office(sandbox, ready, bots, log)
        finally:
            await bots.aclose()


def connection(url: str, secrets: Mapping[str, str], log: CallLog, *, bulk: bool = True) -> Connection:
    """A connection without a shared limiter."""
    known = {name: secrets[name] for name in ("username", "password")}
    return Connection("muster", "bots4you", "practice", url, known, Bots4YouOptions(bulk=bulk), QUICK, log)


def answering(path: str, answer: Any, *methods: str) -> Starlette:
    """A server that gives the same JSON to everything at this path."""

    async def handle(_request: Request) -> Response:
        return JSONResponse(answer)

    return Starlette(routes=[Route(path, handle, methods=list(methods or ("GET",)))])


def create(id_: str, **fields: Value) -> Change:
    """A tenant to be created."""
    return Change(Action.CREATE, "tenant", id_, after=TENANT | fields)


def delete(id_: str, entity: str = "tenant") -> Change:
    """A record to be deleted."""
    return Change(Action.DELETE, entity, id_, before={})


def fill(sandbox: PartnerSandbox, count: int) -> list[str]:
    """Put tenants into the sandbox; their ids in order."""
    ids = [f"10/{number:05}/7" for number in range(count)]
    for id_ in ids:
        sandbox.act("tenant", {"externalId": id_, "clientNumber": "10", "contractNumber": id_[3:8]})
    return ids


async def ids_of(bots: Connector, start: str | None = None) -> list[str]:
    """All ids that a reading gives."""
    return [record.id async for page in bots.read("tenant", start=start) for record in page.records]
