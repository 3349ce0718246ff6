"""The words of data: values, fields and their mapping, records, pages and scopes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

Value = None | bool | int | Decimal | date | datetime | str | tuple[str, ...]
"""What a field may hold. Nested objects become dotted fields or entities of their own."""

T_co = TypeVar("T_co", covariant=True)


class Kind(StrEnum):
    """The type of a field's value; it decides the canonical spelling."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    LIST = "list"  # a tuple of texts whose order means something
    SET = "set"  # a tuple of texts whose order means nothing


class Equality(StrEnum):
    """When two values that differ byte by byte still count as equal."""

    EXACT = "exact"
    BLANKS = "blanks"  # leading, trailing and repeated blanks mean nothing
    EMPTY = "empty"  # an empty text and no value mean the same


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a target entity and the answer to "why does it hold this?".

    ``source`` names the canonical field it comes from (``lease.number``), ``rule`` the rule id.
    """

    name: str
    kind: Kind
    source: str
    rule: str
    equality: Equality = Equality.EXACT
    personal: bool = False  # names a person: masked on screens, never in a log


@dataclass(frozen=True, slots=True)
class EntityMapping:
    """The declared fields of one target entity, in the order in which they are shown and encoded."""

    entity: str
    fields: tuple[Field, ...]

    @property
    def version(self) -> str:
        """A digest that changes whenever a field, its kind or its equality does."""
        text = "\n".join(f"{f.name}|{f.kind}|{f.source}|{f.equality}" for f in self.fields)
        return hashlib.sha256(f"{self.entity}\n{text}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence as data: a code of a ``texts.toml`` and its arguments (ids and counts, nothing personal)."""

    code: str
    args: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a target entity: its external id and its fields by name."""

    entity: str
    id: str
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A source record that is not sent, with the rule that says so. ``fields`` serves scopes only."""

    entity: str
    id: str
    rule: str
    reason: Text
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A part of a reading. ``next`` is where the reading goes on; None after the last page. ``gaps`` name
    places of which nobody can tell whether the source gave everything."""

    records: Sequence[T_co]
    next: str | None = None
    gaps: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reading is limited to. ``mandanten`` None means all (chosen expressly, rule C3); ``archives``
    are the names of the document archives, None for all."""

    mandanten: frozenset[str] | None = None
    archives: frozenset[str] | None = None


ALL = Scope()
