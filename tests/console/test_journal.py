"""The journal remembers what was sent, survives being killed, and shows when somebody changed it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.contract import Action, Change, Result
from connectors.problems import Owner, Problem, Trouble
from console.store.cache import Cache
from console.store.errors import StoreError
from console.store.journal import Journal
from console.store.leases import LeaseHeld, LeaseLost, Leases
from console.store.runs import Intent, RunState
from console.store.schema import open_customer
from console.store.vault import Vault, VaultError
from tests.console.journal_kit import PLACE, VAULT, change, outcome, start

CANARIES = ("Wilhelmine Canaria", "wilhelmine.canaria@example.org", "0170 5550123")


@dataclass
class Bench:
    """A journal with a clock that is moved by hand."""

    conn: sqlite3.Connection
    vault: Vault = VAULT
    now: datetime = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    dead: set[int] = field(default_factory=set)

    def leases(self) -> Leases:
        """The leases as a process of its own sees them."""
        return Leases(self.conn, clock=lambda: self.now, alive=lambda pid: pid not in self.dead)

    def journal(self, vault: Vault | None = None) -> Journal:
        """The journal as a process of its own sees it."""
        return Journal(self.conn, vault or self.vault, self.leases(), clock=lambda: self.now)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    conn = open_customer(tmp_path, "practice")
    yield Bench(conn)
    conn.close()


@pytest.fixture
def journal(bench: Bench) -> Journal:
    return bench.journal()


def test_runs_are_numbered_from_one_and_tell_what_they_did(journal: Journal, bench: Bench) -> None:
    first, second = start(journal), start(journal, "plan")
    bench.now += timedelta(seconds=90)
    journal.finish_run(first, RunState.FAILED, {"create": 2, "failed": 1})
    run = journal.run(first)
    assert (first, second) == (1, 2)
    assert (run.partner, run.environment, run.use_case, run.kind) == (*PLACE, "apply")
    assert run.finished is not None
    assert run.finished - run.started == timedelta(seconds=90)
    assert (run.state, run.counts) == (RunState.FAILED, {"create": 2, "failed": 1})
    assert (run.plan_digest, run.mapping_version, run.settings) == ("p1", "m1", {"separator": "/"})
    assert journal.run(second).state is RunState.RUNNING


def test_runs_are_found_by_place_and_kind_newest_first(journal: Journal) -> None:
    start(journal)
    start(journal, "plan")
    start(journal, place=("immomio", "test", "master-data"))
    start(journal, place=("bots4you", "production", "master-data"))
    assert [run.id for run in journal.runs()] == [4, 3, 2, 1]
    assert [run.id for run in journal.runs("bots4you")] == [4, 2, 1]
    assert [run.id for run in journal.runs(environment="test", kind="apply")] == [3, 1]
    assert [run.id for run in journal.runs(limit=2)] == [4, 3]
    last, applied = journal.last_run(*PLACE), journal.last_run(*PLACE, kind="apply")
    assert last is not None
    assert last.id == 2
    assert applied is not None
    assert applied.id == 1
    assert journal.last_run("bots4you", "test", "ticket-categories") is None


def test_a_number_that_does_not_exist_is_named(journal: Journal) -> None:
    with pytest.raises(StoreError) as raised:
        journal.run(9)
    assert raised.value.code == "unknown_run"


def test_outcomes_come_back_without_excerpt_and_place_of_the_problem(journal: Journal) -> None:
    problem = Problem(
        "bots4you.rejected",
        Trouble.REJECTED,
        Owner.CUSTOMER,
        where="/tenants",
        status=422,
        excerpt=CANARIES[0],
    )
    run = start(journal)
    journal.intend(run, [change("2"), change("1"), change("3")], [None, None, None])
    journal.settle(run, [outcome("2"), outcome("1", Result.REJECTED, problem), outcome("3", Result.ALREADY)])
    found = list(journal.outcomes(run))
    assert [(s.id, s.result, s.ok) for s in found] == [
        ("1", Result.REJECTED, False),
        ("2", Result.DONE, True),
        ("3", Result.ALREADY, True),
    ]
    assert (found[0].code, found[0].trouble, found[0].status) == ("bots4you.rejected", Trouble.REJECTED, 422)
    assert (found[1].remote_id, found[1].code, found[1].status) == ("r-2", None, None)
    assert [s.id for s in journal.outcomes(run, ok=True)] == ["2", "3"]
    assert journal.failed_ids(run) == [("tenant", "1")]


def test_more_outcomes_than_one_page_all_come_back(journal: Journal) -> None:
    run = start(journal)
    ids = [f"{n:05}" for n in range(2500)]
    journal.intend(run, [change(i) for i in ids], [None] * len(ids))
    journal.settle(run, [outcome(i, Result.FAILED) for i in reversed(ids)])
    assert [s.id for s in journal.outcomes(run)] == ids
    assert journal.failed_ids(run) == [("tenant", i) for i in ids]


def test_attempts_are_counted_and_the_last_outcome_holds(journal: Journal) -> None:
    run = start(journal)
    for result in (Result.FAILED, Result.UNKNOWN, Result.DONE):
        journal.intend(run, [change("1")], [None])
        journal.settle(run, [outcome("1", result)])
    (settled,) = journal.outcomes(run)
    assert (settled.result, settled.attempts) == (Result.DONE, 3)
    assert journal.failed_ids(run) == []


def test_the_last_time_a_record_was_written_is_known_for_each_partner(journal: Journal, bench: Bench) -> None:
    for minute, place in enumerate((PLACE, PLACE, ("immomio", *PLACE[1:]))):
        run = start(journal, place=place)
        bench.now = datetime(2026, 3, 1, 9, minute, tzinfo=UTC)
        refused = outcome("10/2", Result.REJECTED)
        journal.settle(run, [outcome("10/1"), refused, outcome("10/3", Result.UNKNOWN)][: 3 - minute])
    first, second = (datetime(2026, 3, 1, 9, minute, tzinfo=UTC) for minute in (0, 1))
    found = {("tenant", "10/1"): second, ("tenant", "10/3"): first}
    assert journal.last_written(*PLACE[:2]) == found
    assert journal.last_written(PLACE[0], "elsewhere") == {}


def test_an_interrupted_run_shows_what_was_under_way(bench: Bench) -> None:
    first = bench.journal()
    run = start(first)
    first.intend(run, [change("1"), change("2", Action.CREATE)], [b"old", None])
    first.settle(run, [outcome("1")])
    second = bench.journal()
    assert second.run(run).state is RunState.RUNNING
    assert second.unsettled(*PLACE) == []
    bench.now += timedelta(minutes=3)
    assert second.run(run).state is RunState.INTERRUPTED
    assert second.unsettled(*PLACE) == [Intent(run, 3, "tenant", "2", Action.CREATE)]
    assert second.unsettled("bots4you", "production", "master-data") == []
    second.settle(run, [outcome("2", Result.ALREADY)])
    second.finish_run(run, RunState.INTERRUPTED, {"create": 1})
    assert second.unsettled(*PLACE) == []
    assert second.run(run).state is RunState.INTERRUPTED
    assert second.verify().ok


def test_a_run_that_says_it_lives_is_not_taken_for_interrupted(bench: Bench) -> None:
    first = bench.journal()
    run = start(first)
    first.intend(run, [change("1")], [None])
    for _ in range(10):
        bench.now += timedelta(seconds=100)
        first.beat()
    second = bench.journal()
    assert second.run(run).state is RunState.RUNNING
    with pytest.raises(LeaseHeld):
        second.settle(run, [outcome("1")])
    with pytest.raises(LeaseHeld):
        second.finish_run(run, RunState.INTERRUPTED, {})


def test_a_run_that_was_closed_by_another_process_sends_nothing_more(bench: Bench) -> None:
    sleeper = bench.journal()
    run = start(sleeper)
    bench.now += timedelta(hours=1)
    bench.journal().finish_run(run, RunState.INTERRUPTED, {})
    with pytest.raises(LeaseLost):
        sleeper.intend(run, [change("1")], [None])
    with pytest.raises(LeaseLost):
        sleeper.finish_run(run, RunState.DONE, {})


def test_a_run_that_slept_and_was_left_alone_goes_on(bench: Bench, journal: Journal) -> None:
    run = start(journal)
    bench.now += timedelta(hours=1)
    journal.intend(run, [change("1")], [None])
    assert bench.journal().run(run).state is RunState.RUNNING


def test_a_failing_batch_leaves_no_trace(journal: Journal) -> None:
    run = start(journal)
    with pytest.raises(ValueError, match="before-value"):
        journal.intend(run, [change("1"), change("2")], [None])
    with pytest.raises(AttributeError):
        journal.intend(run, [change("1"), None], [None, None])  # type: ignore[list-item]  # on purpose
    with pytest.raises(TypeError):
        journal.intend(run, [change("1")], ["no bytes"])  # type: ignore[list-item]  # on purpose
    assert journal.verify().rows == 1
    assert journal.verify().ok


def test_the_value_before_the_first_attempt_comes_back(journal: Journal) -> None:
    run = start(journal)
    journal.intend(run, [change("1"), change("2")], [b"first", None])
    journal.settle(run, [outcome("1", Result.UNKNOWN)])
    journal.intend(run, [change("1")], [b"second"])
    assert journal.before(run, "tenant", "1") == b"first"
    assert journal.before(run, "tenant", "2") is None
    assert journal.before(run + 1, "tenant", "1") is None


def test_values_expire_without_breaking_the_chain(journal: Journal, bench: Bench) -> None:
    run = start(journal)
    journal.intend(run, [change("1")], [b"old"])
    assert journal.expire((bench.now + timedelta(days=29)).date()) == 0
    assert journal.before(run, "tenant", "1") == b"old"
    assert journal.expire((bench.now + timedelta(days=30)).date()) == 1
    assert journal.before(run, "tenant", "1") is None
    assert journal.verify().ok


def test_an_expired_value_is_overwritten_in_the_files(journal: Journal, bench: Bench, tmp_path: Path) -> None:
    run = start(journal)
    journal.intend(run, [change("1")], [b"old"])
    ((sealed,),) = bench.conn.execute("SELECT sealed FROM before").fetchall()
    assert sealed in everything_below(tmp_path)
    journal.expire((bench.now + timedelta(days=30)).date())
    assert sealed not in everything_below(tmp_path)


def test_without_a_lasting_key_no_value_is_kept_and_none_is_opened(bench: Bench) -> None:
    journal = bench.journal(Vault.ephemeral())
    run = start(journal)
    journal.intend(run, [change("1")], [b"old"])
    assert journal.before(run, "tenant", "1") is None
    assert bench.conn.execute("SELECT count(*) FROM before").fetchone() == (0,)


def test_a_value_moved_to_another_record_does_not_open(journal: Journal, bench: Bench) -> None:
    run = start(journal)
    journal.intend(run, [change("1"), change("2")], [b"one", b"two"])
    bench.conn.execute("UPDATE before SET sealed = (SELECT sealed FROM before WHERE seq = 2) WHERE seq = 3")
    with pytest.raises(VaultError):
        journal.before(run, "tenant", "2")


def everything_below(folder: Path) -> bytes:
    # The index of the write-ahead log holds page numbers only, and Windows locks it.
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    return b"".join(path.read_bytes() for path in files)


def test_nothing_personal_stands_in_any_file(journal: Journal, bench: Bench, tmp_path: Path) -> None:
    values = dict(zip(("name", "email", "phone"), CANARIES, strict=True))
    personal = Change(Action.UPDATE, "tenant", "10/0042", before=values, after=values, rule="B3")
    problem = Problem("x", Trouble.REJECTED, Owner.PARTNER, where=CANARIES[1], excerpt=CANARIES[0])
    run = start(journal)
    journal.intend(run, [personal], [repr(values).encode()])
    journal.settle(run, [outcome("10/0042", Result.REJECTED, problem)])
    journal.finish_run(run, RunState.FAILED, {"failed": 1})
    kept = Cache(tmp_path / "cache", VAULT)
    kept.set("tenants", values)
    content = everything_below(tmp_path)
    kept.close()
    bench.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content += everything_below(tmp_path)
    assert b"10/0042" in content
    for canary in CANARIES:
        for encoding in ("utf-8", "utf-16-le"):
            assert canary.encode(encoding) not in content


def test_a_run_that_was_changed_into_nonsense_is_called_damaged(journal: Journal, bench: Bench) -> None:
    start(journal)
    bench.conn.execute("UPDATE entry SET detail = '{'")
    with pytest.raises(StoreError) as raised:
        journal.runs()
    assert raised.value.code == "corrupt"


def test_a_journal_without_its_end_takes_no_more_entries(journal: Journal, bench: Bench) -> None:
    bench.conn.execute("DELETE FROM head")
    with pytest.raises(StoreError) as raised:
        start(journal)
    assert raised.value.code == "corrupt"
