"""What arrived at a partner sandbox: a bounded list of requests and exact counters, free of secrets."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from connectors.sandbox.faults import covers_path

MOST_ENTRIES = 20_000
MOST_BODY = 16 * 1024
MOST_BODIES = 32 * 1024 * 1024
UNKNOWN = "(no route)"
HIDDEN = "***"

_SECRET_WORDS = (
    "passw",
    "kennwort",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "authorization",
    "credential",
)
_SECRET_BYTES = tuple(word.encode("ascii") for word in _SECRET_WORDS)
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. ``status`` is what the partner decided, None when it decided nothing; ``fault`` the kind
    that spoilt the answer. ``body`` holds at most 16 KB of JSON or form, secrets replaced, else nothing."""

    number: int
    at: datetime
    method: str
    path: str
    pattern: str
    query: str
    content_type: str
    body: bytes
    size: int
    status: int | None
    fault: str | None

    def to_json(self) -> dict[str, Any]:
        """The form the control API shows; ``body`` is decoded, None when it was large or of another kind."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": _decoded(self.body, self.content_type),
            "size": self.size,
            "status": self.status,
            "fault": self.fault,
        }


class RequestLog:
    """The requests of one partner: the latest in full, all in counters by method, route and status."""

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        self._most = most
        self._entries: deque[Entry] = deque()
        self._bodies = 0
        self._last = 0
        self._counts: Counter[tuple[str, str, int | None]] = Counter()
        self._dropped: Counter[tuple[str, str, int | None]] = Counter()

    @property
    def last(self) -> int:
        """The number of the latest request."""
        return self._last

    def add(
        self, at: datetime, scope: Scope, pattern: str, body: bytes, status: int | None, fault: str | None
    ) -> None:
        """Record one request of the ASGI scope."""
        content_type = _content_type(scope)
        self._add(
            Entry(
                number=self._last + 1,
                at=at,
                method=scope["method"],
                path=scope["raw_path"].decode("ascii"),
                pattern=pattern,
                query=_plain_query(scope["query_string"].decode("latin-1")),
                content_type=content_type,
                body=_kept(body, content_type),
                size=len(body),
                status=status,
                fault=fault,
            )
        )

    def add_command(
        self, at: datetime, method: str, path: str, size: int, status: int | None, fault: str | None
    ) -> None:
        """Record a command of another protocol than HTTP (``FTP STOR``); ``size`` is what it transferred."""
        folder = path.rpartition("/")[0]
        pattern = path if path == "/" else f"{folder}/{{name}}"
        self._add(Entry(self._last + 1, at, method, path, pattern, "", "", b"", size, status, fault))

    def _add(self, entry: Entry) -> None:
        self._last = entry.number
        self._entries.append(entry)
        self._bodies += len(entry.body)
        self._counts[entry.method, entry.pattern, entry.status] += 1
        while len(self._entries) > self._most or self._bodies > MOST_BODIES:
            old = self._entries.popleft()
            self._bodies -= len(old.body)
            self._dropped[old.method, old.pattern, old.status] += 1

    def entries(
        self, method: str = "*", path: str = "*", status: int | None = None, since: int = 0
    ) -> Iterator[Entry]:
        """The kept requests with a number above ``since`` whose method and raw path match the globs."""
        for entry in self._entries:
            if (
                entry.number > since
                and (status is None or entry.status == status)
                and fnmatchcase(entry.method, method)
                and covers_path(path, entry.path)
            ):
                yield entry

    def count(self, method: str = "*", path: str = "*", status: int | None = None, since: int = 0) -> int:
        """How many requests match, those no longer kept included: these are matched by their route's pattern
        (``/v1/tenants/{id}``) and counted only when ``since`` is 0."""
        kept = sum(1 for _ in self.entries(method, path, status, since))
        if since:
            return kept
        return kept + sum(
            number
            for (made, pattern, answered), number in self._dropped.items()
            if (status is None or answered == status)
            and fnmatchcase(made, method)
            and covers_path(path, pattern)
        )

    def counters(self) -> list[dict[str, Any]]:
        """Exact numbers since the start or the last ``clear``, by method, route pattern and status."""
        return [
            {"method": method, "path": pattern, "status": status, "count": number}
            for (method, pattern, status), number in self._counts.items()
        ]

    def clear(self) -> None:
        """Forget all requests and counters; numbers go on."""
        self._entries.clear()
        self._counts.clear()
        self._dropped.clear()
        self._bodies = 0


def pattern_of(routes: list[BaseRoute], scope: Scope) -> str:
    """The route of a request with its ids as ``{name}``, so that counters stay few."""
    params: dict[str, Any] | None = scope.get("path_params")
    if params is None:  # the request never reached the router
        matches = (route.matches(scope) for route in routes)
        found = next((child for match, child in matches if match is not Match.NONE), None)
        params = found["path_params"] if found else None
    if params is None:
        return UNKNOWN
    path: str = scope["path"]
    if not params:
        return path
    names = {str(value): f"{{{name}}}" for name, value in params.items()}
    segments = path.split("/")
    for index in range(len(segments) - 1, -1, -1):
        segments[index] = names.pop(segments[index], segments[index])
    return "/".join(segments)


def _content_type(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind: str = value.decode("latin-1").partition(";")[0].strip().lower()
            return kind
    return ""


def _kept(body: bytes, content_type: str) -> bytes:
    """The body as it may be remembered: small, of a known kind, its secrets replaced."""
    if not body or len(body) > MOST_BODY or not (content_type == _FORM or content_type.endswith("json")):
        return b""
    lowered = body.lower()
    if not any(word in lowered for word in _SECRET_BYTES):
        return body
    if content_type == _FORM:
        return _plain_query(body.decode("utf-8", "replace")).encode("utf-8")
    decoded = _decoded(body, content_type)
    return b"" if decoded is None else json.dumps(decoded).encode("ascii")


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in _SECRET_WORDS)


def _plain_query(query: str) -> str:
    if not _is_secret(query):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, HIDDEN if _is_secret(name) else value) for name, value in pairs], safe="*")


def _decoded(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    if content_type == _FORM:
        return dict(parse_qsl(_plain_query(body.decode("utf-8", "replace")), keep_blank_values=True))
    try:
        return _without_secrets(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: HIDDEN if _is_secret(key) else _without_secrets(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value
