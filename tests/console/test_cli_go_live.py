"""``einzug go-live`` on a running office: compared now, noted by name, locked for the hub, told by check."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.i18n import setup
from tests.console.cli_kit import Office, Told
from tests.console.conftest import Einzug
from tests.console.golive_kit import BLOCKER, NAME, VALUES, only_short

CATEGORIES = ("practice", "bots4you", "ticket-categories")
TABLE = "[customers.practice.bots4you.use_cases.ticket-categories]"


class Desk:
    """The command line with a keyring, a data folder and a short checklist of its own."""

    def __init__(self, einzug: Einzug, office: Office, folder: Path, owner: str) -> None:
        self._einzug = einzug
        self.config = office.changed(folder, (TABLE, f'{TABLE}\nowner = "{owner}"'))
        self.data = folder / "data"

    def __call__(self, *arguments: str) -> Told:
        """Call ``einzug``."""
        return self._einzug(
            *arguments, "--config", str(self.config), "--data-dir", str(self.data), "--lang", "en"
        )

    def settle(self) -> None:
        """Answer everything that the step asks."""
        for item in ("go_live.way_back", "go_live.contacts", "go_live.time", BLOCKER):
            sets = []
            for key, value in VALUES[item].items():
                sets += ["--set", f"{key}={value if isinstance(value, str) else ','.join(value)}"]
            told = self(
                "checklist", "answer", "practice", item, "--done", "--who", NAME, "--note", "x", *sets
            )
            assert told.code == 0, told.err


@pytest.fixture
def owner() -> str:
    """Who writes the use case from the go-live on."""
    return "einzug"


@pytest.fixture
def desk(einzug: Einzug, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str) -> Desk:
    """The office, with everything written."""
    only_short(monkeypatch)
    monkeypatch.setenv("EINZUG_KEYRING", "file")
    monkeypatch.setenv("EINZUG_PASSPHRASE", "something of this machine")
    setup("en")
    desk = Desk(einzug, office, tmp_path, "einzug")
    assert desk("sync", *CATEGORIES, "--yes").code == 0
    desk.config = office.changed(tmp_path, (TABLE, f'{TABLE}\nowner = "{owner}"'))
    return desk


def test_it_goes_live_by_name_once_every_condition_holds(desk: Desk) -> None:
    told = desk("go-live", *CATEGORIES, "--who", NAME)
    assert told.code == 1
    assert "✗ the way back" in told.out
    assert "✗ nothing blocks" in told.out
    desk.settle()
    told = desk("go-live", *CATEGORIES)
    assert told.code == 0, told.out
    assert "✗" not in told.out
    assert "With --who NAME it goes live." in told.err
    assert desk("go-live", "practice").out.startswith("Nothing is live yet.")
    told = desk("go-live", *CATEGORIES, "--who", NAME, "--note", "agreed", "--json")
    assert told.code == 0
    assert told.json["live"]["who"] == NAME
    assert told.json["live"]["desired"] == told.json["live"]["actual"] == told.json["compared"]["desired"]
    assert "live since" in desk("go-live", "practice").out
    assert desk("runs", "practice", "--verify").code == 0


def test_differences_keep_it_back_until_their_count_is_named(desk: Desk, office: Office) -> None:
    desk.settle()
    office.reset()
    count = desk("plan", *CATEGORIES, "--json").json["counts"]["create"]
    assert count > 0
    told = desk("go-live", *CATEGORIES, "--who", NAME)
    assert told.code == 1
    assert f"{count} records differ." in told.out
    wrong = desk("go-live", *CATEGORIES, "--who", NAME, "--note", "x", "--accept", f"differences={count + 1}")
    assert wrong.code == 1
    how = ("--note", "comes tonight", "--accept", f"differences={count}")
    told = desk("go-live", *CATEGORIES, "--who", NAME, *how, "--json")
    assert told.code == 0
    assert told.json["live"]["accepted"] == count


@pytest.mark.parametrize("owner", ["hub"])
def test_what_the_hub_takes_over_is_locked_until_it_is_taken_back(desk: Desk, office: Office) -> None:
    desk.settle()
    assert desk("go-live", *CATEGORIES, "--who", NAME).code == 0
    count = len(office.held("ticket_category"))
    office.reset()
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text.replace('owner = "hub"', 'owner = "einzug"'), encoding="utf-8")
    told = desk("sync", *CATEGORIES, "--yes")
    assert told.code == 5
    assert "the hub writes this use case" in told.err
    assert office.held("ticket_category") == []
    assert desk("go-live", *CATEGORIES, "--take-back", "--who", NAME).code == 2  # a reason is needed
    desk.config.write_text(text, encoding="utf-8")
    told = desk("go-live", *CATEGORIES, "--take-back", "--who", NAME, "--note", "the hub fails")
    assert told.code == 0, told.err
    assert 'owner = "einzug"' in desk.config.read_text(encoding="utf-8")
    assert desk("sync", *CATEGORIES, "--yes", "--accept", f"empty_side={count}").code == 0
    assert len(office.held("ticket_category")) == count


def test_check_begins_with_what_changed_since(desk: Desk, office: Office) -> None:
    assert "since_go_live" not in desk("check", "practice", "--json").json
    desk.settle()
    desk("go-live", *CATEGORIES, "--who", NAME)
    office.reset()
    desk("plan", *CATEGORIES)
    found = desk("check", "practice", "--json").json
    since = found["since_go_live"]
    assert [(moved["side"], moved["now"]) for moved in since["lives"][0]["moved"]] == [("actual", 0)]
    keys = [one["key"] for one in found["findings"]]
    assert "erp.new_mandanten" in keys
    told = desk("check", "practice")
    assert "live since" in told.out.splitlines()[0]
    told = desk("go-live", "practice")
    assert told.code == 1
    assert "0 now" in told.out


def test_wrong_words_are_refused(desk: Desk) -> None:
    assert desk("go-live", "practice", "bots4you").code == 2
    assert desk("go-live", "practice", "--who", NAME).code == 2
    assert desk("go-live", *CATEGORIES, "--accept", "deletes=3").code == 2
    assert desk("go-live", "practice", "bots4you", "nonsense").code == 2
    assert desk("go-live", *CATEGORIES, "--take-back", "--who", NAME, "--note", "x").code == 2  # not live
