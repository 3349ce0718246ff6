"""The state that the screens show: each use case with plan, progress and last run, and a feed of events.

Knows no screen. Whoever shows it looks at ``version`` a few times a second and redraws when it has moved,
so a thousand events a second cost no more than ten.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.contract import Finding, Text, Verdict
from connectors.problems import Failure
from connectors.registry import archive_kind
from connectors.texts import render
from connectors.ticketing import TICKETS
from connectors.wrappers import Patience
from console.checking import CheckReport
from console.cockpit_chains import ChainRoom
from console.cockpit_checklists import ChecklistRoom
from console.cockpit_standing import StandingRoom
from console.cockpit_tickets import Tickets, TicketTrack
from console.cockpit_tracks import Activity as Activity
from console.cockpit_tracks import FeedLine
from console.cockpit_tracks import Place as Place
from console.cockpit_tracks import Tone as Tone
from console.cockpit_tracks import Track as Track
from console.cockpit_trips import Trips
from console.cockpit_walks import Walks
from console.cockpit_words import brief_words, told
from console.connections import ARCHIVE, ERP, PRACTICE
from console.errors import ConsoleError
from console.i18n import _, language
from console.running import countdown
from console.selection import EVERYTHING, Selection
from console.sitting import Sitting
from console.store.errors import StoreError
from console.sync.events import Meter, Pauses, Progress, SyncEvent, Waiting
from console.sync.guards import Lifts
from console.threads import off_loop
from console.workspace import Workspace

if TYPE_CHECKING:
    from console.planner import Plan

FEED = 200
NO_NETWORK = frozenset({"http.refused", "http.dns", "http.no_answer", "http.no_connection", "http.silent"})
"""Problems that mean: nobody answers."""

UNLOCKED_S = 1800.0
"""Seconds for which writing outside practice stays unlocked."""


class Cockpit:
    """An opened customer as the screens see it. Its coroutines are run by workers; they never raise for what
    a user can mend: the track's ``error`` tells, and so does the feed."""

    def __init__(self, workspace: Workspace, patience: Patience | None = None) -> None:
        self.workspace = workspace
        self.version = 0
        self.feed: deque[FeedLine] = deque(maxlen=FEED)
        self.findings: dict[str, tuple[Finding, ...]] = {}
        self.checked_at: datetime | None = None
        self.checking = False
        self.masked = self.live
        self._unlocked_until = 0.0
        self._patience = patience or Patience()
        self.tracks: dict[Place, Track] = {}
        for key in workspace.connections.partner_keys():
            partner = workspace.connections.partner(key)
            for use_case in workspace.connections.use_cases(key):
                direction = workspace.connections.use_case(key, use_case).direction
                title = render(Text(f"{key}.title_{use_case}"), language())
                place = (key, use_case)
                self.tracks[place] = Track(place, partner.name, title, direction.value)
        self.standing = StandingRoom(workspace, self.changed, self.say)
        self.walks = Walks(workspace, self.changed, self.say)
        self.checklists = ChecklistRoom(workspace, self.changed, self.say)
        self.tickets = Tickets(
            workspace,
            self.changed,
            self.say,
            lambda key: self.standing.why_not_write((key, TICKETS)) or self.locked(key),
        )
        self.trips = Trips(workspace, self.changed, self.say)
        self.chains = ChainRoom(workspace, self.changed, self.say)

    def changed(self) -> None:
        """Something that is shown has moved."""
        self.version += 1

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Add a line to the feed."""
        self.feed.append(FeedLine(datetime.now(UTC), text, tone))
        self.changed()

    def load_findings(self) -> None:
        """Show what the last checks found, before any of this start. Blocks briefly. Raises StoreError."""
        kept = self.workspace.last_findings()
        if kept and self.checked_at is None:
            self._sort_findings([finding for _at, finding in kept.values()])
            self.checked_at = min(at for at, _finding in kept.values())
            self.changed()

    def load_history(self) -> None:
        """Read the last run of every use case. Blocks briefly. Raises StoreError."""
        with self.workspace.journal() as journal:
            for place, track in self.tracks.items():
                environment = self.environment(place[0])
                track.last = journal.last_run(place[0], environment, place[1], kind="apply")
        self.changed()

    async def load_possible(self) -> None:
        """Find out which use cases the ERP makes impossible; nobody is connected to."""
        for place, track in self.tracks.items():
            reason = await self.workspace.why_not(*place)
            track.impossible = "" if reason is None else " ".join(told(reason))
        self.changed()

    def environment(self, partner: str) -> str:
        """practice, test or production."""
        return self.workspace.connections.partner_config(partner).environment

    @property
    def writing(self) -> Iterator[Track | TicketTrack]:
        """The use cases and tickets that are written now."""
        yield from (track for track in self.tracks.values() if track.activity is Activity.WRITING)
        yield from self.tickets.writing

    @property
    def absent(self) -> frozenset[str]:
        """The panels that this customer has no use for."""
        useless = {"tickets": not self.tickets.tracks, "chain": not self.chains.tracks}
        return frozenset(scope for scope, absent in useless.items() if absent)

    def locked(self, partner: str) -> str | None:
        """Why nothing may be written to a partner; None where it may."""
        locked = self.environment(partner) != PRACTICE and not self.unlocked
        return _("Reading only: Ctrl+W unlocks writing.") if locked else None

    async def check(self, partner: str | None = None) -> CheckReport | None:
        """Run the checks; None when they could not begin."""
        self.checking = True
        name = dict(self.parties()).get(partner or "", partner or "")
        self.say(_("Checks of {name} started.").format(name=name) if name else _("Checks started."))
        try:
            report = await self.workspace.check(partner)
        except (ConsoleError, StoreError, Failure) as error:
            self.say(" ".join(told(error)), Tone.BAD)
            return None
        finally:
            self.checking = False
            self.changed()
        self.checked_at = datetime.now(UTC)
        self._sort_findings(report.findings)
        bad = sum(finding.verdict is Verdict.FAIL for finding in report.findings)
        warned = sum(finding.verdict is Verdict.WARN for finding in report.findings)
        text = _("Checks done: {bad} failed, {warned} with a warning.")
        if name:
            text = _("Checks of {name} done: {bad} failed, {warned} with a warning.")
        tone = Tone.BAD if bad else Tone.WARN if warned else Tone.GOOD
        self.say(text.format(name=name, bad=bad, warned=warned), tone)
        await self.checklists.refresh()
        await self.standing.read()
        self.chains.refresh()
        return report

    def _sort_findings(self, findings: Sequence[Finding]) -> None:
        by_partner: dict[str, list[Finding]] = {}
        for finding in findings:
            by_partner.setdefault(finding.key.partition(".")[0], []).append(finding)
        self.findings.update({key: tuple(found) for key, found in by_partner.items()})

    async def plan(self, place: Place, selection: Selection = EVERYTHING) -> None:
        """Compare a use case; the new plan replaces the old one. Nothing happens while it is busy."""
        track = self.tracks[place]
        if track.busy:
            return
        async with self._at_work(track, Activity.PLANNING) as sitting:
            async with self.workspace.session(*place, sitting) as session:
                await session.settle()
                plan = await session.plan(selection)
            await self._replace(track, plan)
            self.say(f"{track.partner} {track.shown_title}: {brief_words(plan)}")
            await self.standing.refresh()

    async def plan_undo(self, place: Place, run: int) -> None:
        """Plan to take a run back. Nothing happens while the use case is busy."""
        track = self.tracks[place]
        if track.busy:
            return
        async with self._at_work(track, Activity.PLANNING) as sitting:
            async with self.workspace.session(*place, sitting) as session:
                plan = await session.plan_undo(run)
            await self._replace(track, plan)
            what = _("taking back run {run}").format(run=run)
            self.say(f"{track.partner} {track.title}, {what}: {brief_words(plan)}")

    async def sync(
        self,
        place: Place,
        accepted: Lifts = (),
        only: Collection[int] | None = None,
    ) -> None:
        """Write the plan that is shown, or ``only`` its rows with these numbers.

        Whether it may be written is asked again here: the question may have stood there for an hour.
        """
        track = self.tracks[place]
        reason = self.why_not_write(place)
        if track.plan is None or reason is not None:
            self.say(f"{track.partner} {track.title}: {reason}", Tone.WARN)
            return
        track.result = None
        async with self._at_work(track, Activity.WRITING) as sitting:
            async with self.workspace.session(*place, sitting) as session:
                track.result = await session.sync(track.plan, track.stop, accepted, only)
            await off_loop(self.load_history, "history")
            done = track.result.applying
            left = track.plan.changes - done.applied - done.failed
            text = _("{partner} {title}: {applied} written, {failed} failed, {left} left.").format(
                partner=track.partner, title=track.title, applied=done.applied, failed=done.failed, left=left
            )
            self.say(text, Tone.WARN if done.failed or left else Tone.GOOD)

    def close(self) -> None:
        """Delete the plans and follow no walk; nothing is shown any more."""
        self.walks.close()
        for track in self.tracks.values():
            if track.plan is not None:
                track.plan.close()
                track.plan = None

    def parties(self) -> list[tuple[str, str]]:
        """Key and name of the ERP and of every partner in use."""
        connections = self.workspace.connections
        erp = self.workspace.customer.erp_product or "ERP"
        archive = [(ARCHIVE, archive_kind().name)] if connections.has_archive else []
        partners = ((key, connections.partner(key).name) for key in connections.partner_keys())
        return [(ERP, erp), *archive, *partners]

    @property
    def failed_checks(self) -> bool:
        """Whether any finding of the last checks is a failure."""
        return any(f.verdict is Verdict.FAIL for found in self.findings.values() for f in found)

    @property
    def checked_age(self) -> float | None:
        """Seconds since the last checks; None before."""
        return None if self.checked_at is None else (datetime.now(UTC) - self.checked_at).total_seconds()

    @property
    def data_age(self) -> float | None:
        """Seconds since the ERP was read for the newest plan; None before."""
        ages = [track.age for track in self.tracks.values() if track.age is not None]
        return min(ages, default=None)

    @property
    def shown_customer(self) -> str:
        """The customer's name."""
        return self.workspace.customer.name or self.workspace.customer.key

    @property
    def production(self) -> bool:
        """Whether any partner in use is in production."""
        keys = self.workspace.connections.partner_keys()
        return any(self.environment(key) == "production" for key in keys)

    @property
    def network_words(self) -> str:
        """What is wrong with the network just now; "" while all is well."""
        calls = self.workspace.log.calls()[-1:]
        return _("NO NETWORK") if calls and calls[0].problem in NO_NETWORK else ""

    def why_not_write(self, place: Place) -> str | None:
        """The reason why this use case cannot be written now; None when it can."""
        track = self.tracks[place]
        if track.busy:
            return _("It is busy.")
        if track.plan is None:
            return _("There is no plan yet: p makes one.")
        if track.result is not None:
            return _("This plan was written: p compares anew.")
        if track.plan.changes == 0:
            return _("There is nothing to write.")
        return self.standing.why_not_write(place) or self.locked(place[0])

    @property
    def live(self) -> bool:
        """Whether anything in use is outside practice."""
        return not self.workspace.connections.practice

    @property
    def unlocked(self) -> float:
        """Seconds for which writing outside practice is still unlocked; 0 = locked."""
        return max(0.0, self._unlocked_until - time.monotonic())

    def unlock(self, typed: str) -> bool:
        """Unlock writing for half an hour when the customer's key was typed; else all stays as it was."""
        good = typed.strip() == self.workspace.customer.key
        if good:
            self._unlocked_until = time.monotonic() + UNLOCKED_S
        self.changed()
        return good

    @asynccontextmanager
    async def _at_work(self, track: Track, activity: Activity) -> AsyncIterator[Sitting]:
        """Mark a track busy, listen for it, and turn what a user can mend into its ``error``."""
        from console.sync.codec import CodecError  # late: the engine is not needed to show what there is
        from console.syncer import GuardStop

        track.activity, track.error, track.progress = activity, (), None
        track.meter, track.pauses = Meter(), Pauses()
        track.stop.clear()  # left set, it would end every wait between two tries
        self.changed()

        def listen(event: SyncEvent) -> None:
            self._hear(track, event)

        try:
            patience = replace(self._patience, stopped=track.stop.is_set)
            yield Sitting(patience, countdown(listen, track.stop.is_set), listen)
        except (ConsoleError, StoreError, Failure, GuardStop, CodecError) as error:
            track.error = told(error)
            self.say(f"{track.partner} {track.title}: {' '.join(track.error)}", Tone.BAD)
        finally:
            track.activity, track.pauses = Activity.IDLE, Pauses()
            self.changed()

    def _hear(self, track: Track, event: SyncEvent) -> None:
        if isinstance(event, Progress):
            if track.progress is None or track.progress.stage is not event.stage:
                track.meter = Meter()
            track.progress = event
            track.meter.add(time.monotonic(), event.done)
        elif isinstance(event, Waiting):
            track.pauses.add(time.monotonic(), event)
        self.changed()

    async def _replace(self, track: Track, plan: Plan) -> None:
        former, track.plan, track.result = track.plan, plan, None
        self.changed()
        if former is not None:
            await former.aclose()
