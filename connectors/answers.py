"""What an answer, or the lack of one, means: tables from status codes and network faults to problems."""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.error_codes import machine_code
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of fault is called and means; ``effect``: a write may have happened all the same."""

    code: str
    trouble: Trouble
    owner: Owner
    effect: bool = False


STATUS: Mapping[int, Rule] = {
    400: Rule("http.rejected", Trouble.REJECTED, Owner.CONSULTANT),
    401: Rule("http.credentials", Trouble.CREDENTIALS, Owner.CONSULTANT),
    403: Rule("http.rights", Trouble.RIGHTS, Owner.CUSTOMER),
    404: Rule("http.missing", Trouble.MISSING, Owner.CONSULTANT),
    407: Rule("http.proxy_login", Trouble.UNREACHABLE, Owner.CUSTOMER),
    408: Rule("http.unavailable", Trouble.UNAVAILABLE, Owner.NOBODY, effect=True),
    409: Rule("http.conflict", Trouble.CONFLICT, Owner.CONSULTANT),
    410: Rule("http.missing", Trouble.MISSING, Owner.CONSULTANT),
    413: Rule("http.too_large", Trouble.REJECTED, Owner.CONSULTANT),
    422: Rule("http.rejected", Trouble.REJECTED, Owner.CONSULTANT),
    429: Rule("http.limit", Trouble.LIMIT, Owner.NOBODY),
    503: Rule("http.unavailable", Trouble.UNAVAILABLE, Owner.NOBODY),
}
CLASSES: Mapping[int, Rule] = {
    1: Rule("http.redirect", Trouble.CONFIG, Owner.CONSULTANT),
    3: Rule("http.redirect", Trouble.CONFIG, Owner.CONSULTANT),
    4: Rule("http.rejected", Trouble.REJECTED, Owner.CONSULTANT),
    5: Rule("http.server_error", Trouble.UNAVAILABLE, Owner.PARTNER, effect=True),
}

# By the class name of the client library's exceptions, so that it need not be loaded for the table.
NETWORK: Mapping[str, Rule] = {
    "ConnectTimeout": Rule("http.no_answer", Trouble.UNREACHABLE, Owner.CUSTOMER),
    "ConnectError": Rule("http.no_connection", Trouble.UNREACHABLE, Owner.CUSTOMER),
    "PoolTimeout": Rule("http.no_connection", Trouble.UNREACHABLE, Owner.NOBODY),
    "ProxyError": Rule("http.proxy", Trouble.UNREACHABLE, Owner.CUSTOMER),
    "TimeoutException": Rule("http.silent", Trouble.UNREACHABLE, Owner.PARTNER, effect=True),
    "TransportError": Rule("http.cut", Trouble.UNREACHABLE, Owner.NOBODY, effect=True),
    "DecodingError": Rule("http.encoding", Trouble.PAYLOAD, Owner.PARTNER, effect=True),
    "LocalProtocolError": Rule("http.request", Trouble.CONFIG, Owner.CONSULTANT),
    "UnsupportedProtocol": Rule("http.url", Trouble.CONFIG, Owner.CONSULTANT),
}
DEADLINE = Rule("http.deadline", Trouble.UNREACHABLE, Owner.PARTNER, effect=True)
TRUNCATED = Rule("http.truncated", Trouble.UNREACHABLE, Owner.NOBODY, effect=True)
PROXY = Rule("http.proxy", Trouble.UNREACHABLE, Owner.CUSTOMER)
REFUSED = Rule("http.refused", Trouble.UNREACHABLE, Owner.CONSULTANT)
NAME = Rule("http.dns", Trouble.UNREACHABLE, Owner.CONSULTANT)
TLS = Rule("http.tls", Trouble.UNREACHABLE, Owner.CUSTOMER)
CERTIFICATE: Mapping[int, Rule] = {  # by OpenSSL's X509_V_ERR numbers
    10: Rule("http.tls_expired", Trouble.UNREACHABLE, Owner.PARTNER),
    62: Rule("http.tls_name", Trouble.UNREACHABLE, Owner.CONSULTANT),
    64: Rule("http.tls_name", Trouble.UNREACHABLE, Owner.CONSULTANT),  # the same for an address in digits
}
OVERSIZED = Rule("http.answer_too_large", Trouble.PAYLOAD, Owner.PARTNER, effect=True)
HTML = Rule("http.html_answer", Trouble.PAYLOAD, Owner.CUSTOMER, effect=True)
NOT_JSON = Rule("http.not_json", Trouble.PAYLOAD, Owner.PARTNER, effect=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a status below 300. ``headers`` may be asked in any case; its repr shows no content."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    where: str = ""
    write: bool = False

    def json(self) -> Any:
        """The parsed body. Raises Failure (``http.not_json``, ``http.html_answer``)."""
        import orjson

        try:
            return orjson.loads(self.content.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            rule = HTML if is_html(self.headers, self.content) else NOT_JSON
        raise Failure(problem(rule, self.where, write=self.write, status=self.status))


def problem(
    rule: Rule,
    where: str,
    *,
    write: bool,
    status: int | None = None,
    wait: float | None = None,
    excerpt: str = "",
) -> Problem:
    """The problem a rule makes of one call; only a write can have had an effect."""
    arrival = Arrival.PERHAPS if write and rule.effect else Arrival.NEVER
    return Problem(rule.code, rule.trouble, rule.owner, arrival, where, status, wait, excerpt)


def status_rule(status: int) -> Rule:
    """The rule for a status of 300 and more (or a stray 1xx)."""
    return STATUS.get(status) or CLASSES.get(status // 100) or CLASSES[5]


def network_rule(error: Exception, *, proxied: bool, answered: bool) -> Rule:
    """The rule for an exception of the client library.

    ``proxied``: the connection that failed was one to the proxy; ``answered``: the headers had arrived.
    """
    names = [c.__name__ for c in type(error).__mro__]
    rule = next((NETWORK[n] for n in names if n in NETWORK), NETWORK["TransportError"])
    if rule.code in ("http.no_connection", "http.no_answer"):
        return _connect_rule(error, rule, proxied=proxied)
    return TRUNCATED if answered and rule.code == "http.cut" else rule


def connection_rule(error: Exception, rule: Rule) -> Rule:
    """The rule for a connection that could not be made or secured; ``rule`` where nothing better is known."""
    return _connect_rule(error, rule, proxied=False)


def _connect_rule(error: Exception, rule: Rule, *, proxied: bool) -> Rule:
    causes = list(_causes(error))
    certificate = next((c for c in causes if isinstance(c, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return CERTIFICATE.get(certificate.verify_code, TLS)
    if any(isinstance(c, ssl.SSLError) for c in causes):
        return TLS
    if proxied:
        return PROXY
    if any(isinstance(c, socket.gaierror) for c in causes):
        return NAME
    return REFUSED if any(isinstance(c, ConnectionRefusedError) for c in causes) else rule


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, what led to it, and the members of groups among them."""
    pending, seen = [error], set[int]()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [e for e in (current.__cause__, current.__context__) if e is not None]
        if isinstance(current, BaseExceptionGroup):
            pending += current.exceptions


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from a Retry-After header, given as seconds or as a date; None where it says nothing usable.

    A date is measured against the server's own Date header where it sends one: its clock may be wrong.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = http_date(text)
        if until is None:
            return None
        seconds = (until - (http_date(headers.get("date", "")) or now)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def http_date(text: str) -> datetime | None:
    """A moment as HTTP headers spell it; None where it is none."""
    from email.utils import parsedate_to_datetime

    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def is_html(headers: Mapping[str, str], content: bytes) -> bool:
    """Whether the answer is a web page: a log-in page of a Wi-Fi, a proxy's block page, an error page."""
    kind = headers.get("content-type", "").lower()
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in kind or ("json" not in kind and start.startswith((b"<!doctype html", b"<html")))


CODE_KEYS = ("code", "error", "message")
"""Where an error body may have its code."""


def excerpt(content: bytes, sent: Iterable[bytes]) -> str:
    """A machine's error code out of a JSON error body, else "".

    Anything else may quote a record, so only what is known to be a code passes, and nothing that we ``sent``.
    """
    import orjson

    if len(content) > 65_536:
        return ""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    for key in CODE_KEYS:
        found = machine_code(_value(body, key))
        if found and not any(found.encode() in part for part in sent):
            return found
    return ""


def _value(body: object, key: str) -> str:
    """A text or number under the key, at the top or inside ``error``."""
    if not isinstance(body, dict):
        return ""
    for level in (body.get("error"), body):
        found = level.get(key) if isinstance(level, dict) else None
        if isinstance(found, str | int) and not isinstance(found, bool):
            return str(found)
    return ""
