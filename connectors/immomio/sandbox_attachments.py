"""Files at a ticket of the Immomio double: given as base64, or by their size alone and then made up."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from random import Random
from typing import Any

from connectors.immomio.sandbox_records import Fields, is_text

BLOCK = 64 * 1024
MOST_SUMMED = 50 * 1024 * 1024
"""Above this many bytes no checksum is told: nobody would fetch the file anyway."""

LARGEST = 1 << 40


@dataclass(slots=True)
class Attachment:
    """One file. Without ``content`` its bytes follow from its id, block by block, and are kept nowhere."""

    id: str
    name: str
    size: int
    content: bytes | None = None
    summed: str | None = None

    def part(self, first: int, last: int) -> bytes:
        """The bytes from ``first`` to ``last``, both included and cut at the end of the file."""
        end = min(last + 1, self.size)
        if self.content is not None:
            return self.content[first:end]
        blocks = range(first // BLOCK, -(-end // BLOCK))
        made = b"".join(Random(f"{self.id} {at}").randbytes(BLOCK) for at in blocks)  # noqa: S311 - no secret
        skipped = first - blocks.start * BLOCK
        return made[skipped : skipped + end - first]

    @property
    def md5(self) -> str | None:
        """The checksum in hexadecimal digits, None above MOST_SUMMED."""
        if self.summed is None and self.size <= MOST_SUMMED:
            digest = hashlib.md5(usedforsecurity=False)
            for first in range(0, self.size, BLOCK):
                digest.update(self.part(first, first + BLOCK - 1))
            self.summed = digest.hexdigest()
        return self.summed

    def shown(self) -> Fields:
        """What the ticket says of it."""
        return {"attachmentId": self.id, "name": self.name, "size": self.size, "md5": self.md5}


def attachment(id_: str, given: Any) -> Attachment:
    """A file out of ``{"name", "size"}`` or ``{"name", "base64"}``. Raises ValueError."""
    name = given.get("name") if isinstance(given, dict) else None
    if not name or not is_text(name):
        raise ValueError("an attachment has a name, and size or base64")
    if "base64" in given:
        content = base64.b64decode(str(given["base64"]), validate=True)
        return Attachment(id_, name, len(content), content)
    size = given.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= LARGEST:
        raise ValueError("the size of an attachment is a number of bytes")
    return Attachment(id_, name, size)
