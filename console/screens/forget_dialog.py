"""Forgetting a customer: what will be deleted, its key to be typed, and afterwards the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from console.cockpit import Cockpit
from console.cockpit_words import told
from console.doors import Doors
from console.errors import ConsoleError
from console.forgetting import Proof, announced
from console.i18n import _
from console.safe import clean
from console.screens.window import crash_of_worker, window_bindings
from console.store.errors import StoreError
from console.store.places import customer_folder
from console.threads import off_loop
from console.widgets.safe_text import content
from console.window_keys import hint


class ForgetDialog(ModalScreen[bool | None]):
    """Says what is deleted; only the customer's key, typed, goes on."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("forget")

    def __init__(self, cockpit: Cockpit, doors: Doors) -> None:
        super().__init__()
        self._name = cockpit.shown_customer
        self._key = cockpit.workspace.customer.key
        self._lines = tuple(announced(customer_folder(doors.data, self._key), doors.config_path))

    def compose(self) -> ComposeResult:
        """Whose data, what goes, what stays, and the input."""
        title = _("Delete everything local about {customer}?").format(customer=self._name)
        with Vertical(classes="dialog wide"):
            yield Static(clean(title), markup=False, classes="title")
            for line in self._lines:
                yield Static(clean(line), markup=False)
            ask = _("This cannot be undone. Type the customer's key ({customer}) to delete:")
            yield Static(clean(ask.format(customer=self._key)), markup=False, classes="warning")
            yield Input()
            yield Static("", id="refusal", markup=False)
            yield Static(hint("forget"), markup=False, classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on with the right key only."""
        if event.value.strip() == self._key:
            self.dismiss(True)
        else:
            text = _("That is not the customer's key; nothing was deleted.")
            self.query_one("#refusal", Static).update(text)

    def action_leave(self) -> None:
        """Delete nothing."""
        self.dismiss(None)


class ProofScreen(Screen[bool | None]):
    """Deletes beside the loop, looks again, and shows what is gone and what is left."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("proof")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Deleted(Message):
        """It was deleted and looked at again."""

        proof: Proof

    @dataclass
    class Refused(Message):
        """It could not be deleted; ``why`` tells."""

        why: str

    def __init__(self, doors: Doors, customer: str) -> None:
        super().__init__()
        self._doors = doors
        self._customer = customer
        self._done = False

    def compose(self) -> ComposeResult:
        """One text, which arrives a moment later."""
        with VerticalScroll(id="proof"):
            yield Static(_("Being deleted …"), id="told", markup=False)
            yield Static(hint("proof"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._forget(), group="forget", description="forget a customer", exit_on_error=False)

    async def _forget(self) -> None:
        try:
            proof = await off_loop(lambda: self._doors.forget(self._customer), "forget")
        except (ConsoleError, StoreError) as error:
            self.post_message(self.Refused(" ".join(told(error))))
        else:
            self.post_message(self.Deleted(proof))

    def on_proof_screen_deleted(self, event: Deleted) -> None:
        """Show what was found."""
        proof = event.proof
        lines = [content(f"✓ {line}", "$success") for line in proof.done]
        lines += [content(f"✗ {line}", "$error") for line in proof.trouble]
        lines += [content(f"  {line}", "dim") for line in proof.gone]
        self._tell(Content("\n").join(lines))

    def on_proof_screen_refused(self, event: Refused) -> None:
        """Say why nothing was deleted."""
        self._tell(content(f"✗ {event.why}", "$error"))

    def _tell(self, text: Content) -> None:
        self._done = True
        self.query_one("#told", Static).update(text)

    def action_leave(self) -> None:
        """Go on to the choice of a customer, once it is done."""
        if self._done:
            self.dismiss(True)
