"""One run with the outcome of every record, the failed ones first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from console import formats
from console.cockpit import Cockpit
from console.cockpit_words import told
from console.i18n import _
from console.names import entity_name, partner_name, use_case_name
from console.os_words import os_words
from console.run_export import write_outcomes
from console.safe import clean
from console.screens.window import crash_of_worker, window_bindings
from console.store.errors import StoreError
from console.store.plan_query import Where
from console.store.runs import Run, Settled
from console.terminal import SYMBOLS, environment_name, problem_code, result_name, state_name
from console.threads import off_loop
from console.widgets.filter_line import FilterLine
from console.widgets.record_model import Align, Column, Rows, TableRow, Tone
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content
from console.window_keys import hint


class RunScreen(ModalScreen[None]):
    """The outcomes of a run as a table with a filter."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("run")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class OutcomesRead(Message):
        """The journal was read: every outcome, the failed ones first."""

        outcomes: tuple[Settled, ...]

    @dataclass
    class Said(Message):
        """There is something to tell."""

        text: str
        bad: bool = False

    def __init__(self, cockpit: Cockpit, run: Run) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._run = run
        self._read = False
        self._rows: tuple[tuple[Settled, TableRow], ...] = ()

    def compose(self) -> ComposeResult:
        """Which run, its outcomes, and the keys."""
        with Vertical(classes="dialog full"):
            yield Static(clean(self._head()), markup=False, classes="title")
            yield FilterLine()
            empty = _("The outcomes are being read …")
            yield RecordTable(columns(), mark=Column(_("Result"), 18), empty=empty, id="outcomes")
            yield Static(id="verdict", markup=False)
            yield Static(hint("run"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Read beside the loop."""
        self.query_one(RecordTable).focus()
        self.run_worker(self._fetch(), group="outcomes", description="read outcomes", exit_on_error=False)

    def _head(self) -> str:
        run = self._run
        return _("Run {run} of {started}: {title} ({environment}), {state}").format(
            run=run.id,
            started=formats.datetime(run.started),
            title=f"{partner_name(run.partner)} {use_case_name(run.partner, run.use_case)}",
            environment=environment_name(run.environment),
            state=state_name(run.state),
        )

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterLine).open()

    def action_export(self) -> None:
        """Write what passes the filter to a file."""
        chosen = tuple(settled for settled, _row in self._shown())
        self.run_worker(
            self._export(chosen), group="export", description="export outcomes", exit_on_error=False
        )

    async def _fetch(self) -> None:
        def read() -> tuple[Settled, ...]:
            with self._cockpit.workspace.journal() as journal:
                return tuple(sorted(journal.outcomes(self._run.id), key=lambda settled: settled.ok))

        try:
            self.post_message(self.OutcomesRead(await off_loop(read, "journal")))
        except StoreError as error:
            self.post_message(self.Said(" ".join(told(error)), bad=True))

    async def _export(self, outcomes: tuple[Settled, ...]) -> None:
        folder = self._cockpit.workspace.folder
        try:
            path = await off_loop(lambda: write_outcomes(self._run.id, outcomes, folder), "export")
        except OSError as error:
            self.post_message(self.Said(_("Not exported: {why}.").format(why=os_words(error)), bad=True))
        else:
            text = _("Written to {path}. It holds no personal data: nothing in it is masked.")
            self.post_message(self.Said(text.format(path=path)))

    def on_run_screen_outcomes_read(self, event: OutcomesRead) -> None:
        """Show them."""
        partner = self._run.partner
        self._rows = tuple((settled, outcome_row(settled, partner)) for settled in event.outcomes)
        self._read = True
        self._fill()
        failures = Counter(s.code for s in event.outcomes if not s.ok and s.code)
        lines = [f"✗ {formats.count(count)}x {problem_code(code)}" for code, count in failures.most_common(3)]
        self.query_one("#verdict", Static).update(content("\n".join(lines), "$error", lines=True))

    def on_run_screen_said(self, event: Said) -> None:
        """Say it."""
        self.notify(clean(event.text), severity="error" if event.bad else "information", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self._fill()
        complaint = self.query_one(FilterLine).complaint
        self.query_one("#verdict", Static).update(content(complaint, "$warning"))

    def on_filter_line_left(self) -> None:
        """Back to the table."""
        self.query_one(RecordTable).focus()

    def _shown(self) -> tuple[tuple[Settled, TableRow], ...]:
        """What passes the filter."""
        wanted = self.query_one(FilterLine).filter
        return tuple((s, row) for s, row in self._rows if wanted.keeps(_text(row), _fields(s, row)))

    def _fill(self) -> None:
        if not self._read:
            return
        table = self.query_one(RecordTable)
        nothing = _("This run noted no outcome. Esc closes.")
        table.set_empty(_("No outcome matches. / changes the filter.") if self._rows else nothing)
        table.set_search(self.query_one(FilterLine).filter.shown)
        table.set_source(Rows(tuple(row for _settled, row in self._shown())))


def columns() -> tuple[Column, ...]:
    """The columns of the outcomes, beside the result."""
    return (
        Column(_("Change"), 6),
        Column(_("Kind"), 14, priority=2),
        Column(_("Record"), None, minimum=30),
        Column(_("Reason"), None, priority=1, minimum=20),
        Column(_("Attempts"), 8, align=Align.RIGHT, priority=3),
    )


def outcome_row(settled: Settled, partner: str) -> TableRow:
    """An outcome as a row."""
    reason = problem_code(settled.code) if settled.code and not settled.ok else ""
    entity = entity_name(partner, settled.entity)
    cells = (SYMBOLS[settled.action], entity, settled.id, reason, str(settled.attempts))
    mark = f"{'✓' if settled.ok else '✗'} {result_name(settled.result)}"
    return TableRow(_key(settled), cells, mark, Tone.GOOD if settled.ok else Tone.BAD)


def _text(row: TableRow) -> str:
    return " ".join((row.mark, *row.cells))


def _fields(settled: Settled, row: TableRow) -> dict[Where, str]:
    return {
        Where.ACTION: settled.action.value,
        Where.ENTITY: f"{settled.entity} {row.cells[1]}",
        Where.ID: settled.id,
        Where.RESULT: settled.result.value,
    }


def _key(settled: Settled) -> str:
    return f"{settled.entity}/{settled.id}"
