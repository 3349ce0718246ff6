"""Tables of words that people said: one sealed row a word, never changed, the last one counts.

What a word is about (an item, a use case) stands in clear. Without a key nothing is written before somebody
agreed to clear storage, once and for this customer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.store.clock import spell
from console.store.database import row, rows, transaction
from console.store.errors import StoreError
from console.store.vault import Vault, VaultError

ANSWERS = "answer"
SAMPLES = "sample"


@dataclass(frozen=True, slots=True)
class Consent:
    """That somebody agreed to clear storage, because this machine has no keyring."""

    at: datetime
    who: str


class Consents:
    """Whether words may be written in clear. Raises StoreError."""

    def __init__(self, conn: sqlite3.Connection, vault: Vault) -> None:
        self._conn = conn
        self._vault = vault

    @property
    def given(self) -> Consent | None:
        """Who agreed to clear storage and when; None where nobody did."""
        found = row(self._conn, "SELECT at, who FROM consent")
        return None if found is None else Consent(datetime.fromisoformat(found[0]), found[1])

    @property
    def needed(self) -> bool:
        """Whether somebody has to agree before anything can be kept."""
        return not self._vault.durable and self.given is None

    def agree(self, who: str, at: datetime) -> None:
        """Note that somebody agreed; the first one stays."""
        with transaction(self._conn) as conn:
            conn.execute("INSERT OR IGNORE INTO consent (one, at, who) VALUES (1, ?, ?)", (spell(at), who))


class SealedTable:
    """One such table. One thread at a time, any number of processes; raises StoreError."""

    def __init__(self, conn: sqlite3.Connection, vault: Vault, table: str) -> None:
        """``table`` is a name of ours, never of a person: it becomes part of the SQL."""
        self._conn = conn
        self._vault = vault
        self._table = table

    def add(self, item: str, content: Mapping[str, Any]) -> None:
        """Add a word: one durable transaction. Raises StoreError, ``no_key`` without a consent."""
        if Consents(self._conn, self._vault).needed:
            raise StoreError("no_key")
        text = json.dumps(content).encode("ascii")
        with transaction(self._conn) as conn:
            last = conn.execute(f"SELECT coalesce(max(seq), 0) FROM {self._table}").fetchone()[0]  # noqa: S608
            seq, clear = int(last) + 1, not self._vault.durable
            blob = text if clear else self._vault.seal(text, word_context(self._table, seq, item))
            conn.execute(f"INSERT INTO {self._table} VALUES (?, ?, ?, ?)", (seq, item, int(clear), blob))  # noqa: S608

    def count(self, item: str) -> int:
        """How many words there are on something, readable or not."""
        found = row(self._conn, f"SELECT count(*) FROM {self._table} WHERE item = ?", (item,))  # noqa: S608
        return int(found[0]) if found else 0

    def words(self, item: str | None = None) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Every word with what it is about, the oldest first; None for one of another key."""
        sql = f"SELECT seq, item, clear, content FROM {self._table}"  # noqa: S608
        if item is None:
            found = rows(self._conn, f"{sql} ORDER BY seq")
        else:
            found = rows(self._conn, f"{sql} WHERE item = ? ORDER BY seq", (item,))
        for seq, about, clear, content in found:
            yield about, self._opened(seq, about, clear, content)

    def _opened(self, seq: int, item: str, clear: int, content: bytes) -> dict[str, Any] | None:
        try:
            value = json.loads(
                content if clear else self._vault.open(content, word_context(self._table, seq, item))
            )
        except (VaultError, ValueError):
            return None
        return value if isinstance(value, dict) else None


def word_context(table: str, seq: int, item: str) -> bytes:
    """What a word is sealed for."""
    return json.dumps([table, seq, item]).encode("ascii")
