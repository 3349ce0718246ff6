"""Short questions: are you sure, unlock writing, leave while something is being written."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from console.cockpit import Cockpit
from console.i18n import _
from console.safe import clean
from console.screens.window import window_bindings


def step(screen: ModalScreen[Any], event: Key) -> None:
    """Arrow keys lead from button to button, as Tab does."""
    if isinstance(screen.focused, Button) and event.key in ("left", "right", "up", "down"):
        event.stop()
        if event.key in ("right", "down"):
            screen.focus_next()
        else:
            screen.focus_previous()


class SureDialog(ModalScreen[bool | None]):
    """A question with one way to go on; the focus is on the button that changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("sure")

    def __init__(self, question: str, go_on: str) -> None:
        super().__init__()
        self._question = question
        self._go_on = go_on

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(classes="dialog"):
            yield Static(clean(self._question), markup=False, classes="title")
            yield Button(self._go_on, id="yes", variant="warning")
            yield Button(_("Leave it (Esc)"), id="no")

    def on_mount(self) -> None:
        """Nothing happens by an accidental Enter."""
        self.query_one("#no").focus()

    def on_key(self, event: Key) -> None:
        """Arrows change the button."""
        step(self, event)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "yes")

    def action_leave(self) -> None:
        """No."""
        self.dismiss(False)


class UnlockDialog(ModalScreen[str | None]):
    """Asks for the customer's key before anything outside practice can be written."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("unlock")

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self._cockpit = cockpit

    def compose(self) -> ComposeResult:
        """What is unlocked, and the input."""
        text = _("Unlock writing for {customer}? Type the key {key}.")
        key = self._cockpit.workspace.customer.key
        with Vertical(classes="dialog"):
            shown = clean(text.format(customer=self._cockpit.shown_customer, key=key))
            yield Static(shown, markup=False, classes="title")
            yield Input()
            yield Static(_("Enter unlocks, Esc leaves it."), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand on what was typed."""
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Nothing is unlocked."""
        self.dismiss(None)


class QuitDialog(ModalScreen[str | None]):
    """Something is being written: wait for it, stop it safely, or leave at once."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("leave")

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self._cockpit = cockpit

    def compose(self) -> ComposeResult:
        """What is under way, and the ways to end."""
        names = ", ".join(f"{track.partner} {track.title}" for track in self._cockpit.writing)
        with Vertical(classes="dialog"):
            yield Static(
                clean(_("Being written: {names}").format(names=names)), markup=False, classes="title"
            )
            yield Button(_("Wait until it is done"), id="wait")
            yield Button(_("Stop safely, then quit"), id="stop")
            yield Button(
                _("Leave at once; the next start settles what is open"), id="leave", variant="warning"
            )
            yield Button(_("Stay (Esc)"), id="stay", variant="primary")

    def on_mount(self) -> None:
        """Staying is the default."""
        self.query_one("#stay").focus()

    def on_key(self, event: Key) -> None:
        """Arrows change the button."""
        step(self, event)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button's name."""
        self.dismiss(event.button.id)

    def action_stay(self) -> None:
        """Go on."""
        self.dismiss(None)
