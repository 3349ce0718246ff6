"""Reading lists that are paged by number, some pages ahead."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable

from connectors.contract import Page, Record

AHEAD = 4
"""Pages under way at once, so that a distant server is read at its limit and not at its latency."""


async def numbered(
    page: Callable[[int], Awaitable[tuple[list[Record], int]]], start: str | None
) -> AsyncGenerator[Page[Record], None]:
    """Stream all pages; ``page`` gives the records of one and the number of the last, ``Page.next`` a number.

    While somebody else changes the list, rows shift between pages. One that is repeated is dropped here; one
    that is missed is planned as a create, which an upsert makes harmless. Raises Failure.
    """
    number = upcoming = last = int(start or 1)
    seen: frozenset[str] = frozenset()
    ahead: deque[asyncio.Future[tuple[list[Record], int]]] = deque()
    try:
        while number <= last:
            while upcoming <= last and len(ahead) < AHEAD:
                ahead.append(asyncio.ensure_future(page(upcoming)))
                upcoming += 1
            records, last = await ahead.popleft()
            last = last if records else number  # nothing comes after an empty page
            number += 1
            fresh = [record for record in records if record.id not in seen]
            seen = frozenset(record.id for record in records)
            yield Page(fresh, str(number) if number <= last else None)
    finally:
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)
