"""A raw server on loopback that answers, lies, hangs and breaks off as a test wants, and a client for it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.contract import Limits
from connectors.http import CallLog, Http, Network
from connectors.problems import Failure, Problem

LIMITS = Limits(requests_per_second=1000, burst=1000)
CALM = Network(timeout=10, deadline=20)
QUICK = Network(timeout=0.1, deadline=0.2)  # for servers that do not answer in time

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Seen:
    """What a server got: its address, the raw requests, and how many connections it had at most at once."""

    answer: Answer
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    open: int = 0
    most: int = 0
    came: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))


def raw(data: bytes) -> Answer:
    """Answers with these bytes and closes."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return answer


def reply(status: int, body: bytes = b"{}", kind: str = "application/json", **headers: str) -> Answer:
    """A complete answer on a connection that is then closed."""
    head = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in head.items())
    return raw(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body)


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line.split(b":")[1]))
    return b""


@asynccontextmanager
async def serving(
    answer: Answer, tls: ssl.SSLContext | None = None, *, again: bool = False
) -> AsyncIterator[Seen]:
    """A server that answers one request per connection, or ``again`` and again; ``answer`` may change."""
    seen = Seen(answer)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.open += 1
        seen.came.release()
        seen.most = max(seen.most, seen.open)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                seen.requests.append(head + await _body(reader, head))
                await seen.answer(writer)
                await writer.drain()
                if not again:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client left
        finally:
            seen.open -= 1
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    seen.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield seen
    finally:
        server.close()


@asynccontextmanager
async def client(url: str, network: Network = CALM, **more: Any) -> AsyncIterator[tuple[Http, CallLog]]:
    """An Http for the address, closed at the end."""
    log = CallLog()
    http = Http("testpartner", url, network=network, log=log, limits=LIMITS, **more)
    try:
        yield http, log
    finally:
        await http.aclose()


async def problem_of(url: str, network: Network = CALM, method: str = "POST", **more: Any) -> Problem:
    """The problem of one writing call; checks that it was logged under the same code."""
    async with client(url, network) as (http, log):
        with pytest.raises(Failure) as caught:
            await http.send(method, "/a", **{"json": {"n": 1}, "write": True, **more})
        (call,) = log.calls()
        assert (call.problem, call.status) == (caught.value.problem.code, caught.value.problem.status)
        return caught.value.problem


def closed_port() -> int:
    """A port on which nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def kept(writer: asyncio.StreamWriter) -> None:
    """Answers and keeps the connection."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")


async def silent(_: asyncio.StreamWriter) -> None:
    """Says nothing for longer than anybody waits."""
    await asyncio.sleep(0.3)
