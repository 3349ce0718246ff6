"""The first minutes: what Einzug does and how to begin; and the choice among several customers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from console.cockpit_words import told
from console.doors import Doors
from console.errors import ConsoleError
from console.i18n import _
from console.os_words import os_words
from console.practice import CUSTOMER, Practice
from console.screen_memory import last_customer
from console.screens.window import window_bindings
from console.screens.wizard_screen import WizardScreen
from console.widgets.safe_text import content

PRACTICE = Practice(units=200)


class WelcomeScreen(Screen[str | None]):
    """Nothing is configured yet: offers the practice company and the wizard; gives the customer to open."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("welcome")

    @dataclass
    class Built(Message):
        """The practice company is ready."""

    @dataclass
    class Failed(Message):
        """The practice company could not be built; ``why`` tells."""

        why: str

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self._doors = doors
        self._building = False

    def compose(self) -> ComposeResult:
        """What Einzug does, the two ways to begin, and the keys."""
        with Vertical(id="welcome"):
            yield Static(_("Welcome to Einzug"), markup=False, classes="title")
            yield Static(purpose(), markup=False)
            yield Static(_("No customer is set up on this machine yet."), markup=False, classes="state")
            yield OptionList(
                Option(content(_("p  Try it on the practice company: on this machine only")), id="practice"),
                Option(content(_("n  Set up the first customer: a few questions")), id="wizard"),
                Option(content(_("i  Take a customer in: from a file that a colleague wrote")), id="take_in"),
                Option(content(_("q  Quit")), id="leave"),
            )
            yield Static(id="progress", markup=False)
            yield Static(_("↑ ↓ choose, Enter goes on, Esc quits."), markup=False, classes="keys")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go the chosen way."""
        {
            "practice": self.action_practice,
            "wizard": self.action_wizard,
            "take_in": self.action_take_in,
            "leave": self.action_leave,
        }[str(event.option.id)]()

    def action_practice(self) -> None:
        """Build the practice company; the application keeps it until it ends."""
        if self._building:
            return
        self._building = True
        self._tell(_("The practice company is being built …"))
        self.app.run_worker(
            self._host(), group="practice", description="practice company", exit_on_error=False
        )

    def action_wizard(self) -> None:
        """Ask what a first configuration needs."""
        self.app.push_screen(WizardScreen(self._doors), self._written)

    def action_take_in(self) -> None:
        """Take in what a colleague handed over."""
        from console.screens.arrival_screen import ArrivalScreen

        self.app.push_screen(ArrivalScreen(self._doors), self._written)

    def action_leave(self) -> None:
        """Nothing is opened."""
        self.dismiss(None)

    async def _host(self) -> None:
        """Keep the sandboxes running until the application ends and cancels this."""
        try:
            from console.practice_house import practice_house  # late: it knows the sandboxes

            async with practice_house(PRACTICE) as house:
                self._doors.visit(house.config, house.path, house.secrets, house.folder)
                self.post_message(self.Built())
                await asyncio.Event().wait()
        except ConsoleError as error:
            self.post_message(self.Failed(" ".join(told(error))))
        except OSError as error:
            self.post_message(
                self.Failed(_("The sandboxes cannot run here: {why}.").format(why=os_words(error)))
            )

    def on_welcome_screen_built(self) -> None:
        """Open it."""
        self.dismiss(CUSTOMER)

    def on_welcome_screen_failed(self, event: Failed) -> None:
        """Say why not; the wizard is still there."""
        self._building = False
        self._tell(f"✗ {event.why}", "$error")

    def _written(self, customer: str | None) -> None:
        if customer is not None:
            self.dismiss(customer)

    def _tell(self, text: str, style: str = "") -> None:
        self.query_one("#progress", Static).update(content(text, style))


class ChooserScreen(Screen[str | None]):
    """Several customers: who looks over the shoulder reads no name before a key is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("chooser")

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self._customers = dict(doors.customers)
        self._last = last_customer(doors.data)
        self._revealed = False
        self._typed = ""

    def compose(self) -> ComposeResult:
        """The customers and the keys."""
        with Vertical(id="chooser"):
            yield Static(_("Which customer?"), markup=False, classes="title")
            yield OptionList()
            yield Static(id="typed", markup=False)
            keys = _("v shows the names; letters search. ↑ ↓ choose, Enter opens, Esc leaves.")
            yield Static(keys, markup=False, classes="keys")

    def on_mount(self) -> None:
        """List them, unnamed."""
        self._fill()
        self.query_one(OptionList).focus()

    def on_key(self, event: events.Key) -> None:
        """v shows all names; any other letter searches."""
        if event.character is None or not event.is_printable or event.character == " ":
            return
        event.stop()
        if event.character == "v" and not self._revealed and not self._typed:
            self._revealed = True
        else:
            self._typed += event.character
        self._fill()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open it."""
        self.dismiss(event.option.id)

    def action_rub_out(self) -> None:
        """One letter less."""
        self._typed = self._typed[:-1]
        self._fill()

    def action_leave(self) -> None:
        """First forget what was searched and shown, then leave."""
        if self._typed or self._revealed:
            self._typed, self._revealed = "", False
            self._fill()
        else:
            self.dismiss(None)

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        found = list(matches(self._customers, self._typed))
        named = self._revealed or bool(self._typed)
        options.clear_options()
        for number, key in enumerate(self._customers, 1):
            if key in found:
                name = (
                    f"{self._customers[key]}  ({key})"
                    if named
                    else _("Customer {number}").format(number=number)
                )
                options.add_option(Option(content(name), id=key))
        options.highlighted = (found.index(self._last) if self._last in found else 0) if found else None
        shown = _("Search: {typed}").format(typed=self._typed) if self._typed else ""
        self.query_one("#typed", Static).update(content(shown if found else shown + "  " + _("no customer")))


def matches(customers: dict[str, str], typed: str) -> list[str]:
    """The keys of the customers whose name or key has what was typed in it."""
    wanted = typed.casefold()
    return [key for key, name in customers.items() if wanted in name.casefold() or wanted in key]


def purpose() -> str:
    """What Einzug does, in three sentences."""
    return _(
        "Einzug connects a housing company's ERP with its partner systems. It compares both sides, shows "
        "every change with its reason beforehand, and writes only when you say so. What was written is kept "
        "in a history and can be taken back."
    )
