"""What a killed run left unclear is looked up at the partner, and what stands there decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.bots4you.mapping import tenant_mapping
from connectors.contract import Action, Change, Result, Value
from connectors.problems import Failure
from connectors.wrappers import LOOK_UPS
from console.practice import CUSTOMER
from console.store.idmap import IdMap
from console.store.journal import Journal
from console.store.plans import Filter
from console.store.runs import RunState, Settled
from console.store.schema import open_customer
from console.store.vault import Vault
from console.sync.codec import Codec
from console.sync.plan import change
from tests.console.sync_kit import PARTNER, TENANT, USE_CASE, Office, office

PLACE = (PARTNER, "practice", USE_CASE)
MAPPING = tenant_mapping(birth_date=False)
CODEC = Codec((MAPPING,))
FIELDS: Mapping[str, Value] = {
    "clientNumber": "10",
    "contractNumber": "4711",
    "city": "Musterstadt",
    "phoneNumbers": (),
}


def planned(action: Action, id_: str = "10/4711/1") -> Change:
    """A change of one tenant; an update corrects the city."""
    before = None if action is Action.CREATE else {**FIELDS, "city": "Altstadt"}
    return Change(action, TENANT, id_, before=before, after=None if action is Action.DELETE else FIELDS)


def kill_while_sending(
    here: Office,
    changes: Sequence[Change],
    *,
    vault: Vault | None = None,
    mapping: str = MAPPING.version,
    marked: bool = False,
) -> int:
    """What a run leaves that is killed after it has noted what it is about to send; ``marked``: with what
    stands for it, as every run does."""
    with closing(open_customer(here.data, CUSTOMER)) as conn:
        journal = Journal(conn, safe := vault or here.workspace().vault)
        run = journal.start_run(*PLACE, "apply", mapping_version=mapping, settings={})
        before = [None if c.before is None else CODEC.payload(TENANT, c.before) for c in changes]
        sent = {(TENANT, c.id): safe.fingerprint(CODEC.meaning(TENANT, c.after or {}))[:16] for c in changes}
        journal.intend(run, changes, before, sent if marked else None)
        conn.execute("DELETE FROM lease")  # its process is gone
    return run


def put(here: Office, id_: str = "10/4711/1", **changed: Any) -> None:
    """Make Bots4You hold a tenant."""
    here.store({"externalId": id_, **FIELDS, "phoneNumbers": []}, **changed)


async def settle(here: Office) -> list[Settled]:
    """Settle as every sync does first; the outcomes of the killed run."""
    async with here.session() as session:
        await session.settle()
        run = session.journal.last_run(*PLACE)
        assert run is not None
        assert (run.state, run.finished is not None) == (RunState.INTERRUPTED, True)
        assert session.journal.unsettled(*PLACE) == []
        return list(session.journal.outcomes(run.id))


@pytest.mark.parametrize(
    ("action", "held", "result"),
    [
        (Action.CREATE, "Musterstadt", Result.ALREADY),
        (Action.CREATE, None, Result.FAILED),
        (Action.UPDATE, "Musterstadt", Result.ALREADY),
        (Action.UPDATE, "Altstadt", Result.FAILED),
        (Action.UPDATE, None, Result.FAILED),
        (Action.DELETE, None, Result.ALREADY),
        (Action.DELETE, "Altstadt", Result.FAILED),
    ],
)
async def test_what_the_partner_shows_decides(
    action: Action, held: str | None, result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        if held is not None:
            put(here, city=held)
        kill_while_sending(here, [planned(action)])
        (settled,) = await settle(here)
        assert settled.result is result
        assert settled.code == ("sync.never_arrived" if result is Result.FAILED else None)
        with closing(open_customer(here.data, CUSTOMER)) as conn:
            ours = IdMap(conn, PARTNER, "practice").owns(TENANT, "10/4711/1")
        assert ours is (settled.ok and action is not Action.DELETE)


@pytest.mark.parametrize(
    ("held", "result"),
    [("Musterstadt", Result.ALREADY), ("Altstadt", Result.FAILED), ("Neustadt", Result.UNKNOWN)],
)
async def test_what_stands_for_the_sent_values_tells_arrived_from_half_written(
    held: str, result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        put(here, city=held)
        run = kill_while_sending(here, [planned(Action.UPDATE)], marked=True)
        (settled,) = await settle(here)
        assert settled.result is result
        with closing(open_customer(here.data, CUSTOMER)) as conn:
            link = IdMap(conn, PARTNER, "practice").get(TENANT, "10/4711/1")
        assert (link.run if link else None) == (run if result is Result.ALREADY else None)


async def test_an_interrupted_update_that_arrived_can_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        put(here)
        run = kill_while_sending(here, [planned(Action.UPDATE)], marked=True)
        await settle(here)
        async with here.session() as session:
            with closing(await session.plan_undo(run)) as plan:
                (row,) = plan.store.rows(Filter(Action.UPDATE))
                after = change(row.planned, plan.codec).after
                assert after is not None
                assert after["city"] == "Altstadt"


async def test_an_update_whose_former_value_was_not_kept_stays_unclear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        put(here)
        kill_while_sending(here, [planned(Action.UPDATE)], vault=Vault.ephemeral())
        (settled,) = await settle(here)
        assert (settled.result, settled.code) == (Result.UNKNOWN, "sync.unclear")


async def test_an_update_noted_under_another_mapping_stays_unclear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        put(here, city="Altstadt")
        kill_while_sending(here, [planned(Action.UPDATE)], mapping="of another day")
        (settled,) = await settle(here)
        assert (settled.result, settled.code) == (Result.UNKNOWN, "sync.unclear")


async def test_many_unclear_records_are_found_by_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        ids = [f"10/4711/{number}" for number in range(LOOK_UPS * 2)]
        for id_ in ids[::2]:
            put(here, id_)
        kill_while_sending(here, [planned(Action.CREATE, id_) for id_ in ids])
        before = await here.requests("GET")
        settled = await settle(here)
        assert await here.requests("GET") == before + 1
        assert {s.id for s in settled if s.ok} == set(ids[::2])
        assert {s.id for s in settled if not s.ok} == set(ids[1::2])


async def test_nothing_is_lost_while_the_partner_cannot_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        put(here)
        kill_while_sending(here, [planned(Action.CREATE)])
        await here.fault({"partner": PARTNER, "kind": "503"})
        async with here.session() as session:
            with pytest.raises(Failure):
                await session.settle()
            assert [intent.id for intent in session.journal.unsettled(*PLACE)] == ["10/4711/1"]
        await here.heal()
        (settled,) = await settle(here)
        assert settled.result is Result.ALREADY


async def test_a_run_that_is_alive_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path, monkeypatch) as here:
        with closing(open_customer(here.data, CUSTOMER)) as conn:
            journal = Journal(conn, Vault.ephemeral())
            run = journal.start_run(*PLACE, "apply", settings={})
            journal.intend(run, [planned(Action.CREATE)], [None])
            async with here.session() as session:
                assert await session.settle() == 0
                assert session.journal.run(run).state is RunState.RUNNING
            assert await here.requests() == 0
