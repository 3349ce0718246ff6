from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import Action
from console.sync.guards import Facts, guards, unlifted
from console.sync.plan import Tally

UNKNOWN = Facts()
SETTINGS: Mapping[str, Any] = {"separator": "/", "mandanten": ["10"]}


def find(tally: Tally, facts: Facts = UNKNOWN) -> list[tuple[str, int]]:
    found = guards(tally, facts, mapping="m1", settings=SETTINGS, filters=("mandanten",))
    return [(guard.key, guard.count) for guard in found]


def tally(actual: int = 1000, desired: int = 1000, **actions: int) -> Tally:
    done = Tally(Counter(flat=desired), Counter(flat=actual))
    for name, count in actions.items():
        done.actions["flat", Action(name)] = count
    return done


@pytest.mark.parametrize(
    ("actual", "deletes", "stops"),
    [(1000, 100, False), (1000, 101, True), (10, 10, False), (100, 25, False), (100, 26, True)],
)
def test_deletes_stop_above_the_larger_of_a_tenth_and_25(actual: int, deletes: int, stops: bool) -> None:
    assert find(tally(actual, delete=deletes)) == ([("deletes", deletes)] if stops else [])


def test_creates_never_stop() -> None:
    assert find(tally(actual=0, create=100_000)) == []


def test_what_becomes_visible_to_others_asks_until_most_of_it_is() -> None:
    def asked(owned: int, concerned: int | None = 3, *, undo: bool = False) -> list[int]:
        facts = Facts(owned=owned, settings={}, undo=undo)
        found = guards(tally(create=40), facts, mapping="m1", settings={}, concerned=concerned)
        return [guard.count for guard in found if guard.key == "exposure"]

    assert asked(owned=0) == asked(owned=39) == [40]
    assert asked(owned=40) == asked(owned=0, concerned=None) == []
    assert asked(owned=40, undo=True) == [40]


def test_what_a_run_that_came_to_no_end_has_made_visible_lets_nothing_more_through() -> None:
    found = guards(tally(create=40), Facts(owned=1000), mapping="m1", settings={}, concerned=0)
    assert [(guard.key, guard.count, guard.limit) for guard in found] == [("exposure", 40, 0)]


def test_an_empty_side_stops_only_when_it_was_not_empty_before() -> None:
    assert find(tally(actual=0, desired=0)) == []
    assert find(tally(desired=0), Facts({"flat": 40}, {"flat": 40})) == [("empty_side", 40)]


def test_one_field_differing_nearly_everywhere_is_a_changed_format() -> None:
    mass = tally(actual=10_000, update=100)
    mass.updated_fields["flat", "rooms"] = 81
    mass.updated_fields["flat", "name"] = 80
    assert find(mass) == [("format_change", 81)]


def test_a_field_that_was_chosen_to_change_is_no_changed_format() -> None:
    mass = tally(actual=10_000, update=100)
    mass.updated_fields["flat", "rooms"] = 100
    assert find(mass, Facts(chosen_fields=True)) == []


def test_few_updates_are_no_changed_format() -> None:
    few = tally(actual=10_000, update=49)
    few.updated_fields["flat", "rooms"] = 49
    assert find(few) == []


def test_ambiguous_ids_stop_above_five_percent() -> None:
    some = tally()
    some.ambiguous["flat"] = 50
    assert find(some) == []
    some.ambiguous["flat"] = 51
    assert find(some) == [("ambiguous_ids", 51)]


def test_a_changed_separator_asks_once_something_was_written() -> None:
    former = Facts(mapping="m1", settings={"separator": "-", "mandanten": ["10"]}, owned=7)
    assert find(tally(), former) == [("separator_changed", 7)]
    assert find(tally(), Facts(mapping="m1", settings={"separator": "-", "mandanten": ["10"]})) == []


def test_a_changed_mapping_or_filter_asks_when_it_writes_something() -> None:
    former = Facts(mapping="m0", settings=SETTINGS)
    assert find(tally(), former) == []
    assert find(tally(create=3), former) == [("mapping_changed", 3)]
    narrowed = Facts(mapping="m1", settings={"separator": "/", "mandanten": ["20"]})
    assert find(tally(create=3), narrowed) == [("filter_changed", 3)]


def test_a_guard_is_lifted_by_its_exact_count_only() -> None:
    found = guards(tally(delete=300), Facts(), mapping="m1", settings=SETTINGS)
    assert unlifted(found, [("deletes", 299)]) == found
    assert unlifted(found, [("updates", 300)]) == found
    assert unlifted(found, [("deletes", 300)]) == []
