"""The contact chain on a served onOffice: planned, written, proven, taken back, and never half forgotten."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from connectors.contract import Result
from console.store.plans import Filter
from console.store.runs import RunState
from tests.console.onoffice_office import PLACE, Account, Killed, account, kill_after_write

BROKER, SYSTEM_USER = "Makler", "Systembenutzer"


def types(here: Account, id_: str) -> list[str]:
    """The contact types of an address, in their order."""
    found: list[str] = here.held("address", id_)["ArtDaten"]
    return found


def mail(here: Account, id_: str) -> str:
    """The default e-mail entry of an address, "" where there is none."""
    entries = here.held("address", id_)["emails"]
    return next((str(entry["value"]) for entry in entries if entry["default"]), "")


def contacts(here: Account, id_: str) -> list[str]:
    """The contacts of an object, in their order."""
    return [str(one) for one in here.held("estate", id_)["contacts"]]


def holding(folder: Path, words: bytes) -> list[Path]:
    """The files that hold these words in clear."""
    return [path for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


async def test_a_plan_only_updates_and_leaves_open_what_a_person_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        found = await here.plan()
        assert set(found) == {(entity, how) for entity in ("address", "estate") for how in ("update", "skip")}
        assert found["address", "update"] == [
            here.planted("system_user_without_broker"),
            here.planted("broker_email_not_default"),
        ]
        assert found["estate", "update"] == [here.planted("estate_contact_no_broker")]
        assert here.planted("estate_two_brokers") in found["estate", "skip"]


async def test_every_skip_says_what_to_decide_and_by_which_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here, here.session() as session:
        with closing(await session.plan()) as plan:
            skips = [row.planned for row in plan.store.rows(Filter()) if row.planned.action == "skip"]
            assert {skip.rule for skip in skips} == {"O1", "O4", "O8"}
            assert all(skip.reason and skip.reason.code.startswith("onoffice.skip_") for skip in skips)


async def test_mending_a_missing_makler_keeps_every_other_contact_type_and_touches_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        id_ = here.planted("system_user_without_broker")
        here.sandbox.act("address", {"id": int(id_), "contact_types": ["Eigentümer", SYSTEM_USER, "Kunde"]})
        before = {one["id"]: one for one in here.sandbox.state("address")}
        estates = here.sandbox.state("estate")
        result = await here.fix("broker_flag")
        assert (result.applying.applied, result.applying.failed, result.mismatches) == (1, 0, [])
        assert types(here, id_) == ["Eigentümer", SYSTEM_USER, "Kunde", BROKER]
        after = {one["id"]: one for one in here.sandbox.state("address")}
        assert {key for key in after if after[key]["ArtDaten"] != before[key]["ArtDaten"]} == {int(id_)}
        assert all(after[key]["emails"] == before[key]["emails"] for key in after)
        assert here.sandbox.state("estate") == estates
        again = await here.plan()
        assert id_ not in again.get(("address", "update"), [])


async def test_whoever_becomes_contact_person_is_made_broker_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        address, estate = here.planted("system_user_without_broker"), here.planted("estate_without_contact")
        settings = f'contact = "{address}"'
        result = await here.sync(settings)
        assert (result.applying.failed, result.mismatches) == (0, [])
        assert contacts(here, estate) == [address]
        assert BROKER in types(here, address)
        written = await here.plan(settings)
        assert not [place for place in written if place[1] != "skip"]


async def test_the_superseded_ones_go_after_the_new_one_is_there_and_an_undo_brings_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        estate = here.planted("estate_two_brokers")
        former = contacts(here, estate)
        settings = f'contact_persons = {{ "{estate}" = "{former[1]}" }}'
        everybody = {one["id"]: sorted(one["contacts"]) for one in here.sandbox.state("estate")}
        flags = {one["id"]: sorted(one["ArtDaten"]) for one in here.sandbox.state("address")}
        mails = {one["id"]: mail(here, str(one["id"])) for one in here.sandbox.state("address")}
        done = await here.sync(settings)
        assert done.state is RunState.DONE
        assert contacts(here, estate) == [former[1]]
        undone = await here.undo(done.run, settings)
        assert (undone.state, undone.mismatches) == (RunState.DONE, [])
        assert {one["id"]: sorted(one["contacts"]) for one in here.sandbox.state("estate")} == everybody
        assert {one["id"]: sorted(one["ArtDaten"]) for one in here.sandbox.state("address")} == flags
        assert {key: mail(here, str(key)) for key in mails} == mails


async def test_the_default_entry_is_set_and_the_former_entries_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        id_ = here.planted("broker_without_email")
        settings = f'emails = {{ "{id_}" = "vermietung@example.org" }}'
        await here.fix("email", settings)
        assert mail(here, id_) == "vermietung@example.org"
        again = await here.plan(settings)
        assert ("address", "update") not in again or id_ not in again["address", "update"]


async def test_a_write_that_arrived_before_the_end_is_found_and_can_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        id_ = here.planted("system_user_without_broker")
        before = types(here, id_)
        with monkeypatch.context() as patch:
            kill_after_write(patch)
            with pytest.raises(Killed):
                await here.fix("broker_flag")
        assert BROKER in types(here, id_)
        async with here.session() as session:
            (run,) = session.journal.runs(*PLACE)
        assert run.state is RunState.INTERRUPTED
        assert await here.outcome(run.id) == {("address", id_): Result.ALREADY}
        undone = await here.undo(run.id)
        assert undone.applying.applied == 1
        assert types(here, id_) == before


async def test_a_link_that_is_half_made_is_named_and_finished_by_the_next_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        estate, new = here.planted("estate_of_archived_broker"), here.sound()
        (former,) = contacts(here, estate)
        settings = f'contact = "{new}"'
        async with here.session(settings) as session:
            with closing(await session.plan()) as plan, monkeypatch.context() as patch:
                (row,) = [r for r in plan.store.rows(Filter()) if r.planned.id == estate]
                kill_after_write(patch)
                with pytest.raises(Killed):
                    await session.sync(plan, asyncio.Event(), only=[row.n])
        assert contacts(here, estate) == [former, new]
        async with here.session(settings) as session:
            (run,) = session.journal.runs(*PLACE)
        assert await here.outcome(run.id) == {("estate", estate): Result.UNKNOWN}
        assert estate in (await here.plan(settings))["estate", "update"]
        await here.sync(settings)
        assert contacts(here, estate) == [new]
        assert estate not in (await here.plan(settings)).get(("estate", "update"), [])


async def test_where_onoffice_loses_the_system_user_the_change_is_refused_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        id_ = here.planted("system_user_without_broker")
        here.sandbox.act("assumptions", {"system_user_write": "lost"})
        result = await here.fix("broker_flag")
        assert (result.applying.applied, result.applying.failed) == (0, 1)
        assert BROKER not in types(here, id_)


async def test_the_journal_names_no_mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with account(tmp_path, monkeypatch) as here:
        id_ = here.planted("broker_without_email")
        result = await here.fix("email", f'emails = {{ "{id_}" = "vermietung@example.org" }}')
        async with here.session() as session:
            assert "example.org" not in repr(session.journal.run(result.run))
    assert not holding(tmp_path, b"vermietung@example.org")
    assert holding(tmp_path, b"contact-chain")
