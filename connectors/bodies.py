"""The body of an answer, read piece by piece up to a bound: what a server sends decides nothing about memory.

httpx unpacks each piece as it comes. One layer of gzip or deflate makes at most about a thousand bytes of
one, and a piece is small; layers upon layers, and kinds that pack tighter, are refused before a byte is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

LARGEST = 64 * 1024 * 1024
"""Bytes of one answer, unpacked, unless the network settings say otherwise: a file of 50 MB and room around
it."""

PACKED = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""Content encodings that are read; ``gzip`` is asked for."""


class TooLarge(Exception):
    """An answer is larger than allowed; ``read`` bytes of it were read."""

    def __init__(self, read: int) -> None:
        super().__init__("larger than allowed")
        self.read = read


class WrongPacking(Exception):
    """An answer is packed in a way that nobody asked for."""


async def whole(response: httpx.Response, most: int) -> bytes:
    """The unpacked body. Raises TooLarge, WrongPacking, and what httpx raises while reading."""
    if response.headers.get("content-encoding", "").strip().lower() not in PACKED:
        raise WrongPacking
    if announced(response.headers) > most:
        raise TooLarge(0)
    pieces, size = [], 0
    async for piece in response.aiter_bytes():
        size += len(piece)
        if size > most:
            raise TooLarge(size)
        pieces.append(piece)
    return b"".join(pieces)


def announced(headers: Mapping[str, str]) -> int:
    """The bytes that the headers announce, 0 where they say nothing usable."""
    told = headers.get("content-length", "").strip()
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0
