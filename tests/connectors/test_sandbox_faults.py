"""Injected faults on the wire, as a client meets them over real loopback HTTP."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parsedate_to_datetime

import httpx
import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from tests.connectors.sandbox_kit import ENCODED, ID, frame, put_bytes, raw, shelf


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
