"""The frame of all partner sandboxes over real loopback HTTP, with a tiny partner."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.app import PartnerSandbox, body, form, raw_path
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, rejects, rewrite
from connectors.sandbox.rate import Buckets
from connectors.sandbox.server import running, serve
from connectors.sandbox.traffic import RequestLog

ID = "001/12 ä"
ENCODED = quote(ID, safe="")


def shelf(key: str = "p", rate: tuple[float, int] | None = None) -> PartnerSandbox:
    """A partner that keeps things by id."""
    things: dict[str, Any] = {}

    async def put(request: Request) -> Response:
        id_ = unquote(request.path_params["id"])
        things[id_] = rewrite(request, await request.json())
        return JSONResponse({"id": id_, "raw": raw_path(request)}, 201)

    async def get(request: Request) -> Response:
        id_ = unquote(request.path_params["id"])
        return JSONResponse(things[id_]) if id_ in things else JSONResponse({"error": "unknown"}, 404)

    async def bulk(request: Request) -> Response:
        ids = json.loads(body(request))
        return JSONResponse({id_: not rejects(request, id_) for id_ in ids})

    async def login(request: Request) -> Response:
        return JSONResponse({"user": form(request)["username"]})

    def state(entity: str | None) -> Any:
        return {"things": things} if entity is None else {"things": things}[entity]

    def act(entity: str, data: dict[str, Any]) -> Any:
        if entity != "things":
            raise KeyError(entity)
        things[str(data["id"])] = data
        return {"id": data["id"], "on": datetime(2026, 1, 2, tzinfo=UTC).date()}

    routes = [
        Route("/v1/things/{id}", put, methods=["PUT"]),
        Route("/v1/things/{id}", get),
        Route("/v1/bulk", bulk, methods=["POST"]),
        Route("/v1/login", login, methods=["POST"]),
    ]
    return PartnerSandbox(
        key=key,
        app=Starlette(routes=routes),
        ready=lambda base: {"url": base},
        state=state,
        act=act,
        account=lambda request: request.headers.get("x-account", ""),
        rate=rate,
    )


class Frame:
    """A running frame with one partner "p", seen from a client."""

    def __init__(self, line: dict[str, Any], client: httpx.AsyncClient) -> None:
        self.line = line
        self.client = client
        self.url = line["partners"]["p"]["url"]
        self.control = line["control"]

    async def put(self, id_: str = "1", value: Any = None) -> httpx.Response:
        return await self.client.put(f"{self.url}/v1/things/{quote(id_, safe='')}", json=value or {"a": 1})

    async def fault(self, spec: str) -> str:
        answer = await self.client.post(f"{self.control}/faults", json=Fault.parse(spec).to_json())
        assert answer.status_code == 200, answer.text
        key: str = answer.json()["id"]
        return key

    async def things(self) -> Any:
        return (await self.client.get(f"{self.control}/state/p/things")).json()

    async def requests(self, **query: Any) -> Any:
        return (await self.client.get(f"{self.control}/requests/p", params=query)).json()


@contextlib.asynccontextmanager
async def frame(rate: tuple[float, int] | None = None, **how: Any) -> AsyncIterator[Frame]:
    async with running([shelf(rate=rate)], **how) as line:
        verify: Any = ssl.create_default_context(cafile=line["ca"]) if "ca" in line else False
        async with httpx.AsyncClient(trust_env=False, verify=verify, timeout=10) as client:
            yield Frame(line, client)


async def raw(url: str, request: bytes) -> bytes:
    """Everything a server sends back before it ends the connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def put_bytes(id_: str = "1") -> bytes:
    content = b'{"a": 1}'
    head = f"PUT /v1/things/{id_} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


# --- requests reach the partner ---


async def test_an_id_with_an_encoded_slash_reaches_its_route_undamaged() -> None:
    async with frame() as f:
        answer = await f.put(ID)
        assert answer.json() == {"id": ID, "raw": f"/v1/things/{ENCODED}"}
        assert (await f.client.get(f"{f.url}/v1/things/{ENCODED}")).json() == {"a": 1}
        assert await f.things() == {ID: {"a": 1}}


async def test_requests_are_recorded_with_method_path_body_and_status() -> None:
    async with frame() as f:
        await f.put(ID, {"name": "N"})
        await f.client.get(f"{f.url}/v1/nothing", params={"page": 2})
        first, second = await f.requests()
        assert (first["method"], first["path"], first["body"], first["status"], first["fault"]) == (
            "PUT",
            f"/v1/things/{ENCODED}",
            {"name": "N"},
            201,
            None,
        )
        assert (second["path"], second["query"], second["body"], second["status"]) == (
            "/v1/nothing",
            "page=2",
            None,
            404,
        )


async def test_no_secret_is_recorded_wherever_it_stood() -> None:
    async with frame() as f:
        await f.client.post(f"{f.url}/v1/login", data={"username": "u", "password": "CANARY"})
        await f.client.put(
            f"{f.url}/v1/things/1",
            params={"apiKey": "CANARY"},
            json={"deep": [{"client_secret": "CANARY", "refresh_token": "CANARY"}]},
            headers={"Authorization": "Bearer CANARY"},
        )
        answer = await f.client.get(f"{f.control}/requests/p")
        assert "CANARY" not in answer.text
        assert answer.json()[0]["body"] == {"username": "u", "password": "***"}
        assert answer.json()[1]["body"] == {"deep": [{"client_secret": "***", "refresh_token": "***"}]}


async def test_large_and_unreadable_bodies_are_passed_on_and_not_remembered() -> None:
    async with frame() as f:
        await f.put("1", {"text": "x" * 300_000})
        await f.client.post(
            f"{f.url}/v1/login", content=b"username=u", headers={"content-type": "text/plain"}
        )
        assert [(entry["body"], entry["size"] > 9) for entry in await f.requests()] == [(None, True)] * 2
        assert len((await f.things())["1"]["text"]) == 300_000


async def test_requests_can_be_narrowed_counted_and_forgotten() -> None:
    async with frame() as f:
        for id_ in ("1", "2", ID):
            await f.put(id_)
        await f.client.get(f"{f.url}/v1/things/2")
        assert [e["method"] for e in await f.requests(method="get")] == ["GET"]
        assert [e["path"] for e in await f.requests(path="/v1/things/2", since=2)] == ["/v1/things/2"]
        counted = await f.requests(count=1, method="PUT", path="/v1/things/*")
        assert (counted["count"], counted["last"]) == (3, 4)
        assert {"method": "PUT", "path": "/v1/things/{id}", "status": 201, "count": 3} in counted["by"]
        await f.client.delete(f"{f.control}/requests/p")
        assert await f.requests() == []
        assert await f.requests(count=1) == {"count": 0, "last": 4, "by": []}


def test_counters_stay_exact_when_the_oldest_requests_are_dropped() -> None:
    log = RequestLog(most=10)
    for number in range(100):
        scope: dict[str, Any] = {
            "method": "PUT" if number % 2 else "GET",
            "raw_path": b"/v1/things/%d" % number,
            "query_string": b"",
            "headers": [],
        }
        log.add(datetime.now(UTC), scope, "/v1/things/{id}", b"", 200, None)
    assert len(list(log.entries())) == 10
    assert log.count(method="PUT") == 50
    assert log.count(path="/v1/things/*") == 100
    assert log.count(since=95) == 5


# --- faults on the wire ---


@pytest.mark.parametrize("status", ["401", "403", "429", "500", "503"])
async def test_a_status_fault_answers_in_the_partners_place_and_nothing_happens(status: str) -> None:
    async with frame(faults=[Fault.parse(f"p:{status},retry_after=700,after=1,count=1")]) as f:
        answers = [await f.put(id_) for id_ in ("1", "2", "3")]
        assert [answer.status_code for answer in answers] == [201, int(status), 201]
        assert answers[1].headers["retry-after"] == "700"
        assert sorted(await f.things()) == ["1", "3"]
        spoilt = (await f.requests())[1]
        assert (spoilt["status"], spoilt["fault"], spoilt["body"]) == (int(status), status, {"a": 1})


async def test_retry_after_can_be_a_date_of_the_partners_clock_or_absent() -> None:
    async with frame() as f:
        await f.client.post(f"{f.control}/clock", json={"advance_s": 3600})
        await f.fault("p:429,retry_after=120,as_date=yes,count=1")
        dated = await f.put()
        until = parsedate_to_datetime(dated.headers["retry-after"])
        assert 119 <= (until - parsedate_to_datetime(dated.headers["date"])).total_seconds() <= 121
        await f.fault("p:429")
        assert "retry-after" not in (await f.put()).headers


async def test_a_status_fault_may_show_after_the_request_took_effect() -> None:
    async with frame(faults=[Fault.parse("p:500,processed=yes")]) as f:
        assert (await f.put()).status_code == 500
        assert sorted(await f.things()) == ["1"]


async def test_cut_ends_the_connection_without_a_byte_and_without_effect() -> None:
    async with frame(faults=[Fault.parse("p:cut")]) as f:
        assert await raw(f.url, put_bytes()) == b""
        with pytest.raises(httpx.TransportError):
            await f.put()
        assert await f.things() == {}
        assert [(e["status"], e["fault"]) for e in await f.requests()] == [(None, "cut")] * 2


async def test_cut_after_takes_effect_and_then_ends_without_a_byte() -> None:
    async with frame(faults=[Fault.parse("p:cut-after,count=1")]) as f:
        assert await raw(f.url, put_bytes("1%2F2")) == b""
        assert await f.things() == {"1/2": {"a": 1}}
        assert [(e["status"], e["fault"]) for e in await f.requests()] == [(201, "cut-after")]
        assert (await f.put()).status_code == 201


async def test_truncate_announces_more_than_it_sends() -> None:
    async with frame(faults=[Fault.parse("p:truncate")]) as f:
        head, _, content = (await raw(f.url, put_bytes())).partition(b"\r\n\r\n")
        announced = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        assert int(announced.split(b":")[1]) > len(content) > 0
        assert head.startswith(b"HTTP/1.1 201")
        with pytest.raises(httpx.RemoteProtocolError):
            await f.put()
        assert sorted(await f.things()) == ["1"]


async def test_truncate_cuts_a_large_answer_at_the_given_byte() -> None:
    async with frame() as f:
        await f.put("1", {"text": "x" * 9_000_000})
        await f.fault("p:truncate,bytes=8000000,method=GET")
        answer = await raw(f.url, b"GET /v1/things/1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(answer.partition(b"\r\n\r\n")[2]) == 8_000_000


async def test_a_slow_answer_comes_too_late_and_the_request_took_effect() -> None:
    async with frame(faults=[Fault.parse("p:slow,delay=3600,count=1")]) as f:
        with pytest.raises(httpx.ReadTimeout):
            await f.client.put(f"{f.url}/v1/things/1", json={"a": 1}, timeout=0.1)
        assert sorted(await f.things()) == ["1"]
        assert [(e["status"], e["fault"]) for e in await f.requests()] == [(201, "slow")]


async def test_a_slow_answer_arrives_whole_when_one_waits() -> None:
    async with frame(faults=[Fault.parse("p:slow,delay=0.01,trickle=0.0001")]) as f:
        answer = await f.put()
        assert (answer.status_code, answer.json()["id"]) == (201, "1")


async def test_malformed_is_200_with_json_that_nobody_can_read() -> None:
    async with frame(faults=[Fault.parse("p:malformed")]) as f:
        answer = await f.put()
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        with pytest.raises(ValueError, match="line"):
            answer.json()
        assert await f.things() == {}


async def test_html_is_a_page_with_200_or_the_status_asked_for() -> None:
    async with frame(faults=[Fault.parse("p:html,count=1"), Fault.parse("p:html,status=502")]) as f:
        answers = [await f.put(), await f.put()]
        assert [answer.status_code for answer in answers] == [200, 502]
        assert all(answer.headers["content-type"].startswith("text/html") for answer in answers)
        assert "<html>" in answers[0].text


async def test_reject_refuses_the_ids_of_its_glob_only() -> None:
    async with frame(faults=[Fault.parse("p:reject,id=001/*")]) as f:
        assert [(await f.put(id_)).status_code for id_ in (ID, "2")] == [422, 201]
        assert (await f.client.get(f"{f.url}/v1/things/{ENCODED}")).status_code == 404
        bulk = await f.client.post(f"{f.url}/v1/bulk", json=["001/9", "2"])
        assert bulk.json() == {"001/9": False, "2": True}


async def test_rewrite_stores_another_value_and_says_nothing() -> None:
    async with frame(faults=[Fault.parse("p:rewrite,field=phone,value=0")]) as f:
        assert (await f.put("1", {"phone": "1", "name": "N"})).status_code == 201
        assert await f.things() == {"1": {"phone": "0", "name": "N"}}


async def test_an_injected_error_speaks_the_partners_own_words() -> None:
    worded = replace(shelf(), error_body=lambda status, message: {"code": status, "text": message})
    async with running([worded], faults=[Fault.parse("p:503")]) as line, httpx.AsyncClient() as client:
        answer = await client.get(line["partners"]["p"]["url"])
        assert answer.json() == {"code": 503, "text": "injected fault"}


# --- the rate ---


def test_a_bucket_grants_its_burst_and_then_its_rate() -> None:
    now = 0.0
    buckets = Buckets(lambda: now)
    assert [buckets.take("a", 2, 3) for _ in range(4)] == [0, 0, 0, 0.5]
    now = 0.5
    assert [buckets.take("a", 2, 3) for _ in range(2)] == [0, 0.5]
    now = 100.0
    assert [buckets.take("a", 2, 3) > 0 for _ in range(4)] == [False, False, False, True]


async def test_the_rate_holds_per_account_and_says_when_to_come_back() -> None:
    async with frame(rate=(0.001, 2)) as f:

        async def ask(account: str) -> httpx.Response:
            return await f.client.get(f"{f.url}/v1/things/1", headers={"x-account": account})

        answers = [await ask("a") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert 990 <= int(answers[2].headers["retry-after"]) <= 1000
        assert (await ask("b")).status_code == 404
        assert {(await ask("")).status_code for _ in range(5)} == {404}
        await f.client.post(f"{f.control}/clock", json={"advance_s": 86_400})
        assert (await ask("a")).status_code == 429


async def test_a_rate_fault_overrides_the_partners_rate() -> None:
    async with frame(faults=[Fault.parse("p:rate,per_second=0.01,burst=1")]) as f:
        headers = {"x-account": "a"}
        codes = [(await f.client.get(f"{f.url}/v1/things/1", headers=headers)).status_code for _ in range(2)]
        assert codes == [404, 429]
        await f.client.delete(f"{f.control}/faults")
        assert (await f.client.get(f"{f.url}/v1/things/1", headers=headers)).status_code == 404


# --- the control API ---


async def test_control_shows_state_and_acts_as_the_partners_people() -> None:
    async with frame() as f:
        answer = await f.client.post(f"{f.control}/objects/p/things", json={"id": "7"})
        assert answer.json() == {"id": "7", "on": "2026-01-02"}
        assert (await f.client.get(f"{f.control}/state/p")).json() == {"things": {"7": {"id": "7"}}}


async def test_faults_can_be_armed_in_one_go_listed_and_removed() -> None:
    async with frame() as f:
        specs = [Fault.parse("p:500,count=1"), Fault.parse("p:503")]
        first, second = (
            await f.client.post(f"{f.control}/faults", json=[s.to_json() for s in specs])
        ).json()["ids"]
        await f.put()
        listed = {item["id"]: item for item in (await f.client.get(f"{f.control}/faults")).json()}
        assert (listed[first]["seen"], listed[first]["shown"], listed[second]["shown"]) == (1, 1, 0)
        assert (await f.client.delete(f"{f.control}/faults/{second}")).status_code == 204
        assert (await f.put()).status_code == 201


async def test_a_list_with_one_bad_fault_arms_none() -> None:
    async with frame() as f:
        answer = await f.client.post(
            f"{f.control}/faults", json=[{"partner": "p", "kind": "500"}, {"partner": "q", "kind": "500"}]
        )
        assert (answer.status_code, "unknown partner" in answer.json()["error"]) == (400, True)
        assert (await f.client.get(f"{f.control}/faults")).json() == []


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/state/q", b"", 404),
        ("GET", "/state/p/nothing", b"", 404),
        ("POST", "/objects/q/things", b"{}", 404),
        ("POST", "/objects/p/nothing", b"{}", 404),
        ("POST", "/objects/p/things", b"[]", 400),
        ("POST", "/objects/p/things", b"{", 400),
        ("POST", "/faults", b"", 400),
        ("POST", "/faults", b"\xff\xfe", 400),
        ("POST", "/faults", b"[" * 100_000, 400),
        ("POST", "/faults", b'{"partner": "p", "kind": "\\ud800"}', 400),
        ("POST", "/faults", b'{"partner": "p", "kind": ["429"]}', 400),
        ("DELETE", "/faults/f9", b"", 404),
        ("POST", "/clock", b'{"advance_s": -1}', 400),
        ("POST", "/clock", b'{"advance_s": NaN}', 400),
        ("POST", "/clock", b'{"advance_s": 1e999}', 400),
        ("POST", "/clock", b'{"advance_s": 1' + b"0" * 400 + b"}", 400),
        ("POST", "/clock", b'{"advance_s": true}', 400),
        ("POST", "/clock", b"[]", 400),
        ("GET", "/requests/q", b"", 404),
        ("GET", "/requests/p?since=x", b"", 400),
        ("GET", "/requests/p?status=x", b"", 400),
        ("PUT", "/clock", b"", 405),
        ("GET", "/", b"", 404),
    ],
)
async def test_control_refuses_with_an_error_in_json(
    method: str, path: str, content: bytes, status: int
) -> None:
    async with frame() as f:
        answer = await f.client.request(method, f.control + path, content=content)
        assert answer.status_code == status
        assert answer.json()["error"]


async def test_the_clock_moves_forward_for_everybody() -> None:
    clock = Clock()
    async with frame(clock=clock) as f:
        before = clock.monotonic()
        answer = await f.client.post(f"{f.control}/clock", json={"advance_s": 3600})
        assert answer.json()["advanced_s"] == 3600
        assert clock.monotonic() - before >= 3600
        assert (clock.now() - datetime.now(UTC)).total_seconds() == pytest.approx(3600, abs=5)


# --- serving ---


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
