"""A Bots4You of our own on loopback: the assumed wire form of ``client.py``, written down a second time.

It shares no code with the client, so that a slip in one of them shows. Everything lives in memory.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.bots4you.sandbox_refusal import Refusal, json_of
from connectors.bots4you.sandbox_tickets import Tickets, ticket_routes
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import rejects, rewrite

RATE = (20.0, 20)
"""Requests per second and burst, per account."""
BULK = 500
ACCOUNT = "Wohnbau Musterstadt eG"
"""What the account is called; its user name is a credential and another thing."""
_AREAS = ("tenants", "ticket-categories", "tickets")
RIGHTS = tuple(f"{area}:{verb}" for area in _AREAS for verb in ("read", "write"))


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


_TEXTS = (
    "clientNumber", "contractNumber", "contractStatus", "salutation", "firstName", "lastName", "companyName",
    "email", "street", "houseNumber", "postalCode", "city", "unitLabel", "language", "unitId",
)  # fmt: skip


@dataclass(slots=True)
class _Shelf:
    """The records of one entity. ``filled`` must hold something, ``optional`` may be absent."""

    id: str
    right: str
    fields: Mapping[str, Callable[[Any], bool]]
    filled: tuple[str, ...]
    optional: tuple[str, ...] = ()
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    order: list[str] | None = None  # sorted ids, None when they have to be sorted anew

    def check(self, fields: Any) -> None:
        """Whether this is a whole record. Raises Refusal."""
        if not isinstance(fields, dict):
            raise Refusal(422, "wrong_type")
        for name in fields:
            if name not in self.fields:
                raise Refusal(422, "unknown_field", name)
        for name, fits in self.fields.items():
            if name not in fields and name not in self.optional:
                raise Refusal(422, "missing_field", name)
            value = fields.get(name)
            if value is not None and not fits(value):
                raise Refusal(422, "wrong_type", name)
            if name in self.filled and value in (None, ""):
                raise Refusal(422, "empty_field", name)

    def put(self, id_: str, fields: dict[str, Any], now: str) -> int:
        """Store a checked record: 201 when it is new, 200 when it replaces one."""
        new = id_ not in self.records
        if new:
            self.creates[id_] += 1
            self.order = None
        self.records[id_] = {self.id: id_, **fields, "updatedAt": now}
        return 201 if new else 200

    def remove(self, id_: str) -> None:
        """Delete a record. Raises Refusal."""
        if self.records.pop(id_, None) is None:
            raise Refusal(404, "not_found")
        self.order = None

    def clear(self) -> None:
        """Hold nothing, and remember nothing that was ever held."""
        self.records.clear()
        self.creates.clear()
        self.order = None

    def page(self, number: int, size: int) -> dict[str, Any]:
        """One page of the list, sorted by id; empty beyond the last."""
        if self.order is None:
            self.order = sorted(self.records)
        ids = self.order[(number - 1) * size : number * size]
        pages = max(1, -(-len(self.order) // size))
        items = [self.records[id_] for id_ in ids]
        return {"items": items, "page": number, "pages": pages, "total": len(self.order)}


def _tenants() -> _Shelf:
    fields = dict.fromkeys(_TEXTS, _is_text) | dict.fromkeys(
        ("contractStart", "contractEnd", "birthDate"), _is_day
    )
    return _Shelf(
        "externalId",
        "tenants",
        fields | {"isMainTenant": _is_flag, "phoneNumbers": _is_texts},
        filled=("clientNumber", "contractNumber"),
        optional=("birthDate",),
    )


def _categories() -> _Shelf:
    fields = {"name": _is_text, "kind": _is_text, "parent": _is_text, "active": _is_flag}
    return _Shelf("categoryId", "ticket-categories", fields, filled=("name",))


@dataclass(slots=True)
class _Account:
    """The one account of a sandbox with everything it holds, by the console's entity names."""

    username: str
    password: str
    bulk: bool
    clock: Clock
    tickets: Tickets
    rights: set[str] = field(default_factory=lambda: set(RIGHTS))
    shelves: dict[str, _Shelf] = field(
        default_factory=lambda: {"tenant": _tenants(), "ticket_category": _categories()}
    )

    def now(self) -> str:
        """The moment as it is stored."""
        return self.clock.now().isoformat(timespec="seconds")

    def admit(self, request: Request, right: str | None = None) -> None:
        """Basic auth, then the right. Raises Refusal."""
        if _credentials(request) != (self.username, self.password):
            raise Refusal(401, "unauthorized")
        if right is not None and right not in self.rights:
            raise Refusal(403, "forbidden", right)

    def state(self, entity: str | None) -> Any:
        """An entity's records in order, ``ticket_arrivals`` (what came to tickets, and how often),
        ``rights``, or ``creates`` (how often each id came into being)."""
        views: dict[str, Callable[[], Any]] = {
            **{name: partial(_listed, shelf) for name, shelf in self.shelves.items()},
            "ticket": self.tickets.all,
            "ticket_arrivals": self.tickets.arrivals,
            "rights": lambda: sorted(self.rights),
            "creates": lambda: {name: dict(shelf.creates) for name, shelf in self.shelves.items()},
        }
        return {name: view() for name, view in views.items()} if entity is None else views[entity]()

    def act(self, entity: str, data: dict[str, Any]) -> Any:
        """Store a record as somebody at Bots4You would; ``ticket`` as in ``Tickets.act``; ``rights`` with
        ``add`` and ``remove`` (lists); ``reset`` empties the account."""
        if entity == "ticket":
            return self.tickets.act(data)
        if entity == "rights":
            changed = {key: set(data.get(key, ())) for key in ("add", "remove")}
            if unknown := (changed["add"] | changed["remove"]) - set(RIGHTS):
                raise ValueError(f"unknown right {min(unknown)!r}, known are {', '.join(RIGHTS)}")
            self.rights = (self.rights | changed["add"]) - changed["remove"]
            return sorted(self.rights)
        if entity == "reset":
            for shelf in self.shelves.values():
                shelf.clear()
            self.tickets.clear()
            return None
        shelf = self.shelves[entity]
        fields = dict.fromkeys(set(shelf.fields) - set(shelf.optional)) | data
        id_ = fields.pop(shelf.id, None)
        if not isinstance(id_, str) or not id_:
            raise ValueError(f"{shelf.id} is missing")
        try:
            shelf.check(fields)
        except Refusal as refusal:
            raise ValueError(f"{refusal} {refusal.error['field']}") from None
        shelf.put(id_, fields, self.now())
        return shelf.records[id_]


def _listed(shelf: _Shelf) -> list[dict[str, Any]]:
    return [shelf.records[id_] for id_ in sorted(shelf.records)]


def bots4you_sandbox(clock: Clock, *, seed: int = 1, bulk: bool = True) -> PartnerSandbox:
    """An empty Bots4You account; its credentials follow from the seed."""
    password = hashlib.sha256(f"bots4you {seed}".encode()).hexdigest()[:24]
    account = _Account(f"einzug-{seed}", password, bulk, clock, Tickets(clock, seed))
    routes = [Route("/api/v1/me", partial(_me, account), methods=["GET"])]
    routes += ticket_routes(account.tickets, account.admit)
    for shelf in account.shelves.values():
        path = f"/api/v1/{shelf.right}"
        routes.append(Route(path, partial(_list, account, shelf), methods=["GET"]))
        if shelf.right == "tenants":
            routes.append(Route(f"{path}/bulk", partial(_bulk, account, shelf), methods=["POST"]))
        routes += [
            Route(f"{path}/{{id}}", partial(handler, account, shelf), methods=[method])
            for method, handler in (("GET", _get), ("PUT", _put), ("DELETE", _delete))
        ]
    return PartnerSandbox(
        key="bots4you",
        app=Starlette(routes=routes, exception_handlers={Refusal: _refused}),
        ready=lambda url: {"url": url, "username": account.username, "password": account.password},
        state=account.state,
        act=account.act,
        account=lambda request: (_credentials(request) or ("anonymous", ""))[0],
        rate=RATE,
        error_body=lambda status, message: {"error": {"code": f"status_{status}", "field": None}},
    )


async def _me(account: _Account, request: Request) -> Response:
    account.admit(request)
    return JSONResponse({"account": ACCOUNT, "rights": sorted(account.rights), "bulk": account.bulk})


async def _list(account: _Account, shelf: _Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:read")
    query = request.query_params
    number, size = (query.get(name, default) for name, default in (("page", "1"), ("pageSize", "100")))
    if not (number.isdecimal() and size.isdecimal() and int(number) >= 1 and 1 <= int(size) <= 100):
        raise Refusal(400, "bad_page")
    return JSONResponse(shelf.page(int(number), int(size)))


async def _get(account: _Account, shelf: _Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:read")
    id_ = unquote(request.path_params["id"])
    if id_ not in shelf.records:
        raise Refusal(404, "not_found")
    return JSONResponse(shelf.records[id_])


async def _put(account: _Account, shelf: _Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:write")
    id_, fields = unquote(request.path_params["id"]), json_of(request)
    shelf.check(fields)
    status = shelf.put(id_, rewrite(request, fields), account.now())
    return JSONResponse(shelf.records[id_], status)


async def _delete(account: _Account, shelf: _Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:write")
    shelf.remove(unquote(request.path_params["id"]))
    return Response(status_code=204)


async def _bulk(account: _Account, shelf: _Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:write")
    if not account.bulk:
        raise Refusal(403, "bulk_not_enabled")
    data = json_of(request)
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise Refusal(400, "bad_body")
    if len(items) > BULK:
        raise Refusal(413, "too_many")
    return JSONResponse({"results": [_one(account, shelf, request, item) for item in items]})


def _one(account: _Account, shelf: _Shelf, request: Request, item: Any) -> dict[str, Any]:
    """Store one item of a bulk call; its result."""
    fields = dict(item) if isinstance(item, dict) else {}
    id_ = fields.pop(shelf.id, None)
    try:
        _check_id(shelf, request, id_)
        shelf.check(fields)
    except Refusal as refusal:
        return {shelf.id: id_, "status": refusal.status, "error": refusal.error}
    return {shelf.id: id_, "status": shelf.put(id_, rewrite(request, fields), account.now()), "error": None}


def _check_id(shelf: _Shelf, request: Request, id_: Any) -> None:
    if not isinstance(id_, str) or not id_:
        raise Refusal(422, "missing_field", shelf.id)
    if rejects(request, id_):
        raise Refusal(422, "rejected")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  (registered for it alone)
    headers = {"www-authenticate": 'Basic realm="Bots4You"'} if error.status == 401 else None
    return JSONResponse({"error": error.error}, error.status, headers)


def _credentials(request: Request) -> tuple[str, str] | None:
    """User name and password of the Basic header, None where there is none that can be read."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        username, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (username, password) if scheme.lower() == "basic" and colon else None
