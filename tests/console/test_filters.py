from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import i18n
from console.filters import FAILED, FilterError, highlight, parse
from console.store.plan_query import Term, Where


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.setup("en")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("müller", Term(Where.TEXT, ("müller",))),
        ("!müller", Term(Where.TEXT, ("müller",), inverted=True)),
        ('"10 / 4"', Term(Where.TEXT, ("10 / 4",))),
        ('"12:30"', Term(Where.TEXT, ("12:30",))),
        ("10/0042", Term(Where.TEXT, ("10/0042",))),
        ("/^10 .+/", Term(Where.TEXT, ("^10 .+",), pattern=True)),
        (r"/10\/42/", Term(Where.TEXT, ("10/42",), pattern=True)),
        ("!id:/^10/", Term(Where.ID, ("^10",), pattern=True, inverted=True)),
        ("action:neu", Term(Where.ACTION, ("create",))),
        ("Aktion:GEÄ", Term(Where.ACTION, ("update",))),
        ("entity:tenant", Term(Where.ENTITY, ("tenant",))),
        ("rule:b10", Term(Where.RULE, ("B10",))),
        ("result:failed", Term(Where.RESULT, FAILED)),
        ("ergebnis:offen", Term(Where.RESULT, ("",))),
        ('value:"Am Anger"', Term(Where.VALUE, ("Am Anger",))),
    ],
)
def test_each_form_of_a_term_is_understood(text: str, term: Term) -> None:
    assert parse(text) == (term,)


def test_several_terms_must_all_hold() -> None:
    assert [term.where for term in parse("  a action:neu  !/x y/ ")] == [Where.TEXT, Where.ACTION, Where.TEXT]
    assert parse("") == parse("   ") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/abc", "no end"),
        ('"abc', "no end"),
        ("/(/", "character 1"),
        ("//", "empty"),
        ("!", "missing"),
        ("id:", "missing"),
        ("entitty:x", "“entity”"),
        ("colour:red", "known are"),
        ("action:purple", "create, new"),
        ("result:o", "known are"),  # ok and open: nobody can say which is meant
    ],
)
def test_what_cannot_be_understood_is_said_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        parse(text)


@given(st.text(max_size=40))
def test_any_text_is_understood_or_refused_with_a_sentence(text: str) -> None:
    try:
        found, said = parse(text), ""
    except FilterError as error:
        found, said = (), str(error)
    assert all(term.texts for term in found)
    assert said == "" or said.endswith(".") or "known are" in said


def test_only_what_was_looked_for_is_marked() -> None:
    mark = highlight(parse("a.b !hidden action:neu id:/c+/"))
    assert mark is not None
    assert mark.search("xA.By")
    assert mark.search("ccc")
    assert not mark.search("axb hidden new")
    assert highlight(parse("!x action:neu")) is None
