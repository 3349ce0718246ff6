"""Type a credential unseen. The value goes from the input to the keyring: no message, no name carries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from connectors.contract import Text
from connectors.texts import render
from console.cockpit_credentials import Credential
from console.i18n import _, language
from console.safe import clean
from console.screens.window import window_bindings
from console.terminal import environment_name


class HiddenInput(Input):
    """An input whose messages tell that something was entered, and never what."""

    class Entered(Message):
        """Enter was pressed; ``take`` gives the value once."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(password=True, placeholder=placeholder)

    def take(self) -> str:
        """What was typed; it is forgotten here."""
        value = self.value
        self.value = ""
        return value

    def post_message(self, message: Message) -> bool:
        """As always, without the messages that hold the value."""
        if isinstance(message, Input.Changed | Input.Submitted | Input.Blurred):
            return False
        return super().post_message(message)

    async def action_submit(self) -> None:
        """Tell that it is done."""
        self.post_message(self.Entered())

    def action_copy(self) -> None:
        """A value that is hidden is not copied either."""

    def action_cut(self) -> None:
        """As copying."""


class SecretDialog(ModalScreen[None]):
    """Asks for one credential and hands it to ``keep``; an empty value changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("secret")

    def __init__(self, credential: Credential, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._credential = credential
        self._keep = keep

    def compose(self) -> ComposeResult:
        """Whose, which, where it is found, and the input."""
        c = self._credential
        head = _("{name} ({environment}): {field}").format(
            name=c.name, environment=environment_name(c.environment), field=c.called
        )
        with Vertical(classes="dialog"):
            yield Static(clean(head), markup=False, classes="title")
            yield Static(clean(render(Text(c.hint), language())), markup=False)
            yield HiddenInput()
            yield Static("", id="refusal", markup=False)
            yield Static(_("Nothing you type is shown. Enter stores it, Esc leaves it."), markup=False)

    def on_hidden_input_entered(self) -> None:
        """Hand the value on and close."""
        value = self.query_one(HiddenInput).take()
        if not value:
            self.query_one("#refusal", Static).update(_("That was empty; nothing was stored."))
            return
        self.dismiss(None)
        self._keep(value)

    def action_leave(self) -> None:
        """Change nothing."""
        self.query_one(HiddenInput).take()
        self.dismiss(None)
