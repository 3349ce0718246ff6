"""Speaks to Bots4You. The whole wire form in here is assumed (see README.md): when the real reference is on
the table, this is the file to change.

Basic auth. ``GET /api/v1/me`` tells account and rights. Tenants and ticket categories each have a list sorted
by their id (``?page=1&pageSize=100``), and ``GET``, ``PUT`` (upsert of the whole record), ``DELETE`` by id;
tenants also ``POST .../bulk`` (at most 500, upsert), answered per record in order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors import answers
from connectors.bots4you.mapping import TENANT, TENANT_MAPPING, TICKET_CATEGORY, TICKET_CATEGORY_MAPPING
from connectors.contract import (
    ALL,
    Action,
    Capability,
    Change,
    EntityInfo,
    EntityMapping,
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
from connectors.http import Http, Reply, open_http
from connectors.numbered import numbered
from connectors.outcomes import outcome, refused
from connectors.partner import Connection
from connectors.payload import Node, bad_payload
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.redaction import mask_secrets

ME = "/api/v1/me"
PAGE_SIZE = 100
BULK = 500
BAD_PAYLOAD = "bots4you.bad_payload"
RIGHTS = {
    "master-data": ("tenants:read", "tenants:write"),
    "ticket-categories": ("ticket-categories:read", "ticket-categories:write"),
}
"""What each use case needs of the account; tickets have rights of their own."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an entity lives and what its records are made of; JSON names equal the mapping's."""

    path: str
    id: str
    mapping: EntityMapping
    bulk: bool = False


ENDPOINTS: Mapping[str, Endpoint] = {
    TENANT: Endpoint("/api/v1/tenants", "externalId", TENANT_MAPPING, bulk=True),
    TICKET_CATEGORY: Endpoint("/api/v1/ticket-categories", "categoryId", TICKET_CATEGORY_MAPPING),
}


@dataclass(frozen=True, slots=True)
class Bots4YouOptions:
    """Settings of the connection. The limits are our assumption; the vendor may grant others.

    Raises ValueError("field: what is wrong").
    """

    bulk: bool = True
    requests_per_second: float = 20.0
    burst: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.requests_per_second <= 1000:
            raise ValueError("requests_per_second: more than 0, at most 1000")
        if not 1 <= self.burst <= 1000:
            raise ValueError("burst: from 1 to 1000")

    @property
    def limits(self) -> Limits:
        """The limits to keep."""
        return Limits(self.requests_per_second, self.burst, bulk=BULK if self.bulk else 1, documented=False)


class Bots4You:
    """A Connector for the entities ``tenant`` and ``ticket_category``."""

    name = "bots4you"

    def __init__(
        self,
        http: Http,
        username: str,
        password: str,
        options: Bots4YouOptions,
        used: frozenset[str] | None = None,
    ) -> None:
        self._http = http
        self._auth = (username, password)
        self._options = options
        self._rights = [right for key, of in RIGHTS.items() if used is None or key in used for right in of]

    @property
    def capabilities(self) -> frozenset[Capability]:
        """No WATCH: neither entity is changed by anybody but us."""
        can = {Capability.CREATE, Capability.UPDATE, Capability.DELETE, Capability.TICKET_CATEGORIES}
        return frozenset(can | {Capability.BULK} if self._options.bulk else can)

    def entities(self) -> tuple[EntityInfo, ...]:
        """Tenants and ticket categories."""
        return tuple(map(EntityInfo, ENDPOINTS))

    def limits(self) -> Limits:
        """The configured limits; Bots4You documents none."""
        return self._options.limits

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def check(self) -> list[Finding]:
        """Tell wrong credentials from unreachable host from missing right (rule B1); never raises Failure."""
        try:
            me = Node.of(await self._send("GET", ME), BAD_PAYLOAD)
            account, rights, bulk = me.get("account", str), me.texts("rights"), me.get("bulk", bool)
            account = mask_secrets(account, self._auth)  # it may be called like its user name
        except Failure as failure:
            why = _CONNECTION.get(failure.problem.trouble, "connection_failed")
            return [_connection(Verdict.FAIL, why, code=failure.problem.code)]
        if missing := [right for right in self._rights if right not in rights]:
            return [_connection(Verdict.FAIL, "connection_right", account=account, rights=", ".join(missing))]
        if self._options.bulk and not bulk:
            return [_connection(Verdict.WARN, "connection_no_bulk", account=account)]
        return [_connection(Verdict.OK, "connection_ok", account=account)]

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Stream all records; ``Page.next`` is the page number. The wire knows no filter for ``scope``."""
        endpoint = _endpoint(entity)
        async with aclosing(numbered(partial(self._page, entity, endpoint), start)) as pages:
            async for page in pages:
                yield page

    async def _page(self, entity: str, endpoint: Endpoint, number: int) -> tuple[list[Record], int]:
        """The records of a page and the number of pages. Raises Failure."""
        reply = await self._send("GET", endpoint.path, params={"page": number, "pageSize": PAGE_SIZE})
        body = Node.of(reply, BAD_PAYLOAD)
        return [_record(entity, endpoint, item) for item in body.nodes("items")], body.get("pages", int)

    async def get(self, entity: str, key: str) -> Record | None:
        """The record with this id, or None. Raises Failure."""
        endpoint = _endpoint(entity)
        try:
            reply = await self._send("GET", _path(endpoint, key))
        except Failure as failure:
            if failure.problem.trouble is Trouble.MISSING:
                return None
            raise
        return _record(entity, endpoint, Node.of(reply, BAD_PAYLOAD))

    async def find(self, entity: str, external_id: str) -> Record | None:
        """The same as ``get``: Bots4You keys its records by our id. Raises Failure."""
        return await self.get(entity, external_id)

    async def apply(self, change: Change) -> Outcome:
        """Send one change once."""
        try:
            endpoint = _endpoint(change.entity)
            if change.action is Action.DELETE:
                _confirm(await self._send("DELETE", _path(endpoint, change.id), write=True))
            else:
                item = _item(endpoint, change)
                reply = await self._send("PUT", _path(endpoint, change.id), json=item, write=True)
                _confirm(reply, endpoint, change.id)
        except Failure as failure:
            return refused(change, failure.problem)
        return outcome(change, Result.DONE)

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Send in bulk what can be, the rest side by side; one outcome per change, in order."""
        in_bulk = [c for c in changes if self._bulky(c)] if self._options.bulk else []
        bundles = [in_bulk[at : at + BULK] for at in range(0, len(in_bulk), BULK)]
        async with asyncio.TaskGroup() as group:
            singles = {
                place: group.create_task(self.apply(change))
                for place, change in enumerate(changes)
                if not in_bulk or not self._bulky(change)
            }
            bulk = [group.create_task(self._bulk(bundle)) for bundle in bundles]
        sent = iter([outcome for task in bulk for outcome in task.result()])
        return [singles[at].result() if at in singles else next(sent) for at in range(len(changes))]

    @staticmethod
    def _bulky(change: Change) -> bool:
        endpoint = ENDPOINTS.get(change.entity)
        return change.action is not Action.DELETE and endpoint is not None and endpoint.bulk

    async def _bulk(self, changes: list[Change]) -> list[Outcome]:
        """One bulk call. If it is refused as a whole, halve it until the guilty record is alone."""
        endpoint = ENDPOINTS[changes[0].entity]
        items = [{endpoint.id: change.id, **_item(endpoint, change)} for change in changes]
        try:
            reply = await self._send("POST", f"{endpoint.path}/bulk", json={"items": items}, write=True)
            return _results(endpoint, changes, reply)
        except Failure as failure:
            if failure.problem.status not in (400, 413, 422) or len(changes) == 1:
                return [refused(change, failure.problem) for change in changes]
        half = len(changes) // 2
        return await self._bulk(changes[:half]) + await self._bulk(changes[half:])

    async def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        """Nothing: these entities flow to Bots4You only."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, int] | None = None,
        json: Any = None,
        write: bool = False,
    ) -> Reply:
        return await self._http.send(method, path, params=params, json=json, auth=self._auth, write=write)


def connect(connection: Connection) -> Bots4You:
    """A connector for one account; opens no connection before the first call."""
    options: Bots4YouOptions = connection.options
    username, password = connection.secrets["username"], connection.secrets["password"]
    http = open_http(connection, options.limits, username)
    return Bots4You(http, username, password, options, connection.use_cases)


def _endpoint(entity: str) -> Endpoint:
    """Where an entity lives. Raises Failure."""
    if entity not in ENDPOINTS:
        raise Failure(Problem("bots4you.unknown_entity", Trouble.CONFIG, Owner.CONSULTANT, where=entity))
    return ENDPOINTS[entity]


def _path(endpoint: Endpoint, key: str) -> str:
    """The address of a record. An id of dots alone would be taken for a step up the path."""
    segment = quote(key, safe="")
    return f"{endpoint.path}/{segment if key.strip('.') else segment.replace('.', '%2E')}"


def _record(entity: str, endpoint: Endpoint, node: Node) -> Record:
    fields = {f.name: node.value(f.name, f.kind) for f in endpoint.mapping.fields}
    return Record(entity, node.get(endpoint.id, str), fields)  # somebody else's id may be anything


def _item(endpoint: Endpoint, change: Change) -> dict[str, Value]:
    """The whole record as it is sent: every field in force, empty ones included."""
    after = change.after or {}
    return {f.name: after[f.name] for f in endpoint.mapping.fields if f.name in after}


def _confirm(reply: Reply, endpoint: Endpoint | None = None, key: str = "") -> None:
    """A success must be Bots4You's own: something in between may answer 200 as well. Raises Failure.

    A PUT is answered with the record, a DELETE with nothing.
    """
    if endpoint is None:
        if reply.content:
            raise bad_payload(reply, "$", BAD_PAYLOAD)
    elif Node.of(reply, BAD_PAYLOAD).key(endpoint.id) != key:
        raise bad_payload(reply, endpoint.id, BAD_PAYLOAD)


def _results(endpoint: Endpoint, changes: Sequence[Change], reply: Reply) -> list[Outcome]:
    """The outcomes in a bulk answer; what it does not mention is unknown. Raises Failure."""
    found = {node.key(endpoint.id): node for node in Node.of(reply, BAD_PAYLOAD).nodes("results")}
    outcomes = []
    for change in changes:
        if change.id not in found:
            outcomes.append(refused(change, bad_payload(reply, "results", BAD_PAYLOAD).problem))
            continue
        status = found[change.id].get("status", int)
        if 200 <= status < 300:
            outcomes.append(outcome(change, Result.DONE))
            continue
        excerpt = _error_code(found[change.id], _item(endpoint, change))
        rule = answers.status_rule(status)
        problem = answers.problem(rule, reply.where, write=True, status=status, excerpt=excerpt)
        outcomes.append(refused(change, problem))
    return outcomes


def _error_code(node: Node, item: Mapping[str, Value]) -> str:
    """The error code of one record's result; nothing that repeats what we sent."""
    return answers.excerpt(json.dumps(node.data).encode(), [json.dumps(item, default=str).encode()])


_CONNECTION = {
    Trouble.CREDENTIALS: "connection_credentials",
    Trouble.RIGHTS: "connection_forbidden",
    Trouble.UNREACHABLE: "connection_unreachable",
    Trouble.PAYLOAD: "connection_stranger",
    Trouble.MISSING: "connection_stranger",
}


def _connection(verdict: Verdict, why: str, **args: str) -> Finding:
    return Finding("bots4you.connection", ("B1",), verdict, Text(f"bots4you.{why}", args))
