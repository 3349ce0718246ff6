"""What another choice would mean: toggle what is asked for and see the counts at once, from one reading."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from connectors.problems import Failure
from connectors.trials import TrialRow
from console import formats
from console.cockpit import Cockpit
from console.cockpit_words import told
from console.errors import ConsoleError
from console.i18n import _
from console.onboarding.takeover import Proposal, shown
from console.onboarding.words import age
from console.safe import clean
from console.screens.small_dialogs import SureDialog
from console.screens.window import crash_of_worker, window_bindings
from console.trials import words
from console.trials.desk import TrialPlace, Tried, counted, read, settings_of
from console.widgets.record_model import Align, Column, Rows, TableRow, Tone
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content
from console.window_keys import hint


class TrialScreen(ModalScreen[None]):
    """Options, counts by group, what stands out. Nothing of a person is in here: counts and numbers only."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("trial")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Read(Message):
        """The ERP was read; ``why`` tells where it could not be."""

        tried: Tried | None
        why: tuple[str, ...] = ()

    @dataclass
    class Counted(Message):
        """A choice was counted."""

        chosen: frozenset[str]
        rows: tuple[TrialRow, ...]

    def __init__(self, cockpit: Cockpit, place: TrialPlace) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._place = place
        self._tried: Tried | None = None
        self._chosen: frozenset[str] = frozenset()
        self._rows: tuple[TrialRow, ...] = ()

    def compose(self) -> ComposeResult:
        """The three tables between title and keys."""
        place = self._place
        group, total, empty, shared = words.heads(place)
        right = Align.RIGHT
        with Vertical(classes="dialog full"):
            yield Static(clean(words.title(place)), markup=False, classes="title")
            yield RecordTable(
                (Column(_("Asked for beside it"), None, minimum=20), Column(empty, 16, align=right)),
                mark=Column("", 3),
                empty="…",
                id="options",
            )
            yield Static(id="trial-told", markup=False)
            yield RecordTable(
                (Column(group, None), *(Column(one, 16, align=right) for one in (total, empty, shared))),
                empty="…",
                id="groups",
            )
            yield Static(id="remarks", markup=False)
            empty_words = _("Nothing stands out.")
            yield RecordTable((Column(_("What stands out"), None),), empty=empty_words, id="details")
            yield Static(hint("trial"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Read at once; the options come first."""
        self.query_one("#options").focus()
        self.action_reload()

    def action_reload(self) -> None:
        """Read the ERP anew."""
        self._tell("… " + _("reading the ERP"))
        self._work(self._read(), "read")

    async def _read(self) -> None:
        try:
            self.post_message(self.Read(await read(self._cockpit.workspace, self._place)))
        except (ConsoleError, Failure) as error:
            self.post_message(self.Read(None, told(error)))

    def on_trial_screen_read(self, event: Read) -> None:
        """Begin with what the settings choose, or go on with what was chosen here."""
        if event.tried is None:
            self._tell("✗ " + " ".join(event.why) + " " + _("r tries again."), "$error")
            return
        if self._tried is None:
            self._chosen = frozenset(event.tried.chosen)
        self._tried = event.tried
        self.query_one("#remarks", Static).update(content("\n".join(words.remarks(event.tried)), lines=True))
        found = (TableRow(str(n), (text,)) for n, text in enumerate(words.details(event.tried)))
        self.query_one("#details", RecordTable).set_source(Rows(tuple(found)))
        self._show_options()
        self._count()

    def action_choose(self) -> None:
        """Choose the option under the cursor, or leave it out; the counts follow."""
        key = self.query_one("#options", RecordTable).cursor_key
        if self._tried is not None and key is not None:
            self._chosen = self._chosen ^ {key}
            self._show_options()
            self._count()

    def on_record_table_row_selected(self, event: RecordTable.RowSelected) -> None:
        """Enter on an option is like space."""
        if event.table.id == "options":
            self.action_choose()

    def _count(self) -> None:
        if self._tried is not None:
            self._work(self._counted(self._tried, self._chosen), "count", exclusive=True)

    async def _counted(self, tried: Tried, chosen: frozenset[str]) -> None:
        self.post_message(self.Counted(chosen, await counted(tried, chosen)))

    def on_trial_screen_counted(self, event: Counted) -> None:
        """Show the counts, unless another choice was made meanwhile."""
        if event.chosen != self._chosen or self._tried is None:
            return
        self._rows = event.rows
        every = [*event.rows, words.sums(event.rows)] if len(event.rows) > 1 else [*event.rows]
        self.query_one("#groups", RecordTable).set_source(Rows(tuple(map(group_row, every))))
        good = not any(row.empty or row.shared for row in event.rows)
        mark, style = ("✓", "$success") if good else ("!", "$warning")
        text = f"{mark} {words.verdict(self._place, event.rows)}  ({age(self._tried.at, datetime.now(UTC))})"
        self._tell(text, style)

    def action_take_over(self) -> None:
        """Ask, then write the settings that the choice stands for."""
        if self._tried is None:
            return
        proposals = settings_of(self._cockpit.workspace, self._place, self._chosen)
        if not proposals:
            text = _("The settings say so already.") if self._chosen else _("Choose something first.")
            self.notify(text, markup=False)
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self._work(self._take_over(proposals), "settings")

        changes = "; ".join(f"{p.setting}: {shown(p.former)} → {shown(p.value)}" for p in proposals)
        question = _("Write this choice into the configuration? {changes}").format(changes=changes)
        self.app.push_screen(SureDialog(question, _("Write them")), answered)

    async def _take_over(self, proposals: tuple[Proposal, ...]) -> None:
        why = await self._cockpit.checklists.take_over(proposals)
        if why:
            self.notify(clean(" ".join(why)), severity="error", markup=False)
        else:
            self.notify(
                _("The choice is in the configuration; it holds from the next plan on."), markup=False
            )

    def action_leave(self) -> None:
        """Close; what was read is forgotten."""
        self.dismiss(None)

    def _show_options(self) -> None:
        if self._tried is None:
            return
        lacking, table = self._tried.reading.lacking, self.query_one("#options", RecordTable)
        table.set_source(
            Rows(
                tuple(
                    TableRow(
                        one,
                        (words.option_name(self._place, one), formats.count(lacking[one])),
                        "[x]" if one in self._chosen else "[ ]",
                        Tone.GOOD if one in self._chosen else Tone.NORMAL,
                    )
                    for one in self._place.trial.options
                )
            ),
            same_rows=True,
        )

    def _tell(self, text: str, style: str = "bold") -> None:
        self.query_one("#trial-told", Static).update(content(text, style))

    def _work(self, work: Coroutine[Any, Any, None], what: str, *, exclusive: bool = False) -> None:
        self.run_worker(
            work,
            group=f"trial {what}",
            description=f"trial: {what}",
            exclusive=exclusive,
            exit_on_error=False,
        )


def group_row(row: TrialRow) -> TableRow:
    """A group with its counts; one where somebody cannot be recognised stands out."""
    tone = Tone.WARN if row.empty or row.shared else Tone.NORMAL
    return TableRow(row.group, words.cells(row), tone=tone)
