"""Hide what names a person, for projectors and screenshots. A view: the data itself is never touched."""

from __future__ import annotations

import re

from connectors.contract import EntityMapping, FieldChange, Value

SHORT = 3
"""A text with fewer characters is hidden whole."""

_EMAIL = re.compile(r"([^@\s])[^@\s]*@(\S+)")


def masked(value: Value) -> Value:
    """The value as it may be seen by bystanders: e-mail ``e…@example.org``, phone ``…456``, name ``M…``."""
    if isinstance(value, tuple):
        return tuple(_text(part) for part in value)
    if isinstance(value, str):
        return _text(value)
    return value if value is None else "…"


def hidden(text: str, mask: bool) -> str:
    """A personal text, as bystanders may see it where it is masked."""
    return str(masked(text)) if mask else text


def mask_mails(text: str) -> str:
    """A longer text in which every e-mail address is masked."""
    return _EMAIL.sub(r"\1…@\2", text)


def mask_fields(mapping: EntityMapping, fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    """The field changes with all personal values masked."""
    personal = {field.name for field in mapping.fields if field.personal}
    return tuple(
        FieldChange(f.name, masked(f.old), masked(f.new), f.source, f.rule) if f.name in personal else f
        for f in fields
    )


def _text(value: str) -> str:
    if not value:
        return value
    if match := _EMAIL.fullmatch(value):
        return f"{match[1]}…@{match[2]}"
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 6 and len(digits) * 2 > len(value):
        return f"…{digits[-3:]}"
    # The first letter helps to tell records apart; of a house number or two letters it would be half.
    return f"{value[0]}…" if value[0].isalpha() and len(value) >= SHORT else "…"
