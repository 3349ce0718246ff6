"""Masking: what a bystander may see of a person's data."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import EntityMapping, Field, FieldChange, Kind, Value
from console.masking import mask_fields, masked


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, None),
        ("", ""),
        ("Mustermann", "M…"),
        ("Am Alten Markt 7", "A…"),
        ("7", "…"),
        ("12a", "…"),
        ("Wu", "…"),
        ("erika@example.org", "e…@example.org"),
        ("+49 30 1234567", "…567"),
        ("0301234", "…234"),
        (("+491713920068", ""), ("…068", "")),
        (date(1970, 1, 31), "…"),
        (datetime(1970, 1, 31, tzinfo=UTC), "…"),
        (1970, "…"),
        (Decimal("512.40"), "…"),
        (True, "…"),
    ],
)
def test_little_of_a_value_is_left(value: Value, seen: Value) -> None:
    assert masked(value) == seen


@given(st.text(min_size=6))
def test_no_text_of_some_length_stays_readable(text: str) -> None:
    seen = masked(text)
    assert isinstance(seen, str)
    assert text not in seen


def test_only_personal_fields_are_masked() -> None:
    mapping = EntityMapping(
        "tenant",
        (
            Field("lastName", Kind.TEXT, "person.last_name", "B3", personal=True),
            Field("clientNumber", Kind.TEXT, "lease.mandant", "B3"),
        ),
    )
    changes = (
        FieldChange("lastName", "Mustermann", "Musterfrau", "person.last_name", "B3"),
        FieldChange("clientNumber", "10", "20", "lease.mandant", "B3"),
    )
    first, second = mask_fields(mapping, changes)
    assert (first.old, first.new, first.source) == ("M…", "M…", "person.last_name")
    assert second is changes[1]
