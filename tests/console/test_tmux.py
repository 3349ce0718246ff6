"""The installed program on a real terminal, and where there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.console.cli_kit import COMMAND, ROOT, called
from tests.console.tmux_kit import pane

needs_tmux = pytest.mark.system("tmux")
TERMINAL = {"TERM": "tmux-256color", "PYTHONPATH": str(ROOT)}


@needs_tmux
def test_a_person_checks_plans_writes_and_leaves(tmp_path: Path) -> None:
    with pane(tmp_path, *COMMAND, "demo", "--units", "60", env=TERMINAL) as here:
        here.until("Wohnbau Musterstadt", "F5 prüft", "ÜBUNG")
        here.keys("F5")
        here.until("Prüfungen fertig")
        here.keys("p")
        here.until("65 neu")
        here.keys("Enter")
        here.until("70 Datensätze", "10/00101")
        here.resize(40, 10)
        here.until("Einzug")
        here.resize(120, 36)
        here.until("70 Datensätze", "10/00101")
        here.keys("a")
        here.until("Schreiben", "Wohnbau Musterstadt eG in Bots4You")
        here.keys("4", "Enter")
        here.until("geschrieben, nachgeprüft")
        here.keys("C-q")
        text = here.until("ended with 0")
    assert "Traceback" not in text


def test_without_a_terminal_it_says_so_at_once() -> None:
    for arguments in (("demo", "--units", "60"), ()):
        told = called(*arguments)
        assert told.code == 2
        assert "Terminal" in told.err
        assert told.out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of POSIX")
def test_a_dumb_terminal_is_refused_with_a_hint() -> None:
    if sys.platform == "win32":
        return
    import pty

    ours, theirs = pty.openpty()
    try:
        told = called("demo", env={**os.environ, "TERM": "dumb"}, stdin=theirs, stdout=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert told.code == 2
    assert "TERM=dumb" in told.err
