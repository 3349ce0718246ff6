"""Composite ids: build, parse, and find what makes them ambiguous (rules C1, C2, C5, I7)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

SEPARATORS = ("-", "_", ".", "/", "|")
"""The separators a customer may choose from (rule C1)."""


class EmptyPart(ValueError):
    """A part of a composite id is empty; ``name`` says which. Nothing is dropped silently (rule C2)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"part {name!r} is empty")
        self.name = name


class SeparatorInPart(ValueError):
    """A number contains the separator, so the id could not be taken apart again (rule C1)."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"part {name!r} contains the separator")
        self.name = name
        self.value = value


def clean(part: str) -> str:
    """A number as it enters an id: NFC, outer blanks removed; leading zeros and case are kept."""
    return unicodedata.normalize("NFC", part).strip()


def build(separator: str, **parts: str | None) -> str:
    """Join parts in the order given: ``build("/", mandant="10", lease="0042")`` is ``10/0042``.

    Raises EmptyPart, SeparatorInPart. Two different lists of parts never give the same id.
    """
    cleaned = []
    for name, raw in parts.items():
        part = clean(raw or "")
        if not part:
            raise EmptyPart(name)
        if separator in part or not part.isprintable():
            raise SeparatorInPart(name, part)
        cleaned.append(part)
    return separator.join(cleaned)


def parse(separator: str, composite: str, count: int) -> tuple[str, ...] | None:
    """The parts of an id that ``build`` made of ``count`` parts, else None."""
    parts = tuple(composite.split(separator))
    if len(parts) != count or not all(parts) or any(clean(p) != p for p in parts):
        return None
    return parts


def safe_separators(numbers: Iterable[str], allowed: Iterable[str] = SEPARATORS) -> tuple[str, ...]:
    """The allowed separators that occur in none of the numbers (rule C2: the ones to propose)."""
    left = list(allowed)
    for number in numbers:
        left = [s for s in left if s not in number]
        if not left:
            break
    return tuple(left)
