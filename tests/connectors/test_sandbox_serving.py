"""How the sandboxes start, serve and end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import Response

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running, serve
from tests.connectors.sandbox_kit import frame, shelf


async def test_the_ready_line_names_every_partner_and_the_control_api() -> None:
    async with running([shelf("a"), shelf("b")]) as line:
        assert (line["schema"], sorted(line), sorted(line["partners"])) == (
            1,
            ["control", "partners", "schema"],
            ["a", "b"],
        )
        ports = {
            urlsplit(url).port for url in (line["control"], *(p["url"] for p in line["partners"].values()))
        }
        assert len(ports) == 3
        assert json.loads(json.dumps(line)) == line


async def test_with_tls_the_partner_is_verified_against_the_ca_and_control_stays_plain() -> None:
    async with frame(tls=True) as f:
        ca = Path(f.line["ca"])
        authority = ca.read_text(encoding="ascii")  # noqa: ASYNC240 - one small local file
        assert (f.url[:17], f.control[:16]) == ("https://127.0.0.1", "http://127.0.0.1")
        assert (await f.put()).status_code == 201
        assert sorted(await f.things()) == ["1"]
        async with httpx.AsyncClient(trust_env=False) as stranger:
            with pytest.raises(httpx.ConnectError):
                await stranger.get(f.url)
        await f.fault("p:cut-after")
        with pytest.raises(httpx.TransportError):
            await f.put("2")
        assert "BEGIN CERTIFICATE" in authority
        assert "PRIVATE KEY" not in authority
        assert [path.name for path in ca.parent.iterdir()] == ["ca.pem"]
    assert not ca.parent.exists()


async def test_answers_leave_without_waiting_for_an_acknowledgement() -> None:
    seen: list[int] = []

    async def look(scope: Any, receive: Any, send: Any) -> None:
        connection = scope["state"]["transport"].get_extra_info("socket")
        seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await Response()(scope, receive, send)

    async with running([replace(shelf(), app=look)]) as line, httpx.AsyncClient(trust_env=False) as client:
        await client.get(line["partners"]["p"]["url"])
    assert seen[0] != 0


async def test_a_taken_port_is_an_os_error_and_frees_the_others() -> None:
    async with running([shelf()]) as line:
        taken = urlsplit(line["control"]).port or 0
        with pytest.raises(OSError, match=r".+"):
            async with running([shelf()], port_base=taken - 1):
                pass


@pytest.mark.parametrize("base", [-1, 65_535, 70_000])
async def test_an_impossible_port_base_is_a_value_error(base: int) -> None:
    with pytest.raises(ValueError, match="port"):
        async with running([shelf()], port_base=base):
            pass


async def test_a_fault_at_an_unknown_partner_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="unknown partner"):
        await serve([shelf()], faults=[Fault.parse("q:500")], ready=lambda line: None)


async def test_serving_ends_by_itself_and_gives_the_signals_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    lines: list[dict[str, Any]] = []
    await serve([shelf()], seconds=0.01, ready=lines.append)
    assert len(lines) == 1
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_serving_ends_with_idle_and_busy_connections_open() -> None:
    stop = asyncio.Event()
    ready: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    faults = [Fault.parse("p:slow,delay=3600,path=*/slow")]
    serving = asyncio.create_task(serve([shelf()], ready=ready.set_result, stop=stop, faults=faults))
    line = await ready
    url = line["partners"]["p"]["url"]
    parts = urlsplit(url)
    half, half_writer = await asyncio.open_connection(parts.hostname, parts.port)
    half_writer.write(b"GET /v1/things/1 HTTP/1.1\r\nHost")
    async with httpx.AsyncClient(trust_env=False) as idle, httpx.AsyncClient(trust_env=False) as busy:
        await idle.get(f"{url}/v1/things/1")
        waiting = asyncio.create_task(busy.get(f"{url}/v1/things/slow", timeout=60))
        seen = f"{line['control']}/requests/p?count=1"
        while (await idle.get(seen)).json()["count"] < 2:  # noqa: ASYNC110 - seen from outside only
            await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(serving, 10)
        with contextlib.suppress(httpx.TransportError):
            assert (await waiting).status_code == 500
        assert await half.read() == b""
        half_writer.close()
        with pytest.raises(httpx.ConnectError):
            await busy.get(url)


async def test_a_partner_that_never_answers_is_cancelled_at_the_end() -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def hang(scope: Any, receive: Any, send: Any) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with httpx.AsyncClient(trust_env=False) as client:
        async with running([replace(shelf(), app=hang)]) as line:
            asking = asyncio.create_task(client.get(line["partners"]["p"]["url"], timeout=60))
            await entered.wait()
        assert ended.is_set()
        with contextlib.suppress(httpx.TransportError):
            assert (await asking).status_code == 500


async def test_a_failing_partner_is_a_recorded_500() -> None:
    async with frame() as f:
        assert (await f.client.put(f"{f.url}/v1/things/1", content=b"no json")).status_code == 500
        assert [e["status"] for e in await f.requests()] == [500]


PROGRAM = """
    import asyncio, json
    from starlette.applications import Starlette
    from starlette.routing import Route
    from connectors.sandbox.app import PartnerSandbox
    from connectors.sandbox.server import serve
    def fail(request):
        raise RuntimeError("told to nobody")
    app = Starlette(routes=[Route("/fail", fail)])
    partner = PartnerSandbox("p", app, lambda base: {"url": base}, lambda entity: {},
                             lambda entity, data: {}, lambda request: "")
    asyncio.run(serve([partner], ready=lambda line: print(json.dumps(line), flush=True)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send SIGTERM to a process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_process_silently_with_exit_0(number: signal.Signals) -> None:
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        with httpx.Client(trust_env=False) as client:
            assert client.get(line["partners"]["p"]["url"] + "/fail").status_code == 500
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "", "")
