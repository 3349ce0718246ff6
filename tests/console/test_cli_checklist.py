"""``einzug checklist``: states, answers and exit codes, without any network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.i18n import setup
from tests.console.checklist_kit import CONFIG, only_own
from tests.console.cli_kit import Told
from tests.console.conftest import Einzug

NAME = "Erika Musterfrau"


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, einzug: Einzug) -> Einzug:
    """``einzug checklist`` on the customer with one list of its own; no keyring is there."""
    only_own(monkeypatch)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("EINZUG_CONFIG", str(path))
    monkeypatch.setenv("EINZUG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("LANG", "en_US.UTF-8")

    def call(*arguments: str, stdin: str = "") -> Told:
        return einzug("checklist", *arguments, "--lang", "en", stdin=stdin)

    setup("en")
    return call


def answer(lists: Einzug, *more: str) -> Told:
    """An answer with everything it takes here."""
    return lists("answer", "muster", "own.provider", "--who", NAME, "--in-clear", *more)


def test_what_blocks_comes_first_and_makes_the_exit_code_1(lists: Einzug) -> None:
    told = lists("muster")
    assert told.code == 1
    lines = told.out.splitlines()
    assert "own.provider" in lines[1]
    assert "Nobody has answered yet." in lines[1]
    assert lines[-1] == "Readiness 0%, blocking 1, open 2, done 0"


def test_an_answer_clears_it(lists: Einzug, tmp_path: Path) -> None:
    file = tmp_path / "plan.pdf"
    file.write_bytes(b"%PDF")
    told = answer(lists, "--done", "--note", "agreed", "--set", "way=sip", "--file", str(file))
    assert told.code == 0, told.err
    assert "All calls arrive by SIP trunk." in told.out
    after = lists("muster", "--json")
    assert after.code == 0
    found = after.json
    assert found["schema"] == 1
    assert found["readiness"]["done"] == 1
    assert found["blockers"] == []
    (item,) = [one for one in found["lists"][0]["items"] if one["id"] == "own.provider"]
    assert item["answer"]["who"] == NAME
    assert item["answer"]["values"] == {"way": "sip"}
    assert item["answer"]["files"][0]["name"] == "plan.pdf"
    assert found["clear_storage"] is True
    assert "stored readable" in lists("muster").out


def test_a_later_word_keeps_what_it_does_not_say_anew(lists: Einzug) -> None:
    answer(lists, "--done", "--note", "agreed", "--set", "way=sip")
    told = lists("answer", "muster", "own.provider", "--set", "lines=4")
    assert told.code == 0, told.err
    (item,) = [
        one for one in lists("muster", "--json").json["lists"][0]["items"] if one["id"] == "own.provider"
    ]
    assert (item["answer"]["values"], item["answer"]["note"]) == ({"way": "sip", "lines": "4"}, "agreed")
    assert item["answer"]["who"] == NAME


def test_by_when_the_rest_is_promised_is_told_until_it_is_settled(lists: Einzug) -> None:
    assert "by 31 May 2026" in answer(lists, "--open", "--due", "31.05.2026").out
    (item,) = [one for one in lists("muster", "--json").json["lists"][0]["items"] if "answer" in one]
    assert item["answer"]["due"] == "2026-05-31"
    assert "31 May 2026" in lists("answer", "muster", "own.provider", "--note", "asked again").out
    assert "31 May 2026" not in lists("answer", "muster", "own.provider", "--done", "--set", "way=sip").out
    told = answer(lists, "--open", "--due", "soon")
    assert (told.code, "--due has to be a day." in told.err) == (2, True)


def test_one_list_is_told_whole(lists: Einzug) -> None:
    told = lists("muster", "own")
    assert "own.connection" in told.out
    assert "The check has not run yet." in told.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("muster", "none"), "own"),
        (("nobody",), "nobody"),
        (("answer", "muster", "own.providr", "--done", "--who", NAME), "own.provider"),
        (("answer", "muster", "own.provider", "--done"), "--who"),
        (("answer", "muster", "own.provider", "--accept", "--who", NAME, "--note", "x"), "check"),
        (("answer", "muster", "own.provider", "--not-applicable", "--who", NAME), "reason"),
        (("answer", "muster", "own.provider", "--who", NAME, "--set", "way=fax"), "forward"),
        (("answer", "muster", "own.provider", "--who", NAME, "--set", "way"), "FIELD=VALUE"),
        (("answer", "muster", "own.provider", "--who", NAME, "--done"), "--in-clear"),
        (("answer", "muster", "own.provider", "--who", NAME, "--in-clear", "--file", "none.pdf"), "none.pdf"),
    ],
)
def test_what_cannot_be_is_a_usage_error_that_says_what_can(
    lists: Einzug, arguments: tuple[str, ...], said: str
) -> None:
    told = lists(*arguments)
    assert told.code == 2
    assert said in told.err
    assert told.out == ""


def test_a_wrong_own_list_is_named_with_file_and_line(lists: Einzug, tmp_path: Path) -> None:
    folder = tmp_path / "checklists"
    folder.mkdir()
    (folder / "mine.toml").write_text('id = "mine"\norder = "x"\n', encoding="utf-8")
    told = lists("muster")
    assert told.code == 2
    assert "mine.toml:2: order: This is of the wrong kind: x. Allowed: number." in told.err


def test_a_decision_becomes_a_setting_only_on_request(lists: Einzug, tmp_path: Path) -> None:
    words = (
        "answer",
        "muster",
        "own.authentication",
        "--who",
        NAME,
        "--in-clear",
        "--done",
        "--set",
        "birth=yes",
    )
    told = lists(*words)
    assert "Setting bots4you/master-data.birth_date: false → true" in told.out
    assert "birth_date" not in (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert lists(*words, "--take-over").code == 0
    assert "birth_date = true" in (tmp_path / "config.toml").read_text(encoding="utf-8")


def test_names_are_masked_outside_practice(lists: Einzug, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = path.read_text(encoding="utf-8").replace('"practice"', '"test"').replace("http://", "https://")
    path.write_text(text, encoding="utf-8")
    answer(lists, "--open", "--note", "call Erika")
    assert "Erika" not in lists("muster").out
    assert "Erika" in lists("muster", "--unmask").out
    told = lists("muster", "--json")
    assert json.loads(told.out)
    assert "personal data" in told.err


def test_options_of_all_commands_may_stand_before_the_word(lists: Einzug, tmp_path: Path) -> None:
    config = str(tmp_path / "config.toml")
    assert lists("--config", config, "muster").code == 1
    told = lists(
        "--config", config, "answer", "muster", "own.provider", "--who", NAME, "--in-clear", "--open"
    )
    assert told.code == 0


def test_an_item_is_answered_for_one_of_many_subjects(lists: Einzug) -> None:
    mailbox = "vermietung@example.org"
    told = answer(lists, "--done", "--set", "way=sip", "--subject", mailbox)
    assert told.code == 0, told.err
    assert mailbox not in told.out
    kept = answer(lists, "--note", "seen again", "--subject", mailbox, "--subject", "other@example.org")
    assert kept.code == 0
    whole = lists("muster", "own")
    assert f"Name the phone provider: {mailbox}" in whole.out
    (item,) = (i for i in lists("muster", "--json").json["lists"][0]["items"] if i["id"] == "own.provider")
    assert "answer" not in item
    said = [(one["subject"], one["answer"]["note"], one["answer"]["values"]) for one in item["subjects"]]
    assert said == [
        ("other@example.org", "seen again", {"way": "sip"}),
        (mailbox, "seen again", {"way": "sip"}),
    ]
