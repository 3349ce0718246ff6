"""Pages by limit and offset from a server that tells no total: a few are asked for ahead, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

from connectors.problems import Failure, Owner, Problem, Trouble

T = TypeVar("T")

LIMIT = 100
AHEAD = 4
"""Pages under way at most; reached only while full pages keep coming, so that a short list costs one call."""


async def pages(
    fetch: Callable[[int], Awaitable[Sequence[T]]], start: int = 0, *, limit: int = LIMIT, ahead: int = AHEAD
) -> AsyncGenerator[tuple[Sequence[T], int | None], None]:
    """Each page with the offset at which the reading goes on, None after the last: the one that is not full.

    ``fetch`` gets an offset. What it raises comes out in the place of its page.
    """
    under_way: deque[asyncio.Task[Sequence[T]]] = deque()
    asked = start
    offset = start
    window = 1
    try:
        while True:
            while len(under_way) < window:
                under_way.append(asyncio.create_task(_call(fetch, asked)))
                asked += limit
            page = await under_way[0]
            under_way.popleft()
            offset += limit
            last = len(page) < limit
            yield page, None if last else offset
            if last:  # a call that is broken off costs its connection: let those beyond the end come in
                await asyncio.gather(*under_way, return_exceptions=True)
                return
            window = min(window * 2, ahead)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _call(fetch: Callable[[int], Awaitable[T]], offset: int) -> T:
    return await fetch(offset)


def offset_of(start: str | None) -> int:
    """The offset a cursor stands for. Raises Failure for a cursor that is not ours."""
    if start is None:
        return 0
    if not start.isascii() or not start.isdigit():
        raise Failure(Problem("erp.bad_cursor", Trouble.CONFIG, Owner.CONSULTANT))
    return int(start)


def cursor(offset: int | None) -> str | None:
    """An offset as a cursor; None after the end."""
    return None if offset is None else str(offset)
