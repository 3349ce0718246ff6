"""A served Immomio with a connector to it: what the tests of client and delivery share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.contract import Action, Change, Outcome, Value
from connectors.http import CallLog, Network
from connectors.immomio.client import Immomio, connect
from connectors.immomio.entities import TENANT_MAPPING, VACANCY_MAPPING
from connectors.immomio.options import ImmomioOptions
from connectors.immomio.sandbox import immomio_sandbox
from connectors.partner import Connection
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from tests.connectors.immomio_kit import immobilie, openimmo

QUICK = Network(timeout=2, deadline=5)
SENDER: dict[str, Any] = {"sender": "Wohnbau Musterstadt eG", "contact_email": "vermietung@example.org"}
TENANT: dict[str, Value] = {
    **dict.fromkeys(f.name for f in TENANT_MAPPING.fields),
    "clientNumber": "10",
    "number": "700100",
    "email": "e.muster@example.org",
    "lastName": "Muster",
    "phoneNumbers": ("+4940123456",),
}
PROPERTY: dict[str, Value] = {
    "kind": "CLIENT",
    "number": "10",
    "parent": None,
    "name": "Wohnbau Musterstadt eG",
    "street": "Lindenweg",
    "houseNumber": "7a",
    "postalCode": "99998",
    "city": "Musterstadt",
    "constructionYear": 1954,
}
VACANCY: dict[str, Value] = {
    **dict.fromkeys(f.name for f in VACANCY_MAPPING.fields),
    "kind": "FLAT",
    "street": "Lindenweg",
    "houseNumber": "7a",
    "postalCode": "99998",
    "city": "Musterstadt",
    "country": "DEU",
    "floor": -1,
    "position": "1. Etage links",
    "rooms": Decimal("2.5"),
    "availableFrom": date(2026, 5, 1),
    "baseRent": Decimal("512.4"),
    "cellar": False,
    "heating": "ZENTRAL",
    "energyKind": "VERBRAUCH",
    "energyValue": Decimal("98.5"),
    "title": "Schöne Wohnung",
    "attachments": (),
}
PICTURE = "TITELBILD|media-1.jpg|v1|Küche"
PLAN = "GRUNDRISS|plan-2.pdf|v1|"


@dataclass
class Shelf:
    """The ERP's files, in pieces; those in ``broken`` cannot be had."""

    files: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """The bytes of a file, in two pieces."""
        self.asked.append(ref)
        content = self.files.get(ref, b"")
        yield content[: len(content) // 2]
        if ref in self.broken or ref not in self.files:
            raise Failure(Problem("http.missing", Trouble.MISSING, Owner.CONSULTANT, where="GET erp/media"))
        yield content[len(content) // 2 :]


@dataclass(frozen=True)
class Desk:
    """A sandbox being served, its ready line, and a connector to it."""

    sandbox: PartnerSandbox
    ready: Mapping[str, Any]
    immomio: Immomio
    log: CallLog
    clock: Clock
    shelf: Shelf
    connection: Connection

    def sent(self, method: str, path: str = "") -> int:
        """How many calls of a method went to paths that end so."""
        return sum(1 for c in self.log.calls() if c.method == method and c.path.endswith(path))

    def held(self, entity: str = "vacancy") -> dict[str, Any]:
        """What the sandbox holds, by id."""
        return {record["externalId"]: record for record in self.sandbox.state(entity)}

    def codes(self) -> list[str]:
        """The problems in the call log."""
        return [call.problem for call in self.log.calls() if call.problem]


@asynccontextmanager
async def desk(
    *faults: str,
    app: Starlette | None = None,
    dit: bool = False,
    system: str = "",
    tls: bool = False,
    trusting: bool = True,
    network: Network = QUICK,
    secrets: Mapping[str, str] | None = None,
    rights: tuple[str, ...] = (),
    used: frozenset[str] | None = None,
    **options: Any,
) -> AsyncIterator[Desk]:
    """A desk whose sandbox has no rate limit; ``app`` takes its place, ``rights`` are taken away.

    ``dit`` is what is configured, ``system`` what the account is really on, where that differs.
    """
    clock, log, shelf = Clock(), CallLog(), Shelf()
    sandbox = replace(immomio_sandbox(clock, dit=system == "DIT" if system else dit), rate=None)
    if rights:
        sandbox.act("rights", {"remove": list(rights)})
    served = sandbox if app is None else replace(sandbox, app=app)
    armed = [Fault.parse(f"immomio:{spec}") for spec in faults]
    async with running([served], faults=armed, clock=clock, tls=tls) as line:
        ready = line["partners"]["immomio"]
        known = {name: ready[name] for name in ("username", "password")}
        if dit and "ftp" in ready:
            ftp = ready["ftp"]
            known |= {"ftp_username": ftp["username"], "ftp_password": ftp["password"]}
            place = {"ftp_host": ftp["host"], "ftp_port": ftp["port"], "ftp_tls": ftp["tls"]}
            options = {"ftp_wait": 5, **place, **options}
        known_ca = replace(network, ca=Path(line["ca"])) if tls and trusting else network
        chosen = ImmomioOptions(**{"dit": dit, **SENDER, **options})
        parts = (ready["url"], known | dict(secrets or {}), chosen, known_ca, log)
        connection = Connection("muster", "immomio", "practice", *parts, files=shelf, use_cases=used)
        immomio = connect(connection)
        try:
            yield Desk(sandbox, ready, immomio, log, clock, shelf, connection)
        finally:
            await immomio.aclose()


def stocked(sandbox: PartnerSandbox, count: int = 120) -> PartnerSandbox:
    """The same sandbox with some records of every entity, and many tenants."""
    for number in range(4):
        sandbox.act("property", {"externalId": f"0{number}", "kind": "CLIENT", "number": f"0{number}"})
    sandbox.act("unit", {"externalId": "00/u", "kind": "FLAT", "number": "7", "property": "03"})
    for number in range(count):
        who = {"clientNumber": "10", "number": f"{number:04}", "email": f"n{number}@example.org"}
        sandbox.act("tenant", {"externalId": f"10/{number:04}", **who})
    lease = {"clientNumber": "10", "number": "1", "unit": "00/u", "mainTenant": "10/0110"}
    sandbox.act("contract", {"externalId": "00/c", **lease, "tenants": ["10/0110"]})
    paper = {"archive": "MV Mieterapp", "contract": "00/c", "size": 7}
    paper |= {"createdAt": "2026-01-02T00:00:00+00:00"}
    md5 = "d41d8cd98f00b204e9800998ecf8427e"
    sandbox.act("document", {"externalId": "00/1", "tenants": ["10/0110"], "md5": md5, **paper})
    account: Any = cast(Any, sandbox.act).__self__  # imports come by HTTP and FTP, nobody acts them
    offers = [immobilie(f"00/{number}") for number in range(4)]
    account.vacancies.take(openimmo(*offers), zipped=False)
    sandbox.act("application", {"vacancy": "00/3"})
    return sandbox


def answering(path: str, answer: Any, *methods: str, status: int = 200) -> Starlette:
    """A server that logs everybody in and gives the same JSON to everything at this path."""

    async def handle(_request: Request) -> Response:
        return JSONResponse(answer, status)

    async def token(_request: Request) -> Response:
        return JSONResponse({"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600})

    login = Route("/auth/token", token, methods=["POST"])
    return Starlette(routes=[login, Route(path, handle, methods=list(methods or ("GET",)))])


def create(id_: str, entity: str = "vacancy", **fields: Value) -> Change:
    """A record to be created."""
    sample = {"vacancy": VACANCY, "tenant": TENANT, "property": PROPERTY}[entity]
    return Change(Action.CREATE, entity, id_, after={**sample, **fields})


def update(id_: str, entity: str = "vacancy", **fields: Value) -> Change:
    """A record to be changed."""
    change = create(id_, entity, **fields)
    return replace(change, action=Action.UPDATE, before=create(id_, entity).after)


def delete(id_: str, entity: str = "vacancy") -> Change:
    """A record to be deleted."""
    return Change(Action.DELETE, entity, id_, before=create(id_, entity).after)


def tenants(count: int) -> list[Change]:
    """Tenants with an e-mail address each."""
    return [create(f"10/{n:05}", "tenant", email=f"t{n}@example.org") for n in range(count)]


def code(outcome: Outcome) -> str:
    """The code of an outcome's problem."""
    assert outcome.problem is not None
    return outcome.problem.code
