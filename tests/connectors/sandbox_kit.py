"""A tiny partner in the frame of all sandboxes, and a client that sees it over real loopback HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.app import PartnerSandbox, body, form, raw_path
from connectors.sandbox.faults import Fault, rejects, rewrite
from connectors.sandbox.server import running

ID = "001/12 ä"
ENCODED = quote(ID, safe="")


def shelf(key: str = "p", rate: tuple[float, int] | None = None) -> PartnerSandbox:
    """A partner that keeps things by id."""
    things: dict[str, Any] = {}

    async def put(request: Request) -> Response:
        id_ = unquote(request.path_params["id"])
        things[id_] = rewrite(request, await request.json())
        return JSONResponse({"id": id_, "raw": raw_path(request)}, 201)

    async def get(request: Request) -> Response:
        id_ = unquote(request.path_params["id"])
        return JSONResponse(things[id_]) if id_ in things else JSONResponse({"error": "unknown"}, 404)

    async def bulk(request: Request) -> Response:
        ids = json.loads(body(request))
        return JSONResponse({id_: not rejects(request, id_) for id_ in ids})

    async def login(request: Request) -> Response:
        return JSONResponse({"user": form(request)["username"]})

    def state(entity: str | None) -> Any:
        return {"things": things} if entity is None else {"things": things}[entity]

    def act(entity: str, data: dict[str, Any]) -> Any:
        if entity != "things":
            raise KeyError(entity)
        things[str(data["id"])] = data
        return {"id": data["id"], "on": datetime(2026, 1, 2, tzinfo=UTC).date()}

    routes = [
        Route("/v1/things/{id}", put, methods=["PUT"]),
        Route("/v1/things/{id}", get),
        Route("/v1/bulk", bulk, methods=["POST"]),
        Route("/v1/login", login, methods=["POST"]),
    ]
    return PartnerSandbox(
        key=key,
        app=Starlette(routes=routes),
        ready=lambda base: {"url": base},
        state=state,
        act=act,
        account=lambda request: request.headers.get("x-account", ""),
        rate=rate,
    )


class Frame:
    """A running frame with one partner "p", seen from a client."""

    def __init__(self, line: dict[str, Any], client: httpx.AsyncClient) -> None:
        self.line = line
        self.client = client
        self.url = line["partners"]["p"]["url"]
        self.control = line["control"]

    async def put(self, id_: str = "1", value: Any = None) -> httpx.Response:
        return await self.client.put(f"{self.url}/v1/things/{quote(id_, safe='')}", json=value or {"a": 1})

    async def fault(self, spec: str) -> str:
        answer = await self.client.post(f"{self.control}/faults", json=Fault.parse(spec).to_json())
        assert answer.status_code == 200, answer.text
        key: str = answer.json()["id"]
        return key

    async def things(self) -> Any:
        return (await self.client.get(f"{self.control}/state/p/things")).json()

    async def requests(self, **query: Any) -> Any:
        return (await self.client.get(f"{self.control}/requests/p", params=query)).json()


@contextlib.asynccontextmanager
async def frame(rate: tuple[float, int] | None = None, **how: Any) -> AsyncIterator[Frame]:
    async with running([shelf(rate=rate)], **how) as line:
        verify: Any = ssl.create_default_context(cafile=line["ca"]) if "ca" in line else False
        async with httpx.AsyncClient(trust_env=False, verify=verify, timeout=10) as client:
            yield Frame(line, client)


async def raw(url: str, request: bytes) -> bytes:
    """Everything a server sends back before it ends the connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def put_bytes(id_: str = "1") -> bytes:
    content = b'{"a": 1}'
    head = f"PUT /v1/things/{id_} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
