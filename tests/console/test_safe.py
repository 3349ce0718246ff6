"""External text is made safe: nothing raw survives, nothing harmless is lost."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from console.safe import CUT, JOINS, MARKS, REPLACED, cell_width, clean, clean_lines, fit
from console.widgets.safe_text import cell, content, segments

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u200d\u2060\u2064\u3164\ufe00\ufe0f\ufeff\uffa0\U000e0041"
)
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me", "Mc", "Zl", "Zp", "Zs"]),
        st.sampled_from(
            [*BIDI, *INVISIBLE, "a", "\u0301", "👩", "☀", "\x1b", "1", CUT, REPLACED, "\r", "\n"]
        ),
    ),
    max_size=60,
)


def is_raw(char: str) -> bool:
    """Whether a character could steer a terminal or turn the text around."""
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI


def floods(text: str) -> bool:
    """Whether more marks than allowed stand on one character."""
    return re.search("M" * (MARKS + 1), "".join(unicodedata.category(c)[0] for c in text)) is not None


@given(HOSTILE)
def test_whatever_comes_nothing_raw_is_left(text: str) -> None:
    shown = clean(text)
    assert not any(map(is_raw, shown))
    assert not floods(shown)
    shown.encode("utf-8")


@given(HOSTILE, st.none() | st.integers(0, 70))
def test_cleaning_twice_changes_nothing(text: str, limit: int | None) -> None:
    once = clean(text, limit)
    assert clean(once, limit) == once


@given(HOSTILE, st.integers(0, 70))
def test_a_limit_is_kept_and_seen(text: str, limit: int) -> None:
    shown, whole = clean(text, limit), clean(text)
    assert len(shown) <= limit
    assert shown == whole if len(whole) <= limit else shown.endswith(CUT) or not limit


@given(HOSTILE, st.integers(0, 30), st.booleans())
def test_a_cell_takes_exactly_its_width(text: str, width: int, right: bool) -> None:
    shown = fit(text, width, right=right)
    assert cell_width(shown) == width
    assert sum(map(cell_width, shown)) == width  # also for a terminal that joins nothing
    assert not any(map(is_raw, shown))


@given(HOSTILE)
def test_lines_are_kept_and_each_is_clean(text: str) -> None:
    lines = clean_lines(text).split("\n")
    assert not any(is_raw(char) for line in lines for char in line)
    assert clean_lines(clean_lines(text)) == clean_lines(text)


@pytest.mark.parametrize(
    "text",
    [
        "Müller & Söhne GmbH [/x] [neu] [bold red]",
        "Nguyễn Thị Hằng",
        unicodedata.normalize("NFD", "Ångström Nguyễn"),
        "12\u00a0408,50\u202f€",
        "שלום مرحبا हिन्दी ไทย 東京 한국어",
        "😀 ☀️ ❤️ 1️⃣ 👩‍💻 👨‍👩‍👧‍👦 👍🏽 🇩🇪 🏳️‍🌈",
        "\U0001fae8",  # newer than this Python may be
        "",
    ],
)
def test_what_is_harmless_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;aGk=\x1b\\", "␛]52;c;aGk=␛\\"),
        ("\x9b31m", "�31m"),
        ("a\tb\nc\r\nd\re\x85f\u2028g", "a␉b⏎c⏎d␍e⏎f⏎g"),
        ("\x00\x07\x7f", "␀␇␡"),
        ("invoice\u202efdp.exe", "invoice�fdp.exe"),
        ("Mül\u200bler\u00ad", "Mül�ler¬"),
        ("\ud800x", "�x"),
        ("ab\u200dc", "ab�c"),
        ("\u0301a", "◌\u0301a"),
        ("e" + "\u0301" * 1000 + "x", "e" + "\u0301" * MARKS + "�x"),
        ("☀\ufe0f\ufe0f\ufe0f", "☀\ufe0f��"),
        ("\U000e0067\U000e007f", "��"),
    ],
)
def test_what_could_deceive_is_seen(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_an_endless_chain_of_joined_emoji_is_broken() -> None:
    assert clean("\u200d".join("👩" * 100)).count("\u200d") < 100
    assert not re.search(f"(?:\u200d👩){{{JOINS + 1}}}", clean("\u200d".join("👩" * 100)))


def test_a_cut_text_ends_in_an_ellipsis_and_no_torn_emoji() -> None:
    assert clean("Wohnbau Musterstadt", 8) == "Wohnbau…"
    assert clean("ab👩‍💻cd", 5) == "ab👩…"
    assert (clean("abc", 1), clean("abc", 0), clean("abc", 3)) == ("…", "", "abc")
    assert len(clean("x" * 10_000_000, 40)) == 40


def test_cells_are_padded_and_cut_at_columns_not_at_characters() -> None:
    assert fit("ab", 4) == "ab  "
    assert fit("ab", 4, right=True) == "  ab"
    assert fit("東京都", 5) == "東京…"
    assert fit("東京都", 4) == "東… "
    assert fit("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert fit("☀️👩‍💻", 5) == "☀👩💻"


def test_long_text_can_keep_its_lines() -> None:
    assert clean_lines("a\r\nb\x1b\n\nc") == "a\nb␛\n\nc"
    assert clean_lines("abcdef", 4) == "abc…"


def test_content_and_cells_never_read_markup() -> None:
    text = "Müller [/GmbH] [neu] \x1b[31m"
    assert content(text).plain == cell(text).plain == "Müller [/GmbH] [neu] ␛[31m"
    assert content(text, "bold").plain == content(text).plain
    assert content("a\nb", lines=True).plain == "a\nb"
    assert content(text).spans == []


def test_matches_in_a_cell_are_marked_and_the_width_stays() -> None:
    plain, found = Style(), Style(underline=True)
    pieces = segments("Haus 東 Haus", 14, plain, match=re.compile("haus", re.I), match_style=found)
    assert [(s.text, s.style) for s in pieces] == [
        ("Haus", plain + found), (" 東 ", plain), ("Haus", plain + found), ("  ", plain)
    ]  # fmt: skip
    assert sum(s.cell_length for s in pieces) == 14
    empty = segments("ab", 2, plain, match=re.compile(""), match_style=found)
    assert [s.text for s in empty] == ["ab"]


def test_the_command_line_can_clean_without_any_screen() -> None:
    code = "import sys, console.safe as s; s.clean('\\x1b'); print({'textual', 'rich'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
