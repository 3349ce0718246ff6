"""Passes in an interval, until somebody stops it. A pass that could not go on is followed by the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from console.tickets.events import PassResult


async def watch(
    one_pass: Callable[[], Awaitable[PassResult]], interval_s: float, stop: asyncio.Event
) -> AsyncIterator[PassResult]:
    """The result of every pass; ends after the one that is under way once ``stop`` is set."""
    while not stop.is_set():
        yield await one_pass()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), interval_s)
