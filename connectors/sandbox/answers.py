"""How a fault looks on the wire: another answer, a late one, half of one, or none."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from connectors.sandbox.fault_kinds import STATUS_KINDS, FaultKind
from connectors.sandbox.faults import Fault

SCOPE_TRANSPORT = "transport"
"""Key in ``scope["state"]`` under which the protocol puts the connection's transport."""

JSON = b"application/json"
_HALF_JSON = b'{"data": [{"id": "1", "na'
_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head>"
    b"<body><h1>The service is being maintained</h1></body></html>\n"
)

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request being answered.

    ``handle`` lets the partner process it and sends its answer through the given Send; ``note`` records the
    request once, with its status; ``error`` words an error body; ``now`` is the partner's clock.
    """

    scope: Scope
    receive: Receive
    send: Send
    handle: Callable[[Send], Awaitable[None]]
    note: Callable[[int | None], None]
    error: Callable[[int, str], bytes]
    now: Callable[[], datetime]


async def respond(send: Send, status: int, body: bytes, kind: bytes = JSON, headers: Headers = ()) -> None:
    """Send one complete answer."""
    length = str(len(body)).encode("ascii")
    everything = [(b"content-type", kind), (b"content-length", length), *headers]
    await send({"type": "http.response.start", "status": status, "headers": everything})
    await send({"type": "http.response.body", "body": body})


async def show(fault: Fault, exchange: Exchange) -> None:
    """Answer a request the way the fault says."""
    options = fault.options
    if options.get("processed"):
        await _collect(exchange)
    if fault.kind in STATUS_KINDS:
        status = int(fault.kind)
        body = exchange.error(status, "injected fault")
        await respond(exchange.send, status, body, headers=_retry_after(fault, exchange.now()))
    elif fault.kind is FaultKind.MALFORMED:
        await respond(exchange.send, 200, _HALF_JSON)
    elif fault.kind is FaultKind.HTML:
        await respond(exchange.send, options.get("status", 200), _PAGE, b"text/html; charset=utf-8")
    elif fault.kind is FaultKind.CUT:
        exchange.note(None)
        await _cut(exchange)
    elif fault.kind is FaultKind.CUT_AFTER:
        exchange.note((await _collect(exchange))[0]["status"])
        await _cut(exchange)
    elif fault.kind is FaultKind.TRUNCATE:
        await _truncate(exchange, options.get("bytes"))
    elif fault.kind is FaultKind.SLOW:
        trickle = options.get("trickle", 0.0)
        await _slow(exchange, options.get("delay", 0.0 if trickle else 1.0), trickle)


def _retry_after(fault: Fault, now: datetime) -> list[tuple[bytes, bytes]]:
    seconds = fault.options.get("retry_after")
    if seconds is None:
        return []
    if fault.options.get("as_date"):
        text = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
    else:
        text = str(math.ceil(seconds))
    return [(b"retry-after", text.encode("ascii"))]


async def _collect(exchange: Exchange) -> tuple[Message, bytes]:
    """Let the partner process the request and keep its answer: start message and whole body."""
    start: Message = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await exchange.handle(keep)
    return start, bytes(body)


async def _truncate(exchange: Exchange, kept: int | None) -> None:
    start, body = await _collect(exchange)
    body = body or b"{}"
    shown = body[: len(body) // 2 if kept is None else kept]
    announced = str(max(len(body), len(shown) + 1)).encode("ascii")
    headers = [pair for pair in start["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
    status = 200 if start["status"] in (204, 304) else start["status"]
    await exchange.send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", announced)],
        }
    )
    await exchange.send({"type": "http.response.body", "body": shown, "more_body": True})
    _transport(exchange).close()  # unlike abort this still sends what was written
    await _gone(exchange.receive)


async def _slow(exchange: Exchange, delay: float, trickle: float) -> None:
    start, body = await _collect(exchange)
    exchange.note(start["status"])
    if not await _pause(exchange.receive, delay):
        return
    await exchange.send(start)
    if trickle:
        for index in range(len(body)):
            await exchange.send(_part(body[index : index + 1]))
            if not await _pause(exchange.receive, trickle):
                return
        body = b""
    await exchange.send({"type": "http.response.body", "body": body})


def _part(data: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def _pause(receive: Receive, seconds: float) -> bool:
    """Wait; whether the client is still there afterwards."""
    try:
        await asyncio.wait_for(_gone(receive), seconds)
    except TimeoutError:
        return True
    return False


async def _cut(exchange: Exchange) -> None:
    _transport(exchange).abort()
    await _gone(exchange.receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(exchange: Exchange) -> asyncio.Transport:
    transport: asyncio.Transport = exchange.scope["state"][SCOPE_TRANSPORT]
    return transport
