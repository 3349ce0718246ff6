"""Before anything is written: counts, customer and partner by name; what is risky must be typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from console import formats
from console.cockpit import Cockpit, Track
from console.cockpit_words import plan_words
from console.connections import PRACTICE
from console.i18n import _, ngettext
from console.names import guard_words
from console.part import Part
from console.safe import clean
from console.screens.small_dialogs import step
from console.screens.window import window_bindings
from console.sync.guards import Lift
from console.terminal import environment_name, review_lines

Accepted = tuple[Lift, ...]
"""The guards that a person has lifted."""

LOOKED_AT = 6
"""So many records that need a look are named in the dialog; the workbook has them all."""


class ApplyDialog(ModalScreen[Accepted | None]):
    """Asks whether a plan, or a chosen part of it, shall be written; gives the lifted guards, or None."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("apply")

    def __init__(self, cockpit: Cockpit, track: Track, part: Part | None = None) -> None:
        super().__init__()
        assert track.plan is not None  # noqa: S101  (the action is not offered without a plan)
        self._words = part_words(part) if part else plan_words(track.plan)
        self._guards = part.guards if part else tuple(track.plan.guards)
        self._changes = part.changes if part else track.plan.changes
        self._chosen = part is not None
        self._track = track
        self._cockpit = cockpit
        self._live = cockpit.environment(track.place[0]) != PRACTICE

    def compose(self) -> ComposeResult:
        """Who, where, how many; an input for each number that must be typed."""
        plan = self._track.plan
        assert plan is not None  # noqa: S101  (as above)
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(clean(self._head()), markup=False, classes="title")
            yield Static(clean(self._words), markup=False)
            for guard in self._guards:
                words = clean(guard_words(self._track.place[0], guard))
                yield Static(f"! {words}", markup=False, classes="warning")
                for line in () if self._chosen else review_lines(plan, guard, LOOKED_AT):
                    yield Static(clean(f"  {line}"), markup=False)
                yield Input(placeholder=_("type {count} to go on").format(count=guard.count), classes="count")
            if self._live:
                text = ngettext(
                    "This is not practice. {count} record will be written.",
                    "This is not practice. {count} records will be written.",
                    self._changes,
                )
                yield Static(text.format(count=formats.count(self._changes)), markup=False)
                yield Input(placeholder=_("type the number of changes"), classes="count")
            yield Static("", id="refusal", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(_("Write"), id="write", variant="warning")
                yield Button(_("Leave it (Esc)"), id="leave")

    def on_mount(self) -> None:
        """Focus the first number, or the button that changes nothing."""
        (self.query(Input).first() if self.query(Input) else self.query_one("#leave")).focus()

    def _head(self) -> str:
        text = _("Write {title} of {customer} to {target} ({environment})?")
        return text.format(
            title=self._track.shown_title,
            customer=self._cockpit.shown_customer,
            target=self._cockpit.workspace.connections.target_name(*self._track.place),
            environment=environment_name(self._cockpit.environment(self._track.place[0])),
        )

    def on_key(self, event: Key) -> None:
        """Arrows change the button."""
        step(self, event)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Write or leave."""
        if event.button.id == "write":
            self._try()
        else:
            self.dismiss(None)

    def on_input_submitted(self) -> None:
        """Enter in an input is like the button."""
        self._try()

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def _try(self) -> None:
        wanted = [guard.count for guard in self._guards] + ([self._changes] if self._live else [])
        typed = [entry.value.strip() for entry in self.query(Input)]
        meant = [
            text in (str(count), formats.count(count)) for text, count in zip(typed, wanted, strict=True)
        ]
        if not all(meant):
            self.query_one("#refusal", Static).update(_("The number does not match; nothing was written."))
            return
        self.dismiss(tuple(map(Lift.of, self._guards)))


def part_words(part: Part) -> str:
    """What of a plan was chosen, in a few words."""
    return _("Only what is selected: {create} new, {update} changed, {delete} gone.").format(**part.counts())
