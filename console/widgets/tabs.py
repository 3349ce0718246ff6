"""The line of panels with their digits."""

from __future__ import annotations

from collections.abc import Collection

from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from console import actions
from console.i18n import _


class TabLine(Widget):
    """Shows which panel is open; a click opens one."""

    class Clicked(Message):
        """A panel was clicked."""

        def __init__(self, scope: str) -> None:
            super().__init__()
            self.scope = scope

    current: reactive[str] = reactive("overview")

    def __init__(self, absent: Collection[str] = ()) -> None:
        super().__init__()
        self._absent = absent

    @property
    def _gap(self) -> int:
        """Columns between two tabs: none where they would not all fit."""
        shown = tabs(self._absent, self.current)
        needed = sum(len(text) + 3 for _scope, text in shown) - 1
        return 1 if needed <= self.size.width else 0

    def render(self) -> RenderResult:
        """All panels, the open one reversed."""
        return Content(" " * self._gap).join(
            [
                Content.styled(f" {text} ", "reverse bold" if scope == self.current else "")
                for scope, text in tabs(self._absent, self.current)
            ]
        )

    def on_click(self, event: Click) -> None:
        """Find the tab below the pointer."""
        place = 0
        for scope, text in tabs(self._absent, self.current):
            end = place + len(text) + 2
            if place <= event.x < end:
                self.post_message(self.Clicked(scope))
                return
            place = end + self._gap


def tabs(absent: Collection[str] = (), current: str = "") -> list[tuple[str, str]]:
    """Scope and text of every panel with a digit, but for those that this customer has no use for; a panel
    that a letter opens is there while it is shown."""
    found = []
    for scope in (scope for scope in actions.PANELS if scope not in absent):
        action = actions.get(f"panel.{scope}")
        found.append((scope, f"{action.key} {_(action.label)}"))
    if current in actions.FURTHER:
        found.append((current, _(actions.opener(current).label)))
    return found
