from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import ALL, Action, Change, Outcome, Page, Record, Result, Scope, Value
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.wrappers import Journaled, Patience, PatientReader, ReadOnly, ReadOnlyError, Retrying, ask
from tests.console.engine_kit import (
    BUSY,
    CUT,
    FLAT,
    FORBIDDEN,
    INVALID,
    REFUSED,
    MemoryTarget,
    create,
    faults,
    sample,
)

PATIENCE = Patience(tries=4)


class Waits(list[float]):
    """Notes the waits and does not wait."""

    async def __call__(self, seconds: float, problem: Problem, attempt: int) -> None:
        self.append(seconds)


class Notes:
    """A journal in memory."""

    def __init__(self) -> None:
        self.open: dict[str, int] = {}
        self.results: dict[str, Result] = {}

    def intend(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self.open[change.id] = self.open.get(change.id, 0) + 1

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.open.pop(outcome.id, None)
            self.results[outcome.id] = outcome.result


def retrying(target: MemoryTarget, waits: Waits | None = None) -> Retrying:
    return Retrying(target, PATIENCE, Waits() if waits is None else waits)


async def read_all(target: Retrying) -> list[str]:
    return [record.id async for page in target.read("flat") for record in page.records]


async def test_a_read_only_connection_cannot_write() -> None:
    target = MemoryTarget()
    with pytest.raises(ReadOnlyError):
        await ReadOnly(target).apply(create("1", **sample()))
    assert target.calls == []


async def test_a_create_that_surely_never_arrived_is_sent_again() -> None:
    target = MemoryTarget(fault=faults([(REFUSED, False), (BUSY, False)]))
    waits = Waits()
    outcome = await retrying(target, waits).apply(create("1", **sample()))
    assert (outcome.result, outcome.attempts, target.creates) == (Result.DONE, 3, ["1"])
    assert waits == [1.0, 2.0]


async def test_a_create_whose_answer_was_lost_is_found_and_never_sent_twice() -> None:
    target = MemoryTarget(fault=faults([(CUT, True)]))
    outcome = await retrying(target).apply(create("1", **sample()))
    assert (outcome.result, target.creates) == (Result.ALREADY, ["1"])


async def test_a_create_that_vanished_on_the_way_is_sent_again_after_looking() -> None:
    target = MemoryTarget(fault=faults([(CUT, False)]))
    outcome = await retrying(target).apply(create("1", **sample()))
    assert (outcome.result, target.creates) == (Result.DONE, ["1"])


async def test_what_cannot_be_looked_up_stays_unknown() -> None:
    target = MemoryTarget(fault=faults([(CUT, True)]))
    broken = retrying(target)

    async def find(entity: str, external_id: str) -> Record | None:
        raise Failure(FORBIDDEN)

    target.find = find  # type: ignore[method-assign]
    outcome = await broken.apply(create("1", **sample()))
    assert outcome.result is Result.UNKNOWN
    assert target.creates == ["1"]


@pytest.mark.parametrize("problem", [INVALID, FORBIDDEN])
async def test_a_refusal_is_final(problem: Problem) -> None:
    target = MemoryTarget(fault=lambda change: (problem, False))
    outcome = await retrying(target, waits := Waits()).apply(create("1", **sample()))
    assert (outcome.ok, outcome.problem, waits, len(target.calls)) == (False, problem, [], 1)


async def test_a_long_retry_after_is_not_waited_for() -> None:
    late = Problem("http.limit", Trouble.LIMIT, Owner.NOBODY, retry_after=700)
    target = MemoryTarget(fault=lambda change: (late, False))
    outcome = await retrying(target, waits := Waits()).apply(create("1", **sample()))
    assert (outcome.result, outcome.problem, waits) == (Result.FAILED, late, [])


async def test_a_retry_after_of_nothing_does_not_make_us_hammer() -> None:
    at_once = replace(BUSY, retry_after=0.0)
    target = MemoryTarget(fault=lambda change: (at_once, False))
    assert (await retrying(target, waits := Waits()).apply(create("1", **sample()))).result is Result.FAILED
    assert waits
    assert all(seconds >= PATIENCE.first for seconds in waits)


async def test_a_create_that_stands_there_otherwise_is_unknown_when_patience_ends() -> None:
    target = MemoryTarget(fault=lambda change: (CUT, True), rewrite=lambda values: values | {"name": "other"})
    outcome = await retrying(target).apply(create("1", **sample()))
    assert outcome.result is Result.UNKNOWN
    assert target.creates == ["1"]


@pytest.mark.parametrize(("part", "expected"), [(True, Result.UNKNOWN), (False, Result.FAILED)])
async def test_an_update_of_which_a_part_was_written_is_unknown_when_patience_ends(
    part: bool, expected: Result
) -> None:
    before, after = sample(), sample() | {"name": "whole"}
    target = MemoryTarget(
        {"1": dict(before)},
        fault=lambda change: (CUT, part),
        rewrite=lambda values: values | {"name": "half"},
    )
    change = Change(Action.UPDATE, "flat", "1", before=before, after=after)
    assert (await retrying(target).apply(change)).result is expected


async def test_patience_ends() -> None:
    target = MemoryTarget(fault=lambda change: (REFUSED, False))
    outcome = await retrying(target, waits := Waits()).apply(create("1", **sample()))
    assert (outcome.result, outcome.attempts, waits) == (Result.FAILED, 4, [1.0, 2.0, 4.0])


async def test_a_lost_delete_is_looked_up() -> None:
    target = MemoryTarget({"1": sample()}, fault=faults([(CUT, True)]))
    outcome = await retrying(target).apply(Change(Action.DELETE, "flat", "1", before=sample()))
    assert outcome.result is Result.ALREADY


async def test_a_create_that_exists_with_other_values_becomes_an_update() -> None:
    target = MemoryTarget({"1": sample(built=1)}, fault=faults([(CUT, False)]))
    outcome = await retrying(target).apply(create("1", **sample(built=2)))
    assert outcome.ok
    assert (target.creates, target.records["1"]["built"]) == ([], 2)


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
async def test_a_value_the_target_spells_otherwise_has_arrived_and_is_not_sent_again(action: Action) -> None:
    def respelled(values: dict[str, Value]) -> dict[str, Value]:
        return values | {"name": "  Linden   hof", "tags": ("b", "a"), "rooms": Decimal("2.50")}

    held = {} if action is Action.CREATE else {"1": sample(name="Altbau")}
    target = MemoryTarget(held, fault=faults([(CUT, True)]), rewrite=respelled)
    sent = replace(create("1", **sample(name="Linden hof", tags=("a", "b"))), action=action)
    outcome = await Retrying(target, PATIENCE, Waits(), mappings={"flat": FLAT}).apply(sent)
    assert (outcome.result, outcome.action, len(target.calls)) == (Result.ALREADY, action, 1)


async def test_what_a_create_met_is_noted_before_it_is_overwritten() -> None:
    target = MemoryTarget({"1": sample(name="Altbau", built=1)}, fault=faults([(CUT, False)]))
    noted: list[Change] = []

    class Noting(Notes):
        def intend(self, changes: Sequence[Change]) -> None:
            noted.extend(changes)

    stack = Retrying(Journaled(target, Noting()), PATIENCE, Waits(), mappings={"flat": FLAT})
    assert (await stack.apply(create("1", **sample(name="Altbau", built=2)))).action is Action.UPDATE
    first, second = noted
    assert (first.action, first.before) == (Action.CREATE, None)
    assert second.before == sample(name="Altbau", built=1)
    assert [field.name for field in second.fields] == ["built"]


@given(
    st.lists(
        st.one_of(st.none(), st.tuples(st.sampled_from([REFUSED, BUSY, CUT, INVALID]), st.booleans())),
        max_size=40,
    ),
    st.integers(1, 30),
)
async def test_no_fault_ever_leads_to_two_creates_or_to_a_wrong_outcome(
    order: list[tuple[Problem, bool] | None], count: int
) -> None:
    arrived = [f if f is None or f[0] is CUT else (f[0], False) for f in order]  # only a cut may hide success
    target = MemoryTarget(bulk=5, fault=faults(arrived))
    notes = Notes()
    stack = Retrying(Journaled(target, notes), PATIENCE, Waits(), notes)
    outcomes = await stack.apply_many([create(str(n), **sample()) for n in range(count)])
    assert [o.id for o in outcomes] == [str(n) for n in range(count)]
    assert len(target.creates) == len(set(target.creates))
    for outcome in outcomes:
        assert outcome.ok == (outcome.id in target.records)
        assert notes.results[outcome.id] is outcome.result
    assert notes.open == {}


async def test_reading_goes_on_at_the_page_where_it_broke() -> None:
    target = MemoryTarget({str(n): sample() for n in range(8)}, read_faults=[REFUSED])
    reader = PatientReader(target, PATIENCE, waits := Waits())
    pages = []
    async for page in reader.read("flat"):
        pages.append([record.id for record in page.records])
        if len(pages) == 1:
            target.read_faults = [BUSY, REFUSED]
    assert pages == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]]
    assert waits == [1.0, 2.0, 2.0]


async def test_a_reading_that_is_left_early_is_closed_down_to_the_connector() -> None:
    class Watched(MemoryTarget):
        async def read(
            self, entity: str, *, scope: Scope = ALL, start: str | None = None
        ) -> AsyncIterator[Page[Record]]:
            try:
                yield Page([Record("flat", "1", sample())], "2")
                await asyncio.sleep(3600)
            finally:
                closed.append(entity)

    closed: list[str] = []
    reading = PatientReader(Watched(), PATIENCE, Waits()).read("flat")
    async for _page in reading:
        break
    assert isinstance(reading, AsyncGenerator)
    await reading.aclose()
    assert closed == ["flat"]


async def test_reading_ends_with_the_failure_when_patience_does() -> None:
    target = MemoryTarget({"1": sample()}, read_faults=[REFUSED] * 4)
    with pytest.raises(Failure) as caught:
        await read_all(retrying(target))
    assert caught.value.problem is REFUSED


async def test_what_only_the_connector_can_answer_is_asked_through_all_wrappers_and_patiently() -> None:
    target = MemoryTarget({"1": sample()})
    troubles = [BUSY, REFUSED]

    async def question(found: MemoryTarget) -> int:
        assert found is target
        if troubles:
            raise Failure(troubles.pop(0))
        return len(found.records)

    waits = Waits()
    stack = ReadOnly(Retrying(Journaled(target, Notes()), PATIENCE, waits))
    assert await ask(stack, question) == 1
    assert waits == [2.0, 2.0]
    assert await ask(target, question) == 1
    troubles += [FORBIDDEN]
    with pytest.raises(Failure) as caught:
        await ask(stack, question)
    assert caught.value.problem is FORBIDDEN
