"""One ticket on both sides: fields, comments, attachments, and the hops it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from connectors.problems import Failure
from console.cockpit import Cockpit
from console.cockpit_tickets import Both, Line, TicketTrack
from console.cockpit_words import told
from console.errors import ConsoleError
from console.i18n import _
from console.safe import clean
from console.screens import ticket_lines
from console.screens.window import crash_of_worker, window_bindings
from console.store.errors import StoreError
from console.widgets.safe_text import content
from console.window_keys import hint

TICK_S = 0.5


class TicketScreen(ModalScreen[None]):
    """Both sides of a ticket; what personal text there is follows the masking of the console."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("ticket")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class TicketRead(Message):
        """Both sides were read."""

        both: Both

    @dataclass
    class Failed(Message):
        """A side could not be read; ``why`` tells."""

        why: str

    def __init__(self, cockpit: Cockpit, track: TicketTrack, line: Line) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._track = track
        self._line = line
        self._both: Both | None = None
        self._why = ""
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        """Which ticket, both sides, what is wrong, and the keys."""
        known = self._line.row.known
        with Vertical(classes="dialog full"):
            title = _("{partner} ticket {ticket}").format(partner=self._track.partner, ticket=known.ticket)
            yield Static(clean(title), markup=False, classes="title")
            with VerticalScroll(id="ticket-room"):
                yield Static(id="ticket-lines", markup=False)
            yield Static(id="ticket-why", markup=False)
            yield Static(hint("ticket"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Read both sides beside the loop."""
        self.query_one("#ticket-room").focus()
        self.set_interval(TICK_S, self._show)
        self.call_after_refresh(self._show)
        self.action_reload()

    def action_reload(self) -> None:
        """Read both sides anew."""
        self._why = "… " + _("reading both sides")
        self.run_worker(
            self._read(), group="ticket", description="read a ticket", exclusive=True, exit_on_error=False
        )

    def on_resize(self) -> None:
        """The lines are made for the width."""
        self.call_after_refresh(self._show)

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    async def _read(self) -> None:
        try:
            both = await self._cockpit.tickets.both(self._track.key, self._line)
        except (ConsoleError, Failure, StoreError) as error:
            self.post_message(self.Failed(" ".join(told(error))))
        else:
            self.post_message(self.TicketRead(both))

    def on_ticket_screen_ticket_read(self, event: TicketRead) -> None:
        """Show it."""
        self._both, self._why = event.both, ""
        self._show()

    def on_ticket_screen_failed(self, event: Failed) -> None:
        """Say what is wrong; what was read before stays."""
        self._why = f"✗ {event.why}"
        self._show()

    def _show(self) -> None:
        width = max(20, self.query_one("#ticket-room").size.width - 2)
        seen = (self._both, self._why, self._cockpit.masked, width)
        if seen == self._drawn:
            return
        self._drawn = seen
        lines = ticket_lines.lines(
            self._line, self._both, self._track.partner, width, masked=self._cockpit.masked
        )
        self.query_one("#ticket-lines", Static).update(lines)
        bad = self._why.startswith("✗")
        self.query_one("#ticket-why", Static).update(content(self._why, "$error" if bad else ""))
