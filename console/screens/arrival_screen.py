"""Taking a customer in: the file and its passphrase, whose it is and what it would replace, then the step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from console.cockpit_words import told
from console.doors import Doors
from console.errors import ConsoleError
from console.i18n import _
from console.safe import clean
from console.screens.secret_dialog import HiddenInput
from console.screens.window import crash_of_worker, window_bindings
from console.store.errors import StoreError
from console.threads import off_loop
from console.typed_path import typed_path
from console.widgets.safe_text import content
from console.window_keys import hint

if TYPE_CHECKING:
    from console.config_model import Config
    from console.handover.taking import Arrival


A = TypeVar("A")
R = TypeVar("R")


class ArrivalScreen(ModalScreen[str | None]):
    """Reads the file beside the loop, shows what it would change, takes it in; gives the customer's key."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("arrival")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Arrived(Message):
        """The file was read to its end and compared with what is here."""

        lines: tuple[str, ...]
        overwrites: bool

    @dataclass
    class Taken(Message):
        """The customer is here."""

        customer: str
        config: Config

    @dataclass
    class Refused(Message):
        """It was not taken in; ``why`` tells."""

        why: str

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self._doors = doors
        self._stack = ExitStack()  # what lies ready, until this window closes
        self._arrival: Arrival | None = None
        self._at_it = threading.Lock()  # nothing that lies ready goes while it is read or taken in
        self._busy = False

    def compose(self) -> ComposeResult:
        """The file, the passphrase, what is in it, and the buttons."""
        with VerticalScroll(classes="dialog wide", can_focus=False):
            yield Static(_("Take a customer in"), markup=False, classes="title")
            with Vertical(id="form"):
                yield Input(placeholder=_("The file that a colleague wrote"), id="path")
                yield HiddenInput(_("Passphrase"))
            yield Static("", id="told", markup=False)
            yield Input(placeholder=_("Who works on it here? Empty: whom the file names"), id="who")
            yield Static("", id="refusal", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(_("Read the file"), id="go", variant="warning")
                yield Button(_("Leave it (Esc)"), id="leave")
            yield Static(hint("arrival"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """The file comes first."""
        self.query_one("#who").display = False
        self.query_one("#path").focus()

    def on_unmount(self) -> None:
        """What was laid ready goes, once nobody is at it any more; the exit does not wait for that."""
        threading.Thread(target=self._clear, name="arrival", daemon=True).start()

    def _clear(self) -> None:
        with self._at_it:
            self._stack.close()

    def on_input_submitted(self) -> None:
        """Enter leads on."""
        self.focus_next()

    def on_hidden_input_entered(self) -> None:
        """Enter leads on."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Read, then take in; or leave."""
        if event.button.id == "leave":
            self.action_leave()
        elif not self._busy and self._arrival is None:
            path = typed_path(self.query_one("#path", Input).value)
            self._run(self._read(path, self.query_one(HiddenInput).take()), _("The file is being read …"))
        elif not self._busy:
            self._run(self._take(self.query_one("#who", Input).value), _("It is being taken in …"))

    def _run(self, work: Coroutine[Any, Any, None], words: str) -> None:
        self._busy = True
        self.query_one("#refusal", Static).update("")
        self.query_one("#told", Static).update(words)
        self.run_worker(work, group="arrival", description="take in", exit_on_error=False)

    def _held(self, call: Callable[[A], R], argument: A) -> R:
        with self._at_it:
            return call(argument)

    async def _read(self, path: Path, passphrase: str) -> None:
        from console.handover.parcel_words import arrival_lines
        from console.handover.taking import Home, arriving

        config, secrets, data = self._doors.home
        opened = arriving(Home(data, config, secrets), path, passphrase)
        try:
            arrival = await off_loop(partial(self._held, self._stack.enter_context, opened), "arrival")
        except (ConsoleError, StoreError) as error:
            self.post_message(self.Refused(" ".join(told(error))))
            return
        self._arrival = arrival
        self.post_message(self.Arrived(tuple(arrival_lines(arrival)), arrival.preview.overwrites))

    async def _take(self, who: str) -> None:
        from console.config import load

        arrival = self._arrival
        assert arrival is not None  # noqa: S101  (the button reads before it takes)
        try:
            await off_loop(partial(self._held, arrival.take, who), "arrival")
            config = await off_loop(partial(load, arrival.home.config), "arrival")
        except (ConsoleError, StoreError) as error:
            self.post_message(self.Refused(" ".join(told(error))))
            return
        self.post_message(self.Taken(arrival.manifest.customer, config))

    def on_arrival_screen_arrived(self, event: Arrived) -> None:
        """Whose it is, and what it would replace."""
        self._busy = False
        self.query_one("#form").display = False
        self.query_one("#who").display = True
        styled = [content(line, "$warning" if line.startswith("!") else "") for line in event.lines]
        self.query_one("#told", Static).update(Content("\n").join(styled))
        label = _("Replace what is here") if event.overwrites else _("Take it in")
        self.query_one("#go", Button).label = label
        self.query_one("#leave").focus()  # nothing happens by an accidental Enter

    def on_arrival_screen_refused(self, event: Refused) -> None:
        """Say why not; the file can be read once more."""
        self._busy = False
        self.query_one("#told", Static).update("")
        self.query_one("#refusal", Static).update(clean(event.why))
        if self._arrival is None:
            self.query_one(HiddenInput).focus()

    def on_arrival_screen_taken(self, event: Taken) -> None:
        """The customer can be opened."""
        self._doors.furnish(event.config)
        self.dismiss(event.customer)

    def action_leave(self) -> None:
        """Nothing is changed; what is being taken in already is waited for."""
        if self._busy and self._arrival is not None:
            return
        self.query_one(HiddenInput).take()
        self.dismiss(None)
