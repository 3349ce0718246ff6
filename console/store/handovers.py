"""Who worked on the customer: given away, taken in, taken back. Names are sealed; the last word counts."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.store.clock import spell
from console.store.database import row, rows, transaction
from console.store.vault import Vault, VaultError


class Move(StrEnum):
    """What happened to the customer on this machine."""

    GIVEN = "given"  # a file was written for somebody else, who works on it from then on
    TAKEN = "taken"  # such a file was taken in here
    BACK = "back"  # somebody goes on here after all


@dataclass(frozen=True, slots=True)
class Handover:
    """One word on it. ``token`` tells it from others; names are "" where they cannot be read."""

    token: str
    move: Move
    at: datetime
    who: str = field(default="", repr=False)
    to: str = field(default="", repr=False)
    machine: str = field(default="", repr=False)


class Handovers:
    """The hand-overs of one customer. Raises StoreError."""

    def __init__(self, conn: sqlite3.Connection, vault: Vault) -> None:
        self._conn = conn
        self._vault = vault

    def note(self, one: Handover) -> None:
        """Add a word; without a durable key the names stay out."""
        content = json.dumps([one.who, one.to, one.machine]).encode("ascii")
        place = handover_context(one.token, one.move)
        sealed = self._vault.seal(content, place) if self._vault.durable else b""
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT INTO handover (token, kind, at, sealed) VALUES (?, ?, ?, ?)",
                (one.token, one.move.value, spell(one.at), sealed),
            )

    def withdraw(self, token: str) -> None:
        """Forget a file that was announced and never came to be."""
        with transaction(self._conn) as conn:
            conn.execute("DELETE FROM handover WHERE token = ? AND kind = ?", (token, Move.GIVEN.value))

    def knows(self, token: str, move: Move) -> bool:
        """Whether this word was noted."""
        sql = "SELECT 1 FROM handover WHERE token = ? AND kind = ?"
        return row(self._conn, sql, (token, move.value)) is not None

    def all(self) -> tuple[Handover, ...]:
        """Every word, the oldest first."""
        sql = "SELECT token, kind, at, sealed FROM handover ORDER BY seq"
        return tuple(self._read(*found) for found in rows(self._conn, sql))

    def last(self) -> Handover | None:
        """The last word; None where the customer never changed hands."""
        found = row(self._conn, "SELECT token, kind, at, sealed FROM handover ORDER BY seq DESC LIMIT 1")
        return None if found is None else self._read(*found)

    def given(self) -> Handover | None:
        """The hand-over that is in force: somebody else works on the customer now. None where nobody does."""
        last = self.last()
        return last if last is not None and last.move is Move.GIVEN else None

    def _read(self, token: str, kind: str, at: str, sealed: bytes) -> Handover:
        move, moment = Move(kind), datetime.fromisoformat(at)
        try:
            who, to, machine = json.loads(self._vault.open(sealed, handover_context(token, move)))
        except (VaultError, ValueError, TypeError):
            return Handover(token, move, moment)  # of another key, or none was there
        return Handover(token, move, moment, who, to, machine)


def handover_context(token: str, move: str) -> bytes:
    """What the names of a hand-over are sealed for."""
    return json.dumps(["handover", token, str(move)]).encode("ascii")
