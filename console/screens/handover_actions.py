"""What the two actions of a hand-over do; their windows are imported when they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.screens.main import MainScreen


def hand_over(screen: MainScreen) -> None:
    """Hand the customer over; where it is handed over already, take it back."""
    from console.screens.handover_dialog import HandoverDialog, TakeBackDialog

    given = screen.cockpit.standing.given
    screen.app.push_screen(TakeBackDialog(screen.cockpit) if given else HandoverDialog(screen.cockpit))


def take_in(screen: MainScreen) -> None:
    """Take a customer in and open it."""
    screen.host.take_in()
