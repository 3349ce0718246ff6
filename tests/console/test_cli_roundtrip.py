"""``einzug roundtrip``: from the first ticket to the verdict, its JSON, its refusals, and going on."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest

from tests.console.cli_kit import Office, process
from tests.console.conftest import Einzug

COMMAND = ("roundtrip", "practice")


def test_the_round_trip_is_told_hop_by_hop_and_ends_with_a_verdict(office: Office, einzug: Einzug) -> None:
    before = office.control("GET", "/state/immomio/ticket")
    told = einzug(*COMMAND, "immomio")
    assert told.code == 0
    assert "niemand wird benachrichtigt" in told.err
    assert [line[:12].strip() for line in told.out.splitlines()[1:11]] == ["✓ angekommen"] * 10
    assert "Bestanden. Langsamste Etappe" in told.out
    assert "Bleibt: Dateien im Archiv: 1" in told.out
    assert office.control("GET", "/state/immomio/ticket") == before


def test_as_json_every_hop_has_its_times_and_its_rule(office: Office, einzug: Einzug) -> None:
    found = einzug(*COMMAND, "bots4you", "--json").json
    assert (found["schema"], found["partner"], found["passed"]) == (1, "bots4you", True)
    hops = {hop["key"]: hop for hop in found["hops"]}
    assert [key for key, hop in hops.items() if hop["state"] == "skipped"] == [
        "filed",
        "linked",
        "comment",
        "reply",
    ]
    assert hops["erp"]["rule"] == "B5"
    assert hops["status"]["seconds"] >= 0
    assert found["slowest"] in hops
    assert re.fullmatch(r"EINZUG-[0-9A-F]{6}", found["id"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")
def test_by_hand_it_asks_what_somebody_has_to_do_and_can_be_left(office: Office) -> None:
    with process(*COMMAND, "immomio", "--by-hand", env={"PYTHONUNBUFFERED": "1"}) as running:
        assert running.stderr is not None
        lines = [running.stderr.readline() for _ in range(4)]
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert any(line.startswith("▶ ") for line in lines)
    assert running.returncode == 4
    assert "Traceback" not in err


def test_outside_practice_it_needs_a_lease_for_tests_and_the_customer_again(
    office: Office, einzug: Einzug, tmp_path: Path
) -> None:
    text = office.config.read_text(encoding="utf-8")
    text = re.sub(r"^control = .*\n", "", text, flags=re.MULTILINE)
    text = text.replace('environment = "practice"', 'environment = "test"')
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    before = office.control("GET", "/state/immomio/ticket")
    told = einzug(*COMMAND, "immomio", "--config", str(config))
    assert (told.code, told.out) == (2, "")
    assert "test_lease" in told.err
    text = text.replace('archive_index = "', 'test_lease = "10/1"\narchive_index = "')
    config.write_text(text, encoding="utf-8")
    told = einzug(*COMMAND, "immomio", "--config", str(config))
    assert told.code == 2
    assert "--live practice" in told.err
    told = einzug(*COMMAND, "immomio", "--config", str(config), "--lease", "10/2", "--live", "practice")
    assert told.code == 2
    assert "10/1" in told.err
    assert einzug(*COMMAND, "immomio", "--config", str(config), "--play").code == 2
    assert office.control("GET", "/state/immomio/ticket") == before


def test_a_partner_without_tickets_is_named(office: Office, einzug: Einzug, tmp_path: Path) -> None:
    text = office.config.read_text(encoding="utf-8")
    config = tmp_path / "config.toml"
    cut = re.sub(r"\[customers\.practice\.bots4you\.use_cases\.tickets[^\[]*", "", text)
    assert cut != text
    config.write_text(cut, encoding="utf-8")
    told = einzug(*COMMAND, "bots4you", "--config", str(config))
    assert told.code == 2
    assert "Bots4You" in told.err


def test_nothing_to_give_up_is_said(office: Office, einzug: Einzug) -> None:
    told = einzug(*COMMAND, "bots4you", "--give-up")
    assert (told.code, told.out) == (0, "")
