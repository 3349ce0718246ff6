"""The line on top: whose data this is, in which mode, how old, and what time it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.widgets import Static

from console import formats
from console.cockpit import Cockpit
from console.config_model import Mandanten
from console.i18n import _, ngettext
from console.safe import cell_width, fit
from console.widgets.safe_text import content

NAMED = 3
"""Companies that are named."""


class HeaderBar(Static):
    """Customer, mode in words and colour, scope, ERP product with the age of its data, masking, clock."""

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(id="header", markup=False)
        self._cockpit = cockpit

    def show(self) -> None:
        """Redraw."""
        self.set_class(self._cockpit.live, "-live")
        self.set_class(self._cockpit.production, "-production")
        left = f" Einzug ── {self._cockpit.shown_customer}"
        extras = [scope_words(self._cockpit.workspace.customer.mandanten), self._erp()]
        while extras and cell_width(left + self._right(extras)) >= self.size.width:
            del extras[0]  # the customer's name and the mode are what must be read
        right = self._right(extras)
        room = max(1, self.size.width - cell_width(right) - 1)
        self.update(content(f"{fit(left, room)} {right}"), layout=False)

    def on_resize(self) -> None:
        """Use the room there is now."""
        self.show()

    def _right(self, extras: Sequence[str]) -> str:
        cockpit = self._cockpit
        parts = [
            *extras,
            cockpit.network_words,
            _("masked") if cockpit.masked else "",
            mode_words(cockpit),
            f"{datetime.now():%H:%M}",
        ]
        return "  ".join(part for part in parts if part) + " "

    def _erp(self) -> str:
        product = self._cockpit.workspace.customer.erp_product or "ERP"
        age = self._cockpit.data_age
        return product if age is None else f"{product} {age_words(age)}"


def scope_words(mandanten: Mandanten) -> str:
    """Which companies of the ERP are worked on; "" where that is not agreed for the whole customer."""
    if mandanten == "all":
        return _("all companies")
    if not mandanten:
        return ""
    names = ", ".join(mandanten[:NAMED]) + (" …" if len(mandanten) > NAMED else "")
    return ngettext("company {names}", "companies {names}", len(mandanten)).format(names=names)


def mode_words(cockpit: Cockpit) -> str:
    """The mode: practice, or what is outside it, and whether it can be written."""
    if not cockpit.live:
        return _("PRACTICE")
    word = _("PRODUCTION") if cockpit.production else _("TEST")
    left = cockpit.unlocked
    if not left:
        return f"{word} · " + _("read only")
    return f"{word} · " + _("WRITING") + f" {formats.duration(left)}"


def age_words(seconds: float) -> str:
    """An age as people say it: 4 s ago, 3 min ago."""
    return _("{time} ago").format(time=formats.duration(seconds))
