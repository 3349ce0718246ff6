"""A program on a real pseudo-terminal: keys go in, bytes come out, both are timed. Needs a POSIX system."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from tests.bench.measure import ROOT

SIZE = (120, 40)
QUIET_S = 0.04
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a key: seconds to its first byte, and how many bytes until it was quiet."""

    first: float
    size: int


def _open_terminal() -> tuple[int, int]:
    """Both ends of a new pseudo-terminal of our size."""
    if sys.platform == "win32":
        raise SystemExit("this benchmark needs a POSIX system")
    import fcntl
    import pty
    import struct
    import termios

    ours, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    return ours, child


class Terminal:
    """A child on a pseudo-terminal."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str]) -> None:
        self._fd, child = _open_terminal()
        ours = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        env = {**os.environ, **ours, **env}
        env.pop("NO_COLOR", None)
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            arguments, cwd=ROOT, env=env, stdin=child, stdout=child, stderr=child, start_new_session=True
        )
        os.close(child)

    def until(self, word: bytes, patience: float = PATIENCE_S) -> float:
        """Seconds since the start or the last key until a word was seen. Raises SystemExit."""
        seen = b""
        while word not in seen:
            piece = self._read(patience)
            if not piece:
                raise SystemExit(f"{word!r} was never shown")
            seen = seen[-len(word) :] + piece
        return time.perf_counter() - self._started

    def key(self, key: bytes) -> None:
        """Press a key."""
        self._started = time.perf_counter()
        os.write(self._fd, key)

    def step(self, key: bytes) -> Answer:
        """Press a key and take everything that comes back."""
        self.key(key)
        size = len(self._read(PATIENCE_S))
        first = time.perf_counter() - self._started
        while piece := self._read(QUIET_S):
            size += len(piece)
        return Answer(first, size)

    def quiet(self) -> None:
        """Wait until nothing more comes."""
        while self._read(0.3):
            pass

    def memory(self) -> int:
        """Resident size in bytes."""
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def drain(self, seconds: float) -> None:
        """Take what comes for a while."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def close(self) -> None:
        """End the child."""
        self._process.kill()
        self._process.wait()
        os.close(self._fd)

    def _read(self, patience: float) -> bytes:
        ready, _, _ = select.select([self._fd], [], [], patience)
        return os.read(self._fd, 65536) if ready else b""


@contextmanager
def terminal(arguments: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A child that is ended at the end."""
    child = Terminal(arguments, env or {})
    try:
        yield child
    finally:
        child.close()
