"""The mark that a customer was handed over: it warns before writing, and is taken back by name."""

from __future__ import annotations

import platform
import secrets
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from console.errors import ConsoleError, Exit
from console.i18n import _
from console.store.handovers import Handover, Handovers, Move
from console.store.vault import Vault

if TYPE_CHECKING:
    from console.workspace import Workspace


class HandedOver(ConsoleError):
    """Somebody else works on the customer now; nothing was written."""

    def __init__(self, given: Handover, customer: str) -> None:
        from console.handover.words import back_hint, given_words

        super().__init__(given_words(given), back_hint(customer), Exit.GUARD)


def refuse_given(conn: sqlite3.Connection, vault: Vault, customer: str) -> None:
    """Refuse to write while somebody else works on the customer. Raises HandedOver, StoreError."""
    given = Handovers(conn, vault).given()
    if given is not None:
        raise HandedOver(given, customer)


def refuse(workspace: Workspace) -> None:
    """The same for an opened customer. Blocks briefly. Raises HandedOver, StoreError."""
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)


def given(workspace: Workspace) -> Handover | None:
    """The hand-over that is in force here. Blocks briefly. Raises StoreError."""
    with workspace.store() as conn:
        return Handovers(conn, workspace.vault).given()


def history(workspace: Workspace) -> tuple[Handover, ...]:
    """Every word on it, the oldest first. Blocks briefly. Raises StoreError."""
    with workspace.store() as conn:
        return Handovers(conn, workspace.vault).all()


def take_back(workspace: Workspace, who: str, now: datetime) -> None:
    """Go on here after all. Blocks briefly. Raises ConsoleError without a name, StoreError."""
    if not who.strip():
        raise ConsoleError(_("Who goes on here? A name is needed."))
    back = Handover(secrets.token_hex(8), Move.BACK, now, who.strip(), "", platform.node())
    with workspace.store() as conn:
        Handovers(conn, workspace.vault).note(back)
