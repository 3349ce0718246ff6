"""The doubles of Bots4You's and Immomio's tickets: people act by the control API, calls are counted."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from connectors.bots4you.sandbox import bots4you_sandbox
from connectors.immomio.sandbox import immomio_sandbox
from connectors.immomio.sandbox_attachments import BLOCK, Attachment
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running

MAKERS: dict[str, Callable[[Clock], PartnerSandbox]] = {
    "bots4you": bots4you_sandbox,
    "immomio": immomio_sandbox,
}
BOTH = pytest.mark.parametrize("key", sorted(MAKERS))


@asynccontextmanager
async def controlled(key: str) -> AsyncIterator[tuple[PartnerSandbox, httpx.AsyncClient]]:
    """A double and a client of its control API."""
    clock = Clock()
    made = MAKERS[key](clock)
    async with (
        running([made], clock=clock) as line,
        httpx.AsyncClient(base_url=line["control"], trust_env=False, verify=False) as client,
    ):
        yield made, client


@BOTH
async def test_people_act_by_the_control_api_and_what_cannot_be_is_refused(key: str) -> None:
    async with controlled(key) as (_made, client):
        place = f"/objects/{key}/ticket"
        assert (await client.get(f"/state/{key}/ticket")).json() == []
        told = (await client.post(place, json={"kind": KINDS[key]})).json()
        id_ = told["ticketId"]
        assert told["subject"]
        for body, status in (
            ({"id": id_, "do": "withdraw"}, 200),
            ({"id": "nobody", "do": "withdraw"}, 404),
            ({"id": id_, "do": "dance"}, 400),
            ({"kind": "PARTY"}, 400),
            ({"colour": "red"}, 400),
            ({"subject": 7}, 400),
            ({"count": 0}, 400),
            ({"id": id_, "do": "withhold", "count": "x"}, 400),
            ({"id": id_, "do": "delete"}, 200),
            ({"id": id_, "do": "reopen"}, 400),
        ):
            assert (await client.post(place, json=body)).status_code == status, body
        assert (await client.get(f"/state/{key}/ticket")).json() == []
        arrived = (await client.get(f"/state/{key}/ticket_arrivals")).json()
        assert arrived["tickets"][id_]["statuses"] == []
        assert arrived["creates"] == {}
        await client.post(f"/objects/{key}/reset", json={})
        assert (await client.get(f"/state/{key}/ticket_arrivals")).json()["tickets"] == {}


KINDS = {"bots4you": "ANLIEGEN", "immomio": "REQUEST"}


@BOTH
def test_each_change_is_later_than_all_before_though_the_clock_stands(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    made = MAKERS[key](clock)
    ids = made.act("ticket", {"count": 5})
    changed = []
    for id_ in (*ids, *reversed(ids)):
        changed.append(made.act("ticket", {"id": id_, "do": "withdraw"})["changedAt"])
    assert changed == sorted(set(changed))
    assert changed[0] > now.isoformat(timespec="microseconds")


@BOTH
def test_there_are_no_tickets_unless_somebody_makes_some_and_the_same_ones_each_time(key: str) -> None:
    first, second = (MAKERS[key](Clock()) for _ in range(2))
    assert first.state("ticket") == []
    for made in (first, second):
        made.act("ticket", {"count": 3})
    both = [[(t["ticketId"], t["subject"]) for t in made.state("ticket")] for made in (first, second)]
    assert both[0] == both[1]


def test_a_made_up_file_has_the_same_bytes_in_whatever_parts_it_is_read() -> None:
    file = Attachment("F1", "a", 3 * BLOCK + 17)
    whole = file.part(0, file.size)
    assert len(whole) == file.size
    assert file.md5 == hashlib.md5(whole).hexdigest()
    parts = ((0, 0), (BLOCK - 1, BLOCK), (5, 2 * BLOCK), (3 * BLOCK, 9 * BLOCK), (1, file.size - 1))
    for first, last in parts:
        assert file.part(first, last) == whole[first : last + 1]
    assert Attachment("F2", "a", file.size).md5 != file.md5


@pytest.mark.parametrize(
    "wrong",
    [None, {}, {"name": ""}, {"name": "a"}, {"name": "a", "size": -1}, {"name": "a", "size": True}, "a",
     {"name": "a", "base64": "?"}, {"name": "a", "size": 1 << 50}],
)  # fmt: skip
def test_an_attachment_that_cannot_be_leaves_no_ticket_behind(wrong: Any) -> None:
    made = immomio_sandbox(Clock())
    with pytest.raises((ValueError, TypeError)):
        made.act("ticket", {"attachments": [wrong]})
    assert made.state("ticket") == []
