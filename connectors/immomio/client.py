"""The connector to Immomio: reads its records, writes master data by calls and vacancies by deliveries.

The form of the calls is assumed; all of it stands in ``wire.py`` and ``session.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial

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
)
from connectors.http import open_http
from connectors.immomio import wire
from connectors.immomio.connection import findings
from connectors.immomio.delivery import ApiWay, Deliveries, Way
from connectors.immomio.document_delivery import Documents
from connectors.immomio.entities import APPLICATION, DOCUMENT, VACANCY, VACANCY_STATE
from connectors.immomio.ftp import Account, Drop
from connectors.immomio.ftp_way import FtpWay
from connectors.immomio.offers import Sender
from connectors.immomio.options import BULK, ImmomioOptions
from connectors.immomio.session import BAD_PAYLOAD, Session
from connectors.immomio.wire import ENDPOINTS, Endpoint
from connectors.numbered import numbered
from connectors.outcomes import outcome
from connectors.partner import Connection
from connectors.payload import Node
from connectors.problems import Failure, Owner, Problem, Trouble


class Immomio:
    """A Connector for master data, vacancies and applications.

    Master data is written in the order in which it comes, one call after the other: a unit may refer to a
    property of the call before.
    """

    name = "immomio"

    def __init__(
        self,
        session: Session,
        options: ImmomioOptions,
        deliveries: Deliveries,
        documents: Documents,
        drop: Drop | None,
        used: frozenset[str] | None = None,
    ) -> None:
        self._session = session
        self._options = options
        self._deliveries = deliveries
        self._documents = documents
        self._drop = drop
        self._used = used
        self._turn = asyncio.Lock()

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Writing, vacancies and applications; watching concerns applications."""
        can = {
            Capability.CREATE,
            Capability.UPDATE,
            Capability.DELETE,
            Capability.VACANCIES,
            Capability.PROSPECTS,
            Capability.WATCH,
        }
        return frozenset(can | {Capability.BULK} if self._options.bulk else can)

    def entities(self) -> tuple[EntityInfo, ...]:
        """What the page version offers (rule I3), and what is read only."""
        return tuple(map(EntityInfo, (*self._options.written, VACANCY_STATE, APPLICATION)))

    def limits(self) -> Limits:
        """The configured limits; Immomio documents none."""
        return self._options.limits

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._session.aclose()

    async def check(self) -> list[Finding]:
        """Reachability, credentials, rights (rule I1), FTP (I2), sender; never raises Failure."""
        return await findings(self._session, self._options, self._drop, self._used)

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Stream all records; ``Page.next`` is the page number. The wire knows no filter for ``scope``."""
        endpoint = self._endpoint(entity)
        await self._settled(entity, None)
        async with aclosing(numbered(partial(self._page, entity, endpoint), start)) as pages:
            async for page in pages:
                yield page

    async def _page(
        self, entity: str, endpoint: Endpoint, number: int, since: str | None = None
    ) -> tuple[list[Record], int]:
        """The records of a page and the number of the last page. Raises Failure."""
        params = {"page": number, "pageSize": wire.PAGE_SIZE, "since": since}
        body = Node.of(await self._session.send("GET", endpoint.path, params=params), BAD_PAYLOAD)
        records = [wire.record(entity, item) for item in body.nodes("items")]
        return records, max(1, -(-body.get("total", int) // wire.PAGE_SIZE))

    async def get(self, entity: str, key: str) -> Record | None:
        """The record with this id, or None. Raises Failure."""
        endpoint = self._endpoint(entity)
        await self._settled(entity, key)
        try:
            reply = await self._session.send("GET", wire.path(endpoint, key))
        except Failure as failure:
            if failure.problem.trouble is Trouble.MISSING:
                return None
            raise
        return wire.record(entity, Node.of(reply, BAD_PAYLOAD))

    async def find(self, entity: str, external_id: str) -> Record | None:
        """The same as ``get``: Immomio keys its records by our id. Raises Failure."""
        return await self.get(entity, external_id)

    async def _settled(self, entity: str, key: str | None) -> None:
        """What is read must not be older than a delivery that still waits to be imported. Raises Failure."""
        if entity == VACANCY:
            await self._deliveries.settled(key)

    async def apply(self, change: Change) -> Outcome:
        """Send one change once."""
        return (await self.apply_many((change,)))[0]

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Send in as few calls and deliveries as possible; one outcome per change, in order."""
        vacancies = {at: c for at, c in enumerate(changes) if c.entity == VACANCY}
        documents = {at: c for at, c in enumerate(changes) if c.entity == DOCUMENT and self._offers(DOCUMENT)}
        others = {at: c for at, c in enumerate(changes) if at not in vacancies and at not in documents}
        async with asyncio.TaskGroup() as group:
            delivered = group.create_task(self._deliveries.deliver([*vacancies.values()], self._shown))
            filed = group.create_task(self._documents.send([*documents.values()]))
            sent = group.create_task(self._write([*others.values()]))
        outcomes = dict(zip(vacancies, delivered.result(), strict=True))
        outcomes |= zip(documents, filed.result(), strict=True)
        outcomes |= zip(others, sent.result(), strict=True)
        return [outcomes[at] for at in range(len(changes))]

    async def _shown(self) -> AsyncIterator[Record]:
        """All vacancies that Immomio shows. Raises Failure."""
        async for page in self.read(VACANCY):
            for record in page.records:
                yield record

    async def _write(self, changes: Sequence[Change]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        async with self._turn:
            for bundle in _bundles(changes, BULK if self._options.bulk else 1, self._written):
                alone = len(bundle) == 1 or not self._written(bundle[0])
                outcomes += [await self._single(bundle[0])] if alone else await self._bulk(bundle)
        return outcomes

    def _written(self, change: Change) -> bool:
        """Whether it can go in a bulk call."""
        return (
            change.action is not Action.DELETE
            and change.entity in self._options.written
            and ENDPOINTS[change.entity].put
        )

    async def _single(self, change: Change) -> Outcome:
        try:
            endpoint = self._endpoint(change.entity, write=True)
            address = wire.path(endpoint, change.id)
            if change.action is Action.DELETE:
                wire.confirm(await self._session.send("DELETE", address, write=True))
            else:
                body = wire.item(endpoint, change)
                reply = await self._session.send("PUT", address, json=body, write=True)
                wire.confirm(reply, endpoint, change.id)
        except Failure as failure:
            return wire.refused(change, failure.problem)
        return outcome(change, Result.DONE)

    async def _bulk(self, changes: list[Change]) -> list[Outcome]:
        """One bulk call. If it is refused as a whole, halve it until the guilty record is alone."""
        endpoint = ENDPOINTS[changes[0].entity]
        items = [{endpoint.id: change.id, **wire.item(endpoint, change)} for change in changes]
        try:
            address = f"{endpoint.path}/bulk"
            reply = await self._session.send("POST", address, json={"items": items}, write=True)
            found = wire.results(reply, repr(items).encode(errors="replace"))
            return [wire.judged(change, found.get(change.id), reply) for change in changes]
        except Failure as failure:
            if failure.problem.status not in (400, 413, 422) or len(changes) == 1:
                return [wire.refused(change, failure.problem) for change in changes]
        half = len(changes) // 2
        return await self._bulk(changes[:half]) + await self._bulk(changes[half:])

    async def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        """Applications changed since the cursor (a moment; what happened at it comes again), oldest first."""
        endpoint = self._endpoint(entity)
        if entity != APPLICATION:
            return
        changed: list[tuple[datetime, str]] = []
        number = last = 1
        while number <= last:
            records, last = await self._page(entity, endpoint, number, since=cursor)
            number = number + 1 if records else last + 1
            for record in records:
                at = record.fields["changedAt"]
                if isinstance(at, datetime):
                    changed.append((at, record.id))
        for at, key in sorted(changed):
            yield Event(entity, key, Action.UPDATE, at.isoformat())

    def _offers(self, entity: str) -> bool:
        """Whether the page version knows an entity."""
        return any(info.name == entity for info in self.entities())

    def _endpoint(self, entity: str, *, write: bool = False) -> Endpoint:
        """Where an entity lives. Raises Failure, also for one that the page version does not offer."""
        if entity not in ENDPOINTS:
            raise Failure(_unoffered("immomio.unknown_entity", entity))
        if not self._offers(entity):
            raise Failure(_unoffered("immomio.not_offered", entity))
        if write and not ENDPOINTS[entity].put:
            raise Failure(_unoffered("immomio.read_only", entity))
        return ENDPOINTS[entity]


def connect(connection: Connection) -> Immomio:
    """A connector for one account; opens no connection before the first call."""
    options: ImmomioOptions = connection.options
    secrets = connection.secrets
    username = secrets["username"]
    session = Session(open_http(connection, options.limits, username), username, secrets["password"])
    drop: Drop | None = None
    way: Way = ApiWay(session)
    if options.dit:
        account = Account(
            options.ftp_host,
            options.ftp_port,
            options.ftp_tls,
            secrets.get("ftp_username", ""),
            secrets.get("ftp_password", ""),
        )
        drop = Drop(account, connection.network, connection.log, connection.partner)
        way = FtpWay(drop, options.ftp_wait)
    sender = Sender(options.sender, options.contact_name, options.contact_email)
    deliveries = Deliveries(way, sender, connection.files, full=options.delivery == "full")
    documents = Documents(session, connection.files)
    return Immomio(session, options, deliveries, documents, drop, connection.use_cases)


def _bundles(changes: Sequence[Change], size: int, bulky: Callable[[Change], bool]) -> Iterator[list[Change]]:
    """Runs of changes that can be sent in one call, in order."""
    bundle: list[Change] = []
    for change in changes:
        joins = bulky(change) and all(map(bulky, bundle[:1])) and len(bundle) < size
        if bundle and not (joins and bundle[0].entity == change.entity):
            yield bundle
            bundle = []
        bundle.append(change)
    if bundle:
        yield bundle


def _unoffered(code: str, entity: str) -> Problem:
    return Problem(code, Trouble.CONFIG, Owner.CONSULTANT, where=entity)
