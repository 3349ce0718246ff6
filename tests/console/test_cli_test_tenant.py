"""``einzug test-tenant``: listing, playing, going on, giving up, and its exit codes."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.console.cli_kit import Office, process
from tests.console.conftest import Einzug

COMMAND = ("test-tenant", "practice")
STEPS = ["apply", "edit", "accept", "hand_over"]


@pytest.fixture
def object_id(office: Office, einzug: Einzug) -> str:
    """Immomio with the company's vacancies; the number of one."""
    einzug("sync", "practice", "immomio", "vacancies", "--yes")
    told = einzug(*COMMAND, "--json")
    assert told.code == 0
    return str(told.json["objects"][0]["id"])


def test_without_an_object_they_are_listed_with_their_links_and_nothing_begins(
    einzug: Einzug, object_id: str
) -> None:
    told = einzug(*COMMAND)
    assert told.code == 0
    assert object_id in told.out
    assert "/apply/" in told.out
    assert "--object" in told.err
    assert einzug(*COMMAND, "--give-up").err == "Es war kein Test begonnen.\n"


def test_the_sandbox_plays_every_step_until_the_erp_holds_the_prospect(
    einzug: Einzug, object_id: str, office: Office
) -> None:
    told = einzug(*COMMAND, "--object", object_id, "--play", "--json")
    assert (told.code, told.err) == (0, "")
    found = told.json
    assert (found["schema"], found["partner"], found["use_case"]) == (1, "immomio", "prospects")
    assert (found["done"], found["object"]["id"], found["rules"]) == (True, object_id, ["I11"])
    assert [(step["key"], step["state"]) for step in found["steps"]] == [(key, "seen") for key in STEPS]
    newest = office.control("GET", "/state/immomio/application")[-1]
    assert newest["state"] == "ACCEPTED"
    assert newest["lastName"] not in told.out


def test_as_json_one_look_is_all_and_what_is_left_is_told_by_the_exit_code(
    einzug: Einzug, object_id: str
) -> None:
    told = einzug(*COMMAND, "--object", object_id, "--json")
    assert told.code == 4
    assert [step["state"] for step in told.json["steps"]] == ["now", "later", "later", "later"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")
def test_ctrl_c_says_how_it_goes_on(object_id: str) -> None:
    with process(*COMMAND, "--object", object_id, env={"PYTHONUNBUFFERED": "1"}) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(3)]
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert object_id in lines[0]
    assert "/apply/" in lines[1]
    assert "▶ jetzt" in lines[2]
    assert running.returncode == 4
    assert "Schlüsselbund" in err or "demselben Befehl" in err
    assert "Traceback" not in err


def test_an_object_nobody_shows_is_refused(einzug: Einzug, object_id: str) -> None:
    told = einzug(*COMMAND, "--object", f"{object_id}x")
    assert (told.code, told.out) == (2, "")
    assert object_id in told.err


def test_nobody_plays_outside_practice(
    einzug: Einzug, object_id: str, office: Office, tmp_path: Path
) -> None:
    text = office.config.read_text(encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(text.replace('environment = "practice"', 'environment = "test"'), encoding="utf-8")
    told = einzug(*COMMAND, "--object", object_id, "--play", "--config", str(config))
    assert (told.code, told.out) == (2, "")
    assert "Übungsfirma" in told.err


def test_an_erp_that_takes_nothing_back_is_named(einzug: Einzug, office: Office, tmp_path: Path) -> None:
    text = office.config.read_text(encoding="utf-8")
    before, _, rest = text.partition("[customers.practice.erp]")
    _, _, partners = rest.partition("\n[")
    (tmp_path / "exports").mkdir()
    folder = '[customers.practice.erp]\nsource = "files"\nfolder = "exports"\n\n['
    config = tmp_path / "config.toml"
    config.write_text(before + folder + partners, encoding="utf-8")
    told = einzug(*COMMAND, "--config", str(config))
    assert (told.code, told.out) == (2, "")
    assert "Interessenten" in told.err


def test_the_control_address_belongs_to_practice_and_this_machine(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    text = office.config.read_text(encoding="utf-8")
    config = tmp_path / "config.toml"
    address = office.line["control"]
    config.write_text(text.replace(address, "http://203.0.113.7:8000"), encoding="utf-8")
    told = einzug("check", "practice", "--config", str(config))
    assert told.code == 2
    assert "customers.practice.control" in told.err
    live = text.replace('environment = "practice"', 'environment = "test"')
    live = live.replace('source = "openwowi"', 'source = "openwowi"\nenvironment = "test"')
    config.write_text(live, encoding="utf-8")
    told = einzug("check", "practice", "--config", str(config))
    assert told.code == 2
    assert "customers.practice.control" in told.err
    assert "practice" in told.err
