"""The hand-over file: a head in clear that says nothing of the customer, then one sealed stream of pieces.

A piece is a line of JSON; that of a file is followed by the file's bytes. First comes the manifest, last a
line that counts what was there, so that a file is whole or is refused. The key is derived from the passphrase
with scrypt and a salt of the file's own.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from console.errors import ConsoleError
from console.handover.passphrase import normal
from console.i18n import _
from console.os_words import os_words
from console.paths import valid_customer
from console.store.evidence import LIMIT
from console.store.sealed_stream import BrokenStream, SealedReader, SealedWriter
from console.store.vault import Vault

FORMAT = 1
COST = 2**17
"""Of scrypt, with r = 8: 128 MiB and about half a second for each passphrase that somebody tries."""

_MAGIC = b"einzug-handover/"
_HEAD = _MAGIC + b"%d\n" % FORMAT
_SALT = 16
_LONGEST_LINE = 64 * 1024 * 1024


class Room(StrEnum):
    """What kind of file a piece is."""

    CONFIG = "config"  # the customer's part of the configuration
    FINGERPRINTS = "fingerprints"  # the key that fingerprints are made with
    AGREEMENT = "agreement"  # of the folder beside the configuration
    EVIDENCE = "evidence"


Cell = str | int | bytes | None


class ParcelError(ConsoleError):
    """The file cannot be taken in; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the file is about. ``schema`` is that of its tables, ``head`` the end of the journal's chain with
    ``entries`` entries; ``version`` the Einzug that wrote it."""

    customer: str
    name: str
    schema: int
    version: str
    token: str
    at: str
    who: str
    to: str
    machine: str
    entries: int
    head: str

    @property
    def moment(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that follow belong to this table."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """A file. ``name`` is data."""

    room: Room
    name: str
    content: bytes


Piece = Rows | tuple[Cell, ...] | Packed


class ParcelWriter:
    """Writes a hand-over file; whole once it is finished. Raises OSError."""

    def __init__(self, file: BinaryIO, passphrase: str, manifest: Manifest) -> None:
        head = _HEAD + secrets.token_bytes(_SALT)
        file.write(head)
        self._sealed = SealedWriter(file, _vault(passphrase, head), head)
        self._rows = self._files = 0
        self._line({"manifest": asdict(manifest)})

    def rows(self, table: str, columns: Sequence[str]) -> None:
        """Begin a table."""
        self._line({"table": table, "columns": list(columns)})

    def row(self, cells: Sequence[Cell]) -> None:
        """Add a row of the table that was begun."""
        self._line([_spelled(cell) for cell in cells])
        self._rows += 1

    def file(self, room: Room, name: str, content: bytes) -> None:
        """Add a file."""
        self._line({"room": room, "name": name, "size": len(content)})
        self._sealed.write(content)
        self._files += 1

    def finish(self) -> None:
        """Write the end."""
        self._line({"end": [self._rows, self._files]})
        self._sealed.finish()

    def _line(self, value: object) -> None:
        self._sealed.write(json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n")


class ParcelReader:
    """Reads a hand-over file.

    Raises ParcelError for what is none, damaged, or sealed with another passphrase.
    """

    def __init__(self, path: Path, passphrase: str) -> None:
        try:
            self._file = path.open("rb")
        except (OSError, ValueError) as error:
            why = os_words(error)
            raise ParcelError(_("{path} cannot be read: {why}.").format(path=path, why=why)) from error
        try:
            head = _head(self._file, path)
            self._sealed = io.BufferedReader(SealedReader(self._file, _vault(passphrase, head), head))
            self.manifest = _manifest(self._line())
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> ParcelReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def pieces(self) -> Iterator[Piece]:
        """Everything behind the manifest, to the end of the file."""
        rows = files = 0
        while True:
            value = self._line()
            match value:
                case {"table": str(table), "columns": [*columns]}:
                    yield Rows(table, tuple(map(str, columns)))
                case [*cells]:
                    rows += 1
                    yield tuple(map(_read_cell, cells))
                case {"room": str(room), "name": str(name), "size": int(size)} if 0 <= size <= LIMIT:
                    files += 1
                    yield Packed(_room(room), name, self._bytes(size))
                case {"end": [*counts]} if counts == [rows, files] and not self._read(1):
                    return
                case _:
                    raise _damaged()

    def _line(self) -> Any:
        try:
            line = self._sealed.readline(_LONGEST_LINE)
        except BrokenStream as broken:
            raise (_damaged() if broken.chunk else _locked()) from None
        except OSError as error:
            raise _unreadable(error) from error
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise _damaged() from None

    def _bytes(self, size: int) -> bytes:
        data = self._read(size)
        if len(data) != size:
            raise _damaged()
        return data

    def _read(self, size: int) -> bytes:
        try:
            return self._sealed.read(size)
        except BrokenStream:
            raise _damaged() from None
        except OSError as error:
            raise _unreadable(error) from error


def _vault(passphrase: str, head: bytes) -> Vault:
    return Vault.of_passphrase(normal(passphrase), head[-_SALT:], COST)


def _head(file: BinaryIO, path: Path) -> bytes:
    head = file.read(len(_HEAD) + _SALT)
    if not head.startswith(_MAGIC):
        raise ParcelError(
            _("{path} is no hand-over file of Einzug.").format(path=path),
            _("einzug handover export CUSTOMER FILE writes one."),
        )
    if not head.startswith(_HEAD):
        raise newer(head[len(_MAGIC) :].split(b"\n")[0].decode("ascii", "replace")[:12])
    if len(head) != len(_HEAD) + _SALT:
        raise _damaged()
    return head


def newer(version: str) -> ParcelError:
    """What says that a newer Einzug wrote the file."""
    return ParcelError(
        _("A newer version of Einzug wrote this file ({version}).").format(version=version),
        _("Update Einzug on this machine."),
    )


def _locked() -> ParcelError:
    return ParcelError(
        _("The passphrase does not fit, or the beginning of the file is damaged."),
        _("Nothing was changed. Ask whoever handed it over, by another way than the file came."),
    )


def _damaged() -> ParcelError:
    return ParcelError(_("The file is damaged or incomplete."), _("Nothing was changed. Have it sent again."))


def _unreadable(error: OSError) -> ParcelError:
    why = os_words(error)
    return ParcelError(_("The file cannot be read to its end: {why}.").format(why=why))


def _manifest(value: object) -> Manifest:
    """Raises ParcelError for what this version cannot read."""
    found = value.get("manifest") if isinstance(value, dict) else None
    wanted = {one.name: int if one.name in ("schema", "entries") else str for one in fields(Manifest)}
    if not isinstance(found, Mapping) or found.keys() != wanted.keys():
        raise _damaged()
    if not all(type(found[name]) is kind for name, kind in wanted.items()):
        raise _damaged()
    manifest = Manifest(**found)
    try:
        aware = manifest.moment.tzinfo is not None
    except ValueError:
        aware = False
    if not aware or not valid_customer(manifest.customer) or manifest.schema < 1:
        raise _damaged()
    return manifest


def _room(text: str) -> Room:
    try:
        return Room(text)
    except ValueError:
        raise _damaged() from None


def _spelled(cell: Cell) -> object:
    return {"b": base64.b64encode(cell).decode("ascii")} if isinstance(cell, bytes) else cell


def _read_cell(value: object) -> Cell:
    match value:
        case {"b": str(text)}:
            try:
                return base64.b64decode(text, validate=True)
            except binascii.Error:
                raise _damaged() from None
        case None | str():
            return value
        case int() if not isinstance(value, bool):
            return value
    raise _damaged()
