"""Cells of exports, the keys made of them, and the table of columns, without a file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.erp import cells, layout
from connectors.erp.files_parse import REFERENCES, internal_id
from connectors.housing import ENTITIES
from connectors.letting import ENTITIES as LETTING


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_a_german_number_means_the_same_with_and_without_thousands_dots(value: Decimal) -> None:
    plain = f"{value:f}".replace(".", ",")
    dotted = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    assert cells.decimal(2)(plain) == cells.decimal(2)(f" {dotted} ") == value


@pytest.mark.parametrize(
    "text", ["1,234.50", "1.23", "0.123", "12.34,5", "1e3", "1,", "--1", "1 000", "½", "\u0661"]
)
def test_what_is_no_german_number_is_refused(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.decimal(2)(text)


@given(st.dates())
def test_a_day_is_understood_in_german_and_iso_spelling(day: date) -> None:
    german = f"{day.day:02d}.{day.month:02d}.{day.year:04d}"
    assert cells.day(german) == cells.day(day.isoformat()) == cells.day(f"{german} 00:00:00") == day


@pytest.mark.parametrize(
    "text", ["31.02.2025", "1.1.25", "2025/12/31", "12-31-2025", "00.00.0000", "45000", "heute"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.day(text)


CELLS = st.text(max_size=8) | st.decimals(allow_nan=False, allow_infinity=False) | st.dates() | st.booleans()


@given(CELLS)
def test_no_cell_makes_a_parser_raise_anything_but_its_refusal(cell: Any) -> None:
    for parse in (cells.text, cells.texts, cells.decimal(2), cells.integer, cells.day, cells.boolean):
        with suppress(cells.BadCell):
            parse(cell)


@given(st.lists(st.tuples(st.text("a|\\", max_size=3), st.text("a|\\", max_size=3)), max_size=6, unique=True))
def test_different_keys_never_share_an_internal_id(keys: list[tuple[str, str]]) -> None:
    assert len({internal_id(key) for key in keys}) == len(keys)


def test_the_table_of_columns_names_fields_that_exist() -> None:
    for kind in (*ENTITIES, *LETTING):
        form = layout.defaults()[kind.NAME]
        assert {*form.key, *form.required, *form.filled} <= set(form.columns)
        own = {f.name for f in fields(kind)} | {"erp_key", "mandant"}
        assert {name for name in form.columns if "." not in name} <= own
        assert {r.entity for r in REFERENCES.get(kind.NAME, ())} <= set(layout.defaults())
        for reference in REFERENCES.get(kind.NAME, ()):
            assert len(reference.fields) == len(layout.defaults()[reference.entity].key)
