"""A form with one file in it, as HTTP uploads it: built in a temporary file, never held in memory."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self, cast

IN_MEMORY = 256 * 1024
"""Bytes that stay in memory; what is larger waits on disk until it is sent."""


@dataclass(frozen=True, slots=True)
class Form:
    """A finished form: its bytes, its media type with the boundary, size and MD5 of the file in it.

    Its room is given back when the block is left.
    """

    body: BinaryIO
    media: str
    size: int
    md5: str

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.body.close()


async def form(fields: Mapping[str, str], name: str, content: AsyncIterator[bytes]) -> Form:
    """A form of text fields and the file ``file``. Whatever ``content`` raises goes through."""
    boundary = f"einzug-{secrets.token_hex(16)}"
    body = cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY, prefix="einzug-"))  # noqa: SIM115  (given away)
    digest = hashlib.md5(usedforsecurity=False)
    size = 0
    try:
        for key, value in fields.items():
            body.write(_head(boundary, f'form-data; name="{_quoted(key)}"') + value.encode() + b"\r\n")
        disposition = f'form-data; name="file"; filename="{_quoted(name)}"'
        body.write(_head(boundary, disposition, "application/octet-stream"))
        async for piece in content:
            body.write(piece)
            digest.update(piece)
            size += len(piece)
        body.write(f"\r\n--{boundary}--\r\n".encode())
    except BaseException:
        body.close()
        raise
    return Form(body, f"multipart/form-data; boundary={boundary}", size, digest.hexdigest())


def _head(boundary: str, disposition: str, media: str = "text/plain; charset=utf-8") -> bytes:
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {media}\r\n\r\n".encode()


def _quoted(text: str) -> str:
    """A name inside quotes, as web browsers spell it: nothing in it ends the line or the quotes."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
