"""The chain under the journal finds every change, gap, swap and missing end."""

from __future__ import annotations

import sqlite3
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Result
from console.store import chain
from console.store.journal import Journal
from console.store.runs import RunState
from console.store.schema import MIGRATIONS
from tests.console.journal_kit import VAULT, change, outcome, start


@cache
def original() -> bytes:
    """A database with two runs, eleven entries and one open intent."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    for statement in MIGRATIONS[0]:
        conn.execute(statement)
    journal = Journal(conn, VAULT)
    for _ in range(2):
        run = start(journal)
        journal.intend(run, [change("1"), change("2")], [b"old", None])
        journal.settle(run, [outcome("1"), outcome("2", Result.FAILED)])
    journal.finish_run(1, RunState.DONE, {"update": 2})
    journal.intend(2, [change("3")], [None])
    return conn.serialize()


def tampered(*statements: tuple[str, tuple[object, ...]]) -> chain.ChainReport:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.deserialize(original())
    for sql, values in statements:
        assert conn.execute(sql, values).rowcount > 0
    return chain.verify(conn)


ROWS = 12
CHANGES = {
    "seq": "seq + 100",
    "run": "run + 1",
    "kind": "CASE kind WHEN 'intent' THEN 'outcome' ELSE 'intent' END",
    "at": "at || '0'",
    "scope": "scope || 'x'",
    "entity": "entity || 'x'",
    "record": "record || ' '",
    "action": "action || 'x'",
    "result": "result || 'x'",
    "detail": "detail || ' '",
    "hash": "zeroblob(32)",
}


def test_an_untouched_chain_is_whole_and_names_its_head() -> None:
    report = tampered()
    assert (report.ok, report.rows, report.first_broken) == (True, ROWS, None)
    assert len(report.head) == 64


@given(seq=st.integers(1, ROWS), column=st.sampled_from(sorted(CHANGES)))
def test_a_change_of_any_column_of_any_row_is_found(seq: int, column: str) -> None:
    report = tampered((f"UPDATE entry SET {column} = {CHANGES[column]} WHERE seq = ?", (seq,)))
    assert not report.ok
    assert report.first_broken == seq


@given(seq=st.integers(1, ROWS - 1), renumber=st.booleans())
def test_a_missing_row_is_found(seq: int, renumber: bool) -> None:
    statements: list[tuple[str, tuple[object, ...]]] = [("DELETE FROM entry WHERE seq = ?", (seq,))]
    if renumber:
        statements += [
            ("UPDATE entry SET seq = ? WHERE seq = ?", (n - 1, n)) for n in range(seq + 1, ROWS + 1)
        ]
    report = tampered(*statements)
    assert (report.ok, report.first_broken) == (False, seq)


@given(pair=st.lists(st.integers(1, ROWS), min_size=2, max_size=2, unique=True))
def test_two_swapped_rows_are_found(pair: list[int]) -> None:
    one, other = pair
    move = "UPDATE entry SET seq = ? WHERE seq = ?"
    report = tampered((move, (99, one)), (move, (one, other)), (move, (other, 99)))
    assert (report.ok, report.first_broken) == (False, min(pair))


@given(left=st.integers(0, ROWS - 1))
def test_a_cut_off_end_is_found(left: int) -> None:
    report = tampered(("DELETE FROM entry WHERE seq > ?", (left,)))
    assert (report.ok, report.rows, report.first_broken) == (False, left, left + 1)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM head",
        "UPDATE head SET entries = entries - 1",
        "UPDATE head SET hash = zeroblob(32)",
        "DELETE FROM pending",
        "UPDATE pending SET record = '4'",
        "UPDATE pending SET seq = 3",
        "INSERT INTO pending VALUES (1, 'tenant', '1', 2)",
        "INSERT INTO entry SELECT seq + 1, run, kind, at, scope, entity, record, action, result, detail, hash"
        " FROM entry WHERE seq = 12",
    ],
)
def test_a_changed_end_or_list_of_open_intents_is_found(sql: str) -> None:
    assert not tampered((sql, ())).ok
