"""What came out of a parcel, laid ready in a private folder beside the customers, before anything is changed.

The folder's name holds the number of the process that works in it: what a killed one left is told apart.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from console.handover.agreements import safe_name
from console.handover.parcel import (
    Cell,
    Manifest,
    Packed,
    ParcelError,
    ParcelReader,
    Piece,
    Room,
    Rows,
    newer,
)
from console.handover.tables import TRAVELS, fits, sealed
from console.i18n import _
from console.store import chain
from console.store.atomic import write_atomically
from console.store.database import open_database, transaction
from console.store.errors import StoreError
from console.store.evidence import FOLDER as EVIDENCE_FOLDER
from console.store.evidence import EvidenceFiles
from console.store.places import DATABASE, private_folder
from console.store.schema import MIGRATIONS
from console.store.spills import spill_prefix
from console.store.vault import KEY_BYTES, Vault

FOLDER = "handover"
SECTION = "config.toml"
AGREEMENTS = "agreements"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Staged:
    """A parcel that was read to its end and found whole; everything in it is sealed with this machine's key.

    ``section`` is the customer's part of a configuration, ``fingerprint_key`` None where none came along.
    """

    folder: Path
    manifest: Manifest
    section: str
    agreements: tuple[str, ...]
    fingerprint_key: bytes | None

    @property
    def database(self) -> Path:
        """The customer's database as it came."""
        return self.folder / DATABASE


def room(data: Path) -> Path:
    """A private folder for one parcel. Raises StoreError."""
    home = private_folder(data / FOLDER)
    try:
        return Path(tempfile.mkdtemp(prefix=spill_prefix(), dir=home))
    except OSError as error:
        raise StoreError("disk") from error


def drop(folder: Path) -> None:
    """Remove what was laid ready, as far as it goes; the next start removes the rest."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # another one is in it
        folder.parent.rmdir()


def stage(parcel: ParcelReader, folder: Path, vault: Vault) -> Staged:
    """Read a parcel to its end. Raises ParcelError, StoreError; memory does not grow with its size."""
    manifest = parcel.manifest
    if manifest.schema > len(MIGRATIONS):
        raise newer(manifest.version)
    stager = _Stager(folder, vault)
    try:
        with closing(_database(folder, manifest.schema)) as conn, transaction(conn):
            stager.take(conn, parcel.pieces())
        with closing(_database(folder, len(MIGRATIONS))) as conn:  # brought forward
            _verify(conn, manifest)
    except (sqlite3.Error, UnicodeError, OverflowError) as error:  # what no table takes was not written by us
        raise _odd() from error
    except OSError as error:
        raise StoreError("disk") from error
    if stager.section is None:
        raise _odd()
    return Staged(folder, manifest, stager.section, tuple(stager.agreements), stager.fingerprint_key)


def _database(folder: Path, schema: int) -> sqlite3.Connection:
    return open_database(folder / DATABASE, MIGRATIONS[:schema])


class _Stager:
    """Puts each piece where it belongs. Raises ParcelError for what belongs nowhere."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault
        self._evidence = EvidenceFiles(folder / EVIDENCE_FOLDER, vault)
        self.section: str | None = None
        self.agreements: list[str] = []
        self.fingerprint_key: bytes | None = None

    def take(self, conn: sqlite3.Connection, pieces: Iterator[Piece]) -> None:
        """Take all of them; rows in batches."""
        table: Rows | None = None
        rows: list[tuple[Cell, ...]] = []
        for piece in pieces:
            if isinstance(piece, tuple):
                rows.append(piece)
            if rows and (len(rows) >= _BATCH or not isinstance(piece, tuple)):
                self._insert(conn, table, rows)
                rows = []
            if isinstance(piece, Rows):
                table = _known(conn, piece)
            elif isinstance(piece, Packed):
                self._file(piece)
        if rows:
            self._insert(conn, table, rows)

    def _insert(self, conn: sqlite3.Connection, rows: Rows | None, found: list[tuple[Cell, ...]]) -> None:
        if rows is None or any(len(one) != len(rows.columns) for one in found):
            raise _odd()
        if rows.table == "head":
            conn.execute("DELETE FROM head")  # a new database has one already
        marks = ", ".join("?" * len(rows.columns))
        sql = f"INSERT INTO {rows.table} ({', '.join(rows.columns)}) VALUES ({marks})"  # noqa: S608  (both known)
        for one in found:
            came = dict(zip(rows.columns, one, strict=True))
            if not fits(rows.table, came):
                raise _odd()
            row = sealed(conn, self._vault, rows.table, came)
            conn.execute(sql, list(row.values()))

    def _file(self, piece: Packed) -> None:
        match piece.room:
            case Room.CONFIG:
                self.section = piece.content.decode("utf-8")
                write_atomically(self._folder / SECTION, piece.content)
            case Room.FINGERPRINTS if len(piece.content) == KEY_BYTES:
                self.fingerprint_key = piece.content
                self._vault = self._vault.with_fingerprints(piece.content)
            case Room.EVIDENCE:
                if self._evidence.keep("", piece.content).sha256 != piece.name:
                    raise _odd()
            case Room.AGREEMENT if safe_name(piece.name):
                self._agreement(piece)
            case _:
                raise _odd()

    def _agreement(self, piece: Packed) -> None:
        place = self._folder / AGREEMENTS / piece.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            raise _odd()  # two names that are one on this system
        write_atomically(place, piece.content)
        self.agreements.append(piece.name)


def _known(conn: sqlite3.Connection, rows: Rows) -> Rows:
    """The table, if it is one of ours with all of its columns. Raises ParcelError."""
    if rows.table not in TRAVELS:
        raise _odd()
    columns = {found[1] for found in conn.execute(f"PRAGMA table_info({rows.table})")}
    if columns != set(rows.columns) or len(rows.columns) != len(columns):
        raise _odd()
    return rows


def _verify(conn: sqlite3.Connection, manifest: Manifest) -> None:
    """The journal has to be whole, and the one that the manifest speaks of. Raises ParcelError."""
    report = chain.verify(conn)
    if not report.ok or (report.rows, report.head) != (manifest.entries, manifest.head):
        raise ParcelError(
            _("The journal in the file is not as it was written."),
            _("Nothing was changed. Have it handed over again."),
        )


def _odd() -> ParcelError:
    return ParcelError(
        _("The file holds something that no hand-over holds."),
        _("Nothing was changed. Ask whoever handed it over."),
    )
