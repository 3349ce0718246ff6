"""The whole value of a field, old and new, differences marked; a masked one can be seen for a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from console.i18n import _
from console.safe import clean, clean_lines
from console.screens.window import window_bindings
from console.text_diff import Pieces, pieces
from console.widgets.field_diff import EMPTY, NEW, OLD, marked

REVEALED_S = 5.0
"""Seconds for which a masked value shows."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Old and new value as texts."""

    old: str
    new: str


class ValueDialog(ModalScreen[None]):
    """Shows both values wrapped. ``hidden`` stands there while masked, None when nothing is hidden."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("value")

    def __init__(self, name: str, full: Sides, hidden: Sides | None) -> None:
        super().__init__()
        self._name_shown = name
        self._full = full
        self._hidden = hidden
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Name, both values, hint."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(clean(self._name_shown), markup=False, classes="title")
            yield Static(markup=False, id="old")
            yield Static(markup=False, id="new")
            text = _("Esc closes.")
            if self._hidden is not None:
                text = _("Masked. r shows it for {seconds} seconds. Esc closes.").format(
                    seconds=round(REVEALED_S)
                )
            yield Static(text, markup=False, classes="hint")

    def on_mount(self) -> None:
        """Masked at first."""
        self._show(self._hidden or self._full)

    def action_reveal(self) -> None:
        """Show a masked value for a moment."""
        if self._hidden is not None:
            self._show(self._full)
            if self._timer is not None:
                self._timer.stop()  # asked again: the time begins anew
            self._timer = self.set_timer(REVEALED_S, lambda: self._show(self._hidden or self._full))

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def _show(self, sides: Sides) -> None:
        old, new = clean_lines(sides.old), clean_lines(sides.new)
        was, will = pieces(old, new)
        self.query_one("#old", Static).update(_block(_("Old"), was, OLD))
        self.query_one("#new", Static).update(_block(_("New"), will, NEW))


def _block(title: str, whole: Pieces, colour: str) -> Content:
    body = marked(whole, colour) if whole else Content.styled(EMPTY + " " + _("empty"), "dim")
    return Content.assemble((f"{title}\n", f"bold {colour}"), body, "\n")
