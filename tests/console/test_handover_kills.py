"""Whatever is killed when, the machine is as before or as after, and the next start knows which."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.handover import settle, staging
from console.handover.compare import Relation
from console.handover.mark import given
from console.onboarding.book import read
from console.report.gather import gather
from tests.console.checklist_kit import only_own
from tests.console.cli_kit import ROOT
from tests.console.handover_kit import CUSTOMER, NOW, PASSPHRASE, Machine, cheap, everything, first, second

CHILD = """
import base64, os, signal, sys
from pathlib import Path
from console.credentials import MemorySecrets
from console.handover import parcel, settle, staging, taking
from console.handover.taking import Home, arriving
from console.store import atomic, chain, evidence

parcel.COST = 2
folder, file, moment, key = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], base64.b64decode(sys.argv[4])

def killed(module, name, after=False, nth=1):
    real, count = getattr(module, name), [0]
    def dying(*args, **how):
        count[0] += 1
        if count[0] == nth and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*args, **how)
        if count[0] == nth and after:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    setattr(module, name, dying)

{
    "staging": lambda: killed(staging._Stager, "_insert", nth=3),
    "staged": lambda: killed(taking, "_preview"),
    "ordered": lambda: killed(taking, "_replace"),
    "inside": lambda: killed(taking, "bequeath", after=True),
    "verified": lambda: killed(taking.chain, "verify", after=True, nth=int(sys.argv[5])),
    "committed": lambda: killed(taking, "settle"),
    "evidence": lambda: killed(settle, "_agreements"),
    "agreements": lambda: killed(settle, "replace_table"),
    "configured": lambda: killed(settle, "replace_table", after=True),
}[moment]()
secrets = MemorySecrets()
secrets._keys["muster"] = key
with arriving(Home(folder / "data", folder / "config.toml", secrets), file, sys.argv[6]) as arrival:
    arrival.take()
print("survived")
"""

BEFORE = ("staging", "staged", "ordered", "inside", "verified")
AFTER = ("committed", "evidence", "agreements", "configured")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)
    only_own(monkeypatch)


def kill(machine: Machine, file: Path, moment: str, verified: int) -> None:
    """Take a file in with a process that is killed at a moment."""
    import base64

    key = machine.secrets.key(CUSTOMER, create=True)
    assert key is not None
    done = subprocess.run(
        [
            sys.executable, "-c", CHILD, str(machine.folder), str(file), moment,
            base64.b64encode(key).decode(), str(verified), PASSPHRASE,
        ],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr + done.stdout


def restarted(machine: Machine) -> None:
    """The next start; nothing that was laid ready stays."""
    settle.finish(machine.home.data)
    assert not (machine.home.data / staging.FOLDER).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
@pytest.mark.parametrize("moment", [*BEFORE, *AFTER])
def test_a_new_customer_is_there_whole_or_not_at_all(tmp_path: Path, moment: str) -> None:
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    before = two.config.read_bytes()
    kill(two, file, moment, verified=2)
    restarted(two)
    if moment in BEFORE:
        assert two.config.read_bytes() == before
        assert not (two.folder / CUSTOMER).exists()
        with two.arriving(file) as arrival:
            assert arrival.preview.relation is Relation.NEW
            arrival.take(now=NOW)
    assert gather(two.open(), now=NOW).chapters == gather(one.open(), now=NOW).chapters
    assert (two.folder / CUSTOMER / "kanäle" / "übersicht.toml").exists()
    (evidence,) = read(two.open()).history("own.provider")[-1].files
    assert len(list((two.folder / "data").rglob(f"{evidence.sha256}.sealed"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
@pytest.mark.parametrize("moment", [*BEFORE, *AFTER])
def test_a_customer_who_comes_back_is_as_before_or_as_after(tmp_path: Path, moment: str) -> None:
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    two.take(file)
    two.run("2")
    (two.folder / CUSTOMER / "neu.toml").write_text("n = 1\n")
    back = tmp_path / "back.einzug"
    two.export(back)
    before = everything(one.folder)
    rows = gather(one.open(), now=NOW).journal.rows
    kill(one, back, moment, verified=3)
    restarted(one)
    with one.open().journal() as journal:
        report = journal.verify()
    assert report.ok
    if moment in BEFORE:
        assert report.rows == rows
        assert given(one.open()) is not None
        assert everything(one.folder).keys() == before.keys()
    else:
        assert report.rows == rows + 4
        assert given(one.open()) is None
        assert (one.folder / CUSTOMER / "neu.toml").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
def test_what_another_process_is_taking_in_is_left_alone(tmp_path: Path) -> None:
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    with two.arriving(file) as arrival:
        settle.finish(two.home.data)  # our own process lives
        assert arrival.staged.database.exists()
        arrival.take(now=NOW)
