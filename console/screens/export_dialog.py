"""Where and how to export what is seen."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, Static

from console.i18n import _
from console.safe import clean
from console.screens.small_dialogs import SureDialog
from console.screens.window import window_bindings
from console.typed_path import typed_path

FORMATS = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class ExportWish:
    """A file to write, and whether personal data is masked in it."""

    path: Path
    masked: bool


class ExportDialog(ModalScreen[ExportWish | None]):
    """Asks for the file; its ending decides the format. A file that exists must be confirmed.

    ``live`` = outside practice, where unmasking asks.
    """

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("export")

    def __init__(self, what: str, path: Path, *, masked: bool, live: bool = False) -> None:
        super().__init__()
        self._what = what
        self._path = path
        self._masked = masked
        self._live = live
        self._confirmed: Path | None = None

    def compose(self) -> ComposeResult:
        """What is exported, file, masking."""
        with Vertical(classes="dialog wide"):
            yield Static(clean(self._what), markup=False, classes="title")
            yield Input(str(self._path), id="path")
            yield Static(_("The ending decides: .csv or .xlsx"), markup=False, classes="hint")
            yield Checkbox(_("Mask personal data"), self._masked, id="masked")
            yield Static("", id="refusal", markup=False)
            yield Button(_("Export"), id="export", variant="primary")
            yield Button(_("Leave it (Esc)"), id="leave")

    def on_mount(self) -> None:
        """The file comes first."""
        self.query_one(Input).focus()

    def on_input_submitted(self) -> None:
        """Enter is like the button."""
        self._try()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Export or leave."""
        if event.button.id == "export":
            self._try()
        else:
            self.dismiss(None)

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Outside practice unmasking asks, as it does on the screen."""
        if event.value or not self._live:
            return

        def answered(sure: bool | None) -> None:
            if not sure:
                event.checkbox.value = True

        question = _("Write personal data of real people into the file?")
        self.app.push_screen(SureDialog(question, _("Write in full")), answered)

    def action_leave(self) -> None:
        """Write nothing."""
        self.dismiss(None)

    def _try(self) -> None:
        path = typed_path(self.query_one(Input).value)
        reason = self._why_not(path)
        if reason is None:
            self.dismiss(ExportWish(path, self.query_one(Checkbox).value))
            return
        self.query_one("#refusal", Static).update(clean(reason))

    def _why_not(self, path: Path) -> str | None:
        if path.suffix.lower() not in FORMATS:
            return _("The file name must end in .csv or .xlsx.")
        if not os.path.isdir(path.parent):
            return _("There is no folder {folder}.").format(folder=path.parent)
        if os.path.exists(path) and self._confirmed != path:
            self._confirmed = path
            return _("{path} exists. Once more to replace it.").format(path=path.name)
        return None
