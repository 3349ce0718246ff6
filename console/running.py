"""Run a command's coroutine so that Ctrl+C ends it safely: what is being written is finished first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from connectors.problems import Problem
from connectors.wrappers import Sleep
from console.sync.events import Listener, Waiting

T = TypeVar("T")


class Interrupts:
    """What the signals of the user do. While ``writing``, the first one asks to stop, the second cancels."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.writing = False

    def hit(self, task: asyncio.Task[Any]) -> None:
        """A signal came."""
        if self.writing and not self.stop.is_set():
            self.stop.set()
        else:
            task.cancel()


def run(main: Callable[[Interrupts], Coroutine[Any, Any, T]]) -> T:
    """Run to the end. Raises KeyboardInterrupt when a signal cancelled it."""

    async def guarded() -> T:
        interrupts = Interrupts()
        task = asyncio.ensure_future(main(interrupts))
        former = _listen(asyncio.get_running_loop(), lambda: interrupts.hit(task))
        try:
            return await task
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    return asyncio.run(guarded())


def _listen(loop: asyncio.AbstractEventLoop, hit: Callable[[], None]) -> dict[int, Any]:
    """Route SIGINT and SIGTERM to ``hit``. Plain handlers: Windows has none on its loop."""
    former: dict[int, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        former[number] = signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(hit))
    return former


@contextmanager
def answerable() -> Iterator[None]:
    """While somebody is asked, Ctrl+C ends the question at once: nothing is being written yet."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise asyncio.CancelledError from None  # the way in which a task ends; out of here it is Ctrl+C again
    finally:
        signal.signal(signal.SIGINT, former)


def countdown(listener: Listener, stop: Callable[[], bool] = lambda: False) -> Sleep:
    """A way to wait that tells the listener each second how long it still takes; ``stop`` ends it early."""

    async def wait(seconds: float, problem: Problem, attempt: int) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and not stop():
            listener(Waiting(left, problem, attempt))
            await asyncio.sleep(min(1.0, left))

    return wait
