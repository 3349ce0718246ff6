"""The ERP source of exports: a folder with one CSV or XLSX file per entity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from connectors.contract import ALL, Capability, EntityInfo, Finding, Limits, Page, Scope, Text, Verdict
from connectors.erp.files_folder import PAGE, Folder, Stamp
from connectors.erp.files_media import PIECE
from connectors.erp.files_read import complaint
from connectors.housing import ENTITIES as HOUSING
from connectors.housing import Entity, TicketCategory
from connectors.letting import ENTITIES as LETTING
from connectors.letting import ErpUser, Vacancy
from connectors.partner import Connection
from connectors.problems import Failure, Owner, Problem, Trouble

UNLIMITED = Limits(requests_per_second=1_000_000.0, burst=1_000_000, in_flight=1, documented=True)

NAMES = tuple(kind.NAME for kind in (*HOUSING, *LETTING))
CAPABILITIES = {
    TicketCategory.NAME: Capability.TICKET_CATEGORIES,
    Vacancy.NAME: Capability.VACANCIES,
    ErpUser.NAME: Capability.USERS,
}
"""What the source can do where the export of an entity lies in the folder."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FilesOptions:
    """A customer's own file names and headings, by entity, where they differ from ``columns.toml``.

    ``media`` is the folder of pictures and PDFs, as seen from the folder of the exports. ``prospects_file``
    is where prospects are written for the ERP to import, for a product that can.
    """

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    media: str = "medien"
    prospects_file: Path | None = None


class FilesSource:
    """A Reader of housing and letting entities over exports. ``Connection.url`` is the folder.

    All work on files runs in one thread of its own: the event loop is never blocked, and a page that is
    cancelled is finished before its file is closed.
    """

    name = "erp"

    def __init__(self, connection: Connection) -> None:
        options: FilesOptions = connection.options
        self._folder = Folder(Path(connection.url), options.columns, options.media)
        self._pool: ThreadPoolExecutor | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Ticket categories, vacancies and users, each where its export lies in the folder."""
        return frozenset(capability for name, capability in CAPABILITIES.items() if self._there(name))

    def _there(self, entity: str) -> bool:
        try:
            return self._folder.file(entity) is not None
        except Failure:
            return False

    def entities(self) -> tuple[EntityInfo, ...]:
        """All canonical entities; of a missing file no field is supplied."""
        return tuple(EntityInfo(name, self._folder.not_supplied(name)) for name in NAMES)

    def limits(self) -> Limits:
        """Files have none."""
        return UNLIMITED

    async def aclose(self) -> None:
        """End the thread. Idempotent."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Entity]]:
        """Stream pages once the whole file has proved sound; ``next`` names row and state of the file.

        Raises Failure ``erp.bad_export`` with all its problems, ``erp.file_missing``, ``erp.file_changed``.
        """
        stamp = await self._run(partial(self._folder.validate, entity))
        skip = _rows_to_skip(start, stamp)
        wanted = await self._run(partial(self._folder.wanted, entity, scope))
        batches = self._folder.batches(entity, skip)
        try:
            while (batch := await self._run(partial(next, batches, None))) is not None:
                skip += len(batch)
                following = f"{skip}@{_spelled(stamp)}" if len(batch) == PAGE else None
                records = await self._run(partial(self._folder.records, entity, batch, wanted))
                yield Page(records, following)
        finally:
            await self._run(batches.close)

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """The bytes of a picture or PDF, piece by piece. Raises Failure."""
        path = await self._run(partial(self._folder.media.find, ref))
        try:
            file: BinaryIO = await self._run(lambda: path.open("rb"))
            try:
                while piece := await self._run(partial(file.read, PIECE)):
                    yield piece
            finally:
                await self._run(file.close)
        except OSError:
            raise Failure(complaint("erp.file_unreadable", path.parent.name)) from None

    async def check(self) -> list[Finding]:
        """The folder, the exports it lacks, and every doubt in those it has."""
        try:
            files = {name: await self._run(partial(self._folder.file, name)) for name in NAMES}
            layouts = [self._folder.layout(name) for name, path in files.items() if path is None]
            absent = tuple(
                Text("erp.file_missing", {"where": layout.file}) for layout in layouts if not layout.optional
            )
        except Failure as failure:
            return [Finding("erp.connection", ("C4",), Verdict.FAIL, _text(failure.problem))]
        findings = [Finding("erp.connection", ("C4",), Verdict.OK, Text("erp.folder_readable"))]
        if absent:
            evidence = Text("erp.files_missing", {"count": len(absent)})
            findings.append(Finding("erp.files", ("C3",), Verdict.WARN, evidence, absent, len(absent)))
        return [*findings, await self._check_contents([name for name, path in files.items() if path])]

    async def _check_contents(self, names: list[str]) -> Finding:
        details: list[Text] = []
        count = 0
        for name in names:
            try:
                await self._run(partial(self._folder.validate, name))
            except Failure as failure:
                count += int(failure.problem.excerpt) if failure.details else 1
                details.extend(_text(problem) for problem in failure.details or (failure.problem,))
        if not count:
            return Finding("erp.exports", ("C2",), Verdict.OK, Text("erp.exports_sound"))
        evidence = Text("erp.exports_broken", {"count": count})
        return Finding("erp.exports", ("C2",), Verdict.FAIL, evidence, tuple(details), count)

    async def _run(self, job: Callable[[], T]) -> T:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="einzug-files")
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)


def _text(problem: Problem) -> Text:
    return Text(problem.code, {"where": problem.where, "excerpt": problem.excerpt})


def _spelled(stamp: Stamp) -> str:
    """The state of the file itself, as a cursor carries it."""
    _, changed, size = stamp[0]
    return f"{changed}-{size}"


def _rows_to_skip(start: str | None, stamp: Stamp) -> int:
    """The row a cursor stands for. Raises Failure where the file is not the one it was made from."""
    if start is None:
        return 0
    row, _, state = start.partition("@")
    if not row.isascii() or not row.isdigit():
        raise Failure(Problem("erp.bad_cursor", Trouble.CONFIG, Owner.CONSULTANT))
    if state != _spelled(stamp):
        raise Failure(complaint("erp.file_changed", stamp[0][0]))
    return int(row)
