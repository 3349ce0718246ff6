"""Ctrl+P finds every action by name; those not possible now say why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from console import actions
from console.i18n import _
from console.screens.window import window_bindings
from console.widgets.footer import Offer


class PaletteScreen(ModalScreen[str | None]):
    """Gives the id of the action chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("palette")

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._offers = [offer for offer in offers if offer[0].id != "palette"]

    def compose(self) -> ComposeResult:
        """What is looked for, and what was found."""
        with Vertical(classes="dialog wide"):
            yield Input(placeholder=_("Type a part of a name"))
            yield OptionList()

    def on_mount(self) -> None:
        """Everything, before anything is typed."""
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Enter takes the highlighted one."""
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Run it."""
        self.dismiss(event.option_id)

    def action_move(self, step: int) -> None:
        """The list follows the arrows while the input has the focus."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_leave(self) -> None:
        """Nothing."""
        self.dismiss(None)

    def _fill(self, text: str) -> None:
        options = self.query_one(OptionList)
        options.set_options([_option(offer) for offer in found(self._offers, text)])
        if options.option_count:
            options.highlighted = 0


def found(offers: Sequence[Offer], text: str) -> list[Offer]:
    """The offers whose label or help holds all the words."""
    words = text.casefold().split()
    return [
        offer
        for offer in offers
        if all(word in f"{_(offer[0].label)} {_(offer[0].help)}".casefold() for word in words)
    ]


def _option(offer: Offer) -> Option:
    action, reason = offer
    panel = f"{_(actions.opener(action.scope).label)} · " if action.scope else ""
    words = f"{panel}{_(action.label)}: {_(action.help)}"
    text = Content.assemble((f"{action.shown_key:>8}  ", "bold"), words)
    if reason is not None:
        text = Content.assemble(text, (f"  ({reason})", "dim"))
    return Option(text, id=action.id)
