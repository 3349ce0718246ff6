"""``einzug handover``: from one machine to the other, asked and refused at the command line."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from console.commands import handover as command
from console.i18n import setup
from console.terminal import can_ask
from tests.console.checklist_kit import CONFIG, only_own
from tests.console.cli_kit import Told
from tests.console.conftest import Einzug
from tests.console.handover_kit import PASSPHRASE, cheap

NAMES = ("--who", "Erika Muster", "--to", "Max Beispiel")


class Desk:
    """Two machines, called by turns."""

    def __init__(self, folder: Path, einzug: Einzug, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.file = folder / "muster.einzug"
        self._einzug = einzug
        self._monkeypatch = monkeypatch
        for name in ("one", "two"):
            (folder / name).mkdir()
        (folder / "one" / "config.toml").write_text(CONFIG, encoding="utf-8")

    def call(self, machine: str, *arguments: str, stdin: str = "") -> Told:
        """Call ``einzug`` on a machine."""
        place = self.folder / machine
        self._monkeypatch.setenv("EINZUG_CONFIG", str(place / "config.toml"))
        self._monkeypatch.setenv("EINZUG_DATA_DIR", str(place / "data"))
        return self._einzug(*arguments, "--lang", "en", stdin=stdin)

    def answer(self, machine: str, note: str) -> Told:
        """Somebody answers an item."""
        how = ("--who", "Erika Muster", "--done", "--note", note, "--set", "way=sip")
        return self.call(machine, "checklist", "answer", "muster", "own.provider", *how)

    def export(self) -> Told:
        """Hand over, the passphrase as a line of the input."""
        return self.call("one", "handover", "export", "muster", str(self.file), *NAMES, stdin=PASSPHRASE)

    def take(self, machine: str, *more: str, stdin: str = PASSPHRASE) -> Told:
        """Take in."""
        return self.call(machine, "handover", "import", str(self.file), *more, stdin=stdin)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, einzug: Einzug) -> Desk:
    """Both machines with an encrypted file for a keyring."""
    only_own(monkeypatch)
    cheap(monkeypatch)
    monkeypatch.setenv("EINZUG_KEYRING", "file")
    monkeypatch.setenv("EINZUG_PASSPHRASE", "something of this machine")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    setup("en")
    return Desk(tmp_path, einzug, monkeypatch)


def test_a_customer_goes_from_one_machine_to_the_other(desk: Desk) -> None:
    assert desk.answer("one", "agreed").code == 0
    told = desk.export()
    assert (told.code, told.err) == (0, "")
    assert "It holds no credentials" in told.out
    told = desk.take("two")
    assert told.code == 0, told.err
    assert "Handed over by Erika Muster to Max Beispiel" in told.err
    assert "From now on Max Beispiel works on muster, on this machine." in told.out
    shown = desk.call("two", "checklist", "muster", "own", "--unmask")
    assert "agreed" in shown.out
    assert desk.call("two", "handover", "show", "muster").code == 0
    assert desk.call("one", "handover", "show", "muster").code == 1


def test_the_old_machine_says_who_works_on_it_and_takes_it_back_by_name(desk: Desk) -> None:
    desk.answer("one", "agreed")
    desk.export()
    told = desk.answer("one", "later")
    assert told.code == 5
    assert "Handed over to Max Beispiel on" in told.err
    assert "take-back muster" in told.err
    assert desk.call("one", "handover", "take-back", "muster").code == 2  # a name is needed
    assert desk.call("one", "handover", "take-back", "muster", "--who", "Erika Muster").code == 0
    assert desk.answer("one", "later").code == 0
    assert desk.call("one", "handover", "take-back", "muster", "--who", "Erika Muster").code == 2


def test_nothing_is_replaced_before_somebody_said_so(desk: Desk) -> None:
    desk.answer("one", "agreed")
    desk.export()
    path = desk.folder / "two" / "config.toml"
    path.write_text('[customers.muster]\nname = "Anders"\n', encoding="utf-8")
    told = desk.take("two")
    assert told.code == 2
    assert "--yes" in told.err
    assert "The customer's part of the configuration here is replaced." in told.err
    assert "Anders" in path.read_text(encoding="utf-8")
    assert desk.take("two", "--yes").code == 0
    assert "Anders" not in path.read_text(encoding="utf-8")


def test_where_both_worked_nothing_can_be_lost(desk: Desk) -> None:
    desk.answer("one", "agreed")
    desk.export()
    desk.take("two")
    desk.call("one", "handover", "take-back", "muster", "--who", "Erika Muster")
    desk.answer("one", "mine")
    told = desk.take("one", "--yes")
    assert told.code == 2
    assert "Both sides have answered checklists since: they differ from answer 2 on." in told.err


@pytest.mark.parametrize("passphrase", ["", "kurz", "aaaaaaaaaaaaaaaaaaaa", "wohnbau musterstadt"])
def test_a_weak_passphrase_is_refused_with_its_reason(desk: Desk, passphrase: str) -> None:
    told = desk.call("one", "handover", "export", "muster", str(desk.file), *NAMES, stdin=passphrase)
    assert told.code == 2
    assert "passphrase" in told.err
    assert not desk.file.exists()
    assert desk.call("one", "handover", "show", "muster").code == 0


def test_a_wrong_passphrase_and_a_wrong_file_change_nothing(desk: Desk) -> None:
    desk.export()
    told = desk.take("two", stdin="something else")
    assert (told.code, "does not fit" in told.err) == (2, True)
    desk.file.write_bytes(b"hello")
    told = desk.take("two")
    assert (told.code, "no hand-over file" in told.err) == (2, True)
    assert not (desk.folder / "two" / "config.toml").exists()


def test_the_passphrase_may_come_from_the_environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(command.PASSPHRASE_VARIABLE, PASSPHRASE)
    told = desk.call("one", "handover", "export", "muster", str(desk.file), *NAMES)
    assert told.code == 0
    assert desk.take("two", "--who", "Jemand Anderes", stdin="").code == 0


def test_a_person_is_asked_twice_and_again_where_it_is_weak(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not can_ask()
    asked: list[tuple[str, bool]] = []
    typed = iter(["Erika Muster", "Max Beispiel", "kurz", PASSPHRASE, PASSPHRASE, "y"])

    def prompt(text: str, *, hide_input: bool = False, confirmation_prompt: str = "", err: bool) -> str:
        assert err
        asked.append((text, bool(confirmation_prompt)))
        return next(typed)

    monkeypatch.setattr(command, "can_ask", lambda: True)
    monkeypatch.setattr(click, "prompt", prompt)
    told = desk.call("one", "handover", "export", "muster", str(desk.file))
    assert told.code == 0, told.err
    assert "too short" in told.err
    assert asked == [("Who hands over?", False), ("To whom?", False), *[("New passphrase", True)] * 2]
    assert desk.take("two", stdin="").code == 0
