"""Vacancies on their way: documents, files, the stock as a whole, and everything that goes wrong by FTP."""

from __future__ import annotations

import asyncio
import ftplib
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.contract import Capability, Result, Verdict
from connectors.http import Network
from connectors.immomio import delivery
from connectors.openimmo import build
from connectors.problems import Failure, Trouble
from connectors.wrappers import Patience, Retrying
from tests.connectors.conformance import at_once, explained
from tests.connectors.immomio_desk import (
    PICTURE,
    PLAN,
    QUICK,
    VACANCY,
    Desk,
    code,
    create,
    delete,
    desk,
    update,
)

WAYS: tuple[dict[str, Any], ...] = ({}, {"dit": True}, {"dit": True, "tls": True})
NAMES = ["api", "ftp", "ftps"]


def _files(d: Desk) -> None:
    d.shelf.files = {"media-1.jpg": b"picture" * 999, "plan-2.pdf": b"%PDF" * 99}


def _folder(d: Desk, name: str) -> list[str]:
    """What lies in a folder of the FTP server; ``in`` and ``out`` themselves where the root is asked for."""
    ftp = d.ready["ftp"]
    with ftplib.FTP(timeout=5) as session:
        session.connect(ftp["host"], ftp["port"])
        session.login(ftp["username"], ftp["password"])
        return session.nlst(f"/{name}")


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
async def test_a_vacancy_arrives_as_it_was_sent_with_its_files(way: dict[str, Any]) -> None:
    async with desk(**way) as d:
        _files(d)
        change = create("10.1.2.7", attachments=(PICTURE, PLAN.replace("v1", "v1")))
        assert (await d.immomio.apply(change)).result is Result.DONE
        record = await d.immomio.get("vacancy", "10.1.2.7")
        assert record is not None
        assert record.fields == change.after
        assert sorted(d.shelf.asked) == ["media-1.jpg", "plan-2.pdf"]
        changed = update("10.1.2.7", title="Noch schöner", attachments=())
        assert (await d.immomio.apply(changed)).result is Result.DONE
        record = await d.immomio.get("vacancy", "10.1.2.7")
        assert record is not None
        assert record.fields == changed.after
        assert (await d.immomio.apply(delete("10.1.2.7"))).result is Result.DONE
        assert d.held() == {}
        assert (await d.immomio.apply(delete("10.1.2.7"))).result is Result.ALREADY
        assert d.codes() == []


async def test_many_changes_are_few_deliveries_and_each_gets_its_own_outcome() -> None:
    async with desk("reject,id=v13") as d:
        changes = [create(f"v{n}") for n in range(250)]
        changes[7] = create("v7", baseRent=None)
        changes[8] = create("v8", kind="CASTLE")
        outcomes = await d.immomio.apply_many(changes)
        assert [outcome.id for outcome in outcomes] == [change.id for change in changes]
        bad = {outcome.id: code(outcome) for outcome in outcomes if not outcome.ok}
        assert bad == {"v7": "immomio.missing_rent", "v8": "immomio.unsuitable", "v13": "http.rejected"}
        assert {o.result for o in outcomes if not o.ok} == {Result.REJECTED}
        assert d.sent("PUT", "/vacancies/import") == 2
        assert len(d.held()) == 247


async def test_a_file_that_cannot_be_had_holds_back_its_vacancy_alone_and_is_asked_for_once() -> None:
    async with desk() as d:
        _files(d)
        d.shelf.broken = {"plan-2.pdf"}
        changes = [create("a", attachments=(PICTURE,)), create("b", attachments=(PICTURE, PLAN)), create("c")]
        changes += [create(f"d{n}", attachments=(PLAN,)) for n in range(20)]
        outcomes = await d.immomio.apply_many(changes)
        assert [o.result for o in outcomes] == [
            Result.DONE,
            Result.REJECTED,
            Result.DONE,
            *[Result.REJECTED] * 20,
        ]
        problem = outcomes[1].problem
        assert problem is not None
        assert (problem.code, problem.where) == ("immomio.file_missing", "plan-2.pdf")
        explained(problem)
        assert list(d.held()) == ["a", "c"]
        assert d.shelf.asked.count("plan-2.pdf") <= delivery.AHEAD


async def test_large_files_are_parted_into_several_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery.ApiWay, "largest", 100_000)
    async with desk() as d:
        d.shelf.files = {f"m-{n}.jpg": bytes(60_000) for n in range(6)}
        changes = [create(f"v{n}", attachments=(f"BILD|m-{n}.jpg|v|",)) for n in range(6)]
        assert all(outcome.ok for outcome in await d.immomio.apply_many(changes))
        assert d.sent("PUT", "/vacancies/import") == 3


async def test_a_document_refused_as_a_whole_is_halved_until_the_guilty_one_is_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def spoilt(envelope: Any, offers: Any) -> bytes:
        nodes = list(offers)
        ids = [node["verwaltung_techn"]["objektnr_extern"] for node in nodes]
        return b"<openimmo" if "v5" in ids else build.delivery(envelope, nodes)

    monkeypatch.setattr("connectors.immomio.delivery.delivery", spoilt)
    for way in WAYS[:2]:
        async with desk(**way) as d:
            outcomes = await d.immomio.apply_many([create(f"v{n}") for n in range(9)])
            bad = {o.id: (o.result, code(o)) for o in outcomes if not o.ok}
            assert bad == {"v5": (Result.REJECTED, "immomio.unreadable")}
            assert sorted(d.held()) == [f"v{n}" for n in range(9) if n != 5]


async def test_the_name_of_a_file_never_leaves_ascii_and_comes_back_unchanged() -> None:
    async with desk() as d:
        ref = "Küche 1/../Straße.jpg"
        d.shelf.files = {ref: b"x"}
        change = create("v1", attachments=(f"BILD|{ref}|v1|Küche: vorn",))
        assert (await d.immomio.apply(change)).ok
        stored = d.held()["v1"]["attachments"][0].split("|")[1]
        assert stored.isascii()
        assert not set(stored) & set(" /\\:")
        record = await d.immomio.get("vacancy", "v1")
        assert record is not None
        assert record.fields["attachments"] == (change.after or {})["attachments"]


async def test_files_of_many_megabytes_do_not_grow_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(_ref: str) -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(1024 * 1024)

    async with desk("ftp-full,bytes=9000000", dit=True, network=Network(timeout=10, deadline=30)) as d:
        monkeypatch.setattr(d.shelf, "fetch", fetch)
        tracemalloc.start()
        try:
            outcome = await d.immomio.apply(create("v1", attachments=("BILD|big.jpg|v|",)))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert code(outcome) == "immomio.ftp_full"
        assert peak < 10 * 1024 * 1024


class TestWhole:
    """``delivery = "full"``: every delivery is what Immomio shows now, with the changes in it."""

    @pytest.mark.parametrize("way", WAYS[:2], ids=NAMES[:2])
    async def test_what_is_unchanged_and_what_is_not_ours_stays_as_it_was(self, way: dict[str, Any]) -> None:
        async with desk(delivery="full", **way) as d:
            _files(d)
            first = [create("a", attachments=(PICTURE,)), create("b"), create("foreign/1", title="Fremd")]
            assert all(o.ok for o in await d.immomio.apply_many(first))
            d.sandbox.act("vacancy", {"id": "a", "do": "edit", "fields": {"equipment": "von Hand"}})
            d.sandbox.act("application", {"vacancy": "a"})
            before = d.held()
            changes = [update("b", title="Neu"), create("c", attachments=(PLAN,)), delete("gone")]
            outcomes = await d.immomio.apply_many(changes)
            assert [o.result for o in outcomes] == [Result.DONE, Result.DONE, Result.ALREADY]
            after = d.held()
            assert sorted(after) == ["a", "b", "c", "foreign/1"]
            for id_ in ("a", "foreign/1"):
                assert after[id_] | {"updatedAt": ""} == before[id_] | {"updatedAt": ""}
            assert (after["a"]["state"], after["a"]["prospects"]) == ("OFFLINE", 1)
            assert after["b"]["title"] == "Neu"
            assert (await d.immomio.apply(delete("b"))).result is Result.DONE
            assert sorted(d.held()) == ["a", "c", "foreign/1"]

    async def test_an_unchanged_vacancy_whose_file_is_gone_stops_the_delivery(self) -> None:
        async with desk(delivery="full") as d:
            _files(d)
            assert (await d.immomio.apply(create("a", attachments=(PICTURE,)))).ok
            before = d.held()
            d.shelf.files.clear()
            outcomes = await d.immomio.apply_many([create("b"), delete("a2")])
            assert [o.result for o in outcomes] == [Result.FAILED, Result.ALREADY]
            assert outcomes[0].problem is not None
            assert (code(outcomes[0]), outcomes[0].problem.where) == ("immomio.stock_incomplete", "a")
            explained(outcomes[0].problem)
            assert d.held() == before

    async def test_a_change_whose_file_is_gone_leaves_its_vacancy_as_it_is(self) -> None:
        async with desk(delivery="full") as d:
            _files(d)
            assert (await d.immomio.apply(create("a", attachments=(PICTURE,)))).ok
            changes = [update("a", title="Neu", attachments=(PICTURE, "BILD|gone.jpg|v|")), create("b")]
            outcomes = await d.immomio.apply_many(changes)
            assert [o.result for o in outcomes] == [Result.REJECTED, Result.DONE]
            held = d.held()
            assert (sorted(held), held["a"]["title"]) == (["a", "b"], VACANCY["title"])
            assert len(held["a"]["attachments"]) == 1

    async def test_deliveries_at_the_same_time_build_on_each_other(self) -> None:
        async with desk(delivery="full") as d:
            sent = await asyncio.gather(*(d.immomio.apply(create(f"v{n}")) for n in range(6)))
            assert all(outcome.ok for outcome in sent)
            assert sorted(d.held()) == [f"v{n}" for n in range(6)]


class TestFtp:
    """What goes wrong by FTP: no half file under its final name, and the run says what it was."""

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            ("ftp-refuse-data", "immomio.ftp_data"),
            ("ftp-refuse-data,closed_port=yes", "immomio.ftp_data"),
            ("ftp-full,bytes=500", "immomio.ftp_full"),
            ("ftp-cut,bytes=500", "immomio.ftp_cut"),
            ("ftp-wrong-size", "immomio.ftp_size"),
            ("ftp-slow,method=FTP STOR,delay=30", "immomio.ftp_data"),
        ],
    )
    async def test_a_failed_upload_leaves_nothing_behind(self, fault: str, expected: str) -> None:
        network = Network(timeout=0.3, deadline=1) if "slow" in fault else QUICK
        async with desk(f"{fault},count=1", dit=True, network=network) as d:
            _files(d)
            outcome = await d.immomio.apply(create("v1", attachments=(PICTURE,)))
            assert outcome.problem is not None
            assert (outcome.result, code(outcome)) == (Result.FAILED, expected)
            explained(outcome.problem)
            assert expected in d.codes()
            if "slow" not in fault:
                assert await asyncio.to_thread(_folder, d, "in") == []
            assert d.held() == {}

    @pytest.mark.parametrize("fault", ["ftp-full,bytes=500", "ftp-cut,bytes=500", "ftp-wrong-size"])
    async def test_a_passing_fault_is_outlasted_and_nothing_is_sent_twice(self, fault: str) -> None:
        async with desk(f"{fault},count=2", dit=True) as d:
            stack = Retrying(d.immomio, Patience(tries=4), at_once)
            outcome = await stack.apply(create("v1"))
            assert (outcome.result, outcome.attempts) == (Result.DONE, 3)
            assert d.sandbox.state("creates")["vacancy"] == {"v1": 1}

    async def test_a_wrong_password_is_said_and_shown_nowhere(self) -> None:
        wrong = "wr0ng-canary"
        async with desk(dit=True, secrets={"ftp_password": wrong}) as d:
            outcome = await d.immomio.apply(create("v1"))
            assert (outcome.result, code(outcome)) == (Result.FAILED, "immomio.ftp_login")
            findings = {finding.key: finding for finding in await d.immomio.check()}
            assert findings["immomio.ftp"].verdict is Verdict.FAIL
            assert findings["immomio.ftp"].evidence.code == "immomio.ftp_login"
            assert wrong not in repr((outcome, findings, d.log.calls(), d.immomio))

    async def test_dit_without_ftp_credentials_is_exactly_that(self) -> None:
        async with desk(dit=True, secrets={"ftp_username": "", "ftp_password": ""}) as d:
            findings = {finding.key: finding for finding in await d.immomio.check()}
            assert findings["immomio.ftp"].evidence.code == "immomio.ftp_secrets"
            assert findings["immomio.connection"].verdict is Verdict.OK
            assert code(await d.immomio.apply(create("v1"))) == "immomio.ftp_secrets"

    async def test_system_and_setting_have_to_agree(self) -> None:
        async with desk(dit=True) as d:
            assert {finding.verdict for finding in await d.immomio.check()} == {Verdict.OK}
            assert await asyncio.to_thread(_folder, d, "in") == []
        async with desk(system="DIT") as d:
            assert (await d.immomio.check())[0].evidence.code == "immomio.connection_dit"
        async with desk(system="CORE", dit=True, ftp_host="127.0.0.1", ftp_port=1) as d:
            assert (await d.immomio.check())[0].evidence.code == "immomio.connection_core"

    async def test_tls_that_the_server_does_not_speak_is_named(self) -> None:
        async with desk(dit=True, ftp_tls=True) as d:
            assert code(await d.immomio.apply(create("v1"))) == "immomio.ftp_no_tls"

    async def test_a_certificate_nobody_vouches_for_is_refused(self) -> None:
        async with desk(dit=True, tls=True, trusting=False) as d:
            outcome = await d.immomio.apply(create("v1"))
            assert (outcome.result, code(outcome)) == (Result.FAILED, "http.tls")

    async def test_a_server_that_is_not_there_is_unreachable(self) -> None:
        async with desk(dit=True, ftp_port=1) as d:
            outcome = await d.immomio.apply(create("v1"))
            assert (outcome.result, code(outcome)) == (Result.FAILED, "http.refused")

    async def test_without_a_result_in_time_nobody_knows_and_nothing_is_sent_again(self) -> None:
        async with desk("ftp-no-result,count=1", dit=True, ftp_wait=1) as d:
            stack = Retrying(d.immomio, Patience(tries=4), at_once)
            outcome = await stack.apply(create("v1"))
            assert (outcome.result, code(outcome)) == (Result.UNKNOWN, "immomio.ftp_waiting")
            assert outcome.problem is not None
            explained(outcome.problem)
            assert len(await asyncio.to_thread(_folder, d, "in")) == 1
            with pytest.raises(Failure) as caught:
                await d.immomio.get("vacancy", "v1")
            assert caught.value.problem.trouble is Trouble.UNAVAILABLE
            assert await d.immomio.get("vacancy", "v2") is None
            assert sum(call.method == "STOR" for call in d.log.calls()) == 1

    async def test_every_step_is_in_the_call_log_and_no_secret(self) -> None:
        async with desk(dit=True) as d:
            assert (await d.immomio.apply(create("v1"))).ok
            steps = [
                call for call in d.log.calls() if call.method.isupper() and call.method not in ("GET", "POST")
            ]
            assert [call.method for call in steps][:4] == ["LOGIN", "STOR", "SIZE", "RNTO"]
            assert [call.status for call in steps][:4] == [230, 226, 213, 250]
            assert steps[-1].method == "RETR"
            assert steps[-1].bytes > 0
            assert d.ready["ftp"]["password"] not in repr(steps)
            assert all(call.path.isascii() for call in steps)

    async def test_an_importer_without_the_right_says_so(self) -> None:
        async with desk(dit=True, rights=("vacancies:write",)) as d:
            outcome = await d.immomio.apply(create("v1"))
            assert (outcome.result, code(outcome)) == (Result.FAILED, "immomio.not_taken")
            assert Capability.VACANCIES in d.immomio.capabilities
