"""The console beside an empty Textual application: first paint, memory, large plans, stalls of the loop.

    python -m tests.bench.bench_console        100,000 and 1,000,000 rows, about 4 minutes
    python -m tests.bench.bench_console --rows 1000 --many 5000 --records 2000
    python -m tests.bench.bench_console --rivals /some/venv/bin        with posting and harlequin as well

The console runs on a pseudo-terminal, with a configuration whose addresses lead to closed ports of this
machine. Needs a POSIX system.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tests.bench.measure import MB, machine, python
from tests.bench.terminal import SIZE, terminal

if TYPE_CHECKING:
    from console.cockpit import Cockpit
    from console.planner import Plan

STARTS = 7
IDLE_S = 3.0
CUSTOMER = "practice"
READY = b"ready"
OVERVIEW = b"no plan yet"
FILLED = b"to be written"
FIRST_ROW = b"10/0000000"
DIFFERENCES = b"2"
RIVALS = {"posting": b"Collection", "harlequin": b"Catalog"}
"""Other large Textual applications, each with a word of its first screen."""

CONFIG = """\
[customers.practice]
name = "Wohnbau Musterstadt eG"
mandanten = "all"
separator = "/"
[customers.practice.erp]
source = "openwowi"
url = "http://127.0.0.1:9"
[customers.practice.bots4you]
environment = "practice"
url = "http://127.0.0.1:9"
[customers.practice.bots4you.use_cases.master-data]
"""


def big_plan(folder: Path, rows: int) -> Plan:
    """A plan of made-up tenants' rows, as comparing would leave it."""
    from types import SimpleNamespace

    from connectors.contract import Action, Text
    from connectors.registry import partner
    from console.planner import Job, Plan
    from console.selection import EVERYTHING
    from console.store.plans import PlanStore
    from console.store.vault import Vault
    from console.sync.codec import Codec
    from console.sync.plan import Planned, Tally

    use_case = next(use for use in partner("bots4you").use_cases if use.key == "master-data")
    codec = Codec(use_case.mappings(use_case.settings(separator="/", mandanten="all")))
    mapping = next(iter(codec.mappings.values()))
    texts = tuple(field.name for field in mapping.fields if field.kind.value == "text")
    payloads = [
        codec.payload(mapping.entity, {name: f"Lindenplatz {n}" for name in texts}) for n in range(1000)
    ]
    store, tally = PlanStore(folder, Vault.ephemeral()), Tally()
    for n in range(rows):
        before, after = payloads[n % 1000], payloads[(n + 1) % 1000]
        store.add(Planned(Action.UPDATE, mapping.entity, f"10/{n:07}", before, after, texts[:2],
                          reason=Text("sync.differs")))  # fmt: skip
    store.index()
    tally.actions[mapping.entity, Action.UPDATE] = rows
    tally.updated_fields.update({(mapping.entity, name): rows for name in texts[:2]})
    job = cast(Job, SimpleNamespace(customer=CUSTOMER, partner="bots4you", environment="practice"))
    return Plan(job, codec, EVERYTHING, store, tally, [], "digest", datetime.now(UTC), 0)


def show_plan(folder: Path, rows: int) -> None:
    """Be the console with a plan that is already there."""
    import asyncio

    from console import i18n
    from console.app import ConsoleApp, run_console
    from console.config import load
    from console.credentials import layered, open_store
    from console.doors import Doors

    class Filled(Doors):
        """Doors behind which a plan was made before."""

        def open(self, customer: str) -> Cockpit:
            """The cockpit with the plan."""
            cockpit = super().open(customer)
            next(iter(cockpit.tracks.values())).plan = plan
            return cockpit

    i18n.setup("en")
    plan = big_plan(folder / "plan", rows)
    path = folder / "config.toml"
    secrets = layered(os.environ, open_store(folder / "data", os.environ))
    doors = Filled(load(path), secrets, folder / "data", only=CUSTOMER, config_path=path)
    asyncio.run(run_console(ConsoleApp(doors)))


def show_empty() -> None:
    """Be an empty application."""
    from tests.bench.bench_table import Empty

    Empty().run()


def command(*words: str) -> list[str]:
    """This module as a child."""
    return [sys.executable, "-m", "tests.bench.bench_console", *words]


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process to a word, and resident bytes after idle seconds."""

    seconds: list[float]
    memory: int


def measure_starts(sides: Sequence[tuple[list[str], bytes]], env: dict[str, str]) -> list[Start]:
    """Start each side in turn, so that foreign load meets both; the first start of each warms the cache."""
    seconds: list[list[float]] = [[] for _ in sides]
    memory = [0 for _ in sides]
    for left in reversed(range(STARTS + 1)):
        for place, (arguments, word) in enumerate(sides):
            with terminal(arguments, env) as child:
                seconds[place].append(child.until(word))
                if not left:
                    child.drain(IDLE_S)
                    memory[place] = child.memory()
    return [Start(found[1:], held) for found, held in zip(seconds, memory, strict=True)]


def measure_plan(folder: Path, rows: int, env: dict[str, str]) -> tuple[float, float, int]:
    """Seconds from the key to the first byte and to the first row of a plan; resident bytes with it open."""
    words = command("--child", "plan", "--folder", str(folder), "--rows", str(rows))
    with terminal(words, env) as child:
        child.until(FILLED, 600.0)
        child.drain(1.0)
        child.key(DIFFERENCES)
        row = child.until(FIRST_ROW)
        child.drain(IDLE_S)
        memory = child.memory()
        child.step(b"1")
        child.drain(0.5)
        again = child.step(DIFFERENCES)
    return row, again.first, memory


def credentials() -> dict[str, str]:
    """Credentials as variables: nothing asks a keyring."""
    from console.credentials import variable

    erp = ("base_url", "api_key", "username", "password", "token")
    found = {variable(CUSTOMER, "erp", name): "x" for name in erp}
    return found | {variable(CUSTOMER, "bots4you", name): "x" for name in ("username", "password")}


def rivals(programs: Path | None) -> dict[str, tuple[list[str], bytes]]:
    """The other large Textual applications in a folder of programs, each with the word to wait for."""
    if programs is None:
        return {}
    return {
        name: ([str(programs / name)], word) for name, word in RIVALS.items() if (programs / name).exists()
    }


def line(what: str, empty: float | None, ours: float, unit: Callable[[float], str]) -> None:
    """One line of the table."""
    beside = "" if empty is None else unit(empty)
    ratio = "" if empty is None else f"{ours / empty:.2f}"
    print(f"| {what} | {beside} | {unit(ours)} | {ratio} |", flush=True)


def milliseconds(seconds: float) -> str:
    """Seconds as a figure of the table."""
    return f"{seconds * 1000:.0f} ms"


def megabytes(size: float) -> str:
    """Bytes as a figure of the table."""
    return f"{size / MB:.0f} MB"


def report_screens(rows: int, many: int, others: dict[str, tuple[list[str], bytes]]) -> None:
    """Measure the screens."""
    with tempfile.TemporaryDirectory(prefix="einzug-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        place = ["--config", str(folder / "config.toml"), "--data-dir", str(folder / "data"), "--lang", "en"]
        # Compiled, as an installation is; the first start of each writes it.
        env = credentials() | {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
        print("| what | empty application | console | ratio |\n|---|---|---|---|")
        console = [sys.executable, "-m", "console", *place, CUSTOMER]
        sides = [(command("--child", "empty"), READY), (console, OVERVIEW), *others.values()]
        empty, ours, *beside = measure_starts(sides, env)
        median = statistics.median
        what = "process start to first word of the overview"
        line(f"{what}, median", median(empty.seconds), median(ours.seconds), milliseconds)
        line(f"{what}, best", min(empty.seconds), min(ours.seconds), milliseconds)
        line(f"resident, idle {IDLE_S:.0f} s", empty.memory, ours.memory, megabytes)
        for name, other in zip(others, beside, strict=True):
            line(f"{name}: start, median", median(empty.seconds), median(other.seconds), milliseconds)
            line(f"{name}: resident, idle", empty.memory, other.memory, megabytes)
        for count in (rows, many):
            first_row, again, held = measure_plan(folder, count, env)
            line(f"resident, plan of {count:,} rows open", empty.memory, held, megabytes)
            line(f"plan of {count:,} rows: key to its first row", None, first_row, milliseconds)
            line("the same again: key to the first byte", None, again, milliseconds)


def report_stalls(records: int) -> None:
    """Measure how long the loop stands still during a sync."""
    cost = python("tests.bench.stalls", str(records))
    if cost.code:
        raise SystemExit(cost.out)
    found = json.loads(cost.out)
    print(
        f"\n{records:,} records of 20 fields read, compared ({found['plan_s']} s), {found['written']:,} "
        f"written in bulk and read back ({found['sync_s']} s); {cost}\n"
    )
    print("| stage | beats | stall: 95th percentile ms | longest ms |\n|---|---|---|---|")
    for stage, late in found["late"].items():
        print(f"| {stage} | {late['beats']} | {late['p95']} | {late['longest']} |")


def main() -> None:
    """Print the figures, or be a measured application."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the plan for memory (100000)")
    parser.add_argument("--many", type=int, default=1_000_000, help="rows of the large plan (1000000)")
    parser.add_argument("--records", type=int, default=100_000, help="records of the sync (100000)")
    parser.add_argument("--rivals", type=Path, help="folder with the programs posting and harlequin")
    parser.add_argument("--child", choices=("empty", "plan"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child == "empty":
        show_empty()
    elif asked.child == "plan":
        show_plan(asked.folder, asked.rows)
    else:
        others = rivals(asked.rivals)
        beside = ", ".join(others) or "no other application"
        print(f"{machine()}; {SIZE[0]}x{SIZE[1]}, truecolor; beside it: {beside}\n")
        report_screens(asked.rows, asked.many, others)
        report_stalls(asked.records)


if __name__ == "__main__":
    main()
