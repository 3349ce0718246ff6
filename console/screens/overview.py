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
from console.cockpit_words import brief_words
from console.i18n import _, language
from console.names import guard_name, stage_name, waiting_words
from console.onboarding.words import readiness_words, share
from console.safe import clean
from console.screens.panel import Panel, bindings
from console.store.runs import RunState
from console.widgets.header import age_words
from console.widgets.record_model import Align, Column, TableRow
from console.widgets.record_model import Tone as RowTone
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content

if TYPE_CHECKING:
    from console.sync.guards import Guard
    from console.syncer import RunResult

STALE_S = 900.0
"""After so many seconds a plan is shown as out of date."""

STYLES = {Tone.PLAIN: "", Tone.GOOD: "$success", Tone.WARN: "$warning", Tone.BAD: "$error"}
STATE = 28
"""Columns in which every state that is not an error or progress can be read."""

WISHES = ("plan", "apply", "stop", "walk", "chain", "live")

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

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._source = TrackSource(cockpit)
        self._ready: list[str] = []
        self._standing: list[str] = []

    def compose(self) -> ComposeResult:
        """Who works on it and what is live, table, next step, readiness, feed."""
        yield Static(id="standing", markup=False)
        yield RecordTable(columns(), self._source, id="tracks")
        yield Static(id="next", markup=False)
        yield Static(id="ready", markup=False)
        yield Static(id="feed", markup=False)

    def show(self) -> None:
        """Redraw all of them."""
        self.query_one(RecordTable).refresh_rows()
        self.query_one("#next", Static).update(Content(next_step(self.cockpit)))
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
        if self.place is None:
            return _("There is no use case here.")
        track = self.cockpit.tracks[self.place]
        match action:
            case "overview.chain":
                return None if self.cockpit.chains.tracks else _("No use case here has a chain.")
            case "overview.walk":
                return self.cockpit.walks.why_not(self.place) or track.impossible or None
            case "overview.plan" if track.busy:
                return _("It is busy.")
            case "overview.plan" if track.impossible:
                return track.impossible
            case "overview.apply":
                return self.cockpit.why_not_write(self.place)
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
        return wishes | {"overview.open": self._open}

    def memory(self) -> dict[str, str]:
        """The cursor is restored."""
        return {"cursor": self.query_one(RecordTable).cursor_key or ""}

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take it up, where the use case still exists."""
        self.query_one(RecordTable).move_to(memory.get("cursor", ""))

    def _ask(self, what: str) -> None:
        if self.place is not None:
            self.post_message(self.Asked(what, self.place))

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


def last_words(track: Track) -> str:
    """When the last run was, and how it ended."""
    if track.last is None:
        return _("never")
    mark = {RunState.DONE: "✓", RunState.RUNNING: "…"}.get(track.last.state, "✗")
    return f"{track.last.started.astimezone():%d.%m. %H:%M} {mark}"


def state_words(track: Track) -> tuple[str, RowTone]:
    """What is going on, in words: progress with rate and remaining time, or how things stand."""
    if track.busy and track.waiting is not None:
        return waiting_words(track.waiting), RowTone.WARN
    if track.busy:
        return progress_words(track), RowTone.NORMAL
    if track.error:
        return f"✗ {track.error[0]}", RowTone.BAD
    if track.result is not None:
        return result_words(track.result, still_open(track))
    if track.plan is None and track.impossible:
        return "- " + _("not with this ERP"), RowTone.MUTED
    if track.plan is None and track.last is not None and track.last.state is RunState.INTERRUPTED:
        return "! " + _("interrupted: p goes on"), RowTone.WARN
    if track.plan is None:
        return _("no plan yet (p)"), RowTone.MUTED
    age = track.age or 0.0
    if age > STALE_S:
        return _("OUT OF DATE") + f"  {age_words(age)}", RowTone.WARN
    if track.plan.guards:
        return "! " + stop_words(track.plan.guards), RowTone.WARN
    word = _("in step") if track.plan.changes == 0 else _("to be written")
    return f"{word}  {age_words(age)}", RowTone.GOOD if track.plan.changes == 0 else RowTone.NORMAL


def still_open(track: Track) -> int:
    """How many changes of the shown plan nobody has written yet: a selection leaves some on purpose."""
    if track.plan is None or track.result is None:
        return 0
    return track.plan.changes - track.result.applying.applied - track.result.applying.failed


def result_words(result: RunResult, left: int) -> tuple[str, RowTone]:
    """How writing ended; only what was read back and found as written counts as verified."""
    done = result.applying
    if done.failed:
        return "✗ " + _("{count} failed").format(count=formats.count(done.failed)), RowTone.BAD
    if result.guards:
        return "✗ " + stop_words(result.guards), RowTone.BAD
    if result.mismatches:
        count = formats.count(len(result.mismatches))
        return "✗ " + _("other values there ({count})").format(count=count), RowTone.BAD
    if left:
        return "! " + _("{count} left: p compares").format(count=formats.count(left)), RowTone.WARN
    if result.unverified is not None:
        return "! " + _("written, unverified (p)"), RowTone.WARN
    return "✓ " + _("written and verified"), RowTone.GOOD


def stop_words(guards: Sequence[Guard]) -> str:
    """Which guards stopped it, the first by name."""
    return _("stop: {guards}").format(guards=guards_words(guards))


def guards_words(guards: Sequence[Guard]) -> str:
    """The first guard by name, and how many more there are."""
    more = f" +{len(guards) - 1}" if len(guards) > 1 else ""
    return guard_name(guards[0].key) + more


def progress_words(track: Track) -> str:
    """Stage, per cent and remaining time where the end is known, then bar and rate: the end is cut first."""
    progress = track.progress
    if progress is None:
        return _("starting …")
    parts, bars = [stage_name(progress.stage)], []
    if progress.total:
        share = min(1.0, progress.done / progress.total)
        parts.append(formats.percent(share))
        bars.append(bar(share))
    else:
        parts.append(formats.count(progress.done))
    if (left := track.meter.remaining(progress.done, progress.total)) is not None:
        parts.append(_("{time} left").format(time=formats.duration(left)))
    parts += bars
    if (rate := track.meter.rate()) is not None:
        parts.append(_("{rate}/s").format(rate=formats.count(round(rate))))
    return " ".join(parts)


def bar(share: float, width: int = 8) -> str:
    """A bar of blocks that works without colour."""
    full = round(share * width)
    return "▓" * full + "░" * (width - full)


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


def next_step(cockpit: Cockpit) -> str:
    """What a person who does not know further should do now."""
    tracks = list(cockpit.tracks.values())
    if not tracks:
        return _("No partner is configured: einzug init adds one.")
    if cockpit.checked_at is None:
        return _("Next: F5 tests connections and settings.")
    if any(track.busy for track in tracks):
        return _("Work is under way; you can look at other panels meanwhile.")
    partly = next((track for track in tracks if still_open(track)), None)
    if partly is not None:
        text = _("Next: p compares {title} anew ({count} not written yet).")
        title = f"{partly.partner} {partly.title}"
        return text.format(title=title, count=formats.count(still_open(partly)))
    without = next((track for track in tracks if track.plan is None and not track.impossible), None)
    if without is not None and cockpit.failed_checks:
        text = _("Next: 5 shows the checks; p compares {title}.")
        return text.format(title=f"{without.partner} {without.title}")
    if without is not None:
        return _("Next: p compares {title}.").format(title=f"{without.partner} {without.title}")
    unfinished = next((t for t in tracks if t.error or (t.result and _troubled(t.result))), None)
    if unfinished is not None:
        text = _("Next: Enter shows what went wrong with {title}.")
        return text.format(title=f"{unfinished.partner} {unfinished.title}")
    ready = next((t for t in tracks if t.plan and t.plan.changes and t.result is None), None)
    if ready is not None and ready.plan is not None:
        name = f"{ready.partner} {ready.title}"
        if ready.plan.guards:
            text = _("Next: Enter shows {title}; a guard stands: {guard}.")
            return text.format(title=name, guard=guards_words(ready.plan.guards))
        return _("Next: Enter shows {title}: {counts}.").format(title=name, counts=brief_words(ready.plan))
    return _("Everything is in step.")


def _troubled(result: RunResult) -> bool:
    return result_words(result, 0)[1] is not RowTone.GOOD


def feed(cockpit: Cockpit, room: int) -> Content:
    """The newest events, the last one at the bottom."""
    lines = [Content.styled(_("Events"), "bold")]
    for line in list(cockpit.feed)[-room:]:
        time = f"{line.at.astimezone():%H:%M:%S} "
        lines.append(Content.assemble((time, "dim"), (clean(line.text), STYLES[line.tone])))
    return Content("\n").join(lines)
