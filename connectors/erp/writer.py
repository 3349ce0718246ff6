"""The ERP as a target: what partners hand back to it, accepted applicants. The wire is ``hub_writing.py``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

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
    Verdict,
)
from connectors.erp import hub_writing as hub
from connectors.erp.openwowi import OpenWowiOptions
from connectors.erp.paging import cursor, offset_of, pages
from connectors.erp.session import open_session
from connectors.letting import WRITTEN
from connectors.partner import Connection
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble
from connectors.texts import sentence

FINDING = "erp.prospects"
RULES = ("I6", "I9")


class ErpWriter:
    """A Connector for business partners and prospects; opens no connection before the first call.

    What was handed in is found by the id that we gave, and is never deleted.
    """

    name = "erp"

    def __init__(self, connection: Connection) -> None:
        options: OpenWowiOptions = connection.options
        self._limits = Limits(options.requests_per_second, options.burst)
        self._session = open_session(connection, self._limits)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Creating and changing prospects; no DELETE: what the ERP got, its clerks decide on."""
        return frozenset({Capability.CREATE, Capability.UPDATE, Capability.PROSPECTS})

    def entities(self) -> tuple[EntityInfo, ...]:
        """Business partners and prospects, those that were handed in."""
        return tuple(map(EntityInfo, WRITTEN))

    def limits(self) -> Limits:
        """The same as for reading; none are documented."""
        return self._limits

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._session.aclose()

    async def check(self) -> list[Finding]:
        """Whether both lists answer and may be written; writes nothing and never raises Failure."""
        try:
            await self._session.login()
            refused = [hub.PATHS[e] for e in WRITTEN if not await hub.writable(self._session, e)]
        except Failure as failure:
            return [Finding(FINDING, RULES, Verdict.FAIL, sentence(failure.problem))]
        if refused:
            evidence = Text("erp.prospects_forbidden", {"where": ", ".join(refused)})
            return [Finding(FINDING, RULES, Verdict.FAIL, evidence)]
        return [Finding(FINDING, RULES, Verdict.OK, Text("erp.prospects_taken"))]

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Stream what was handed in; ``next`` is an offset. The wire knows no filter. Raises Failure."""
        known(entity)
        listed = pages(lambda at: hub.page(self._session, entity, at), offset_of(start))
        async with aclosing(listed) as found:
            async for records, following in found:
                yield Page(records, cursor(following))

    async def get(self, entity: str, key: str) -> Record | None:
        """The record with this id of ours, or ``number:`` and the ERP's number; else None. Raises Failure."""
        known(entity)
        try:
            return await hub.one(self._session, entity, key)
        except Failure as failure:
            if failure.problem.trouble is Trouble.MISSING:
                return None
            raise

    async def find(self, entity: str, external_id: str) -> Record | None:
        """The record that we handed in under this id, or None. Raises Failure."""
        return await self.get(entity, external_id)

    async def apply(self, change: Change) -> Outcome:
        """Hand in one record once; the outcome's remote id is ``number:`` and the ERP's number."""
        if change.action is Action.DELETE:
            return refused(change, never_deleted(change.entity))
        try:
            known(change.entity)
            number = await hub.hand_in(self._session, change)
        except Failure as failure:
            return refused(change, failure.problem)
        return outcome(change, Result.DONE, remote_id=f"{hub.NUMBER}{number}")

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Hand in one by one, business partners first: prospects refer to them. Outcomes in order."""
        order = {entity: place for place, entity in enumerate(WRITTEN)}
        places = sorted(range(len(changes)), key=lambda at: order.get(changes[at].entity, 0))
        outcomes = {at: await self.apply(changes[at]) for at in places}
        return [outcomes[at] for at in range(len(changes))]

    async def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        """Nothing: what was handed in is changed by nobody but us."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event


def known(entity: str) -> None:
    """Raises Failure for an entity that an ERP does not take back."""
    if entity not in WRITTEN:
        raise Failure(Problem("erp.unknown_entity", Trouble.CONFIG, Owner.CONSULTANT, where=entity))


def never_deleted(entity: str) -> Problem:
    """The complaint about a record that shall be deleted."""
    return Problem("erp.never_deleted", Trouble.REJECTED, Owner.CUSTOMER, where=entity)


def refused(change: Change, problem: Problem) -> Outcome:
    """What a problem means for the record that was to be written."""
    if problem.arrival is Arrival.PERHAPS:
        return outcome(change, Result.UNKNOWN, problem)
    if rule := hub.REFUSALS.get(problem.excerpt):
        problem = replace(problem, code=rule.code, trouble=rule.trouble, owner=rule.owner)
    no = problem.trouble in (Trouble.REJECTED, Trouble.CONFLICT, Trouble.MISSING)
    return outcome(change, Result.REJECTED if no else Result.FAILED, problem)


def outcome(
    change: Change, result: Result, problem: Problem | None = None, remote_id: str | None = None
) -> Outcome:
    """The outcome of a change."""
    return Outcome(change.entity, change.id, change.action, result, problem, remote_id)
