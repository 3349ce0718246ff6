"""Answers of the checklists: every word that was ever said of an item, in order; the last one counts."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from console.store.clock import Clock, utc_now
from console.store.database import transaction
from console.store.errors import StoreError
from console.store.evidence import FOLDER, EvidenceFiles
from console.store.said import SUBJECT, Answer, Evidence, Said
from console.store.sealed import ANSWERS, Consent, Consents, SealedTable
from console.store.vault import Vault


@dataclass(frozen=True, slots=True)
class History:
    """What was said, the oldest first. ``unreadable`` names items with words of another key or version;
    ``words`` counts all words on an item, readable or not."""

    answers: tuple[Answer, ...]
    unreadable: frozenset[str] = frozenset()
    words: Mapping[str, int] = field(default_factory=dict)

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
        self._table = SealedTable(conn, vault, ANSWERS)
        self._consents = Consents(conn, vault)
        self._files = EvidenceFiles(folder / FOLDER, vault)

    @property
    def consent(self) -> Consent | None:
        """Who agreed to clear storage and when; None where nobody did."""
        return self._consents.given

    @property
    def needs_consent(self) -> bool:
        """Whether somebody has to agree before anything can be kept."""
        return self._consents.needed

    def agree(self, who: str) -> None:
        """Note that somebody agreed; the first one stays."""
        self._consents.agree(who, self._clock())

    @contextmanager
    def together(self) -> Iterator[None]:
        """All words of a block or none; nobody else can say anything meanwhile."""
        with transaction(self._conn):
            yield

    def say(
        self,
        item: str,
        said: Said,
        *,
        who: str,
        note: str = "",
        values: Mapping[str, str | tuple[str, ...]] | None = None,
        files: Iterable[Evidence] = (),
        due: date | None = None,
        origin: str = "",
        subject: str = "",
        accepts: str = "",
        seen: int | None = None,
    ) -> Answer:
        """Add a word on an item, or on one subject of it: one durable transaction. ``seen`` is how many words
        its author knew of.

        Raises StoreError: ``no_key`` without a consent, ``answered`` where somebody said more meanwhile.
        """
        about = marked(self._vault, item, subject)
        kept = (dict(values or {}), tuple(files), due, origin, subject, accepts)
        answer = Answer(about, said, self._clock(), who, note, *kept)
        with self.together():
            if seen is not None and self._table.count(about) != seen:
                raise StoreError("answered", item=item)
            self._table.add(about, _plain(answer))
        return answer

    def attach(self, path: Path) -> Evidence:
        """Keep a copy of a file, to be named in an answer. Raises StoreError, ``no_key`` too."""
        if self.needs_consent:
            raise StoreError("no_key")
        return self._files.take(path)

    def evidence(self, evidence: Evidence) -> bytes:
        """The content of a file that was attached. Raises StoreError where it is gone or was changed."""
        return self._files.read(evidence)

    def history(self, item: str | None = None) -> History:
        """Every word on an item, or on all of them."""
        answers, unreadable, words = [], set[str](), Counter[str]()
        for about, content in self._table.words(item):
            words[about] += 1
            try:
                answers.append(_answer(about, content))
            except (KeyError, TypeError, ValueError):
                unreadable.add(about)
        return History(tuple(answers), frozenset(unreadable), words)


def marked(vault: Vault, item: str, subject: str) -> str:
    """The item; of a subject the mark stands in clear, so that nobody without the key can guess it."""
    if not subject:
        return item
    plain = subject.encode()
    mark = vault.fingerprint(plain) if vault.durable else hashlib.sha256(plain).digest()
    return f"{item}{SUBJECT}{mark[:12].hex()}"


def _plain(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {
        "said": answer.said.value,
        "at": answer.at.isoformat(),
        "who": answer.who,
        "note": answer.note,
        "values": dict(answer.values),
        "files": [[one.sha256, one.name, one.size] for one in answer.files],
    }
    if answer.due is not None:
        found["due"] = answer.due.isoformat()
    if answer.origin:
        found["origin"] = answer.origin
    if answer.subject:
        found["subject"] = answer.subject
    if answer.accepts:
        found["accepts"] = answer.accepts
    return found


def _answer(item: str, value: Mapping[str, Any] | None) -> Answer:
    """Raises KeyError, TypeError, ValueError for what this version cannot read."""
    if value is None:
        raise ValueError("sealed with another key")
    values = {str(key): one if isinstance(one, str) else tuple(one) for key, one in value["values"].items()}
    return Answer(
        item,
        Said(value["said"]),
        datetime.fromisoformat(value["at"]),
        value["who"],
        value["note"],
        values,
        tuple(Evidence(*one) for one in value["files"]),
        date.fromisoformat(value["due"]) if "due" in value else None,
        value.get("origin", ""),
        value.get("subject", ""),
        value.get("accepts", ""),
    )
