"""The FTP server of an account on the old system: deliveries, the importer, everything that goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import logging
import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.immomio import sandbox_ftp
from tests.connectors.immomio_kit import (
    ID,
    Office,
    fetch,
    immobilie,
    office,
    openimmo,
    picture,
    send,
    until,
    zipped,
)

BIG = os.urandom(300_000)
CONTENT = zipped(openimmo(immobilie(anhaenge=picture("a.jpg"))), {"a.jpg": BIG})
TLS = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@pytest.fixture(autouse=True)
def _nothing_breaks_inside(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The library answers an error of ours by a log entry and a closed connection."""
    yield
    assert not [entry for entry in caplog.get_records("call") if entry.levelno >= logging.ERROR]


async def _with(o: Office, do: Any, **how: Any) -> Any:
    """What a function in a thread makes of an FTP connection."""

    def run() -> Any:
        session = o.connect(**how)
        try:
            return do(session)
        finally:
            session.close()

    return await asyncio.to_thread(run)


def _delivered(session: ftplib.FTP, name: str = "a", content: bytes = CONTENT) -> Any:
    """The result of a delivery, once it is there; the session waits for it by asking."""
    send(session, f"{name}.zip", content)
    for _ in range(2_000):
        if (result := fetch(session, f"/out/{name}.result.json")) is not None:
            return result
    raise AssertionError("no result")


def _names(session: ftplib.FTP) -> tuple[list[str], list[str]]:
    return session.nlst("/in"), session.nlst("/out")


@TLS
async def test_a_delivery_is_imported_taken_away_and_answered(tls: bool) -> None:
    async with office(dit=True, tls=tls) as o:

        def deliver(session: ftplib.FTP) -> Any:
            return _delivered(session), _names(session)

        result, names = await _with(o, deliver)
        assert result == {"delivery": "a.zip", "results": [{"externalId": ID, "status": 201}]}
        assert names == ([], ["a.result.json"])
        assert (await o.vacancy())["state"] == "IMPORTED"
        assert await o.state("deliveries") == [result]
        stored = ("FTP STOR", "/in/a.zip.part", len(CONTENT), 226)
        assert stored in await o.commands("FTP STOR")
        assert await o.commands("FTP IMPORT") == [("FTP IMPORT", "/in/a.zip", len(CONTENT), 200)]


async def test_an_upload_under_its_final_name_is_imported_too() -> None:
    async with office(dit=True) as o:
        await _with(o, lambda s: s.storbinary("STOR /in/b.zip", io.BytesIO(CONTENT)))
        result = await until(lambda: _seen(o, "b"))
        assert result["results"][0]["status"] == 201


def _seen(o: Office, name: str) -> Any:
    """A result, seen through a connection of its own."""
    with o.connect() as session:
        return fetch(session, f"/out/{name}.result.json")


async def test_a_delivery_that_cannot_be_read_is_answered_so() -> None:
    async with office(dit=True) as o:
        answer = await _with(o, lambda s: _delivered(s, "x", b"no zip"))
        assert answer == {"delivery": "x.zip", "error": "unreadable"}
        await o.act("rights", remove=["vacancies:write"])
        assert (await _with(o, lambda s: _delivered(s, "y")))["error"] == "forbidden"


async def test_what_is_no_zip_is_left_alone() -> None:
    async with office(dit=True) as o:
        await _with(o, lambda s: s.storbinary("STOR /in/readme.txt", io.BytesIO(b"x")))
        assert await _with(o, _names) == (["readme.txt"], [])
        await _with(o, lambda s: s.delete("/in/readme.txt"))
        assert await _with(o, _names) == ([], [])


async def test_two_consultants_deliver_at_the_same_time_while_a_third_imports_by_http() -> None:
    async with office(dit=True) as o:
        a, b = zipped(openimmo(immobilie("1"))), zipped(openimmo(immobilie("2")))
        first, second, third = await asyncio.gather(
            _with(o, lambda s: [_delivered(s, f"a{n}", a) for n in range(5)]),
            _with(o, lambda s: [_delivered(s, f"b{n}", b) for n in range(5)]),
            o.deliver(openimmo(immobilie("3"))),
        )
        assert [r["results"][0]["status"] for r in first] == [201, 200, 200, 200, 200]
        assert [r["results"][0]["status"] for r in second] == [201, 200, 200, 200, 200]
        assert third.json()["results"] == [{"externalId": "3", "status": 201}]
        assert [vacancy["externalId"] for vacancy in await o.state("vacancy")] == ["1", "2", "3"]
        assert (await o.state("creates"))["vacancy"] == {"1": 1, "2": 1, "3": 1}


@TLS
async def test_a_wrong_password_is_530_and_recorded_without_it(tls: bool) -> None:
    async with office(dit=True, tls=tls) as o:
        with pytest.raises(ftplib.error_perm, match=r"^530"):
            await asyncio.to_thread(o.connect, password="wr0ng-canary")
        await _with(o, _names)
        assert ("FTP PASS", "/", 0, 530) in await o.commands()
        log = (await o.client.get(f"{o.line['control']}/requests/immomio")).text
        assert "wr0ng-canary" not in log
        assert o.ready["ftp"]["password"] not in log


async def test_with_tls_nothing_goes_unprotected() -> None:
    async with office(dit=True, tls=True) as o:
        ftp = o.ready["ftp"]

        def plain() -> None:
            with ftplib.FTP(timeout=10) as session:
                session.connect(ftp["host"], ftp["port"])
                session.login(ftp["username"], ftp["password"])

        def half_protected(session: Any) -> None:
            session.prot_c()
            session.nlst("/in")

        def stranger() -> None:
            session = ftplib.FTP_TLS(timeout=10, context=ssl.create_default_context())
            with contextlib.closing(session):
                session.connect(ftp["host"], ftp["port"])
                session.login(ftp["username"], ftp["password"])

        with pytest.raises(ftplib.error_perm, match=r"^550"):
            await asyncio.to_thread(plain)
        with pytest.raises(ftplib.error_perm, match=r"^550"):
            await _with(o, half_protected)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(stranger)


async def test_without_tls_it_is_not_offered() -> None:
    async with office(dit=True) as o:

        def ask(session: ftplib.FTP) -> str:
            with pytest.raises(ftplib.error_perm, match=r"^500"):
                session.sendcmd("AUTH TLS")
            return session.sendcmd("FEAT")

        assert "TLS" not in await _with(o, ask)


@pytest.mark.parametrize(
    "command",
    [
        "STOR /a.zip",
        "STOR /out/a.zip",
        "STOR /../../a.zip",
        "MKD /in/x",
        "APPE /in/a.zip",
        "RETR /../x",
        "STOU x",
    ],
)
async def test_nothing_but_the_drop_can_be_written(command: str) -> None:
    async with office(dit=True) as o:

        def attempt(session: ftplib.FTP) -> None:
            session.voidcmd("TYPE I")
            with pytest.raises(ftplib.error_perm):
                session.ntransfercmd(command)

        await _with(o, attempt)
        assert await _with(o, _names) == ([], [])


async def test_changing_folders_does_not_move_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[Any] = []
    monkeypatch.setattr(os, "chdir", moved.append)
    async with office(dit=True) as o:

        def walk(session: ftplib.FTP) -> str:
            session.cwd("/in")
            session.storbinary("STOR x.part", io.BytesIO(b"x"))
            with pytest.raises(ftplib.error_perm):
                session.cwd("/nowhere")
            return session.pwd()

        assert await _with(o, walk) == "/in"
        assert moved == []
        assert (await _with(o, _names))[0] == ["x.part"]


# --- faults -----------------------------------------------------------------------------------------------


@TLS
async def test_a_full_disk_is_552_from_the_start_or_in_the_middle(tls: bool) -> None:
    async with office("ftp-full,count=1", "ftp-full,bytes=100000,after=1", dit=True, tls=tls) as o:

        def whole(session: ftplib.FTP) -> None:
            with pytest.raises(ftplib.error_perm, match=r"^552"):
                session.storbinary("STOR /in/a.zip.part", io.BytesIO(CONTENT))
            session.voidcmd("NOOP")

        def half(session: ftplib.FTP) -> None:
            with pytest.raises((ftplib.error_perm, OSError)) as caught:
                session.storbinary("STOR /in/a.zip.part", io.BytesIO(CONTENT * 4))
            if isinstance(caught.value, OSError):  # the data connection broke before the reply was read
                with pytest.raises(ftplib.error_perm, match=r"^552"):
                    session.getresp()

        await _with(o, whole)
        assert await _with(o, _names) == ([], [])
        await _with(o, half)
        size = await _with(o, lambda s: (s.voidcmd("TYPE I"), s.size("/in/a.zip.part"))[1])
        assert size == 100_000
        assert [entry[3] for entry in await o.commands("FTP STOR")] == [552, 552]


@TLS
async def test_a_cut_ends_both_connections_and_leaves_the_part(tls: bool) -> None:
    async with office("ftp-cut,bytes=1000,path=/in/*,count=1", dit=True, tls=tls) as o:

        def cut(session: ftplib.FTP) -> None:
            with pytest.raises((OSError, EOFError)):
                send(session, "a.zip", CONTENT * 4)
            with pytest.raises((OSError, EOFError)):
                session.voidcmd("NOOP")

        await _with(o, cut)
        size = await _with(o, lambda s: (s.voidcmd("TYPE I"), s.size("/in/a.zip.part"))[1])
        assert size == 1_000
        assert await o.state("vacancy") == []
        assert (await _with(o, _delivered))["results"][0]["status"] == 201


@TLS
async def test_a_short_file_is_seen_by_its_size(tls: bool) -> None:
    async with office("ftp-wrong-size,bytes=7,count=1", dit=True, tls=tls) as o:

        def short(session: ftplib.FTP) -> Any:
            assert session.storbinary("STOR /in/a.zip.part", io.BytesIO(CONTENT)).startswith("226")
            session.voidcmd("TYPE I")
            return session.size("/in/a.zip.part")

        assert await _with(o, short) == len(CONTENT) - 7
        assert await _with(o, short) == len(CONTENT)


@TLS
async def test_a_refused_data_connection_is_425(tls: bool) -> None:
    async with office("ftp-refuse-data,count=1", dit=True, tls=tls) as o:

        def refused(session: ftplib.FTP) -> None:
            with pytest.raises(ftplib.error_temp, match=r"^425"):
                send(session, "a.zip", CONTENT)

        await _with(o, refused)
        assert (await _with(o, _delivered))["results"][0]["status"] == 201


@pytest.mark.parametrize("extended", [False, True])
async def test_a_data_port_can_be_one_on_which_nobody_listens(extended: bool) -> None:
    async with office("ftp-refuse-data,closed_port=yes", dit=True) as o:

        def refused(session: ftplib.FTP) -> None:
            if extended:
                session.af = socket.AF_INET6  # makes the client ask with EPSV
            with pytest.raises(ConnectionRefusedError):
                session.storbinary("STOR /in/a", io.BytesIO(b"x"))

        await _with(o, refused)


async def test_without_an_importer_the_delivery_lies_there() -> None:
    async with office("ftp-no-result,path=/in/a.zip", dit=True) as o:
        await _with(o, lambda s: send(s, "a.zip", CONTENT))
        assert (await _with(o, lambda s: _delivered(s, "b")))["results"][0]["status"] == 201
        assert await _with(o, _names) == (["a.zip"], ["b.result.json"])


async def test_a_slow_command_is_carried_out_after_all() -> None:
    async with office("ftp-slow,delay=0.05,method=FTP STOR", dit=True) as o:
        assert (await _with(o, _delivered))["results"][0]["status"] == 201


async def test_a_command_that_is_too_slow_runs_into_the_time_limit() -> None:
    async with office("ftp-slow,delay=3600,method=FTP SIZE", dit=True) as o:

        def wait(session: ftplib.FTP) -> None:
            with pytest.raises(TimeoutError):
                send(session, "a.zip", CONTENT)

        await _with(o, wait, timeout=0.3)
        assert (await _with(o, _names))[0] == ["a.zip.part"]


async def test_http_faults_leave_ftp_alone_and_the_other_way_round() -> None:
    async with office("ftp-cut", dit=True) as o:
        assert (await o.call("GET", "/me")).status_code == 200
        await o.client.delete(f"{o.line['control']}/faults")
        await o.fault("500")
        assert (await _with(o, _delivered))["results"][0]["status"] == 201


async def test_an_import_can_reject_and_rewrite_single_objects() -> None:
    async with office("reject,id=1", "rewrite,field=title,value=X", dit=True) as o:
        content = zipped(openimmo(immobilie("1"), immobilie("2")))
        result = await _with(o, lambda s: _delivered(s, "a", content))
        assert [each["status"] for each in result["results"]] == [422, 201]
        await o.client.delete(f"{o.line['control']}/faults")
        assert (await o.vacancy("2"))["title"] == "X"


async def test_too_much_and_too_many_are_552(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_ftp, "MOST_BYTES", 10)
    monkeypatch.setattr(sandbox_ftp, "MOST_FILES", 2)
    async with office(dit=True) as o:

        def fill(session: ftplib.FTP) -> None:
            session.storbinary("STOR /in/a", io.BytesIO(b"123456"))
            with pytest.raises(ftplib.error_perm, match=r"^552"):
                session.storbinary("STOR /in/b", io.BytesIO(b"123456"))
            with pytest.raises(ftplib.error_perm, match=r"^552"):
                session.storbinary("STOR /in/c", io.BytesIO(b""))

        await _with(o, fill)


async def test_old_results_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_ftp, "MOST_RESULTS", 2)
    async with office(dit=True) as o:

        def deliver(session: ftplib.FTP) -> Any:
            for name in ("a", "b", "c"):
                _delivered(session, name, b"x")
            return session.nlst("/out")

        assert len(await _with(o, deliver)) == 2
        assert len(await o.state("deliveries")) == 2


@TLS
async def test_it_ends_with_idle_and_busy_connections_open_and_leaves_nothing(
    tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with contextlib.ExitStack() as clients:
        async with office("ftp-no-result", dit=True, tls=tls) as o:
            ftp = o.ready["ftp"]
            idle = await asyncio.to_thread(o.connect)
            clients.callback(idle.close)
            await asyncio.to_thread(send, idle, "a.zip", CONTENT)
            busy = await asyncio.to_thread(o.connect)
            clients.callback(busy.close)
            data = await asyncio.to_thread(busy.transfercmd, "STOR /in/b.zip")
            clients.callback(data.close)
            await asyncio.to_thread(data.sendall, b"x" * 1000)
            silent = socket.create_connection((ftp["host"], ftp["port"]))
            clients.callback(silent.close)
            assert any(thread.name == "einzug-ftp" for thread in threading.enumerate())
            assert os.listdir(tmp_path)
        assert not any(thread.name == "einzug-ftp" for thread in threading.enumerate())
        assert not os.listdir(tmp_path)
        with pytest.raises(OSError):  # noqa: PT011  (which one depends on the system)
            socket.create_connection((ftp["host"], ftp["port"]), timeout=5)
        with pytest.raises((OSError, EOFError)):
            await asyncio.to_thread(idle.voidcmd, "NOOP")
