"""The connector to onOffice: reads addresses, users and letting objects, and mends three of their fields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from connectors.contract import (
    ALL,
    Capability,
    Change,
    EntityInfo,
    Event,
    Finding,
    Limits,
    Outcome,
    Page,
    Record,
    Scope,
    Value,
)
from connectors.http import open_http
from connectors.onoffice.client import OnOfficeClient, granted
from connectors.onoffice.connection import findings
from connectors.onoffice.entities import ENTITIES, ESTATE, Entity, record
from connectors.onoffice.options import IN_FLIGHT, OnOfficeOptions
from connectors.onoffice.session import Session
from connectors.onoffice.wire import CONTACT_PERSON, CONTACT_PERSON_ALL, Row, number
from connectors.onoffice.writing import carry_out
from connectors.partner import Connection
from connectors.problems import Failure, Owner, Problem, Trouble


class OnOffice:
    """A Connector for addresses that are system users or brokers, for users, and for active letting objects.

    ``client`` asks what no entity holds: activities, configuration, relations of many objects at once.
    """

    name = "onoffice"

    def __init__(self, client: OnOfficeClient, options: OnOfficeOptions) -> None:
        self.client = client
        self._options = options

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Records are changed, never made or removed: people and objects are onOffice's own."""
        return frozenset({Capability.UPDATE})

    def entities(self) -> tuple[EntityInfo, ...]:
        """Addresses, users, letting objects."""
        return tuple(map(EntityInfo, ENTITIES))

    def limits(self) -> Limits:
        """The configured limits; onOffice documents none."""
        return self._options.limits

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self.client.aclose()

    async def check(self) -> list[Finding]:
        """Reachability, credentials, clock, rights; never raises Failure."""
        return await findings(self.client)

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Stream all records; ``Page.next`` is the number of a row. The wire has no filter for ``scope``."""
        found = _entity(entity)
        call = found.all(await self._data(found))
        offset: int | None = int(start or 0)
        seen: frozenset[int | str] = frozenset()
        while offset is not None:
            answer, offset = await self.client.page(call, offset)
            fresh = [row for row in answer.rows if row.id not in seen]  # rows shift while others write
            seen = frozenset(row.id for row in answer.rows)
            yield Page(await self._records(entity, fresh), None if offset is None else str(offset))

    async def get(self, entity: str, key: str) -> Record | None:
        """The record with this id, or None. Raises Failure."""
        found = _entity(entity)
        wanted = number(key)
        if wanted is None:
            return None
        call = found.single(await self._data(found), wanted)
        (answer,) = await self.client.read([call])
        rows = [row for row in granted(call, answer).rows if row.id == wanted]
        records = await self._records(entity, rows[:1])
        return records[0] if records else None

    async def find(self, entity: str, external_id: str) -> Record | None:
        """The same as ``get``: the only ids are onOffice's own. Raises Failure."""
        return await self.get(entity, external_id)

    async def _data(self, entity: Entity) -> list[str]:
        return await self.client.readable(entity.resource_type, entity.data)

    async def _records(self, entity: str, rows: Sequence[Row]) -> list[Record]:
        """Rows as records; an object brings its contact persons along, brokers and all."""
        if entity != ESTATE or not rows:
            return [record(entity, row) for row in rows]
        ids = [row.id for row in rows if isinstance(row.id, int)]
        found = await self.client.relations([CONTACT_PERSON, CONTACT_PERSON_ALL], parents=ids)

        def people(kind: str, row: Row) -> Value:
            return tuple(map(str, found[kind].get(row.id, ()))) if isinstance(row.id, int) else ()

        return [
            record(
                entity,
                row,
                contact_persons=people(CONTACT_PERSON, row),
                contacts=people(CONTACT_PERSON_ALL, row),
            )
            for row in rows
        ]

    async def apply(self, change: Change) -> Outcome:
        """Send one change once."""
        return await carry_out(self.client, change)

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """One change after the other; one outcome per change, in order."""
        return [await carry_out(self.client, change) for change in changes]

    async def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        """Nothing: changes are found by reading."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event


def connect(connection: Connection) -> OnOffice:
    """A connector for one account; opens no connection before the first call."""
    options: OnOfficeOptions = connection.options
    token, secret = connection.secrets["token"], connection.secrets["secret"]
    session = Session(open_http(connection, options.limits, token), token, secret, IN_FLIGHT)
    return OnOffice(OnOfficeClient(session, language=options.language), options)


def _entity(name: str) -> Entity:
    """What is known of an entity. Raises Failure."""
    if name not in ENTITIES:
        raise Failure(Problem("onoffice.unknown_entity", Trouble.CONFIG, Owner.CONSULTANT, where=name))
    return ENTITIES[name]
