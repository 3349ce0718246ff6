"""The one way out, against real servers on loopback: every way in which a call can end."""

from __future__ import annotations

import asyncio
import re
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from importlib import resources
from pathlib import Path

import pytest

from connectors import answers
from connectors.error_codes import machine_code
from connectors.http import Call, CallLog
from connectors.problems import Arrival, Failure, Problem, Trouble
from connectors.texts import LANGUAGES, meaning, todo
from tests.connectors.http_loopback import (
    CALM,
    QUICK,
    Answer,
    client,
    closed_port,
    problem_of,
    raw,
    reply,
    serving,
    silent,
)


async def test_an_answer_comes_back_with_status_headers_and_json() -> None:
    async with (
        serving(reply(200, b'\xef\xbb\xbf{"a":[1]}', X_Total="7")) as seen,
        client(seen.url) as (http, log),
    ):
        answer = await http.send(
            "GET", "/things", params={"limit": 5, "on": True, "none": None, "id": ["1", "2"]}
        )
    assert (answer.status, answer.json(), answer.headers["x-TOTAL"]) == (200, {"a": [1]}, "7")
    assert seen.requests[0].startswith(b"GET /things?limit=5&on=true&id=1&id=2 HTTP/1.1\r\n")
    (call,) = log.calls()
    assert (call.partner, call.method, call.path, call.status, call.problem) == (
        "testpartner",
        "GET",
        "/things",
        200,
        None,
    )
    assert call.bytes == len(answer.content)
    assert call.at.tzinfo is UTC


@pytest.mark.parametrize("path", ["/mieter/10%2F0042", "/a/../b", "/a/%2e%2e/./b", "/x%20y;v=1//z"])
async def test_a_path_arrives_exactly_as_given(path: str) -> None:
    async with serving(reply(200)) as seen, client(seen.url + "/base/") as (http, _):
        await http.send("GET", path)
    assert seen.requests[0].split(b" ")[1].decode() == "/base" + path


async def test_json_keeps_decimals_exact_and_forms_are_encoded() -> None:
    async with serving(reply(200)) as seen, client(seen.url) as (http, _):
        await http.send("PUT", "/r", json={"rent": Decimal("1234.50"), "name": "Grün"}, write=True)
        await http.send("POST", "/token", form={"user": "a b&c"}, auth=("me", "pw"))
    assert seen.requests[0].endswith('{"rent":1234.50,"name":"Grün"}'.encode())
    assert seen.requests[1].endswith(b"user=a+b%26c")
    assert b"authorization: basic bwu6chc=" in seen.requests[1].lower()


STATUSES = [
    (400, "http.rejected", Trouble.REJECTED, Arrival.NEVER),
    (401, "http.credentials", Trouble.CREDENTIALS, Arrival.NEVER),
    (403, "http.rights", Trouble.RIGHTS, Arrival.NEVER),
    (404, "http.missing", Trouble.MISSING, Arrival.NEVER),
    (409, "http.conflict", Trouble.CONFLICT, Arrival.NEVER),
    (410, "http.missing", Trouble.MISSING, Arrival.NEVER),
    (413, "http.too_large", Trouble.REJECTED, Arrival.NEVER),
    (418, "http.rejected", Trouble.REJECTED, Arrival.NEVER),
    (422, "http.rejected", Trouble.REJECTED, Arrival.NEVER),
    (429, "http.limit", Trouble.LIMIT, Arrival.NEVER),
    (500, "http.server_error", Trouble.UNAVAILABLE, Arrival.PERHAPS),
    (502, "http.server_error", Trouble.UNAVAILABLE, Arrival.PERHAPS),
    (503, "http.unavailable", Trouble.UNAVAILABLE, Arrival.NEVER),
    (504, "http.server_error", Trouble.UNAVAILABLE, Arrival.PERHAPS),
]


@pytest.mark.parametrize(("status", "code", "trouble", "arrival"), STATUSES)
async def test_each_status_has_its_class_and_tells_whether_a_write_may_have_arrived(
    status: int, code: str, trouble: Trouble, arrival: Arrival
) -> None:
    async with serving(reply(status)) as seen:
        problem = await problem_of(seen.url)
        reading = await problem_of(seen.url, method="GET", write=False, json=None)
    assert (problem.code, problem.trouble, problem.arrival, problem.status) == (
        code,
        trouble,
        arrival,
        status,
    )
    assert reading.arrival is Arrival.NEVER
    assert problem.where == f"POST {seen.url.removeprefix('http://')}/a"
    assert len(seen.requests) == 2, "it sends once"


async def test_a_redirect_is_a_matter_of_configuration_and_is_not_followed() -> None:
    async with serving(reply(302, Location="/elsewhere")) as seen:
        problem = await problem_of(seen.url)
    assert (problem.code, problem.trouble) == ("http.redirect", Trouble.CONFIG)
    assert len(seen.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_understood_as_seconds_and_as_a_date(status: int) -> None:
    wrong_clock = datetime(2020, 1, 1, tzinfo=UTC)
    now, later = (format_datetime(wrong_clock + timedelta(seconds=n)) for n in (0, 90))
    async with serving(reply(status, Retry_After="700")) as seen:
        assert (await problem_of(seen.url)).retry_after == 700
    async with serving(reply(status, Date=now, Retry_After=later)) as seen:
        assert (await problem_of(seen.url)).retry_after == 90


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "Mon, 99 Foo 2026", "1e999"])
def test_an_unusable_retry_after_counts_as_none(text: str) -> None:
    assert answers.retry_after({"retry-after": text}, datetime.now(UTC)) is None


def test_a_retry_after_in_the_past_means_at_once() -> None:
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    assert answers.retry_after({"retry-after": past}, datetime.now(UTC)) == 0
    assert answers.retry_after({"retry-after": "-5"}, datetime.now(UTC)) == 0


async def test_a_refused_connection_never_arrived() -> None:
    problem = await problem_of(f"http://127.0.0.1:{closed_port()}")
    assert (problem.code, problem.trouble, problem.arrival) == (
        "http.refused",
        Trouble.UNREACHABLE,
        Arrival.NEVER,
    )


async def test_an_unknown_host_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    problem = await problem_of("http://no-such-host.localhost")
    assert (problem.code, problem.arrival) == ("http.dns", Arrival.NEVER)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n"


async def _trickle(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    for _ in range(10):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.03)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (raw(b""), "http.cut"),
        (raw(HEAD + b'{"half":'), "http.truncated"),
        (raw(b"nonsense\r\n\r\n"), "http.cut"),
        (silent, "http.silent"),
        (_trickle, "http.deadline"),
    ],
)
async def test_a_write_whose_answer_is_lost_has_perhaps_arrived(answer: Answer, code: str) -> None:
    network = QUICK if answer in (silent, _trickle) else CALM
    async with serving(answer) as seen:
        problem = await problem_of(seen.url, network)
        reading = await problem_of(seen.url, network, method="GET", write=False, json=None)
    assert (problem.code, problem.trouble, problem.arrival) == (code, Trouble.UNREACHABLE, Arrival.PERHAPS)
    assert (reading.code, reading.arrival) == (code, Arrival.NEVER)


async def test_a_web_page_instead_of_data_is_an_unreadable_answer() -> None:
    async with serving(reply(200, b"<!DOCTYPE html><p>Log in", "text/html; charset=utf-8")) as seen:
        problem = await problem_of(seen.url)
    assert (problem.code, problem.trouble, problem.arrival) == (
        "http.html_answer",
        Trouble.PAYLOAD,
        Arrival.PERHAPS,
    )


@pytest.mark.parametrize("body", [b'{"a":', b"", b"NaN", b"\xff\xfe"])
async def test_broken_json_is_an_unreadable_answer(body: bytes) -> None:
    async with serving(reply(200, body)) as seen, client(seen.url) as (http, _):
        answer = await http.send("POST", "/a", json={}, write=True)
        with pytest.raises(Failure) as caught:
            answer.json()
    problem = caught.value.problem
    assert (problem.code, problem.trouble, problem.arrival) == (
        "http.not_json",
        Trouble.PAYLOAD,
        Arrival.PERHAPS,
    )
    assert problem.where.endswith("/a")


async def test_a_badly_compressed_answer_is_an_unreadable_answer() -> None:
    async with serving(reply(200, b"no gzip", Content_Encoding="gzip")) as seen:
        problem = await problem_of(seen.url)
    assert (problem.code, problem.trouble) == ("http.encoding", Trouble.PAYLOAD)


@pytest.mark.parametrize("secret", ["zwei\nZeilen", "Schlüssel-für-alle"])
async def test_a_header_that_http_cannot_carry_is_named_without_showing_it(secret: str) -> None:
    async with serving(reply(200)) as seen:
        problem = await problem_of(seen.url, headers={"X-Api-Key": secret})
    assert (problem.code, problem.trouble, problem.arrival) == ("http.request", Trouble.CONFIG, Arrival.NEVER)
    assert not seen.requests
    assert secret not in repr(problem)


@pytest.mark.parametrize("url", ["", "host.example.org", "ftp://127.0.0.1", "http://", "http://[::1"])
async def test_an_unusable_address_is_a_matter_of_configuration(url: str) -> None:
    async with client(url) as (http, _):
        with pytest.raises(Failure) as caught:
            await http.send("GET", "/")
    assert (caught.value.problem.code, caught.value.problem.trouble) == ("http.url", Trouble.CONFIG)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"code":"quota.exceeded"}', "quota.exceeded"),
        (b'{"error":{"code":4021,"message":"x"}}', "4021"),
        (b'{"error":"QUERY_LIMIT_EXCEEDED","message":"Max Muster"}', "QUERY_LIMIT_EXCEEDED"),
        (b'{"message":"NOT_ALLOWED"}', "NOT_ALLOWED"),
        (b'{"message":"Mieter Max Muster existiert"}', ""),
        (b'{"message":"Muster"}', ""),
        (b'{"message":"max_muster"}', ""),
        (b'{"message":"Max.Muster"}', ""),
        (b'{"message":"MUSTER"}', ""),
        (b'{"code":"Erika"}', ""),
        (b'{"code":"Grant"}', ""),
        (b'{"code":"10/4711/8150"}', ""),
        (b'{"code":12345}', ""),
        (b'{"error":"user_Muster"}', ""),
        (b'{"error":{"code":"erika@example.org"}}', ""),
        (b'{"error":"expired_token","error_description":"Erika Muster"}', "expired_token"),
        (b'{"error":{"code":"invalidGrant"}}', "invalidGrant"),
        (b'{"error":{"code":"status_422"}}', "status_422"),
        (b'{"error":"forbidden"}', "forbidden"),
        (b'{"error":"Muster-Petersen"}', ""),
        (b'{"name":"Muster"}', ""),
        (b"<html>Muster</html>", ""),
        (b'["Muster"]', ""),
        (b'{"code":true}', ""),
    ],
)
async def test_of_an_error_body_only_a_machine_code_is_kept(body: bytes, shown: str) -> None:
    async with serving(reply(422, body)) as seen:
        problem = await problem_of(seen.url, json={"name": "Muster-Petersen"})
    assert problem.excerpt == shown


def test_the_call_log_forgets_the_oldest_and_tells_its_subscriber() -> None:
    heard: list[Call] = []
    log = CallLog(size=3, on_call=heard.append)
    calls = [Call(datetime.now(UTC), "p", "GET", f"/{n}", 200, 1.0, 0) for n in range(5)]
    for call in calls:
        log.add(call)
    assert list(log.calls()) == calls[2:]
    assert heard == calls
    assert log.total == 5


def every_code() -> set[str]:
    """All codes that this part of the program can raise."""
    tables = [*answers.STATUS.values(), *answers.CLASSES.values(), *answers.NETWORK.values()]
    rules = [
        *tables,
        *answers.CERTIFICATE.values(),
        *(r for r in vars(answers).values() if isinstance(r, answers.Rule)),
    ]
    return {r.code for r in rules} | {f"http.{c}" for c in ("ca", "proxy_url", "held", "limits_file")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_its_sentence_and_its_remedy(language: str) -> None:
    table = tomllib.loads(resources.files("connectors").joinpath("texts.toml").read_text(encoding="utf-8"))[
        "http"
    ]
    assert {f"http.{code}" for code in table} == every_code() | {"http.cancelled"}
    for code in every_code():
        rule = Problem(code, Trouble.CONFIG, answers.TLS.owner, where="GET host/a", status=400, retry_after=2)
        assert meaning(rule, language)
        assert todo(rule, language)


def test_every_code_that_our_doubles_answer_passes_and_no_name_that_looks_like_one() -> None:
    codes = {
        code
        for file in (Path(answers.__file__).parent).glob("*/sandbox*.py")
        for code in re.findall(r'Refusal\(\s*\d+, "([a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert {"missing_field", "invalid_credentials"} <= codes
    assert [code for code in sorted(codes) if machine_code(code) != code] == []
    names = (
        "max_muster",
        "Max.Muster",
        "MaxMuster",
        "MUSTER",
        "Grant",
        "user_Muster",
        "PAGE",
        "10115 Berlin",
    )
    assert [name for name in names if machine_code(name)] == []
