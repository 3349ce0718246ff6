"""Panel 2: the plan of a use case, record by record and field by field."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input, Static

from console.cockpit import Activity, Cockpit, Place, Track
from console.filters import FilterError, highlight
from console.i18n import _
from console.part import Part
from console.planner import Plan
from console.safe import clean
from console.screens import plan_actions
from console.screens.panel import Panel, bindings
from console.screens.plan_record import ask_export, copy_record, show_value, show_why
from console.screens.plan_search import Kinds, PlanSearch
from console.screens.plan_source import PlanSource, columns, record_head, rules_of, shown_fields
from console.screens.plan_view import PlanView, counts_words, empty_words
from console.screens.track_words import state_words
from console.selection import EVERYTHING, Selection
from console.store.plans import Row
from console.widgets.field_diff import FieldDiff
from console.widgets.record_model import Rows
from console.widgets.record_table import RecordTable

BESIDE = 96
"""Columns from which the record stands beside the table instead of below it."""

TYPING_S = 0.2
"""A pause in typing after which the filter is used."""


class DifferencesPanel(Panel):
    """The table of a plan's rows, and the record under the cursor."""

    SCOPE = "differences"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("differences"), ("escape", "back", "")]

    class Asked(Message):
        """Something is wanted for the plan that is shown: plan (``selection``), apply (``part``) or stop."""

        def __init__(
            self, what: str, place: Place, *, selection: Selection = EVERYTHING, part: Part | None = None
        ) -> None:
            super().__init__()
            self.what = what
            self.place = place
            self.selection = selection
            self.part = part

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self.place: Place | None = next(iter(cockpit.tracks), None)
        self.view = PlanView()
        self.complaint = ""
        self.source: PlanSource | None = None
        self._searches = PlanSearch(lambda: cockpit.masked, self._found)
        self._masked = cockpit.masked
        self._activity = Activity.IDLE
        self._shown_key: str | None = None

    def compose(self) -> ComposeResult:
        """Two lines of words, the filter, the table and the record."""
        first, others = columns()
        yield Static(id="plan-line", markup=False)
        yield Static(id="seen-line", markup=False)
        yield Input(placeholder=_("text  !not  /pattern/  action:new  rule:B10  result:failed"), id="filter")
        with Container(id="sides"):
            yield RecordTable(others, mark=first, id="changes")
            yield FieldDiff(id="fields")

    # -- what is shown -----------------------------------------------------------------------------------

    @property
    def track(self) -> Track | None:
        """The use case whose plan is shown."""
        return None if self.place is None else self.cockpit.tracks.get(self.place)

    @property
    def table(self) -> RecordTable:
        """The table of rows."""
        return self.query_one("#changes", RecordTable)

    @property
    def fields(self) -> FieldDiff:
        """The record's fields."""
        return self.query_one("#fields", FieldDiff)

    @property
    def searching(self) -> bool:
        """Whether the rows that are shown are not those of the filter yet."""
        return self._searches.running

    @property
    def kinds(self) -> Kinds | None:
        """What occurs in the plan; None until it was looked through."""
        return self._searches.kinds

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return None if self.source is None else self.source.row(self.table.cursor_key)

    def open(self, place: Place) -> None:
        """Show the plan of a use case."""
        self.place = place
        self.show()

    def focus_first(self) -> None:
        """Work begins in the table."""
        self.table.focus()

    def show(self) -> None:
        """Take up another plan, draw anew what a run or the masking has changed."""
        track = self.track
        plan = track.plan if track else None
        if plan is not (self.source.plan if self.source else None):
            self._take(plan)
        elif self.source is not None:
            self._follow(track, self.source)
        self._say()

    def _take(self, plan: Plan | None) -> None:
        """Show another plan, or none; nothing of the former one stays selected."""
        self._searches.kinds, self._masked = None, self.cockpit.masked
        self.source = None if plan is None else self._searches.source(plan)
        self.table.action_clear_selection()
        if self.source is None:
            self.table.set_source(Rows())
            self._show_record()
            return
        self.view = replace(self.view, rule="")
        self.search()

    def _follow(self, track: Track | None, source: PlanSource) -> None:
        activity = track.activity if track else Activity.IDLE
        masked = self.cockpit.masked
        if masked != self._masked or Activity.WRITING in (activity, self._activity):
            self.table.refresh_rows(set(source.served))
            self._show_record()
        if self._activity is Activity.WRITING and activity is Activity.IDLE and self._live():
            self.search()
        self._activity, self._masked = activity, masked

    def _live(self) -> bool:
        try:
            return self.view.live()
        except FilterError:
            return False

    def _say(self) -> None:
        track = self.track
        if track is None:
            self.query_one("#plan-line", Static).update(_("No partner is configured: einzug init adds one."))
            return
        state, _tone = state_words(track)
        self.query_one("#plan-line", Static).update(clean(f"{track.partner}  {track.shown_title}   {state}"))
        self.query_one("#seen-line", Static).update(clean(self._seen()))
        planning = track.activity is Activity.PLANNING
        self.table.set_empty(empty_words(self.view, planning=planning, planned=self.source is not None))

    def _seen(self) -> str:
        if self.complaint:
            return f"✗ {self.complaint}"
        if self.searching:
            return _("filtering …")
        if self.source is None:
            return ""
        total = self.source.plan.store.count() if not self.source.plan.store.closed else 0
        return counts_words(self.source.count(), total, self.view, self.table.records.selected)

    def _show_record(self) -> None:
        """Show the record under the cursor field by field."""
        key, row = self.table.cursor_key, self.row
        same = key is not None and key == self._shown_key
        self._shown_key = key
        if row is None or self.source is None:
            self.fields.show((), ())
            return
        planned, plan = row.planned, self.source.plan
        fields = shown_fields(planned, plan, hide=self.cockpit.masked)
        self.fields.show(record_head(row, plan), fields, same=same)

    # -- search ------------------------------------------------------------------------------------------

    def change_view(self, view: PlanView) -> None:
        """Use another filter or order."""
        self.view = view
        self.search()

    def search(self) -> None:
        """Find the rows of the filter and order in force, beside the event loop."""
        if self.source is None:
            return
        try:
            query = self.view.query()
        except FilterError as error:
            self.complaint = str(error)
            self._say()
            return
        self.complaint = ""
        self.table.set_search(highlight(query))
        number = self._searches.begin()
        self._say()
        self.work(self._searches.find(self.source.plan, self.view, query, number), "search")

    def _found(self, source: PlanSource) -> None:
        self.source = source
        self.table.set_source(source, total=source.plan.store.count())
        self._show_record()
        self._say()

    # -- actions -----------------------------------------------------------------------------------------

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible for the plan or record that is shown."""
        return plan_actions.why_not(self, action)

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """What the actions do."""
        return {
            "diff.plan": lambda: self.ask("plan"),
            "diff.scope": partial(plan_actions.ask_scope, self),
            "diff.exclude": partial(plan_actions.ask_exclusion, self),
            "diff.stop": lambda: self.ask("stop"),
            "diff.apply": lambda: self.work(plan_actions.apply(self), "choose"),
            "diff.retry": lambda: self.work(plan_actions.retry(self), "retry"),
            "diff.filter": self._open_filter,
            "diff.action": lambda: self.change_view(self.view.next_action()),
            "diff.rule": self._next_rule,
            "diff.sort": lambda: self.change_view(self.view.next_order()),
            "diff.select": self.table.action_select,
            "diff.select_all": self.table.action_select_all,
            "diff.next": self._next,
            "diff.why": partial(show_why, self),
            "diff.value": partial(show_value, self),
            "diff.copy": partial(copy_record, self),
            "diff.export": partial(ask_export, self),
        }

    def ask(self, what: str, *, selection: Selection = EVERYTHING, part: Part | None = None) -> None:
        """Tell the main screen what is wanted for the plan that is shown."""
        if self.place is not None:
            self.post_message(self.Asked(what, self.place, selection=selection, part=part))

    def work(self, work: Coroutine[Any, Any, None], what: str, *, exclusive: bool = True) -> None:
        """Run something beside; the screen runs it, so that a crash is noticed there."""
        self.screen.run_worker(
            work,
            group=f"differences.{what}",
            description=f"differences: {what}",
            exclusive=exclusive,
            exit_on_error=False,
        )

    def _next_rule(self) -> None:
        if self.source is not None and self.kinds is not None:
            self.change_view(self.view.next_rule(rules_of(self.source.plan, self.kinds)))

    def _next(self) -> None:
        """The next use case that has a plan; without one, the next use case."""
        places = list(self.cockpit.tracks)
        if self.place not in places:
            return
        at = places.index(self.place)
        others = places[at + 1 :] + places[:at]
        planned = [place for place in others if self.cockpit.tracks[place].plan is not None]
        if planned or others:
            self.open((planned or others)[0])

    # -- filter line -------------------------------------------------------------------------------------

    def _open_filter(self) -> None:
        self.add_class("-filtering")
        self.query_one("#filter", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Use the filter once the person pauses."""
        if event.value != self.view.text:
            self.view = replace(self.view, text=event.value)
            self.set_timer(TYPING_S, partial(self._typed, event.value))

    def _typed(self, text: str) -> None:
        if text == self.view.text:
            self.search()

    def on_input_submitted(self) -> None:
        """Keep the filter and go back to the table."""
        self.set_class(bool(self.view.text), "-filtering")
        self.table.focus()

    def action_back(self) -> None:
        """From the record to the table; in the table or the filter line: show everything again."""
        if self.fields.has_focus:
            self.table.focus()
            return
        self.table.focus()
        self.show_all()

    def show_all(self) -> None:
        """Lift the filter."""
        self.remove_class("-filtering")
        if self.view.filtered or self.complaint:
            self.query_one("#filter", Input).value = ""
            self.change_view(PlanView(order=self.view.order))

    # -- what its parts tell -----------------------------------------------------------------------------

    def on_record_table_row_highlighted(self) -> None:
        """Another record is under the cursor."""
        self._show_record()

    def on_record_table_row_selected(self) -> None:
        """Enter leads into the record."""
        self.fields.focus()

    def on_record_table_selection_changed(self) -> None:
        """The counts tell how many are selected."""
        self._say()

    def on_resize(self, event: Resize) -> None:
        """Beside each other where there is room."""
        self.set_class(event.size.width >= BESIDE, "-beside")

    def memory(self) -> dict[str, str]:
        """Use case, filter and order are restored."""
        return {"place": "/".join(self.place) if self.place else "", **self.view.memory()}

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take them up, as far as they still exist."""
        partner, _sep, use_case = memory.get("place", "").partition("/")
        if (partner, use_case) in self.cockpit.tracks:
            self.place = partner, use_case
        self.view = PlanView.recalled(memory)
        self.query_one("#filter", Input).value = self.view.text
        self.set_class(bool(self.view.text), "-filtering")
