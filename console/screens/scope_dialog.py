"""Compare only a part of a use case: asks which, as ``--scope`` does on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from console.errors import ConsoleError
from console.i18n import _, language
from console.safe import clean
from console.scoping import parts_of, scope_of
from console.screens.window import window_bindings
from console.window_keys import hint


class ScopeDialog(ModalScreen[dict[str, str] | None]):
    """Gives what was typed as field -> value, or None; ``known`` is what can be typed. ``title`` says what
    for, ``given`` stands there already."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("scope")

    def __init__(self, known: Mapping[str, str], title: str = "", given: str = "") -> None:
        super().__init__()
        self._known = known
        self._title = title or _("Compare only a part")
        self._given = given

    def compose(self) -> ComposeResult:
        """What can be typed, and where."""
        example = f"{next(iter(self._known))}=10"
        with Vertical(classes="dialog"):
            yield Static(clean(self._title), markup=False, classes="title")
            known = ", ".join(f"{key}=…" for key in self._known)
            text = _("Several conditions are separated by blanks. There are: {known}").format(known=known)
            yield Static(clean(text), markup=False)
            yield Input(self._given, placeholder=example)
            yield Static("", id="refusal", markup=False)
            yield Static(hint("scope"), markup=False, classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Compare that part; nothing typed changes nothing."""
        try:
            scope = scope_of(self._known, parts_of(event.value))
        except ConsoleError as error:
            self.query_one("#refusal", Static).update(clean(" ".join(error.lines(language()))))
            return
        self.dismiss(scope or None)

    def action_leave(self) -> None:
        """Compare nothing."""
        self.dismiss(None)
