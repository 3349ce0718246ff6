"""SQLite as this project uses it: durable, private, versioned, with errors in plain words.

A connection is in autocommit mode and may be used by one thread at a time; several processes may open the
same file.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from console.store.drives import on_network_drive
from console.store.errors import StoreError, explained
from console.store.places import private_file, private_folder

APPLICATION_ID = 0x45696E7A  # "Einz"
BUSY_MS = 5000

Migration = Sequence[str]
"""The statements that lead from one schema version to the next."""


def open_database(path: Path, migrations: Sequence[Migration]) -> sqlite3.Connection:
    """Open or create the file and bring its schema forward to version ``len(migrations)``.

    Raises StoreError for a network drive, a file of a newer version or another program, and whatever keeps
    the file from being read and written.
    """
    private_folder(path.parent)
    if on_network_drive(path.parent):
        raise StoreError("network_drive", path=str(path.parent))
    private_file(path)
    with explained():
        conn = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
        try:
            _prepare(conn, path)
            _migrate(conn, path, migrations)
        except BaseException:
            conn.close()
            raise
    return conn


def _prepare(conn: sqlite3.Connection, path: Path) -> None:
    conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    # In this order: whoever makes the file at the same moment commits its tables together with its mark.
    tables = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    owner = conn.execute("PRAGMA application_id").fetchone()[0]
    if owner != APPLICATION_ID and (owner or tables):
        raise StoreError("foreign", path=str(path))
    if _journal_mode(conn) != "wal":
        raise StoreError("network_drive", path=str(path.parent))  # no shared memory there
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA secure_delete = ON")  # what expired is overwritten


def _journal_mode(conn: sqlite3.Connection) -> str:
    """Ask for write-ahead logging. Of two that open a new file SQLite refuses one at once, so we wait
    ourselves."""
    end = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            return str(conn.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(0.02)


def _migrate(conn: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    known = len(migrations)
    if _version(conn) == known:
        return
    with transaction(conn):
        found = _version(conn)  # again: another process may have been faster
        if found > known:
            raise StoreError("newer", path=str(path), found=found, known=known)
        for migration in migrations[found:]:
            for statement in migration:
                conn.execute(statement)
        conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        conn.execute(f"PRAGMA user_version = {known}")


def _version(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing, durable at the end. Inside another transaction it becomes a part of that one.

    Raises StoreError where the machine is the cause.
    """
    inner = conn.in_transaction
    with explained():
        conn.execute("SAVEPOINT part" if inner else "BEGIN IMMEDIATE")
        try:
            yield conn
            conn.execute("RELEASE part" if inner else "COMMIT")
        except BaseException:
            if conn.in_transaction:  # a full disk may have ended it already
                conn.execute("ROLLBACK TO part" if inner else "ROLLBACK")
            if inner and conn.in_transaction:
                conn.execute("RELEASE part")
            raise


@contextmanager
def snapshot(conn: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Several readings of one and the same state, whatever other processes write meanwhile."""
    if conn.in_transaction:
        yield conn
        return
    with explained():
        conn.execute("BEGIN")
        try:
            yield conn
        finally:
            if conn.in_transaction:
                conn.execute("COMMIT")


def rows(conn: sqlite3.Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a reading. Raises StoreError where the machine is the cause."""
    with explained():
        return conn.execute(sql, values).fetchall()


def row(conn: sqlite3.Connection, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    """The first row of a reading, or None. Raises StoreError where the machine is the cause."""
    with explained():
        found: tuple[Any, ...] | None = conn.execute(sql, values).fetchone()
        return found
