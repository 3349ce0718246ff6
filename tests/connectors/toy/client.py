"""Speaks to the toy: it numbers its items itself, keeps our id as ``ref``, and makes a double of every create
that is sent twice. ``GET /items?after=NUMBER`` gives a page, ``?ref=ID`` the items with that reference.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import (
    ALL,
    Action,
    Capability,
    Change,
    EntityInfo,
    Event,
    Finding,
    Limits,
    Outcome,
    Page,
    Record,
    Result,
    Scope,
    Text,
    Value,
    Verdict,
)
from connectors.http import Params, Reply, open_http
from connectors.partner import Connection
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

ITEM = "item"
LIMITS = Limits(requests_per_second=100, burst=50, in_flight=3, documented=True)
FIELDS = ("title", "note", "count")


@dataclass(frozen=True, slots=True)
class ToyOptions:
    """The toy has no settings."""


class Toy:
    """A Connector for the one entity ``item``."""

    name = "toy"
    capabilities = frozenset({Capability.CREATE, Capability.UPDATE, Capability.DELETE})

    def __init__(self, connection: Connection) -> None:
        self._key = connection.secrets["key"]
        self._http = open_http(connection, LIMITS, "toy")

    def entities(self) -> tuple[EntityInfo, ...]:
        """Items only."""
        return (EntityInfo(ITEM),)

    def limits(self) -> Limits:
        """As documented."""
        return LIMITS

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def check(self) -> list[Finding]:
        """One call tells the rights; never raises Failure."""
        try:
            rights = _object(await self._send("GET", "/me")).get("rights", [])
        except Failure as failure:
            return [_finding(Verdict.FAIL, "not_connected", code=failure.problem.code)]
        missing = sorted({"read", "write"} - set(rights))
        return [
            _finding(Verdict.FAIL, "right_missing", right=missing[0])
            if missing
            else _finding(Verdict.OK, "connected")
        ]

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Stream pages in the order of their numbers; ``next`` is the last number. Raises Failure."""
        _known(entity)
        after: str | None = start or "0"
        while after is not None:
            body = _object(reply := await self._send("GET", "/items", params={"after": after}))
            items = [_record(reply, item) for item in body.get("items", ())]
            after = str(body["items"][-1]["number"]) if body.get("more") else None
            yield Page(items, after)

    async def get(self, entity: str, key: str) -> Record | None:
        """The item with the toy's own number. Raises Failure."""
        _known(entity)
        if not key.isascii() or not key.isdecimal():
            return None
        try:
            reply = await self._send("GET", f"/items/{key}")
        except Failure as failure:
            if failure.problem.trouble is Trouble.MISSING:
                return None
            raise
        return _record(reply, _object(reply))

    async def find(self, entity: str, external_id: str) -> Record | None:
        """The item that carries our id. Raises Failure."""
        _known(entity)
        found = await self._with_ref(external_id)
        return _record(*found) if found else None

    async def apply(self, change: Change) -> Outcome:
        """Send one change once: a create blindly, the rest to the number found for our id."""
        try:
            _known(change.entity)
            number = await self._write(change)
        except Failure as failure:
            return _outcome(change, _result(failure.problem), failure.problem)
        if number is None:
            if change.action is Action.DELETE:
                return _outcome(change, Result.ALREADY)
            gone = Problem("toy.not_there", Trouble.MISSING, Owner.CONSULTANT, where="/items")
            return _outcome(change, Result.REJECTED, gone)
        return _outcome(change, Result.DONE, remote_id=number)

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Side by side: the toy has no bulk call."""
        return list(await asyncio.gather(*map(self.apply, changes)))

    async def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        """Nothing is watched."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    async def _write(self, change: Change) -> str | None:
        """The number of the item written, None where there is none to write to. Raises Failure."""
        fields = {name: (change.after or {}).get(name) for name in FIELDS}
        if change.action is Action.CREATE:
            reply = await self._send("POST", "/items", json={"ref": change.id, **fields}, write=True)
            return str(_number(reply, _object(reply)))
        found = await self._with_ref(change.id)
        if found is None:
            return None
        number = _number(*found)
        if change.action is Action.DELETE:
            reply = await self._send("DELETE", f"/items/{number}", write=True)
        else:
            reply = await self._send("PUT", f"/items/{number}", json=fields, write=True)
        return str(_number(reply, _object(reply)))

    async def _with_ref(self, ref: str) -> tuple[Reply, dict[str, Any]] | None:
        reply = await self._send("GET", "/items", params={"ref": ref})
        items = _object(reply).get("items")
        if not isinstance(items, list):
            raise _bad(reply)
        return (reply, items[0]) if items else None

    async def _send(
        self, method: str, path: str, *, params: Params | None = None, json: Any = None, write: bool = False
    ) -> Reply:
        headers = {"X-Key": self._key}
        return await self._http.send(method, path, params=params, json=json, headers=headers, write=write)


def _known(entity: str) -> None:
    if entity != ITEM:
        raise Failure(Problem("toy.unknown_entity", Trouble.CONFIG, Owner.CONSULTANT, where=entity))


def _object(reply: Reply) -> dict[str, Any]:
    body = reply.json()
    if not isinstance(body, dict):
        raise _bad(reply)
    return body


def _number(reply: Reply, item: dict[str, Any]) -> int:
    number = item.get("number")
    if not isinstance(number, int):
        raise _bad(reply)
    return number


def _record(reply: Reply, item: dict[str, Any]) -> Record:
    ref = item.get("ref")
    if not isinstance(ref, str):
        raise _bad(reply)
    fields: dict[str, Value] = {name: item.get(name) for name in FIELDS}
    return Record(ITEM, ref, fields)


def _bad(reply: Reply) -> Failure:
    arrival = Arrival.PERHAPS if reply.write else Arrival.NEVER
    return Failure(
        Problem("toy.bad_answer", Trouble.PAYLOAD, Owner.PARTNER, arrival, reply.where, reply.status)
    )


def _result(problem: Problem) -> Result:
    if problem.arrival is Arrival.PERHAPS:
        return Result.UNKNOWN
    no = (Trouble.REJECTED, Trouble.CONFLICT, Trouble.MISSING)
    return Result.REJECTED if problem.trouble in no else Result.FAILED


def _outcome(
    change: Change, result: Result, problem: Problem | None = None, remote_id: str | None = None
) -> Outcome:
    return Outcome(change.entity, change.id, change.action, result, problem, remote_id)


def _finding(verdict: Verdict, why: str, **args: str) -> Finding:
    return Finding("toy.connection", (), verdict, Text(f"toy.{why}", args))
