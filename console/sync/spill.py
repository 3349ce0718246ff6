"""Sorting lines that may not fit into memory, and the sorted snapshot that comes of it.

Runs and snapshots lie in private files, encrypted block by block with a key of the process that is never
stored: a stolen laptop's disk holds nobody's tenants, and what a crash leaves behind is noise.
"""

from __future__ import annotations

import heapq
import os
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from console.threads import off_loop

BLOCK = 256 * 1024
_SLICE = 4096
_HEAD = struct.Struct("<I")


class Cipher(Protocol):
    """What encrypts the blocks (``console.store.vault.Vault``)."""

    def seal(self, data: bytes, context: bytes) -> bytes:
        """Encrypt and authenticate."""

    def open(self, blob: bytes, context: bytes) -> bytes:
        """The reverse; raises on tampering."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """Where sorted lines may lie for a while, and what encrypts them. Their files' names begin with
    ``prefix``, which tells whose they are: a later start sweeps what a killed process left."""

    folder: Path
    cipher: Cipher
    prefix: str


class Snapshot:
    """Sorted lines on disk, readable any number of times. Deleted with ``close``."""

    def __init__(self, scratch: Scratch) -> None:
        scratch.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=scratch.prefix, dir=scratch.folder)
        self._file: BinaryIO = os.fdopen(handle, "w+b")
        self._path = Path(name)
        self._cipher = scratch.cipher
        self._blocks = 0
        self.count = 0

    def write(self, lines: Iterable[bytes]) -> Self:
        """Append lines, which must come sorted and without newlines. Returns itself."""
        batch: list[bytes] = []
        size = 0
        for line in lines:
            batch.append(line)
            size += len(line)
            if size >= BLOCK:
                self._write_block(batch)
                batch, size = [], 0
        if batch:
            self._write_block(batch)
        self._file.flush()
        return self

    def _write_block(self, batch: list[bytes]) -> None:
        blob = self._cipher.seal(b"\n".join(batch) + b"\n", self._blocks.to_bytes(8, "little"))
        self._file.write(_HEAD.pack(len(blob)))
        self._file.write(blob)
        self._blocks += 1
        self.count += len(batch)

    def __iter__(self) -> Iterator[bytes]:
        return chain.from_iterable(text[:-1].split(b"\n") for text in self.texts())

    def texts(self) -> Iterator[bytes]:
        """The lines, a block of them at a time, each line ended by a newline."""
        position = 0
        for number in range(self._blocks):
            self._file.seek(position)
            (length,) = _HEAD.unpack(self._file.read(_HEAD.size))
            blob = self._file.read(length)
            position += _HEAD.size + length
            yield self._cipher.open(blob, number.to_bytes(8, "little"))

    def close(self) -> None:
        """Close and delete the file."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    async def aclose(self) -> None:
        """The same beside the loop: deleting a large file takes a while."""
        await off_loop(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Sorter:
    """Takes lines in any order; ``finish`` gives them back as one sorted Snapshot.

    Holds at most ``budget`` bytes of lines; beyond, sorted runs go to disk. ``collapse`` sees all lines of
    one key together and returns the one that stands for them.
    """

    def __init__(
        self,
        scratch: Scratch,
        *,
        budget: int = 24 * 1024 * 1024,
        collapse: Callable[[list[bytes]], bytes] | None = None,
    ) -> None:
        self._scratch = scratch
        self._budget = budget
        self._collapse = collapse
        self._lines: list[bytes] = []
        self._size = 0
        self._runs: list[Snapshot] = []

    def add(self, line: bytes) -> None:
        """Take one line."""
        self._lines.append(line)
        self._size += len(line) + 40  # what CPython adds to a bytes object and its place in the list
        if self._size >= self._budget:
            self._spill()

    def add_all(self, lines: Iterable[bytes]) -> None:
        """Take several lines; for a worker thread, since some of them may go to disk."""
        for line in lines:
            self.add(line)

    def _spill(self) -> None:
        _sort(self._lines)
        self._runs.append(Snapshot(self._scratch).write(self._lines))
        self._lines, self._size = [], 0

    def finish(self) -> Snapshot:
        """All lines, sorted, one per key. The Sorter is empty afterwards; the caller closes the Snapshot."""
        _sort(self._lines)
        lines = heapq.merge(*self._runs, self._lines) if self._runs else iter(self._lines)
        if self._collapse is not None:
            lines = _one_per_key(lines, self._collapse)
        try:
            return Snapshot(self._scratch).write(lines)
        finally:
            self.close()

    def close(self) -> None:
        """Drop what was taken and delete the runs."""
        for run in self._runs:
            run.close()
        self._runs, self._lines, self._size = [], [], 0


def _sort(lines: list[bytes]) -> None:
    """Sort in place; in slices first, since one long sort lets no other thread run."""
    for start in range(0, len(lines), _SLICE):
        lines[start : start + _SLICE] = sorted(lines[start : start + _SLICE])
    lines.sort()


def _one_per_key(lines: Iterable[bytes], collapse: Callable[[list[bytes]], bytes]) -> Iterator[bytes]:
    same: list[bytes] = []
    prefix = b""
    for line in lines:
        if same and line.startswith(prefix):
            same.append(line)
            continue
        if same:
            yield same[0] if len(same) == 1 else collapse(same)
        same = [line]
        prefix = line[: line.index(b"\x00") + 1]
    if same:
        yield same[0] if len(same) == 1 else collapse(same)
