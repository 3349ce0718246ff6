"""The questions of ``einzug init`` on a screen, one after another.

The interview waits for each answer, so it runs in a thread of its own; answers go through a queue.
"""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from console.cockpit_words import told
from console.config import load
from console.config_edit import add_customer
from console.config_model import Config
from console.doors import Doors
from console.errors import ConsoleError
from console.i18n import _
from console.os_words import os_words
from console.screens.window import crash_of_worker, window_bindings
from console.threads import off_loop
from console.widgets.safe_text import content
from console.wizard import Dialog, interview

KEPT = 12
"""Former answers that stay in sight."""


class WizardScreen(Screen[str | None]):
    """Asks what a customer needs, writes the configuration, and gives the customer's key."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("wizard")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Asked(Message):
        """The interview waits for an answer to these lines."""

        lines: tuple[str, ...]

    @dataclass
    class Written(Message):
        """The configuration was written and read again."""

        customer: str
        config: Config

    @dataclass
    class Failed(Message):
        """It ended without; ``why`` tells."""

        why: str

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self._doors = doors
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._lines: list[str] = []
        self._former: list[str] = []
        self._why = ""

    def compose(self) -> ComposeResult:
        """What was answered, the question, and where the answer goes."""
        with Vertical(id="wizard"):
            title = _("Another customer") if self._doors.customers else _("A first customer")
            yield Static(title, markup=False, classes="title")
            yield Static(id="former", markup=False)
            yield Static(id="question", markup=False)
            yield Input()
            path = _("It is written to {path}.").format(path=self._doors.home_path)
            yield Static(content(path), markup=False, classes="keys")
            yield Static(_("Enter goes on, Esc ends without writing."), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(Input).focus()
        self.run_worker(self._interview(), group="wizard", description="wizard", exit_on_error=False)

    def on_unmount(self) -> None:
        """Nobody answers any more: the interview ends."""
        self._answers.put(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the answer on."""
        if self._lines:
            self._former.append(f"{self._lines[-1]} {event.value}")
            self._lines = []
            event.input.value = ""
            self._answers.put(event.value)

    def action_leave(self) -> None:
        """Write nothing."""
        self.dismiss(None)

    # -- the interview ------------------------------------------------------------------------------------

    async def _interview(self) -> None:
        try:
            customer, config = await off_loop(self._ask_and_write, "wizard")
        except ConsoleError as error:
            self.post_message(self.Failed(" ".join(told(error))))
        except OSError as error:
            self.post_message(self.Failed(_("It cannot be written: {why}.").format(why=os_words(error))))
        else:
            self.post_message(self.Written(customer, config))

    def _ask_and_write(self) -> tuple[str, Config]:
        path = self._doors.home_path
        said: list[str] = []

        def read() -> str | None:
            self.post_message(self.Asked(tuple(line for line in said if line)))
            said.clear()
            return self._answers.get()

        taken = load(path).customers if path.exists() else {}
        answers = interview(Dialog(said.append, read), taken)
        add_customer(path, answers.key, answers.table)
        return answers.key, load(path)

    def on_wizard_screen_asked(self, event: Asked) -> None:
        """Show the question; an answer that could not be taken is asked for again."""
        self._lines = list(event.lines)
        *words, label = self._lines
        again = bool(words) and words[0].startswith("  ")
        if again:
            self._former.pop()
        else:
            self._why = words[0] if words else ""
        former = [content(line, "dim") for line in self._former[-KEPT:]]
        self.query_one("#former", Static).update(Content("\n").join(former))
        lines = [content(self._why), content(label, "bold")]
        lines += [content(f"✗ {line.strip()}", "$error") for line in words if again]
        self.query_one("#question", Static).update(Content("\n").join(lines))

    def on_wizard_screen_written(self, event: Written) -> None:
        """The customer can be opened."""
        self._doors.furnish(event.config)
        self.dismiss(event.customer)

    def on_wizard_screen_failed(self, event: Failed) -> None:
        """Say why; Esc leads back."""
        self._lines = []
        self.query_one("#question", Static).update(content(f"✗ {event.why}", "$error"))
