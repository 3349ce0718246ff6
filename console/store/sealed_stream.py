"""A stream that is sealed chunk by chunk, so that it can be written and read without being held whole.

Each chunk is bound to its number, to the head of the file, and to whether it is the last one: what was
changed, moved, left out, cut off or added is refused when it is read.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, BinaryIO

from console.store.vault import Vault, VaultError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 256 * 1024
_LENGTH = struct.Struct(">I")
_MOST = CHUNK + 64
"""Bytes that a sealed chunk may have; more is damage."""


class BrokenStream(Exception):
    """The stream is not as it was written. ``chunk`` is the number of the first chunk that is not, from 0."""

    def __init__(self, chunk: int) -> None:
        super().__init__(f"chunk {chunk}")
        self.chunk = chunk


class SealedWriter:
    """Writes a sealed stream; without ``finish`` what was written is no whole stream."""

    def __init__(self, file: BinaryIO, vault: Vault, head: bytes) -> None:
        self._file = file
        self._vault = vault
        self._head = head
        self._held = bytearray()
        self._number = 0

    def write(self, data: bytes) -> None:
        """Add data. Raises OSError."""
        self._held += data
        while len(self._held) > CHUNK:  # the last chunk is held back until it is known to be the last
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]

    def finish(self) -> None:
        """Write the last chunk. Raises OSError."""
        self._seal(bytes(self._held), last=True)
        self._held.clear()

    def _seal(self, data: bytes, *, last: bool) -> None:
        blob = self._vault.seal(data, _context(self._head, self._number, last=last))
        self._file.write(_LENGTH.pack(len(blob)) + blob)
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads a sealed stream; it ends only where the writer ended it. Raises BrokenStream, OSError."""

    def __init__(self, file: BinaryIO, vault: Vault, head: bytes) -> None:
        super().__init__()
        self._file = file
        self._vault = vault
        self._head = head
        self._held = b""
        self._number = 0
        self._ended = False

    def readable(self) -> bool:
        """It is read and nothing else."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer as far as the present chunk goes; 0 at the end."""
        while not self._held and not self._ended:
            self._held = self._next()
        view = memoryview(buffer)
        data, self._held = self._held[: len(view)], self._held[len(view) :]
        view[: len(data)] = data
        return len(data)

    def _next(self) -> bytes:
        head = self._file.read(_LENGTH.size)
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        blob = self._file.read(length) if 0 < length <= _MOST else b""
        if len(blob) != length:
            raise BrokenStream(self._number)
        for last in (False, True):
            try:
                data = self._vault.open(blob, _context(self._head, self._number, last=last))
            except VaultError:
                continue
            self._ended = last
            if last and self._file.read(1):
                raise BrokenStream(self._number + 1)
            self._number += 1
            return data
        raise BrokenStream(self._number)


def _context(head: bytes, number: int, *, last: bool) -> bytes:
    return head + struct.pack(">Q?", number, last)
