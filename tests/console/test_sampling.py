"""Drawing samples: every kind that exists is in it, the size is bounded, the same seed draws the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import EntityMapping, Field, Kind, Record, Skipped, Text
from console.sampling.drawing import Reservoir
from console.sampling.strata import LONGEST, Oddity, Sort, Stratum, strata

MAPPING = EntityMapping(
    "unit",
    tuple(
        Field(name, kind, f"unit.{name}", "I10")
        for name, kind in (
            ("mandant", Kind.TEXT), ("kind", Kind.TEXT), ("name", Kind.TEXT), ("rent", Kind.DECIMAL),
            ("phones", Kind.LIST), ("main", Kind.BOOLEAN), ("start", Kind.DATE),
        )
    ),
)  # fmt: skip
WHY = Text("agreed.no_source")
NAMED = ("mandant", "kind", "main")

RECORDS = st.lists(
    st.one_of(
        st.builds(
            lambda id_, mandant, kind, name, rent, phones, main: Record(
                "unit",
                id_,
                {
                    "mandant": mandant, "kind": kind, "name": name, "rent": rent, "phones": phones,
                    "main": main, "start": date(2020, 1, 1),
                },
            ),
            st.text("0123456789", min_size=1, max_size=4),
            st.sampled_from(["10", "20", "30"]),
            st.sampled_from(["FLAT", "GARAGE", ""]),
            st.sampled_from(["Müller", "Weg 3", "A & B", "x" * 40, "", "007"]),
            st.sampled_from([Decimal(0), Decimal("512.40"), None]),
            st.sampled_from([(), ("1",), ("1", "2")]),
            st.booleans(),
        ),
        st.builds(
            lambda id_, rule: Skipped("unit", f"erp:{id_}", rule, WHY, {"mandant": "10"}),
            st.text("0123456789", min_size=1, max_size=3),
            st.sampled_from(["C1", "C2", "B3"]),
        ),
    ),
    max_size=60,
    unique_by=lambda record: record.id,
)  # fmt: skip


def drawn(records: list[Record | Skipped], seed: int, size: int) -> Reservoir:
    """A reservoir through which the records went."""
    reservoir = Reservoir(seed, size)
    for record in records:
        reservoir.add(record, strata(record, MAPPING, NAMED))
    return reservoir


@given(RECORDS, st.integers(0, 99), st.integers(1, 12))
def test_every_stratum_that_exists_is_represented_and_the_size_is_bounded(
    records: list[Record | Skipped], seed: int, size: int
) -> None:
    drawing = drawn(records, seed, size).drawing()
    existing = {one for record in records for one in strata(record, MAPPING, NAMED)}
    assert {one for each in drawing.drawn for one in each.strata} == existing
    assert set(drawing.counts) == existing
    assert min(size, len(records)) <= len(drawing.drawn) <= max(size, len(existing))
    keys = [each.key for each in drawing.drawn]
    assert len(set(keys)) == len(keys)
    assert drawing.total == len(records)


@given(RECORDS, st.integers(0, 99), st.integers(1, 12), st.randoms())
def test_the_same_seed_and_data_give_the_same_sample_in_any_order(
    records: list[Record | Skipped], seed: int, size: int, random: Random
) -> None:
    shuffled = sorted(records, key=lambda _record: random.random())
    assert drawn(records, seed, size).drawing() == drawn(shuffled, seed, size).drawing()


@given(RECORDS, st.integers(0, 9))
def test_the_longest_text_of_all_is_among_them(records: list[Record | Skipped], seed: int) -> None:
    lengths = [len(str(r.fields.get("name", ""))) for r in records if isinstance(r, Record)]
    drawing = drawn(records, seed, 1).drawing()
    if lengths and max(lengths) > 2:
        assert max(len(str(one.record.fields.get("name", ""))) for one in drawing.drawn) == max(lengths)


def test_an_id_that_came_twice_is_drawn_once_and_always_the_same_one() -> None:
    two: list[Record | Skipped] = [Record("unit", "1", {"name": "a"}), Record("unit", "1", {"name": "b"})]
    (one,) = drawn(two, 1, 5).drawing().drawn
    (other,) = drawn(two[::-1], 1, 5).drawing().drawn
    assert one == other


def test_other_seeds_draw_others() -> None:
    records: list[Record | Skipped] = [Record("unit", str(n), {"mandant": "10"}) for n in range(1000)]
    samples = {tuple(one.key for one in drawn(records, seed, 10).drawing().drawn) for seed in range(5)}
    assert len(samples) == 5


def test_odd_cases_are_seen() -> None:
    record = Record(
        "unit", "1", {"name": "Müller & Söhne", "rent": Decimal("0.00"), "phones": ("1", "2"), "kind": "0042"}
    )
    odd = {one.what for one in strata(record, MAPPING, ()) if one.sort is Sort.ODD}
    assert odd == set(Oddity)
    plain = Record("unit", "1", {"name": "Weg 3", "rent": Decimal("1"), "phones": ("1",)})
    assert strata(plain, MAPPING, ("kind", "mandant")) == {Stratum(Sort.ENTITY, "unit"), LONGEST}


def company(units: int) -> Iterator[Record | Skipped]:
    """Records as a large company streams them."""
    for number in range(units):
        if number % 500 == 0:
            yield Skipped("unit", f"erp:{number}", "C2", WHY, {"mandant": "10"})
        name = "Grünweg" if number % 97 == 0 else "Lindenweg"
        fields = {"mandant": str(10 + number % 7), "kind": "FLAT" if number % 9 else "GARAGE", "name": name}
        yield Record("unit", f"{number:06}", fields)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 99))
def test_twenty_thousand_units_stream_past_and_only_the_winners_are_kept(seed: int) -> None:
    reservoir, most = Reservoir(seed, 30), 0
    for record in company(20_000):
        reservoir.add(record, strata(record, MAPPING, NAMED))
        most = max(most, reservoir.held)
    drawing = reservoir.drawing()
    assert drawing.total == 20_040
    assert most <= 30 + len(drawing.counts) < 60
    assert len(drawing.drawn) == 30
