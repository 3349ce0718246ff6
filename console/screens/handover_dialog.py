"""Handing a customer over: who, to whom, a passphrase typed twice, the file; or going on here after all."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from console.cockpit import Cockpit
from console.cockpit_words import told
from console.errors import ConsoleError
from console.handover.words import given_words
from console.i18n import _
from console.safe import clean
from console.screens.secret_dialog import HiddenInput
from console.screens.window import crash_of_worker, window_bindings
from console.store.errors import StoreError
from console.threads import off_loop
from console.typed_path import typed_path
from console.widgets.safe_text import content
from console.window_keys import hint

ENDING = ".einzug"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed, but for the passphrase."""

    who: str
    to: str
    path: Path


class HandoverDialog(ModalScreen[None]):
    """Writes the sealed file beside the loop; then the same window tells what is in it."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("handover")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Written(Message):
        """The file is there."""

        lines: tuple[str, ...]

    @dataclass
    class Refused(Message):
        """Nothing was written; ``why`` tells."""

        why: str

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._busy = False

    def compose(self) -> ComposeResult:
        """What it is, who and to whom, the passphrase twice, the file, and the buttons."""
        customer = self._cockpit.workspace.customer.key
        path = Path.home() / f"{customer}-{datetime.now():%Y%m%d}{ENDING}"
        title = _("Hand {customer} over?").format(customer=self._cockpit.shown_customer)
        with VerticalScroll(classes="dialog wide", can_focus=False):
            yield Static(clean(title), markup=False, classes="title")
            with Vertical(id="form"):
                words = _("Everything goes along but credentials and keys; writing here is locked then.")
                yield Static(words, markup=False)
                yield Input(self._cockpit.checklists.who, placeholder=_("Who hands over?"), id="who")
                yield Input(placeholder=_("To whom?"), id="to")
                yield HiddenInput(_("Passphrase: four words that nobody links do well"))
                yield HiddenInput(_("The same again"))
                yield Input(str(path), id="path")
            yield Static("", id="refusal", markup=False)
            yield Static("", id="told", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(_("Write the file"), id="write", variant="warning")
                yield Button(_("Leave it (Esc)"), id="leave")
            yield Static(hint("handover"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """The first field that is empty."""
        who = self.query_one("#who", Input)
        (self.query_one("#to") if who.value else who).focus()

    def on_input_submitted(self) -> None:
        """Enter leads on."""
        self.focus_next()

    def on_hidden_input_entered(self) -> None:
        """Enter leads on."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Write, or leave."""
        if event.button.id == "leave":
            self.action_leave()
        elif not self._busy:
            self._try()

    def _try(self) -> None:
        first, second = (entry.take() for entry in self.query(HiddenInput))
        if first != second:
            self._refuse(_("The passphrases differ; type both again."))
            return
        who, to = (self.query_one(f"#{name}", Input).value for name in ("who", "to"))
        wish = Wish(who, to, typed_path(self.query_one("#path", Input).value))
        self._busy = True
        self._refuse("")
        self.query_one("#told", Static).update(_("The file is being written …"))
        self._run(self._write(wish, first))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, group="handover", description="hand over", exit_on_error=False)

    async def _write(self, wish: Wish, passphrase: str) -> None:
        try:
            lines = await off_loop(partial(_written, self._cockpit, wish, passphrase), "handover")
        except (ConsoleError, StoreError) as error:
            self.post_message(self.Refused(" ".join(told(error))))
            return
        await self._cockpit.standing.read()
        self.post_message(self.Written(lines))

    def on_handover_dialog_refused(self, event: Refused) -> None:
        """Say why; what was typed stays, but for the passphrase."""
        self._busy = False
        self.query_one("#told", Static).update("")
        self._refuse(event.why)
        self.query(HiddenInput).first().focus()

    def on_handover_dialog_written(self, event: Written) -> None:
        """Tell what is in it and what comes next."""
        self._busy = False
        self.query_one("#form").display = self.query_one("#write").display = False
        self.query_one("#told", Static).update(Content("\n").join(content(line) for line in event.lines))
        self._cockpit.say(event.lines[0])
        leave = self.query_one("#leave", Button)
        leave.label = _("Close (Esc)")
        leave.focus()

    def _refuse(self, why: str) -> None:
        self.query_one("#refusal", Static).update(clean(why))

    def action_leave(self) -> None:
        """Write nothing, and forget what was typed; a file that is being written is waited for."""
        if self._busy:
            return
        for entry in self.query(HiddenInput):
            entry.take()
        self.dismiss(None)


def _written(cockpit: Cockpit, wish: Wish, passphrase: str) -> tuple[str, ...]:
    """Write the file; the lines that tell of it. Blocks. Raises ConsoleError, StoreError."""
    from console.handover.export import export
    from console.handover.parcel_words import exported_lines

    done = export(cockpit.workspace, wish.path, passphrase, who=wish.who, to=wish.to)
    return tuple(exported_lines(done, wish.path))


class TakeBackDialog(ModalScreen[None]):
    """The customer is handed over: only a name, typed, lets work go on here."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("takeback")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Done(Message):
        """It was tried; ``why`` is "" where it is taken back."""

        why: str

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self._cockpit = cockpit

    def compose(self) -> ComposeResult:
        """Who works on it now, what taking back means, and the name."""
        given = self._cockpit.standing.given
        words = given_words(given, mask=self._cockpit.masked) if given else ""
        with Vertical(classes="dialog wide"):
            yield Static(clean(words), markup=False, classes="title")
            text = _("If somebody took the file in, there are two states now. Agree whose work holds.")
            yield Static(text, markup=False, classes="warning")
            yield Input(placeholder=_("Who goes on here?"))
            yield Static("", id="refusal", markup=False)
            yield Static(hint("takeback"), markup=False, classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it back by that name."""
        self.run_worker(
            self._take(event.value), group="handover", description="take back", exit_on_error=False
        )

    async def _take(self, who: str) -> None:
        self.post_message(self.Done(" ".join(await self._cockpit.standing.go_on(who))))

    def on_take_back_dialog_done(self, event: Done) -> None:
        """Close, or say why not."""
        if event.why:
            self.query_one("#refusal", Static).update(clean(event.why))
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """It stays handed over."""
        self.dismiss(None)
