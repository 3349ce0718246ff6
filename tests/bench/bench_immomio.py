"""Plan master data and vacancies against Immomio: the ERP, Immomio and the plan in processes of their own.

The first plan meets an empty Immomio, the second, after a sync, a full one. Nothing is cached before either.

    python -m tests.bench.bench_immomio                20,000 units, then 34,000 (1,000 vacancies)
    python -m tests.bench.bench_immomio --units 500    the short form
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
from pathlib import Path
from urllib.request import Request, urlopen

from console.practice import secrets_of
from tests.bench.measure import MB, ROOT, Cost, machine, python

FAST = "\nrequests_per_second = 1000.0\nburst = 1000"


@dataclass(frozen=True, slots=True)
class Office:
    """Running sandboxes with a configuration that leads to them."""

    folder: Path
    secrets: dict[str, str]

    def run(self, *words: str) -> Cost:
        """One command. Raises SystemExit when it fails."""
        place = ["--config", str(self.folder / "config.toml"), "--data-dir", str(self.folder / "data")]
        cost = python("console", *words, *place, env=self.secrets)
        if cost.code not in (0, 1):  # 1: a plan that has something to do
            raise SystemExit(f"{' '.join(words)} ended with {cost.code}")
        return cost


@contextmanager
def office(units: int) -> Iterator[Office]:
    """An ERP of so many units and an empty Immomio that refuses nobody for being quick."""
    with tempfile.TemporaryDirectory(prefix="einzug-bench-", ignore_cleanup_errors=True) as name:
        config = Path(name) / "config.toml"
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "sandbox", "--units", str(units), "--empty-partners",
             "--partner", "erp", "--partner", "immomio", "--write-config", str(config), "--for", "3000"],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            table = "[customers.practice.immomio]"
            text = config.read_text(encoding="utf-8").replace(table, table + FAST)
            config.write_text(text, encoding="utf-8")
            fault = {"partner": "immomio", "kind": "rate", "per_second": 10_000, "burst": 10_000}
            with urlopen(Request(f"{ready['control']}/faults", json.dumps(fault).encode(), method="POST")):
                pass
            yield Office(
                Path(name),
                {
                    f"EINZUG_SECRET_PRACTICE_{partner}_{field}".upper(): value
                    for partner, entry in ready["partners"].items()
                    for field, value in secrets_of(entry).items()
                },
            )
        finally:
            process.terminate()
            process.wait()


def measure(units: int, use_case: str) -> None:
    """A plan against nothing, the sync, a plan against everything; prints a line for each plan."""
    with office(units) as place:
        for what in ("empty", "full"):
            cost = place.run("plan", "practice", "immomio", use_case, "--json")
            counts = json.loads(cost.out)["counts"]
            print(
                f"| {use_case}, Immomio {what} | {units:,} | {counts['create']:,} | {counts['unchanged']:,} "
                f"| {counts['skip']:,} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.wall - cost.cpu:.1f} "
                f"| {cost.peak / MB:.0f} |",
                flush=True,
            )
            if what == "empty":
                place.run("sync", "practice", "immomio", use_case, "--yes", "--json")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--units", type=int, help="a company of this size only")
    asked = parser.parse_args()
    print(machine())
    print(
        "| plan | units | to create | unchanged | skipped | wall s | processor s | waiting s | peak MB |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    for use_case, units in (("master-data", 20_000), ("vacancies", 34_000)):
        measure(asked.units or units, use_case)


if __name__ == "__main__":
    main()
