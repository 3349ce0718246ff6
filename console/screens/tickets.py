"""Panel 3: every ticket with its hops, the stuck ones first; passes, watching, and the acceptance ticket."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from connectors.ticketing import TICKETS
from console.cockpit import Cockpit
from console.cockpit_tickets import Doing, Line, TicketTrack
from console.i18n import _
from console.screens import tickets_words as words
from console.screens.panel import Panel, bindings
from console.widgets.filter_line import FilterLine
from console.widgets.record_model import Column, Rows
from console.widgets.record_table import RecordTable


class TicketsPanel(Panel):
    """The tickets of one partner as a table; ``t`` leads to the next partner's."""

    SCOPE = "tickets"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("tickets")]

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._key = next(iter(cockpit.tickets.tracks), "")
        self._shown: object = None
        self._cursor = ""

    def compose(self) -> ComposeResult:
        """A line of words, filter, table, and a line of what is wrong."""
        yield Static(id="tickets-head", markup=False)
        yield FilterLine()
        yield RecordTable(
            words.columns(),
            mark=Column(_("State"), 12),
            empty=_("The tickets are being read …"),
            id="tickets-list",
        )
        yield Static(id="tickets-foot", markup=False)

    @property
    def track(self) -> TicketTrack | None:
        """The tickets of the partner that is shown."""
        return self.cockpit.tickets.tracks.get(self._key)

    @property
    def line(self) -> Line | None:
        """The ticket under the cursor."""
        key = self.query_one(RecordTable).cursor_key
        lines = (self.track.lines or ()) if self.track else ()
        return next((line for line in lines if line.row.known.ticket == key), None)

    def on_show(self) -> None:
        """Read our own store whenever the panel comes into sight."""
        self._read()

    def show(self) -> None:
        """Redraw; nothing is read here."""
        track = self.track
        if track is None:
            return
        trail = self.cockpit.trips.trails[self._key]
        keys = list(self.cockpit.tickets.tracks)
        number = keys.index(self._key) + 1, len(keys)
        self.query_one("#tickets-head", Static).update(words.head(track, number))
        self.query_one("#tickets-foot", Static).update(words.foot(track, trail, self.line))
        if (track.lines, self._key) != self._shown:
            self._shown = (track.lines, self._key)
            self._fill()

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible now."""
        tickets, track = self.cockpit.tickets, self.track
        if track is None:
            return _("No tickets are agreed with any partner.")
        match action:
            case "ticket.open" if self.line is None:
                return _("There is no ticket here.")
            case "ticket.pass":
                return tickets.why_not(self._key, Doing.PREVIEW)
            case "ticket.retry":
                nothing = None if track.standing.parked or track.standing.held else _("Nothing is held back.")
                return tickets.why_not(self._key, Doing.REPLAY) or nothing
            case "ticket.watch" if not track.watching:
                return tickets.why_not(self._key, Doing.PASS)
            case "ticket.live" if track.watching or track.busy:
                return _("It is busy.")
            case "ticket.partner" if len(tickets.tracks) < 2:
                return _("No other partner has tickets.")
            case "ticket.stop" if not (track.watching or track.busy):
                return _("Nothing is being written.")
        return None

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """What the actions do."""
        return {
            "ticket.open": self._open,
            "ticket.pass": self._pass,
            "ticket.trip": self.open_trip,
            "ticket.watch": self._watch,
            "ticket.retry": self._replay,
            "ticket.filter": self.query_one(FilterLine).open,
            "ticket.partner": self._next,
            "ticket.live": self._live,
            "ticket.stop": lambda: self.cockpit.tickets.unwatch(self._key),
        }

    def memory(self) -> dict[str, str]:
        """Partner, filter and cursor are restored."""
        cursor = self.query_one(RecordTable).cursor_key or self._cursor
        return {"partner": self._key, "filter": self.query_one(FilterLine).value, "cursor": cursor}

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take them up, where the partner still has tickets."""
        if memory.get("partner") in self.cockpit.tickets.tracks:
            self._key = memory["partner"]
        self._cursor = memory.get("cursor", "")
        line = self.query_one(FilterLine)
        line.value = memory.get("filter", "")
        line.set_class(bool(line.value), "-open")

    def focus_first(self) -> None:
        """Work begins in the table, not in the filter."""
        self.query_one(RecordTable).focus()

    # -- actions ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        from console.screens.ticket_screen import TicketScreen

        line, track = self.line, self.track
        if line is not None and track is not None:
            self.reading(lambda: self.app.push_screen(TicketScreen(self.cockpit, track, line)))

    def _pass(self) -> None:
        """Look ahead first; the window shows it and asks."""
        from console.screens.pass_dialog import PassDialog

        track = self.track
        if track is None:
            return

        def answered(sure: bool | None) -> None:
            if sure and self.track is not None:
                self._work(self.cockpit.tickets.run(track.key), "pass")

        def ask() -> None:
            self._work(self.cockpit.tickets.look_ahead(track.key), "preview")
            self.app.push_screen(PassDialog(self.cockpit, track), answered)

        self.reading(ask)

    def _replay(self) -> None:
        self.reading(lambda: self._work(self.cockpit.tickets.run(self._key, replay=True), "replay"))

    def _watch(self) -> None:
        track = self.track
        if track is not None and track.watching:
            self.cockpit.tickets.unwatch(self._key)
        else:
            self.reading(lambda: self._work(self.cockpit.tickets.watch(self._key), "watch"))

    def open_trip(self, partner: str = "") -> None:
        """Show the acceptance ticket of a partner, else of the one that is shown; it is followed by the
        screen below, so that it goes on behind it."""
        from console.screens.trip_screen import TripScreen

        if partner:
            self._key = partner
            self._read()

        def show() -> None:
            self.app.push_screen(TripScreen(self.cockpit, self._key, self._work), lambda _done: self._after())

        if self.track is not None:
            self.reading(show)

    def _after(self) -> None:
        """The tickets have moved, and an item of the lists may be answered."""
        self._read()
        self._work(self.cockpit.checklists.refresh(), "checklists")

    def _live(self) -> None:
        from console.screens.go_live_screen import GoLiveScreen

        self.reading(lambda: self.app.push_screen(GoLiveScreen(self.cockpit, (self._key, TICKETS))))

    def _next(self) -> None:
        keys = list(self.cockpit.tickets.tracks)
        self._key = keys[(keys.index(self._key) + 1) % len(keys)]
        self._read()
        self.show()

    def _read(self) -> None:
        if self._key:
            self._work(self.cockpit.tickets.load(self._key), "read")

    def _work(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """The screen below runs it, so that it goes on when this panel is left, and a crash is noticed."""
        screen = self.screen
        screen.run_worker(
            work, group="tickets", description=f"tickets: {what} {self._key}", exit_on_error=False
        )

    # -- what the widgets tell ---------------------------------------------------------------------------

    def on_record_table_row_selected(self) -> None:
        """Enter opens."""
        self._open()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self._fill()

    def on_filter_line_left(self) -> None:
        """Back to the table."""
        self.query_one(RecordTable).focus()

    def _fill(self) -> None:
        track = self.track
        if track is None or track.lines is None:
            return
        table, wanted = self.query_one(RecordTable), self.query_one(FilterLine).filter
        nothing = _("No tickets yet: p makes a pass, n an acceptance ticket.")
        table.set_empty(_("No ticket matches. / changes the filter.") if track.lines else nothing)
        table.set_search(wanted.shown)
        rows = map(partial(words.ticket_row, track), track.lines)
        table.set_source(Rows(tuple(row for row in rows if wanted.keeps(" ".join((row.mark, *row.cells))))))
        if self._cursor:
            table.move_to(self._cursor)
            self._cursor = ""
