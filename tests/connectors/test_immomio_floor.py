"""The floor as a number: the documented examples, what follows from them, and whatever an ERP may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.immomio.floor import HIGHEST, floor


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("Erdgeschoss, links", 0),
        ("Keller, links", -1),
        ("2", 2),
        ("3. Etage, links", 3),
        ("Dachgeschoss, mitte", None),
        # what follows from the rule
        ("EG", None),
        ("Kellergeschoss 2", -1),
        ("Erdgeschoss, Haus 3", 0),
        ("1. Obergeschoss", 1),
        ("Souterrain", None),
        ("ERDGESCHOSS", 0),
        ("Erdgeschoß", 0),
        ("Keller im Erdgeschoss", 0),
        ("-1", -1),
        ("+2", 2),
        (" 12 ", 12),
        ("Haus-4", 4),
        ("2-3", 2),
        ("Haus 4711", None),
        ("9" * 5000, None),
    ],
)
def test_the_documented_rule_is_kept(raw: str | None, number: int | None) -> None:
    assert floor(raw) == number


@given(st.integers(-HIGHEST, HIGHEST))
def test_a_number_is_that_number(number: int) -> None:
    assert floor(str(number)) == number
    assert floor(f"{number}. Etage") == number


@given(st.text())
def test_whatever_an_erp_holds_has_a_floor_or_none(raw: str) -> None:
    found = floor(raw)
    assert found is None or abs(found) <= HIGHEST
    assert floor(f"{raw} ERDGESCHOSS") == 0
    assert floor(raw.upper()) == floor(raw.upper().lower())
