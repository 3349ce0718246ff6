"""Blocking calls beside the event loop, in threads that never hold up the exit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def off_loop(call: Callable[[], T], name: str = "einzug") -> T:
    """Run ``call`` in a daemon thread and wait for it. Raises what it raises.

    Unlike ``asyncio.to_thread`` the program can end while the call still hangs: a keyring may wait for a
    window that nobody sees.
    """
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
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001  (it is raised in the caller)
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop may be gone by now
            loop.call_soon_threadsafe(finish, result, error)

    threading.Thread(target=work, daemon=True, name=name).start()
    return await future


def end_within(seconds: float, code: int) -> None:
    """Let the process end by itself; after so many seconds end it, whatever still hangs in a thread.

    Python waits for the threads in which names are looked up, and without a network that takes long.
    """

    def end() -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
