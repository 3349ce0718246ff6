"""Answers of the checklists: every word that was ever said of an item, in order; the last one counts.

Sealed with the customer's key; ids of items stand in clear. Without a key nothing is written before somebody
agreed to clear storage, once and for this customer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from console.store.clock import Clock, spell, utc_now
from console.store.database import row, rows, transaction
from console.store.errors import StoreError
from console.store.evidence import FOLDER, EvidenceFiles
from console.store.said import Answer, Evidence, Said
from console.store.vault import Vault, VaultError


@dataclass(frozen=True, slots=True)
class Consent:
    """That somebody agreed to clear storage, because this machine has no keyring."""

    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class History:
    """What was said, the oldest first. ``unreadable`` names items with words of another key or version."""

    answers: tuple[Answer, ...]
    unreadable: frozenset[str] = frozenset()

    @property
    def latest(self) -> dict[str, Answer]:
        """The last word on each item."""
        return {answer.item: answer for answer in self.answers}


class Answers:
    """The answers of one customer. One thread at a time, any number of processes; raises StoreError."""

    def __init__(
        self, conn: sqlite3.Connection, vault: Vault, folder: Path, *, clock: Clock = utc_now
    ) -> None:
        """``folder`` is the customer's."""
        self._conn = conn
        self._vault = vault
        self._clock = clock
        self._files = EvidenceFiles(folder / FOLDER, vault)

    @property
    def consent(self) -> Consent | None:
        """Who agreed to clear storage and when; None where nobody did."""
        found = row(self._conn, "SELECT at, who FROM consent")
        return None if found is None else Consent(datetime.fromisoformat(found[0]), found[1])

    @property
    def needs_consent(self) -> bool:
        """Whether somebody has to agree before anything can be kept."""
        return not self._vault.durable and self.consent is None

    def agree(self, who: str) -> None:
        """Note that somebody agreed; the first one stays."""
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT OR IGNORE INTO consent (one, at, who) VALUES (1, ?, ?)",
                (spell(self._clock()), who),
            )

    def say(
        self,
        item: str,
        said: Said,
        *,
        who: str,
        note: str = "",
        values: Mapping[str, str | tuple[str, ...]] | None = None,
        files: Iterable[Evidence] = (),
    ) -> Answer:
        """Add a word on an item: one durable transaction. Raises StoreError, ``no_key`` without a consent."""
        self._admit()
        answer = Answer(item, said, self._clock(), who, note, dict(values or {}), tuple(files))
        content = json.dumps(_plain(answer)).encode("ascii")
        with transaction(self._conn) as conn:
            last = conn.execute("SELECT coalesce(max(seq), 0) FROM answer").fetchone()[0]
            seq, clear = int(last) + 1, not self._vault.durable
            blob = content if clear else self._vault.seal(content, _context(seq, item))
            conn.execute("INSERT INTO answer VALUES (?, ?, ?, ?)", (seq, item, int(clear), blob))
        return answer

    def attach(self, path: Path) -> Evidence:
        """Keep a copy of a file, to be named in an answer. Raises StoreError, ``no_key`` too."""
        self._admit()
        return self._files.take(path)

    def evidence(self, evidence: Evidence) -> bytes:
        """The content of a file that was attached. Raises StoreError where it is gone or was changed."""
        return self._files.read(evidence)

    def history(self, item: str | None = None) -> History:
        """Every word on an item, or on all of them."""
        sql = "SELECT seq, item, clear, content FROM answer"
        if item is None:
            found = rows(self._conn, f"{sql} ORDER BY seq")
        else:
            found = rows(self._conn, f"{sql} WHERE item = ? ORDER BY seq", (item,))
        answers, unreadable = [], set[str]()
        for seq, id_, clear, content in found:
            try:
                answers.append(_answer(id_, self._opened(seq, id_, clear, content)))
            except (VaultError, KeyError, TypeError, ValueError):
                unreadable.add(id_)
        return History(tuple(answers), frozenset(unreadable))

    def _opened(self, seq: int, item: str, clear: int, content: bytes) -> dict[str, Any]:
        text = content if clear else self._vault.open(content, _context(seq, item))
        value = json.loads(text)
        if not isinstance(value, dict):
            raise TypeError("answer")
        return value

    def _admit(self) -> None:
        if self.needs_consent:
            raise StoreError("no_key")


def _context(seq: int, item: str) -> bytes:
    return json.dumps(["answer", seq, item]).encode("ascii")


def _plain(answer: Answer) -> dict[str, Any]:
    return {
        "said": answer.said.value,
        "at": answer.at.isoformat(),
        "who": answer.who,
        "note": answer.note,
        "values": dict(answer.values),
        "files": [[one.sha256, one.name, one.size] for one in answer.files],
    }


def _answer(item: str, value: Mapping[str, Any]) -> Answer:
    """Raises KeyError, TypeError, ValueError for what this version cannot read."""
    values = {str(key): one if isinstance(one, str) else tuple(one) for key, one in value["values"].items()}
    files = tuple(Evidence(*one) for one in value["files"])
    at = datetime.fromisoformat(value["at"])
    return Answer(item, Said(value["said"]), at, value["who"], value["note"], values, files)
