"""How each table of a customer travels: which do, and what in them is sealed with a machine's own key.

What is sealed is opened by whoever hands over and sealed anew by whoever takes in; in between it stands in
the sealed file only. What cannot be opened any more (its key is gone) is lost for both and left out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from console.store.answers import marked
from console.store.handovers import handover_context
from console.store.journal import before_context
from console.store.said import SUBJECT
from console.store.sealed import ANSWERS, SAMPLES, word_context
from console.store.vault import Vault, VaultError
from console.store.walked import walked_context
from console.tickets.trip_store import trip_context

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seal:
    """A column that is sealed; ``context`` is what for. ``needless``: the row tells something without it."""

    column: str
    context: Callable[[sqlite3.Connection, Row], bytes]
    needless: bool = False


def _before(conn: sqlite3.Connection, row: Row) -> bytes:
    """A before-value is sealed for the entry of the journal that it belongs to, which travels ahead of it."""
    found = conn.execute("SELECT run, entity, record FROM entry WHERE seq = ?", (row["seq"],)).fetchone()
    return before_context(*(found or (0, "", "")))


def _answer(_conn: sqlite3.Connection, row: Row) -> bytes:
    return word_context(ANSWERS, row["seq"], row["item"])


def _sample(_conn: sqlite3.Connection, row: Row) -> bytes:
    return word_context(SAMPLES, row["seq"], row["item"])


def _trip(_conn: sqlite3.Connection, row: Row) -> bytes:
    return trip_context(row["partner"], row["environment"], row["id"])


def _walked(_conn: sqlite3.Connection, row: Row) -> bytes:
    return walked_context(row["partner"], row["environment"], row["walk"], row["begun"])


def _handover(_conn: sqlite3.Connection, row: Row) -> bytes:
    return handover_context(row["token"], row["kind"])


TRAVELS: Mapping[str, Seal | None] = {
    "entry": None,
    "head": None,
    "pending": None,
    "before": Seal("sealed", _before),
    "link": None,
    "fact": None,
    "ticket": None,
    "ticket_item": None,
    "ticket_head": None,
    "ticket_cursor": None,
    "ticket_hop": None,
    "trip": Seal("sealed", _trip),
    ANSWERS: Seal("content", _answer),
    SAMPLES: Seal("content", _sample),
    "walked": Seal("sealed", _walked, needless=True),
    "handover": Seal("sealed", _handover, needless=True),
    "counted": None,
}
"""Every table that travels, in the order in which it does."""

STAYS = frozenset({"lease", "consent", "inherited"})
"""Tables of this machine alone: who writes now, how answers are stored here, and a key sealed for it."""


def opened(conn: sqlite3.Connection, vault: Vault, table: str, row: Row) -> Row | None:
    """The row as it travels; None where it is nothing without what cannot be opened any more."""
    seal = TRAVELS[table]
    if seal is None or not row[seal.column]:
        return row
    if row.get("clear"):  # a word that was stored readable, because there was no key
        return row
    try:
        content = vault.open(row[seal.column], seal.context(conn, row))
    except VaultError:
        return {**row, seal.column: b""} if seal.needless else None
    return {**row, seal.column: content}


def fits(table: str, row: Row) -> bool:
    """Whether a row that came can be sealed: its content is bytes, and nothing else of it is."""
    seal = TRAVELS[table]
    if seal is None:
        return True
    others = (value for column, value in row.items() if column != seal.column)
    return (
        isinstance(row[seal.column], bytes)
        and not any(isinstance(value, bytes) for value in others)
        and isinstance(row.get("item", ""), str)
    )


def sealed(conn: sqlite3.Connection, vault: Vault, table: str, row: Row) -> Row:
    """The row as it lies here, from one that travelled."""
    seal = TRAVELS[table]
    if seal is None or not row[seal.column]:
        return row
    if row.get("clear"):
        row = _with_key(vault, row)
    return {**row, seal.column: vault.seal(row[seal.column], seal.context(conn, row))}


def _with_key(vault: Vault, row: Row) -> Row:
    """A word that was readable: sealed from now on, and the mark of its subject made with the key."""
    item, mark, _ = row["item"].partition(SUBJECT)
    try:
        subject = json.loads(row["content"])["subject"] if mark else ""
    except (ValueError, KeyError, TypeError):
        return {**row, "clear": 0}  # of a version that knew other things
    return {**row, "clear": 0, "item": marked(vault, item, str(subject))}
