"""A search that gives only its first hits is split until nothing is missing and nothing comes twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.archive.splitting import (
    ALPHABET,
    CHECKABLE,
    Check,
    Keys,
    NoDay,
    Query,
    Step,
    TooMany,
    checked,
    from_text,
    noted,
    split,
    to_text,
)

DAY, CONTRACT = 3, 2
KEYS = Keys(DAY, CONTRACT)
Values = Mapping[int, str]


def searched(documents: Sequence[Values], query: Query, keys: Keys, most: int) -> list[Values]:
    """What an archive answers that compares without regard to case, as databases like to."""

    def fits(value: str, pattern: str) -> bool:
        value, pattern = value.lower(), pattern.lower()
        return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern

    found = [d for d in documents if all(fits(d.get(key, ""), want) for key, want in query.values(keys))]
    return found[:most]


def walk(documents: Sequence[Values], keys: Keys, most: int, resume: bool = False) -> list[Values]:
    """Everything that is found, as the client goes about it."""
    pending, found = list[Step]([Query(1)]), list[Values]()
    while pending:
        if resume and (text := to_text(pending)):
            pending = from_text(text)
        query = pending.pop()
        assert isinstance(query, Query)
        hits = searched(documents, query, keys, most)
        if len(hits) >= most:
            pending += reversed(split(query, hits, keys))
        else:
            found += [d for d in hits if query.holds(d, keys)]
    return found


DAYS = st.dates().filter(lambda d: 1900 <= d.year < 2100).map(lambda d: d.isoformat())
NUMBERS = st.text(ALPHABET, max_size=4)
DOCUMENTS = st.lists(
    st.builds(lambda d, c: {DAY: d, CONTRACT: c}, st.one_of(st.just("2024-05-17"), DAYS), NUMBERS),
    max_size=25,
    unique_by=lambda d: (d[DAY], d[CONTRACT]),
)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.booleans())
def test_every_document_is_found_once_whatever_was_cut_off(
    documents: list[dict[int, str]], resume: bool
) -> None:
    found = walk(documents, KEYS, 3 if not _twins(documents) else 99, resume)
    assert sorted(map(repr, found)) == sorted(map(repr, documents))


def _twins(documents: Sequence[Values]) -> bool:
    """Whether three numbers of one day differ in case only: no part of such a server's answers is small."""
    seen = [(d[DAY], d[CONTRACT].lower()) for d in documents]
    return any(seen.count(one) >= 3 for one in seen)


def test_a_search_is_split_by_decades_years_months_and_days_first() -> None:
    def parts(day: str | None) -> list[str | None]:
        return [q.day for q in split(Query(1, day), [{DAY: "2024-05-17"}], KEYS)]

    assert parts(None) == ["19*", "20*"]
    assert parts("20*")[:2] == ["200*", "201*"]
    assert parts("202*")[-1] == "2029*"
    assert parts("2024*")[0] == "2024-01*"
    assert parts("2024-05*")[-1] == "2024-05-31"


def test_a_day_is_split_by_the_beginning_of_the_contract_number() -> None:
    found = split(Query(1, "2024-05-17"), [{CONTRACT: "§7"}], KEYS)
    assert found[0].contract == ""
    assert {"0*", "9*", "a*", "§*"} <= {q.contract for q in found}


def test_what_cannot_be_made_smaller_is_said_and_not_cut_off() -> None:
    same = [{DAY: "2024-05-17", CONTRACT: "4711"}] * 3
    with pytest.raises(TooMany):
        walk(same, KEYS, 3)
    with pytest.raises(TooMany):
        walk(same, Keys(None, None), 3)


def test_a_document_without_a_day_of_filing_would_be_missed_and_is_said() -> None:
    with pytest.raises(NoDay):
        walk([{CONTRACT: "1"}, {CONTRACT: "2"}, {CONTRACT: "3"}], KEYS, 3)


@pytest.mark.parametrize("text", ["", "{}", "[[1]]", "7", '[["x", null, null]]'])
def test_a_broken_place_to_go_on_from_is_refused(text: str) -> None:
    if text == "{}":
        assert from_text(text) == []
        return
    with pytest.raises(ValueError, match=r"."):
        from_text(text)


def test_what_was_split_is_asked_for_again_once_as_a_whole_and_a_day_by_contract_once() -> None:
    parts = [Query(1), Query(1, "20*"), Query(1, "2024-05-17"), Query(1, "2024-05-17", "4*")]
    assert [checked(part, KEYS) for part in parts] == [True, False, True, False]
    assert [checked(part, Keys(None, CONTRACT)) for part in parts[::3]] == [True, False]
    assert [Check(part).by_contract(KEYS) for part in parts[:3:2]] == [False, True]
    assert Check(Query(1)).by_contract(Keys(None, CONTRACT))


def test_what_asks_again_knows_what_was_found_until_it_is_too_much_to_ask_for() -> None:
    pending: list[Step] = [Check(Query(1)), Check(Query(2)), Query(1, "20*")]
    assert noted(pending, 1, [7, 8])[:2] == [Check(Query(1), frozenset({7, 8})), Check(Query(2))]
    (many,) = noted([Check(Query(1))], 1, range(CHECKABLE + 1))
    assert many == Check(Query(1), None)
    assert noted([many], 1, [9]) == [many]
    steps: list[Step] = [many, Check(Query(1, "2024-05-17"), frozenset({7})), Query(1, "19*")]
    assert from_text(to_text(steps) or "") == steps
