"""What commands ask a person that sits at the terminal, and what they may show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from console.i18n import _
from console.terminal import can_ask, note, read_line

if TYPE_CHECKING:
    pass

F = TypeVar("F", bound=Callable[..., Any])


def in_clear_option(function: F) -> F:
    """``--in-clear``."""
    help_ = _("Without a keyring: agree that answers are stored readable.")
    return click.option("--in-clear", is_flag=True, help=help_)(function)


def agreed() -> bool:
    """Ask once whether answers may be stored readable; without a terminal nobody agrees."""
    if not can_ask():
        return False
    note(_("There is no keyring, so answers and evidence of this customer would be stored readable."))
    note(_("Everybody who can read the data folder could read them. Type yes to agree once and for all:"))
    return said_yes()


def said_yes() -> bool:
    """Whether the next line says yes."""
    return (read_line() or "").strip().casefold() in ("yes", "ja", _("yes"))
