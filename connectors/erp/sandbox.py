"""The ERP on loopback: OPENWOWI v1.2 as documented, plus the assumed hub for what OPENWOWI does not offer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.erp.sandbox_handover import PATHS, HandOver, handover_routes
from connectors.erp.sandbox_letting import LettingDesk, part_of
from connectors.erp.sandbox_query import BadQuery, Query, parse, select
from connectors.erp.sandbox_state import KINDS, ErpState
from connectors.erp.sandbox_tickets import Documents, TicketDesk
from connectors.erp.sandbox_tickets_app import CONTROLLERS as TICKET_CONTROLLERS
from connectors.erp.sandbox_tickets_app import ticket_routes
from connectors.erp.sandbox_wire import WRITERS
from connectors.erp.sandbox_wire_parts import without_nulls
from connectors.housing import (
    Building,
    EconomicUnit,
    Lease,
    Person,
    RentItem,
    TenantRole,
    TicketCategory,
    Unit,
)
from connectors.letting import Vacancy
from connectors.sandbox.app import PartnerSandbox, form
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company

BASE = "/openwowi/{version:str}"
VERSIONS = frozenset({"v1.0", "v1.1", "v1.2"})
HUB = "hub"
HUB_WRITING = "hub-writing"
ENDPOINTS = {
    "CommercialInventory/EconomicUnits": EconomicUnit.NAME,
    "CommercialInventory/BuildingLands": Building.NAME,
    "CommercialInventory/UseUnits": Unit.NAME,
    "RentAccounting/LicenseAgreements": Lease.NAME,
    "RentAccounting/ContractPositions": RentItem.NAME,
    "RentAccountingPersonDetails/Contractors": TenantRole.NAME,
    "PersonsRead/Persons": Person.NAME,
}
"""Controller and endpoint -> canonical entity. Rights are given per controller."""

CONTROLLERS = frozenset(
    {path.partition("/")[0] for path in ENDPOINTS} | TICKET_CONTROLLERS | {HUB, HUB_WRITING}
)
REFRESH_SECONDS = 12 * 3600


class _Access:
    """Who may do what: one account, its API key, tokens that expire by the sandbox's clock, rights."""

    def __init__(self, seed: int, clock: Clock, token_seconds: int) -> None:
        digest = hashlib.sha256(f"practice erp {seed}".encode()).hexdigest()
        self.username = "svc_einzug"
        self.password = digest[:16]
        self.api_key = digest[16:48]
        self.denied: set[str] = set()
        self._clock = clock
        self._seconds = token_seconds
        self._ends: dict[str, float] = {}
        self._refresh_ends: dict[str, float] = {}

    def ready(self, base: str) -> dict[str, Any]:
        """The ERP's entry of the ready line."""
        return {
            "url": f"{base}/openwowi/v1.2",
            "username": self.username,
            "password": self.password,
            "api_key": self.api_key,
        }

    def grant(self, fields: Mapping[str, str]) -> dict[str, Any] | None:
        """Tokens for a password or a refresh token; None when refused. KeyError for another grant type."""
        kind = fields.get("grant_type")
        if kind == "password":
            known = (fields.get("username"), fields.get("password")) == (self.username, self.password)
        elif kind == "refresh_token":
            known = self._lives(self._refresh_ends, fields.get("refresh_token", ""))
        else:
            raise KeyError(kind)
        return self._issue() if known else None

    def refuse(self, request: Request, controller: str) -> tuple[int, str] | None:
        """Status and message where the call may not pass, else None."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._lives(self._ends, token.strip()):
            return 401, "token missing, unknown or expired"
        if key_of(request) != self.api_key:
            return 401, "apiKey missing or unknown"
        if controller in self.denied:
            return 403, f"the apiKey has no right for {controller}"
        return None

    def rights(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Take or give the right to a controller: ``{"deny": NAME}`` or ``{"allow": NAME}``.

        Raises ValueError for another verb or controller.
        """
        for verb, name in body.items():
            if verb not in ("deny", "allow") or name not in CONTROLLERS:
                raise ValueError(f"expected deny or allow and one of {', '.join(sorted(CONTROLLERS))}")
            (self.denied.add if verb == "deny" else self.denied.discard)(name)
        return {"denied": sorted(self.denied)}

    def expire(self) -> dict[str, Any]:
        """End every access token now; refresh tokens stay."""
        ended = len(self._ends)
        self._ends.clear()
        return {"ended": ended}

    def _issue(self) -> dict[str, Any]:
        now = self._clock.monotonic()
        for ends in (self._ends, self._refresh_ends):
            for token in [token for token, end in ends.items() if end <= now]:
                del ends[token]
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._ends[access] = now + self._seconds
        self._refresh_ends[refresh] = now + REFRESH_SECONDS
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": self._seconds,
            "refresh_token": refresh,
        }

    def _lives(self, ends: Mapping[str, float], token: str) -> bool:
        return ends.get(token, 0.0) > self._clock.monotonic()


def key_of(request: Request) -> str:
    """The API key of a call, "" without one; parameter names are compared without regard to case."""
    return next((value for name, value in request.query_params.items() if name.lower() == "apikey"), "")


def erp_sandbox(
    company: Company, clock: Clock, *, token_seconds: int = 1800, documents: Documents | None = None
) -> PartnerSandbox:
    """The ERP of this company. The company itself stays as it is; what a clerk changes is kept apart.

    ``documents`` is the archive that it shows documents of, if there is one.
    """
    access = _Access(company.seed, clock, token_seconds)
    state = ErpState(company)
    letting = LettingDesk(state, company)
    tickets = TicketDesk(state, company, clock, documents)
    desk = HandOver(state)
    users = [{"name": user.name, "active": user.active} for user in company.users]
    routes = _routes(access, state, letting, users)
    routes += ticket_routes(tickets, partial(_checked, access), BASE, (HUB, HUB_WRITING))
    reads, writes = (partial(_checked, access, controller=right) for right in (HUB, HUB_WRITING))
    routes += handover_routes(desk, reads, writes, lambda: HUB_WRITING not in access.denied)
    looks: dict[str, Callable[[], Any]] = {
        "defects": lambda: dict(state.defects),
        "user": lambda: users,
        Vacancy.NAME: letting.listed,
        "ticket": tickets.listed,
        "ticket_counts": lambda: dict(tickets.counts),
        "creates": lambda: {entity: dict(counts) for entity, counts in desk.created.items()},
        **{entity: partial(desk.listed, entity) for entity in PATHS},
    }
    acts: dict[str, Callable[[dict[str, Any]], Any]] = {
        "rights": access.rights,
        "tokens": lambda _: access.expire(),
        "user": lambda body: _act_user(users, body),
        Vacancy.NAME: letting.change,
        "ticket": tickets.act,
        **{entity: partial(desk.act, entity) for entity in PATHS},
    }

    def look(entity: str | None) -> Any:
        if entity is None:
            counts = {name: len(state.records(name)) for name in KINDS}
            counts |= {Vacancy.NAME: len(letting.vacancies()), "user": len(users)}
            counts["ticket"] = len(tickets.rows())
            counts |= {entity: len(desk.listed(entity)) for entity in PATHS}
            return {**counts, "denied": sorted(access.denied)}
        return looks[entity]() if entity in looks else state.listed(entity)

    def act(entity: str, body: dict[str, Any]) -> Any:
        return acts[entity](body) if entity in acts else state.change(entity, body)

    return PartnerSandbox(
        key="erp",
        app=Starlette(routes=routes, exception_handlers={HTTPException: _error}),
        ready=access.ready,
        state=look,
        act=act,
        account=key_of,
        error_body=_message,
    )


Handler = Callable[[Request], Any]
Items = Callable[[Mapping[str, str]], list[dict[str, Any]]]
"""What a list of the hub holds for the filters of a call (names in lower case)."""


def _routes(
    access: _Access, state: ErpState, letting: LettingDesk, users: list[dict[str, Any]]
) -> list[Route]:
    """What is read of OPENWOWI and of the hub's lists and files, and the login."""
    routes = [Route("/oauth2/token", _token(access), methods=["POST"])]
    for path, entity in ENDPOINTS.items():
        routes.append(Route(f"{BASE}/{path}", _page(access, state, path, entity), methods=["GET"]))
    hub: dict[str, Items] = {
        "ticket-categories": lambda _: _categories(state),
        "users": lambda _: users,
        "vacancy-details": lambda _: letting.details(),
        "media": letting.media,
    }
    for name, items in hub.items():
        routes.append(Route(f"/hub/v1/{name}", _hub(access, items), methods=["GET"]))
    routes.append(Route("/hub/v1/media/{id}", _file(access, letting), methods=["GET"]))
    return routes


def _token(access: _Access) -> Handler:
    async def token(request: Request) -> Response:
        try:
            granted = access.grant(form(request))
        except KeyError:
            return _json({"error": "unsupported_grant_type"}, 400)
        return _json({"error": "invalid_grant"}, 400) if granted is None else _json(granted)

    return token


def _page(access: _Access, state: ErpState, path: str, entity: str) -> Handler:
    write = WRITERS[entity]
    controller = path.partition("/")[0]

    async def page(request: Request) -> Response:
        query = _checked(access, request, controller)
        try:
            records = select(state, entity, query)
        except BadQuery as error:
            raise HTTPException(400, str(error)) from None
        index = state.index
        written = [write(record, index, query.flags) for record in records]
        return _json(written if query.nulls else [without_nulls(record) for record in written])

    return page


def _hub(access: _Access, items: Items) -> Handler:
    async def listing(request: Request) -> Response:
        query = _checked(access, request, HUB)
        return _json({"items": items(query.filters)[query.offset : query.offset + query.limit]})

    return listing


def _file(access: _Access, letting: LettingDesk) -> Handler:
    async def file(request: Request) -> Response:
        _checked(access, request, HUB)
        content = letting.content(unquote(request.path_params["id"]))
        if content is None:
            raise HTTPException(404, "no file with this id")
        return part_of(content, request.headers.get("range", ""))

    return file


def _checked(access: _Access, request: Request, controller: str) -> Query:
    """The query of a call that may pass. Raises HTTPException."""
    if request.path_params.get("version", "v1.2") not in VERSIONS:
        raise HTTPException(404, "unknown version")
    refused = access.refuse(request, controller)
    if refused:
        raise HTTPException(*refused)
    try:
        return parse(request.query_params)
    except BadQuery as error:
        raise HTTPException(400, str(error)) from None


def _categories(state: ErpState) -> list[dict[str, Any]]:
    return [
        {
            "code": record.code,
            "label": record.label,
            "kind": record.kind,
            "parent": record.parent,
            "mandatoryFeatures": list(record.mandatory_features),
            "active": record.active,
        }
        for record in state.records(TicketCategory.NAME)
    ]


def _act_user(users: list[dict[str, Any]], body: Mapping[str, Any]) -> dict[str, Any]:
    """Create, update or delete an ERP user by name. Raises ValueError."""
    fields = body.get("fields", {})
    name, active = body.get("id"), fields.get("active", True) if isinstance(fields, Mapping) else None
    operation = body.get("op")
    found = next((user for user in users if user["name"] == name), None)
    if not isinstance(name, str) or not name or not isinstance(active, bool):
        raise ValueError("a user has a name and is active or not")
    if operation not in ("create", "update", "delete") or (found is None) != (operation == "create"):
        raise ValueError("op must be create for a new user, update or delete for one that exists")
    if operation == "delete":
        users[:] = [user for user in users if user["name"] != name]
    elif found is None:
        users.append({"name": name, "active": active})
    else:
        found["active"] = active
    return {"name": name, "active": active}


async def _error(_: Request, error: Exception) -> Response:
    status, detail = (
        (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "internal error")
    )
    return _json(_message(status, detail), status)


def _message(_: int, message: str) -> dict[str, str]:
    return {"Message": message}


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
