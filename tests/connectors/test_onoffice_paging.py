"""Lists of onOffice are read whole and once, whatever the other side does with pages and totals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.onoffice.paging import Listing, further, page_of, unknown_field, without
from connectors.onoffice.wire import READ, Answer, Call, Refusal, Row

ESTATES = Call(READ, "estate", parameters={"data": ["Id"], "filter": {"status": [{"op": "=", "val": 1}]}})


def _page(first: int, last: int, total: int | None) -> Answer:
    return Answer(tuple(Row(id_, "estate", {}) for id_ in range(first, last)), total)


@given(st.integers(0, 400), st.integers(1, 90), st.booleans())
def test_every_row_comes_once_whatever_a_page_holds(rows: int, size: int, told: bool) -> None:
    listing, found = Listing(ESTATES), []
    total = rows if told else None
    for _ in range(rows + 2):
        for offset in listing.due():
            found += listing.take(_page(offset, min(offset + size, rows), total))
    assert [row.id for row in found] == list(range(rows))
    assert listing.due() == []


@given(st.integers(0, 400), st.integers(1, 90))
def test_page_by_page_it_is_the_same(rows: int, size: int) -> None:
    found: list[int | str] = []
    offset: int | None = 0
    while offset is not None:
        answer = _page(offset, min(offset + size, rows), rows)
        found += [row.id for row in answer.rows]
        offset = further(answer, offset)
    assert found == list(range(rows))


def test_the_first_page_goes_alone_and_then_all_that_must_be_there() -> None:
    listing = Listing(ESTATES)
    assert listing.due() == [0]
    listing.take(_page(0, 500, 1800))
    assert listing.due() == [500, 1000, 1500]


def test_a_server_that_repeats_a_page_for_ever_is_not_followed() -> None:
    listing = Listing(ESTATES)
    assert len(listing.take(_page(0, 500, None))) == 500
    assert listing.take(_page(0, 500, None)) == []
    assert listing.due() == []


def test_rows_that_vanish_while_they_are_read_end_the_list() -> None:
    listing = Listing(ESTATES)
    listing.take(_page(0, 500, 700))
    listing.take(_page(500, 650, 650))
    assert listing.due() == []


def test_a_refused_page_ends_the_list() -> None:
    listing = Listing(ESTATES)
    listing.take(_page(0, 500, 700))
    listing.take(Answer(error=Refusal(156)))
    listing.take(_page(500, 700, 700))
    assert (listing.due(), listing.answer.error) == ([], Refusal(156))


def test_each_kind_of_list_is_sorted_in_the_form_that_has_an_effect() -> None:
    address = page_of(Call(READ, "address"), 500).parameters
    assert address == {"sortby": "KdNr", "sortorder": "ASC", "listlimit": 500, "listoffset": 500}
    assert page_of(ESTATES, 0).parameters["sortby"] == {"Id": "ASC"}
    own = Call(READ, "estate", parameters={"sortby": {"geaendert_am": "DESC"}})
    assert page_of(own, 0).parameters["sortby"] == {"geaendert_am": "DESC"}
    assert page_of(Call(READ, "log"), 500).parameters == {"listlimit": 500, "listOffset": 500}


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("Unknown field: ind_77_Feld_ObjTech12", "ind_77_Feld_ObjTech12"),
        ('Unknown field: "adrId:adressen.ID"', "adrId:adressen.ID"),
        ("Unknown field in estate data: lage", "lage"),
        ("Something else", ""),
        ("", ""),
    ],
)
def test_the_field_that_is_not_known_is_read_from_the_message(message: str, name: str) -> None:
    assert unknown_field(Refusal(141, message)) == name


def test_a_field_is_left_out_of_what_is_read_and_never_of_a_filter() -> None:
    call = page_of(Call(READ, "estate", parameters={"data": ["Id", "lage"]}), 0)
    fewer = without(call, "lage")
    assert fewer is not None
    assert (fewer.parameters["data"], "sortby" in fewer.parameters) == (["Id"], True)
    unsorted = without(call, "Id")
    assert unsorted is not None
    assert (unsorted.parameters["data"], "sortby" in unsorted.parameters) == (["lage"], False)
    assert without(ESTATES, "status") is None
    assert without(ESTATES, "Id") is None
