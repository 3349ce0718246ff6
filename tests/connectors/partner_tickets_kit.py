"""A partner's tickets, served on loopback and opened, for the tests of every partner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from starlette.applications import Starlette

from connectors.answers import Reply
from connectors.contract import Finding
from connectors.findings import Topic
from connectors.housing import CategoryKind
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.payload import Node
from connectors.registry import partner
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from connectors.texts import LANGUAGES, render
from connectors.tickets import Draft, Head, Status, TicketSide

QUICK = Network(timeout=2, deadline=5)
DRAFT = Draft(
    "trip-1", "SCH-HEIZ", CategoryKind.DAMAGE, "10/0042", "", datetime(2026, 3, 1, tzinfo=UTC), "A", "B"
)


@dataclass(frozen=True)
class Counter:
    """A sandbox being served and the partner's side of its tickets."""

    sandbox: PartnerSandbox
    side: Any
    log: CallLog
    clock: Clock

    def sent(self, method: str, path: str = "") -> int:
        """How many calls of a method went to paths that end so."""
        return sum(1 for c in self.log.calls() if c.method == method and c.path.endswith(path))

    def report(self, **fields: Any) -> Any:
        """A tenant reports something; gives what the sandbox says of it."""
        return self.sandbox.act("ticket", fields)

    def do(self, id_: str, what: str, **more: Any) -> Any:
        """Somebody does something with a ticket."""
        return self.sandbox.act("ticket", {"id": id_, "do": what, **more})

    def arrived(self, id_: str) -> Any:
        """What came to a ticket by calls."""
        return self.sandbox.state("ticket_arrivals")["tickets"][id_]


@asynccontextmanager
async def counter(
    key: str,
    make: Callable[[Clock], PartnerSandbox],
    *faults: str,
    app: Starlette | None = None,
    environment: str = "practice",
    network: Network = QUICK,
    rights: tuple[str, ...] = (),
) -> AsyncIterator[Counter]:
    """The tickets of a partner without a rate limit; ``app`` takes its place, ``rights`` are taken away."""
    clock, log, declared = Clock(), CallLog(), partner(key)
    sandbox = replace(make(clock), rate=None)
    if rights:
        sandbox.act("rights", {"remove": list(rights)})
    served = sandbox if app is None else replace(sandbox, app=app)
    armed = [Fault.parse(f"{key}:{spec}") for spec in faults]
    async with running([served], faults=armed, clock=clock) as line:
        ready = line["partners"][key]
        secrets = {name: ready[name] for name in ("username", "password")}
        options = declared.options()
        place = Connection("muster", key, environment, ready["url"], secrets, options, network, log)
        assert declared.tickets is not None
        side = declared.tickets.open(place)
        try:
            yield Counter(sandbox, side, log, clock)
        finally:
            await side.aclose()


async def heads(side: TicketSide, cursor: str = "") -> tuple[list[Head], str]:
    """All heads from a cursor on, and the cursor after them."""
    found: list[Head] = []
    for _page in range(1_000):
        page = await side.changes(cursor)
        found += page.heads
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the list does not end")


class Erp:
    """An ERP's side that only knows its states."""

    def __init__(self, *states: Status) -> None:
        self._states = states

    async def statuses(self) -> tuple[Status, ...]:
        """The states."""
        return self._states


def node(data: dict[str, Any]) -> Node:
    """An object as if it came from an answer."""
    return Node(Reply(200, {}, b"", "GET here"), data, "http.not_json")


def told(finding: Finding) -> list[str]:
    """The codes of a finding, evidence first; every sentence must be there in both languages."""
    texts = [finding.evidence, *finding.details]
    assert all("{" not in render(text, language) for text in texts for language in LANGUAGES)
    return [text.code.partition(".")[2] for text in texts]


TOPIC = Topic("immomio.ticket_statuses", ("I14",))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2026-03-01T10:00:00+01:00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)

AT = "2026-03-01T10:00:00.000001+00:00"
IMMOMIO_TICKET: dict[str, Any] = {
    "ticketId": "T-1",
    "number": "MA-1",
    "createdAt": AT,
    "changedAt": AT,
    "status": "NEW",
    "category": None,
    "kind": "REQUEST",
    "contract": None,
    "reference": None,
    "subject": None,
    "text": None,
    "comments": [],
    "attachments": [],
}
"""A whole ticket of Immomio with as little in it as possible."""
