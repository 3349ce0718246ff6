"""The frame of all partner sandboxes over real loopback HTTP: requests, rate and control."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault
from connectors.sandbox.rate import Buckets
from connectors.sandbox.traffic import RequestLog
from tests.connectors.sandbox_kit import ENCODED, ID, frame

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
