"""An Archiv kompakt on loopback: the form of ``wire.py`` and ``filing.py``, written down a second time.

It shares no code with the client, so that a slip in one of them shows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from connectors.archive.sandbox_shelves import Shelves, Unknown
from connectors.sandbox.app import PartnerSandbox, body
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company
from connectors.sandbox.company_documents import Filed

KEY = "archive"
BASE = "/AAKRest"
TOKEN_SECONDS = 1800
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{1,12})")


class Account:
    """The one account: its secrets follow from the seed, its tokens end by the sandbox's clock."""

    def __init__(self, seed: int, clock: Clock) -> None:
        digest = hashlib.sha256(f"practice archive {seed}".encode()).hexdigest()
        self.ready = {
            "username": "einzug",
            "password": digest[:16],
            "client_id": f"client-{digest[16:24]}",
            "client_secret": digest[24:48],
            "scope": f"[{int(digest[48:55], 16) % 10**8:08}]_CUSTOMER",
        }
        self.clock = clock
        self.ends: dict[str, float] = {}
        self.denied = False

    def grant(self, request: Request) -> dict[str, Any]:
        """A token for the right secrets. Raises HTTPException."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        client = base64.b64encode("{client_id}:{client_secret}".format(**self.ready).encode()).decode()
        if scheme != "Basic" or given != client:
            raise HTTPException(401, "invalid_client")
        fields = {name: values[-1] for name, values in parse_qs(body(request).decode()).items()}
        if fields.get("grant_type") != "password":
            raise HTTPException(400, "unsupported_grant_type")
        if any(fields.get(name) != self.ready[name] for name in ("username", "password", "scope")):
            raise HTTPException(400, "invalid_grant")
        token = secrets.token_urlsafe(24)
        self.ends[token] = self.clock.monotonic() + TOKEN_SECONDS
        return {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS}

    def admit(self, request: Request) -> None:
        """Raises HTTPException for a token that is unknown or has ended, and without the right to read."""
        if self.ends.get(token_of(request), 0.0) <= self.clock.monotonic():
            raise HTTPException(401, "invalid_token")
        if self.denied:
            raise HTTPException(403, "access_denied")


def token_of(request: Request) -> str:
    """The bearer token as it came, "" where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def archive_sandbox(company: Company, clock: Clock, *, most_hits: int = 500) -> PartnerSandbox:
    """The archive of this company; ``most_hits`` is the most that a search gives, whatever it asks for."""
    account, shelves = Account(company.seed, clock), Shelves(company, clock, most_hits)
    handlers = (
        ("POST", "/Token", _token),
        ("GET", "/v1/archives", _archives),
        ("POST", "/v2/search", _search),
        ("GET", "/v1/documents/{id}", _document),
        ("POST", "/v1/documents", _store),
        ("PUT", "/v1/documents/{id}/activities/{activity}", _link),
        ("GET", "/v1/activities/{activity}/documents", _linked),
        ("GET", "/v1/files/{info}", _file),
    )
    return PartnerSandbox(
        key=KEY,
        app=Starlette(
            routes=[
                Route(f"{BASE}{path}", partial(handler, account, shelves), methods=[method])
                for method, path, handler in handlers
            ],
            exception_handlers={HTTPException: _error},
        ),
        ready=lambda url: {"url": f"{url}{BASE}", **account.ready},
        state=shelves.state,
        act=partial(_act, account, shelves),
        account=lambda request: account.ready["username"] if token_of(request) else "anonymous",
        error_body=lambda status, message: {"error": f"status_{status}"},
    )


def _act(account: Account, shelves: Shelves, entity: str, data: dict[str, Any]) -> Any:
    """What a clerk does; ``tokens`` ends every token now, ``account`` with ``deny`` takes or gives back the
    right to read. Raises KeyError, ValueError."""
    if entity == "account":
        account.denied = bool(data.get("deny"))
        return {"denied": account.denied}
    if entity == "tokens":
        ended = len(account.ends)
        account.ends.clear()
        return {"ended": ended}
    return shelves.act(entity, data)


async def _token(account: Account, shelves: Shelves, request: Request) -> Response:
    return JSONResponse(account.grant(request))


async def _archives(account: Account, shelves: Shelves, request: Request) -> Response:
    account.admit(request)
    return JSONResponse([shelves.archive(drawer) for drawer in shelves.drawers])


async def _search(account: Account, shelves: Shelves, request: Request) -> Response:
    account.admit(request)
    try:
        asked = json.loads(body(request))
        wanted = {int(index["ID"]): str(index["Value"]) for index in asked["indexes"]}
        found = shelves.search([int(id_) for id_ in asked["arcIDs"]], wanted, int(asked["maxHits"]))
    except (ValueError, KeyError, TypeError):
        raise HTTPException(400, "bad_request") from None
    return JSONResponse([shelves.told(one) for one in found])


async def _document(account: Account, shelves: Shelves, request: Request) -> Response:
    account.admit(request)
    return JSONResponse(shelves.told(_one(shelves, request)))


async def _store(account: Account, shelves: Shelves, request: Request) -> Response:
    account.admit(request)
    try:
        texts, content = parts(request.headers.get("content-type", ""), body(request))
        values = {int(index["ID"]): str(index["Value"]) for index in json.loads(texts["indexes"])}
        stored = shelves.store(int(texts["arcID"]), texts["title"], values, content)
    except (ValueError, KeyError, TypeError):
        raise HTTPException(422, "bad_request") from None
    return JSONResponse(shelves.told(stored), 201)


async def _link(account: Account, shelves: Shelves, request: Request) -> Response:
    account.admit(request)
    shelves.link(_one(shelves, request), unquote(request.path_params["activity"]))
    return Response(status_code=204)


async def _linked(account: Account, shelves: Shelves, request: Request) -> Response:
    account.admit(request)
    return JSONResponse(
        [shelves.told(one) for one in shelves.linked(unquote(request.path_params["activity"]))]
    )


async def _file(account: Account, shelves: Shelves, request: Request) -> Response:
    account.admit(request)
    try:
        lines = base64.b64decode(unquote(request.path_params["info"]), validate=True).decode().split("\r\n")
        one = shelves.one(lines[1])
    except (ValueError, IndexError, Unknown):
        raise HTTPException(404, "not_found") from None
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    if match is None:
        return StreamingResponse(_bytes(one), 200, {"content-length": str(one.size)}, "application/pdf")
    first, last = int(match[1]), min(int(match[2]), one.size - 1)
    if first > last:
        raise HTTPException(416, "bad_range")
    content = b"".join([piece async for piece in _bytes(one)])[first : last + 1]
    return Response(content, 206, {"content-range": f"bytes {first}-{last}/{one.size}"}, "application/pdf")


async def _bytes(one: Filed) -> AsyncIterator[bytes]:
    for piece in one.pieces():
        yield piece


def _one(shelves: Shelves, request: Request) -> Filed:
    try:
        return shelves.one(unquote(request.path_params["id"]))
    except Unknown:
        raise HTTPException(404, "not_found") from None


def parts(kind: str, content: bytes) -> tuple[dict[str, str], bytes]:
    """The text fields of a multipart form and the bytes of the file in it. Raises ValueError, KeyError."""
    match = re.fullmatch(r"multipart/form-data; boundary=([\w-]{1,70})", kind)
    if match is None:
        raise ValueError("no form")
    texts: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in content.split(b"--" + match[1].encode())[1:-1]:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        value = value.removesuffix(b"\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name is None:
            raise ValueError("a part without a name")
        if b"filename=" in head:
            files[name[1].decode()] = value
        else:
            texts[name[1].decode()] = value.decode()
    return texts, files["file"]


async def _error(_: Request, error: Exception) -> Response:
    status, detail = (
        (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "internal error")
    )
    return JSONResponse({"error": detail}, status)
