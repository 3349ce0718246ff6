"""The letting agent's chain of a whole onOffice: requests, and the time they and the judging take.

The sandbox runs in the same process. ``as configured`` keeps the limits that Einzug assumes for onOffice.

    python -m tests.bench.bench_onoffice                 3,000 letting objects, 60 system users
    python -m tests.bench.bench_onoffice --objects 300   the short form
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.chains import ChainContext, ChainReading, groups
from connectors.http import CallLog, Network
from connectors.onoffice.chain import OBJECTS
from connectors.onoffice.connector import OnOffice, connect
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.options import OnOfficeOptions
from connectors.onoffice.sandbox import onoffice_sandbox
from connectors.partner import Connection
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import build_company
from connectors.sandbox.server import running
from tests.bench.measure import machine

FAST = OnOfficeOptions(requests_per_second=1000.0, burst=1000)
UNITS = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """What one reading cost."""

    objects: int
    lines: int  # groups of objects that one repair mends
    requests: int
    wall: float


async def measure(objects: int, users: int, options: OnOfficeOptions = FAST) -> Figures:
    """Read the chain of an account of this size once."""
    clock, log = Clock(), CallLog()
    sandbox = onoffice_sandbox(build_company(UNITS, 1), clock, users=users, estates=objects)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running([sandbox], clock=clock) as line:
            ready = line["partners"]["onoffice"]
            secrets = {name: ready[name] for name in ("token", "secret")}
            place = Path(folder) / "limits.sqlite"
            connection = Connection(
                "bench", "onoffice", "practice", ready["url"], secrets, options, Network(), log, place
            )
            found, wall = await _read(connect(connection))
    return Figures(len(found.rows), len(groups(found.rows)), log.total, wall)


async def _read(connector: OnOffice) -> tuple[ChainReading, float]:
    """The chain, and the seconds it took."""
    settings = ContactChainSettings(api_user="einzug-api")
    try:
        begun = time.perf_counter()
        found = await OBJECTS.read(ChainContext(connector, settings, datetime.now(UTC)))
        return found, time.perf_counter() - begun
    finally:
        await connector.aclose()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--objects", type=int, default=3000)
    parser.add_argument("--users", type=int, default=60)
    asked = parser.parse_args()
    print(machine())
    print(
        "| limits | objects | system users | lines to mend | requests | wall s |\n|---|---|---|---|---|---|"
    )
    for name, options in (("none that matter", FAST), ("as configured", OnOfficeOptions())):
        found = asyncio.run(measure(asked.objects, asked.users, options))
        print(
            f"| {name} | {found.objects:,} | {asked.users} | {found.lines} | {found.requests} "
            f"| {found.wall:.1f} |"
        )


if __name__ == "__main__":
    main()
