"""What every connector must pass, as descriptions: a Subject says how to start, fill and reach one connector.

The tests themselves stand in ``conformance_reading.py`` and ``conformance_writing.py``;
``test_conformance.py`` runs them for every Subject it knows.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.contract import Change, Connector, Finding, Outcome, Reader, Result, Value
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.problems import Owner, Problem
from connectors.sandbox.answers import SCOPE_TRANSPORT
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from connectors.texts import LANGUAGES, meaning, render, todo
from connectors.wrappers import Patience

CALM = Network(timeout=20, deadline=40)
QUICK = Network(timeout=0.4, deadline=0.8)
"""For faults that keep us waiting."""

PATIENCE = Patience(tries=4)
_SERVING = re.compile(r"RequestResponseCycle|sandbox.answers|\b_gone\b")
WRONG = "wr0ng-canary"
"""A secret that no sandbox accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writable:
    """An entity that can be written: a sample record, other values for it, a field that takes any text, and
    values that the partner refuses. ``own`` gives values that no two records may share, by a record's id.
    Where no record can be made, ``sample`` is empty."""

    entity: str
    sample: Mapping[str, Value]
    changed: Mapping[str, Value]
    text: str
    refused: Mapping[str, Value]
    own: Callable[[str], Mapping[str, Value]] = lambda _id: {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One connector as the suite meets it.

    ``sandbox`` makes the partner with enough records for several pages and without a rate limit, ``folder``
    fills a directory for a connector that reads one. ``secrets`` names what of the ready line is needed, the
    first of them is made ``wrong``; ``hidden`` what may never be seen. ``forbid`` takes a right away.
    ``upserts``: a create sent twice is one record. ``extra``: requests of a reading beyond one per page.
    ``deletes``: records can be deleted; else each try is refused.
    ``writes`` covers the requests that write, as the keys of a fault; ``login`` is the path of a log-in.
    """

    key: str
    name: str
    connect: Callable[[Connection], Any]
    record: type[Any]
    options: Any
    sandbox: Callable[[Clock], PartnerSandbox] | None = None
    folder: Callable[[Path], object] | None = None
    secrets: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    forbid: Callable[[PartnerSandbox], object] | None = None
    writable: tuple[Writable, ...] = ()
    wrong: str = WRONG
    upserts: bool = True
    deletes: bool = True
    extra: int = 0
    writes: str = "method=[!G]*"
    login: str = ""


class Gauge:
    """Stands before a partner's app and counts: requests by method, and connections open at the same time."""

    def __init__(self, app: ASGIApp, login: str = "") -> None:
        self._app = app
        self._login = login
        self._transports: set[asyncio.Transport] = set()
        self.routes = getattr(app, "routes", [])
        self.requests: Counter[str] = Counter()
        self.most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, then let the app answer."""
        self.requests["LOGIN" if scope["path"] == self._login else scope["method"]] += 1
        self._transports.add(scope["state"][SCOPE_TRANSPORT])
        self.most = max(self.most, self.open)
        await self._app(scope, receive, send)

    @property
    def open(self) -> int:
        """Connections that nobody has closed yet."""
        return sum(not transport.is_closing() for transport in self._transports)

    @property
    def writes(self) -> int:
        """Requests that are no plain reading."""
        return sum(count for method, count in self.requests.items() if method not in ("GET", "LOGIN"))


@dataclass
class Scene:
    """A connector beside what it talks to. ``sandbox`` and ``gauge`` are None for a folder."""

    reader: Reader[Any]
    log: CallLog
    hidden: tuple[str, ...]
    sandbox: PartnerSandbox | None = None
    gauge: Gauge | None = None
    control: str = ""

    @property
    def target(self) -> Connector:
        """The connector of a subject that writes."""
        return cast(Connector, self.reader)

    async def heal(self) -> None:
        """Let the sandbox show no more faults."""
        import httpx

        async with httpx.AsyncClient(trust_env=False) as client:
            (await client.delete(f"{self.control}/faults")).raise_for_status()

    def creates(self, entity: str) -> dict[str, int]:
        """How often each id came into being at the sandbox."""
        assert self.sandbox is not None
        found: dict[str, int] = self.sandbox.state("creates")[entity]
        return found


@asynccontextmanager
async def opened(
    subject: Subject,
    folder: Path,
    *faults: str,
    network: Network = CALM,
    wrong: bool = False,
    forbidden: bool = False,
) -> AsyncIterator[Scene]:
    """The subject's sandbox served with these faults (``KIND[,KEY=VALUE]``), and a connector to it."""
    log = CallLog()
    if subject.sandbox is None:
        assert subject.folder is not None
        subject.folder(folder)
        reader = connect(subject, str(folder), {}, log, network)
        try:
            yield Scene(reader, log, ())
        finally:
            await reader.aclose()
        return
    clock = Clock()
    made = subject.sandbox(clock)
    if forbidden and subject.forbid:
        subject.forbid(made)
    gauge = Gauge(made.app, subject.login)
    armed = [Fault.parse(f"{made.key}:{fault}") for fault in faults]
    async with running([replace(made, app=gauge)], faults=armed, clock=clock) as line:
        ready = line["partners"][made.key]
        secrets = {name: ready[name] for name in subject.secrets}
        hidden = (*(secrets[name] for name in subject.hidden), subject.wrong)
        if wrong:
            secrets[subject.hidden[0]] = subject.wrong
        reader = connect(subject, ready["url"], secrets, log, network)
        try:
            yield Scene(reader, log, hidden, made, gauge, line["control"])
        finally:
            await reader.aclose()


def connect(
    subject: Subject, place: str, secrets: Mapping[str, str], log: CallLog, network: Network = CALM
) -> Reader[Any]:
    """A connector to a place, without a shared limiter."""
    connection = Connection("muster", subject.name, "practice", place, secrets, subject.options, network, log)
    reader: Reader[Any] = subject.connect(connection)
    return reader


@dataclass
class Notes:
    """A journal in memory: what is under way, and how each change ended last."""

    open: Counter[tuple[str, str]] = field(default_factory=Counter)
    results: dict[tuple[str, str], Result] = field(default_factory=dict)

    def intend(self, changes: Sequence[Change]) -> None:
        """Note that they are sent."""
        self.open.update((c.entity, c.id) for c in changes)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Note how they ended."""
        for outcome in outcomes:
            self.open.pop((outcome.entity, outcome.id), None)
            self.results[outcome.entity, outcome.id] = outcome.result


async def at_once(_seconds: float, _problem: Problem, _attempt: int) -> None:
    """Waits for nothing."""


async def everything(reader: Reader[Any], entity: str, start: str | None = None) -> list[Any]:
    """All records of a reading."""
    return [record async for page in reader.read(entity, start=start) for record in page.records]


def names(reader: Reader[Any]) -> list[str]:
    """The entities that can be read."""
    return [info.name for info in reader.entities()]


def largest(pages: Mapping[str, Sequence[Any]]) -> str:
    """The entity with the most pages."""
    return max(pages, key=lambda entity: len(pages[entity]))


def own_tasks() -> set[asyncio.Task[Any]]:
    """The tasks under way, without those by which the server in this loop answers."""
    return {task for task in asyncio.all_tasks() if not _SERVING.search(repr(task.get_coro()))}


def own_threads() -> set[threading.Thread]:
    """The threads, without those that the loop keeps for the next piece of work."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}


async def eventually(condition: Callable[[], bool]) -> None:
    """Waits until it is so, five seconds at most: the other end of a connection learns of a close later."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  (a server has no event for it)
            await asyncio.sleep(0.005)


def explained(problem: Problem) -> None:
    """A problem can be shown in every language, with a remedy where a person has to act."""
    for language in LANGUAGES:
        assert meaning(problem, language).strip()
        assert problem.owner is Owner.NOBODY or todo(problem, language).strip(), problem.code


def shown(findings: Sequence[Finding]) -> str:
    """Everything findings say, in both languages; none is empty."""
    sentences = [
        render(text, language)
        for finding in findings
        for text in (finding.evidence, *finding.details)
        for language in LANGUAGES
    ]
    assert all(sentence.strip() for sentence in sentences)
    return "\n".join([*sentences, repr(findings)])
