from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import Action, Text
from console.sync.exposed import Exposed
from console.sync.guards import Facts, Guard, Lift, guards, of_part, unlifted
from console.sync.plan import Kind, Planned, Tally

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
    def asked(owned: int, *, seen: bool = True, undo: bool = False) -> list[int]:
        facts, exposed = Facts(owned=owned, settings={}, undo=undo), Exposed({}) if seen else None
        found = guards(tally(create=40), facts, mapping="m1", settings={}, exposed=exposed)
        return [guard.count for guard in found if guard.key == "exposure"]

    assert asked(owned=0) == asked(owned=39) == [40]
    assert asked(owned=40) == asked(owned=0, seen=False) == []
    assert asked(owned=40, undo=True) == [40]


def test_what_a_run_that_came_to_no_end_has_made_visible_lets_nothing_more_through() -> None:
    found = guards(tally(create=40), Facts(owned=1000), mapping="m1", settings={}, exposed=Exposed({}))
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


# --- what is withdrawn although the source still has it ---------------------------------------------------

NO_LIST = ("flat", "I10", "immomio.usage_in_no_list")


def left_out(count: int, deletes: int, actual: int = 14, kind: Kind = NO_LIST) -> Tally:
    """So many of ``actual`` records go, and the source leaves so many out."""
    found = tally(actual=actual, delete=deletes)
    found.skips[kind] = count
    return found


def test_most_of_a_small_set_left_out_for_one_new_reason_is_a_changed_format() -> None:
    assert find(left_out(14, 14)) == [("withdrawn", 14)]
    assert find(left_out(8, 8)) == [("withdrawn", 8)]
    assert find(left_out(2, 2, actual=2)) == [("withdrawn", 2)]
    (guard,) = guards(left_out(14, 14), Facts(), mapping="m1", settings=SETTINGS)
    assert (guard.limit, guard.message.args["rule"], guard.message.args["skips"]) == (7, "I10", 14)


def test_what_the_source_no_longer_has_is_an_ordinary_withdrawal() -> None:
    assert find(left_out(0, 14)) == []
    assert find(left_out(7, 7)) == []  # half of them
    standing = Facts(mapping="m1", settings=SETTINGS, skips={NO_LIST: 12})
    assert find(left_out(12, 12), standing) == []  # left out all the time: others are gone
    assert (
        find(left_out(14, 14, kind=("flat", "C3", "sync.not_ours"))) == []
    )  # the target's, not the source's


def test_only_what_is_ours_counts_at_a_target_with_many_records_of_others() -> None:
    ours = Facts(mapping="m1", settings=SETTINGS, owned=10, owned_of={"flat": 10})
    assert find(left_out(9, 9, actual=500), ours) == [("withdrawn", 9)]


def test_a_mass_deletion_is_asked_about_once() -> None:
    assert find(left_out(100, 100, actual=100)) == [("deletes", 100)]


def test_what_is_withdrawn_is_counted_among_the_rows_that_are_written() -> None:
    found = guards(left_out(14, 14), Facts(), mapping="m1", settings=SETTINGS)
    assert of_part(found, {("flat", Action.DELETE): 7}) == []
    (guard,) = of_part(found, {("flat", Action.DELETE): 9})
    assert (guard.key, guard.count, guard.message.args["count"]) == ("withdrawn", 9, 9)


def test_a_column_that_vanished_takes_nothing_away_unasked() -> None:
    def asked(former: frozenset[str] | None, deletes: int = 1) -> list[tuple[str, int]]:
        facts = Facts(mapping="m1", settings=SETTINGS, lacking=former)
        found = guards(
            tally(delete=deletes), facts, mapping="m1", settings=SETTINGS, lacking=frozenset({"flat.kind"})
        )
        return [(guard.key, guard.count) for guard in found]

    assert asked(frozenset()) == [("source_lacks", 1)]
    assert asked(frozenset({"flat.kind"})) == asked(None) == asked(frozenset(), deletes=0) == []


def test_while_a_source_was_not_read_whole_nothing_is_taken_away_unasked() -> None:
    some = left_out(1, 1, actual=100, kind=("flat", "I19", "archive.gap"))
    found = guards(some, Facts(), mapping="m1", settings=SETTINGS, gaps=frozenset({"archive.gap"}))
    assert [(guard.key, guard.count) for guard in found] == [("source_gap", 1)]
    assert find(some) == []


# --- what others will see -----------------------------------------------------------------------------------

WHY = (Text("immomio.concern", {"concern": "word_reminder"}),)


def shown(*rows: tuple[str, Action, bytes], of: tuple[str, ...] = ("a",)) -> Exposed:
    """What a plan with these rows shows; those ``of`` need a look."""
    exposed = Exposed({("flat", id_): WHY for id_ in of})
    for id_, action, after in rows:
        exposed.add(Planned(action, "flat", id_, after=after))
    return exposed


def later(exposed: Exposed, **actions: int) -> list[Guard]:
    """The guards of a run after the first."""
    facts = Facts(mapping="m1", settings=SETTINGS, owned=100)
    return guards(tally(**actions), facts, mapping="m1", settings=SETTINGS, exposed=exposed)


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
def test_a_later_run_asks_about_what_needs_a_look_and_is_new_or_changed(action: Action) -> None:
    (guard,) = later(shown(("a", action, b"1"), ("b", action, b"2")), **{action.value: 2})
    assert (guard.key, guard.count, len(guard.seal)) == ("dangerous", 1, 8)
    assert later(shown(("b", action, b"2")), **{action.value: 1}) == []


def test_a_seal_binds_a_number_to_the_records_that_were_shown() -> None:
    def guard(*rows: tuple[str, Action, bytes], of: tuple[str, ...] = ("a",)) -> Guard:
        facts = Facts()
        exposed = shown(*rows, of=of)
        return guards(tally(create=2), facts, mapping="m1", settings=SETTINGS, exposed=exposed)[0]

    create = Action.CREATE
    seen = guard(("a", create, b"1"), ("b", create, b"2"))
    others = [
        guard(("a", create, b"1"), ("c", create, b"2")),
        guard(("a", create, b"1"), ("b", create, b"3")),
        guard(("a", create, b"1"), ("b", create, b"2"), of=("a", "b")),
    ]
    assert {(one.key, one.count) for one in (seen, *others)} == {("exposure", 2)}
    assert unlifted([seen], [Lift.of(seen)]) == unlifted([seen], [("exposure", 2)]) == []
    for other in others:
        assert unlifted([other], [Lift.of(seen)]) == [other]
    assert seen.named == f"exposure=2:{seen.seal}"
