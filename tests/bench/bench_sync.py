"""Sync a company's tenants into an empty Bots4You sandbox of 20 requests a second, in bulk and one by one.

Sandbox and sync are processes of their own. Requests are counted by the sandbox, times are read from its log.

    python -m tests.bench.bench_sync                  10,000 tenants, about 10 minutes
    python -m tests.bench.bench_sync --records 500    the short form
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from connectors.bots4you.sandbox import RATE
from tests.bench.measure import MB, ROOT, Cost, machine, python

TENANTS_PER_UNIT = 1.3
"""A little fewer than the seeded company has, so that there are never too few."""


@dataclass(frozen=True, slots=True)
class Count:
    """What the sandbox saw of one run."""

    requests: int
    writes: int
    refused: int
    share: float  # of the permitted rate, over the middle 80 % of the writes


@dataclass(frozen=True, slots=True)
class Office:
    """Running sandboxes with a configuration that leads to them."""

    folder: Path
    control: str
    secrets: dict[str, str]

    def sync(self) -> tuple[Cost, dict[str, Any]]:
        """One ``einzug sync`` of the tenants; what it cost and what it said. Raises SystemExit."""
        place = ["--config", str(self.folder / "config.toml"), "--data-dir", str(self.folder / "data")]
        words = ["sync", "practice", "bots4you", "master-data", "--yes", "--json", *place]
        cost = python("console", *words, env=self.secrets)
        if cost.code:
            raise SystemExit(f"sync ended with {cost.code}")
        document: dict[str, Any] = json.loads(cost.out)
        return cost, document

    def count(self, since: int) -> Count:
        """What arrived at Bots4You after the request with this number."""
        seen = self._requests(f"since={since}")
        writes = [entry for entry in seen if entry["method"] != "GET"]
        refused = sum(entry["status"] == 429 for entry in seen)
        return Count(
            len(seen), len(writes), refused, _share([datetime.fromisoformat(w["at"]) for w in writes])
        )

    def last(self) -> int:
        """The number of the latest request at Bots4You."""
        return int(self._requests("count=1")["last"])

    def created(self) -> tuple[int, int]:
        """How many tenants were created, and how many of them more than once."""
        with urlopen(f"{self.control}/state/bots4you/creates") as answer:
            creates = json.load(answer)["tenant"]
        return len(creates), sum(times > 1 for times in creates.values())

    def _requests(self, query: str) -> Any:
        with urlopen(f"{self.control}/requests/bots4you?{query}") as answer:
            return json.load(answer)


def _share(moments: list[datetime]) -> float:
    """The rate over the middle 80 % of the requests, as a share of what is permitted."""
    tenth = len(moments) // 10
    middle = moments[tenth : len(moments) - tenth]
    if len(middle) < 2:
        return 0.0
    return (len(middle) - 1) / (middle[-1] - middle[0]).total_seconds() / RATE[0]


@contextmanager
def office(records: int, *, bulk: bool) -> Iterator[Office]:
    """Sandboxes with at least so many tenants in the ERP and none at Bots4You."""
    with tempfile.TemporaryDirectory(prefix="einzug-bench-", ignore_cleanup_errors=True) as name:
        config = Path(name) / "config.toml"
        units = max(20, int(records / TENANTS_PER_UNIT))
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "sandbox", "--units", str(units), "--empty-partners",
             "--write-config", str(config), "--for", "1800"],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            if not bulk:
                text, table = config.read_text(encoding="utf-8"), "[customers.practice.bots4you]"
                config.write_text(text.replace(table, f"{table}\nbulk = false"), encoding="utf-8")
            secrets = {
                f"EINZUG_SECRET_PRACTICE_{partner}_{field}".upper(): str(value)
                for partner, entry in ready["partners"].items()
                for field, value in entry.items()
                if field != "url"
            }
            yield Office(Path(name), ready["control"], secrets)
        finally:
            process.terminate()
            process.wait()


def measure(records: int, *, bulk: bool) -> None:
    """A first sync and an unchanged one; prints a line for each."""
    with office(records, bulk=bulk) as place:
        for what in ("first", "unchanged"):
            since = place.last()
            cost, document = place.sync()
            seen, applied = place.count(since), document["applied"]
            created, twice = place.created()
            print(
                f"| {'bulk' if bulk else 'one by one'}, {what} | {applied:,} | {cost.wall:.1f} "
                f"| {applied / cost.wall:.1f} | {seen.requests:,} | {seen.writes:,} | {seen.refused} "
                f"| {f'{seen.share:.1%}' if not bulk and seen.share else '-'} | {cost.peak / MB:.0f} "
                f"| {cost.cpu:.1f} | {created:,} / {twice} |",
                flush=True,
            )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000, help="at least so many tenants (10000)")
    parser.add_argument("--only", choices=("bulk", "single"), help="one of the two ways")
    asked = parser.parse_args()
    print(machine())
    print(
        "| run | written | wall s | records/s | requests | writes | 429 | share of limit "
        "| peak MB | processor s | created / twice |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for bulk in (True, False):
        if asked.only in (None, "bulk" if bulk else "single"):
            measure(asked.records, bulk=bulk)


if __name__ == "__main__":
    main()
