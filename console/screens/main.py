"""The frame: header, partners, the panels and the footer; turns keys into actions."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import ContentSwitcher
from textual.worker import Worker, WorkerState

from console import actions, screen_memory
from console.cockpit import Cockpit, Place, Tone
from console.cockpit_words import told
from console.fixes import fix_of
from console.i18n import _
from console.screens import frame_actions, panels
from console.screens.panel import Panel, bindings
from console.selection import EVERYTHING, Selection
from console.store.errors import StoreError
from console.threads import off_loop
from console.widgets.footer import FooterBar
from console.widgets.header import HeaderBar
from console.widgets.partners import PartnerList
from console.widgets.tabs import TabLine

if TYPE_CHECKING:
    from console.app import ConsoleApp
    from console.part import Part
    from console.screens.apply_dialog import Accepted
    from console.screens.chain import ChainPanel
    from console.screens.differences import DifferencesPanel
    from console.screens.overview import OverviewPanel
    from console.screens.tickets import TicketsPanel

TICK_S = 0.1
"""Seconds between two looks at the cockpit: nothing is redrawn more often."""


class MainScreen(Screen[None]):
    """A customer at work."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("")]

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self.cockpit = cockpit
        self._seen = -1
        self._second = 0
        self._panel = "overview"
        self._panels: dict[str, Panel] = {}  # those that are there
        self._wanted: str | None = None  # a panel that was asked for before it was there
        self._view = screen_memory.Remembered()

    def compose(self) -> ComposeResult:
        """Header, partners beside the panel that was left last, footer."""
        self._view = screen_memory.recall(self.host.doors.data, self.cockpit.workspace.customer.key)
        if self._view.panel in actions.EVERY and self._view.panel not in self.cockpit.absent:
            self._panel = self._view.panel
        yield HeaderBar(self.cockpit)
        with Horizontal(id="body"):
            yield PartnerList(self.cockpit)
            with Vertical(id="desk"):
                yield TabLine(self.cockpit.absent)
                with ContentSwitcher(initial=self._panel):
                    yield panels.make(self._panel, self.cockpit)
        yield FooterBar()

    def on_mount(self) -> None:
        """Look at the cockpit regularly; everything else comes once the first panel is seen."""
        self.set_interval(TICK_S, self._tick)
        self._take(self.query_one(Panel))
        self.go(self._panel)
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self.run_worker(self._load(), group="history", description="read the history", exit_on_error=False)

    def _take(self, panel: Panel) -> None:
        self._panels[panel.SCOPE] = panel
        panel.recall(self._view.panels.get(panel.SCOPE, {}))

    async def _load(self) -> None:
        """The other panels, and what is known from former starts. Without that one can still work: what is
        wrong is told."""
        await off_loop(panels.load)
        await self._furnish()
        cockpit = self.cockpit
        history = (cockpit.load_history, cockpit.load_findings)
        for load in (*history, cockpit.walks.load, cockpit.trips.load, cockpit.chains.load):
            try:
                await off_loop(load, "history")
            except StoreError as error:
                self.cockpit.say(" ".join(told(error)), Tone.BAD)
        await self.cockpit.load_possible()
        await self.cockpit.checklists.read()
        await self.cockpit.standing.read()
        for key in self.cockpit.trips.to_resume():
            self._start(self.cockpit.trips.follow(key), (key, "trip"), "go on with")

    async def _furnish(self) -> None:
        """Mount the panels that are not there yet, and show the one that was asked for meanwhile."""
        others = [panels.make(scope, self.cockpit) for scope in actions.EVERY if scope not in self._panels]
        for panel in others:
            panel.display = False
        await self.query_one(ContentSwitcher).mount(*others)
        for panel in others:
            self._take(panel)
        if self._wanted is not None:
            self.go(self._wanted)

    def keep_view(self) -> None:
        """Keep the view for the next start."""
        memories = self._view.panels | {scope: panel.memory() for scope, panel in self._panels.items()}
        view = screen_memory.Remembered(self._panel, memories)
        screen_memory.remember(self.host.doors.data, self.cockpit.workspace.customer.key, view)

    @property
    def host(self) -> ConsoleApp:
        """The application."""
        return cast("ConsoleApp", self.app)

    @property
    def panel(self) -> Panel:
        """The panel that is shown."""
        return self._panels[self._panel]

    @property
    def _differences(self) -> DifferencesPanel:
        return cast("DifferencesPanel", self._panels["differences"])

    @property
    def _chain(self) -> ChainPanel:
        return cast("ChainPanel", self._panels["chain"])

    def go(self, scope: str) -> None:
        """Show a panel and put the focus into it, as soon as it is there."""
        if scope not in self._panels:
            self._wanted = scope
            return
        self._panel, self._wanted = scope, None
        self.query_one(ContentSwitcher).current = scope
        self.query_one(TabLine).current = scope
        self._seen = -1
        self._tick()
        self.panel.focus_first()

    def _tick(self) -> None:
        """Redraw what has changed; ages and the clock move once a second."""
        self._second = (self._second + 1) % round(1 / TICK_S)
        moved = self.cockpit.version != self._seen
        if not moved and self._second:
            return
        self._seen = self.cockpit.version
        self.panel.show()
        self.query_one(HeaderBar).show()
        self.query_one(PartnerList).show()
        self.query_one(FooterBar).show(self.offers())

    # -- actions ----------------------------------------------------------------------------------------

    def offers(self) -> list[tuple[actions.Action, str | None]]:
        """The actions of this moment, each with the reason why it is not possible, or None."""
        return [(action, self.why_not(action)) for action in actions.of(self.panel.SCOPE)]

    def all_offers(self) -> list[tuple[actions.Action, str | None]]:
        """The same for the palette: after what is near, the actions of the other panels."""
        near = self.offers()
        known = {action.id for action, _reason in near}
        return near + [(a, self.why_not(a)) for a in actions.ACTIONS if a.id not in known]

    def why_not(self, action: actions.Action) -> str | None:
        """Why an action is not possible now; None when it is."""
        if action.scope:
            panel = self._panels.get(action.scope)
            return _("starting …") if panel is None else panel.why_not(action.id)
        return frame_actions.why_not(self, action.id)

    def action_do(self, id_: str) -> None:
        """Run an action, or say why it is not possible."""
        action = actions.get(id_)
        reason = self.why_not(action)
        if reason is not None:
            self.notify(reason, title=_(action.label), severity="warning", markup=False)
            return
        if action.scope and action.scope != self.panel.SCOPE:
            self.go(action.scope)
        handlers = self.panel.handlers() if action.scope else frame_actions.handlers(self)
        handlers[id_]()

    # -- work --------------------------------------------------------------------------------------------

    def start_plan(self, place: Place, selection: Selection = EVERYTHING) -> None:
        """Compare a use case in the background."""
        self.before_reading(lambda: self._start(self.cockpit.plan(place, selection), place, "plan"))

    def start_undo(self, place: Place, run: int) -> None:
        """Plan to take a run back, and show that plan."""
        self._start(self.cockpit.plan_undo(place, run), place, "plan undo")
        self._differences.show_all()  # a filter in force could hide the whole of it
        self.open_plan(place)

    def start_fix(self, check: str) -> None:
        """Plan what mends the finding of a check, and show that plan."""
        place, selection = fix_of(self.cockpit.workspace.connections, check)
        self.start_plan(place, selection)
        self._differences.show_all()  # as above
        self.open_plan(place)

    def start_apply(self, place: Place, part: Part | None = None) -> None:
        """Ask with counts and names, then write the plan, or a chosen part of it, in the background."""
        from console.screens.apply_dialog import ApplyDialog

        track = self.cockpit.tracks[place]
        plan = track.plan
        if plan is None:
            return

        def confirmed(accepted: Accepted | None) -> None:
            if accepted is not None and track.plan is plan:
                only = part.rows if part else None
                self._start(self.cockpit.sync(place, accepted, only), place, "write")

        self.app.push_screen(ApplyDialog(self.cockpit, track, part), confirmed)

    def start_check(self, partner: str | None = None) -> None:
        """Run the checks in the background."""

        def start() -> None:
            work = self.cockpit.check(partner)
            self.run_worker(work, group="check", description="check", exclusive=True, exit_on_error=False)

        self.before_reading(start)

    def before_reading(self, go: Callable[[], object]) -> None:
        """Do what reads data; where it is real and its processing agreement not recorded, ask first."""
        from console.screens import agreement

        if not self.cockpit.live:
            go()
            return
        asking = agreement.before_reading(self, go)
        self.run_worker(asking, group="agreement", description="agreement", exit_on_error=False)

    def open_plan(self, place: Place) -> None:
        """Show the differences of a use case."""
        self._differences.open(place)
        self.go("differences")

    def open_walk(self, place: Place) -> None:
        """Show the guided test of a use case; it is followed here, so that it goes on behind the window."""
        from console.screens.walk_screen import WalkScreen

        def left(to_plan: bool | None) -> None:
            if to_plan:
                track = self.cockpit.tracks[place]
                if not track.busy:
                    self.start_plan(place)
                self.open_plan(place)
            self._start(self.cockpit.checklists.refresh(), place, "checklists after a walk")

        def work(coroutine: Coroutine[Any, Any, None], what: str) -> None:
            self._start(coroutine, place, what)

        self.before_reading(lambda: self.app.push_screen(WalkScreen(self.cockpit, place, work), left))

    def open_sample(self, place: Place) -> None:
        """Look some records of a use case through."""
        from console.screens.sample_screen import SampleScreen

        self.before_reading(lambda: self.app.push_screen(SampleScreen(self.cockpit, place)))

    def open_trip(self, partner: str) -> None:
        """Show the acceptance ticket of a partner."""
        self.go("tickets")
        cast("TicketsPanel", self._panels["tickets"]).open_trip(partner)

    def open_chain(self, place: Place) -> None:
        """Show the chain of a use case, else the one that was shown last."""
        self._chain.open(place)
        self.go("chain")

    def open_go_live(self, place: Place) -> None:
        """Show what a use case needs to go live, or its life."""
        from console.screens.go_live_screen import GoLiveScreen

        self.before_reading(lambda: self.app.push_screen(GoLiveScreen(self.cockpit, place)))

    def stop(self, place: Place) -> None:
        """End writing safely: what is under way is finished."""
        self.cockpit.tracks[place].stop.set()
        self.notify(_("Stopping: what is under way is finished first."), markup=False)

    def _start(self, work: Coroutine[Any, Any, None], place: Place, what: str) -> None:
        """Run work on a use case; its worker's name holds nothing but the place."""
        self.run_worker(
            work, group="/".join(place), description=f"{what} {'/'.join(place)}", exit_on_error=False
        )

    def on_overview_panel_check_asked(self) -> None:
        """Run the checks."""
        self.start_check()

    def on_overview_panel_asked(self, event: OverviewPanel.Asked) -> None:
        """The overview wants something done."""
        match event.what:
            case "plan":
                self.start_plan(event.place)
            case "open":
                self.open_plan(event.place)
            case "apply":
                self.start_apply(event.place)
            case "stop":
                self.stop(event.place)
            case "walk":
                self.open_walk(event.place)
            case "chain":
                self.open_chain(event.place)
            case "live":
                self.open_go_live(event.place)
            case "sample":
                self.open_sample(event.place)

    def on_differences_panel_asked(self, event: DifferencesPanel.Asked) -> None:
        """The differences want something done with their plan."""
        match event.what:
            case "plan":
                self.start_plan(event.place, event.selection)
            case "apply":
                self.start_apply(event.place, event.part)
            case "stop":
                self.stop(event.place)

    def on_tab_line_clicked(self, event: TabLine.Clicked) -> None:
        """A tab was clicked."""
        self.go(event.scope)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that failed for no reason we know is a crash: said as one, not swallowed."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.host.crashed(event.worker.error)
