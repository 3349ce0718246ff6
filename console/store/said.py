"""What a person said of a checklist's item: the word, the answer, the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

SUBJECT = "#"
"""Between an item and the mark of a subject: no item's id holds it."""


class Said(StrEnum):
    """What a person says of an item."""

    OPEN = "open"
    DONE = "done"
    NOT_APPLICABLE = "not_applicable"
    ACCEPTED = "accepted"  # a failure that somebody takes upon themselves, with a reason


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that was put beside an answer; kept under the digest of its content."""

    sha256: str
    name: str = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A word on an item. ``who`` is the person who gave it; everything in it may be personal.

    ``due`` is the day by which the rest is promised; ``origin`` the file it was read from, "" where somebody
    typed it. Where one item is answered for many subjects (each mailbox), ``subject`` is the one that is
    meant, and ``item`` has a mark of it behind ``#``. ``accepts`` tells which finding was accepted.
    """

    item: str
    said: Said
    at: datetime
    who: str = field(repr=False)
    note: str = field(default="", repr=False)
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, repr=False)
    files: tuple[Evidence, ...] = ()
    due: date | None = None
    origin: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    accepts: str = ""

    @property
    def about(self) -> str:
        """The item, without the mark of a subject."""
        return self.item.partition(SUBJECT)[0]
