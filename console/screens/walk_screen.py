"""A guided test: the object to make it on, then its steps as a list that ticks itself."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from connectors.walks import Candidate
from console.clipboard import copy_text
from console.cockpit import Cockpit, Place
from console.cockpit_walks import Trail
from console.i18n import _
from console.os_words import os_words
from console.safe import clean, fit
from console.screens.small_dialogs import SureDialog
from console.screens.window import crash_of_worker, window_bindings
from console.walks import words
from console.walks.journey import Standing, StepState
from console.widgets.filter_line import FilterLine
from console.widgets.header import HeaderBar
from console.widgets.record_model import Column, Rows, TableRow
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content
from console.window_keys import hint

TICK_S = 0.2
STYLES = {StepState.SEEN: "$success", StepState.NOW: "bold", StepState.LATE: "$warning", StepState.LATER: ""}

Work = Callable[[Coroutine[Any, Any, None], str], None]
"""Runs a coroutine that goes on when the window is closed; the text says what it is."""


class WalkScreen(Screen[bool]):
    """One walk; True when the person wants to see the plan of its use case."""

    AUTO_FOCUS: ClassVar[str | None] = ""  # the filter would take the letters
    BINDINGS: ClassVar[list[BindingType]] = window_bindings("walk")
    on_worker_state_changed = crash_of_worker

    def __init__(self, cockpit: Cockpit, place: Place, work: Work) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._place = place
        self._work = work
        self._offered: tuple[Candidate, ...] | None = None
        self._choosing: bool | None = None

    @property
    def _trail(self) -> Trail:
        return self._cockpit.walks.trails[self._place]

    def compose(self) -> ComposeResult:
        """The header, the title, the choice, the steps, and the keys."""
        track = self._cockpit.tracks[self._place]
        yield HeaderBar(self._cockpit)
        with Vertical(id="window"):
            shown = f"{self._trail.title}: {track.partner} {track.title}"
            yield Static(clean(shown), markup=False, classes="title")
            with Vertical(id="choice"):
                yield FilterLine()
                yield RecordTable(columns(), empty=_("The objects are being read …"), id="candidates")
            with VerticalScroll(id="walk", can_focus=False):
                yield Static(id="steps", markup=False)
                yield Static(id="how", markup=False)
            yield Static(id="look", markup=False)
            yield Static(id="keys", markup=False, classes="keys")

    def on_mount(self) -> None:
        """Go on with what was begun, or offer what it can be made on."""
        walks = self._cockpit.walks
        if self._trail.standing is None:
            self._offer()
        else:
            self._work(walks.follow(self._place), "walk")
        self.set_interval(TICK_S, self._show)
        self._show()

    def _offer(self) -> None:
        if not self._trail.busy:
            self._trail.candidates = None
            self._work(self._cockpit.walks.offer(self._place), "walk: read objects")

    def _show(self) -> None:
        """Redraw from the cockpit."""
        trail, now = self._trail, datetime.now(UTC)
        choosing = trail.standing is None
        if choosing != self._choosing:
            self._choosing = choosing
            self.query_one("#choice").display = choosing
            self.query_one("#walk").display = not choosing
            if choosing:
                self.query_one(RecordTable).focus()
            else:
                self.set_focus(None)
        if trail.standing is None:
            self._show_choice(trail)
        else:
            room = self.query_one("#steps").size.width
            self.query_one("#steps", Static).update(steps(trail, trail.standing, now, room))
            self.query_one("#how", Static).update(content(how(trail, trail.standing), lines=True))
        self.query_one("#look", Static).update(look_line(trail, now))
        self.query_one("#keys", Static).update(keys(trail))
        self.query_one(HeaderBar).show()

    def _show_choice(self, trail: Trail) -> None:
        if trail.candidates is not self._offered:
            self._offered = trail.candidates
            self._fill()

    def _fill(self) -> None:
        table, line = self.query_one(RecordTable), self.query_one(FilterLine)
        offered = self._offered or ()
        rows = [TableRow(one.id, (one.label, one.id)) for one in offered]
        if self._offered is not None:
            guide = self._trail.guide
            none = words.nothing_there(guide.partner, guide.walk)
            table.set_empty(_("No object matches. / changes the filter.") if rows else none)
        table.set_search(line.filter.shown)
        table.set_source(Rows(tuple(row for row in rows if line.filter.keeps(" ".join(row.cells)))))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self._fill()

    def on_filter_line_left(self) -> None:
        """Back to the table."""
        self.query_one(RecordTable).focus()

    def on_record_table_row_selected(self) -> None:
        """Begin with the object under the cursor."""
        chosen = self._candidate()
        if chosen is not None and not self._trail.busy:
            self._work(self._cockpit.walks.begin(self._place, chosen), "walk")

    def _candidate(self) -> Candidate | None:
        """The object of the walk, else the one under the cursor."""
        if self._trail.standing is not None:
            return self._trail.standing.journey.candidate
        key = self.query_one(RecordTable).cursor_key
        return next((one for one in self._offered or () if one.id == key), None)

    def action_filter(self) -> None:
        """Type a filter."""
        if self._choosing:
            self.query_one(FilterLine).open()

    def action_copy(self) -> None:
        """Copy the object's link."""
        chosen = self._candidate()
        if chosen is None or not chosen.link:
            self._warn(_("There is no link to copy."))
            return
        self.run_worker(self._copy(chosen.link), group="walk", description="walk: copy", exit_on_error=False)

    async def _copy(self, link: str) -> None:
        try:
            self.notify(clean(await copy_text(self.app, link, self._cockpit.workspace.folder)), markup=False)
        except OSError as error:
            why = os_words(error)
            self._warn(_("It could not be written: {why}.").format(why=why))

    def action_play(self) -> None:
        """Let the practice sandbox do the current step."""
        reason = self._no_walk() or self._cockpit.walks.why_not_play(self._place)
        if reason is not None:
            self._warn(reason)
        else:
            self._work(self._cockpit.walks.play(self._place), "walk: play")

    def action_plan(self) -> None:
        """Leave for the plan of the use case."""
        reason = self._no_walk() or self._cockpit.walks.why_not_go(self._place)
        if reason is not None:
            self._warn(reason)
        else:
            self.dismiss(True)

    def action_look(self) -> None:
        """Look at once; after an error, go on."""
        if self._trail.standing is None:
            self._offer()
        elif self._trail.following:
            self._trail.pause.cut()
        else:
            self._work(self._cockpit.walks.follow(self._place), "walk")

    def action_give_up(self) -> None:
        """Ask, then end it; a new one can be begun."""
        reason = self._no_walk()
        if reason is not None:
            self._warn(reason)
        elif self._trail.done:
            self._give_up()
        else:
            question = _("Give this test up? What was seen so far is forgotten here.")
            self.app.push_screen(SureDialog(question, _("Give up")), self._sure)

    def _sure(self, sure: bool | None) -> None:
        if sure:
            self._give_up()

    def _give_up(self) -> None:
        self._work(self._again(), "walk: give up")

    async def _again(self) -> None:
        await self._cockpit.walks.give_up(self._place)
        await self._cockpit.walks.offer(self._place)

    def _no_walk(self) -> str | None:
        return _("First choose an object.") if self._trail.standing is None else None

    def _warn(self, text: str) -> None:
        self.notify(clean(text), severity="warning", markup=False)

    def action_leave(self) -> None:
        """Close; what was begun is followed on."""
        self.dismiss(False)


def columns() -> tuple[Column, ...]:
    """The columns of the choice."""
    return (Column(_("Object"), None, minimum=24), Column(_("Number"), 24, priority=1))


def steps(trail: Trail, standing: Standing, now: datetime, room: int) -> Content:
    """The object, and every step in a line of so many columns."""
    journey, walk, partner = standing.journey, trail.guide.walk, trail.guide.partner
    lines = [
        content(_("Object: {label} ({id})").format(label=journey.candidate.label, id=journey.candidate.id))
    ]
    if journey.candidate.link:
        lines.append(content(_("Link: {link}").format(link=journey.candidate.link)))
    lines.append(Content(""))
    for step in walk.steps:
        style = STYLES[journey.state(walk, step, now)]
        line = words.step_line(partner, walk, journey, step, now)
        lines.append(content(fit(line, room).rstrip(), style))
    return Content("\n").join(lines)


def how(trail: Trail, standing: Standing) -> str:
    """How the current step is done, and what helps with it here."""
    walk, partner, step = trail.guide.walk, trail.guide.partner, trail.step
    if step is None:
        return "\n" + _("Every step was seen: the test is passed. n puts it away.")
    turn = words.turn(step, partner)
    parts = ["", turn[:1].upper() + turn[1:] + ":", words.step_how(partner, walk, step)]
    if trail.guide.is_own(step):
        parts.append(_("p leads to the plan; come back with t when it is written."))
    return "\n".join(parts)


def look_line(trail: Trail, now: datetime) -> Content:
    """What is going on: an error, work, or when the last look was."""
    if trail.error:
        return content("✗ " + " ".join(trail.error) + " " + _("r tries again."), "$error")
    if trail.standing is None:
        return Content(_("Choose the object that somebody applies for.") if trail.candidates else "")
    if trail.done:
        return Content("")
    style = "$warning" if trail.standing.problem else ""
    return content(words.look_words(trail.standing, now), style)


def keys(trail: Trail) -> Content:
    """The keys that do something now."""
    if trail.standing is None:
        return Content(hint("walk", ("enter", "slash", "y", "r", "escape")))
    step, possible = trail.step, ["y", "n", "escape"]
    if step is not None:
        possible.append("r")
        possible += ["s"] if trail.guide.why_not_play(step) is None else []
        possible += ["p"] if trail.guide.is_own(step) else []
    return Content(hint("walk", possible))
