"""Which kinds of records there are: a sample has one of each. Pure.

A stratum is a value of a field that the use case names (each Mandant, each type of unit), an entity, a rule
by which records are left out, or an oddity that transfers stumble over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from connectors.contract import EntityMapping, Record, Skipped, Value
from console.exports import cell


class Oddity(StrEnum):
    """What makes a record worth a look."""

    UMLAUTS = "umlauts"  # letters beyond ASCII
    SIGNS = "signs"  # quotes, brackets, ampersands: what formats have to escape
    ZERO = "zero"  # an amount of nothing
    SEVERAL = "several"  # a list with more than one value: tenants, phone numbers
    ZEROS = "zeros"  # a number that begins with zeros
    LONGEST = "longest"  # the longest texts of all


class Sort(StrEnum):
    """What a stratum is about."""

    ENTITY = "entity"
    VALUE = "value"
    RULE = "rule"
    ODD = "odd"


@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """One kind of records: ``VALUE`` with the field's name and the value, the others with one word."""

    sort: Sort
    what: str
    value: str = ""


LONGEST = Stratum(Sort.ODD, Oddity.LONGEST)
"""The stratum of which not any record stands for all, but the longest."""

_LETTERS = re.compile(r"[^\W\d_]")
_SIGNS = re.compile(r"[&<>\"'\\;|{}\[\]]")
_ZEROS = re.compile(r"0\d+")


def strata(
    record: Record | Skipped, mapping: EntityMapping | None, fields: tuple[str, ...]
) -> frozenset[Stratum]:
    """Every stratum that a record belongs to; ``fields`` are those that the use case names."""
    found = {Stratum(Sort.ENTITY, record.entity)}
    for name in fields:
        value = record.fields.get(name)
        if value not in (None, "", ()):
            found.add(Stratum(Sort.VALUE, name, cell(value)))
    if isinstance(record, Skipped):
        found.add(Stratum(Sort.RULE, record.rule))
    elif mapping is not None:
        found |= {Stratum(Sort.ODD, odd) for odd in _oddities(record, mapping)}
        found.add(LONGEST)
    return frozenset(found)


def length(record: Record | Skipped) -> int:
    """The letters of a record's longest text."""
    return max((len(text) for value in record.fields.values() for text in _texts(value)), default=0)


def _oddities(record: Record, mapping: EntityMapping) -> Iterator[Oddity]:
    for field in mapping.fields:
        value = record.fields.get(field.name)
        if isinstance(value, Decimal) and not value:
            yield Oddity.ZERO
        if isinstance(value, tuple) and len(value) > 1:
            yield Oddity.SEVERAL
        for text in _texts(value):
            if not text.isascii() and any(not letter.isascii() for letter in _LETTERS.findall(text)):
                yield Oddity.UMLAUTS
            if _SIGNS.search(text):
                yield Oddity.SIGNS
            if _ZEROS.fullmatch(text):
                yield Oddity.ZEROS


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()
