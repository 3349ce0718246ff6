"""What is known of a walk: how its steps stand, what stays seen, how long the next look waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Text
from connectors.problems import Owner, Problem, Trouble
from connectors.walks import Actor, Begun, Candidate, Seen, Step, Walk
from console.walks.follow import LONGEST_S, Pause, pause
from console.walks.journey import Journey, StepState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CUT = Problem("http.cut", Trouble.UNREACHABLE, Owner.NOBODY)


async def _never(*_: object) -> frozenset[str]:
    raise AssertionError("a journey asks nobody")


STEPS = (Step("a", Actor.APPLICANT), Step("b", Actor.SYSTEM, usual_s=30), Step("c", Actor.CONSOLE))
WALK = Walk("w", "u", (), STEPS, candidates=_never, begin=_never, look=_never)  # type: ignore[arg-type]  # unused
FRESH = Journey(Candidate("7", "Lindenweg 7"), Begun("7", NOW))


def sight(step: str, text: str = "x", at: datetime | None = None) -> Seen:
    return Seen(step, at, Text(text))


def test_the_first_step_that_was_not_seen_is_the_current_one() -> None:
    journey = FRESH.merged([sight("a")], NOW)
    states = [journey.state(WALK, step, NOW) for step in STEPS]
    assert states == [StepState.SEEN, StepState.NOW, StepState.LATER]
    assert (journey.current(WALK), journey.done(WALK)) == (STEPS[1], 1)


def test_a_step_that_takes_longer_than_usual_is_late_but_a_persons_never_is() -> None:
    later = NOW + timedelta(seconds=31)
    journey = FRESH.merged([sight("a")], NOW)
    assert journey.state(WALK, STEPS[1], NOW + timedelta(seconds=30)) is StepState.NOW
    assert journey.state(WALK, STEPS[1], later) is StepState.LATE
    assert FRESH.state(WALK, STEPS[0], later + timedelta(days=9)) is StepState.NOW


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=3), max_size=6))
def test_what_was_seen_once_stays_seen_with_its_first_moment(looks: list[list[str]]) -> None:
    journey = FRESH
    first: dict[str, datetime] = {}
    for number, look in enumerate(looks):
        now = NOW + timedelta(minutes=number)
        journey = journey.merged([sight(step) for step in look], now)
        first = {step: now for step in look} | first
    assert {one.seen.step: one.noticed for one in journey.sightings} == first


def test_the_other_sides_clock_is_shown_where_it_tells_the_time() -> None:
    then = NOW - timedelta(hours=1)
    journey = FRESH.merged([sight("a", at=then), sight("b")], NOW)
    assert [one.at for one in journey.sightings] == [then, NOW]


@pytest.mark.parametrize(("failed", "seconds"), [(1, 4.0), (2, 8.0), (5, LONGEST_S), (2000, LONGEST_S)])
def test_looks_that_fail_come_less_often_up_to_a_limit(failed: int, seconds: float) -> None:
    assert pause(CUT, failed, 2.0) == seconds


def test_what_the_other_side_asks_for_is_kept() -> None:
    asked = Problem("http.limit", Trouble.LIMIT, Owner.NOBODY, retry_after=90.0)
    assert (pause(asked, 1, 2.0), pause(None, 0, 2.0)) == (90.0, 2.0)


async def test_a_pause_can_be_cut_short_before_and_while_it_lasts() -> None:
    waiting = Pause()
    waiting.cut()
    await waiting(3600)
    task = asyncio.create_task(waiting(3600))
    await asyncio.sleep(0)
    waiting.cut()
    await asyncio.wait_for(task, 10)
