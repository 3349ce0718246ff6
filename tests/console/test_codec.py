from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from connectors.contract import Equality, Field, Kind, Skipped, Text, Value
from connectors.equality import equal
from console.sync.codec import CodecError, key, skip_line, skip_note, split, unkey
from tests.console.engine_kit import CODEC, FLAT, fields, full, ids, record

Fields = dict[str, Value]


@given(ids, fields)
def test_a_line_gives_back_what_went_in(id_: str, values: Fields) -> None:
    head, payload = split(CODEC.line(record(id_, **values)))
    assert unkey(head) == ("flat", id_)
    decoded = CODEC.decode("flat", payload)
    assert all(equal(f, decoded[f.name], full(values)[f.name]) for f in FLAT.fields)


@given(ids, fields)
def test_encoding_is_stable_and_free_of_line_breaks(id_: str, values: Fields) -> None:
    line = CODEC.line(record(id_, **values))
    _, payload = split(line)
    assert CODEC.line(record(id_, **CODEC.decode("flat", payload))) == line
    assert b"\n" not in line
    assert b"\x00" not in payload


@given(ids, fields, ids, fields)
def test_lines_sort_by_id_whatever_the_fields_hold(a: str, x: Fields, b: str, y: Fields) -> None:
    one, two = CODEC.line(record(a, **x)), CODEC.line(record(b, **y))
    if a != b:
        assert (one < two) == (a.encode() < b.encode())


@pytest.mark.parametrize(
    ("one", "two"),
    [(Decimal("512.40"), Decimal("512.4")), (Decimal("1E+2"), Decimal(100)), (Decimal("-0.0"), Decimal(0))],
)
def test_numbers_that_mean_the_same_have_one_spelling(one: Decimal, two: Decimal) -> None:
    assert CODEC.line(record("1", rooms=one)) == CODEC.line(record("1", rooms=two))


def test_moments_in_two_time_zones_have_one_spelling() -> None:
    berlin = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert CODEC.line(record("1", seen=berlin)) == CODEC.line(record("1", seen=berlin.astimezone(UTC)))


def test_a_set_has_no_order_and_a_list_has() -> None:
    assert CODEC.line(record("1", tags=("b", "a"))) == CODEC.line(record("1", tags=("a", "b", "a")))
    assert CODEC.line(record("1", lines=("b", "a"))) != CODEC.line(record("1", lines=("a", "b")))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rooms", 2.5),
        ("built", True),
        ("rooms", Decimal("NaN")),
        ("seen", datetime(2026, 1, 1)),
        ("name", "\ud800"),
    ],
)
def test_a_wrong_value_is_refused_by_field_and_never_quoted(name: str, value: Any) -> None:
    with pytest.raises(CodecError, match="flat") as caught:
        CODEC.line(record("1", **{name: value}))
    assert "2.5" not in str(caught.value)


@pytest.mark.parametrize("id_", ["", "10\n20", "10\x0020", "10\u202e20"])
def test_an_id_that_is_no_key_is_refused(id_: str) -> None:
    with pytest.raises(CodecError):
        key("flat", id_)


def test_a_skip_carries_rule_and_reason() -> None:
    reason = Text("bots4you.contract_number_missing", {"lease": "4711"})
    _, payload = split(skip_line(Skipped("flat", "7", "B3", reason)))
    note = skip_note(payload)
    assert (note.rule, note.reason) == ("B3", reason)


def test_blanks_and_unicode_form_mean_nothing_where_the_field_says_so() -> None:
    name, rooms = FLAT.fields[0], FLAT.fields[1]
    assert equal(name, "Müller  Straße ", "Mu\u0308ller Straße")
    assert equal(name, "", None)
    assert not equal(name, "Müller", "Muller")
    assert not equal(rooms, Decimal(0), None)
    phones = Field("phones", Kind.LIST, "person.phones", "B3", Equality.EMPTY)
    assert equal(phones, (), None)
    assert not equal(phones, ("",), None)
