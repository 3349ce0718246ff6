"""The cache keeps encrypted JSON, expires, and runs nothing that somebody planted."""

from __future__ import annotations

import os
import pickle
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.store import cache as cache_module
from console.store.cache import Cache
from console.store.vault import KEY_BYTES, Vault

VAULT = Vault(bytes(range(KEY_BYTES)))
CANARY = "Wilhelmine Canaria"


class Payload:
    """Unpickling it creates a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> Iterator[Cache]:
    opened = Cache(folder, VAULT)
    yield opened
    opened.close()


def execute(folder: Path, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    conn = sqlite3.connect(folder / "cache.db")
    with conn:
        found = conn.execute(sql, values).fetchall()
    conn.close()
    return found


@pytest.mark.parametrize("value", [0, "", [], {"a": [1, 2.5, None, "ä"]}, "x" * 200_000])
def test_a_json_value_comes_back(cache: Cache, folder: Path, value: Any) -> None:
    cache.set("key", value)
    assert cache.get("key") == value
    assert [p.name for p in folder.rglob("*") if not p.name.startswith("cache.db")] == []


def test_values_outlive_the_process_that_kept_them(cache: Cache, folder: Path) -> None:
    cache.set("key", 1)
    cache.close()
    again = Cache(folder, VAULT)
    assert again.get("key") == 1
    again.close()


@pytest.mark.parametrize(
    ("value", "error"), [({1, 2}, TypeError), (b"x", TypeError), (float("nan"), ValueError)]
)
def test_what_is_no_json_is_refused(cache: Cache, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        cache.set("key", value)


def test_neither_key_nor_value_stands_in_a_file(cache: Cache, folder: Path) -> None:
    cache.set(f"tenant {CANARY}", {"name": CANARY})
    raw = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert raw
    assert CANARY.encode() not in raw
    assert b"tenant" not in raw


def test_an_expired_value_is_gone(cache: Cache, folder: Path) -> None:
    cache.set("key", 1, days=-1)
    cache.set("kept", 2)
    assert cache.get("key") is None
    ((left,),) = execute(folder, "SELECT expire_time - store_time FROM Cache")
    assert left == pytest.approx(7 * 86_400)


def test_clearing_removes_everything(cache: Cache, folder: Path) -> None:
    cache.set("a", 1)
    cache.clear()
    assert cache.get("a") is None
    assert execute(folder, "SELECT count(*) FROM Cache") == [(0,)]


def test_a_planted_pickle_is_not_run_as_a_value(cache: Cache, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "ran"
    cache.set("key", 1)
    execute(folder, "UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(Payload(target)),))
    assert cache.get("key") is None
    assert not target.exists()


def test_a_planted_pickle_file_is_not_run(cache: Cache, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "ran"
    cache.set("key", 1)
    (tmp_path / "planted").write_bytes(pickle.dumps(Payload(target)))
    execute(folder, "UPDATE Cache SET mode = 4, value = NULL, filename = '../planted'")
    assert cache.get("key") is None
    assert not target.exists()


def test_a_planted_pickle_is_not_run_as_a_key(cache: Cache, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "ran"
    cache.set("key", 1)
    execute(folder, "UPDATE Cache SET raw = 0, key = ?", (pickle.dumps(Payload(target)),))
    assert cache.get("key") is None
    import diskcache

    with (
        diskcache.Cache(folder, disk=cache_module._disk(VAULT)) as walked,
        pytest.raises(cache_module._Refused),
    ):
        list(walked)
    assert not target.exists()


def test_the_planted_pickle_would_run_without_our_disk(cache: Cache, folder: Path, tmp_path: Path) -> None:
    import diskcache

    target = tmp_path / "ran"
    cache.set("key", 1)
    execute(folder, "UPDATE Cache SET mode = 4, key = 'key', value = ?", (pickle.dumps(Payload(target)),))
    stock = diskcache.Cache(folder)
    stock.get("key")
    stock.close()
    assert target.exists()


@pytest.mark.parametrize("mode", [1, 2, 3])
def test_a_row_never_reads_or_removes_a_file_outside(
    cache: Cache, folder: Path, tmp_path: Path, mode: int
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text('"secret"', encoding="utf-8")
    cache.set("key", 1)
    execute(folder, "UPDATE Cache SET mode = ?, value = NULL, filename = '../outside.txt'", (mode,))
    assert cache.get("key") is None
    cache.set("key", 2)
    execute(folder, "UPDATE Cache SET filename = '../outside.txt'")
    cache.clear()
    assert outside.exists()


def test_a_value_moved_to_another_key_counts_as_absent(cache: Cache, folder: Path) -> None:
    cache.set("a", 1)
    ((blob,),) = execute(folder, "SELECT value FROM Cache")
    cache.set("b", 2)
    execute(folder, "UPDATE Cache SET value = ?", (blob,))
    assert cache.get("a") == 1
    assert cache.get("b") is None


def test_a_damaged_cache_starts_empty(folder: Path) -> None:
    folder.mkdir()
    (folder / "cache.db").write_bytes(b"rubbish" * 1000)
    cache = Cache(folder, VAULT)
    cache.set("key", 1)
    assert cache.get("key") == 1
    cache.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes exist on POSIX only")
def test_folder_and_files_are_closed_to_others(cache: Cache, folder: Path) -> None:
    cache.set("key", "x" * 100_000)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_without_a_lasting_key_nothing_is_kept(folder: Path) -> None:
    cache = Cache(folder, Vault.ephemeral())
    cache.set("key", 1)
    assert cache.get("key") is None
    cache.clear()
    cache.close()
    assert not folder.exists()
