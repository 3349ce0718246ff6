"""Faults a partner sandbox can be told to show: what they are, how they are written, which one is due.

A SPEC is ``PARTNER:KIND[,path=GLOB][,method=GLOB][,after=N][,count=N][,OPTION=VALUE]``, for example
``bots4you:429,retry_after=2,after=10,count=3``; the JSON form has the same keys. How an answer is spoilt on
the wire stands in ``answers.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from connectors.sandbox.fault_kinds import COMMON, HOOK_KINDS, OPTIONS, REQUIRED, FaultKind

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

__all__ = ["Fault", "FaultKind", "Faults", "active", "covers_path", "rejects", "rewrite"]

SCOPE_FAULTS = "sandbox.faults"
SCOPE_PARTNER = "sandbox.partner"
SCOPE_ASKED = "sandbox.asked"
"""Keys in the ASGI scope: the registry, the partner's key, and what was already asked for this request."""


def covers_path(glob: str, path: str) -> bool:
    """Whether a glob covers a raw path, compared as sent and percent-decoded; ``*`` also crosses slashes."""
    return glob == "*" or fnmatchcase(path, glob) or ("%" in path and fnmatchcase(unquote(path), glob))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong at one partner.

    It skips the first ``after`` requests that match ``path`` and ``method`` (globs) and then shows ``count``
    times, or until it is removed. ``options`` holds the kind's own values, already checked and typed.
    """

    partner: str
    kind: FaultKind
    path: str = "*"
    method: str = "*"
    after: int = 0
    count: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, spec: str) -> Fault:
        """Read a SPEC. ValueError says what is wrong and what is allowed."""
        head, *parts = spec.split(",")
        partner, colon, kind = head.partition(":")
        if not colon:
            raise ValueError(f"fault {spec!r}: expected PARTNER:KIND[,KEY=VALUE]...")
        values: dict[str, object] = {}
        for part in parts:
            key, equals, value = part.partition("=")
            if not equals:
                raise ValueError(f"fault {spec!r}: {part!r} is not KEY=VALUE")
            if key.strip() in values:
                raise ValueError(f"fault {spec!r}: {key.strip()!r} is given twice")
            values[key.strip()] = value.strip()
        return _build(partner.strip(), kind.strip(), values)

    @classmethod
    def from_json(cls, data: object) -> Fault:
        """Read the JSON form: an object with ``partner``, ``kind`` and a SPEC's keys. Raises ValueError."""
        if not isinstance(data, Mapping):
            raise ValueError("a fault is an object with partner, kind and its options")  # noqa: TRY004
        values = dict(data)
        partner, kind = values.pop("partner", None), values.pop("kind", None)
        if not isinstance(partner, str):
            raise ValueError("fault: 'partner' is missing or no text")  # noqa: TRY004
        return _build(partner, str(kind), values)

    def to_json(self) -> dict[str, Any]:
        """The JSON form that ``from_json`` reads."""
        return {
            "partner": self.partner,
            "kind": self.kind.value,
            "path": self.path,
            "method": self.method,
            "after": self.after,
            **({} if self.count is None else {"count": self.count}),
            **self.options,
        }

    def covers(self, method: str, path: str) -> bool:
        """Whether a request with this method and raw path is meant."""
        return fnmatchcase(method, self.method) and covers_path(self.path, path)


def _build(partner: str, kind: str, values: Mapping[str, object]) -> Fault:
    where = f"fault {partner}:{kind}"
    if not partner:
        raise ValueError("fault: the partner before the colon is missing")
    try:
        known = FaultKind(kind)
    except ValueError:
        raise ValueError(f"{where}: unknown kind, allowed are {', '.join(FaultKind)}") from None
    table = COMMON | OPTIONS[known]
    read: dict[str, Any] = {}
    for key, value in values.items():
        if key not in table:
            raise ValueError(f"{where}: unknown key {key!r}, allowed are {', '.join(table)}")
        try:
            read[key] = table[key].read(value)
        except (ValueError, TypeError, OverflowError):
            raise ValueError(f"{where}: {key}={str(value)[:40]!r} must be {table[key].allowed}") from None
    for key in REQUIRED.get(known, ()):
        if key not in read:
            raise ValueError(f"{where}: {key}= is missing ({table[key].allowed})")
    common = {key: read.pop(key) for key in COMMON if key in read}
    if "method" in common:
        common["method"] = common["method"].upper()
    return Fault(partner, known, options=read, **common)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    shown: int = 0

    def due(self) -> bool:
        """Count one matching request; whether the fault may show on it."""
        self.seen += 1
        return self.seen > self.fault.after and (self.fault.count is None or self.shown < self.fault.count)


class Faults:
    """The faults that are armed, with their counters. ``partners`` are the allowed keys, None allows all."""

    def __init__(self, faults: Iterable[Fault] = (), partners: Collection[str] | None = None) -> None:
        self._partners = partners
        self._armed: dict[str, _Armed] = {}
        self._next = 1
        for fault in faults:
            self.add(fault)

    def check(self, fault: Fault) -> None:
        """ValueError when the fault names a partner that is not served."""
        if self._partners is not None and fault.partner not in self._partners:
            allowed = ", ".join(self._partners)
            raise ValueError(f"fault {fault.partner}:{fault.kind}: unknown partner, allowed are {allowed}")

    def add(self, fault: Fault) -> str:
        """Arm a fault and give its id. Raises ValueError like ``check``."""
        self.check(fault)
        key = f"f{self._next}"
        self._next += 1
        self._armed[key] = _Armed(fault)
        return key

    def remove(self, key: str) -> None:
        """Disarm one fault. KeyError when there is none with this id."""
        del self._armed[key]

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def listing(self) -> list[dict[str, Any]]:
        """All armed faults with id, how many requests they have met and how often they have shown."""
        return [
            {"id": key, **armed.fault.to_json(), "seen": armed.seen, "shown": armed.shown}
            for key, armed in self._armed.items()
        ]

    def match(self, partner: str, method: str, path: str) -> Fault | None:
        """The fault to answer this request with, if any; every fault that matches counts the request."""
        hit: Fault | None = None
        for armed in self._of(partner, method, path):
            if armed.fault.kind not in HOOK_KINDS and armed.due() and hit is None:
                armed.shown += 1
                hit = armed.fault
        return hit

    def due(
        self, kind: FaultKind, partner: str, method: str, path: str, id_: str | None = None
    ) -> tuple[Fault, ...]:
        """All faults of one kind that show now; with ``id_`` only those whose ``id`` glob covers it."""
        shown: list[Fault] = []
        for armed in self._of(partner, method, path):
            fault = armed.fault
            if fault.kind is not kind or (
                id_ is not None and not fnmatchcase(id_, fault.options.get("id", "*"))
            ):
                continue
            if armed.due():
                armed.shown += 1
                shown.append(fault)
        return tuple(shown)

    def _of(self, partner: str, method: str, path: str) -> Iterable[_Armed]:
        if not self._armed:
            return ()
        armed_now = list(self._armed.values())  # at once: servers beside the partners ask from other threads
        return [
            armed
            for armed in armed_now
            if armed.fault.partner == partner and armed.fault.covers(method, path)
        ]


def active(kind: FaultKind, request: HTTPConnection, id_: str | None = None) -> tuple[Fault, ...]:
    """What a partner's app asks: the faults of this kind that show on this request (and for this id).

    Counted once per request and id however often it is asked; empty outside the sandbox frame.
    """
    scope = request.scope
    faults: Faults | None = scope.get(SCOPE_FAULTS)
    if faults is None:
        return ()
    asked: dict[tuple[FaultKind, str | None], tuple[Fault, ...]] = scope.setdefault(SCOPE_ASKED, {})
    key = (kind, id_)
    if key not in asked:
        path = scope["raw_path"].decode("ascii")
        asked[key] = faults.due(kind, scope[SCOPE_PARTNER], scope["method"], path, id_)
    return asked[key]


def rejects(request: HTTPConnection, id_: str) -> bool:
    """Whether a ``reject`` fault refuses this id; for bulk requests and creates (ids in the body)."""
    return bool(active(FaultKind.REJECT, request, id_))


def rewrite(request: HTTPConnection, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as a rewriting server stores them: a field that is there gets the fault's value."""
    changed = {fault.options["field"]: fault.options["value"] for fault in active(FaultKind.REWRITE, request)}
    return {name: changed.get(name, value) for name, value in fields.items()}
