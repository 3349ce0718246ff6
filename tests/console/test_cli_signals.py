"""What happens around a command: a reader that leaves, Ctrl+C, a person at the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.console.cli_kit import Office, called, process

CATEGORIES = ("practice", "bots4you", "ticket-categories")
TENANTS = ("practice", "bots4you", "master-data")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and terminals of POSIX")


@pytest.mark.parametrize("arguments", [("plan", *TENANTS), ("plan", *TENANTS, "--json"), ("--help",)])
def test_a_reader_that_leaves_is_no_mistake(office: Office, arguments: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    told = called(*arguments, stdout=write)
    os.close(write)
    assert (told.code, told.err) == (1 if arguments[0] == "plan" else 0, "")


def test_ctrl_c_while_waiting_ends_safely_and_the_next_run_finishes(office: Office) -> None:
    fault = {"partner": "bots4you", "kind": "429", "method": "P*", "after": 1, "count": 1, "retry_after": 2}
    office.control("POST", "/faults", fault)
    unasked = ("--yes", "--accept", "ambiguous_ids=4")
    with process("sync", *TENANTS, *unasked) as running:
        while not office.control("GET", "/requests/bots4you?status=429&count=1")["count"]:
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert running.returncode == 4, err
    assert "Traceback" not in err
    assert 0 < len(office.held("tenant")) < 65
    assert called("sync", *TENANTS, *unasked).code == 0
    assert len(office.held("tenant")) == 65


@contextmanager
def _terminal() -> Iterator[tuple[int, int]]:
    if sys.platform == "win32":
        pytest.skip("no terminals of POSIX")
    import pty

    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


def _until_asked(running: subprocess.Popen[str]) -> str:
    assert running.stderr is not None
    text = ""
    while not text.rstrip().endswith(":"):
        letter = running.stderr.read(1)
        assert letter, text
        text += letter
    return text


@pytest.mark.parametrize(("answer", "code", "held"), [(b"y\n", 0, 11), (b"n\n", 4, 0)])
def test_a_person_sees_the_plan_and_decides(office: Office, answer: bytes, code: int, held: int) -> None:
    with _terminal() as (ours, theirs), process("sync", *CATEGORIES, stdin=theirs) as running:
        # The plan is above the question; its lines end with a colon only in the question.
        shown = _until_asked(running)
        os.write(ours, answer)
        running.communicate(timeout=60)
    assert "+ Ticketkategorie" in shown
    assert (running.returncode, len(office.held("ticket_category"))) == (code, held)


def test_ctrl_c_at_the_question_ends_it_at_once(office: Office) -> None:
    with _terminal() as (_, theirs), process("sync", *CATEGORIES, stdin=theirs) as running:
        _until_asked(running)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert (running.returncode, office.held("ticket_category")) == (4, [])
    assert "Traceback" not in err
