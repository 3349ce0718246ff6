from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Action, Change, Outcome, Result
from connectors.problems import Arrival, Owner, Problem, Trouble
from console.store.errors import StoreError
from console.sync.apply import Applying, Writer
from console.sync.events import Applied, Listener, Progress, SyncEvent, deaf
from console.sync.verify import Mismatch
from tests.console.engine_kit import CODEC, FORBIDDEN, INVALID, REFUSED, MemoryTarget, create, sample


async def write(
    target: MemoryTarget,
    changes: Sequence[Change],
    *,
    stop: asyncio.Event | None = None,
    listener: Listener = deaf,
    tolerated: Collection[int] = (),
) -> tuple[Applying, list[Outcome]]:
    outcomes: list[Outcome] = []
    writer = Writer(
        target,
        CODEC,
        record=outcomes.extend,
        listener=listener,
        stop=stop or asyncio.Event(),
        tolerated=tolerated,
    )
    return await writer.run(changes, len(changes)), outcomes


def flats(count: int) -> list[Change]:
    return [create(str(n), **sample(built=n)) for n in range(count)]


async def test_one_then_ten_then_the_rest() -> None:
    target = MemoryTarget(bulk=100)
    state, _ = await write(target, flats(250))
    assert (state.applied, state.failed, state.left) == (250, 0, 0)
    assert [len(call) for call in target.calls] == [1, 10, 100, 100, 39]


@given(st.integers(0, 40), st.integers(1, 7), st.integers(0, 12))
async def test_every_change_is_sent_once_and_never_mixed(creates: int, bulk: int, deletes: int) -> None:
    target = MemoryTarget({f"old{n}": sample() for n in range(deletes)}, bulk=bulk)
    gone = [Change(Action.DELETE, "flat", f"old{n}", before=sample()) for n in range(deletes)]
    state, outcomes = await write(target, flats(creates) + gone)
    assert sorted(o.id for o in outcomes) == sorted(c.id for c in flats(creates) + gone)
    assert all(len({id_.startswith("old") for id_ in call}) == 1 for call in target.calls)
    assert set(target.records) == {str(n) for n in range(creates)}
    assert state.applied == creates + deletes


async def test_a_rewritten_canary_stops_everything_after_it() -> None:
    target = MemoryTarget(rewrite=lambda values: values | {"name": str(values["name"]).upper()})
    state, outcomes = await write(target, flats(50))
    assert state.rewritten == [Mismatch("flat", "0", ("name",))]
    assert (len(outcomes), state.left) == (1, 49)


async def test_accepted_rewriting_goes_on() -> None:
    target = MemoryTarget(rewrite=lambda values: values | {"name": "X"})
    state, _ = await write(target, flats(50), tolerated={11})
    assert (state.applied, state.left) == (50, 0)


@pytest.mark.parametrize(("accepted", "applied"), [({1}, 11), ({10}, 11), ({12}, 11), ({99, 11}, 50)])
async def test_only_the_exact_number_of_rewritten_canaries_is_accepted(
    accepted: set[int], applied: int
) -> None:
    target = MemoryTarget(rewrite=lambda values: values | {"name": "X"})
    state, _ = await write(target, flats(50), tolerated=accepted)
    assert (state.applied, len(state.rewritten)) == (applied, 11)


async def test_one_bad_record_does_not_stop_the_others() -> None:
    target = MemoryTarget(fault=lambda change: (INVALID, False) if change.id == "20" else None)
    state, outcomes = await write(target, flats(50))
    assert (state.applied, state.failed, state.stopped_by) == (49, 1, None)
    assert [o.id for o in outcomes if o.result is Result.REJECTED] == ["20"]


async def test_a_missing_right_ends_the_run_and_names_every_record() -> None:
    target = MemoryTarget(fault=lambda change: (FORBIDDEN, False) if int(change.id) > 20 else None)
    state, outcomes = await write(target, flats(500))
    assert state.stopped_by is FORBIDDEN
    assert len(outcomes) == 500
    assert len(target.calls) < 40
    assert all(o.problem is FORBIDDEN for o in outcomes if not o.ok)


async def test_an_unreachable_target_is_given_up_soon() -> None:
    target = MemoryTarget(fault=lambda change: (REFUSED, False))
    state, outcomes = await write(target, flats(500))
    assert state.stopped_by is REFUSED
    assert (state.failed, state.left, len(outcomes)) == (500, 0, 500)
    assert len(target.calls) <= 10


async def test_a_page_that_answers_every_call_is_given_up_soon() -> None:
    page = Problem("http.html_answer", Trouble.PAYLOAD, Owner.CUSTOMER, Arrival.PERHAPS)
    target = MemoryTarget()
    target.fault = lambda change: (page, False) if len(target.calls) > 11 else None
    state, outcomes = await write(target, flats(200))
    assert state.stopped_by == page
    assert len(target.calls) < 30
    assert len(outcomes) == 200


async def test_a_journal_that_cannot_be_written_says_so_itself_however_many_calls_are_under_way() -> None:
    class Full(MemoryTarget):
        async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
            if len(self.calls) > 11:
                raise StoreError("full")
            return await super().apply_many(changes)

    with pytest.raises(StoreError):
        await write(Full(), flats(50))


async def test_stopping_finishes_what_is_under_way_and_leaves_the_rest() -> None:
    stop = asyncio.Event()

    def listener(event: SyncEvent) -> None:
        if isinstance(event, Applied) and int(event.outcome.id) >= 30:
            stop.set()

    target = MemoryTarget()
    state, outcomes = await write(target, flats(500), stop=stop, listener=listener)
    assert state.interrupted
    assert len(outcomes) == len(target.records) == state.applied
    assert state.left == 500 - state.applied > 0


async def test_progress_never_runs_backwards() -> None:
    seen: list[int] = []
    await write(
        MemoryTarget(bulk=7),
        flats(100),
        listener=lambda e: seen.append(e.done) if isinstance(e, Progress) else None,
    )
    assert seen == sorted(seen)
    assert seen[-1] == 100


class SlowTarget(MemoryTarget):
    """Keeps each call open until another joins it, a moment at most; ``together`` are the pairs of changes
    that were under way at once."""

    def __init__(self, bulk: int = 1) -> None:
        super().__init__(bulk=bulk)
        self.open: list[Change] = []
        self.joined = asyncio.Event()
        self.together: list[tuple[Change, Change]] = []

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        self.together += [(earlier, change) for earlier in self.open for change in changes]
        if self.open:
            self.joined.set()
        self.open += changes
        with suppress(TimeoutError):
            await asyncio.wait_for(self.joined.wait(), 0.02)
        self.joined.clear()
        outcomes = await super().apply_many(changes)
        self.open = [change for change in self.open if change not in changes]
        return outcomes


@pytest.mark.parametrize("bulk", [1, 2, 3])
@pytest.mark.parametrize("action", [Action.CREATE, Action.DELETE])
async def test_what_hangs_on_another_record_waits_until_that_one_is_settled(
    bulk: int, action: Action
) -> None:
    ids = sorted(f"{a}{b}{c}" for a in ("10", "20") for b in ("", "/1", "/2", "/3") for c in ("", "/a", "/b"))
    tree = [Change(action, "flat", id_, after=sample()) for id_ in ids if "//" not in id_]
    ordered = tree if action is Action.CREATE else tree[::-1]
    target = SlowTarget(bulk)
    state, outcomes = await write(target, flats(11) + ordered)
    assert state.applied == len(outcomes) == 11 + len(tree)
    nested = [(a.id, b.id) for a, b in target.together if a.id.startswith(b.id) or b.id.startswith(a.id)]
    assert nested == []


async def test_the_next_entity_waits_until_the_last_record_of_the_one_before_is_settled() -> None:
    rooms = [replace(change, entity="room", id=f"r{change.id}") for change in flats(8)]
    target = SlowTarget()
    await write(target, flats(20) + rooms)
    assert [(a.id, b.id) for a, b in target.together if a.entity != b.entity] == []
