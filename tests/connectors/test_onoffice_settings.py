"""What is agreed for the contact chain: mistakes are named by their key, and nobody is named unasked."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.onoffice.contact_settings import ContactChainSettings


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"marketing": ()}, "marketing"),
        ({"marketing": ("kauf",)}, "marketing"),
        ({"contact_persons": {"M-17": "10505"}}, "contact_persons"),
        ({"contact_persons": {"48": "Müller"}}, "contact_persons"),
        ({"contact": "²"}, "contact"),
        ({"emails": {"10502": "vermietung"}}, "emails"),
        ({"emails": {"": "vermietung@example.org"}}, "emails"),
        ({"active_words": ("0",)}, "active_words"),
        ({"owner": "nobody"}, "owner"),
    ],
)
def test_a_mistake_is_named_by_its_key(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}: "):
        ContactChainSettings(**wrong)


def test_mailboxes_stay_out_of_a_repr() -> None:
    assert "@" not in repr(ContactChainSettings(emails={"10502": "vermietung@example.org"}))


def test_without_any_setting_letting_objects_take_part_and_nobody_is_named() -> None:
    settings = ContactChainSettings()
    assert (settings.marketing, settings.reserved, settings.rented) == (("miete", "pacht"), True, False)
    named = (settings.contact, settings.officer, settings.contact_persons, settings.emails)
    assert not any(named)
