"""Regular expressions that a person types: the harmless ones look far enough, the others are refused."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.filters import FilterError, parse
from console.i18n import setup
from console.store.pattern_cost import LEAST, MOST, Costly, reach
from console.store.plan_query import matches


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        ("700100", MOST),
        ("^10/00101", MOST),
        (r"^10-\d+$", 1000),
        ("10.*700", 1000),
        ("10.*700.*1", LEAST),
        ("M(ü|ue)ller", MOST),
        ("(?:Herr|Frau) [A-Z]+", 1000),
        (r"[^()*]+", 1000),
        (r"\d{5}", MOST),
        ("Stra(ss|ß)e ?[0-9]*", 500),
        ("a{", MOST),
    ],
)
def test_a_usual_pattern_looks_far_enough(pattern: str, least: int) -> None:
    re.compile(pattern)
    assert reach(pattern) >= least


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*",
        "(a|a)*b",
        "(a|aa)+$",
        "((a+)b?)*",
        r"(\d\d?)*x",
        "(.*a){20}",
        "a?" * 30 + "a" * 30,
        "(a|a)" * 30,
        ".*" * 5 + "x",
        r"(a)\1*",
        "(?P<n>a)(?P=n)",
        "(?>a*)b",
        "(?x)a",
        "a{1,2000}",
        "a{2000}",
        "x" * 1000,
    ],
)
def test_a_pattern_that_could_take_for_ever_is_refused_with_a_sentence(pattern: str) -> None:
    setup("de")
    with pytest.raises(Costly):
        reach(pattern)
    with pytest.raises(FilterError, match="Muster"):
        parse(f"/{pattern}/")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="a.()|*+?{},1[]\\^$", max_size=30), st.sampled_from("ab"))
def test_what_is_allowed_never_takes_long(pattern: str, end: str) -> None:
    try:
        re.compile(pattern)
        reach(pattern)
    except (re.error, Costly, OverflowError):
        return
    begun = time.process_time()
    matches(pattern, "a" * 30_000 + end + "!")
    assert time.process_time() - begun < 5


def test_long_lines_are_looked_at_from_their_beginning_only() -> None:
    two = "x.*y.*z"
    assert matches(two, "-" * 40 + "x--y--z")
    assert matches(two, "-" * 1000 + "\n" + "x--y--z")
    assert not matches(two, "-" * 1000 + "x--y--z")
    assert matches("x--y--z", "-" * 1000 + "x--y--z")
