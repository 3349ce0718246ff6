"""The id map and the remembered facts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from console.store.idmap import IdMap, Link
from console.store.memory import Facts, Memory
from console.store.schema import open_customer

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DIGEST = bytes(range(16))


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_customer(tmp_path, "practice")
    yield opened
    opened.close()


@pytest.fixture
def ids(conn: sqlite3.Connection) -> IdMap:
    return IdMap(conn, "bots4you", "test", clock=lambda: NOW)


def test_what_was_written_is_ours_with_its_digest_run_and_time(ids: IdMap) -> None:
    ids.put_many("tenant", [Link("10/1", "r-1", DIGEST, 7)])
    assert ids.get("tenant", "10/1") == Link("10/1", "r-1", DIGEST, 7, NOW)
    assert ids.owns("tenant", "10/1")
    assert not ids.owns("tenant", "10/2")
    assert not ids.owns("lease", "10/1")


def test_partners_and_environments_do_not_see_each_other(conn: sqlite3.Connection, ids: IdMap) -> None:
    ids.put_many("tenant", [Link("10/1")])
    assert IdMap(conn, "bots4you", "production").count() == 0
    assert IdMap(conn, "immomio", "test").count() == 0
    assert not IdMap(conn, "immomio", "test").owns("tenant", "10/1")


def test_writing_again_replaces_the_digest_and_keeps_a_known_remote_id(ids: IdMap) -> None:
    ids.put_many("tenant", [Link("10/1", "r-1", DIGEST, 1)])
    ids.put_many("tenant", [Link("10/1", None, DIGEST[::-1], 2)])
    assert ids.get("tenant", "10/1") == Link("10/1", "r-1", DIGEST[::-1], 2, NOW)
    assert ids.count("tenant") == 1


def test_adopting_adds_what_is_unknown_and_keeps_what_is_confirmed(ids: IdMap) -> None:
    ids.put_many("tenant", [Link("10/1", "r-1", DIGEST, 1), Link("10/2", "r-2", DIGEST, 1)])
    ids.adopt_many("tenant", {"10/1": None, "10/2": "r-9", "10/3": "r-3", "10/4": None})
    assert [ids.get("tenant", f"10/{n}") for n in (1, 2, 3, 4)] == [
        Link("10/1", "r-1", DIGEST, 1, NOW),
        Link("10/2", "r-9", DIGEST, 1, NOW),
        Link("10/3", "r-3", None, None, NOW),
        Link("10/4", None, None, None, NOW),
    ]


def test_removed_records_are_no_longer_ours(ids: IdMap) -> None:
    ids.put_many("tenant", [Link("10/1"), Link("10/2")])
    ids.put_many("lease", [Link("10/1")])
    ids.remove_many("tenant", ["10/1", "10/9"])
    assert not ids.owns("tenant", "10/1")
    assert ids.owns("tenant", "10/2")
    assert (ids.count("tenant"), ids.count("lease"), ids.count()) == (1, 1, 2)


def test_nothing_is_kept_of_a_batch_that_fails(ids: IdMap) -> None:
    def links() -> Iterator[Link]:
        yield Link("10/1")
        raise KeyError

    with pytest.raises(KeyError):
        ids.put_many("tenant", links())
    assert ids.count() == 0


def test_nothing_is_remembered_before_the_first_applied_run(conn: sqlite3.Connection) -> None:
    assert Memory(conn).facts("bots4you", "test", "master-data") == Facts({}, "", None)


def test_the_last_applied_run_of_a_use_case_is_remembered(conn: sqlite3.Connection) -> None:
    memory = Memory(conn)
    counts = {"desired": {"tenant": 12}, "actual": {"tenant": 11}}
    settings = {"separator": "/", "mandanten": frozenset({"20", "10"}), "since": date(2026, 1, 1)}
    for version in ("m0", "m1"):
        memory.remember(
            "bots4you", "test", "master-data", counts=counts, mapping_version=version, settings=settings
        )
    assert memory.facts("bots4you", "test", "master-data") == Facts(
        counts, "m1", {"separator": "/", "mandanten": ["10", "20"], "since": "2026-01-01"}
    )
    assert memory.facts("bots4you", "production", "master-data") == Facts()
    assert memory.facts("bots4you", "test", "ticket-categories") == Facts()


def test_what_has_no_plain_form_is_not_remembered(conn: sqlite3.Connection) -> None:
    with pytest.raises(TypeError):
        Memory(conn).remember("a", "b", "c", counts={}, mapping_version="", settings={"x": object()})
