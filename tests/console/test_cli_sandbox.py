"""``einzug sandbox`` as scripts use it: one line of JSON, silence, and a quick end."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from console.config import load
from tests.console.cli_kit import called, process
from tests.console.conftest import Einzug

KEYS = {
    "erp": {"url", "username", "password", "api_key"},
    "archive": {"url", "username", "password", "client_id", "client_secret", "scope"},
    "bots4you": {"url", "username", "password"},
    "immomio": {"url", "username", "password", "ftp"},
    "onoffice": {"url", "token", "secret"},
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that asks a process to end")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_says_one_line_and_a_signal_ends_it_with_0(number: int, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    arguments = ("sandbox", "--units", "20", "--for", "60", "--write-config", str(config))
    with process(*arguments) as running:
        assert running.stdout is not None
        line = json.loads(running.stdout.readline())
        assert load(config).customers["practice"].partners["bots4you"].environment == "practice"
        running.send_signal(number)
        before = time.monotonic()
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (0, "", "")
    assert time.monotonic() - before < 10  # 2 s are promised; a busy machine gets more
    assert line["schema"] == 1
    assert {key: set(entry) for key, entry in line["partners"].items()} == KEYS
    assert line["control"].startswith("http://127.0.0.1:")


def test_the_sandbox_ends_by_itself_and_serves_only_the_partners_asked_for() -> None:
    told = called("sandbox", "--units", "20", "--partner", "erp", "--for", "0.01")
    assert told.code == 0
    assert list(told.json["partners"]) == ["erp"]
    assert told.err == ""


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["--partner", "nobody"], "'nobody'"),
        (["--fault", "erp"], "PARTNER"),
        (["--fault", "erp:sleepy"], "sleepy"),
        (["--fault", "nobody:500"], "nobody"),
        (["--units", "5"], "5"),
        (["--units", "many"], "'many'"),
        (["--for", "0"], "--for"),
        (["--port-base", "65001"], "65001"),
        (["--write-config", "no/such/folder/x.toml", "--for", "1"], "no/such/folder"),
    ],
)
def test_a_sandbox_that_cannot_be_is_refused_in_one_or_two_lines(
    einzug: Einzug, arguments: list[str], fragment: str
) -> None:
    told = einzug("sandbox", "--units", "20", *arguments)
    assert (told.code, told.out) == (2, "")
    assert fragment in told.err.replace("\\", "/")
    assert len(told.err.splitlines()) <= 2


def test_a_port_that_is_taken_is_said(einzug: Einzug, sandboxes: object) -> None:
    port = sandboxes.line["control"].rpartition(":")[2]  # type: ignore[attr-defined]  # an Office
    told = einzug("sandbox", "--units", "20", "--port-base", port, "--for", "1")
    assert (told.code, told.out) == (2, "")
    assert "lässt sich nicht starten" in told.err


def test_a_configuration_with_other_customers_is_never_written_over(einzug: Einzug, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[customers.real]\nname = "Real"\n', encoding="utf-8")
    told = einzug("sandbox", "--units", "20", "--for", "0.01", "--write-config", str(config))
    assert told.code == 2
    assert "andere Kunden" in told.err
    assert config.read_text(encoding="utf-8") == '[customers.real]\nname = "Real"\n'
