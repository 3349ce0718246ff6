"""Wrong arguments, configurations and surroundings: two lines at most, the right exit code, no traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.problems import Problem
from console.cli import COMMANDS, run
from console.errors import Exit, worst
from tests.console.cli_kit import COMMAND, ROOT, Office
from tests.console.conftest import Einzug

TENANTS = ("practice", "bots4you", "master-data")


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["nonsense"], ["'nonsense'", "einzug --help"]),
        (["check"], ["CUSTOMER", "einzug check --help"]),
        (["check", "nobody"], ["nobody", "practice"]),
        (["check", "practise"], ["practise", "Meinten Sie „practice“?"]),
        (["check", "practice", "nobody"], ["'nobody'", "bots4you"]),
        (["check", "practice", "bots4you", "more"], ["more"]),
        (["plan", "practice", "bots4you"], ["USE_CASE"]),
        (["plan", "practice", "bots4you", "nothing"], ["'nothing'", "master-data"]),
        (["plan", *TENANTS, "--scope", "colour=red"], ["'colour=red'", "mandant"]),
        (["plan", *TENANTS, "--scope", "mandant"], ["'mandant'", "mandant"]),
        (["plan", *TENANTS, "--nothing"], ["'--nothing'"]),
        (["plan", *TENANTS, "--csv"], ["'--csv'"]),
        (["sync", *TENANTS, "--accept", "deletes"], ["GUARD=COUNT"]),
        (["sync", *TENANTS, "--accept", "deletes=-1"], ["--accept"]),
        (["sync", *TENANTS, "--accept", "deletes=" + "9" * 30], ["--accept"]),
        (["sync", *TENANTS, "--accept", "=1"], ["--accept"]),
        (["runs", "practice", "77"], ["77", "einzug runs"]),
        (["runs", "practice", "one"], ["'one'"]),
        (["runs", "practice", "9" * 30], ["9" * 30]),
        (["runs", "practice", "0"], ["0"]),
        (["undo", "practice", "77", "--yes"], ["77"]),
        (["undo", "practice", "9" * 30, "--yes"], ["9" * 30]),
        (["credentials", "set", "practice", "nobody"], ["'nobody'"]),
        (["credentials", "set", "practice", "bots4you", "colour"], ["'colour'", "password"]),
        (["credentials", "set", "practice", "bots4you"], ["username, password"]),
        (["credentials", "set", "practice", "bots4you", "password"], ["password"]),
        (["credentials", "show", "practice", "nobody"], ["'nobody'"]),
        (["credentials", "nonsense"], ["'nonsense'"]),
        (["--lang", "fr", "runs", "practice"], ["'fr'", "de, en"]),
        (["runs", "practice", "--lang"], ["--lang"]),
        (["--config", ".", "runs", "practice"], ["--config", "Ordner"]),
        (["demo", "--headless", "--units", "1"], ["--units"]),
        (["demo", "--headless", "--seed", "x"], ["--seed"]),
    ],
)
def test_a_mistake_in_the_command_exits_2_and_says_what_there_is(
    einzug: Einzug, office: Office, arguments: list[str], fragments: list[str]
) -> None:
    told = einzug(*arguments)
    assert (told.code, told.out) == (2, ""), told
    german = [fragment.replace("GUARD=COUNT", "SICHERUNG=ZAHL") for fragment in fragments]
    assert [fragment for fragment in german if fragment not in told.err] == [], told.err
    assert 1 <= len(told.err.splitlines()) <= 2
    assert told.err.startswith("einzug: ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, ""),
        (b"[customers", ""),
        (b"a = 1\nb = \xff\n", ":2"),
        (b'[customers.practice]\nnam = "X"\n', ":2"),
        (b"[customers.practice]\nname = 7\n", ":2"),
        (b'customers = "practice"', ":1"),
        (b'[customers.practice]\nname = "X"\n[customers.practice.erp]\nsource = "openwowi"\n'
         b'url = "http://erp.example.org"\n', ":5"),
        (b'[customers.practice]\nname = "X"\n[customers.practice.erp]\nsource = "openwowi"\n'
         b'password = "x"\n', ":5"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_used_is_told_with_its_place(
    einzug: Einzug, tmp_path: Path, content: bytes | None, line: str
) -> None:
    config = tmp_path / "config.toml"
    if content is not None:
        config.write_bytes(content)
    for command in (
        ("check", "practice"),
        ("plan", *TENANTS),
        ("sync", *TENANTS, "--yes"),
        ("runs", "practice"),
    ):
        told = einzug(*command, "--config", str(config))
        assert (told.code, told.out) == (2, "")
        assert f"{config}{line}" in told.err


@pytest.mark.parametrize("english", [False, True])
def test_an_erp_or_partner_that_the_configuration_lacks_is_named(
    einzug: Einzug, tmp_path: Path, english: bool
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[customers.practice]\nname = "X"\n', encoding="utf-8")
    language = ("--lang", "en" if english else "de")
    told = einzug("check", "practice", "--config", str(config), *language)
    assert told.code == 2
    assert ("No ERP is configured" if english else "kein ERP eingerichtet") in told.err
    told = einzug("plan", *TENANTS, "--config", str(config), *language)
    assert told.code == 2
    assert "[customers.practice.bots4you]" in told.err


def test_missing_credentials_are_named_with_the_ways_to_give_them(
    einzug: Einzug, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EINZUG_SECRET_PRACTICE_BOTS4YOU_PASSWORD")
    told = einzug("plan", *TENANTS)
    assert (told.code, told.out) == (2, "")
    assert "einzug credentials set practice bots4you" in told.err
    assert "EINZUG_SECRET_PRACTICE_BOTS4YOU_PASSWORD" in told.err
    told = einzug("credentials", "show", "practice")
    assert told.code == 1
    assert [line.split()[-1] for line in told.out.splitlines()[1:]].count("fehlt") == 1
    assert "Umgebungsvariable" in told.out


def test_what_credentials_show_says_holds_no_value(einzug: Einzug, office: Office) -> None:
    told = einzug("credentials", "show", "practice")
    assert told.code == 0
    secrets = {v for name, v in office.variables().items() if "SECRET" in name}
    assert [secret for secret in secrets if secret in told.out + told.err] == []


def test_without_a_keyring_it_is_said_and_not_a_crash(
    einzug: Einzug, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = einzug("credentials", "set", "practice", "bots4you", "password", stdin="word\n")
    assert told.code == 2
    assert "Schlüsselbund" in told.err
    assert "word" not in told.err
    for name in office.variables():
        if "SECRET" in name:
            monkeypatch.delenv(name)
    assert einzug("plan", *TENANTS).code == 2


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting before another try takes no time."""

    def countdown(*_: object) -> Callable[..., Any]:
        async def wait(_seconds: float, _problem: Problem, _attempt: int) -> None:
            """At once."""

        return wait

    for module in ("console.running", "console.commands.check", "console.writing"):
        monkeypatch.setattr(f"{module}.countdown", countdown)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("command", [("check", "practice"), ("plan", *TENANTS), ("sync", *TENANTS, "--yes")])
def test_no_access_exits_3(
    einzug: Einzug, office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    url = office.line["partners"]["bots4you"]["url"]
    nowhere = office.changed(tmp_path, (f'"{url}"', '"http://127.0.0.1:1"'))
    assert einzug(*command, "--config", str(nowhere)).code == 3

    office.control("POST", "/objects/bots4you/rights", {"remove": ["tenants:read"]})
    try:
        told = einzug(*command)
    finally:
        office.control("POST", "/objects/bots4you/rights", {"add": ["tenants:read"]})
    assert told.code == 3
    assert "Recht" in told.out + told.err

    monkeypatch.setenv("EINZUG_SECRET_PRACTICE_BOTS4YOU_PASSWORD", "canary-of-the-wrong-word")
    told = einzug(*command)
    assert told.code == 3
    assert "canary-of-the-wrong-word" not in told.out + told.err
    assert office.held("tenant") == []


@pytest.mark.parametrize("command", [("plan", *TENANTS), ("sync", *TENANTS, "--yes"), ("runs", "practice")])
def test_a_data_folder_that_cannot_be_made_exits_2(
    einzug: Einzug, office: Office, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "file").touch()
    told = einzug(*command, "--data-dir", str(tmp_path / "file" / "data"))
    assert (told.code, told.out) == (2, "")
    assert "--data-dir" in told.err


def test_a_crash_exits_70_and_leaves_a_report_without_values_in_the_data_folder_given(
    einzug: Einzug, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "Erika Mustermann +49 30 1234567"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(canary)

    monkeypatch.setattr("console.commands.runs.table", broken)
    monkeypatch.setattr("console.commands.runs._history", broken)
    data = tmp_path / "given"
    told = einzug("runs", "practice", "--data-dir", str(data), "--debug")
    assert (told.code, told.out) == (70, "")
    (report,) = (data / "crashes").iterdir()
    assert str(report) in told.err
    text = report.read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert "runs.py" in text
    assert canary not in text + told.err
    assert report.stat().st_mode & 0o077 == 0 or report.drive


def test_the_exit_codes_have_their_precedence() -> None:
    assert [worst(codes) for codes in ([0, 1], [1, 4], [4, 5], [5, 3], [3, 2], [])] == [1, 4, 5, 3, 2, 0]


def test_help_and_version_exit_0_and_start_nothing(einzug: Einzug) -> None:
    assert einzug("--version").out.startswith("einzug ")
    whole = einzug("--help")
    assert [name for name in COMMANDS if name not in whole.out] == []
    for name in COMMANDS:
        told = einzug(name, "--help")
        assert (told.code, told.err) == (0, "")
        assert told.out.startswith(f"Aufruf: einzug {name}")


@pytest.mark.parametrize(("shell", "word"), [("bash", "complete"), ("zsh", "compdef"), ("fish", "complete")])
def test_completion_scripts_are_written(
    einzug: Einzug, monkeypatch: pytest.MonkeyPatch, shell: str, word: str
) -> None:
    monkeypatch.setenv("_EINZUG_COMPLETE", f"{shell}_source")
    monkeypatch.setattr("click.shell_completion.BashComplete._check_version", staticmethod(lambda: None))
    told = einzug()
    assert told.code == 0
    assert word in told.out


def test_completion_knows_the_commands(einzug: Einzug, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "_EINZUG_COMPLETE": "bash_complete",
        "COMP_WORDS": "einzug c",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(name, value)
    found = einzug().out.split()
    assert {"plain,credentials", "plain,check", "plain,checklist"} <= set(found)


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")
def test_closed_streams_are_no_crash(office: Office) -> None:
    arguments = [*COMMAND, "sync", *TENANTS]
    close = f"import os, sys; os.close(0); os.close(2); os.execv(sys.executable, {arguments!r})"
    done = subprocess.run([sys.executable, "-c", close], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


WORDING = """ticket-categories
erp set show forget --yes --json --csv --xlsx --scope mandant=10 --only --accept
deletes=3 --expect --live --lang de en --config --data-dir --debug --unmask --verify --retry-failed --headless
--units --seed --partner --fault --for --port-base --help --version -- - -h 1 -1 nan erp:500 ../x äöü =
--lang=fr --units=3"""
CALM = [name for name in COMMANDS if name != "info"]  # that one wants the answer of its coroutine
WORDS = st.sampled_from(
    [*CALM, *TENANTS, "", "9" * 25, "\udcff", "\x1b[2J", *WORDING.split()],
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(WORDS | st.text(st.characters(exclude_characters="\x00"), max_size=6), min_size=1, max_size=7)
)
def test_no_arguments_whatever_crash(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    folder = tmp_path_factory.getbasetemp() / "anything"
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.stdin", None)
    monkeypatch.setattr("asyncio.run", _nothing)
    code = run(arguments)
    out, err = capsys.readouterr()
    assert code in set(Exit) - {Exit.CRASH}, (arguments, err)
    assert "Traceback" not in out + err


def _nothing(main: Any) -> int:
    """Starts no server and calls nobody: what the arguments mean is found before or after."""
    main.close()
    return 0
