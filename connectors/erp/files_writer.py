"""Prospects for an ERP of which there are only files: an import file that somebody takes over there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

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
from connectors.erp.files import FilesOptions
from connectors.erp.import_file import Content, load, save, suits
from connectors.erp.paging import LIMIT, cursor, offset_of
from connectors.erp.writer import FINDING, RULES, known, never_deleted, outcome, refused
from connectors.letting import BUSINESS_PARTNER, PROSPECT, WRITTEN
from connectors.partner import Connection
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.texts import sentence

NUMBER = "number:"
BULK = 500
LIMITS = Limits(requests_per_second=1_000_000.0, burst=1_000_000, bulk=BULK, in_flight=1, documented=True)
NO_FILE = Problem("erp.no_import_file", Trouble.CONFIG, Owner.CONSULTANT)


class FilesWriter:
    """A Connector for business partners and prospects over one import file; without one it can do nothing.

    What stands in the file is what was handed over: it stays there as the memory of it.
    """

    name = "erp"

    def __init__(self, connection: Connection) -> None:
        options: FilesOptions = connection.options
        self._path = options.prospects_file
        self._turn = asyncio.Lock()

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Creating and changing prospects, where the import file has a name."""
        can = {Capability.CREATE, Capability.UPDATE, Capability.BULK, Capability.PROSPECTS}
        return frozenset(can if self._path else ())

    def entities(self) -> tuple[EntityInfo, ...]:
        """Business partners and prospects."""
        return tuple(map(EntityInfo, WRITTEN))

    def limits(self) -> Limits:
        """Files have none; the file is written anew once per call."""
        return LIMITS

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def check(self) -> list[Finding]:
        """Whether the file can be read and written; that it is taken over only a person can tell."""
        if self._path is None:
            return [Finding(FINDING, RULES, Verdict.MANUAL, Text("erp.no_prospects"))]
        try:
            await self._load()
        except Failure as failure:
            return [Finding(FINDING, RULES, Verdict.FAIL, sentence(failure.problem))]
        if not self._path.parent.is_dir():
            evidence = Text("erp.import_unwritable", {"where": self._path.name})
            return [Finding(FINDING, RULES, Verdict.FAIL, evidence)]
        evidence = Text("erp.prospects_import", {"where": self._path.name})
        return [Finding(FINDING, RULES, Verdict.MANUAL, evidence)]

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Record]]:
        """Stream what stands in the file; ``next`` is an offset. Raises Failure."""
        known(entity)
        offset = offset_of(start)
        held = [Record(entity, key, fields) for key, fields in (await self._load()).records[entity].items()]
        while True:
            batch = held[offset : offset + LIMIT]
            offset += LIMIT
            more = offset < len(held)
            yield Page(batch, cursor(offset if more else None))
            if not more:
                return

    async def get(self, entity: str, key: str) -> Record | None:
        """The record with this id, or None. Raises Failure."""
        known(entity)
        fields = (await self._load()).records[entity].get(key)
        return None if fields is None else Record(entity, key, fields)

    async def find(self, entity: str, external_id: str) -> Record | None:
        """The same as ``get``: the file is keyed by our ids. Raises Failure."""
        return await self.get(entity, external_id)

    async def apply(self, change: Change) -> Outcome:
        """Write one change."""
        return (await self.apply_many((change,)))[0]

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Write all of them at once, business partners first; one outcome per change, in order."""
        async with self._turn:
            try:
                content = await self._load()
                order = sorted(range(len(changes)), key=lambda at: changes[at].entity != BUSINESS_PARTNER)
                complaints = {at: _enter(content, changes[at]) for at in order}
                if self._path and not all(complaints.values()):
                    await asyncio.to_thread(save, self._path, content)
            except Failure as failure:
                return [refused(change, failure.problem) for change in changes]
        return [_ended(change, complaints[at]) for at, change in enumerate(changes)]

    async def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        """Nothing: the file is changed by nobody but us."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    async def _load(self) -> Content:
        if self._path is None:
            raise Failure(NO_FILE)
        return await asyncio.to_thread(load, self._path)


def _enter(content: Content, change: Change) -> Problem | None:
    """Take a change up into the content, or say why it cannot be."""
    try:
        known(change.entity)
    except Failure as failure:
        return failure.problem
    if change.action is Action.DELETE:
        return never_deleted(change.entity)
    fields = {name: (change.after or {}).get(name) for name in WRITTEN[change.entity]}
    if not suits({"id": change.id, **fields}):
        return Problem("erp.import_value", Trouble.REJECTED, Owner.CONSULTANT, where=change.entity)
    if change.entity == PROSPECT:
        partner = str(fields["businessPartner"] or "")
        if not partner.startswith(NUMBER) and partner not in content.records[BUSINESS_PARTNER]:
            return Problem("erp.prospect_partner", Trouble.REJECTED, Owner.CONSULTANT, where=change.entity)
    content.records[change.entity][change.id] = fields
    return None


def _ended(change: Change, complaint: Problem | None) -> Outcome:
    if complaint is not None:
        return refused(change, complaint)
    return outcome(change, Result.DONE, remote_id=change.id)
