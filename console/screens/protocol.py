"""Panel 6: the runs, newest first; open one, take it back, go on with it, verify the journal, export."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input, Static

from console import formats
from console.cockpit import Activity, Cockpit, Place
from console.cockpit_words import told
from console.fixes import why_not_fix
from console.i18n import _
from console.names import use_case_name
from console.os_words import os_words
from console.run_export import write_runs
from console.screens.panel import Panel, bindings
from console.screens.run_screen import RunScreen
from console.store.chain import ChainReport
from console.store.errors import StoreError
from console.store.runs import Run, RunState
from console.syncer import APPLY
from console.terminal import complete_words, environment_name, run_title, state_name
from console.threads import off_loop
from console.widgets.filter_line import FilterLine
from console.widgets.record_model import Align, Column, Rows, TableRow, Tone
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content

MOST = 1000
"""Runs that are shown: nobody scrolls further, and the command lists all."""

GLYPHS = {
    RunState.RUNNING: ("…", Tone.NORMAL),
    RunState.DONE: ("✓", Tone.GOOD),
    RunState.FAILED: ("✗", Tone.BAD),
    RunState.INTERRUPTED: ("!", Tone.WARN),
    RunState.STOPPED: ("■", Tone.WARN),
}


class Desk(Protocol):
    """What the panel wants of the screen it is on."""

    def start_plan(self, place: Place) -> None:
        """Compare a use case in the background."""

    def start_undo(self, place: Place, run: int) -> None:
        """Plan to take a run back, and show that plan."""

    def start_fix(self, check: str) -> None:
        """Plan what mends the finding of a check, and show that plan."""

    def open_plan(self, place: Place) -> None:
        """Show the plan of a use case."""


class ProtocolPanel(Panel):
    """The table of runs; it is read beside the loop, when it is seen and when work has ended."""

    SCOPE = "protocol"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("protocol")]

    @dataclass
    class RunsRead(Message):
        """The journal was read."""

        runs: tuple[Run, ...]

    @dataclass
    class Failed(Message):
        """The journal or a file could not be used; ``why`` tells."""

        why: str

    @dataclass
    class Verified(Message):
        """The journal's chain was recomputed."""

        report: ChainReport

    @dataclass
    class Exported(Message):
        """The list was written to ``path``."""

        path: str

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._runs: tuple[Run, ...] | None = None
        self._reading = False
        self._again = False
        self._activities: tuple[Activity, ...] = ()
        self._cursor = ""  # the run under the cursor at the last start, until the runs are read

    def compose(self) -> ComposeResult:
        """Filter, table, and one line of words."""
        yield FilterLine()
        yield RecordTable(
            columns(), mark=Column(_("State"), 21), empty=_("The history is being read …"), id="runs"
        )
        yield Static(id="verdict", markup=False)

    def on_show(self) -> None:
        """Read the journal whenever the panel comes into sight."""
        self._read()

    def show(self) -> None:
        """Read again when something began or ended; nothing is read here."""
        activities = tuple(track.activity for track in self.cockpit.tracks.values())
        if activities != self._activities:
            self._activities = activities
            self._read()

    @property
    def run(self) -> Run | None:
        """The run under the cursor."""
        key = self.query_one(RecordTable).cursor_key
        return next((run for run in self._runs or () if str(run.id) == key), None)

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible for the run under the cursor."""
        if action in ("run.verify", "run.filter"):
            return None
        run = self.run
        if run is None:
            return _("There is no run here.")
        if action == "run.undo":
            return why_not_undo(self.cockpit, run)
        if action == "run.continue":
            return why_not_continue(self.cockpit, run)
        return None

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """What the actions do."""
        return {
            "run.open": self._open,
            "run.undo": self._undo,
            "run.continue": self._continue,
            "run.verify": lambda: self._work(self._verify(), "verify"),
            "run.filter": self.query_one(FilterLine).open,
            "run.export": lambda: self._work(self._export(self._shown()), "export"),
        }

    def memory(self) -> dict[str, str]:
        """The filter and the cursor are restored."""
        cursor = self.query_one(RecordTable).cursor_key or self._cursor
        return {"filter": self.query_one(FilterLine).value, "cursor": cursor}

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take the filter up again; the cursor follows when the runs are there."""
        self._cursor = memory.get("cursor", "")
        line = self.query_one(FilterLine)
        line.value = memory.get("filter", "")
        line.set_class(bool(line.value), "-open")

    def focus_first(self) -> None:
        """Work begins in the table, not in the filter."""
        self.query_one(RecordTable).focus()

    # -- actions ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self.run is not None:
            self.app.push_screen(RunScreen(self.cockpit, self.run))

    def _undo(self) -> None:
        if self.run is not None:
            cast("Desk", self.screen).start_undo(place_of(self.run), self.run.id)

    def _continue(self) -> None:
        """Compare anew: what was left unclear is settled first, what was not reached is planned again."""
        if self.run is None:
            return
        desk = cast("Desk", self.screen)
        if self.run.fix:
            desk.start_fix(self.run.fix)
        else:
            desk.start_plan(place_of(self.run))
            desk.open_plan(place_of(self.run))

    def _read(self) -> None:
        if self._reading:
            self._again = True
            return
        self._reading, self._again = True, False
        self._work(self._fetch(), "read")

    def _work(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """The screen runs it, so that a crash is noticed there."""
        self.screen.run_worker(work, group="protocol", description=f"history: {what}", exit_on_error=False)

    # -- in workers ---------------------------------------------------------------------------------------

    async def _fetch(self) -> None:
        def read() -> tuple[Run, ...]:
            with self.cockpit.workspace.journal() as journal:
                return tuple(journal.runs(limit=MOST))

        try:
            self.post_message(self.RunsRead(await off_loop(read, "journal")))
        except StoreError as error:
            self.post_message(self.Failed(" ".join(told(error))))

    async def _verify(self) -> None:
        def verify() -> ChainReport:
            with self.cockpit.workspace.journal() as journal:
                return journal.verify()

        try:
            self.post_message(self.Verified(await off_loop(verify, "journal")))
        except StoreError as error:
            self.post_message(self.Failed(" ".join(told(error))))

    async def _export(self, runs: tuple[Run, ...]) -> None:
        try:
            path = await off_loop(lambda: write_runs(runs, self.cockpit.workspace.folder), "export")
        except OSError as error:
            self.post_message(self.Failed(_("Not exported: {why}.").format(why=os_words(error))))
        else:
            self.post_message(self.Exported(str(path)))

    # -- what was answered --------------------------------------------------------------------------------

    def on_protocol_panel_runs_read(self, event: RunsRead) -> None:
        """Show the runs."""
        self._runs, self._reading = event.runs, False
        self._fill()
        if self._again:
            self._read()

    def on_protocol_panel_failed(self, event: Failed) -> None:
        """Say what is wrong."""
        self._reading = False
        self._say(f"✗ {event.why}", "$error")

    def on_protocol_panel_verified(self, event: Verified) -> None:
        """Say whether the chain is whole."""
        report = event.report
        if report.ok:
            self._say(f"✓ {complete_words(report)}", "$success")
        else:
            text = _("The journal was changed; the first broken entry is {entry}.")
            self._say("✗ " + text.format(entry=report.first_broken), "$error")

    def on_protocol_panel_exported(self, event: Exported) -> None:
        """Say where it is."""
        text = _("Written to {path}. It holds no personal data: nothing in it is masked.")
        self._say("✓ " + text.format(path=event.path))

    def on_record_table_row_selected(self) -> None:
        """Enter opens."""
        self._open()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self._fill()
        self._say(self.query_one(FilterLine).complaint, "$warning")

    def on_filter_line_left(self) -> None:
        """Back to the table."""
        self.query_one(RecordTable).focus()

    def _say(self, text: str, style: str = "") -> None:
        self.query_one("#verdict", Static).update(content(text, style))

    def _fill(self) -> None:
        if self._runs is None:
            return
        table = self.query_one(RecordTable)
        wanted = self.query_one(FilterLine).filter
        nothing = _("No runs yet: 1 leads to the overview, p compares there, a writes.")
        table.set_empty(_("No run matches. / changes the filter.") if self._runs else nothing)
        table.set_search(wanted.shown)
        names = dict(self.cockpit.parties())
        rows = (run_row(self.cockpit, run, names) for run in self._runs)
        table.set_source(Rows(tuple(row for row in rows if wanted.keeps(" ".join((row.mark, *row.cells))))))
        if self._cursor:
            table.move_to(self._cursor)
            self._cursor = ""

    def _shown(self) -> tuple[Run, ...]:
        """The runs that pass the filter."""
        wanted = self.query_one(FilterLine).filter
        names = dict(self.cockpit.parties())
        rows = ((run, run_row(self.cockpit, run, names)) for run in self._runs or ())
        return tuple(run for run, row in rows if wanted.keeps(" ".join((row.mark, *row.cells))))


def place_of(run: Run) -> Place:
    """The use case a run belongs to."""
    return run.partner, run.use_case


def columns() -> tuple[Column, ...]:
    """The columns of the table, beside the state."""
    return (
        Column(_("run"), 4, align=Align.RIGHT),
        Column(_("Started"), 12, priority=1),
        Column(_("Partner"), None, priority=2, minimum=14),
        Column(_("Use case"), None, minimum=16),
        Column(_("Written"), 8, align=Align.RIGHT, priority=1),
        Column(_("Failed"), 7, align=Align.RIGHT, priority=1),
        Column(_("Left"), 6, align=Align.RIGHT, priority=3),
    )


def run_row(cockpit: Cockpit, run: Run, names: Mapping[str, str]) -> TableRow:
    """A run as a row; counts are there once it has finished."""
    glyph, tone = GLYPHS[run.state]
    counts = tuple(
        formats.count(run.counts[name]) if name in run.counts else "-"
        for name in ("applied", "failed", "left")
    )
    cells = (
        str(run.id),
        f"{run.started.astimezone():%d.%m. %H:%M}",
        f"{names.get(run.partner, run.partner)} {environment_name(run.environment)}",
        run_title(use_case_name(run.partner, run.use_case), run),
        *counts,
    )
    return TableRow(str(run.id), cells, f"{glyph} {state_name(run.state)}", tone)


def _why_not_here(cockpit: Cockpit, run: Run) -> str | None:
    """Why nothing can be planned for the use case of a run."""
    track = cockpit.tracks.get(place_of(run))
    if track is None:
        return _("This use case is not in the configuration any more.")
    if cockpit.environment(run.partner) != run.environment:
        text = _("This run was made in {environment}; the partner is now in another environment.")
        return text.format(environment=environment_name(run.environment))
    return _("It is busy.") if track.busy else None


def why_not_undo(cockpit: Cockpit, run: Run) -> str | None:
    """Why a run cannot be taken back; None when a plan for it can be made."""
    if run.state is RunState.RUNNING:
        return _("The run has not ended yet.")
    if run.kind != APPLY or (run.counts and run.counts.get("applied") == 0):
        return _("This run wrote nothing.")
    return _why_not_here(cockpit, run)


def why_not_continue(cockpit: Cockpit, run: Run) -> str | None:
    """Why there is nothing to go on with; None where a run left something."""
    if run.state not in (RunState.INTERRUPTED, RunState.STOPPED):
        return _("Only a run that was interrupted or stopped can go on.")
    return _why_not_here(cockpit, run) or (why_not_fix(cockpit, run.fix) if run.fix else None)
