"""The toy partner on loopback. Sending a create twice makes two items, as plain POST interfaces do."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.app import PartnerSandbox, body
from connectors.sandbox.clock import Clock

KEY = "toy-key-7c1f"
PAGE = 20


@dataclass
class Shelf:
    """Items by number, how often each reference came into being, and what the key may do."""

    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    rights: set[str] = field(default_factory=lambda: {"read", "write"})
    last: int = 0

    def add(self, item: dict[str, Any]) -> dict[str, Any]:
        """A new item, whatever is there already."""
        self.last += 1
        self.creates[item["ref"]] += 1
        self.items[self.last] = {"number": self.last, **item}
        return self.items[self.last]

    def act(self, entity: str, data: dict[str, Any]) -> Any:
        """Make an item, or ``remove`` rights."""
        if entity == "rights":
            self.rights -= set(data["remove"])
            return sorted(self.rights)
        return self.add(data)

    def state(self, entity: str | None) -> Any:
        """The items, or how often each reference was created."""
        views = {"item": list(self.items.values()), "creates": {"item": dict(self.creates)}}
        return views if entity is None else views[entity]


def toy_sandbox(_clock: Clock) -> PartnerSandbox:
    """An empty toy."""
    shelf = Shelf()
    routes = [
        Route("/me", partial(_guarded, shelf, "", _me), methods=["GET"]),
        Route("/items", partial(_guarded, shelf, "read", _list), methods=["GET"]),
        Route("/items", partial(_guarded, shelf, "write", _post), methods=["POST"]),
        Route("/items/{number:int}", partial(_guarded, shelf, "read", _get), methods=["GET"]),
        Route("/items/{number:int}", partial(_guarded, shelf, "write", _put), methods=["PUT"]),
        Route("/items/{number:int}", partial(_guarded, shelf, "write", _delete), methods=["DELETE"]),
    ]
    return PartnerSandbox(
        key="toy",
        app=Starlette(routes=routes),
        ready=lambda url: {"url": url, "key": KEY},
        state=shelf.state,
        act=shelf.act,
        account=lambda request: request.headers.get("x-key", ""),
    )


async def _guarded(shelf: Shelf, right: str, handler: Any, request: Request) -> Response:
    if request.headers.get("x-key") != KEY:
        return JSONResponse({"code": "bad_key"}, 401)
    if right and right not in shelf.rights:
        return JSONResponse({"code": "no_right"}, 403)
    number = request.path_params.get("number")
    if number is not None and number not in shelf.items:
        return JSONResponse({"code": "not_found"}, 404)
    status, answer = handler(shelf, request)
    return JSONResponse(answer, status)


def _me(shelf: Shelf, _request: Request) -> tuple[int, Any]:
    return 200, {"rights": sorted(shelf.rights)}


def _list(shelf: Shelf, request: Request) -> tuple[int, Any]:
    query = request.query_params
    if "ref" in query:
        return 200, {"items": [item for item in shelf.items.values() if item["ref"] == query["ref"]]}
    rest = [item for number, item in shelf.items.items() if number > int(query.get("after", 0))]
    return 200, {"items": rest[:PAGE], "more": len(rest) > PAGE}


def _get(shelf: Shelf, request: Request) -> tuple[int, Any]:
    return 200, shelf.items[request.path_params["number"]]


def _post(shelf: Shelf, request: Request) -> tuple[int, Any]:
    item = json.loads(body(request))
    return (201, shelf.add(item)) if item.get("title") else (422, {"code": "no_title"})


def _put(shelf: Shelf, request: Request) -> tuple[int, Any]:
    fields = json.loads(body(request))
    if not fields.get("title"):
        return 422, {"code": "no_title"}
    item = shelf.items[request.path_params["number"]]
    item.update(fields)
    return 200, item


def _delete(shelf: Shelf, request: Request) -> tuple[int, Any]:
    return 200, shelf.items.pop(request.path_params["number"])
