"""What every partner sandbox is made of, and the thin layer that records, spoils and limits its requests."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.answers import Exchange, respond, show
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import (
    SCOPE_FAULTS,
    SCOPE_PARTNER,
    Fault,
    FaultKind,
    Faults,
    active,
    rejects,
)
from connectors.sandbox.rate import Buckets
from connectors.sandbox.traffic import RequestLog, pattern_of

SCOPE_BODY = "sandbox.body"
LARGEST_BODY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Beside:
    """What the frame gives to a server that a partner has beside its app.

    ``bound`` is its own socket on loopback, not listening yet. ``certify`` makes a TLS context (of ``ssl`` or
    of pyOpenSSL) present the certificate that all sandboxes share; None where they serve without TLS.
    """

    faults: Faults
    log: RequestLog
    bound: socket.socket
    certify: Callable[[Any], None] | None = None


@dataclass(frozen=True, slots=True)
class PartnerSandbox:
    """One partner on loopback, as the shared frame serves it.

    ``app`` has the partner's routes; it sees the path still percent-encoded (``raw_path``), so ``{id}`` in a
    route matches ``12%2F3`` and the handler decodes it with ``urllib.parse.unquote``.
    ``ready`` gives the partner's entry of the ready line for a base url such as ``http://127.0.0.1:8001``.
    ``state`` answers the control API for one entity or, with None, for all; ``act`` does what a tenant,
    clerk or applicant does. Both raise KeyError for an unknown entity and ValueError for impossible values.
    ``account`` names whom a request counts for in the rate limit, "" for requests outside of it; ``rate`` is
    (requests per second, burst) per account. ``error_body(status, message)`` words an injected error the way
    the partner words its own. ``beside`` runs another server while its context is open, and gives what the
    ready line says of it; it is entered and left in the loop that serves the app.
    """

    key: str
    app: ASGIApp
    ready: Callable[[str], dict[str, Any]]
    state: Callable[[str | None], Any]
    act: Callable[[str, dict[str, Any]], Any]
    account: Callable[[Request], str]
    rate: tuple[float, int] | None = None
    error_body: Callable[[int, str], Any] | None = None
    beside: Callable[[Beside], AbstractContextManager[dict[str, Any]]] | None = None


def raw_path(request: Request) -> str:
    """The path as it was sent, still percent-encoded, without the query."""
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii")


def body(request: Request) -> bytes:
    """The whole body, already read by the frame."""
    content: bytes = request.scope[SCOPE_BODY]
    return content


def form(request: Request) -> dict[str, str]:
    """The fields of a form body (application/x-www-form-urlencoded); of a repeated one the last."""
    return dict(parse_qsl(body(request).decode("utf-8", "replace"), keep_blank_values=True))


def wrap(partner: PartnerSandbox, faults: Faults, clock: Clock, log: RequestLog) -> ASGIApp:
    """The partner's app behind the layer that records, spoils and limits its requests."""
    buckets = Buckets()

    async def layered(scope: Scope, receive: Receive, send: Send) -> None:
        content = await _read(receive)
        if content is None:
            return
        request = _prepare(scope, receive, partner, faults, content)
        fault = faults.match(partner.key, request.method, raw_path(request))
        exchange = _exchange(partner, request, send, clock, log, fault)
        if fault is not None:
            await show(fault, exchange)
        elif len(content) > LARGEST_BODY:
            await respond(exchange.send, 413, exchange.error(413, "the body is too large"))
        elif wait := _wait(partner, request, buckets):
            after = (b"retry-after", str(math.ceil(wait)).encode("ascii"))
            await respond(exchange.send, 429, exchange.error(429, "too many requests"), headers=[after])
        elif _rejected(request):
            await respond(exchange.send, 422, exchange.error(422, "injected fault: this record is rejected"))
        else:
            await exchange.handle(exchange.send)

    return layered


def _prepare(
    scope: Scope, receive: Receive, partner: PartnerSandbox, faults: Faults, content: bytes
) -> Request:
    """Give the scope what routes and handlers need: the raw path, the body and the faults."""
    scope["path"] = scope["raw_path"].decode("ascii")
    scope[SCOPE_BODY] = content
    scope[SCOPE_FAULTS] = faults
    scope[SCOPE_PARTNER] = partner.key
    return Request(scope, receive)


def _exchange(
    partner: PartnerSandbox, request: Request, send: Send, clock: Clock, log: RequestLog, fault: Fault | None
) -> Exchange:
    scope = request.scope
    noted = False

    def note(status: int | None) -> None:
        nonlocal noted
        if not noted:
            noted = True
            pattern = pattern_of(getattr(partner.app, "routes", []), scope)
            log.add(clock.now(), scope, pattern, body(request), status, fault.kind.value if fault else None)

    async def recording(message: Message) -> None:
        if message["type"] == "http.response.start":
            note(message["status"])  # before the answer leaves, so that whoever reads it finds the record
            date = format_datetime(clock.now(), usegmt=True).encode("ascii")
            message = {**message, "headers": [*message.get("headers", ()), (b"date", date)]}
        await send(message)

    async def handle(through: Send) -> None:
        await partner.app(scope, _replay(body(request), request.receive), through)

    def error(status: int, message: str) -> bytes:
        words = partner.error_body(status, message) if partner.error_body else {"error": message}
        return json.dumps(words).encode("ascii")

    return Exchange(scope, request.receive, recording, handle, note, error, clock.now)


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or a little more than the largest allowed one; None when the client went away."""
    content = bytearray()
    while len(content) <= LARGEST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        content += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(content)


def _replay(content: bytes, receive: Receive) -> Receive:
    """A Receive that gives the body once and then waits for the client to leave."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return replay


def _wait(partner: PartnerSandbox, request: Request, buckets: Buckets) -> float:
    """Seconds this request came too early for its account's rate, 0 when it may pass."""
    rate = partner.rate
    for fault in active(FaultKind.RATE, request):
        per_second: float = fault.options["per_second"]
        rate = (per_second, fault.options.get("burst", max(1, int(per_second))))
    if rate is None:
        return 0.0
    account = partner.account(request)
    return buckets.take((account, rate), *rate) if account else 0.0


def _rejected(request: Request) -> bool:
    """Whether a ``reject`` fault names the record this request writes: the last segment of its path."""
    if request.method not in ("PUT", "PATCH", "DELETE"):
        return False
    return rejects(request, unquote(raw_path(request).rpartition("/")[2]))
