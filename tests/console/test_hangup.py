"""The program is asked to end, or its terminal is gone: it stops safely, keeps the view, and ends soon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from console import screen_memory
from console.practice import CUSTOMER
from console.store.journal import Journal
from console.store.runs import RunState
from console.store.schema import open_customer
from console.store.vault import Vault
from console.syncer import APPLY
from tests.console.cli_kit import COMMAND, ROOT, Office, process
from tests.console.test_screen_faults import TENANTS, UNASKED, begin, nothing_is_lost, terminal
from tests.console.tmux_kit import WAIT_S, pane

if sys.platform == "win32":
    pytest.skip("needs signals and terminals of POSIX", allow_module_level=True)


def panel_kept(data: Path) -> str:
    """The panel that the next start shows."""
    return screen_memory.recall(data, CUSTOMER).panel


@pytest.mark.system("tmux")
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_asked_to_end_while_it_writes_it_stops_safely_and_keeps_the_view(
    name: str, office: Office, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with pane(tmp_path, *COMMAND, "--data-dir", str(data), env=terminal(office)) as here:
        begin(here, office)
        here.until("wartet", "Limit der Gegenseite")
        here.keys("6")
        here.until("Begonnen")
        os.kill(here.pid(), getattr(signal, name))
        text = here.until("ended with 4")
    assert "Traceback" not in text
    assert panel_kept(data) == "protocol"
    with closing(open_customer(data, CUSTOMER)) as conn:
        (run,) = Journal(conn, Vault.ephemeral()).runs(kind=APPLY)
    assert run.state is RunState.INTERRUPTED
    assert run.finished is not None
    nothing_is_lost(office, data)


@contextmanager
def on_a_terminal(office: Office, *arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """``einzug`` as the leader of a session on a terminal, and the other end of that terminal."""
    assert sys.platform != "win32"
    import pty

    ours, theirs = pty.openpty()
    try:
        with process(
            *arguments,
            env=terminal(office),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=partial(_take_terminal, theirs),
        ) as running:
            os.close(theirs)
            yield ours, running
    finally:
        _close(ours)


def _take_terminal(descriptor: int) -> None:
    assert sys.platform != "win32"
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return  # it was the point of the test


def _until_shown(descriptor: int, words: str) -> None:
    import select

    seen, end = b"", time.monotonic() + WAIT_S
    while words.encode() not in seen:
        assert time.monotonic() < end, seen
        if select.select([descriptor], [], [], 1.0)[0]:
            seen += os.read(descriptor, 65536)


def test_screens_whose_terminal_is_gone_raise_nothing(office: Office, tmp_path: Path) -> None:
    with on_a_terminal(office, "--data-dir", str(tmp_path / "data")) as (ours, running):
        _until_shown(ours, "kein Plan")
        os.close(ours)  # the window is closed: the kernel says SIGHUP, and every write fails from now on
        assert running.wait(timeout=30) == 0
    assert panel_kept(tmp_path / "data") == "overview"
    assert not list(tmp_path.rglob("crash-*"))


def test_a_command_whose_terminal_is_gone_finishes_what_is_under_way(office: Office, tmp_path: Path) -> None:
    data = tmp_path / "data"
    fault = {"partner": "bots4you", "kind": "429", "method": "P*", "after": 1, "count": 1, "retry_after": 3}
    office.control("POST", "/faults", fault)
    with on_a_terminal(office, "sync", *TENANTS, *UNASKED, "--data-dir", str(data)) as (ours, running):
        while not office.control("GET", "/requests/bots4you?status=429&count=1")["count"]:
            assert running.poll() is None
        os.close(ours)
        assert running.wait(timeout=30) == 4
    assert 0 < len(office.held("tenant")) < 65
    assert not list(tmp_path.rglob("crash-*"))
    nothing_is_lost(office, data)


HUNG = """
import os, pathlib, socket, time
def getaddrinfo(*_arguments, **_named):
    pathlib.Path(os.environ["ASKED"]).touch()
    time.sleep(3600)
socket.getaddrinfo = getaddrinfo
"""
"""Python loads it before anything of ours: no name is ever resolved."""


def _nobody_resolves(office: Office, folder: Path) -> dict[str, str]:
    """The variables that lead a program to a partner whose name never becomes an address."""
    (folder / "sitecustomize.py").write_text(HUNG, encoding="utf-8")
    url = office.line["partners"]["bots4you"]["url"]
    live = (
        ('"practice"', '"test"'),
        ('"openwowi"', '"openwowi"\nenvironment = "test"'),
        (f'control = "{office.line["control"]}"\n', ""),  # nobody plays people there
    )
    config = office.changed(folder, (url, "https://partner.example.org"), *live)
    path = os.pathsep.join((str(folder), str(ROOT)))
    return {"PYTHONPATH": path, "EINZUG_CONFIG": str(config), "ASKED": str(folder / "asked")}


def _until_asked(folder: Path) -> None:
    end = time.monotonic() + WAIT_S
    while not (folder / "asked").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_command_does_not_wait_for_a_name_that_nobody_resolves(office: Office, tmp_path: Path) -> None:
    with process("check", CUSTOMER, "bots4you", env=_nobody_resolves(office, tmp_path)) as running:
        _until_asked(tmp_path)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 4
    assert "Traceback" not in err


@pytest.mark.system("tmux")
def test_quitting_does_not_wait_for_a_name_that_nobody_resolves(office: Office, tmp_path: Path) -> None:
    env = terminal(office) | _nobody_resolves(office, tmp_path)
    with pane(tmp_path, *COMMAND, env=env) as here:
        here.until("Wohnbau Musterstadt", "kein Plan")
        here.keys("p")
        here.until("Bevor echte Daten gelesen werden")
        here.keys("Down", "Enter")  # read all the same
        _until_asked(tmp_path)
        here.keys("C-q")
        here.until("ended with 0")
