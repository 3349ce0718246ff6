"""Tickets with comments: the first pass, the pass after it, and an idle one. Requests and time.

``python -m tests.bench.bench_tickets --tickets 10000``. Both sides are in memory, so the time is the
console's own: reading, deciding, journal and state on disk. The requests are what a network would see.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.tickets import Author
from tests.console.tickets_kit import House, house

PAGE = 100
COMMENTS = 2


@dataclass(frozen=True, slots=True)
class PassFigures:
    """One pass: seconds, and how often each side was asked for what."""

    name: str
    seconds: float
    requests: Mapping[str, int]

    def __str__(self) -> str:
        total = sum(self.requests.values())
        parts = ", ".join(f"{name} {count}" for name, count in sorted(self.requests.items()))
        return f"{self.name}: {self.seconds:.2f} s, {total} requests ({parts})"


def measured(tickets: int, folder: Path) -> list[PassFigures]:
    """The figures of four passes over so many tickets."""
    home = house(folder)
    home.portal.page = home.erp.page = PAGE
    for number in range(tickets):
        ticket = home.ticket(f"Vorgang {number}")
        for n in range(COMMENTS):
            home.portal.person_writes(ticket, f"Nachtrag {n}", Author.TENANT)
    found = [
        asyncio.run(_pass(home, "first pass")),
        asyncio.run(_pass(home, "second pass (own changes listed)")),
    ]
    found.append(asyncio.run(_pass(home, "idle pass")))
    one = next(iter(home.erp.tickets.values()))
    home.erp.put(replace(one, status="90"))
    return [*found, asyncio.run(_pass(home, "pass with one new state"))]


async def _pass(home: House, name: str) -> PassFigures:
    home.world.calls.clear()
    with home.session() as session:
        start = time.perf_counter()
        await session.pass_()
        seconds = time.perf_counter() - start
    return PassFigures(name, seconds, dict(home.world.calls))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=10_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="einzug-bench-") as folder:
        for figures in measured(wanted.tickets, Path(folder)):
            print(figures)


if __name__ == "__main__":
    main()
