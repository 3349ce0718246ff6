"""The line at the bottom: the keys of the focused panel, those not possible now dimmed, within the width."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from console.actions import Action
from console.i18n import _

Offer = tuple[Action, str | None]


class FooterBar(Static):
    """Shows offers; what does not fit is left to the help (?)."""

    def __init__(self) -> None:
        super().__init__(id="footer", markup=False)
        self._offers: Sequence[Offer] = ()

    def show(self, offers: Sequence[Offer]) -> None:
        """Redraw for these offers."""
        self._offers = offers
        self.update(footer_line(offers, max(20, self.size.width)), layout=False)


def footer_line(offers: Sequence[Offer], width: int) -> Content:
    """The footer's content: as many actions as fit, help and quit always."""
    last = [offer for offer in offers if offer[0].id in ("help", "quit")]
    first = [offer for offer in offers if offer[0].footer and offer not in last]
    room = width - sum(_width(action) for action, _reason in last)
    parts: list[Content] = []
    for action, reason in first:
        if _width(action) > room:
            break
        room -= _width(action)
        parts.append(_part(action, reason))
    return Content("").join([*parts, *(_part(action, reason) for action, reason in last)])


def _width(action: Action) -> int:
    return len(action.shown_key) + len(_(action.label)) + 3


def _part(action: Action, reason: str | None) -> Content:
    key, label = f" {action.shown_key}", f" {_(action.label)} "
    if reason is not None:
        return Content.assemble((key, "dim"), (label, "dim strike"))
    return Content.assemble((key, "bold"), label)
