"""What all panels have in common: their scope of actions, and how they are kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol, cast

from textual.binding import Binding
from textual.containers import Vertical

from console.actions import ACTIONS
from console.cockpit import Cockpit


class Stage(Protocol):
    """What every panel wants of the screen it is on."""

    def before_reading(self, go: Callable[[], object]) -> None:
        """Do what reads data, once the processing agreement was asked for."""


class Panel(Vertical):
    """A panel of the main screen. Set ``SCOPE``; give ``handlers`` and ``show``.

    ``handlers`` maps the ids of its actions to what they do; ``why_not`` says why one is not possible now.
    """

    SCOPE: ClassVar[str] = ""
    can_focus = False

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(id=self.SCOPE)
        self.cockpit = cockpit

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Action id -> what it does."""
        return {}

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible now, as a sentence; None when it is."""
        return None

    def show(self) -> None:
        """Redraw from the cockpit; called at most ten times a second, only while the panel is seen."""

    def reading(self, go: Callable[[], object]) -> None:
        """Do what reads data; the screen asks for the processing agreement first where it is real."""
        cast("Stage", self.screen).before_reading(go)

    def focus_first(self) -> None:
        """Put the focus where work begins."""
        for widget in self.query("*"):
            if widget.focusable:
                widget.focus()
                return

    def memory(self) -> dict[str, str]:
        """What to restore at the next start: filter, cursor and the like."""
        return {}

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take up what ``memory`` told."""


def bindings(scope: str) -> list[Binding]:
    """The key bindings of a scope, derived from the actions."""
    return [
        Binding(action.key, action.binding, action.label, show=False, id=action.id)
        for action in ACTIONS
        if action.scope == scope
    ]
