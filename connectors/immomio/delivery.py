"""How vacancies get there: OpenImmo deliveries of what changed or of the whole stock, by API or FTP."""

from __future__ import annotations

import asyncio
import io
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from connectors import answers
from connectors.answers import Reply
from connectors.contract import Action, Change, Files, Outcome, Record, Result
from connectors.immomio import wire
from connectors.immomio.offers import COMPANY, Sender, Unsuitable, attachments, offer
from connectors.immomio.options import BULK
from connectors.immomio.parcel import Fetched, Parcel, fetch
from connectors.immomio.session import Session
from connectors.openimmo.build import Deed, Envelope, Extent, Node, Unbuildable, delivery, element, identifier
from connectors.openimmo.structure import flaw
from connectors.outcomes import outcome
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

AHEAD = 4
"""Objects whose files are fetched at the same time."""
READINGS = 4
"""How often the whole stock is read at most, until two readings agree."""
API_BYTES = 16 * 1024 * 1024
"""Bytes of files in one delivery over the API, which has to arrive within one call's deadline."""
API_WHOLE = 64 * 1024 * 1024
"""Bytes of a full delivery over the API: it cannot be parted, for what it does not list is withdrawn."""

Shown = Callable[[], AsyncIterator[Record]]
"""Reads every vacancy that Immomio shows. Raises Failure."""

_DEEDS = {Action.CREATE: Deed.NEW, Action.UPDATE: Deed.CHANGE, Action.DELETE: Deed.DELETE}


class Way(Protocol):
    """One way for a delivery to get there."""

    @property
    def largest(self) -> int:
        """Bytes of files that fit well into one delivery."""

    @property
    def whole(self) -> int:
        """Bytes that a full delivery may have at most."""

    async def send(self, parcel: Parcel, document: bytes, ids: frozenset[str]) -> Reply:
        """Deliver once; gives the importer's answer. Raises Failure."""

    async def settled(self, id_: str | None) -> None:
        """Nothing, when no delivery with this id (any: None) still waits to be imported. Raises Failure."""


class ApiWay:
    """Over the API: the plain document, or a ZIP when there are files."""

    largest = API_BYTES
    whole = API_WHOLE

    def __init__(self, session: Session) -> None:
        self._session = session

    async def send(self, parcel: Parcel, document: bytes, ids: frozenset[str]) -> Reply:
        """Deliver once. Raises Failure."""
        if parcel.files:
            file = await asyncio.to_thread(parcel.finish, document)
            media = wire.ZIP
        else:
            file, media = io.BytesIO(document), wire.XML
        try:
            return await self._session.send("PUT", wire.IMPORT, file=file, media=media, write=True)
        except Failure as failure:
            if failure.problem.status not in (400, 422):
                raise
            refused = failure.problem
        raise Failure(answers.problem(wire.UNREADABLE, refused.where, write=False, status=refused.status))

    async def settled(self, id_: str | None) -> None:
        """Always so: the answer comes with the call."""


@dataclass(frozen=True, slots=True)
class _Load:
    """One object on its way: its record, its element, and the change behind it; None = it stays as it is."""

    record: Record
    node: Node
    change: Change | None


class Deliveries:
    """Delivers changes of vacancies. Full deliveries exclude each other: each builds on the one before."""

    def __init__(self, way: Way, sender: Sender, files: Files | None, *, full: bool) -> None:
        self._way = way
        self._sender = sender
        self._files = files
        self._full = full
        self._turn = asyncio.Lock()

    async def settled(self, id_: str | None) -> None:
        """Nothing, when what Immomio shows of this vacancy (of any: None) is up to date. Raises Failure."""
        await self._way.settled(id_)

    async def deliver(self, changes: Sequence[Change], shown: Shown) -> list[Outcome]:
        """One outcome per change, in order; never raises Failure."""
        if changes and not self._sender.complete:
            problem = Problem("immomio.sender_missing", Trouble.CONFIG, Owner.CONSULTANT)
            return [wire.refused(change, problem) for change in changes]
        outcomes: dict[str, Outcome] = {}
        if self._full and changes:
            async with self._turn:
                outcomes = await self._whole(changes, shown)
        else:
            for at in range(0, len(changes), BULK):
                outcomes |= await self._partial(changes[at : at + BULK])
        return [outcomes[change.id] for change in changes]

    async def _partial(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        loads = await asyncio.to_thread(self._loads, changes, outcomes)
        return outcomes | await self._send_all(loads)

    def _loads(self, changes: Sequence[Change], outcomes: dict[str, Outcome]) -> list[_Load]:
        """The objects of those changes that one can be made of; the outcomes of the others."""
        return [load for change in changes if (load := self._load(change, outcomes))]

    def _load(self, change: Change, outcomes: dict[str, Outcome]) -> _Load | None:
        """The object of a change; its outcome instead where none can be made."""
        fields = (change.before if change.action is Action.DELETE else change.after) or {}
        try:
            if change.action is Action.DELETE:
                fields = {name: value for name, value in fields.items() if name != "attachments"}
            return self._made(Record(change.entity, change.id, fields), _DEEDS[change.action], change)
        except Failure as failure:
            outcomes[change.id] = wire.refused(change, failure.problem)
        return None

    def _made(self, record: Record, deed: Deed, change: Change | None) -> _Load:
        """An object that the format can carry. Raises Failure naming the place, never the value."""
        place = ""
        try:
            node = offer(record, deed, self._sender, datetime.now(UTC).date())
            place = flaw(element("immobilie", node))
        except Unsuitable as error:
            place = str(error)
        except Unbuildable as error:
            place = error.path
        if place:
            raise Failure(
                Problem(
                    "immomio.unsuitable", Trouble.REJECTED, Owner.CUSTOMER, where=record.id, excerpt=place
                )
            )
        return _Load(record, node, change)

    async def _send_all(self, loads: Sequence[_Load]) -> dict[str, Outcome]:
        """Pack and send in as many parcels as needed. Without room to pack nothing more can be sent."""
        outcomes: dict[str, Outcome] = {}
        try:
            async with aclosing(self._fetched(loads)) as coming:
                more = True
                while more:
                    with closing(Parcel()) as parcel:
                        packed, more = await self._packed(parcel, coming, outcomes)
                        outcomes |= await self._send(parcel, packed) if packed else {}
        except Failure as failure:
            outcomes |= _refusals([one for one in loads if one.record.id not in outcomes], failure.problem)
        return outcomes

    async def _packed(
        self,
        parcel: Parcel,
        coming: AsyncIterator[tuple[_Load, Fetched | Problem]],
        outcomes: dict[str, Outcome],
    ) -> tuple[list[_Load], bool]:
        """Fill a parcel: what is in it, and whether more is to come. Raises Failure."""
        packed: list[_Load] = []
        async for load, got in coming:
            if isinstance(got, Problem):
                outcomes |= _refusals([load], got)
                continue
            with closing(got):
                await parcel.add(got)
            packed.append(load)
            if parcel.size >= self._way.largest:
                return packed, True
        return packed, False

    async def _send(self, parcel: Parcel, loads: Sequence[_Load]) -> dict[str, Outcome]:
        """One delivery. If it is refused as a whole, halve it until the guilty object is alone."""
        try:
            reply, found = await self._delivered(parcel, loads, Extent.PART)
        except Failure as failure:
            if failure.problem.status not in (400, 413, 422) or len(loads) == 1:
                return _refusals(loads, failure.problem)
        else:
            return _judged(loads, found, reply)
        half = len(loads) // 2
        return await self._send_all(loads[:half]) | await self._send_all(loads[half:])

    async def _delivered(
        self, parcel: Parcel, loads: Sequence[_Load], extent: Extent
    ) -> tuple[Reply, Mapping[str, wire.Answer]]:
        """Send what is packed; gives the answer and what it says of each id. Raises Failure."""
        document = await asyncio.to_thread(
            delivery, _envelope(self._sender, extent), [load.node for load in loads]
        )
        if extent is Extent.FULL:
            self._fits(parcel.size + len(document))
        ids = frozenset(load.record.id for load in loads)
        reply = await self._way.send(parcel, document, ids)
        return reply, wire.results(reply, document)

    async def _whole(self, changes: Sequence[Change], shown: Shown) -> dict[str, Outcome]:
        """The whole stock with the changes in it; nothing that is not ours or not changed gets lost."""
        outcomes: dict[str, Outcome] = {}
        try:
            stock = await _still(shown)
            loads = await asyncio.to_thread(self._stock_with, changes, stock, outcomes)
            with closing(Parcel()) as parcel:
                packed = await self._pack_stock(parcel, loads, stock, outcomes)
                waiting = [c for c in changes if c.id not in outcomes]
                if not waiting:
                    return outcomes
                reply, found = await self._delivered(parcel, packed, Extent.FULL)
        except Failure as failure:
            return outcomes | {
                c.id: wire.refused(c, failure.problem) for c in changes if c.id not in outcomes
            }
        outcomes |= _judged([load for load in packed if load.change], found, reply)
        gone = [c for c in waiting if c.action is Action.DELETE]
        return outcomes | {c.id: outcome(c, Result.DONE) for c in gone}

    def _stock_with(
        self, changes: Sequence[Change], stock: Mapping[str, Record], outcomes: dict[str, Outcome]
    ) -> list[_Load]:
        """What is to be shown afterwards. Raises Failure."""
        changed = {change.id for change in changes}
        gone = [change for change in changes if change.action is Action.DELETE]
        outcomes |= {c.id: outcome(c, Result.ALREADY) for c in gone if c.id not in stock}
        loads = self._loads([c for c in changes if c.action is not Action.DELETE], outcomes)
        for id_, record in stock.items():
            if id_ not in changed or id_ in outcomes:
                loads.append(self._unchanged(record))
        return loads

    def _unchanged(self, record: Record) -> _Load:
        try:
            return self._made(record, Deed.CHANGE, None)
        except Failure as failure:
            raise Failure(_incomplete(record.id, failure.problem)) from None

    async def _pack_stock(
        self,
        parcel: Parcel,
        loads: Sequence[_Load],
        stock: Mapping[str, Record],
        outcomes: dict[str, Outcome],
    ) -> list[_Load]:
        """Pack everything. A change whose files cannot be had leaves its vacancy as it is. Raises Failure."""
        packed, back = list[_Load](), list[_Load]()
        async with aclosing(self._fetched(loads)) as coming:
            async for load, got in coming:
                if not isinstance(got, Problem):
                    with closing(got):
                        await parcel.add(got)
                    self._fits(parcel.size)
                    packed.append(load)
                elif load.change is None:
                    raise Failure(_incomplete(load.record.id, got))
                else:
                    outcomes |= _refusals([load], got)
                    if load.record.id in stock:
                        back.append(self._unchanged(stock[load.record.id]))
        return packed + (await self._pack_stock(parcel, back, {}, outcomes) if back else [])

    def _fits(self, size: int) -> None:
        """Refuse a full delivery that is larger than one may be. Raises Failure before anything is sent."""
        if size > self._way.whole:
            where = f"{self._way.whole // 1024**2} MB"
            raise Failure(Problem("immomio.stock_too_large", Trouble.CONFIG, Owner.CONSULTANT, where=where))

    async def _fetched(self, loads: Sequence[_Load]) -> AsyncGenerator[tuple[_Load, Fetched | Problem]]:
        """Each load with its files, or why they cannot be had; a few are fetched ahead."""
        failed: dict[str, Problem] = {}
        ahead: deque[tuple[_Load, asyncio.Task[Fetched | Problem]]] = deque()
        rest = iter(loads)
        try:
            while True:
                while len(ahead) < AHEAD and (load := next(rest, None)):
                    ahead.append((load, asyncio.create_task(self._fetch(load, failed))))
                if not ahead:
                    return
                load, task = ahead[0]
                got = await task
                ahead.popleft()
                yield load, got
        finally:
            for _, task in ahead:
                task.cancel()
            for left in await asyncio.gather(*(task for _, task in ahead), return_exceptions=True):
                if isinstance(left, Fetched):
                    left.close()

    async def _fetch(self, load: _Load, failed: dict[str, Problem]) -> Fetched | Problem:
        """The files of one object; a file that failed once is not asked for again."""
        attached = attachments(load.record)
        known = next((failed[one.ref] for one in attached if one.ref in failed), None)
        if known is not None:
            return known
        try:
            return await fetch(self._files, attached)
        except Failure as failure:
            return failed.setdefault(failure.problem.where, failure.problem)


async def _still(shown: Shown) -> dict[str, Record]:
    """The whole stock, once two readings in a row name the same vacancies. Raises Failure.

    A row that shifts between two pages while somebody else changes the list is missed without a trace, and
    what a full delivery does not list is withdrawn.
    """
    former: set[str] | None = None
    for _ in range(READINGS):
        stock = {record.id: record async for record in shown()}
        if former == stock.keys():
            return stock
        former = set(stock)
    raise Failure(Problem("immomio.stock_moving", Trouble.UNAVAILABLE, Owner.NOBODY))


def _envelope(sender: Sender, extent: Extent) -> Envelope:
    try:
        ours = version("einzug")
    except PackageNotFoundError:
        ours = "0"
    anid = identifier("A", COMPANY, sender.company)
    return Envelope(sender.company, anid, extent, datetime.now(UTC), "Einzug", ours)


def _incomplete(id_: str, problem: Problem) -> Problem:
    """Why the whole stock cannot be delivered: this vacancy, which was to stay, would suffer."""
    return replace(
        problem,
        code="immomio.stock_incomplete",
        trouble=Trouble.SOURCE,
        arrival=Arrival.NEVER,
        where=id_,
        excerpt=problem.where if problem.code == "immomio.file_missing" else problem.excerpt,
    )


def _refusals(loads: Sequence[_Load], problem: Problem) -> dict[str, Outcome]:
    return {load.change.id: wire.refused(load.change, problem) for load in loads if load.change}


def _judged(loads: Sequence[_Load], found: Mapping[str, wire.Answer], reply: Reply) -> dict[str, Outcome]:
    changes = [load.change for load in loads if load.change]
    return {c.id: wire.judged(c, found.get(c.id), reply) for c in changes}
