"""``einzug checklist export`` and ``import``: there and back on the command line, asked, masked, in JSON."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from console import cli
from console.i18n import setup
from tests.console.checklist_kit import CONFIG
from tests.console.cli_kit import Told
from tests.console.conftest import Einzug
from tests.console.handouts_kit import NAME, came_back, only_two_desks

WAY, CONTACT = ("own.provider", "way"), ("own.provider", "contact")
BIRTH = ("own.authentication", "birth")


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, einzug: Einzug) -> Einzug:
    """``einzug checklist`` on a customer with two desks; no keyring is there."""
    only_two_desks(monkeypatch)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("EINZUG_CONFIG", str(path))
    monkeypatch.setenv("EINZUG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

    def call(*arguments: str, stdin: str = "") -> Told:
        return einzug("checklist", *arguments, "--lang", "en", stdin=stdin)

    setup("en")
    return call


def filled(lists: Einzug, folder: Path) -> Path:
    """A workbook of the telephone desk with an answer and a cell that nobody understands."""
    path = folder / "t.xlsx"
    told = lists("export", "muster", str(path), "--for", "telephony", "--due", "31.10.2026")
    assert (told.code, told.err) == (0, "")
    assert "phone system: 1 point in" in told.out
    return came_back(path, {WAY: "Rufumleitung", CONTACT: "Max Kontakt", ("own.provider", "lines"): "viele"})


def test_a_preview_changes_nothing_until_somebody_agrees(lists: Einzug, tmp_path: Path) -> None:
    path = str(filled(lists, tmp_path))
    told = lists("import", "muster", path)
    assert told.code == 1
    assert "+ own.provider  Name the phone provider  (Telefonanlage!F7)" in told.out
    assert "Connection: ∅ → Forwarding" in told.out
    assert '? Telefonanlage!F10  "viele"  This is no number.' in told.out
    assert "Nothing was stored" in told.err
    assert lists("muster", "--json").json["readiness"]["done"] == 0
    refused = lists("import", "muster", path, "--yes")
    assert (refused.code, "--in-clear" in refused.err) == (2, True)
    told = lists("import", "muster", path, "--yes", "--in-clear")
    assert (told.code, told.err.splitlines()[0]) == (1, "1 answer kept from t.xlsx.")
    items = lists("muster", "--json").json["lists"][0]["items"]
    (said,) = [one["answer"] for one in items if "answer" in one]
    assert (said["who"], said["from"], said["said"]) == (NAME, "t.xlsx", "done")
    assert f"settled · {NAME}" in lists("muster", "own").out
    assert "from t.xlsx" in lists("muster", "own").out


def test_a_person_at_the_terminal_is_asked(
    lists: Einzug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = filled(lists, tmp_path)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for typed, stored in (("no\n", False), ("yes\nyes\n", True)):
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        assert cli.run(["checklist", "import", "muster", str(path), "--lang", "en"]) == 1
        assert ("1 answer kept" in capsys.readouterr().err) is stored


def test_a_conflict_is_taken_only_on_request(lists: Einzug, tmp_path: Path) -> None:
    path = str(filled(lists, tmp_path))
    lists("answer", "muster", "own.provider", "--who", "Max", "--done", "--set", "way=sip", "--in-clear")
    told = lists("import", "muster", path, "--yes", "--json")
    assert (told.code, told.json["proposals"][0]["found"], told.json["proposals"][0]["kept"]) == (
        1,
        "conflict",
        False,
    )
    assert told.json["doubts"][0]["place"] == "Telefonanlage!F10"
    told = lists("import", "muster", path, "--yes", "--json", "--take-conflicts")
    assert told.json["proposals"][0]["kept"] is True


def test_persons_are_masked_outside_practice(lists: Einzug, tmp_path: Path) -> None:
    path = filled(lists, tmp_path)
    config = tmp_path / "config.toml"
    text = config.read_text(encoding="utf-8").replace('"practice"', '"test"').replace("http://", "https://")
    config.write_text(text, encoding="utf-8")
    told = lists("import", "muster", str(path))
    assert "Kontakt" not in told.out
    assert "Erika" not in told.out
    assert "Max Kontakt" in lists("import", "muster", str(path), "--unmask").out


def test_settings_that_answers_decide_are_named_with_the_command_that_writes_them(
    lists: Einzug, tmp_path: Path
) -> None:
    lists("export", "muster", str(tmp_path / "out"))
    path = came_back(tmp_path / "out" / "offene-punkte-muster-it.xlsx", {BIRTH: "ja"})
    told = lists("import", "muster", str(path), "--yes", "--in-clear")
    assert told.code == 0
    assert "Setting bots4you/master-data.birth_date: false → true" in told.err
    command = "einzug checklist answer muster own.authentication --take-over"
    assert f"{command} writes it into the configuration." in told.err
    assert lists(*command.split()[2:]).code == 0
    assert "birth_date = true" in (tmp_path / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "muster", "out", "--for", "kitchen"), "kitchen"),
        (("export", "muster", "out", "--due", "soon"), "--due has to be a day"),
        (("export", "muster", "out.xlsx", "--for", "letting"), "Nothing is open there."),
        (("export", "muster", "missing/out.xlsx"), "cannot be written"),
        (("import", "muster", "none.xlsx"), "none.xlsx cannot be read as a workbook"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    lists: Einzug, arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = lists(*arguments)
    assert told.code == 2
    assert said in told.err
