"""Before real data is read for the first time: is its processing agreed, and who says so?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from console.i18n import _
from console.onboarding.agreement import ITEM
from console.onboarding.answering import Draft
from console.safe import clean
from console.screens import answering
from console.screens.answer_dialog import Start
from console.screens.small_dialogs import step
from console.screens.window import window_bindings

if TYPE_CHECKING:
    from console.screens.main import MainScreen


class AgreementDialog(ModalScreen[str | None]):
    """Record it now, read all the same, or read nothing; answers with the button's name."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("agreement")

    def compose(self) -> ComposeResult:
        """The question and three ways on."""
        with Vertical(classes="dialog"):
            yield Static(_("Before real data is read"), markup=False, classes="title")
            yield Static(
                _(
                    "Is its processing agreed with you (Article 28 GDPR)? Nobody has recorded yet who signed "
                    "the agreement, and when."
                ),
                markup=False,
            )
            yield Button(_("Record it now"), id="record", variant="primary")
            yield Button(_("Read all the same, until I quit"), id="read", variant="warning")
            yield Button(_("Read nothing (Esc)"), id="leave")

    def on_mount(self) -> None:
        """To record it is what is wanted."""
        self.query_one("#record").focus()

    def on_key(self, event: Key) -> None:
        """Arrows change the button."""
        step(self, event)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(None if event.button.id == "leave" else event.button.id)

    def action_leave(self) -> None:
        """Read nothing."""
        self.dismiss(None)


async def before_reading(screen: MainScreen, go: Callable[[], object]) -> None:
    """Do what reads real data, once the agreement is recorded or somebody wants it all the same."""
    room = screen.cockpit.checklists
    if not await room.asks_first():
        go()
        return
    answer = await screen.app.push_screen_wait(AgreementDialog())
    if answer == "read":
        room.read_anyway = True
        screen.cockpit.say(_("Read without a recorded processing agreement."))
        go()
    elif answer == "record":
        await _record(screen, go)


async def _record(screen: MainScreen, go: Callable[[], object]) -> None:
    """Ask for the answer, and go on once it is kept."""
    room = screen.cockpit.checklists
    if room.book is None:
        await room.read()
    one = room.book.item(ITEM) if room.book is not None else None
    if one is None:
        screen.notify(clean(" ".join(room.error)), severity="error", markup=False)
        return

    def kept(draft: Draft | None) -> None:
        if draft is not None:
            screen.before_reading(go)  # what is incomplete is kept too, and asked for again

    answering.ask(screen.app, screen.cockpit, one, kept, Start.FIRST)
