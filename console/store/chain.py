"""The append-only chain under the journal: every entry carries the hash of its content and its predecessor.

It finds what was changed, removed, moved or cut off. Who may write the file and rebuilds the whole chain
is not found by it; comparing ``ChainReport.head`` with a printed report finds that too.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from console.store.database import snapshot
from console.store.errors import StoreError

_COLUMNS = "seq, run, kind, at, scope, entity, record, action, result, detail"
_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """The content of one entry. ``detail`` is JSON; empty texts stand where a kind has nothing to say."""

    run: int
    kind: str
    at: str
    scope: str = ""
    entity: str = ""
    record: str = ""
    action: str = ""
    result: str = ""
    detail: str = "{}"


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying found. ``first_broken`` is the first entry that is not as it was written."""

    ok: bool
    rows: int
    first_broken: int | None
    head: str


def link_hash(previous: bytes, content: Sequence[Any]) -> bytes:
    """The hash of an entry: SHA-256 over its predecessor's hash and its own content in one JSON spelling."""
    text = json.dumps(list(content), separators=(",", ":"))
    return hashlib.sha256(previous + text.encode("ascii")).digest()


def append(conn: sqlite3.Connection, entries: Sequence[Entry]) -> range:
    """Add entries at the end and return their numbers; the caller holds the transaction.

    Raises StoreError where the end is missing.
    """
    head = conn.execute("SELECT entries, hash FROM head").fetchone()
    if head is None:
        raise StoreError("corrupt")
    last, previous = head
    first = last + 1
    values = []
    for seq, e in enumerate(entries, first):
        content = (seq, e.run, e.kind, e.at, e.scope, e.entity, e.record, e.action, e.result, e.detail)
        previous = link_hash(previous, content)
        values.append((*content, previous))
    conn.executemany(
        f"INSERT INTO entry ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
        values,
    )
    conn.execute("UPDATE head SET entries = ?, hash = ?", (last + len(values), previous))
    return range(first, first + len(values))


def verify(conn: sqlite3.Connection) -> ChainReport:
    """Recompute the whole chain and the list of open intents that was derived from it."""
    with snapshot(conn):
        count, previous, open_intents = 0, bytes(32), dict[tuple[int, str, str], int]()
        for *content, stored in _stored(conn):
            count += 1
            previous = link_hash(previous, content)
            if content[0] != count or stored != previous:
                return ChainReport(False, count, count, "")
            _follow(open_intents, content)
        head = conn.execute("SELECT entries, hash FROM head").fetchone()
        pending = {
            (r, e, i): s for r, e, i, s in conn.execute("SELECT run, entity, record, seq FROM pending")
        }
    if head != (count, previous):
        return ChainReport(False, count, count + 1, "")
    if pending != open_intents:
        differing = {seq for _, seq in pending.items() ^ open_intents.items()}
        return ChainReport(False, count, min(differing), "")
    return ChainReport(True, count, None, previous.hex())


def stretch(conn: sqlite3.Connection, start: int) -> tuple[str, int, int]:
    """The hash of entry ``start`` ("" where there is none), and how many entries and runs came after it."""
    with snapshot(conn):
        found = conn.execute("SELECT hash FROM entry WHERE seq = ?", (start,)).fetchone()
        rows, runs = conn.execute(
            "SELECT count(*), count(DISTINCT run) FROM entry WHERE seq > ?", (start,)
        ).fetchone()
    head = bytes(32) if start == 0 else b"" if found is None else found[0]
    return head.hex(), rows, runs


def _stored(conn: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    cursor = conn.execute(f"SELECT {_COLUMNS}, hash FROM entry ORDER BY seq")  # noqa: S608 - constant
    while page := cursor.fetchmany(_PAGE):
        yield from page


def _follow(open_intents: dict[tuple[int, str, str], int], content: Sequence[Any]) -> None:
    seq, run, kind, entity, record = content[0], content[1], content[2], content[5], content[6]
    if kind == "intent":
        open_intents[run, entity, record] = seq
    elif kind == "outcome":
        open_intents.pop((run, entity, record), None)
