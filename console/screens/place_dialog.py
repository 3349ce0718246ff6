"""Asks for a folder."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from console.i18n import _
from console.safe import clean
from console.screens.window import window_bindings
from console.typed_path import typed_path


class PlaceDialog(ModalScreen[Path | None]):
    """What is written, and the folder that gets it."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("place")

    def __init__(self, what: str, place: Path) -> None:
        super().__init__()
        self._what = what
        self._place = place

    def compose(self) -> ComposeResult:
        """The question, the folder, two buttons."""
        with Vertical(classes="dialog wide"):
            yield Static(clean(self._what), markup=False, classes="title")
            yield Input(str(self._place))
            yield Button(_("Write copies"), id="yes", variant="primary")
            yield Button(_("Leave it (Esc)"), id="no")

    def on_mount(self) -> None:
        """The folder comes first."""
        self.query_one(Input).focus()

    def on_input_submitted(self) -> None:
        """Enter is like the button."""
        self._hand_on()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Hand on the folder, or leave."""
        if event.button.id == "yes":
            self._hand_on()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Write nothing."""
        self.dismiss(None)

    def _hand_on(self) -> None:
        typed = self.query_one(Input).value.strip()
        self.dismiss(typed_path(typed) if typed else self._place)
