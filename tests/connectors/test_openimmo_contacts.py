"""Contacts of a delivery are compared with the mailboxes they should be, and no address is ever quoted."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from connectors.openimmo.complaint import Complaint, Severity
from connectors.openimmo.contacts import contacts
from connectors.problems import Failure
from connectors.texts import LANGUAGES, render
from tests.connectors.openimmo_kit import changed, document, offer

NUMBER = offer()["verwaltung_techn"]["objektnr_extern"]
BOX, OTHER = "vermietung@example.org", "andere@example.org"
DONE = "contacts_compared"


def found(folder: Path, told: dict[str, Any], expected: dict[str, str | None]) -> list[Complaint]:
    """What is said of one object; nothing of it quotes an address."""
    path = folder / "lieferung.xml"
    path.write_text(document(told), encoding="utf-8")
    complaints = list(contacts(path, expected))
    for one in complaints:
        assert all("@" not in render(one.text, language) for language in LANGUAGES)
    return complaints


def codes(complaints: list[Complaint]) -> list[str]:
    """Their codes without the first part, but for the last, which counts."""
    *rest, last = [one.text.code.removeprefix("openimmo.") for one in complaints]
    assert last == DONE
    return rest


def person(**emails: str) -> dict[str, Any]:
    """An object whose contact has these e-mails."""
    return changed("kontaktperson", {"name": "Vermietung", **emails})


@pytest.mark.parametrize(
    ("emails", "said"),
    [
        ({"email_direkt": BOX}, []),
        ({"email_direkt": BOX.upper()}, []),
        ({"email_zentrale": BOX}, []),
        ({"email_direkt": BOX, "email_zentrale": BOX, "email_feedback": BOX}, []),
        ({"email_direkt": OTHER}, ["contact_other_mailbox"]),
        ({"email_zentrale": OTHER}, ["contact_other_mailbox"]),
        ({"email_direkt": OTHER, "email_zentrale": BOX}, ["contact_other_mailbox"]),
        ({"email_direkt": BOX, "email_zentrale": OTHER}, ["contact_beside"]),
        ({"email_direkt": BOX, "email_feedback": OTHER}, ["contact_beside"]),
        ({"tel_zentrale": "030 1"}, ["contact_no_email"]),
    ],
)
def test_the_direct_mailbox_counts_first_and_the_others_are_told(
    tmp_path: Path, emails: dict[str, str], said: list[str]
) -> None:
    complaints = found(tmp_path, person(**emails), {NUMBER: BOX})
    assert codes(complaints) == said
    assert complaints[-1].text.args == {"count": 1, "right": int(not said)}
    assert all(one.rule == "O9" for one in complaints[:-1])


def test_a_wrong_mailbox_is_an_error_with_its_place(tmp_path: Path) -> None:
    first, _count = found(tmp_path, person(email_direkt=OTHER), {NUMBER: BOX})
    assert (first.severity, first.path.split("/")[-2:]) == (Severity.ERROR, ["kontaktperson", "email_direkt"])
    assert first.line


def test_what_nobody_can_say_is_no_error(tmp_path: Path) -> None:
    assert codes(found(tmp_path, person(email_direkt=BOX), {})) == ["contact_unknown_object"]
    assert codes(found(tmp_path, person(email_direkt=BOX), {NUMBER: None})) == ["contact_untold"]


def test_an_object_that_is_taken_away_needs_no_contact(tmp_path: Path) -> None:
    gone = changed("verwaltung_techn/aktion", {"@aktionart": "DELETE"}, person(email_direkt=OTHER))
    (last,) = found(tmp_path, gone, {NUMBER: BOX})
    assert last.text.args["count"] == 0


def test_a_zip_is_looked_into_and_one_without_a_delivery_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "lieferung.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("a/openimmo.xml", document(person(email_direkt=OTHER)))
    first, _count = contacts(path, {NUMBER: BOX})
    assert first.file == "a/openimmo.xml"
    with ZipFile(path, "w") as archive:
        archive.writestr("bild.jpg", b"")
    with pytest.raises(Failure):
        list(contacts(path, {NUMBER: BOX}))
