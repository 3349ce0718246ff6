"""Which open points go out: one desk or all of them, by when, and where the files are written."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, RadioSet, Static

from checklists.model import Addressee
from console import formats
from console.errors import ConsoleError
from console.handouts.asks import Handout
from console.handouts.hand_out import Wish
from console.i18n import _, language, ngettext
from console.onboarding.answering import read_day
from console.onboarding.words import addressee_name
from console.screens.answer_dialog import OneOf
from console.screens.window import window_bindings
from console.typed_path import typed_path
from console.widgets.safe_text import content
from console.window_keys import hint


class HandOutDialog(ModalScreen[Wish | None]):
    """Asks for desk, day and folder; ``chosen`` is the desk of the item that the cursor stood on."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("hand_out")

    def __init__(self, found: tuple[Handout, ...], place: Path, chosen: Addressee | None) -> None:
        super().__init__()
        self._desks: tuple[Addressee | None, ...] = (None, *dict.fromkeys(one.addressee for one in found))
        self._found = found
        self._place = place
        self._chosen = chosen if chosen in self._desks else None

    def compose(self) -> ComposeResult:
        """The desks with their counts, day, place, two buttons."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(_("Hand out open points"), markup=False, classes="title")
            yield Static(
                _("Each desk gets a workbook with its own points only, and a covering text beside it."),
                markup=False,
                classes="hint",
            )
            with RadioSet(id="desk", compact=True):
                for desk in self._desks:
                    yield OneOf(Content(self._label(desk)), value=desk is self._chosen)
            yield Static(_("By when answers are wanted"), markup=False, classes="label")
            yield Input(id="due", compact=True)
            yield Static(_("Folder, or one file that ends with .xlsx"), markup=False, classes="label")
            yield Input(str(self._place), id="place", compact=True)
            yield Static(id="refusal", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(_("Hand out"), id="yes", variant="primary")
                yield Button(_("Leave it (Esc)"), id="no")
            yield Static(hint("hand_out"), markup=False, classes="hint")

    def _label(self, desk: Addressee | None) -> str:
        held = [one for one in self._found if desk in (None, one.addressee)]
        count = sum(len(one.questions) for one in held)
        text = ngettext("{desk}: {count} point", "{desk}: {count} points", count)
        name = _("Every desk") if desk is None else addressee_name(desk)
        return text.format(desk=name, count=formats.count(count))

    def on_mount(self) -> None:
        """The desk comes first."""
        self.query_one("#desk").focus()

    def on_input_submitted(self) -> None:
        """Enter leads to the next line."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Hand on the wish, or say what is wrong with it."""
        if event.button.id != "yes":
            self.dismiss(None)
            return
        place = self.query_one("#place", Input).value.strip()
        try:
            due = read_day(self.query_one("#due", Input).value, _("By when answers are wanted"))
        except ConsoleError as error:
            self.query_one("#refusal", Static).update(
                content(f"✗ {' '.join(error.lines(language()))}", "$error")
            )
            return
        at = self.query_one("#desk", RadioSet).pressed_index
        where = typed_path(place) if place else self._place
        self.dismiss(Wish(where, self._desks[max(at, 0)], due))

    def action_leave(self) -> None:
        """Nothing is written."""
        self.dismiss(None)
