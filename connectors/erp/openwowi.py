"""The ERP source OPENWOWI: documented REST, read only. What it does not document comes from ``hub.py``."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from connectors.contract import ALL, Capability, EntityInfo, Finding, Limits, Page, Scope, Text, Verdict
from connectors.erp import hub
from connectors.erp.openwowi_parse import (
    ENDPOINTS,
    Context,
    Endpoint,
    Node,
    company,
    economic_unit,
    parse_page,
)
from connectors.erp.openwowi_vacancies import Vacancies, not_supplied
from connectors.erp.paging import LIMIT, cursor, offset_of, pages
from connectors.erp.session import Session, open_session
from connectors.housing import (
    Building,
    EconomicUnit,
    Entity,
    Lease,
    Mandant,
    Person,
    RentItem,
    TenantRole,
    Unit,
)
from connectors.ids import clean
from connectors.letting import ErpUser, Vacancy
from connectors.partner import Connection
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.texts import sentence

KEEP = 300.0
"""Seconds for which look-up tables of ids are trusted."""

PROBES = ("economic_unit", "lease", "tenant_role", "person", "rent_item")
"""One entity per endpoint group whose right is given or missing on its own."""


@dataclass(frozen=True, slots=True)
class OpenWowiOptions:
    """What the console keeps to; OPENWOWI documents no limit, so both figures are ours."""

    requests_per_second: float = 10.0
    burst: int = 10


@dataclass(frozen=True, slots=True)
class _Tables:
    """The look-up tables of one scope: Mandant by economic unit, and the ids that belong to the scope."""

    mandanten: Mapping[str, str]
    leases: frozenset[str] | None = None  # None: not needed, everything is in scope
    persons: frozenset[str] | None = None


class OpenWowi:
    """A Reader of housing and letting entities over OPENWOWI, and where the bytes of their files come from.

    Opens no connection before the first call.
    """

    name = "erp"

    def __init__(self, connection: Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
        options: OpenWowiOptions = connection.options
        self._limits = Limits(options.requests_per_second, options.burst)
        self._base = urlsplit(connection.url).path.rstrip("/")
        self._session = open_session(connection, self._limits)
        self._clock = clock
        self._vacancies = Vacancies(
            self._session, lambda entity, at: self._page(ENDPOINTS[entity], at), clock
        )
        self._absent: frozenset[str] = frozenset()
        self._kept: dict[tuple[str, frozenset[str] | None], tuple[float, frozenset[str]]] = {}

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Vacancies; and, through the assumed hub, ticket categories and users."""
        return frozenset({Capability.TICKET_CATEGORIES, Capability.VACANCIES, Capability.USERS})

    def entities(self) -> tuple[EntityInfo, ...]:
        """All canonical entities with what OPENWOWI does not carry, nor the hub as far as it was asked."""
        listed = (EntityInfo(name, endpoint.not_supplied) for name, endpoint in ENDPOINTS.items())
        vacancy = EntityInfo(Vacancy.NAME, not_supplied(self._absent | self._vacancies.absent))
        hubs = (EntityInfo("ticket_category"), vacancy, EntityInfo(ErpUser.NAME))
        return (EntityInfo("mandant", ("active",)), *listed, *hubs)

    def limits(self) -> Limits:
        """Our own limits; none are documented."""
        return self._limits

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._session.aclose()

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Entity]]:
        """Stream pages of canonical entities; ``next`` is an offset, or list and offset. Raises Failure."""
        if entity == "mandant":
            yield await self._mandanten(scope)
            return
        if entity == Vacancy.NAME:
            async with aclosing(self._vacancies.read(scope, start)) as vacant:
                async for page in vacant:
                    yield page
            return
        offset = offset_of(start)
        if entity in _FROM_HUB:
            fetch = _FROM_HUB[entity]
            async with aclosing(pages(lambda at: fetch(self._session, at), offset)) as listed:
                async for records, following in listed:
                    yield Page(records, cursor(following))
            return
        endpoint = ENDPOINTS.get(entity)
        if endpoint is None:
            raise Failure(Problem("erp.unknown_entity", Trouble.CONFIG, Owner.CONSULTANT, where=entity))
        tables = await self._tables(entity, scope)
        context = Context(tables.mandanten, date.today())
        async with aclosing(pages(lambda at: self._page(endpoint, at), offset)) as found:
            async for nodes, following in found:
                parsed = [endpoint.parse(node, context) for node in nodes]
                yield Page([r for r in parsed if _in_scope(r, scope, tables)], cursor(following))

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """The bytes of a vacancy's file, piece by piece, checked at the end. Raises Failure."""
        async with aclosing(hub.download(self._session, ref)) as pieces:
            async for piece in pieces:
                yield piece

    async def _page(self, endpoint: Endpoint, offset: int, limit: int = LIMIT) -> list[Node]:
        params: dict[str, str | int] = {**endpoint.params, "limit": limit, "offset": offset}
        reply = await self._session.get(f"{self._base}/{endpoint.path}", params)
        return parse_page(reply.json(), endpoint.path)

    async def _mandanten(self, scope: Scope) -> Page[Entity]:
        """Every CompanyCode that an economic unit bears, one page."""
        found: dict[str, Mandant] = {}
        async for nodes, _ in pages(lambda at: self._page(ENDPOINTS["economic_unit"], at)):
            for node in nodes:
                code, name = company(node)
                if scope.mandanten is None or clean(code) in scope.mandanten:
                    found.setdefault(code, Mandant(id=code, number=code, name=name))
        return Page([found[code] for code in sorted(found)])

    async def _tables(self, entity: str, scope: Scope) -> _Tables:
        """The look-ups that an entity needs in this scope. Raises Failure."""
        mandanten: Mapping[str, str] = {}
        if entity in ("building", "unit", "lease"):
            mandanten = await self._economic_units()
        if scope.mandanten is None or entity not in ("tenant_role", "rent_item", "person"):
            return _Tables(mandanten)
        leases = await self._kept_ids("lease", scope, lambda record: record.id)
        if entity != "person":
            return _Tables(mandanten, leases)
        persons = await self._kept_ids(
            "tenant_role", scope, lambda record: record.person_id if isinstance(record, TenantRole) else ""
        )
        return _Tables(mandanten, leases, persons)

    async def _economic_units(self) -> dict[str, str]:
        """Economic unit id -> Mandant. Read anew each time: small, and a stale one misplaces leases."""
        found = {}
        context = Context({}, date.today())
        async for nodes, _ in pages(lambda at: self._page(ENDPOINTS["economic_unit"], at)):
            for unit in (economic_unit(node, context) for node in nodes):
                found[unit.id] = unit.mandant
        return found

    async def _kept_ids(self, entity: str, scope: Scope, pick: Callable[[Entity], str]) -> frozenset[str]:
        """Ids out of a reading in scope, kept for a while: a resumed reading must not begin there."""
        key = (entity, scope.mandanten)
        kept = self._kept.get(key)
        if kept and self._clock() - kept[0] < KEEP:
            return kept[1]
        ids = frozenset([pick(r) async for page in self.read(entity, scope=scope) for r in page.records])
        self._kept[key] = (self._clock(), ids)
        return ids

    async def check(self) -> list[Finding]:
        """Reachability and login first, then one call for one record per endpoint group."""
        try:
            await self._session.login()
        except Failure as failure:
            return [_finding("erp.connection", ("C4",), failure.problem)]
        problems = {entity: await self._probe(entity) for entity in PROBES}
        refused = {e: p for e, p in problems.items() if p and p.trouble in _NO_RIGHT}
        other = next((p for p in problems.values() if p and p.trouble not in _NO_RIGHT), None)
        if other:
            return [_finding("erp.connection", ("C4",), other)]
        if len(refused) == len(
            problems
        ):  # logged in, yet nothing opens: the key is wrong, not a right missing
            return [Finding("erp.connection", ("C4",), Verdict.FAIL, Text("erp.api_key_refused"))]
        findings = [Finding("erp.connection", ("C4",), Verdict.OK, Text("erp.connected"))]
        findings.append(_rights(refused))
        return [*findings, await self._check_hub()]

    async def _probe(self, entity: str) -> Problem | None:
        try:
            await self._page(ENDPOINTS[entity], 0, limit=1)
        except Failure as failure:
            return failure.problem
        return None

    async def _check_hub(self) -> Finding:
        """Which parts of the hub answer as assumed; what hangs on the others counts as not supplied."""
        places = {}
        for part in hub.PARTS:
            try:
                await hub.probe(self._session, part)
            except Failure as failure:
                places[part] = failure.problem.where
        self._absent = frozenset(places)
        if not places:
            return Finding("erp.hub", ("C6",), Verdict.OK, Text("erp.hub_answers"))
        details = tuple(Text("erp.hub_part_missing", {"where": where}) for where in places.values())
        lost = not_supplied(self._absent)
        if lost:
            details += (Text("erp.vacancy_fields_missing", {"where": ", ".join(lost)}),)
        evidence = Text("erp.hub_missing", {"count": len(places)})
        return Finding("erp.hub", ("C6",), Verdict.WARN, evidence, details, len(places))


_FROM_HUB: Mapping[str, Callable[[Session, int], Awaitable[Sequence[Entity]]]] = {
    "ticket_category": hub.ticket_categories,
    ErpUser.NAME: hub.users,
}
"""Entities that only the hub knows."""

_NO_RIGHT = (Trouble.RIGHTS, Trouble.CREDENTIALS)  # after a good login a 401 means the same as a 403


def _rights(refused: Mapping[str, Problem]) -> Finding:
    """Which endpoint groups the API key may not read."""
    if not refused:
        return Finding("erp.rights", ("C4",), Verdict.OK, Text("erp.rights_complete"))
    details = tuple(Text("erp.right_missing", {"where": ENDPOINTS[entity].path}) for entity in refused)
    evidence = Text("erp.rights_missing", {"count": len(refused)})
    return Finding("erp.rights", ("C4",), Verdict.FAIL, evidence, details, len(refused))


def _finding(key: str, rules: tuple[str, ...], problem: Problem) -> Finding:
    """A failed finding whose evidence is the problem's own sentence."""
    return Finding(key, rules, Verdict.FAIL, sentence(problem))


def _in_scope(record: Entity, scope: Scope, tables: _Tables) -> bool:
    """Whether a record belongs to the Mandanten asked for (rule C3)."""
    if scope.mandanten is None:
        return True
    if isinstance(record, EconomicUnit | Building | Unit | Lease):
        return clean(record.mandant) in scope.mandanten
    if isinstance(record, TenantRole | RentItem):
        return tables.leases is not None and record.lease_id in tables.leases
    if isinstance(record, Person):
        return tables.persons is not None and record.id in tables.persons
    return True
