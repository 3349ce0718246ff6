"""The office that the tests of the command line share, started once."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator

import pytest

from console.cli import run
from tests.console.cli_kit import LONGEST_S, Office, Told, process

Einzug = Callable[..., Told]


@pytest.fixture(scope="session")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """``einzug sandbox`` as a process of its own, with the configuration it writes."""
    config = tmp_path_factory.mktemp("office") / "config.toml"
    arguments = ("sandbox", "--units", "60", "--write-config", str(config), "--for", LONGEST_S)
    with process(*arguments, env={"NO_PROXY": "*"}) as running:
        assert running.stdout is not None
        try:
            yield Office(json.loads(running.stdout.readline()), config)
        finally:
            running.terminate()
            running.wait(10)


@pytest.fixture
def office(sandboxes: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office, empty at Bots4You, with the variables that lead a command there."""
    sandboxes.reset()
    for name, value in sandboxes.variables().items():
        monkeypatch.setenv(name, value)
    return sandboxes


@pytest.fixture
def einzug(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Einzug:
    """Run a command in this process, with nobody at the terminal; it never shows a traceback."""

    def call(*arguments: str, stdin: str = "") -> Told:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = run(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Told(code, out, err)

    return call
