"""Undo is a plan that restores what a run found, and leaves alone what somebody has changed since."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Action
from console import syncer
from console.errors import ConsoleError
from console.practice import CUSTOMER
from console.store.journal import Journal
from console.store.plans import Filter
from console.store.schema import open_customer
from console.store.vault import Vault
from tests.console.sync_kit import Office, office, usual
from tests.console.test_syncer import moves_out


async def undo(here: Office, run: int) -> tuple[dict[str, int], Counter[str]]:
    """Take a run back; the plan's counts, and why records are left alone."""
    async with here.session() as session:
        with closing(await session.plan_undo(run)) as plan:
            left = Counter(
                r.planned.reason.code for r in plan.store.rows(Filter(Action.SKIP)) if r.planned.reason
            )
            accepted = tuple((guard.key, guard.count) for guard in plan.guards)
            result = await session.sync(plan, asyncio.Event(), accepted)
            assert result.applying.failed == 0
            return plan.tally.counts(), left


async def changed_run(here: Office) -> tuple[int, dict[str, dict[str, Any]], list[str]]:
    """A run with two creates, updates and deletes: its number, what it found, the ids in this order."""
    await here.sync()
    held = here.held()
    ids = list(held)[:6]
    for id_ in ids[:2]:
        await here.remove(id_)
    for id_ in ids[2:4]:
        here.store(held[id_], city="Altstadt")
    for id_ in ids[4:6]:
        moves_out(here, id_)
    found = here.held()
    done = await here.sync()
    assert {key: done.counts[key] for key in ("create", "update", "delete")} == {
        "create": 2,
        "update": 2,
        "delete": 2,
    }
    return done.result.run, found, ids


async def test_undo_restores_what_a_run_created_updated_and_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        run, found, _ids = await changed_run(here)
        assert here.held() != found
        counts, left = await undo(here, run)
        assert (counts["create"], counts["update"], counts["delete"]) == (2, 2, 2)
        assert not left
        assert here.held() == found
        async with here.session() as session:
            newest = session.journal.runs()[0]
            assert newest.undo_of == run
            assert session.journal.run(run).undo_of is None


async def test_undo_leaves_what_somebody_has_changed_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        run, found, ids = await changed_run(here)
        for id_ in (ids[0], ids[2]):
            here.store(here.held()[id_], city="Neustadt")
        here.store(found[ids[4]], city="Neustadt")
        counts, left = await undo(here, run)
        assert (counts["create"], counts["update"], counts["delete"]) == (1, 1, 1)
        assert left == {"sync.undo_changed_since": 3}
        assert {here.held()[id_]["city"] for id_ in (ids[0], ids[2], ids[4])} == {"Neustadt"}


async def test_undo_leaves_what_a_later_run_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        first = (await here.sync()).result.run
        id_, record = next(iter(here.held().items()))
        here.store(record, city="Altstadt")
        await here.sync()
        counts, left = await undo(here, first)
        assert counts["delete"] == len(here.creates()) - 1
        assert left == {"sync.undo_changed_since": 1}
        assert here.held() == {id_: record}


async def test_undo_of_undo_brings_everything_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path, monkeypatch) as here:
        run = (await here.sync()).result.run
        held = here.held()
        await undo(here, run)
        assert here.held() == {}
        await undo(here, run + 1)
        assert here.held() == held


async def test_a_former_value_that_expired_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path, monkeypatch) as here:
        run, _found, ids = await changed_run(here)
        with closing(open_customer(here.data, CUSTOMER)) as conn:
            assert Journal(conn, Vault.ephemeral()).expire(date(2200, 1, 1)) == 4
        counts, left = await undo(here, run)
        assert (counts["create"], counts["update"], counts["delete"]) == (0, 0, 2)
        assert left == {"sync.undo_not_kept": 4}
        assert set(ids[2:4]) <= set(here.held())


async def test_a_run_that_crashed_after_writing_can_be_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError

    async with office(tmp_path, monkeypatch) as here:
        with monkeypatch.context() as broken:
            broken.setattr(syncer, "_verify", crash)
            broken.setattr(syncer, "_adopt", crash)
            with pytest.raises(RuntimeError):
                await here.sync()
        assert len(here.held()) > 50
        counts, left = await undo(here, 1)
        assert counts["delete"] > 50
        assert not left
        assert here.held() == {}


async def test_what_a_create_overwrote_is_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch, bulk=False) as here:
        await here.sync()
        id_, record = next(iter(here.held().items()))
        await here.remove(id_)
        async with here.session() as session:
            with closing(await session.plan()) as plan:
                here.store(record, city="Altstadt")  # somebody is faster; our create is cut off
                await here.fault({"partner": "bots4you", "kind": "cut", "method": "P*", "count": 1})
                result = await session.sync(plan, asyncio.Event(), usual(plan))
                (settled,) = session.journal.outcomes(result.run)
        assert (settled.action, settled.ok) == (Action.UPDATE, True)
        assert here.held()[id_] == record
        counts, left = await undo(here, result.run)
        assert (counts["update"], left) == (1, {})
        assert here.held()[id_] == record | {"city": "Altstadt"}


async def test_only_a_run_of_the_same_use_case_can_be_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        run = (await here.sync(use_case="ticket-categories")).result.run
        async with here.session() as session:
            with pytest.raises(ConsoleError):
                await session.plan_undo(run)


async def test_a_run_made_with_other_fields_is_not_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        run, _found, _ids = await changed_run(here)
        table = f"[customers.{CUSTOMER}.bots4you.use_cases.master-data]\n"
        assert table in here.config
        here.config = here.config.replace(table, f"{table}birth_date = true\n")
        async with here.session() as session:
            with pytest.raises(ConsoleError, match=r"other fields|anderen Feldern"):
                await session.plan_undo(run)
