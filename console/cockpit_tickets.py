"""The tickets as the screens see them: each partner's list, passes, watching, and one ticket on both sides.

Like the cockpit's, its coroutines are run by workers and never raise for what a user can mend.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.contract import EINZUG
from connectors.problems import Failure
from connectors.tickets import Ticket
from console.cockpit_words import told
from console.errors import ConsoleError
from console.i18n import _
from console.store.errors import StoreError
from console.threads import off_loop
from console.tickets.ticket_state import HopSeen, Standing, TicketRow, TicketState

if TYPE_CHECKING:
    from console.tickets.events import PassResult
    from console.workspace import Workspace

MOST = 2000
"""Tickets that are shown: the stuck ones all, of the others the newest."""


class Doing(StrEnum):
    """What is done with the tickets of a partner."""

    NOTHING = "nothing"
    PREVIEW = "preview"
    PASS = "pass"  # noqa: S105  (no secret)
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of the list with the ways that its parts went."""

    row: TicketRow
    hops: tuple[HopSeen, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """One ticket as both sides have it at a moment."""

    partner: Ticket | None
    erp: Ticket | None
    at: datetime


@dataclass(slots=True)
class TicketTrack:
    """The tickets of one partner as they stand now. ``lines`` None = not read yet."""

    key: str
    partner: str
    interval: float
    hub: bool
    title: str = ""
    doing: Doing = Doing.NOTHING
    watching: bool = False
    lines: tuple[Line, ...] | None = None
    standing: Standing = field(default_factory=Standing)
    preview: PassResult | None = None
    last: PassResult | None = None
    last_at: datetime | None = None
    error: tuple[str, ...] = ()
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def busy(self) -> bool:
        """Whether a pass or its preview is under way."""
        return self.doing is not Doing.NOTHING


class Tickets:
    """The tickets of an opened customer, by partner. ``locked`` says why nothing may be written there."""

    def __init__(
        self,
        workspace: Workspace,
        changed: Callable[[], None],
        say: Callable[[str], None],
        locked: Callable[[str], str | None],
    ) -> None:
        self._workspace = workspace
        self._changed = changed
        self._say = say
        self._locked = locked
        connections = workspace.connections
        self.tracks: dict[str, TicketTrack] = {}
        for key in connections.partner_keys():
            if connections.has_tickets(key):
                settings, name = connections.ticket_settings(key), connections.partner(key).name
                hub = settings.owner != EINZUG
                self.tracks[key] = TicketTrack(key, name, settings.interval_s, hub, _("Tickets"))

    @property
    def writing(self) -> Iterator[TicketTrack]:
        """Those that a pass is writing now."""
        return (track for track in self.tracks.values() if track.doing in (Doing.PASS, Doing.REPLAY))

    async def load(self, key: str) -> None:
        """Read the list from our own store."""
        track = self.tracks[key]
        try:
            track.lines, track.standing = await off_loop(lambda: self._read(key), "tickets")
        except StoreError as error:
            track.error = told(error)
        self._changed()

    def _read(self, key: str) -> tuple[tuple[Line, ...], Standing]:
        environment = self._workspace.connections.partner_config(key).environment
        with self._workspace.store() as conn:
            state = TicketState(conn, self._workspace.vault, key, environment)
            found = {row.known.ticket: row for row in state.tickets(stuck=True, limit=MOST)}
            for row in state.tickets(limit=MOST):
                found.setdefault(row.known.ticket, row)
            lines = tuple(Line(row, state.hops(row.known.ticket)) for row in found.values())
            return lines, state.standing()

    def why_not(self, key: str, what: Doing) -> str | None:
        """Why something cannot be done now; None when it can."""
        track = self.tracks[key]
        if track.busy:
            return _("It is busy.")
        if track.watching and what is not Doing.PREVIEW:
            return _("They are being watched: w ends that.")
        if what is Doing.PREVIEW:
            return None
        return self.why_not_write(key)

    def why_not_write(self, key: str) -> str | None:
        """Why no pass may be made; None when one may."""
        if self.tracks[key].hub:
            return _("The hub owns the tickets: Einzug compares and writes nothing.")
        return self._locked(key)

    async def look_ahead(self, key: str) -> None:
        """What a pass would do; nothing is written."""
        async with self._at_work(key, Doing.PREVIEW) as track, self._workspace.tickets(key) as session:
            track.preview = await session.pass_(dry_run=True)

    async def run(self, key: str, *, replay: bool = False) -> None:
        """One pass; ``replay`` tries what was held back again."""
        if self._refused(key):
            return
        async with self._at_work(key, Doing.REPLAY if replay else Doing.PASS) as track:
            async with self._workspace.tickets(key) as session:
                done = await (session.replay(stop=track.stop) if replay else session.pass_(stop=track.stop))
            self._passed(track, done)
        await self.load(key)

    async def watch(self, key: str) -> None:
        """Passes in the agreed interval, until ``unwatch``, or until nothing may be written any more."""
        track = self.tracks[key]
        if self._refused(key) or track.watching or track.busy:
            return
        track.watching = True
        track.stop.clear()
        self._changed()
        try:
            async with self._workspace.tickets(key) as session:
                async for done in session.watch(track.stop, track.interval):
                    self._passed(track, done)
                    await self.load(key)
                    if self._refused(key):
                        break
        except (ConsoleError, StoreError, Failure) as error:
            track.error = told(error)
            self._say(f"{track.partner}: {' '.join(track.error)}")
        finally:
            track.watching = False
            self._changed()

    def unwatch(self, key: str) -> None:
        """End watching after what is under way."""
        self.tracks[key].stop.set()
        self._changed()

    async def both(self, key: str, line: Line) -> Both:
        """A ticket as both sides have it now. Raises ConsoleError, Failure, StoreError."""
        known = line.row.known
        async with self._workspace.tickets(key) as session:
            partner = await session.sides.partner.get(known.ticket)
            erp = await session.sides.erp.get(known.erp) if known.erp else None
        return Both(partner, erp, datetime.now(UTC))

    def _refused(self, key: str) -> bool:
        reason = self.why_not_write(key)
        if reason is not None:
            self._say(f"{self.tracks[key].partner}: {reason}")
        return reason is not None

    def _passed(self, track: TicketTrack, done: PassResult) -> None:
        track.last, track.last_at, track.preview = done, datetime.now(UTC), None
        track.error = () if done.stopped_by is None else told(Failure(done.stopped_by))
        if done.outcomes or done.stopped_by:
            text = _("{partner}: {count} ticket events, {bad} wait for somebody.")
            text = text.format(partner=track.partner, count=len(done.outcomes), bad=len(done.bad))
            self._say(" ".join((text, *track.error)))

    @asynccontextmanager
    async def _at_work(self, key: str, doing: Doing) -> AsyncIterator[TicketTrack]:
        track = self.tracks[key]
        track.doing, track.error = doing, ()
        track.stop.clear()
        self._changed()
        try:
            yield track
        except (ConsoleError, StoreError, Failure) as error:
            track.error = told(error)
            self._say(f"{track.partner}: {' '.join(track.error)}")
        finally:
            track.doing = Doing.NOTHING
            self._changed()
