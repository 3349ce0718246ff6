"""The signals that ask the program to end, and a terminal that is gone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

ENDING = tuple(
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # Windows has SIGBREAK instead of SIGHUP
    if (number := getattr(signal, name, None)) is not None
)
HANGUP: int | None = getattr(signal, "SIGHUP", None)
"""The terminal is gone. It often comes twice: once for the terminal, once for the shell that ends with it."""


@contextmanager
def heeding(heed: Callable[[int], object]) -> Iterator[None]:
    """Call ``heed`` with the number of every signal of ENDING that comes while the block runs.

    It is called wherever the main thread happens to be, after everything that leads to a terminal that is
    gone was led elsewhere. What ``nohup`` has switched off stays off.
    """

    def handle(number: int, _frame: Any) -> None:
        if number == HANGUP:
            former[number] = signal.SIG_IGN  # from now on, and when the block has ended too
        let_go()
        heed(number)

    former: dict[int, Any] = {}
    for number in ENDING:
        if number != HANGUP or signal.getsignal(number) is not signal.SIG_IGN:
            former[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def let_go() -> None:
    """Lead the standard streams of a terminal that is gone nowhere: writing to them raises no more."""
    for descriptor in (0, 1, 2):
        if _gone(descriptor):
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


def _gone(descriptor: int) -> bool:
    if sys.platform == "win32":
        return False  # there the program ends together with its window
    import errno
    import termios

    try:
        termios.tcgetattr(descriptor)
    except termios.error as error:  # a file or a pipe is no terminal, and not gone either
        return error.args[0] in (errno.EIO, errno.ENXIO)
    return False
