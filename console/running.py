"""Run a command's coroutine so that Ctrl+C ends it safely: what is being written is finished first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from connectors.problems import Problem
from connectors.wrappers import Sleep
from console.hangup import HANGUP, heeding
from console.sync.events import Listener, Waiting
from console.threads import use_daemon_threads

T = TypeVar("T")

LOOK_S = 0.25
"""Seconds between two looks of somebody who waits: has it been stopped?"""


class Interrupts:
    """What the signals of the user do. While ``writing``, the first one asks to stop, the second cancels;
    but a terminal that hangs up may say so twice."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.writing = False

    def hit(self, task: asyncio.Task[Any], number: int) -> None:
        """A signal came."""
        if self.writing and not self.stop.is_set():
            self.stop.set()
        elif not (self.stop.is_set() and number == HANGUP):
            task.cancel()


def run(main: Callable[[Interrupts], Coroutine[Any, Any, T]]) -> T:
    """Run to the end. Raises KeyboardInterrupt when a signal cancelled it."""

    async def guarded() -> T:
        use_daemon_threads()
        loop, interrupts = asyncio.get_running_loop(), Interrupts()
        task = asyncio.ensure_future(main(interrupts))
        with heeding(lambda number: loop.call_soon_threadsafe(interrupts.hit, task, number)):
            try:
                return await task
            except asyncio.CancelledError:
                raise KeyboardInterrupt from None

    return asyncio.run(guarded())


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
    """A way to wait that keeps telling the listener how long it still takes; ``stop`` ends it early."""

    async def wait(seconds: float, problem: Problem, attempt: int) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and not stop():
            listener(Waiting(left, problem, attempt))
            await asyncio.sleep(min(LOOK_S, left))

    return wait
