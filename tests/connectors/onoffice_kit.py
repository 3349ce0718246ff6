"""An onOffice on loopback with a connector to it, for tests of either."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from connectors.contract import Action, Change, Value
from connectors.http import CallLog, Network, open_http
from connectors.onoffice.client import OnOfficeClient
from connectors.onoffice.connector import OnOffice
from connectors.onoffice.options import IN_FLIGHT, OnOfficeOptions
from connectors.onoffice.sandbox import onoffice_sandbox
from connectors.onoffice.session import Session
from connectors.partner import Connection
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.company_office import Office, build_office
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running

CALM = Network(timeout=20, deadline=40)


@cache
def company() -> Company:
    """The company whose vacancies are let here."""
    return build_company(60, 3, date(2026, 3, 1))


@cache
def office() -> Office:
    """The letting office in the sandbox as it was made, with the ids of what is wrong in it."""
    return build_office(company())


def planted(defect: str) -> str:
    """The id of the first record with this defect."""
    return office().defects[defect][0]


def sound() -> tuple[str, str]:
    """The ids of two addresses with which nothing is wrong."""
    wrong = {id_ for ids in office().defects.values() for id_ in ids}
    users = [user for user in office().users if user.address and user.active]
    good = [str(user.address) for user in users if str(user.address) not in wrong]
    return good[0], good[1]


@dataclass(frozen=True)
class Scene:
    """The connector, and behind it what it talks to. ``ready`` is the partner's entry of the ready line."""

    connector: OnOffice
    sandbox: PartnerSandbox
    log: CallLog
    ready: Mapping[str, str]
    clock: Clock
    control: str

    @property
    def client(self) -> OnOfficeClient:
        """What the connector asks with."""
        return self.connector.client

    def act(self, entity: str, **data: Any) -> Any:
        """What a person does there."""
        return self.sandbox.act(entity, data)

    def held(self, entity: str, id_: str) -> dict[str, Any]:
        """An address or estate as the sandbox holds it."""
        found: dict[str, Any] = next(one for one in self.sandbox.state(entity) if str(one["id"]) == id_)
        return found


@asynccontextmanager
async def onoffice(
    *faults: str,
    users: int = 0,
    estates: int = 0,
    network: Network = CALM,
    now: Callable[[], float] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> AsyncIterator[Scene]:
    """The sandbox served with these faults (``KIND[,KEY=VALUE]``), and a connector with its credentials."""
    clock, log = Clock(), CallLog()
    sandbox = onoffice_sandbox(company(), clock, users=users, estates=estates)
    armed = [Fault.parse(f"onoffice:{fault}") for fault in faults]
    async with running([sandbox], faults=armed, clock=clock) as line:
        ready = line["partners"]["onoffice"]
        given = {"token": ready["token"], "secret": ready["secret"], **(secrets or {})}
        options = OnOfficeOptions()
        connection = Connection("muster", "onoffice", "practice", ready["url"], given, options, network, log)
        http = open_http(connection, options.limits, "test")
        session = Session(http, given["token"], given["secret"], IN_FLIGHT, now or time.time)
        connector = OnOffice(OnOfficeClient(session), options)
        try:
            yield Scene(connector, sandbox, log, ready, clock, line["control"])
        finally:
            await connector.aclose()


def update(entity: str, id_: str, before: Mapping[str, Value] | None, **after: Value) -> Change:
    """A planned change of some fields."""
    return Change(Action.UPDATE, entity, id_, before=before, after=after)
