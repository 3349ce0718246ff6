"""The one way out: sends a request once, within limits and a deadline, and says what went wrong as a Problem.

Repeating is decided elsewhere. Nothing here or below may show a secret or a value of a record: places have no
query, bodies are never logged, and the client library's exceptions (they hold the request) do not leave.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

from connectors import answers, bodies
from connectors.answers import Reply
from connectors.calllog import Call, CallLog
from connectors.contract import Limits
from connectors.limiter import Held, Limiter
from connectors.network import Network, client, proxy_for
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.redaction import mask_secrets

if TYPE_CHECKING:
    import httpx

    from connectors.partner import Connection

__all__ = ["Call", "CallLog", "Http", "Limiter", "Network", "Params", "Reply", "open_http"]

Params = Mapping[str, str | int | bool | Sequence[str | int] | None]
"""Query values; None is left out, a sequence repeats the key, a bool is ``true`` or ``false``."""

PATIENCE = 60.0
"""Seconds a call waits for the limiter beyond its own queue, before it fails as ``http.held``."""

_IN_PATH = "/%:@!$&'()*+,;=?~"
_PIECE = 256 * 1024  # bytes of a file that are in memory at once


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """One request ready to be sent; ``target`` is what stands in the request line."""

    method: str
    target: bytes
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    auth: tuple[str, str] | None = field(repr=False)
    path: str
    where: str
    write: bool
    file: BinaryIO | None = field(default=None, repr=False)

    @property
    def sent(self) -> tuple[bytes, ...]:
        """Everything of ours that an error body might quote."""
        own = [*self.headers.values(), *(self.auth or ())]
        return (self.target, self.content, *(v.encode(errors="replace") for v in own))


@dataclass(slots=True)
class _Flight:
    """How far a request got, told by the client library's trace."""

    left: bool = False
    answered: bool = False

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """Note the two moments that matter."""
        if event.endswith("send_request_headers.started"):
            self.left = True
        elif event.endswith("receive_response_headers.complete"):
            self.answered = True


@dataclass(frozen=True, slots=True)
class _Landed:
    """How one attempt ended."""

    result: Reply | Problem
    size: int = 0

    @property
    def code(self) -> str | None:
        """The code of the problem, if it is one."""
        return self.result.code if isinstance(self.result, Problem) else None

    @property
    def shown(self) -> tuple[int | None, int, str | None]:
        """Status, size and problem code for the call log."""
        return self.result.status, self.size, self.code


class Http:
    """Speaks to one account of one partner. Opens nothing before the first call; owns its limiter."""

    def __init__(
        self,
        partner: str,
        base_url: str,
        *,
        network: Network,
        log: CallLog,
        limits: Limits,
        limiter: Limiter | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        self.partner = partner
        self._base = base_url.rstrip("/")
        self._network = network
        self._log = log
        self._patience = PATIENCE + limits.in_flight / limits.requests_per_second
        self._limiter = limiter
        self._secrets = {s for s in secrets if s}
        self._slots = asyncio.Semaphore(limits.in_flight)
        self._proxy: str | None = None
        self._client: httpx.AsyncClient | None = None
        self._busy = 0
        # A call cancelled between connecting and sending leaves a connection in httpx's pool that nobody
        # can use or close: such a client is replaced as soon as no call needs it.
        self._worn = False

    def __repr__(self) -> str:
        return f"Http({self.partner}, {host_of(self._base)})"

    def conceal(self, secret: str) -> None:
        """Mask one more secret from now on, such as a token just received."""
        if secret:
            self._secrets.add(secret)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        file: BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        write: bool = False,
    ) -> Reply:
        """Send one request once and return the answer, or raise Failure.

        ``path`` is joined to the base address as it is, already percent-encoded: ``%2F`` and dots survive.
        ``file`` is sent whole, piece by piece; its kind stands in ``headers``.
        ``write`` says that the request changes something there: an unclear end counts as perhaps arrived.
        """
        async with self._slots:
            await self._open()  # what is wrong with the settings shows before any waiting
            try:
                outgoing = self._prepare(method, path, params, json, form, headers, auth, write)
                outgoing = outgoing if file is None else _with_file(outgoing, file)
            except UnicodeEncodeError:  # half a surrogate pair, which no encoding can carry
                outgoing = None
            if outgoing is None:
                raise Failure(Problem("http.request", Trouble.CONFIG, Owner.CONSULTANT, where=method))
            await self._admit(outgoing)
            client_ = await self._open()
            self._busy += 1
            try:
                return await self._exchange(client_, outgoing)
            finally:
                self._busy -= 1

    async def aclose(self) -> None:
        """Close the connections and the limiter. Idempotent."""
        if self._limiter is not None:
            self._limiter.close()
        await self._drop()

    async def _drop(self) -> None:
        client_, self._client, self._worn = self._client, None, False
        if client_ is not None:
            await client_.aclose()

    async def _open(self) -> httpx.AsyncClient:
        if self._worn and not self._busy:
            await self._drop()
        if self._client is None:
            if not host_of(self._base) or urlsplit(self._base).scheme not in ("http", "https"):
                raise Failure(Problem("http.url", Trouble.CONFIG, Owner.CONSULTANT))
            self._proxy = proxy_for(self._base, self._network)
            self._client = client(self._network, self._proxy)
        return self._client

    def _prepare(
        self,
        method: str,
        path: str,
        params: Params | None,
        json: Any,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
        write: bool,
    ) -> _Outgoing:
        """Everything of a request that can be settled before it is its turn."""
        base = urlsplit(self._base)
        joined = base.path + (path if path.startswith("/") or not path else f"/{path}")
        target = quote(joined or "/", safe=_IN_PATH)
        shown = mask_secrets(target.partition("?")[0], self._secrets)
        if params:
            target += ("&" if "?" in target else "?") + _query(params)
        if self._proxy is not None and base.scheme == "http":  # a plain request names the whole address
            target = f"http://{host_of(self._base)}{target}"
        head = {k.lower(): v for k, v in (headers or {}).items()}
        content = b""
        if json is not None:
            content = _encoded(json)
            head.setdefault("content-type", "application/json")
        elif form is not None:
            content = urlencode(form).encode()
            head.setdefault("content-type", "application/x-www-form-urlencoded")
        where = f"{method} {host_of(self._base)}{shown}"
        return _Outgoing(method, target.encode("ascii"), head, content, auth, shown, where, write)

    async def _admit(self, outgoing: _Outgoing) -> None:
        """Wait for the limiter; a long pause asked for by the other side is a problem the caller can show."""
        if self._limiter is None:
            return
        try:
            await self._limiter.acquire(self._patience)
        except Held as error:
            seconds = error.seconds
        else:
            return
        raise Failure(
            Problem("http.held", Trouble.LIMIT, Owner.NOBODY, where=outgoing.where, retry_after=seconds)
        )

    async def _exchange(self, client_: httpx.AsyncClient, outgoing: _Outgoing) -> Reply:
        """Send, log the attempt however it ends, and turn what went wrong into a Failure."""
        at, start = datetime.now(UTC), time.perf_counter()
        landed: _Landed | None = None
        try:
            landed = await self._attempt(client_, outgoing)
        finally:
            ms = (time.perf_counter() - start) * 1000
            self._worn |= landed is None or landed.code == answers.DEADLINE.code
            status, size, code = landed.shown if landed else (None, 0, "http.cancelled")
            self._log.add(Call(at, self.partner, outgoing.method, outgoing.path, status, ms, size, code))
        if isinstance(landed.result, Reply):
            return landed.result
        if landed.result.retry_after and self._limiter is not None:
            self._limiter.hold(landed.result.retry_after)
        raise Failure(landed.result)

    async def _attempt(self, client_: httpx.AsyncClient, outgoing: _Outgoing) -> _Landed:
        """How the request ended. The client library's exceptions end here."""
        import httpx

        flight, size = _Flight(), 0
        try:
            request = client_.build_request(
                outgoing.method,
                f"{urlsplit(self._base).scheme}://{host_of(self._base)}/",
                headers=outgoing.headers,
                content=outgoing.content or (outgoing.file and _pieces(outgoing.file)),
                extensions={"target": outgoing.target, "trace": flight.trace},
            )
            async with asyncio.timeout(self._network.deadline):
                response = await client_.send(request, auth=outgoing.auth, stream=True)
                try:
                    body = await bodies.whole(response, self._network.largest)
                finally:
                    await response.aclose()
        except TimeoutError:
            rule = answers.DEADLINE
        except bodies.TooLarge as error:
            rule, size = answers.OVERSIZED, error.read
        except bodies.WrongPacking:
            rule = answers.NETWORK["DecodingError"]
        except httpx.HTTPError as error:
            rule = answers.network_rule(error, proxied=self._proxy is not None, answered=flight.answered)
        except httpx.InvalidURL:
            rule = answers.NETWORK["UnsupportedProtocol"]
        except UnicodeEncodeError:  # a header value that HTTP cannot carry
            rule = answers.NETWORK["LocalProtocolError"]
        else:
            return _Landed(self._judge(response, body, outgoing), len(body))
        return _Landed(answers.problem(rule, outgoing.where, write=outgoing.write and flight.left), size)

    def _judge(self, response: httpx.Response, body: bytes, outgoing: _Outgoing) -> Reply | Problem:
        """The answer, or what is wrong with it by its status and kind alone."""
        status, headers = response.status_code, response.headers
        where, write = outgoing.where, outgoing.write
        if 200 <= status < 300:
            if body and answers.is_html(headers, body):
                return answers.problem(answers.HTML, where, write=write, status=status)
            return Reply(status, headers, body, where, write)
        wait = answers.retry_after(headers, datetime.now(UTC)) if status in (429, 503) else None
        code = "" if outgoing.file else answers.excerpt(body, outgoing.sent)  # it might quote the file
        excerpt = mask_secrets(code, self._secrets)
        rule = answers.status_rule(status)
        return answers.problem(rule, where, write=write, status=status, wait=wait, excerpt=excerpt)


def host_of(url: str) -> str:
    """Host and port of a URL without user information; "" where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def open_http(connection: Connection, limits: Limits, account: str) -> Http:
    """The Http for a connection: secrets masked, the limiter shared through ``limits_path`` where given."""
    limiter = None
    if connection.limits_path is not None:
        rate, burst, host = limits.requests_per_second, limits.burst, host_of(connection.url)
        limiter = Limiter(connection.limits_path, host, account, rate, burst, pausing=connection.pausing)
    return Http(
        connection.partner,
        connection.url,
        network=connection.network,
        log=connection.log,
        limits=limits,
        limiter=limiter,
        secrets=connection.secrets.values(),
    )


def _query(params: Params) -> str:
    pairs: list[tuple[str, str]] = []
    for key, value in params.items():
        many = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        for one in many:
            if one is not None:
                pairs.append((key, str(one).lower() if isinstance(one, bool) else str(one)))
    return urlencode(pairs)


def _with_file(outgoing: _Outgoing, file: BinaryIO) -> _Outgoing:
    size = file.seek(0, os.SEEK_END)
    return replace(outgoing, file=file, headers={**outgoing.headers, "content-length": str(size)})


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, _PIECE):
        yield piece


def _encoded(value: Any) -> bytes:
    """JSON with exact decimals. Raises TypeError for what JSON cannot hold."""
    import orjson

    def default(other: object) -> object:
        if isinstance(other, Decimal) and other.is_finite():
            return orjson.Fragment(str(other))
        raise TypeError(f"{type(other).__name__} is no JSON")

    return orjson.dumps(value, default=default)
