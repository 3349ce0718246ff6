"""The acceptance ticket: who will notice it, then its hops as a timeline that fills live."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console.cockpit import Cockpit
from console.cockpit_trips import TripTrail
from console.errors import ConsoleError
from console.i18n import _, language
from console.safe import clean, fit
from console.screens.small_dialogs import SureDialog
from console.screens.window import crash_of_worker, window_bindings
from console.tickets import trip_words as words
from console.tickets.trip import Leg, LegState
from console.tickets.trip_follow import Standing
from console.widgets.safe_text import content
from console.window_keys import hint

TICK_S = 0.2
STYLES = {
    LegState.ASKED: "bold",
    LegState.WAITING: "bold",
    LegState.STUCK: "$warning",
    LegState.DONE: "$success",
    LegState.FAILED: "$error",
}

Work = Callable[[Coroutine[Any, Any, None], str], None]
"""Runs a coroutine that goes on when the window is closed; the text says what it is."""


class TripScreen(ModalScreen[None]):
    """One acceptance ticket."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("trip")
    on_worker_state_changed = crash_of_worker

    def __init__(self, cockpit: Cockpit, key: str, work: Work) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._key = key
        self._work = work
        self._said: dict[str, Content] = {}  # what stands where

    @property
    def _trail(self) -> TripTrail:
        return self._cockpit.trips.trails[self._key]

    def compose(self) -> ComposeResult:
        """The title, the timeline, what is asked or wrong, and the keys."""
        with Vertical(classes="dialog full"):
            name = _("Acceptance ticket: {partner}").format(partner=self._trail.guide.partner.name)
            yield Static(clean(name), markup=False, classes="title")
            with VerticalScroll(id="trip", can_focus=False):
                yield Static(id="trip-lines", markup=False)
                yield Static(id="trip-more", markup=False)
            yield Static(id="trip-look", markup=False)
            yield Static(id="trip-keys", markup=False, classes="keys")

    def on_mount(self) -> None:
        """Go on with what was begun."""
        if self._trail.standing is not None:
            self._work(self._cockpit.trips.follow(self._key), "acceptance ticket")
        self.set_interval(TICK_S, self._show)
        self._show()

    def _show(self) -> None:
        trail, clock = self._trail, datetime.now(UTC)
        if trail.standing is None:
            self._put("#trip-lines", self._before())
            self._put("#trip-more", Content(""))
        else:
            room = max(20, self.query_one("#trip-lines", Static).size.width)
            self._put("#trip-lines", timeline(trail, trail.standing, clock, room))
            self._put("#trip-more", content(more_words(trail, trail.standing, clock), lines=True))
        self._put("#trip-look", look_line(trail, clock))
        self._put("#trip-keys", keys(trail))

    def _put(self, place: str, words: Content) -> None:
        """Draw words only where they say something else: the clock ticks five times a second."""
        if self._said.get(place) != words:
            self._said[place] = words
            self.query_one(place, Static).update(words)

    def _before(self) -> Content:
        """Who will notice it, or why none can be begun."""
        try:
            told = self._cockpit.trips.alerts(self._key)
        except ConsoleError as error:
            return Content("\n").join([content(line, "$error") for line in error.lines(language())])
        return Content("\n").join([content(line) for line in told])

    def _why_not_begin(self) -> str | None:
        if self._trail.standing is not None:
            return _("One is under way.")
        if self._trail.busy:
            return _("It is busy.")
        return self._cockpit.locked(self._key)

    def action_begin(self) -> None:
        """Begin one; outside practice it is asked once more."""
        reason = self._why_not_begin()
        if self._trail.standing is not None and reason is not None:
            return
        if reason is not None:
            self._warn(reason)
        elif self._trail.guide.practice:
            self._begin(True)
        else:
            question = _("Begin? Real people will notice this ticket.")
            self.app.push_screen(SureDialog(question, _("Begin")), self._begin)

    def _begin(self, sure: bool | None) -> None:
        if sure:
            self._work(self._cockpit.trips.begin(self._key), "acceptance ticket")

    def action_look(self) -> None:
        """Look at once; after an error, go on."""
        if self._trail.following:
            self._trail.pause.cut()
        elif self._trail.standing is not None:
            self._work(self._cockpit.trips.follow(self._key), "acceptance ticket")

    def action_give_up(self) -> None:
        """Ask, then end it and clean up."""
        if self._trail.standing is None or self._trail.over:
            self._warn(_("None is under way."))
            return
        question = _("End this acceptance ticket? What it made is cleaned up.")
        self.app.push_screen(SureDialog(question, _("End it")), self._give_up)

    def _give_up(self, sure: bool | None) -> None:
        if sure:
            self._work(self._cockpit.trips.give_up(self._key), "end the acceptance ticket")

    def action_again(self) -> None:
        """Make room for a new one; what is over stays kept."""
        if not self._trail.over:
            self._warn(_("This one is not over: x ends it."))
        else:
            self._cockpit.trips.put_away(self._key)

    def on_resize(self) -> None:
        """The lines are made for the width."""
        self.call_after_refresh(self._show)

    def action_leave(self) -> None:
        """Close; what was begun goes on."""
        self.dismiss(None)

    def _warn(self, text: str) -> None:
        self.notify(clean(text), severity="warning", markup=False)


NARROW = 90
"""Columns below which a hop's line leaves its time of day out."""


def timeline(trail: TripTrail, standing: Standing, clock: datetime, room: int) -> Content:
    """The hops, a line each."""
    trip, terms, now = standing.trip, trail.guide.terms, standing.now(clock)
    head = _("{mark}, lease {lease}, begun {since}")
    lines = [content(head.format(mark=trip.id, lease=trip.contract, since=words.clock(trip.begun, clock)))]
    for leg in Leg:
        line = words.leg_line(trip, leg, terms, now, narrow=room < NARROW)
        lines.append(content(fit(line, room).rstrip(), STYLES.get(trip.state(leg, now), "")))
    return Content("\n").join(lines)


def more_words(trail: TripTrail, standing: Standing, clock: datetime) -> str:
    """What people are asked for; at the end the verdict and what remains."""
    trip = standing.trip
    wrong = words.troubles(trip, trail.guide.terms, standing.now(clock))
    if trip.ended is None:
        return "\n".join([*wrong, *(f"▶ {line}" for line in trail.guide.asked(trip))])
    remains = [_("Remains: {what}").format(what=words.note_words(text)) for text in trip.remains]
    verdict = words.verdict(trip, trail.guide.terms, clock)
    return "\n".join([verdict, *wrong, *(f"- {line}" for line in remains)])


def look_line(trail: TripTrail, clock: datetime) -> Content:
    """What is going on: an error, a lost network and since when, or that it is watched."""
    if trail.error:
        return content("✗ " + " ".join(trail.error), "$error")
    if trail.standing is None:
        return Content("… " + _("It is being begun") if trail.busy else "")
    wrong = words.look_words(trail.standing, clock)
    if wrong:
        return content(wrong, "$warning")
    return Content("" if trail.over or not trail.following else "… " + _("watching both sides"))


def keys(trail: TripTrail) -> Content:
    """The keys that do something now."""
    if trail.standing is None:
        return Content(hint("trip", ("enter", "escape")))
    return Content(hint("trip", ("n", "escape") if trail.over else ("r", "x", "escape")))
