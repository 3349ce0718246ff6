from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Action, Deletes, Skipped, Text, Value
from connectors.equality import equal
from console.sync.codec import skip_line
from console.sync.compare import compare
from console.sync.plan import Digest, Planned, Policy, Tally, change, collision, plan, repeated
from tests.console.engine_kit import CODEC, FLAT, companies, full, lines, sample

Company = Mapping[str, Mapping[str, Value]]

OURS = Policy(Deletes.OWNED, lambda entity, id_: True)


def make(desired: Company, actual: Company, policy: Policy = OURS) -> tuple[list[Planned], Tally]:
    tally = Tally()
    return list(plan(lines(desired), lines(actual), CODEC, policy, tally)), tally


def apply(planned: Iterable[Planned], target: Company) -> Company:
    after = dict(target)
    for row in planned:
        done = change(row, CODEC)
        if done.action is Action.DELETE:
            del after[row.id]
        elif done.action is not Action.SKIP:
            after[row.id] = done.after or {}
    return after


@given(companies)
def test_a_company_does_not_differ_from_itself(company: Company) -> None:
    planned, tally = make(company, company)
    assert planned == []
    assert tally.unchanged == len(company)


@given(companies, companies)
def test_applying_a_plan_leaves_nothing_to_plan(desired: Company, actual: Company) -> None:
    planned, _ = make(desired, actual)
    again, tally = make(desired, apply(planned, actual))
    assert again == []
    assert tally.unchanged == len(desired)


@given(companies, companies)
def test_swapping_the_sides_swaps_creates_and_deletes(desired: Company, actual: Company) -> None:
    _, forth = make(desired, actual)
    _, back = make(actual, desired)
    assert forth.total(Action.CREATE) == back.total(Action.DELETE)
    assert forth.total(Action.UPDATE) == back.total(Action.UPDATE)
    assert forth.unchanged == back.unchanged


@given(companies, companies)
def test_the_plan_agrees_with_a_comparison_field_by_field(desired: Company, actual: Company) -> None:
    planned, _ = make(desired, actual)
    expected = {}
    for id_ in desired.keys() | actual.keys():
        old, new = full(actual.get(id_, {})), full(desired.get(id_, {}))
        names = {f.name for f in FLAT.fields if not equal(f, old[f.name], new[f.name])}
        if id_ not in actual:
            expected[id_] = (Action.CREATE, names)
        elif id_ not in desired:
            expected[id_] = (Action.DELETE, names)
        elif names:
            expected[id_] = (Action.UPDATE, names)
    assert {p.id: (p.action, {f.name for f in change(p, CODEC).fields}) for p in planned} == expected


@given(companies, companies, st.randoms(use_true_random=False))
def test_the_order_of_arrival_means_nothing(desired: Company, actual: Company, rng: random.Random) -> None:
    shuffled = list(desired.items())
    rng.shuffle(shuffled)
    assert make(dict(shuffled), actual)[0] == make(desired, actual)[0]


@given(companies, companies)
def test_changes_come_sorted_by_entity_and_id(desired: Company, actual: Company) -> None:
    planned, _ = make(desired, actual)
    keys = [(p.entity.encode(), p.id.encode()) for p in planned]
    assert keys == sorted(keys)


def test_only_owned_records_are_deleted_and_the_others_are_named() -> None:
    policy = Policy(Deletes.OWNED, lambda entity, id_: id_.startswith("10/"))
    planned, tally = make({}, {"10/1": sample(), "99/1": sample()}, policy)
    assert [(p.id, p.action) for p in planned] == [("10/1", Action.DELETE), ("99/1", Action.SKIP)]
    assert planned[1].reason == Text("sync.not_ours")
    assert tally.counts() == {"create": 0, "update": 0, "delete": 1, "unchanged": 0, "skip": 1}


def test_a_use_case_that_never_deletes_keeps_what_is_gone() -> None:
    planned, _ = make({}, {"1": sample()}, Policy(Deletes.NEVER, lambda entity, id_: True))
    assert [(p.action, p.reason) for p in planned] == [(Action.SKIP, Text("sync.kept"))]


def test_a_skipped_record_protects_what_the_target_holds() -> None:
    skip = skip_line(Skipped("flat", "1", "B3", Text("bots4you.contract_number_missing")))
    tally = Tally()
    planned = list(plan([skip], lines({"1": sample()}), CODEC, OURS, tally))
    assert [(p.action, p.rule) for p in planned] == [(Action.SKIP, "B3")]
    assert tally.total(Action.DELETE) == 0


def test_two_source_records_of_one_id_are_one_skip_by_c2() -> None:
    one, two = lines({"1": sample(built=1950)}) + lines({"1": sample(built=1960)})
    planned = list(plan([collision([one, two])], [], CODEC, OURS, tally := Tally()))
    assert [(p.action, p.rule) for p in planned] == [(Action.SKIP, "C2")]
    assert tally.ambiguous["flat"] == 2  # the guard counts records, not lines


def test_a_target_that_lists_a_record_twice_holds_it_once() -> None:
    (line,) = lines({"1": sample()})
    assert repeated([line, line]) == line


def test_a_plan_can_be_limited_to_some_ids() -> None:
    policy = Policy(Deletes.OWNED, lambda entity, id_: True, frozenset({"2"}))
    planned, tally = make({"1": sample(), "2": sample(), "3": sample()}, {"3": sample(built=1)}, policy)
    assert [p.id for p in planned] == ["2"]
    assert tally.counts()["create"] == 1


def test_what_a_limited_plan_leaves_out_is_not_counted_as_unchanged() -> None:
    company = {"1": sample(), "2": sample(), "3": sample()}
    matched: list[bytes] = []
    policy = Policy(Deletes.OWNED, lambda entity, id_: True, frozenset({"2"}))
    assert not list(plan(lines(company), lines(company), CODEC, policy, tally := Tally(), matched.append))
    assert (tally.unchanged, len(matched)) == (1, 1)


def test_every_field_of_a_change_names_its_source_and_rule() -> None:
    planned, _ = make({"1": sample(built=1962)}, {"1": sample(built=1960)})
    (field,) = change(planned[0], CODEC).fields
    assert (field.name, field.old, field.new, field.source, field.rule) == (
        "built",
        1960,
        1962,
        "unit.built",
        "B3",
    )


@given(companies, companies)
def test_the_digest_is_equal_exactly_when_the_plan_is(desired: Company, actual: Company) -> None:
    def digest(rows: list[Planned]) -> str:
        found = Digest()
        for row in rows:
            found.add(row)
        return str(found)

    one, two = make(desired, actual)[0], make(actual, desired)[0]
    assert (digest(one) == digest(two)) == (one == two)
    assert digest(one) == digest(make(desired, actual)[0])


def test_comparing_sees_every_key_of_two_large_sides_once() -> None:
    rng = random.Random(7)
    left = {str(n): sample(built=rng.randrange(3)) for n in range(2000) if rng.random() < 0.9}
    right = {str(n): sample(built=rng.randrange(3)) for n in range(2000) if rng.random() < 0.9}
    same: list[bytes] = []
    pairs = list(compare(lines(left), lines(right), same.append))
    assert len(pairs) + len(same) == len(left.keys() | right.keys())
    assert len(same) == sum(right.get(id_) == values for id_, values in left.items())


@given(companies, companies, st.sets(st.sampled_from([f.name for f in FLAT.fields])))
def test_what_the_source_knows_nothing_of_stays_as_it_is_at_the_target(
    desired: Company, actual: Company, names: set[str]
) -> None:
    silent = {id_: {n: v for n, v in one.items() if n not in names} for id_, one in desired.items()}
    policy = replace(OURS, unsupplied=lambda entity: frozenset(names))
    planned, tally = make(silent, actual, policy)
    assert not names & {name for _, name in tally.updated_fields}
    after = apply(planned, actual)
    for id_ in silent.keys() & actual.keys():
        assert all(after[id_].get(name) == actual[id_].get(name) for name in names)
    assert make(silent, after, policy)[0] == []


def test_a_field_that_is_made_of_several_follows_what_the_source_still_knows() -> None:
    policy = replace(OURS, unsupplied=lambda entity: frozenset({"name"}))
    planned, _ = make({"1": sample(name="3. Etage")}, {"1": sample(name="3. Etage, links")}, policy)
    assert [p.fields for p in planned] == [("name",)]


@given(companies, companies, st.sets(st.sampled_from([f.name for f in FLAT.fields])))
def test_a_plan_of_a_few_fields_changes_these_and_nothing_else(
    desired: Company, actual: Company, chosen: set[str]
) -> None:
    few = replace(OURS, fields={"flat": tuple(chosen)})
    planned, tally = make(desired, actual, few)
    assert {row.action for row in planned} <= {Action.UPDATE}
    after = apply(planned, actual)
    assert after.keys() == actual.keys()
    for id_, held in actual.items():
        for field in FLAT.fields:
            wanted = desired.get(id_, held) if field.name in chosen else held
            assert equal(field, after[id_].get(field.name), wanted.get(field.name))
    assert tally.unchanged + len(planned) == len(desired.keys() & actual.keys())


def test_a_plan_of_fields_of_another_entity_changes_nothing() -> None:
    elsewhere = replace(OURS, fields={"house": ("name",)})
    planned, tally = make({"1": sample()}, {"1": sample(name="x"), "2": sample()}, elsewhere)
    assert (planned, tally.unchanged) == ([], 0)


def test_what_is_skipped_of_a_chosen_entity_keeps_its_reason() -> None:
    few, tally = replace(OURS, fields={"flat": ("name",)}), Tally()
    skip = skip_line(Skipped("flat", "1", "C2", Text("sync.collision", {"count": 2})))
    planned = list(plan([skip], lines({"1": sample()}), CODEC, few, tally))
    assert [(row.action, row.rule) for row in planned] == [(Action.SKIP, "C2")]
