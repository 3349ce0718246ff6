"""Canonical bytes: one line per record, equal exactly when the records are, sorted by key as bytes.

A line is ``entity US id NUL payload``. The payload is a JSON array of the mapped fields' values in the
mapping's order, or ``S`` and a JSON array for a record that is skipped. Neither holds a raw newline or NUL,
so lines can be stored one under the other, and comparing lines needs no parsing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from connectors.contract import EntityMapping, Kind, Record, Skipped, Text, Value
from connectors.equality import plain

UNIT = b"\x1f"
NUL = b"\x00"
SKIP = b"S"


class CodecError(ValueError):
    """A record cannot be encoded; the text names entity and field, never a value."""


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("not finite")
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _timestamp(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("without time zone")
    return value.astimezone(UTC).isoformat()


_ENCODERS: dict[Kind, tuple[type | tuple[type, ...], Callable[[Any], Any]]] = {
    Kind.TEXT: (str, str),
    Kind.INTEGER: (int, int),
    Kind.DECIMAL: (Decimal, _decimal),
    Kind.BOOLEAN: (bool, bool),
    Kind.DATE: (date, date.isoformat),
    Kind.TIMESTAMP: (datetime, _timestamp),
    Kind.LIST: (tuple, list),
    Kind.SET: (tuple, lambda value: sorted(set(value))),
}

_AS_IS: dict[Kind, type] = {Kind.TEXT: str, Kind.INTEGER: int, Kind.BOOLEAN: bool}
"""Kinds whose values are their own canonical form; exactly these types pass without a further look."""

_DECODERS: dict[Kind, Callable[[Any], Value]] = {
    Kind.DECIMAL: Decimal,
    Kind.DATE: date.fromisoformat,
    Kind.TIMESTAMP: datetime.fromisoformat,
    Kind.LIST: tuple,
    Kind.SET: tuple,
}


@dataclass(frozen=True, slots=True)
class SkipNote:
    """Why a line's record is skipped, as read back from the line."""

    rule: str
    reason: Text


class Codec:
    """Encodes and decodes the records of one use case by its mappings."""

    def __init__(self, mappings: tuple[EntityMapping, ...]) -> None:
        self.mappings = {mapping.entity: mapping for mapping in mappings}
        self._plans = {
            mapping.entity: tuple(
                (f.name, f.kind, _AS_IS.get(f.kind), *_ENCODERS[f.kind]) for f in mapping.fields
            )
            for mapping in mappings
        }
        self._decoders = {
            mapping.entity: tuple((f.name, _DECODERS.get(f.kind)) for f in mapping.fields)
            for mapping in mappings
        }

    def line(self, record: Record) -> bytes:
        """The canonical line of a record. Raises CodecError for a wrong type or an id that is no key."""
        return key(record.entity, record.id) + NUL + self.payload(record.entity, record.fields)

    def payload(self, entity: str, fields: Mapping[str, Value]) -> bytes:
        """The canonical bytes of a record's mapped fields; fields without a mapping are left out."""
        values: list[Any] = []
        for name, kind, as_is, types, encode in self._plans[entity]:
            value = fields.get(name)
            if value is None or value.__class__ is as_is:
                values.append(value)
                continue
            if not isinstance(value, types) or (kind is Kind.INTEGER and isinstance(value, bool)):
                raise CodecError(f"{entity}.{name} holds {type(value).__name__}, not {kind}")
            try:
                values.append(encode(value))
            except ValueError as error:
                raise CodecError(f"{entity}.{name}: {error}") from error
        try:
            return orjson.dumps(values)
        except orjson.JSONEncodeError as error:
            raise CodecError(f"{entity}: a text or number has no canonical form") from error

    def meaning(self, entity: str, fields: Mapping[str, Value]) -> bytes:
        """The canonical bytes of what the fields mean: the same however a record is spelled."""
        values = {f.name: plain(f, fields.get(f.name)) for f in self.mappings[entity].fields}
        return self.payload(entity, values)

    def decode(self, entity: str, payload: bytes) -> dict[str, Value]:
        """The fields of a payload made by ``payload``."""
        values = orjson.loads(payload)
        return {
            name: value if value is None or make is None else make(value)
            for (name, make), value in zip(self._decoders[entity], values, strict=True)
        }


def is_key(id_: str) -> bool:
    """Whether an id can be the key of a line: it is not empty, and nothing in it is unprintable."""
    return bool(id_) and id_.isprintable()


def key(entity: str, id_: str) -> bytes:
    """The part of a line that sorts it: by entity, then by id."""
    if not is_key(id_):
        raise CodecError(f"{entity}: an id is empty or holds control characters")
    return entity.encode() + UNIT + id_.encode()


def split(line: bytes) -> tuple[bytes, bytes]:
    """Key and payload of a line."""
    head, _, payload = line.partition(NUL)
    return head, payload


def unkey(head: bytes) -> tuple[str, str]:
    """Entity and id of a key."""
    entity, _, id_ = head.partition(UNIT)
    return entity.decode(), id_.decode()


def skip_line(skipped: Skipped) -> bytes:
    """The line of a record that is not sent."""
    return key(skipped.entity, skipped.id) + NUL + skip_payload(skipped.rule, skipped.reason)


def skip_payload(rule: str, reason: Text) -> bytes:
    """The payload that marks a skip."""
    return SKIP + orjson.dumps([rule, reason.code, dict(reason.args)], option=orjson.OPT_SORT_KEYS)


def skip_note(payload: bytes) -> SkipNote:
    """Rule and reason of a skip's payload."""
    rule, code, args = orjson.loads(payload[1:])
    return SkipNote(rule, Text(code, args))
