"""A plan is written only while it is true, within its guards, by one process, and remembered as it was."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, make_dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Action
from console.errors import ConsoleError
from console.practice import CUSTOMER
from console.selection import Selection
from console.store import chain
from console.store.chain import Entry
from console.store.idmap import IdMap
from console.store.journal import Journal
from console.store.leases import LeaseHeld, Leases
from console.store.memory import Facts, Memory
from console.store.plans import Filter
from console.store.runs import RunState
from console.store.schema import open_customer
from console.store.vault import Vault
from console.sync.plan import NOT_OURS
from console.syncer import FRESH, GuardStop
from tests.console.sync_kit import PARTNER, TENANT, USE_CASE, Office, company, office, usual

PLACE = (PARTNER, "practice", USE_CASE)
MANY = 30
"""More than a guard lets pass unasked."""
FOREIGN = {"externalId": "CRM 4711", "clientNumber": "CRM", "contractNumber": "4711"}


def moves_out(here: Office, id_: str) -> None:
    """The clerk ends a tenancy in the ERP."""
    _mandant, contract, number = id_.split("/")
    leases = {lease.id for lease in company().leases if lease.number == contract}
    persons = {person.id for person in company().persons if person.number == number}
    for role in company().tenant_roles:
        if role.lease_id in leases and role.person_id in persons:
            here.erp.act("tenant_role", {"op": "delete", "id": role.id})


def facts(here: Office) -> Facts:
    """What the next run would remember."""
    with closing(open_customer(here.data, CUSTOMER)) as conn:
        return Memory(conn).facts(*PLACE)


def linked(here: Office) -> int:
    """How many records the id map knows."""
    with closing(open_customer(here.data, CUSTOMER)) as conn:
        return IdMap(conn, PARTNER, "practice").count(TENANT)


async def writes(here: Office) -> int:
    """How many writing requests Bots4You has seen."""
    return sum([await here.requests(method) for method in ("PUT", "POST", "DELETE")])


async def stopped(here: Office, **how: Any) -> list[tuple[str, int]]:
    """The guards that stop a sync; nothing may have been sent."""
    before = await writes(here)
    with pytest.raises(GuardStop) as stop:
        await here.sync(**how)
    assert await writes(here) == before
    return [(guard.key, guard.count) for guard in stop.value.guards]


async def test_a_plan_is_stale_once_another_run_has_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here, here.session() as session:
        with closing(await session.plan()) as plan:
            await here.sync()
            before = await writes(here)
            with pytest.raises(GuardStop, match="stale=1"):
                await session.sync(plan, asyncio.Event(), usual(plan))
            assert await writes(here) == before
        assert set(here.creates().values()) == {1}


async def test_a_plan_is_stale_once_another_run_has_begun_and_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here, here.session() as session:
        with closing(await session.plan()) as plan:
            with closing(open_customer(here.data, CUSTOMER)) as conn:
                Journal(conn, Vault.ephemeral()).start_run(*PLACE, "apply", settings={})
            with pytest.raises(GuardStop, match="stale=1"):
                await session.sync(plan, asyncio.Event(), usual(plan))


async def test_a_plan_of_this_morning_is_stale_and_can_be_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here, here.session() as session:
        with closing(await session.plan()) as plan:
            plan.read_at -= FRESH + timedelta(minutes=1)
            with pytest.raises(GuardStop, match="stale=1"):
                await session.sync(plan, asyncio.Event(), usual(plan))
            result = await session.sync(plan, asyncio.Event(), (("stale", 1), *usual(plan)))
            assert result.applying.applied == plan.changes


async def test_a_mass_change_is_written_only_with_its_exact_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        wanted = here.held()
        for record in list(wanted.values())[:MANY]:
            here.store(record, city="Altstadt")
        assert await stopped(here) == [("updates", MANY)]
        assert await stopped(here, accepted=(("updates", MANY + 1),)) == [("updates", MANY)]
        done = await here.sync(accepted=(("updates", MANY),))
        assert done.result.applying.applied == MANY
        assert here.held() == wanted


async def test_an_erp_that_suddenly_shows_nothing_deletes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        first = await here.sync()
        held = here.held()
        for role in company().tenant_roles:
            here.erp.act("tenant_role", {"op": "delete", "id": role.id})
        shown = len(held) + first.counts["skip"]
        assert await stopped(here) == [("empty_side", shown), ("deletes", len(held))]
        assert here.held() == held


async def test_a_run_of_a_part_leaves_what_is_known_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        known = facts(here)
        some = next(iter(here.held().values()))
        here.store(some, city="Altstadt")
        part = await here.sync(Selection(scope={"clientNumber": some["clientNumber"]}))
        assert part.result.applying.applied == 1
        here.store(some, city="Altstadt")
        await here.sync(Selection(only=frozenset({some["externalId"]})))
        assert facts(here).counts == known.counts
        assert facts(here).settings == known.settings


async def test_only_writes_the_records_that_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        first, second, *_ = wanted = list(here.held().values())
        for record in wanted[:2]:
            here.store(record, city="Altstadt")
        done = await here.sync(Selection(only=frozenset({first["externalId"]})))
        assert [outcome.id for outcome in done.outcomes] == [first["externalId"]]
        assert here.held()[second["externalId"]]["city"] == "Altstadt"


async def test_a_second_run_plans_nothing_and_sends_no_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        before = await writes(here)
        done = await here.sync()
        assert done.outcomes == []
        assert await writes(here) == before


async def test_what_moved_out_is_deleted_and_what_is_not_ours_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        here.store(FOREIGN)
        gone = next(iter(here.held()))
        moves_out(here, gone)
        done = await here.sync()
        assert done.counts["delete"] == 1
        assert gone not in here.held()
        assert FOREIGN["externalId"] in here.held()
        assert linked(here) == len(here.held()) - 1


@pytest.mark.parametrize("strange", ["CRM\x1b]52;c;eA==\x07", "a\u202eb", "\x00"])
async def test_a_record_of_somebody_else_with_an_unprintable_id_is_one_skip(
    strange: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.sync()
        here.store(FOREIGN | {"externalId": strange})
        async with here.session() as session:
            with closing(await session.plan()) as plan:
                (row,) = [r.planned for r in plan.store.rows(Filter(rule="C3"))]
                assert plan.changes == 0
        assert (row.action, row.reason, row.id) == (Action.SKIP, NOT_OURS, repr(strange))
        assert row.id.isprintable()
        assert strange in here.held()


@pytest.mark.parametrize("named", [True, False], ids=["Mandanten named", "all Mandanten"])
async def test_a_new_laptop_adopts_and_deletes_only_what_is_proven_ours(
    named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = sorted({unit.mandant for unit in company().units})
    settings = f"mandanten = {numbers!r}" if named else ""
    async with office(tmp_path / "old", monkeypatch, settings=settings) as here:
        await here.sync()
        here.store(FOREIGN)
        here.data = tmp_path / "new"
        early, late, *_ = here.held()
        moves_out(here, early)
        first = await here.sync()
        # Its id alone proves that we made it, where the Mandanten are named; else nothing does.
        assert first.counts["delete"] == (1 if named else 0)
        assert (early in here.held()) is not named
        assert linked(here) == first.counts["unchanged"]
        moves_out(here, late)
        assert (await here.sync()).counts["delete"] == 1
        assert late not in here.held()
        assert FOREIGN["externalId"] in here.held()


async def test_a_use_case_of_the_hub_is_compared_and_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch, settings='owner = "hub"') as here:
        counts, _guards = await here.plan()
        assert counts["create"] > 50
        with pytest.raises(ConsoleError):
            await here.sync()
        assert await writes(here) == 0


async def test_settings_that_name_no_owner_are_written_by_einzug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here, here.session() as session:
        agreed = session.job.settings
        names = [f.name for f in fields(agreed) if f.name != "owner"]
        bare = make_dataclass("Bare", names, namespace={"scope": type(agreed).scope})
        session.job = replace(session.job, settings=bare(**{name: getattr(agreed, name) for name in names}))
        with closing(await session.plan()) as plan:
            result = await session.sync(plan, asyncio.Event(), usual(plan))
        assert result.applying.applied == len(here.held()) > 50


async def test_two_processes_cannot_write_one_use_case_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        with (
            closing(open_customer(here.data, CUSTOMER)) as conn,
            Leases(conn).held("sync " + "/".join(PLACE)),
        ):
            with pytest.raises(LeaseHeld):
                await here.sync()
            assert await writes(here) == 0
            await here.sync(use_case="ticket-categories")  # another one is free
        await here.sync()


async def test_of_two_that_start_together_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path, monkeypatch) as here:
        ends = await asyncio.gather(here.sync(), here.sync(), return_exceptions=True)
        refused = [end for end in ends if isinstance(end, BaseException)]
        assert len(refused) == 1
        assert isinstance(refused[0], LeaseHeld | GuardStop)
        assert set(here.creates().values()) == {1}


async def test_what_is_stopped_safely_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path, monkeypatch, bulk=False) as here:
        stop = asyncio.Event()
        async with here.session() as session:
            with closing(await session.plan()) as plan:
                here.listener = lambda event: stop.set() if here.creates() else None
                result = await session.sync(plan, stop, usual(plan))
                assert result.applying.interrupted
                assert result.applying.applied == len(here.held()) > 0
                assert linked(here) == len(here.held())
        here.listener = lambda event: None
        done = await here.sync()
        assert done.settled == 0
        assert done.result.applying.applied == result.applying.left
        assert set(here.creates().values()) == {1}


async def test_a_cancelled_run_is_ended_after_what_is_still_being_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, under_way = chain.append, threading.Event()

    def slow(conn: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        if entries[0].kind == "intent":
            under_way.set()
            time.sleep(0.3)
        return append(conn, entries)

    async with office(tmp_path, monkeypatch) as here, here.session() as session:
        with closing(await session.plan()) as plan:
            monkeypatch.setattr(chain, "append", slow)
            task = asyncio.create_task(session.sync(plan, asyncio.Event(), usual(plan)))
            await asyncio.to_thread(under_way.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            (run,) = session.journal.runs()
            assert run.state is RunState.INTERRUPTED
            assert run.finished is not None
            assert session.journal.verify().ok
        with closing(open_customer(here.data, CUSTOMER)) as conn:
            last = conn.execute("SELECT kind FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        assert last == ("finish",)
