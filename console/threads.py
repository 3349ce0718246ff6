"""Blocking calls beside the event loop, in threads that never hold up the exit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

MOMENT_S = 0.5
"""Seconds for what is under way in a thread when a loop ends."""


class Workers:
    """Daemon threads that wait for calls: as many as there are calls under way at once.

    A thread is used again, for the loop that starts one waits until it runs, behind every thread that is
    busy; and unlike those of ``concurrent.futures`` these never hold up the exit.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._free = threading.Semaphore(0)

    def submit(self, call: Callable[[], None]) -> None:
        """Have a thread run ``call``, which must not raise."""
        self._calls.put(call)
        if not self._free.acquire(blocking=False):
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._calls.get()()
            self._free.release()


_WORKERS = Workers()


async def off_loop(call: Callable[[], T], name: str = "einzug") -> T:
    """Run ``call`` in a daemon thread of that name and wait for it. Raises what it raises.

    Unlike ``asyncio.to_thread`` the program can end while the call still hangs: a keyring may wait for a
    window that nobody sees.
    """
    return await _begun(call, name)


async def to_the_end(call: Callable[[], T], name: str = "einzug") -> T:
    """The same for a call that must not be left under way, such as one to a database that is closed next:
    whoever is cancelled meanwhile is cancelled once it has ended. Raises what it raises."""
    future, cancelled = _begun(call, name), None
    while not future.done():
        try:
            await asyncio.wait([future])  # raises nothing of the call's own, and does not cancel it
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        future.exception()  # nobody is left to hear of it
        raise cancelled
    return future.result()


def _begun(call: Callable[[], T], name: str) -> asyncio.Future[T]:
    """What will hold the result of ``call``, which a daemon thread works on."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # it is a T whenever there is no error

    def work() -> None:
        threading.current_thread().name = name
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001  (it is raised in the caller)
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop may be gone by now
            loop.call_soon_threadsafe(finish, result, error)

    _WORKERS.submit(work)
    return future


class BesideLoop(ThreadPoolExecutor):
    """Where a loop looks names up and ``asyncio.to_thread`` works, in threads that never hold up the exit.

    A subclass, since a loop takes nothing else for its executor.
    """

    def __init__(self) -> None:
        super().__init__()
        self._under_way: set[Future[Any]] = set()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run ``fn`` in a daemon thread."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  (it is raised in the caller)
                future.set_exception(error)

        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        _WORKERS.submit(work)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give what is under way a moment: something may just be noted. What hangs is left to itself."""
        if wait:
            futures.wait(set(self._under_way), timeout=MOMENT_S)


def use_daemon_threads() -> None:
    """Let the running loop's own calls, such as looking up names, never hold up the exit."""
    asyncio.get_running_loop().set_default_executor(BesideLoop())


def end_within(seconds: float, code: int) -> None:
    """Let the process end by itself; after so many seconds end it, whatever still hangs in it."""

    def end() -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
