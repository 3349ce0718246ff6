"""Serves partner sandboxes on 127.0.0.1, each on its own port, with the control API beside them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from connectors.sandbox.answers import SCOPE_TRANSPORT
from connectors.sandbox.app import Beside, PartnerSandbox, wrap
from connectors.sandbox.clock import Clock
from connectors.sandbox.control import Controlled, control_app
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.traffic import RequestLog

HOST = "127.0.0.1"
KEEP_ALIVE = 75  # seconds; longer than clients keep idle connections, so that they are the ones who close
GRACE = 0.5  # seconds that requests under way get when the servers end


async def serve(
    partners: Sequence[PartnerSandbox],
    *,
    ready: Callable[[dict[str, Any]], None],
    faults: Sequence[Fault] = (),
    port_base: int = 0,
    tls: bool = False,
    seconds: float | None = None,
    stop: asyncio.Event | None = None,
    clock: Clock | None = None,
) -> None:
    """Serve until ``stop`` is set, SIGINT or SIGTERM comes, or ``seconds`` are over.

    ``ready`` gets the ready line once everything listens; ``clock`` is the one the partners were made with.
    Raises ValueError for a fault at an unknown partner or an impossible port, OSError for a port that is
    taken.
    """
    stop = stop or asyncio.Event()
    async with running(partners, faults=faults, port_base=port_base, tls=tls, clock=clock) as line:
        with _signals_set(stop):
            ready(line)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)


@contextlib.asynccontextmanager
async def running(
    partners: Sequence[PartnerSandbox],
    *,
    faults: Sequence[Fault] = (),
    port_base: int = 0,
    tls: bool = False,
    clock: Clock | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """Serve in the current loop while the context is open; gives the ready line. Raises like ``serve``."""
    clock = clock or Clock()
    armed = Faults(faults, [partner.key for partner in partners])
    logs = {partner.key: RequestLog() for partner in partners}
    control = control_app(Controlled({partner.key: partner for partner in partners}, armed, clock, logs))
    # Without a handler of its own, logging would print the server's warnings to stderr.
    quiet = logging.getLogger("uvicorn")
    if not quiet.handlers:
        quiet.addHandler(logging.NullHandler())
    async with contextlib.AsyncExitStack() as stack:
        line: dict[str, Any] = {"schema": 1, "partners": {}}
        context, certify = None, None
        if tls:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="einzug-ca-")))
            certify, ca = _certificate(folder)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certify(context)
            line["ca"] = str(ca)
        more = sum(partner.beside is not None for partner in partners)
        sockets = [stack.enter_context(bound) for bound in _bind(len(partners) + 1 + more, port_base)]
        besides = iter(sockets[len(partners) + 1 :])
        listeners = await stack.enter_async_context(_listeners())
        for partner, bound in zip(partners, sockets, strict=False):
            app = wrap(partner, armed, clock, logs[partner.key])
            entry = partner.ready(await listeners.open(app, bound, context))
            if partner.beside:
                shared = Beside(armed, logs[partner.key], next(besides), certify)
                entry |= stack.enter_context(partner.beside(shared))
            line["partners"][partner.key] = entry
        line["control"] = await listeners.open(control, sockets[len(partners)], None)
        yield line


class _Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 that also hands the transport to the app, for faults below HTTP."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        self.app_state = {SCOPE_TRANSPORT: transport}
        super().connection_made(transport)


@dataclass(slots=True)
class _Listeners:
    """What listens, in uvicorn's protocol but without its Server: that one would install signal handlers, and
    end only on a timer tick and after the last client left."""

    state: ServerState = field(default_factory=ServerState)
    servers: list[asyncio.Server] = field(default_factory=list)

    async def open(self, app: ASGIApp, bound: socket.socket, context: ssl.SSLContext | None) -> str:
        """Serve one app on one socket; gives its base url."""
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
        )
        config.load()
        loop = asyncio.get_running_loop()
        self.servers.append(
            await loop.create_server(
                lambda: _Protocol(config, self.state, {}, loop),
                sock=bound,
                ssl=context,
                backlog=config.backlog,
            )
        )
        return f"{'https' if context else 'http'}://{HOST}:{bound.getsockname()[1]}"

    async def close(self) -> None:
        """End all: idle connections at once, requests under way within GRACE, then by force."""
        for server in self.servers:
            server.close()
        for connection in list(self.state.connections):
            connection.shutdown()
        if self.state.tasks:
            await asyncio.wait(set(self.state.tasks), timeout=GRACE)
        for task in list(self.state.tasks):
            task.cancel()
        if self.state.tasks:
            await asyncio.wait(set(self.state.tasks), timeout=GRACE)
        for connection in list(self.state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # lets the loop tell the connections that they are lost


@contextlib.asynccontextmanager
async def _listeners() -> AsyncIterator[_Listeners]:
    listeners = _Listeners()
    try:
        yield listeners
    finally:
        await listeners.close()


def _bind(number: int, base: int) -> list[socket.socket]:
    """Sockets on HOST: free ports, or ``base`` and the following."""
    if base and not 1 <= base <= 65_536 - number:
        raise ValueError(f"port {base}: allowed are 1 to {65_536 - number}, or 0 for free ports")
    with contextlib.ExitStack() as unwind:
        sockets = []
        for index in range(number):
            # The protocol is named because asyncio sets TCP_NODELAY only then; without it every answer
            # would wait for the client's delayed acknowledgement.
            bound = unwind.enter_context(
                socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            )
            exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
            # On Windows SO_REUSEADDR would let another program take the same port.
            bound.setsockopt(socket.SOL_SOCKET, exclusive or socket.SO_REUSEADDR, 1)
            bound.bind((HOST, base + index if base else 0))
            sockets.append(bound)
        unwind.pop_all()
    return sockets


def _certificate(folder: Path) -> tuple[Callable[[Any], None], Path]:
    """What makes a server context present a certificate for HOST, and the file with the CA clients are to
    trust; no key stays on disk."""
    import trustme  # late: it brings cryptography

    authority = trustme.CA()
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return authority.issue_cert(HOST).configure_cert, path


@contextlib.contextmanager
def _signals_set(stop: asyncio.Event) -> Iterator[None]:
    """While open, SIGINT, SIGTERM and on Windows SIGBREAK set the event; then they are as before.

    The loop's own handlers wake it up reliably; Windows has none, but its loop wakes up for any signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    wanted = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in wanted}
    for number in wanted:
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
