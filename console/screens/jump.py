"""f, then a letter: the focus jumps to a panel or a part of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from console.safe import clean
from console.screens.window import window_bindings

LETTERS = "asdfjklghqwertyuiopzxcvbnm"


class JumpScreen(ModalScreen[str | None]):
    """Gives the name of the target whose letter was pressed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("jump")

    def __init__(self, targets: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        """A letter beside each target."""
        lines = [
            Content.assemble((f" {letter} ", "reverse bold"), f"  {clean(title)}")
            for letter, (_name, title) in self._targets.items()
        ]
        with Vertical(classes="dialog"):
            yield Static(Content("\n").join(lines), markup=False)

    def on_key(self, event: Key) -> None:
        """Jump."""
        if event.key in self._targets:
            event.stop()
            self.dismiss(self._targets[event.key][0])

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)
