"""A word on a record: what is wrong or to be looked at, and who says so."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from console.i18n import _
from console.safe import clean
from console.sampling.marking import Word, why_not
from console.sampling.words import mark_name
from console.screens.window import window_bindings
from console.store.samples import Mark
from console.widgets.safe_text import content
from console.window_keys import hint


class NoteDialog(ModalScreen[Word | None]):
    """Asks for note and name; ``mask`` hides both while they are typed."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("note")

    def __init__(self, title: str, mark: Mark, *, who: str, note: str = "", mask: bool = False) -> None:
        super().__init__()
        self._title = title
        self._mark = mark
        self._who = who
        self._note = note
        self._mask = mask

    def compose(self) -> ComposeResult:
        """The record, note, name."""
        with Vertical(classes="dialog"):
            title = f"{clean(self._title)}: {mark_name(self._mark)}"
            yield Static(title, markup=False, classes="title")
            yield Input(
                self._note, placeholder=_("What is wrong, or what is to be looked at?"), id="note",
                password=self._mask,
            )  # fmt: skip
            yield Input(self._who, placeholder=_("Who says so"), id="who", password=self._mask)
            yield Static(id="refusal", markup=False)
            yield Static(hint("note"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Where nothing is to be noted, the name is what is missing."""
        self.query_one("#who" if self._mark is Mark.RIGHT else "#note").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the note leads to a name that is missing; else it keeps the word."""
        who, note = (self.query_one(f"#{name}", Input).value.strip() for name in ("who", "note"))
        word = Word(self._mark, who, note)
        reason = why_not(word)
        if reason is None:
            self.dismiss(word)
            return
        self.query_one("#refusal", Static).update(content(f"✗ {reason}", "$error"))
        if event.input.id == "note" and note and not who:
            self.query_one("#who").focus()

    def action_leave(self) -> None:
        """Nothing is said."""
        self.dismiss(None)
