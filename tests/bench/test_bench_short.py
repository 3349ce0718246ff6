"""The benchmarks in short: they run, and what can be counted is what it should be. Nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from console.report import files
from console.report.exhibits import exhibits
from console.report.gather import gather
from console.store.evidence import EvidenceFiles
from console.store.said import Evidence
from console.store.vault import Vault
from console.sync.compare import compare, differences
from console.sync.spill import BLOCK, Scratch, Snapshot
from tests.bench import bench_checklists, bench_compare, bench_onoffice, bench_sync, bench_tickets, rows
from tests.bench.contenders import CODEC, lines
from tests.bench.measure import ROOT

HEAVY = {
    "asyncio", "cryptography", "diskcache", "httpx", "keyring", "openpyxl", "orjson", "sqlite3", "ssl",
    "starlette", "textual", "tomlkit", "uvicorn", "xlsxwriter",
}  # fmt: skip
RECORDS = 500


class CountingVault:
    """Opens blocks like the vault and counts them."""

    def __init__(self) -> None:
        self.vault = Vault.ephemeral()
        self.opened = 0

    def seal(self, data: bytes, context: bytes) -> bytes:
        return self.vault.seal(data, context)

    def open(self, blob: bytes, context: bytes) -> bytes:
        self.opened += 1
        return self.vault.open(blob, context)


@pytest.mark.parametrize("way", ["--version", "--help", "plan --help", "sync --help"])
def test_what_only_prints_imports_nothing_heavy(way: str) -> None:
    code = (
        "import sys, json; from console.cli import run; run(sys.argv[1:]); print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *way.split()], cwd=ROOT, check=True, capture_output=True, text=True
    )
    imported = set(json.loads(done.stdout.splitlines()[-1]))
    assert "click" in imported
    assert not imported & HEAVY


def test_we_and_polars_find_the_same_differences(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_compare.measure(300, rounds=1)
    assert "differences, equal" in capsys.readouterr().out


def test_comparing_opens_every_block_once_and_decodes_only_what_differs(tmp_path: Path) -> None:
    cipher = CountingVault()
    old, new = (Snapshot(Scratch(tmp_path, cipher, "spill-")).write(lines(3000, side)) for side in rows.SIDES)
    with old, new:
        sizes = [sum(len(line) + 1 for line in side) for side in (old, new)]
        cipher.opened = 0
        pairs = list(compare(new, old))
        assert cipher.opened == sum(-(-size // (BLOCK + 1000)) for size in sizes)
    assert len(pairs) == 30
    assert sum(len(differences(CODEC, pair, rows.ENTITY)) for pair in pairs) == 60


def test_a_first_sync_writes_every_tenant_once_and_an_unchanged_one_nothing() -> None:
    with bench_sync.office(RECORDS, bulk=True) as place:
        _, first = place.sync()
        seen = place.count(0)
        assert first["applied"] >= RECORDS
        assert place.created() == (first["applied"], 0)
        # One, ten, and the rest by 500: few calls, all of them admitted.
        assert (seen.writes, seen.refused) == (2 + -(-(first["applied"] - 11) // 500), 0)
        since = place.last()
        _, again = place.sync()
        assert (again["applied"], place.count(since).writes) == (0, 0)


def test_an_idle_pass_over_tickets_asks_each_side_once_however_many_there_are(tmp_path: Path) -> None:
    first, second, idle, _one = bench_tickets.measured(150, tmp_path)
    assert (first.requests["erp.create"], first.requests["erp.comment"]) == (150, 300)
    assert set(second.requests) == {"erp.changes", "portal.changes"}
    assert idle.requests == {"erp.changes": 1, "portal.changes": 1}


async def test_the_chain_of_3000_letting_objects_takes_at_most_25_requests() -> None:
    found = await bench_onoffice.measure(3000, 60)
    assert found.objects > 2900
    assert found.requests <= 25


def test_a_report_reads_each_piece_of_evidence_once_for_all_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench_checklists.fill(tmp_path, bench_checklists.Size(files=8, runs=3, entries=5))
    place, read = bench_checklists.workspace(tmp_path), list[str]()
    former = EvidenceFiles.read

    def counted(kept: EvidenceFiles, one: Evidence) -> bytes:
        read.append(one.sha256)
        return former(kept, one)

    monkeypatch.setattr(EvidenceFiles, "read", counted)
    report, shows = gather(place), exhibits(place)
    assert len(report.runs) == 3
    assert all(point.said is not None for chapter in report.chapters for point in chapter.points)
    for ending in files.FORMATS:
        files.rendered(report, ending, place.vault, shows)
    assert len(read) == len(set(read)) == 8
