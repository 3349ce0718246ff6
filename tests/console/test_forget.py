"""Forgetting a customer and sweeping what killed processes left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.store.cache import Cache
from console.store.forget import forget
from console.store.leases import LeaseHeld, Leases
from console.store.places import CACHE, DATABASE, customer_folder
from console.store.schema import open_customer
from console.store.spills import spill_prefix, sweep
from console.store.vault import KEY_BYTES, Vault


def fill(data_dir: Path, customer: str) -> Path:
    open_customer(data_dir, customer).close()
    folder = customer_folder(data_dir, customer)
    cache = Cache(folder / CACHE, Vault(bytes(KEY_BYTES)))
    cache.set("key", 1)
    cache.close()
    (folder / f"{spill_prefix()}x").write_bytes(b"")
    return folder


def test_everything_of_one_customer_goes_and_the_other_stays(tmp_path: Path) -> None:
    folder, other = fill(tmp_path, "wbm"), fill(tmp_path, "other")
    report = forget(tmp_path, "wbm")
    assert report.complete
    assert {Path(DATABASE), Path(CACHE, "cache.db"), Path(f"{spill_prefix()}x")} <= set(report.found)
    assert report.gone == report.found
    assert not folder.exists()
    assert (other / DATABASE).exists()


def test_forgetting_an_unknown_customer_finds_nothing(tmp_path: Path) -> None:
    report = forget(tmp_path, "nobody")
    assert (report.found, report.gone, report.left, report.complete) == ((), (), (), True)


def test_a_file_that_cannot_be_removed_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path, "wbm")
    unlink = Path.unlink

    def held(path: Path) -> None:
        if path.name == DATABASE:
            raise PermissionError(13, "used by another process")
        unlink(path)

    monkeypatch.setattr(Path, "unlink", held)
    report = forget(tmp_path, "wbm")
    assert not report.complete
    assert [(left.path, str(left.reason)) for left in report.left] == [
        (folder / DATABASE, "[Errno 13] used by another process")
    ]
    assert Path(DATABASE) not in report.gone
    assert Path(CACHE, "cache.db") in report.gone


def test_a_customer_with_a_living_run_is_not_forgotten(tmp_path: Path) -> None:
    conn = open_customer(tmp_path, "wbm")
    Leases(conn).acquire("run 1")
    with pytest.raises(LeaseHeld):
        forget(tmp_path, "wbm")
    assert (customer_folder(tmp_path, "wbm") / DATABASE).exists()
    conn.close()


def test_a_damaged_customer_is_forgotten_too(tmp_path: Path) -> None:
    folder = fill(tmp_path, "wbm")
    (folder / DATABASE).write_bytes(b"rubbish" * 100)
    assert forget(tmp_path, "wbm").complete
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="making links needs a right on Windows")
def test_a_link_is_removed_and_what_it_points_to_stays(tmp_path: Path) -> None:
    folder, outside = fill(tmp_path, "wbm"), tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("", encoding="utf-8")
    (folder / "link").symlink_to(outside, target_is_directory=True)
    assert forget(tmp_path, "wbm").complete
    assert (outside / "kept").exists()


def test_only_spills_of_dead_processes_are_swept(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    folder = customer_folder(tmp_path, "wbm")
    folder.mkdir(parents=True)
    orphans = [tmp_path / f"spill-{child.pid}-a", folder / f"spill-{child.pid}-b.plan"]
    kept = [tmp_path / f"{spill_prefix()}c", tmp_path / "spill-x-d", folder / f"spill-{child.pid}.txt"]
    for path in (*orphans, *kept):
        path.write_bytes(b"")
    assert set(sweep(tmp_path)) == set(orphans)
    assert all(path.exists() for path in kept)
    assert sweep(tmp_path / "missing") == ()
