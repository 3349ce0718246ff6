"""Many calls at once, cancelled calls, the limiter, and what calls tell nobody."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from connectors.http import CallLog, Limiter, Network, open_http
from connectors.partner import Connection
from connectors.problems import Failure, Trouble
from tests.connectors.http_loopback import LIMITS, client, closed_port, kept, reply, serving, silent

SECRET = "Geheim/4711+x"


async def test_no_secret_reaches_log_repr_exception_or_debug_output(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = reply(422, f'{{"code":"{SECRET}","error":"{SECRET}"}}'.encode())
    async with (
        serving(answer) as seen,
        client(seen.url + "/rest/Geheim%2F4711%2Bx", secrets=[SECRET]) as (http, log),
    ):
        http.conceal("token-8282")
        with pytest.raises(Failure) as caught:
            await http.send(
                "POST",
                "/token-8282/max@example.org",
                params={"apiKey": SECRET},
                form={"password": SECRET},
                headers={"X-Api-Key": SECRET},
                auth=("user", SECRET),
                write=True,
            )
        shown = f"{http!r}{log.calls()!r}{caught.value!r}{caught.value}{caught.value.problem!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert SECRET.encode() in seen.requests[0], "it did send the secret"
    ours = shown + "".join(r.getMessage() for r in caplog.records)
    for secret in (SECRET, "Geheim", "4711", "token-8282", "max@", "apiKey"):
        assert secret not in ours
    assert log.calls()[0].path == "/rest/***/***/***"


async def test_a_network_fault_keeps_nothing_of_the_request_either() -> None:
    async with client(f"http://127.0.0.1:{closed_port()}", secrets=[SECRET]) as (http, _):
        with pytest.raises(Failure) as caught:
            await http.send("GET", "/a", params={"apiKey": SECRET})
    assert caught.value.__context__ is None
    assert str(caught.value).startswith("http.refused at GET 127.0.0.1:")


def test_settings_and_connections_hide_their_secrets() -> None:
    network = Network(proxy="http://me:hunter2@proxy.example.org:3128")
    connection = Connection(
        "muster", "p", "test", "http://127.0.0.1", {"k": "hunter2"}, None, network, CallLog()
    )
    http = open_http(connection, LIMITS, "hunter2")
    assert "hunter2" not in f"{network!r}{connection!r}{http!r}"


async def test_at_most_eight_connections_serve_two_hundred_calls_at_once() -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.001)
        await reply(200)(writer)

    async with serving(slow) as seen, client(seen.url, Network()) as (http, log):
        results = await asyncio.gather(*(http.send("GET", f"/{n}") for n in range(200)))
    assert len(results) == len(seen.requests) == log.total == 200
    assert 2 <= seen.most <= 8


async def test_kept_connections_stay_at_most_eight_too() -> None:
    async with serving(kept, again=True) as seen, client(seen.url, Network()) as (http, _):
        for _ in range(3):
            await asyncio.gather(*(http.send("GET", f"/{n}") for n in range(30)))
        assert len(seen.requests) == 90
        assert 1 <= seen.open <= seen.most <= 8


@pytest.mark.parametrize("moment", ["connecting", "waiting"])
async def test_a_cancelled_call_is_logged_and_gives_its_place_back(moment: str) -> None:
    async with serving(silent) as seen, client(seen.url, Network()) as (http, log):
        waiting = [asyncio.create_task(http.send("GET", "/slow")) for _ in range(12)]
        for _ in range(8):
            await seen.came.acquire()
        if moment == "waiting":
            await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(e, asyncio.CancelledError) for e in ended)
        assert [c.problem for c in log.calls()] == ["http.cancelled"] * 8
        seen.answer = reply(200)
        after = await asyncio.wait_for(asyncio.gather(*(http.send("GET", "/") for _ in range(16))), 5)
        assert [r.status for r in after] == [200] * 16


async def test_a_cancelled_call_takes_no_connection_from_one_that_waits_for_its_turn(tmp_path: Path) -> None:
    limiter = Limiter(tmp_path / "l.sqlite", "h", "a", rate=20, burst=1)
    async with serving(silent) as seen, client(seen.url, Network(), limiter=limiter) as (http, _):
        first = asyncio.create_task(http.send("GET", "/first"))
        await seen.came.acquire()
        limiter.hold(0.1)
        second = asyncio.create_task(http.send("GET", "/second"))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.wait([first])
        seen.answer = reply(200)
        third = asyncio.create_task(http.send("GET", "/third"))
        assert [(await second).status, (await third).status] == [200, 200]


async def test_calls_cancelled_at_any_moment_leave_no_connection_behind() -> None:
    async with serving(kept, again=True) as seen, client(seen.url, Network()) as (http, log):
        for steps in range(0, 60, 2):
            calls = [asyncio.create_task(http.send("GET", "/")) for _ in range(4)]
            for _ in range(steps):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert "http.cancelled" in {c.problem for c in log.calls()}
        assert (await http.send("GET", "/last")).status == 200
        for _ in range(100):  # the server hears of closed connections a little later
            if seen.open > 4:
                await asyncio.sleep(0.002)
        assert seen.open <= 4


async def test_a_connection_with_a_limits_file_shares_its_bucket(tmp_path: Path) -> None:
    async with serving(reply(429, Retry_After="500")) as seen:
        connection = Connection(
            "muster", "p", "test", seen.url, {}, None, Network(), CallLog(), tmp_path / "limits.sqlite"
        )
        first, second = (open_http(connection, LIMITS, "account") for _ in range(2))
        with pytest.raises(Failure) as refused:
            await first.send("GET", "/")
        await first.aclose()  # the pause is written before this ends
        with pytest.raises(Failure) as held:
            await second.send("GET", "/")
        await second.aclose()
    assert refused.value.problem.code == "http.limit"
    assert (held.value.problem.code, held.value.problem.trouble) == ("http.held", Trouble.LIMIT)
    assert 490 < (held.value.problem.retry_after or 0) <= 500
    assert len(seen.requests) == 1


async def test_the_wait_for_the_limiter_does_not_count_towards_the_deadline(tmp_path: Path) -> None:
    limiter = Limiter(tmp_path / "limits.sqlite", "h", "a", rate=1000, burst=1)
    limiter.hold(0.25)
    async with serving(reply(200)) as seen, client(seen.url, limiter=limiter) as (http, log):
        assert (await http.send("GET", "/")).status == 200
    assert log.calls()[0].ms < 200
