"""``einzug test-enquiry`` in practice: the sandbox plays the applicant, onOffice books by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.cli_kit import Office
from tests.console.conftest import Einzug

COMMAND = ("test-enquiry", "practice")


@pytest.fixture
def booked(office: Office, einzug: Einzug) -> str:
    """The number of an object that a portal shows with a mailbox that is booked by itself."""
    boxes = {box["address"] for box in office.control("GET", "/state/onoffice/mailbox") if box["booking"]}
    shown: dict[str, Any] = {}
    for portal in office.control("GET", "/state/onoffice/portal"):
        shown |= portal["listings"] if portal["active"] else {}
    offered = einzug(*COMMAND, "--json").json["objects"]
    return next(str(one["id"]) for one in offered if shown.get(one["id"], {}).get("email") in boxes)


def test_the_objects_are_listed_with_the_mark_that_the_enquiry_has_to_bear(
    einzug: Einzug, office: Office
) -> None:
    told = einzug(*COMMAND)
    assert told.code == 0
    assert "EINZUG-" in told.out


def test_the_sandbox_plays_the_applicant_and_what_is_proven_is_said(einzug: Einzug, booked: str) -> None:
    told = einzug(*COMMAND, "--object", booked, "--play", "--json")
    assert (told.code, told.err) == (0, "")
    assert (told.json["partner"], told.json["rules"], told.json["done"]) == ("onoffice", ["O5", "O10"], True)
    assert [(step["key"], step["state"]) for step in told.json["steps"]] == [
        ("send", "seen"),
        ("assigned", "seen"),
    ]
    assert "sagt nichts über andere Postfächer" in told.out
    assert "bewerberin" not in told.out


def test_without_the_partner_the_command_names_whose_test_it_is(
    einzug: Einzug, office: Office, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[customers.practice]\nname = "Leer"\n', encoding="utf-8")
    monkeypatch.setenv("EINZUG_CONFIG", str(path))
    told = einzug(*COMMAND)
    assert told.code == 2
    assert "onOffice hat ihn, mit dem Anwendungsfall contact-chain." in told.err
