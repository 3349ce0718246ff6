"""What is made of onOffice's rows: people, objects, the broker key; nothing that comes breaks it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.onoffice import raw
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.evidence import Evidence, _portal_names
from connectors.onoffice.fields import FieldInfo
from connectors.onoffice.mailboxes import MailboxKind, guess
from connectors.onoffice.model import KeyState, Standing
from connectors.onoffice.wire import Row

AGREED = ContactChainSettings(api_user="Einzug-API", technical_users=("import",))
LOCAL = datetime(2026, 1, 8, 9, 12, 44)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [*raw.ADDRESS_FIELDS, *raw.USER_FIELDS, *raw.OBJECT_FIELDS, "email__3", "defaultemail__3"]
)
rows = st.builds(
    Row, st.integers(1, 10**9) | st.text(max_size=6), st.just(""), st.dictionaries(names, json_values)
)


def row(id_: int = 21, /, **elements: Any) -> Row:
    """A row with these elements."""
    return Row(id_, "", elements)


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ({"online": "1"}, Standing.ACTIVE),
        ({"online": "0"}, Standing.ENDED),
        ({"online": "1", "usesAccount:account.id": "blocked"}, Standing.ENDED),
        ({"online": "", "usesAccount:account.id": "Approved"}, Standing.ACTIVE),
        ({"online": "ruhend"}, Standing.UNKNOWN),
        ({}, Standing.UNKNOWN),
    ],
)
def test_a_user_is_what_the_agreed_words_say_and_one_that_says_ended_outweighs(
    words: dict[str, str], standing: Standing
) -> None:
    assert raw.user(row(21, **words), AGREED).standing is standing


def test_the_words_of_a_customer_are_taken_from_the_settings() -> None:
    settings = ContactChainSettings(active_words=("frei",), ended_words=("ruhend",))
    assert raw.user(row(online="Ruhend"), settings).standing is Standing.ENDED
    assert raw.user(row(online="1"), settings).standing is Standing.UNKNOWN


@pytest.mark.parametrize(("login", "technical"), [("einzug-api", True), ("IMPORT", True), ("mkern", False)])
def test_technical_users_are_known_by_their_logins(login: str, technical: bool) -> None:
    assert raw.user(row(Name=login), AGREED).technical is technical


def test_in_the_hour_that_comes_twice_a_change_is_late_and_a_transfer_early() -> None:
    twice, once = "2026-10-25 02:30:00", "2026-10-25 03:30:00"
    assert (raw.moment(twice), raw.moment(twice, latest=True)) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    assert raw.moment(once) == raw.moment(once, latest=True) == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    assert raw.moment(f"{twice}+02:00", latest=True) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    changed = raw.letting_object(row(48, geaendert_am=twice), {}, {}).changed
    assert Evidence(transfers={48: raw.moment("2026-10-25 02:45:00") or LOCAL}).hint(48, changed) == "pending"


def test_the_comment_of_an_entry_is_no_mailbox() -> None:
    told = {"defaultemail__311__Comment": "nur vormittags", "defaultemail__311": "m.kern@example.org"}
    assert raw.address(row(10505, **told)).email == "m.kern@example.org"


def test_a_user_s_address_of_0_is_none() -> None:
    assert raw.user(row(21, **{"adrId:adressen.ID": "0"}), AGREED).addresses == ()
    assert raw.user(row(21, **{"adrId:adressen.ID": "10505"}), AGREED).addresses == (10505,)


def test_an_address_has_its_default_entry_and_all_others() -> None:
    told = row(
        10505,
        KdNr="1203", Vorname="Mia", Name="Kern", ArtDaten="|Systembenutzer||Makler|",
        Status2Adr="status2adr_active", Email="m.kern@example.org", email__311="m.kern@example.org",
        emailbusiness__312="vermietung@example.org", email__312__Comment="Zentrale",
        Aenderung="2026-01-08 09:12:44",
    )  # fmt: skip
    found = raw.address(told)
    assert (found.id, found.number, found.contact_types) == (10505, "1203", ("Systembenutzer", "Makler"))
    assert (found.email, found.emails) == (
        "m.kern@example.org",
        ("m.kern@example.org", "vermietung@example.org"),
    )
    assert (found.system_user, found.broker, found.changed) == (True, True, LOCAL.astimezone())
    assert "Kern" not in repr(found)
    assert "@" not in repr(found)


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({"Status2Adr": "status2adr_archive"}, Standing.ENDED),
        ({"Status": "0"}, Standing.ENDED),
        ({"Status2Adr": "status2adr_active", "Status": "0"}, Standing.ACTIVE),
        ({}, Standing.UNKNOWN),
    ],
)
def test_the_status_that_can_be_written_counts_before_the_other(
    told: dict[str, str], standing: Standing
) -> None:
    assert raw.address(row(21, **told)).standing is standing


@pytest.mark.parametrize(
    ("flags", "settings", "taken"),
    [
        ({}, {}, True),
        ({"verkauft": "1"}, {}, False),
        ({"verkauft": "1"}, {"rented": True}, True),
        ({"reserviert": "1"}, {}, True),
        ({"reserviert": "1"}, {"reserved": False}, False),
        ({"stammobjekt": True}, {}, False),
        ({"stammobjekt": "0", "verkauft": None}, {}, True),
        ({"vermarktungsart": "miete", "status": "1"}, {}, True),
        ({"vermarktungsart": "kauf", "status": "1"}, {}, False),
        ({"vermarktungsart": "pacht"}, {"marketing": ("miete",)}, False),
        ({"vermarktungsart": "miete", "status": 2}, {}, False),
    ],
)
def test_what_takes_part_is_for_the_settings_to_say(
    flags: dict[str, Any], settings: dict[str, Any], taken: bool
) -> None:
    assert raw.in_scope(row(**flags), ContactChainSettings(**settings)) is taken


def test_an_object_without_a_number_goes_by_its_record_number() -> None:
    found = raw.letting_object(row(48, benutzer="21"), {48: (5,)}, {48: (5, 6)})
    assert (found.number, found.officer, found.brokers, found.persons) == ("48", 21, (5,), (5, 6))
    assert found.linked == (5,)


def config(key: str, **more: Any) -> Row:
    """A row of the whole configuration of a field."""
    return row(field=key, **more)


@pytest.mark.parametrize(
    ("values", "configured", "state", "label"),
    [
        ({"Makler": "Makler"}, [], KeyState.FOUND, "Makler"),
        ({"Makler": "Mitarbeiter"}, [], KeyState.RENAMED, "Mitarbeiter"),
        (
            {"Kunde": "Kunde"},
            [config("Makler", fieldcontent="Makler", active=0)],
            KeyState.INACTIVE,
            "Makler",
        ),
        ({"Kunde": "Kunde"}, [config("Kunde")], KeyState.MISSING, ""),
        ({"indMulti7Select1": "Makler"}, [], KeyState.MISSING, ""),
    ],
)
def test_the_broker_key_is_told_by_its_key_and_never_by_its_label(
    values: dict[str, str], configured: list[Row], state: KeyState, label: str
) -> None:
    found = raw.broker_key(FieldInfo("ArtDaten", values=values), configured)
    assert (found.state, found.label, found.usable) == (state, label, "Makler" in values)
    assert found.alike == tuple(f"{key} ({name})" for key, name in values.items() if key.startswith("ind"))
    assert raw.broker_key(None, configured).state is KeyState.FIELD_OFF


@pytest.mark.parametrize(
    "never", ["0000-00-00 00:00:00", "", "gestern", None, 7, "0001-01-01", "9999-12-31 23:59:59"]
)
def test_a_time_that_is_none_is_never(never: Any) -> None:
    found = raw.moment(never)
    assert found is None or found.tzinfo is UTC


def test_a_time_is_taken_by_the_zone_of_this_machine() -> None:
    assert raw.moment("2026-01-08 09:12:44") == LOCAL.astimezone()


@pytest.mark.parametrize(
    ("email", "kind"),
    [
        ("a@my-onoffice.de", MailboxKind.ONOFFICE),
        ("a@firma.my-onoffice.com", MailboxKind.ONOFFICE),
        ("a@firma.onmicrosoft.com", MailboxKind.MICROSOFT),
        ("a@GMX.de", MailboxKind.PRIVATE),
        ("a@notgmx.de", MailboxKind.OPEN),
        ("vermietung@example.org", MailboxKind.OPEN),
    ],
)
def test_a_domain_suggests_where_a_mailbox_lies(email: str, kind: MailboxKind) -> None:
    assert guess(email) is kind


@given(rows)
def test_nothing_that_comes_breaks_a_reading(told: Row) -> None:
    assert raw.user(told, AGREED).standing in Standing
    assert all("@" in entry or entry for entry in raw.address(told).emails)
    assert raw.letting_object(told, {}, {}).number
    assert raw.in_scope(told, AGREED) in (True, False)


@given(json_values)
def test_names_of_portals_are_found_wherever_they_stand(told: Any) -> None:
    assert all(name.strip() == name for name in _portal_names(told))
    assert "Portal A" in list(_portal_names([told, {"id": 1, "Name": " Portal A ", "more": told}]))
