"""What a pass would do, before it is made."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console import formats
from console.cockpit import Cockpit
from console.cockpit_tickets import TicketTrack
from console.i18n import _, language
from console.safe import clean
from console.screens.tickets_words import text_words
from console.screens.window import crash_of_worker, window_bindings
from console.tickets.events import PassResult
from console.views import sentences
from console.widgets.safe_text import content
from console.window_keys import hint

TICK_S = 0.2
MOST = 200
"""Lines that are shown: nobody reads more before a pass."""


class PassDialog(ModalScreen[bool]):
    """True when the pass shall be made."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("pass")
    on_worker_state_changed = crash_of_worker

    def __init__(self, cockpit: Cockpit, track: TicketTrack) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._track = track

    def compose(self) -> ComposeResult:
        """The title, what would happen, and the keys."""
        with Vertical(classes="dialog wide"):
            title = _("A pass over the tickets of {partner} would do this:").format(
                partner=self._track.partner
            )
            yield Static(clean(title), markup=False, classes="title")
            with VerticalScroll(id="planned"):
                yield Static(id="planned-lines", markup=False)
            yield Static(id="planned-why", markup=False)
            yield Static(hint("pass"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Wait for the preview."""
        self.set_interval(TICK_S, self._show)
        self._show()

    def _show(self) -> None:
        track = self._track
        found = self.query_one("#planned-lines", Static)
        if track.error:
            found.update(content("✗ " + " ".join(track.error), "$error"))
        elif track.busy or track.preview is None:
            found.update(Content("… " + _("looking ahead")))
        else:
            found.update(Content("\n").join([content(line) for line in planned_lines(track.preview)]))
        reason = self._why_not()
        self.query_one("#planned-why", Static).update(content(reason or "", "$warning"))

    def _why_not(self) -> str | None:
        if self._track.busy or self._track.preview is None:
            return None
        if self._track.preview.stopped_by is not None:
            return _("The preview broke off: look ahead again once the other side answers.")
        return self._cockpit.tickets.why_not_write(self._track.key)

    def action_make(self) -> None:
        """Make it, once it can be."""
        if self._track.busy or self._track.preview is None:
            return
        reason = self._why_not()
        if reason is not None:
            self.notify(clean(reason), severity="warning", markup=False)
        else:
            self.dismiss(True)

    def action_leave(self) -> None:
        """Nothing is written."""
        self.dismiss(False)


def planned_lines(preview: PassResult) -> list[str]:
    """The outcomes of a dry run, a line each, those that wait for a person first; why it broke off before
    all."""
    broken = sentences(preview.stopped_by, language()) if preview.stopped_by else ()
    if broken:
        return ["✗ " + " ".join(broken)]
    if not preview.outcomes:
        return ["✓ " + _("There is nothing to do.")]
    ordered = sorted(preview.outcomes, key=lambda outcome: not outcome.bad)
    lines = [
        f"{'!' if outcome.bad else '+'} {outcome.ticket}  {text_words(outcome.outcome)}"
        for outcome in ordered[:MOST]
    ]
    if len(ordered) > MOST:
        lines.append(_("… and {count} more").format(count=formats.count(len(ordered) - MOST)))
    return lines
