"""When two values mean the same: the one comparison by which is planned, looked up and verified."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from connectors.contract import EntityMapping, Equality, Field, FieldChange, Kind, Value


def equal(field: Field, old: Value, new: Value) -> bool:
    """Whether two values mean the same, by the equality that the field declares."""
    return old == new or plain(field, old) == plain(field, new)


def field_changes(
    mapping: EntityMapping, before: Mapping[str, Value] | None, after: Mapping[str, Value] | None
) -> tuple[FieldChange, ...]:
    """The fields that differ in meaning. Against nothing, every field that holds something differs."""
    old, new = before or {}, after or {}
    return tuple(
        FieldChange(f.name, was, will, f.source, f.rule)
        for f in mapping.fields
        if (was := old.get(f.name)) != (will := new.get(f.name)) and not equal(f, was, will)
    )


def plain(field: Field, value: Value) -> Value:
    """A value without what its field's equality calls meaningless: the same for all values that are equal."""
    if isinstance(value, tuple):
        value = tuple(unicodedata.normalize("NFC", part) for part in value)
        value = tuple(sorted(set(value))) if field.kind is Kind.SET else value
    if isinstance(value, str):
        value = unicodedata.normalize("NFC", value)
        if field.equality is Equality.BLANKS:
            value = " ".join(value.split())
    if field.equality in (Equality.EMPTY, Equality.BLANKS) and value in ("", ()):
        return None
    return value
