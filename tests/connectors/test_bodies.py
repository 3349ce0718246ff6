"""What a server sends decides nothing about memory: an answer has a bound, packed or not."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from contextlib import suppress

import pytest

from connectors.bodies import announced
from connectors.http import Network
from connectors.problems import Arrival, Trouble
from tests.connectors.http_loopback import client, problem_of, raw, reply, serving

MIB = 1024 * 1024
SMALL = Network(timeout=10, deadline=20, largest=MIB)
OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


async def _endless(writer: asyncio.StreamWriter) -> None:
    """Up to a gigabyte, as long as somebody reads."""
    writer.write(OPEN)
    piece = b" " * MIB
    with suppress(ConnectionError):
        for _ in range(1024):
            writer.write(piece)
            await writer.drain()


@pytest.mark.parametrize("status", [200, 500])
async def test_an_answer_without_end_is_a_problem_and_not_in_memory(status: int) -> None:
    tracemalloc.start()
    try:
        async with serving(_endless) as seen:
            seen.answer = _endless if status == 200 else _broken
            problem = await problem_of(seen.url, SMALL)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (problem.code, problem.trouble) == ("http.answer_too_large", Trouble.PAYLOAD)
    assert problem.arrival is Arrival.PERHAPS
    assert most < 16 * MIB


async def _broken(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 X\r\n\r\n")
    with suppress(ConnectionError):
        for _ in range(1024):
            writer.write(b" " * MIB)
            await writer.drain()


async def test_what_announces_too_much_is_not_read_at_all() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"
    async with serving(raw(head)) as seen:
        problem = await problem_of(seen.url, SMALL, method="GET", write=False, json=None)
    assert (problem.code, problem.arrival) == ("http.answer_too_large", Arrival.NEVER)


async def test_packed_bytes_count_unpacked() -> None:
    packed = gzip.compress(b" " * (4 * MIB))
    assert len(packed) < MIB / 100
    async with serving(reply(200, packed, Content_Encoding="gzip")) as seen:
        problem = await problem_of(seen.url, SMALL)
    assert problem.code == "http.answer_too_large"


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "zstd", "compress"])
async def test_layers_of_packing_and_kinds_nobody_asked_for_are_refused(packing: str) -> None:
    body = gzip.compress(gzip.compress(b" " * MIB))
    async with serving(reply(200, body, Content_Encoding=packing)) as seen:
        problem = await problem_of(seen.url, SMALL)
        assert b"accept-encoding: gzip\r\n" in seen.requests[0].lower()
    assert (problem.code, problem.trouble) == ("http.encoding", Trouble.PAYLOAD)


async def test_an_answer_of_exactly_the_bound_is_whole() -> None:
    body = b'"' + b"x" * (MIB - 2) + b'"'
    async with serving(reply(200, body)) as seen, client(seen.url, SMALL) as (http, log):
        answer = await http.send("GET", "/")
    assert answer.content == body
    assert log.calls()[0].bytes == MIB


@pytest.mark.parametrize("told", ["", "-1", "many", "²", "9" * 40])
def test_a_length_that_says_nothing_usable_counts_as_none(told: str) -> None:
    assert announced({"content-length": told}) == 0
