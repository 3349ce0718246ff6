"""Following a walk: look, tell, wait, until every step was seen. What passes by itself is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from connectors.problems import Failure, Problem
from connectors.walks import Walk, WalkContext
from console.walks.journey import Standing

LONGEST_S = 60.0
"""Seconds between two looks at most, while somebody cannot be reached."""

Tell = Callable[[Standing], Awaitable[None]]
Wait = Callable[[float], Awaitable[None]]


class Pause:
    """Waits between two looks; ``cut`` ends the waiting, or keeps the next one from beginning."""

    def __init__(self) -> None:
        self._cut = asyncio.Event()

    def cut(self) -> None:
        """Look at once."""
        self._cut.set()

    async def __call__(self, seconds: float) -> None:
        """Wait so many seconds, or until it is cut short."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._cut.wait(), seconds)
        self._cut.clear()


async def look(walk: Walk, context: WalkContext, standing: Standing) -> Standing:
    """One look. A problem that may pass is part of the standing; raises Failure for any other."""
    journey = standing.journey
    try:
        found = await walk.look(context, journey.begun)
    except Failure as failure:
        if not failure.problem.repeatable:
            raise
        return replace(standing, problem=failure.problem, failed=standing.failed + 1)
    now = datetime.now(UTC)
    return Standing(journey.merged(found, now), looked=now)


async def follow(
    walk: Walk, context: WalkContext, standing: Standing, *, interval: float, tell: Tell, wait: Wait
) -> Standing:
    """Look every ``interval`` seconds until the walk is done; each look is told. Raises Failure."""
    while True:
        standing = await look(walk, context, standing)
        await tell(standing)
        if standing.journey.current(walk) is None:
            return standing
        await wait(pause(standing.problem, standing.failed, interval))


def pause(problem: Problem | None, failed: int, interval: float) -> float:
    """Seconds until the next look: doubled with each that failed, or what the other side asks for."""
    if problem is None:
        return interval
    return max(problem.retry_after or 0.0, min(interval * 2.0 ** min(failed, 10), max(interval, LONGEST_S)))
