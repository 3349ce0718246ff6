"""How long the installed command takes to start: median of nine, beside an interpreter that does nothing.

Makes a virtual environment of its own, installs the checkout there (bytecode compiled) and removes it again.

    python -m tests.bench.bench_start
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.bench.measure import ROOT, machine, run

WAYS = (("--version",), ("plan", "--help"), ("--help",))


def install(folder: Path) -> tuple[str, str]:
    """A virtual environment with the checkout installed: its interpreter and its ``einzug``."""
    venv.create(folder, with_pip=True)
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    suffix = ".exe" if os.name == "nt" else ""
    python = str(binaries / f"python{suffix}")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--compile", str(ROOT)], check=True, stdout=sys.stderr
    )
    return python, str(binaries / f"einzug{suffix}")


def measure(command: list[str], runs: int) -> tuple[float, float, float]:
    """Median and best wall time and median processor time of a command, in milliseconds."""
    costs = [run(command) for _ in range(runs + 1)][1:]  # the first one warms the file cache
    walls = [cost.wall * 1000 for cost in costs]
    return statistics.median(walls), min(walls), statistics.median(cost.cpu * 1000 for cost in costs)


def modules(python: str, way: tuple[str, ...]) -> int:
    """How many modules are in memory when the command ends."""
    code = (
        "import sys\nfrom console.cli import run\nrun(sys.argv[1:])\nprint(len(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([python, "-P", "-c", code, *way], check=True, capture_output=True, text=True)
    return int(done.stderr)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="einzug-bench-", ignore_cleanup_errors=True) as name:
        python, einzug = install(Path(name))
        print(machine())
        print("| command | median ms | best ms | processor ms | modules |\n|---|---|---|---|---|")
        rows = [("python -c pass", [python, "-c", "pass"], "-")]
        rows += [(" ".join(("einzug", *way)), [einzug, *way], str(modules(python, way))) for way in WAYS]
        for what, command, count in rows:
            median, best, cpu = measure(command, asked.runs)
            print(f"| `{what}` | {median:.0f} | {best:.0f} | {cpu:.0f} | {count} |", flush=True)


if __name__ == "__main__":
    main()
