"""Kill a writing sync at random moments, resume it, and count what is lost, doubled or left lying about.

``python -m scripts.kill_test --rounds 100 [--single]``: each round begins with fresh local data and a partner
that holds a few records, some outdated and some of somebody else. ``einzug sync`` is killed, started again,
perhaps killed again, and at last left alone. Then the partner must hold exactly what it holds after a sync
that nobody disturbed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox.expected import Expected, expected
from console.practice import CUSTOMER, Practice, secrets_of
from console.store.database import rows
from console.store.journal import Journal
from console.store.schema import open_customer
from console.store.vault import Vault

ROOT = Path(__file__).resolve().parents[1]
LONGEST_S = 3600
MOST_KILLS = 3
OUTDATED = 20
"""Records the partner holds in an older state, so that a killed run has updates too; no guard minds."""
CANARIES = 11
FOREIGN = {"externalId": "CRM 4711", "clientNumber": "CRM", "contractNumber": "4711"}
LEFT = {"customer.sqlite", "limits.sqlite", "secrets.enc"}
"""The files that may lie in a data folder after a run."""


class Broken(AssertionError):
    """Something was lost, doubled or left behind."""


@dataclass(slots=True)
class Figures:
    """What the rounds did. ``stages`` tells where the kills hit."""

    rounds: int = 0
    kills: int = 0
    unclear: int = 0  # records whose outcome the resumed run had to look up
    records: int = 0
    stages: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        stages = ", ".join(f"{stage} {count}" for stage, count in sorted(self.stages.items()))
        return (
            f"{self.rounds} rounds of {self.records} records, {self.kills} kills ({stages}); "
            f"{self.unclear} records had an unclear outcome and were looked up; "
            "lost 0, doubled 0, left behind 0"
        )


PLACE = ("bots4you", "master-data")


class Control:
    """The sandbox's own API."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)

    def ask(self, method: str, path: str, data: Any = None) -> Any:
        """Send one call and return the JSON of its answer. Raises Broken for a refusal."""
        body = None if data is None else json.dumps(data)
        self._connection.close()  # the server ends what was idle for long, and a round may take that long
        self._connection.request(method, path, body)
        response = self._connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise Broken(f"{method} {path}: {response.status}")
        return json.loads(content) if content else None

    def tenants(self) -> dict[str, dict[str, Any]]:
        """What the partner holds, without the moment of writing."""
        held = self.ask("GET", "/state/bots4you/tenant")
        return {r["externalId"]: {k: v for k, v in r.items() if k != "updatedAt"} for r in held}

    def writes(self) -> int:
        """How many writing calls the partner has seen since the last ``reset``."""
        counts = (self.ask("GET", f"/requests/bots4you?count=1&method={m}") for m in ("PUT", "POST"))
        return sum(int(found["count"]) for found in counts)

    def reset(self) -> None:
        """Empty the partner and forget its requests."""
        self.ask("POST", "/objects/bots4you/reset", {})
        self.ask("DELETE", "/requests/bots4you")


@dataclass(slots=True)
class Arena:
    """Running sandboxes and everything a ``sync`` against them needs."""

    control: Control
    config: Path
    environ: Mapping[str, str]
    predicted: Expected
    said: Path
    wanted: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0
    calls: int = 0

    def sync(self, data: Path) -> subprocess.Popen[str]:
        """Start a sync of the master data."""
        skips = self.predicted.flows[PLACE].skips
        ambiguous = skips.get("C1", 0) + skips.get("C2", 0)
        with self.said.open("wb") as said:  # a pipe would fill up while the moment to kill is awaited
            return subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-P", "-m", "console", "sync", CUSTOMER, "bots4you", "master-data", "--yes",
             "--json", "--accept", f"ambiguous_ids={ambiguous}",
             "--config", str(self.config), "--data-dir", str(data)],
            env={**self.environ, "EINZUG_KEYRING": "file", "EINZUG_PASSPHRASE": "practice passphrase"},
            stdout=said,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def prepare(self, rng: Random) -> None:
        """A partner with some outdated records and one of somebody else."""
        self.control.reset()
        for id_ in rng.sample(sorted(set(self.wanted) - {FOREIGN["externalId"]}), OUTDATED):
            self.control.ask("POST", "/objects/bots4you/tenant", self.wanted[id_] | {"city": "Altstadt"})
        self.control.ask("POST", "/objects/bots4you/tenant", FOREIGN)


@contextmanager
def arena(folder: Path, *, units: int, bulk: bool) -> Iterator[Arena]:
    """Serve the sandboxes in their own process and measure a sync that nobody disturbs."""
    config = folder / "config.toml"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("EINZUG_")} | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-P", "-m", "console", "sandbox", "--units", str(units), "--empty-partners",
         "--for", str(LONGEST_S), "--write-config", str(config)],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None  # noqa: S101  (it is a pipe)
            ready = json.loads(process.stdout.readline())
            _speed_up(config, bulk=bulk)
            control = Control(ready["control"])
            fast = {"partner": "bots4you", "kind": "rate", "per_second": 10_000, "burst": 10_000}
            control.ask("POST", "/faults", fast)
            found = Arena(
                control,
                config,
                environ | _credentials(ready),
                expected(Practice(units).company()),
                folder / "said.json",
            )
            _measure(found, folder / "undisturbed")
            yield found
        finally:
            process.terminate()


def _speed_up(config: Path, *, bulk: bool) -> None:
    """The assumed limit of the partner would only make the rounds longer."""
    fast = f"requests_per_second = 1000.0\nburst = 1000\nbulk = {str(bulk).lower()}\n"
    head = "[customers.practice.bots4you]\n"
    config.write_text(config.read_text("utf-8").replace(head, head + fast), "utf-8")


def _credentials(ready: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"EINZUG_SECRET_{CUSTOMER}_{partner}_{name}".upper(): value
        for partner, entry in ready["partners"].items()
        for name, value in secrets_of(entry).items()
    }


def _measure(found: Arena, data: Path) -> None:
    """One sync in peace: how long it takes and what the partner holds afterwards."""
    found.control.reset()
    found.control.ask("POST", "/objects/bots4you/tenant", FOREIGN)
    start = time.monotonic()
    _finish(found, data)
    found.seconds = time.monotonic() - start
    found.calls = found.control.writes()
    found.wanted = found.control.tenants()
    if len(found.wanted) != found.predicted.flows[PLACE].creates + 1:
        raise Broken(f"{len(found.wanted) - 1} records instead of {found.predicted.flows[PLACE].creates}")


def _finish(found: Arena, data: Path) -> dict[str, Any]:
    """Let a sync end and read what it says. Raises Broken when it does not end well."""
    process = found.sync(data)
    _, err = process.communicate(timeout=300)
    if process.returncode != 0:
        raise Broken(f"exit code {process.returncode}: {err.strip()}")
    said: dict[str, Any] = json.loads(found.said.read_bytes())
    return said


def play(found: Arena, data: Path, rng: Random, figures: Figures, *, by_writes: bool) -> None:
    """One round. ``by_writes`` kills once the partner has seen some writing calls, else after some time."""
    found.prepare(rng)
    for _ in range(rng.choice((1, 1, 2, MOST_KILLS))):
        process = found.sync(data)
        if by_writes:
            _await_writes(found, process, rng.randint(1, found.calls))
        else:
            _await_moment(process, rng.uniform(0.0, found.seconds))
        if process.poll() is None:
            process.kill()
            figures.kills += 1
            figures.stages[_stage(found)] += 1
        process.communicate()
    figures.unclear += _finish(found, data)["settled"]
    _prove(found, data)
    figures.rounds += 1
    figures.records = len(found.wanted) - 1


def _await_moment(process: subprocess.Popen[str], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.002)


def _await_writes(found: Arena, process: subprocess.Popen[str], calls: int) -> None:
    """Wait until so many more writing calls have come; the log has them before the answer leaves."""
    goal = found.control.writes() + calls
    while process.poll() is None and found.control.writes() < goal:
        pass


def _stage(found: Arena) -> str:
    """Where the kill hit, read off what the partner has seen."""
    held = found.control.tenants()
    fresh = sum(held.get(id_) == record for id_, record in found.wanted.items()) - 1
    if not found.control.writes():
        asked = found.control.ask("GET", "/requests/bots4you?count=1")["count"]
        return "2 reading the partner or planning" if asked else "1 starting or reading the ERP"
    if fresh >= found.predicted.flows[PLACE].creates:
        return "5 verifying"
    return "3 canaries" if fresh <= CANARIES else "4 writing"


def _prove(found: Arena, data: Path) -> None:
    """Nothing lost, nothing doubled, nothing left. Raises Broken."""
    held = found.control.tenants()
    if held != found.wanted:
        missing, strange = found.wanted.keys() - held.keys(), held.keys() - found.wanted.keys()
        raise Broken(f"{len(missing)} missing, {len(strange)} strange, or not as they should be")
    creates = found.control.ask("GET", "/state/bots4you/creates")["tenant"]
    if set(creates) != set(held) or max(creates.values()) != 1:
        raise Broken("a record was created twice")
    if left := {path.name for path in data.rglob("*") if path.is_file()} - LEFT:
        raise Broken(f"left behind: {sorted(left)}")
    conn = open_customer(data, CUSTOMER)
    try:
        if not Journal(conn, Vault.ephemeral()).verify().ok:
            raise Broken("the chain of the journal is broken")
        for table in ("pending", "lease"):
            if rows(conn, f"SELECT 1 FROM {table}"):  # noqa: S608  (the names are ours)
                raise Broken(f"left behind: rows in {table}")
        (linked,) = rows(conn, "SELECT count(*) FROM link")[0]
        if linked != len(found.wanted) - 1:
            raise Broken(f"the id map knows {linked} records")
    finally:
        conn.close()


def kill_rounds(
    rounds: int, *, units: int, bulk: bool, seed: int, folder: Path, progress: bool = False
) -> Figures:
    """Play rounds against one pair of sandboxes. Raises Broken at the first thing that is not right.

    ``progress`` prints the figures so far after every ten rounds.
    """
    figures, rng = Figures(), Random(seed)  # noqa: S311  (repeatable, not secret)
    with arena(folder, units=units, bulk=bulk) as found:
        for number in range(rounds):
            data = folder / "data"
            play(found, data, rng, figures, by_writes=bool(number % 2))
            shutil.rmtree(data)
            if progress and figures.rounds % 10 == 0:
                print(figures, flush=True)
    return figures


def main() -> None:
    """Play the rounds that were asked for and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--units", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--single", action="store_true", help="one call a record instead of bulk calls")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="einzug-kill-") as folder:
        start = time.monotonic()
        figures = kill_rounds(
            wanted.rounds,
            units=wanted.units,
            bulk=not wanted.single,
            seed=wanted.seed,
            folder=Path(folder),
            progress=True,
        )
    print(f"{'single' if wanted.single else 'bulk'}, seed {wanted.seed}: {figures}")
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
