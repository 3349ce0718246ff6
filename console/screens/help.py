"""? explains a panel and its keys; made from the actions."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console import actions
from console.i18n import N_, _
from console.screens.window import window_bindings

KEY, LABEL = 11, 14
"""Columns for the key with its margin, and for the label."""

PURPOSE = {
    "overview": N_("All use cases at a glance: what is in step, what would be written, what is under way."),
    "differences": N_("The plan, record by record and field by field, with the reason for each line."),
    "tickets": N_("Every ticket with its hops between partner and ERP, stuck ones first with the reason."),
    "checklists": N_("What people have to settle before the go-live, who, why and how, with evidence."),
    "credentials": N_("Which credentials exist and where they come from. Values never show."),
    "chain": N_("Every object from end to end: the first link that does not hold, what helps, who does it."),
    "protocol": N_("What was written when, and how it ended. Nothing in here is ever changed."),
}
"""Panel -> what it is for (source texts of the catalogue)."""


class HelpScreen(ModalScreen[None]):
    """The purpose of a panel, its keys, and the keys that work everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("help")

    def __init__(self, scope: str) -> None:
        super().__init__()
        self._scope = scope

    def compose(self) -> ComposeResult:
        """One text."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(help_text(self._scope), markup=False)

    def on_resize(self) -> None:
        """Break the lines where the dialog ends, once that is known."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        text = self.query_one(Static)
        text.update(help_text(self._scope, text.size.width or 90))


def help_text(scope: str, width: int = 90) -> Content:
    """The help for a panel, in lines of at most ``width`` columns."""
    title = _(actions.opener(scope).label)
    lines = [Content.styled(title, "bold"), Content(_(PURPOSE[scope])), Content("")]
    own = [action for action in actions.ACTIONS if action.scope == scope]
    everywhere = [action for action in actions.ACTIONS if not action.scope]
    for heading, group in ((_("Keys of this panel"), own), (_("Everywhere"), everywhere)):
        lines += [Content.styled(heading, "bold"), *(_line(action, width) for action in group), Content("")]
    return Content("\n").join([*lines, Content.styled(_("Esc closes."), "dim")])


def _line(action: actions.Action, width: int) -> Content:
    """Key, label and what it does; a long explanation goes on below itself."""
    words = f"{_(action.label):<{LABEL}} {_(action.help)}"
    text = textwrap.wrap(words, max(20, width - KEY), subsequent_indent=" " * (LABEL + 1))
    return Content.assemble((f"{action.shown_key:>{KEY - 2}}  ", "bold"), ("\n" + " " * KEY).join(text))
