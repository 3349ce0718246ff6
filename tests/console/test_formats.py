"""Numbers, dates and durations in German and English, held against Babel."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.numbers import format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from console import formats, i18n


@pytest.mark.parametrize("language", ["de", "en"])
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_a_number_reads_as_babel_writes_it(language: str, value: Decimal) -> None:
    i18n.setup(language)
    assert formats.number(value) == format_decimal(value, locale=language)


@pytest.mark.parametrize("language", ["de", "en"])
@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_a_count_has_its_thousands_apart(language: str, value: int) -> None:
    i18n.setup(language)
    assert formats.count(value) == format_decimal(value, locale=language)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("share", [0, 0.07, 0.61, 1, 12.5])
def test_a_share_reads_as_babel_writes_it(language: str, share: float) -> None:
    i18n.setup(language)
    assert formats.percent(share) == format_percent(share, locale=language)


def test_decimals_are_kept_when_asked_for() -> None:
    assert formats.number(1234.5, 2) == "1.234,50"
    assert formats.number(-0.004, 2) == "0,00"
    assert formats.percent(0.1234, 1) == "12,3\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (12.4, "0:12"), (59.6, "1:00"), (723, "12:03"), (3723, "1:02:03"), (-5, "0:00")],
)
def test_a_duration_reads_like_a_clock(seconds: float, text: str) -> None:
    assert formats.duration(seconds) == text


def test_a_date_comes_in_the_order_of_the_language() -> None:
    assert formats.date(date(2026, 3, 4)) == "04.03.2026"
    i18n.setup("en")
    assert formats.date(date(2026, 3, 4)) == "4 Mar 2026"


@pytest.mark.skipif(not hasattr(__import__("time"), "tzset"), reason="the time zone of the process is fixed")
def test_a_time_with_a_zone_is_shown_in_the_local_one() -> None:
    assert formats.datetime(datetime(2026, 11, 22, 23, 4, tzinfo=UTC)) == "23.11.2026, 00:04"
    assert formats.datetime(datetime(2026, 11, 22, 23, 4)) == "22.11.2026, 23:04"
    i18n.setup("en")
    assert formats.datetime(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) == "1 Jul 2026, 11:00"
