"""An acceptance ticket at the command line: say who notices it, ask, begin or go on, tell each hop."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import click

from console.errors import ConsoleError, Exit
from console.i18n import _
from console.running import answerable
from console.terminal import can_ask, note, say
from console.tickets import trip_words as words
from console.tickets.trip import Leg, LegState, Trip
from console.tickets.trip_follow import Standing
from console.tickets.trip_guide import TripGuide
from console.walks.follow import Pause
from console.workspace import Workspace

TOLD = (LegState.WAITING, LegState.STUCK, LegState.DONE, LegState.FAILED)
"""States of a leg that are worth a line when they begin."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for. ``play`` None: the sandbox plays where it can."""

    lease: str = ""
    live: str = ""
    play: bool | None = None
    give_up: bool = False
    as_json: bool = False


async def roundtrip(workspace: Workspace, partner: str, wanted: Wanted) -> Exit:
    """Make an acceptance ticket as far as it gets. Raises ConsoleError, Failure, StoreError."""
    if not workspace.connections.has_tickets(partner):
        name = workspace.connections.partner(partner).name
        raise ConsoleError(
            _("No tickets are agreed with {partner}.").format(partner=name),
            _("Add [customers.{customer}.{partner}.use_cases.tickets] to the configuration.").format(
                customer=workspace.customer.key, partner=partner
            ),
        )
    guide = TripGuide(workspace, partner)
    if wanted.play and not guide.plays:
        raise ConsoleError(_("Only the practice company plays its people."))
    trip = await guide.kept()
    if trip is None and wanted.give_up:
        note(_("No acceptance ticket was begun."))
        return Exit.OK
    if trip is None:
        trip = await _begun(workspace, guide, wanted)
    elif wanted.give_up:
        trip = await guide.give_up(trip)
    told = Teller(guide, wanted.as_json)
    told.head(trip)
    try:
        standing = await guide.follow(Standing(trip), told.heard, Pause())
    except asyncio.CancelledError:
        note(
            _("It is kept; go on with the same command.")
            if guide.durable
            else _("Without a keyring nothing of it is kept.")
        )
        raise
    return told.end(standing.trip)


async def _begun(workspace: Workspace, guide: TripGuide, wanted: Wanted) -> Trip:
    """Say who notices it, ask, begin. Raises ConsoleError, click.Abort."""
    lease = guide.lease(wanted.lease)
    for line in words.alerts(guide.terms, lease or _("(any running one)"), practice=guide.practice):
        note(line)
    if not guide.practice:
        _agree(workspace.customer.key, wanted)
    by_hand = wanted.play is False
    return await guide.begin(lease, by_hand=by_hand)


def _agree(customer: str, wanted: Wanted) -> None:
    """Outside practice the customer's key has to be named. Raises ConsoleError, click.Abort."""
    if wanted.live == customer:
        return
    if wanted.live or wanted.as_json or not can_ask():
        raise ConsoleError(
            _("Outside practice this alerts real people."),
            _("Repeat with --live {customer} if that is the customer you mean.").format(customer=customer),
        )
    with answerable():
        question = _("Type {customer} to begin").format(customer=customer)
        if click.prompt(question, default="", show_default=False, err=True).strip() != customer:
            raise click.Abort


@dataclass(slots=True)
class Teller:
    """Tells each hop as it is seen."""

    guide: TripGuide
    as_json: bool
    shown: dict[Leg, LegState] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    troubled: bool = False

    def head(self, trip: Trip) -> None:
        """Which one it is, and since when."""
        if not self.as_json:
            since = words.clock(trip.begun, datetime.now(UTC))
            text = _("{mark} at {partner}, lease {lease}, begun {since}")
            name = self.guide.partner.name
            say(text.format(mark=trip.id, partner=name, lease=trip.contract, since=since))

    async def heard(self, standing: Standing) -> None:
        """A round was made: tell what is new."""
        if (standing.problem is not None) != self.troubled:
            self.troubled = standing.problem is not None
            wrong = words.look_words(standing, datetime.now(UTC))
            note(wrong or _("It goes on."))
        if self.as_json:
            return
        now, trip = standing.now(datetime.now(UTC)), standing.trip
        for leg in Leg:
            state = trip.state(leg, now)
            if state is not self.shown.get(leg) and state in TOLD:
                say(words.leg_line(trip, leg, self.guide.terms, now))
            self.shown[leg] = state
        asked = self.guide.asked(trip)
        for line in asked:
            if line not in self.asked:
                note("▶ " + line)
        self.asked = asked

    def end(self, trip: Trip) -> Exit:
        """The verdict, and what remains."""
        now = datetime.now(UTC)
        if self.as_json:
            found = words.document(trip, self.guide.terms, now)
            click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        else:
            say(words.verdict(trip, self.guide.terms, now))
            for text in trip.remains:
                say("- " + _("Remains: {what}").format(what=words.note_words(text)))
        return Exit.OK if trip.passed else Exit.FINDINGS
