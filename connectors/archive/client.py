"""The connector to Archiv kompakt: reads archives and documents, gives files, files attachments.

Storing and linking are assumed, see ``filing.py``; what else is assumed stands in ``wire.py``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Mapping

from connectors.archive import filing, wire
from connectors.archive.options import ArchiveOptions
from connectors.archive.session import Session
from connectors.archive.splitting import (
    CHECKABLE,
    Check,
    Keys,
    NoDay,
    Query,
    Step,
    TooMany,
    checked,
    from_text,
    noted,
    split,
    to_text,
)
from connectors.contract import (
    ALL,
    Capability,
    EntityInfo,
    Finding,
    Limits,
    Page,
    Scope,
    Text,
    Verdict,
)
from connectors.documents import LARGEST, ArchiveInfo, Document
from connectors.housing import Entity
from connectors.http import open_http
from connectors.partner import Connection
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.tickets import Stored

PIECE = 4 << 20
"""Bytes of a file in one call, where the archive knows parts."""

_TOTAL = re.compile(r"bytes \d+-\d+/(\d{1,15})", re.ASCII)
_REASONS = {
    Trouble.CREDENTIALS: "connection_credentials",
    Trouble.RIGHTS: "connection_forbidden",
    Trouble.UNREACHABLE: "connection_unreachable",
    Trouble.PAYLOAD: "connection_stranger",
    Trouble.MISSING: "connection_stranger",
}


class ArchivKompakt:
    """A Reader of archives and documents, Files by a document's id, and the Archive of the ticket flow."""

    name = "archive"

    def __init__(self, connection: Connection) -> None:
        self._options: ArchiveOptions = connection.options
        http = open_http(connection, self._options.limits, connection.secrets.get("username", ""))
        self._session = Session(http, connection.secrets)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Documents and their files."""
        return frozenset({Capability.ARCHIVE})

    def entities(self) -> tuple[EntityInfo, ...]:
        """Archives and their documents."""
        return (EntityInfo(ArchiveInfo.NAME), EntityInfo(Document.NAME))

    def limits(self) -> Limits:
        """The configured limits; none are documented."""
        return self._options.limits

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._session.aclose()

    async def check(self) -> list[Finding]:
        """Reachability, credentials and how many archives the account sees; never raises Failure."""
        try:
            shelves = await self._shelves()
        except Failure as failure:
            why = _REASONS.get(failure.problem.trouble, "connection_failed")
            return [_connection(Verdict.FAIL, why, code=failure.problem.code)]
        if not shelves:
            return [_connection(Verdict.FAIL, "connection_empty")]
        return [_connection(Verdict.OK, "connection_ok", count=len(shelves))]

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Entity]]:
        """Stream archives, or the documents of the scope's archives; ``Page.next`` is what is still to be
        asked. An archive of the scope that is not there raises Failure."""
        if entity == ArchiveInfo.NAME:
            yield Page([shelf.info for shelf in await self._shelves()])
            return
        if entity != Document.NAME:
            raise Failure(_config("archive.unknown_entity", entity))
        shelves = await self._shelves()
        by_id = {shelf.id: shelf for shelf in shelves}
        pending = _pending(shelves, scope, start)
        if not pending:
            yield Page([])
        while pending:
            step = pending.pop()
            query = step.query if isinstance(step, Check) else step
            if query.archive not in by_id:
                raise Failure(_config("archive.unknown_archive", str(query.archive)))
            shelf = by_id[query.archive]
            keys, gaps = self._keys(shelf), list[Text]()
            if isinstance(step, Check):
                found, complete = await self._missed(shelf, step, keys)
                gaps = [] if complete else [_gap(shelf, query)]
            else:
                found = await self._search(shelf, query.values(keys))
                if len(found) >= self._options.max_hits:
                    pending += [Check(query)] if checked(query, keys) else []
                    pending += reversed(_parts(shelf, query, found, keys))
                    continue
                found = [hit for hit in found if query.holds(hit.values, keys)]
            pending = noted(pending, shelf.id, (hit.id for hit in found))
            yield Page([hit.document(shelf) for hit in found], to_text(pending), tuple(gaps))

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """The file of a document, piece by piece, checked against its MD5 once all is there. Raises Failure:
        then nothing of what came may be used."""
        hit = wire.hit(await self._session.send("GET", wire.document_path(ref)))
        if hit.size > LARGEST:
            raise Failure(Problem("archive.too_large", Trouble.REJECTED, Owner.CUSTOMER, where=ref))
        digest, got, total = hashlib.md5(usedforsecurity=False), 0, 1
        while got < total:
            headers = {"accept": "*/*", "range": f"bytes={got}-{got + PIECE - 1}"}
            reply = await self._session.send("GET", wire.file_path(hit.dlinfo), headers=headers)
            digest.update(reply.content)
            got += len(reply.content)
            if reply.content:
                yield reply.content
            match = _TOTAL.fullmatch(reply.headers.get("content-range", "")) if reply.status == 206 else None
            total = int(match[1]) if match and reply.content else got
        if digest.hexdigest() != hit.md5:
            raise Failure(Problem("archive.file_damaged", Trouble.PAYLOAD, Owner.PARTNER, where=ref))

    async def find(self, archive: str, indexes: Mapping[str, str], md5: str) -> Stored | None:
        """A document by its index values and content. Raises Failure."""
        shelf = await self._shelf(archive)
        values = _values(shelf, indexes)
        found = await self._search(shelf, tuple(values.items()))
        for hit in found:
            if hit.md5 == md5.lower() and all(hit.values.get(id_) == v for id_, v in values.items()):
                return _stored(hit)
        if len(found) >= self._options.max_hits:  # it may be among those that were cut off
            raise Failure(Problem("archive.too_many", Trouble.SOURCE, Owner.CONSULTANT, where=archive))
        return None

    async def store(
        self, archive: str, indexes: Mapping[str, str], name: str, content: AsyncIterator[bytes], size: int
    ) -> Stored:
        """File a document; sent once. Raises Failure."""
        shelf = await self._shelf(archive)
        values = _values(shelf, indexes)
        return _stored(await filing.store(self._session, shelf, values, name, content, size))

    async def link(self, document: str, ticket: str) -> None:
        """Show a stored document at an ERP ticket; idempotent. Raises Failure."""
        await filing.link(self._session, document, ticket)

    async def linked(self, ticket: str) -> tuple[Stored, ...]:
        """The documents at an ERP ticket. Raises Failure."""
        return tuple(_stored(hit) for hit in await filing.linked(self._session, ticket))

    async def _shelves(self) -> list[wire.Shelf]:
        return wire.shelves(await self._session.send("GET", wire.ARCHIVES))

    async def _shelf(self, name: str) -> wire.Shelf:
        return _named(await self._shelves(), name)

    async def _missed(self, shelf: wire.Shelf, check: Check, keys: Keys) -> tuple[list[wire.Hit], bool]:
        """What the parts of a query have missed, and whether it is certain that nothing more is. Raises
        Failure."""
        known = check.found
        if known is None:  # too many to ask for: every document has a day, but who knows every number?
            return [], not check.by_contract(keys)
        most = len(known) + 1
        while True:
            found = await self._search(shelf, check.query.values(keys), most)
            own = [hit for hit in found if check.query.holds(hit.values, keys)]
            if len(found) < most or most >= CHECKABLE:
                break
            most = min(2 * most, CHECKABLE)
        # An archive that gives fewer than we know of, or exactly its usual most, has cut off again.
        certain = len(known) <= len(found) < most and len(found) != self._options.max_hits
        return [hit for hit in own if hit.id not in known], certain or not check.by_contract(keys)

    async def _search(
        self, shelf: wire.Shelf, values: tuple[tuple[int, str], ...], most: int = 0
    ) -> list[wire.Hit]:
        body = wire.asked(shelf.id, values, most or self._options.max_hits)
        reply = await self._session.send("POST", wire.SEARCH, json=body)
        return [hit for hit in wire.hits(reply) if hit.archive == shelf.id]

    def _keys(self, shelf: wire.Shelf) -> Keys:
        options = self._options
        return Keys(shelf.indexes.get(options.date_index), shelf.indexes.get(options.contract_index))


def _gap(shelf: wire.Shelf, query: Query) -> Text:
    return Text("archive.gap", {"archive": shelf.name, "day": query.day or "*"})


def _pending(shelves: list[wire.Shelf], scope: Scope, start: str | None) -> list[Step]:
    """What is to be asked, the first at the end. Raises Failure."""
    if start is not None:
        try:
            return from_text(start)
        except ValueError:
            raise Failure(_config("archive.unknown_entity", "start")) from None
    named = shelves if scope.archives is None else [_named(shelves, name) for name in sorted(scope.archives)]
    return [Query(shelf.id) for shelf in reversed(named)]


def _parts(shelf: wire.Shelf, query: Query, found: list[wire.Hit], keys: Keys) -> list[Query]:
    """The parts of a search that may have been cut off. Raises Failure."""
    code = "archive.too_many"
    try:
        return split(query, [hit.values for hit in found], keys)
    except TooMany:
        pass
    except NoDay:
        code = "archive.no_day"
    raise Failure(Problem(code, Trouble.SOURCE, Owner.CONSULTANT, where=shelf.name))


def _named(shelves: list[wire.Shelf], name: str) -> wire.Shelf:
    found = [shelf for shelf in shelves if shelf.name == name.strip()]
    if len(found) != 1:
        code = "archive.ambiguous_archive" if found else "archive.unknown_archive"
        raise Failure(_config(code, name))
    return found[0]


def _values(shelf: wire.Shelf, indexes: Mapping[str, str]) -> dict[int, str]:
    """Index values by the ids of the indexes. Raises Failure."""
    for name in indexes:
        if name not in shelf.indexes:
            raise Failure(_config("archive.unknown_index", f"{shelf.name}: {name}"))
    return {shelf.indexes[name]: value for name, value in indexes.items()}


def _stored(hit: wire.Hit) -> Stored:
    return Stored(str(hit.id), hit.size, hit.md5)


def _config(code: str, where: str) -> Problem:
    return Problem(code, Trouble.CONFIG, Owner.CONSULTANT, where=where)


def _connection(verdict: Verdict, why: str, **args: str | int) -> Finding:
    return Finding("archive.connection", ("C4",), verdict, Text(f"archive.{why}", args))
