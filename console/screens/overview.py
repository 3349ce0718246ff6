"""Panel 1: every use case with its live state, what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from console import formats
from console.cockpit import Activity, Cockpit, Place, Tone, Track
from console.i18n import _, language
from console.onboarding.words import readiness_words, share
from console.safe import clean
from console.screens.next_step import CHECK, next_step
from console.screens.panel import Panel, bindings
from console.screens.track_words import bar, last_words, state_words
from console.widgets.partners import PartyLine
from console.widgets.record_model import Align, Column, TableRow
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content

if TYPE_CHECKING:
    pass

STYLES = {Tone.PLAIN: "", Tone.GOOD: "$success", Tone.WARN: "$warning", Tone.BAD: "$error"}
STATE = 28
"""Columns in which every state that is not an error or progress can be read."""

WISHES = ("plan", "apply", "stop", "walk", "chain", "live", "sample")

BANNER = 6
"""Lines that the banner has at most: the use cases are what is worked on."""

ARROWS = {"erp_to_partner": "ERP→", "partner_to_erp": "→ERP", "within_partner": "↻"}


class OverviewPanel(Panel):
    """The table of use cases, the next step, readiness and the feed."""

    SCOPE = "overview"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("overview")]

    class Asked(Message):
        """Something is wanted for a use case: one of WISHES, or to open it."""

        def __init__(self, what: str, place: Place) -> None:
            super().__init__()
            self.what = what
            self.place = place

    class CheckAsked(Message):
        """The checks are wanted."""

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._source = TrackSource(cockpit)
        self._ready: list[str] = []
        self._standing: list[str] = []

    def compose(self) -> ComposeResult:
        """Who works on it and what is live, who failed, table, next step, readiness, feed."""
        yield Static(id="standing", markup=False)
        yield PartyLine(self.cockpit)
        yield RecordTable(columns(), self._source, id="tracks")
        yield Static(id="next", markup=False)
        yield Static(id="ready", markup=False)
        yield Static(id="feed", markup=False)

    def show(self) -> None:
        """Redraw all of them."""
        self.query_one(PartyLine).show()
        self.query_one(RecordTable).refresh_rows()
        self.query_one("#next", Static).update(content(next_step(self.cockpit).text))
        self._show_standing()
        if (lines := ready_lines(self.cockpit)) != self._ready:
            self._ready = lines
            self.query_one("#ready", Static).update(content("\n".join(lines), lines=True))
        room = max(1, self.query_one("#feed").size.height - 1)
        self.query_one("#feed", Static).update(feed(self.cockpit, room), layout=False)

    def _show_standing(self) -> None:
        """The banner; it takes no room where there is nothing to say."""
        lines = self.cockpit.standing.lines(mask=self.cockpit.masked)
        if lines != self._standing:
            self._standing = lines
            banner = self.query_one("#standing", Static)
            banner.display = bool(lines)
            banner.update(standing_words(lines))

    @property
    def place(self) -> Place | None:
        """The use case under the cursor."""
        key = self.query_one(RecordTable).cursor_key
        return None if key is None else self._source.place(key)

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible for the use case under the cursor."""
        if action == "overview.next":
            step = next_step(self.cockpit)
            return None if step.what else step.text
        if self.place is None:
            return _("There is no use case here.")
        return self._why_not(action, self.place)

    def _why_not(self, action: str, place: Place) -> str | None:
        track = self.cockpit.tracks[place]
        match action:
            case "overview.chain":
                return None if self.cockpit.chains.tracks else _("No use case here has a chain.")
            case "overview.walk":
                return self.cockpit.walks.why_not(place) or track.impossible or None
            case "overview.plan" if track.busy:
                return _("It is busy.")
            case "overview.plan" | "overview.sample" if track.impossible:
                return track.impossible
            case "overview.apply":
                return self.cockpit.why_not_write(place)
            case "overview.live" if track.busy:
                return _("It is busy.")
            case "overview.live" if track.impossible:
                return track.impossible
            case "overview.stop" if track.activity is not Activity.WRITING:
                return _("Nothing is being written.")
        return None

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Hand the wish on: the main screen runs the work."""
        wishes = {f"overview.{what}": partial(self._ask, what) for what in WISHES}
        return wishes | {"overview.open": self._open, "overview.next": self._next}

    def memory(self) -> dict[str, str]:
        """The cursor is restored."""
        return {"cursor": self.query_one(RecordTable).cursor_key or ""}

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take it up, where the use case still exists."""
        self.query_one(RecordTable).move_to(memory.get("cursor", ""))

    def _ask(self, what: str) -> None:
        if self.place is not None:
            self.post_message(self.Asked(what, self.place))

    def _next(self) -> None:
        """Do what the line below the table says, with its use case under the cursor."""
        step = next_step(self.cockpit)
        if step.what == CHECK:
            self.post_message(self.CheckAsked())
        elif step.place is not None:
            self.query_one(RecordTable).move_to("/".join(step.place))
            self.post_message(self.Asked(step.what, step.place))

    def _open(self) -> None:
        """Open the plan; where there is none and nothing is under way, make one."""
        if self.place is not None:
            track = self.cockpit.tracks[self.place]
            self._ask("plan" if track.plan is None and not track.busy else "open")

    def on_record_table_row_selected(self) -> None:
        """Enter in the table, or a second click, is the same action."""
        self._open()


class TrackSource:
    """The cockpit's use cases as rows."""

    def __init__(self, cockpit: Cockpit) -> None:
        self._cockpit = cockpit
        self._places = list(cockpit.tracks)

    def place(self, key: str) -> Place:
        """The place of a row."""
        partner, _sep, use_case = key.partition("/")
        return partner, use_case

    def count(self) -> int:
        """How many use cases there are."""
        return len(self._places)

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Some rows."""
        tracks, walks, lists = self._cockpit.tracks, self._cockpit.walks, self._cockpit.checklists
        places = self._places[offset : offset + limit]
        return [track_row(tracks[at], walks.brief(at), lists.share(at)) for at in places]

    def find(self, key: str) -> int | None:
        """The number of a row."""
        place = self.place(key)
        return self._places.index(place) if place in self._places else None


def columns() -> tuple[Column, ...]:
    """The columns of the table; the least important disappear first where it is narrow."""
    return (
        Column(_("Use case"), 26, priority=0),
        Column(_("Dir."), 4, priority=4),
        Column(_("Last run"), 14, priority=3),
        Column(_("+new"), 5, align=Align.RIGHT, priority=1),
        Column(_("~chg"), 5, align=Align.RIGHT, priority=1),
        Column(_("-gone"), 5, align=Align.RIGHT, priority=1),
        Column(_("·skip"), 5, align=Align.RIGHT, priority=2),
        Column(_("Ready"), 6, align=Align.RIGHT, priority=5),
        Column(_("State"), None, priority=0, minimum=STATE),
    )


def track_row(track: Track, walk: str = "", ready: float | None = None) -> TableRow:
    """A use case as a row; ``walk`` says how far a guided test of it got, ``ready`` is its readiness."""
    counts = ["", "", "", ""]
    if track.plan is not None:
        tally = track.plan.tally.counts()
        counts = [formats.count(tally[name]) for name in ("create", "update", "delete", "skip")]
    state, tone = state_words(track)
    if walk and not track.busy:
        state = f"{walk} · {state}"
    counts.append("" if ready is None else formats.percent(ready))
    cells = (f"{track.partner}  {track.title}", ARROWS[track.direction], last_words(track), *counts, state)
    return TableRow("/".join(track.place), cells, tone=tone)


def standing_words(lines: Sequence[str]) -> Content:
    """The lines of the banner, what needs somebody in its colour; more than fit are counted."""
    shown = list(lines[:BANNER])
    if (more := len(lines) - BANNER) > 0:
        shown.append("  " + _("… and {count} more").format(count=formats.count(more)))
    styled = [content(text, "$warning" if text.startswith("!") else "") for text in shown]
    return Content("\n").join(styled)


def ready_lines(cockpit: Cockpit) -> list[str]:
    """How ready the customer is, and what blocks next; nothing before the checklists were read."""
    book = cockpit.checklists.book
    if book is None:
        return [f"✗ {' '.join(cockpit.checklists.error)}"] if cockpit.checklists.error else []
    found = book.readiness
    lines = [f"{bar(share(found), 16)}  {readiness_words(found)}"]
    if found.blockers:
        title = found.blockers[0].item.title.in_(language())
        lines.append(_("Blocks next (4): {title}").format(title=title))
    return lines


def feed(cockpit: Cockpit, room: int) -> Content:
    """The newest events, the last one at the bottom."""
    lines = [Content.styled(_("Events"), "bold")]
    for line in list(cockpit.feed)[-room:]:
        time = f"{line.at.astimezone():%H:%M:%S} "
        lines.append(Content.assemble((time, "dim"), (clean(line.text), STYLES[line.tone])))
    return Content("\n").join(lines)
