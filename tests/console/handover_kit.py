"""What the tests of the hand-over share: two machines, a customer with everything on the first of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.config import load
from console.credentials import MemorySecrets
from console.handover import parcel
from console.handover.export import Exported, export
from console.handover.taking import Arrival, Home, arriving
from console.sitting import Sitting
from console.store.handovers import Handover
from console.store.idmap import IdMap, Link
from console.store.runs import RunState
from console.workspace import Workspace
from tests.console import report_kit
from tests.console.journal_kit import change, outcome

PASSPHRASE = "vier blaue Pferde tanzen"
NOW = datetime(2026, 11, 22, 11, 4, tzinfo=UTC)
CUSTOMER = "muster"
PLACE = ("bots4you", "practice", "master-data")
BEFORE = b'{"name":"Erika Musterfrau"}'


def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a passphrase cost next to nothing."""
    monkeypatch.setattr(parcel, "COST", 2)


@dataclass(frozen=True)
class Machine:
    """A machine with a configuration, a data folder and a keyring of its own."""

    folder: Path
    secrets: MemorySecrets = field(default_factory=MemorySecrets)

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.folder / "config.toml"

    @property
    def home(self) -> Home:
        """Where it takes customers in."""
        return Home(self.folder / "data", self.config, self.secrets)

    def open(self) -> Workspace:
        """Its customer."""
        config = load(self.config)
        return Workspace(config, config.customers[CUSTOMER], self.secrets, self.folder / "data", Sitting())

    def export(self, path: Path, to: str = "Max Beispiel") -> Exported:
        """Erika hands over."""
        return export(self.open(), path, PASSPHRASE, who="Erika Muster", to=to, now=NOW)

    @contextmanager
    def arriving(self, path: Path) -> Iterator[Arrival]:
        """What came, before it is taken in."""
        with arriving(self.home, path, PASSPHRASE) as arrival:
            yield arrival

    def take(self, path: Path) -> Handover:
        """Take it in."""
        with self.arriving(path) as arrival:
            return arrival.take(now=NOW)

    def run(self, record: str = "1") -> int:
        """Master data is written, with a value that undo needs and a link of the id map."""
        place = self.open()
        with place.journal() as journal:
            run = journal.start_run(*PLACE, "apply", mapping_version="m1", settings={})
            journal.intend(run, [change(record)], [BEFORE])
            journal.settle(run, [outcome(record)])
            journal.finish_run(run, RunState.DONE, report_kit.COUNTS)
        with place.store() as conn:
            digest = place.vault.fingerprint(b"written")[:16]
            IdMap(conn, *PLACE[:2]).put_many("tenant", [Link(record, f"r-{record}", digest, run)])
        return run


def first(folder: Path) -> Machine:
    """The machine on which the customer was worked on: answers with evidence, runs, tests, agreements."""
    folder.mkdir()
    machine = Machine(folder)
    report_kit.filled(folder, machine.secrets)
    for partner in ("bots4you", "erp"):
        values = {"username": "canary", "password": "canary-secret", "api_key": "canary-key"}
        machine.secrets.set(CUSTOMER, partner, "practice", values)
    rules = folder / CUSTOMER / "kanäle" / "übersicht.toml"
    rules.parent.mkdir(parents=True)
    rules.write_text("a = 1\n", encoding="utf-8")
    machine.run()
    return machine


def second(folder: Path) -> Machine:
    """A machine on which another customer is configured, with comments."""
    folder.mkdir()
    machine = Machine(folder)
    machine.config.write_text('# mine\n[customers.other]\nname = "Andere eG" # kept\n', encoding="utf-8")
    return machine


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for what SQLite and the cache keep moving."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "cache" not in path.parts and not path.name.endswith(("-wal", "-shm"))
    }
