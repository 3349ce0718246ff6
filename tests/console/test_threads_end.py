"""What must not be left under way is waited for, however often somebody cancels meanwhile."""

from __future__ import annotations

import asyncio
import threading

import pytest

from console.threads import off_loop, to_the_end


async def _cancelled_twice(call: object, begun: threading.Event, may_end: threading.Event) -> list[str]:
    """A task that makes the call and closes afterwards, cancelled twice while the call is under way."""
    order: list[str] = []

    def work() -> None:
        begun.set()
        may_end.wait(10)
        order.append("ended")

    async def use() -> None:
        try:
            await call(work)  # type: ignore[operator]
        finally:
            order.append("closed")

    task = asyncio.create_task(use())
    await asyncio.to_thread(begun.wait, 10)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(lambda: None)
    return order


async def test_a_call_is_ended_before_what_it_uses_is_closed() -> None:
    assert await _cancelled_twice(to_the_end, threading.Event(), threading.Event()) == ["ended", "closed"]


async def test_an_ordinary_call_is_left_to_itself() -> None:
    assert (await _cancelled_twice(off_loop, threading.Event(), threading.Event()))[0] == "closed"


async def test_it_gives_what_the_call_gives_and_raises_what_it_raises() -> None:
    assert await to_the_end(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await to_the_end(lambda: 1 // 0)
