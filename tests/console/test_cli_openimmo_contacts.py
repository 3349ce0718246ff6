"""``einzug openimmo check --contacts``: a delivery beside the mailboxes that a customer's chain leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.connectors.openimmo_kit import changed, document
from tests.console.cli_kit import Office
from tests.console.conftest import Einzug


def sent(number: str, email: str) -> dict[str, Any]:
    """An object as it is told to a portal."""
    told = changed("kontaktperson", {"name": "Vermietung", "email_direkt": email})
    return changed("verwaltung_techn/objektnr_extern", number, told)


def delivery(office: Office, folder: Path, portal: str) -> tuple[Path, int]:
    """What this portal was told of the objects, as a file, and how many they are."""
    (shown,) = [one for one in office.control("GET", "/state/onoffice/portal") if one["name"] == portal]
    path = folder / "lieferung.xml"
    listings = [sent(one["number"], one["email"]) for one in shown["listings"].values()]
    path.write_text(document(*listings), encoding="utf-8")
    return path, len(listings)


def test_what_a_portal_was_told_is_compared_with_the_chain(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    path, count = delivery(office, tmp_path, "Wohnportal Beispiel")
    told = einzug("openimmo", "check", str(path), "--contacts", "practice", "--json")
    about = [one for one in told.json["findings"] if one["code"].startswith("openimmo.contact")]
    codes = [one["code"] for one in about]
    assert {"openimmo.contacts_compared", "openimmo.contact_untold"} <= set(codes)
    assert "openimmo.contact_other_mailbox" not in codes
    assert f"{count} Objekte" in about[-1]["message"]
    assert "@" not in told.out


def test_a_stale_contact_is_an_error(einzug: Einzug, office: Office, tmp_path: Path) -> None:
    path, _count = delivery(office, tmp_path, "Wohnportal Beispiel")
    text = path.read_text(encoding="utf-8").replace("@example.org", "@alt.example")
    path.write_text(text, encoding="utf-8")
    told = einzug("openimmo", "check", str(path), "--contacts", "practice")
    assert told.code == 1
    assert "Hier steht ein anderes Postfach als das erwartete." in told.out
    assert "@" not in told.out


def test_a_customer_without_a_chain_is_named_with_what_to_do(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    path, _count = delivery(office, tmp_path, "Wohnportal Beispiel")
    text = office.config.read_text(encoding="utf-8")
    start = text.index("[customers.practice.onoffice]")
    config = tmp_path / "config.toml"
    config.write_text(text[:start], encoding="utf-8")
    told = einzug("openimmo", "check", str(path), "--contacts", "practice", "--config", str(config))
    assert told.code == 2
    assert "--contacts" in told.err
