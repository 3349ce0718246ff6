"""Guided walks that came to their end: evidence, sealed; beside it stand partner, walk and moments only."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.store.clock import spell
from console.store.database import rows, transaction
from console.store.vault import Vault, VaultError


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk that ended. ``content`` is what its room noted; None where it cannot be read any more."""

    partner: str
    environment: str
    walk: str
    ended: datetime
    content: dict[str, Any] | None = field(default=None, repr=False)


class WalkedStore:
    """The ended walks of one customer. Raises StoreError."""

    def __init__(self, conn: sqlite3.Connection, vault: Vault) -> None:
        self._conn = conn
        self._vault = vault

    def keep(
        self, partner: str, environment: str, walk: str, begun: datetime, ended: datetime, content: Any
    ) -> None:
        """Note the end of a walk, once; without a durable key that it ended, and nothing else."""
        place = (partner, environment, walk, spell(begun))
        blob = (
            self._vault.seal(json.dumps(content).encode(), walked_context(*place))
            if self._vault.durable
            else b""
        )
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT OR IGNORE INTO walked VALUES (?, ?, ?, ?, ?, ?)", (*place, spell(ended), blob)
            )

    def walks(self) -> tuple[Walked, ...]:
        """All of them, the oldest first."""
        sql = "SELECT partner, environment, walk, begun, ended, sealed FROM walked ORDER BY ended"
        return tuple(
            Walked(partner, environment, walk, datetime.fromisoformat(ended), self._read(place, blob))
            for partner, environment, walk, begun, ended, blob in rows(self._conn, sql)
            if (place := (partner, environment, walk, begun))
        )

    def _read(self, place: tuple[str, str, str, str], blob: bytes) -> dict[str, Any] | None:
        try:
            value = json.loads(self._vault.open(blob, walked_context(*place)))
        except (VaultError, ValueError):
            return None  # of another key, or none was there
        return value if isinstance(value, dict) else None


def walked_context(*place: str) -> bytes:
    """What a walk is sealed for: partner, environment, walk, when it was begun."""
    return json.dumps(["walked", *place]).encode("ascii")
