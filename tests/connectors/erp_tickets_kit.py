"""The ERP's ticket side connected to a served ERP, for the tests of tickets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from connectors.erp.openwowi import OpenWowiOptions
from connectors.erp.sandbox import erp_sandbox
from connectors.erp.sandbox_tickets import Documents
from connectors.erp.source import OPENWOWI
from connectors.erp.tickets import ErpTickets
from connectors.housing import CategoryKind, Lease
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from connectors.tickets import Draft, ErpTerms

TERMS = ErpTerms("IMMOMIO", user="IMMOMIO")
AT = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
COMPANY = build_company(200, 4)
DEFECTIVE = {key for ids in COMPANY.defects.values() for key in ids}


def leases(test: Callable[[Lease], bool], company: Company = COMPANY) -> list[Lease]:
    """The leases without defect and with a number of their own that pass a test."""
    numbers = [lease.number for lease in company.leases]
    return [
        lease
        for lease in company.leases
        if lease.id not in DEFECTIVE and lease.number and numbers.count(lease.number) == 1 and test(lease)
    ]


RUNNING = leases(lambda lease: lease.running(COMPANY.today))
ENDED = leases(lambda lease: lease.end is not None and lease.end < COMPANY.today and not lease.is_vacancy)


def draft(reference: str = "IMMOMIO:4711", lease: Lease | None = None, **fields: Any) -> Draft:
    """A ticket as a partner hands it over."""
    lease = lease or RUNNING[0]
    values: dict[str, Any] = {
        "reference": reference,
        "category": "SCH-HEIZ",
        "kind": CategoryKind.DAMAGE,
        "contract": lease.number,
        "mandant": lease.mandant,
        "created_at": AT,
        "subject": "Heizung",
        "text": "Die Heizung bleibt kalt.\nSeit gestern.",
    }
    return Draft(**{**values, **fields})


@dataclass
class Desk:
    """A side, and the ERP it speaks to as its clerks see it."""

    side: ErpTickets
    sandbox: PartnerSandbox
    log: CallLog
    clock: Clock
    base: str
    control: str

    async def arm(self, fault: str) -> None:
        """Let something go wrong from now on."""
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{self.control}/faults", json=Fault.parse(fault).to_json())
        assert answer.status_code == 200, answer.text

    def act(self, do: str, **body: Any) -> dict[str, Any]:
        """Let a clerk do something."""
        done: dict[str, Any] = self.sandbox.act("ticket", {"do": do, **body})
        return done

    def counts(self) -> dict[str, int]:
        """How often something was made."""
        counted: dict[str, int] = self.sandbox.state("ticket_counts")
        return counted

    def requests(self, method: str = "", part: str = "") -> int:
        """How many calls were sent, the login not counted."""
        calls = [c for c in self.log.calls() if "oauth2" not in c.path]
        return sum(part in call.path and call.method.startswith(method) for call in calls)


def side_of(url: str, secrets: dict[str, str], log: CallLog, terms: ErpTerms = TERMS) -> ErpTickets:
    """A side as the source's declaration opens it."""
    options = OpenWowiOptions(requests_per_second=500, burst=500)
    connection = Connection("muster", "erp", "practice", url, secrets, options, Network(timeout=5.0), log)
    assert OPENWOWI.tickets is not None
    found = OPENWOWI.tickets(connection, terms)
    assert isinstance(found, ErpTickets)
    return found


@asynccontextmanager
async def desk(
    *faults: str, terms: ErpTerms = TERMS, documents: Documents | None = None
) -> AsyncIterator[Desk]:
    """A side connected to the ERP of the seeded company."""
    clock = Clock()
    sandbox = erp_sandbox(COMPANY, clock, documents=documents)
    async with running([sandbox], faults=[Fault.parse(f) for f in faults], clock=clock) as line:
        ready = line["partners"]["erp"]
        log = CallLog()
        secrets = {name: ready[name] for name in ("username", "password", "api_key")}
        side = side_of(ready["url"], secrets, log, terms)
        try:
            yield Desk(side, sandbox, log, clock, ready["url"], line["control"])
        finally:
            await side.aclose()
