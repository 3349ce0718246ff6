"""The line in which the filter of a table is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from console.filters import FilterError
from console.i18n import _
from console.text_filter import TextFilter, text_filter


class FilterLine(Input):
    """Unseen until it is opened. Enter keeps the filter, Esc clears it; both lead back to the table."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "clear", ""), ("down", "submit", "")]
    DEFAULT_CSS = """
    FilterLine { display: none; height: 1; border: none; padding: 0 1; background: $boost; }
    FilterLine.-open { display: block; }
    FilterLine:focus { border: none; }
    FilterLine.-bad { color: $text-error; }
    """

    class Left(Message):
        """The person is done with the filter: the focus belongs to the table again."""

    def __init__(self) -> None:
        super().__init__(placeholder=_("Filter: text, !text without it, /pattern/; Esc shows all"))
        self.filter = TextFilter()
        self.complaint = ""

    def watch_value(self, value: str) -> None:
        """Read the filter; one that is not finished leaves the former in force."""
        try:
            self.filter, self.complaint = text_filter(value), ""
        except FilterError as error:
            self.complaint = str(error)
        self.set_class(bool(self.complaint), "-bad")

    def open(self) -> None:
        """Show the line and type in it."""
        self.add_class("-open")
        self.focus()

    def action_clear(self) -> None:
        """Show everything again."""
        self.value = ""
        self.remove_class("-open")
        self.post_message(self.Left())

    async def action_submit(self) -> None:
        """Keep the filter; an empty one needs no line."""
        self.set_class(bool(self.value), "-open")
        self.post_message(self.Left())
