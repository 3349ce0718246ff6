"""What can be wrong with a list: data, so that whoever shows it words it in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class MistakeKind(StrEnum):
    """The kinds of mistakes."""

    SYNTAX = "syntax"  # no TOML
    ENCODING = "encoding"  # not UTF-8
    UNREADABLE = "unreadable"
    MISSING = "missing"  # a key that must be there
    UNKNOWN = "unknown"  # a key that nobody reads
    TYPE = "type"
    VALUE = "value"  # none of those allowed
    REPEATED = "repeated"  # an id or key that is there already


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake and its place. ``found`` is what stood there, ``allowed`` what may stand there."""

    kind: MistakeKind
    file: str
    line: int
    key: str = ""
    found: str = ""
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = [f"{self.file}:{self.line}", self.key, self.kind.value, self.found]
        return " ".join(filter(None, words)) + (
            f" (allowed: {', '.join(self.allowed)})" if self.allowed else ""
        )


class Wrong(Exception):
    """Lists that cannot be used; ``mistakes`` has all of them."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(map(str, self.mistakes)))
