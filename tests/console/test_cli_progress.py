"""The progress line on a terminal: rate, remaining time, countdown; nothing anywhere else."""

from __future__ import annotations

import io
import os
import shutil

import pytest

from connectors.problems import Owner, Problem, Trouble
from console.sync.events import Progress, Stage, Waiting
from console.terminal import TerminalProgress

BUSY = Problem("http.limit", Trouble.LIMIT, Owner.NOBODY, where="POST 127.0.0.1/api", status=429)

REFUSED = Problem("http.refused", Trouble.UNREACHABLE, Owner.CONSULTANT)


class _Screen(io.StringIO):
    """A stream that says it is a terminal; ``lines`` are what was written over."""

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.getvalue().split("\r")]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("console.terminal.time.monotonic", lambda: now[0])
    return now


def test_rate_and_remaining_time_follow_the_clock(clock: list[float]) -> None:
    screen = _Screen()
    progress = TerminalProgress(screen)
    for second in range(5):
        clock[0] = float(second)
        progress(Progress(Stage.APPLY, second * 1000, 10_000, failed=second // 4))
    assert screen.lines[-1] == "schreiben: 4.000 / 10.000  1.000/s  noch 0:06  1 fehlgeschlagen"


def test_it_is_written_five_times_a_second_at_most_and_at_the_end(clock: list[float]) -> None:
    screen = _Screen()
    progress = TerminalProgress(screen)
    for step in range(1, 101):
        clock[0] = 10 + step / 100
        progress(Progress(Stage.SOURCE, step, 100))
    assert 5 <= len(screen.lines) - 1 <= 7
    assert screen.lines[-1].startswith("ERP lesen: 100 / 100")


def test_waiting_counts_down(clock: list[float]) -> None:
    screen = _Screen()
    progress = TerminalProgress(screen)
    for problem in (BUSY, REFUSED):
        for left in (3.0, 2.0, 1.0):
            progress(Waiting(left, problem, 2))
    assert screen.lines[1:4] == [f"wartet {left} s: Limit der Gegenseite" for left in (3, 2, 1)]
    told = [line.partition(":")[0] for line in screen.lines[4:]]
    assert told == [f"Nächster Versuch (2) in {left} s" for left in (3, 2, 1)]


def test_the_progress_of_other_calls_does_not_hide_a_wait_and_a_wait_that_is_over_goes(
    clock: list[float],
) -> None:
    screen = _Screen()
    progress = TerminalProgress(screen)
    progress(Waiting(30, BUSY, 1))
    progress(Waiting(5, BUSY, 1))  # another call waits too, not as long
    clock[0] = 0.5
    progress(Progress(Stage.APPLY, 10, 100))
    assert screen.lines[-1] == "schreiben: 10 / 100  wartet 30 s: Limit der Gegenseite"
    clock[0] = 5.0
    progress(Progress(Stage.APPLY, 20, 100))
    assert "wartet" not in screen.lines[-1]


def test_a_line_is_never_wider_than_the_terminal_and_leaves_nothing_behind(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda _fallback: os.terminal_size((40, 24)))
    screen = _Screen()
    progress = TerminalProgress(screen)
    progress(Waiting(700, BUSY, 1))
    progress(Waiting(1, BUSY, 1))
    progress.clear()
    written = screen.getvalue().split("\r")
    assert max(map(len, written)) <= 39
    assert max(map(len, written)) > 30
    assert (len(written[-2]) >= len(written[-3].rstrip()), written[-2].strip()) == (True, "")


def test_without_a_terminal_only_what_is_waited_for_is_written_once() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    progress(Progress(Stage.APPLY, 1, 2))
    progress.clear()
    assert stream.getvalue() == ""
    for left in (3.0, 2.0, 1.0):
        progress(Waiting(left, BUSY, 1))
    progress.clear()
    (line,) = stream.getvalue().splitlines()
    assert "127.0.0.1/api" in line
    assert line.endswith("Neuer Versuch …")
