"""Each thing that can be wrong with an account is a finding of its own, with its own repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.contract import Finding, Verdict
from connectors.onoffice import checks_contacts as linked
from connectors.onoffice import checks_rights as access
from connectors.onoffice import checks_users as people
from connectors.onoffice.checks import CHECKS
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import BROKER, SYSTEM_USER
from connectors.onoffice.evidence import Evidence
from connectors.onoffice.model import BrokerKey, KeyState, Office, Standing
from connectors.rules import rules
from connectors.texts import LANGUAGES, render, repair
from tests.connectors.onoffice_people import ALL, NOON, flat, login, office, person

Inspection = Callable[[Office, ContactChainSettings], Finding]
AGREED = ContactChainSettings(api_user="user13")
API = login(13, technical=True)
WELL = office(person(1), person(2), login(11, 1), login(12, 2), API, flat(48, 1), flat(49, 2))
UNREAD = replace(ALL, users=False)
LOCKED = replace(ALL, addresses_writable=frozenset({1}), objects_writable=frozenset({48}))
OPEN = replace(ALL, addresses_writable=frozenset({1, 2}), objects_writable=frozenset({48, 49}))


def told(finding: Finding) -> str:
    """The code of a finding's evidence; everything it says can be said in both languages."""
    for language in LANGUAGES:
        sentences = [render(text, language) for text in (finding.evidence, *finding.details)]
        assert all(sentences)
        assert not any("@" in sentence or "Person 1" in sentence for sentence in sentences)
        if finding.verdict is not Verdict.OK:
            assert repair(finding.evidence, language)
    return finding.evidence.code.removeprefix("onoffice.")


@pytest.mark.parametrize(
    "inspection",
    [
        access.read_rights, people.system_users, people.users_without_address,
        people.untyped_addresses, people.ended_users, people.technical_users,
        people.shared_addresses, people.broker_key, people.broker_flag, people.email,
        people.mailboxes, linked.contacts, linked.no_contact, linked.no_broker,
        linked.several_contacts, linked.contact_email, linked.ended_contact,
        linked.outside_contact,
    ],
)  # fmt: skip
def test_an_account_in_order_has_nothing_to_mend(inspection: Inspection) -> None:
    found = inspection(WELL, AGREED)
    assert told(found)
    assert found.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("inspection", "account", "verdict", "code", "count"),
    [
        (access.read_rights, office(access=replace(ALL, addresses=0)), "fail", "read_rights_bad", 1),
        (access.read_rights, office(access=replace(ALL, objects=0)), "fail", "read_rights_bad", 1),
        (access.read_rights, office(access=UNREAD), "warn", "read_rights_bad", 1),
        (access.read_rights, office(access=replace(ALL, log=False)), "warn", "read_rights_bad", 1),
        (access.write_rights, replace(WELL, access=OPEN), "ok", "write_rights_good", 0),
        (access.write_rights, replace(WELL, access=LOCKED), "warn", "write_rights_bad", 2),
        (access.write_rights, WELL, "manual", "write_rights_untold", 0),
        (people.system_users, office(), "fail", "system_users_none", 0),
        (people.system_users, office(key=BrokerKey(KeyState.FIELD_OFF)), "fail", "key_field_off", 0),
        (
            people.untyped_addresses, office(person(1, "?"), login(11, 1), key=BrokerKey(KeyState.FIELD_OFF)),
            "manual", "key_field_off", 0,
        ),
        (people.system_users, office(access=replace(ALL, addresses=0)), "fail", "system_users_unread", 0),
        (
            people.users_without_address, office(person(1), login(11, 1), login(12), API), "warn",
            "users_without_address_bad", 1,
        ),
        (
            people.untyped_addresses, office(person(1, BROKER), login(11, 1)), "warn",
            "untyped_addresses_bad", 1,
        ),
        (
            people.ended_users, office(person(1), login(11, 1, standing=Standing.ENDED)), "warn",
            "ended_users_bad", 1,
        ),
        (
            people.ended_users,
            office(person(1), login(11, 1, standing=Standing.ENDED), flat(48, 1)), "fail",
            "ended_users_bad", 1,
        ),
        (
            people.ended_users, office(person(1), login(11, 1, standing=Standing.UNKNOWN), flat(48, 1)),
            "warn", "ended_users_bad", 1,
        ),
        (people.ended_users, office(person(1), access=UNREAD), "manual", "users_unread", 0),
        (people.ended_users, office(person(1), login(11, 2), flat(48, 1)), "warn", "ended_users_bad", 1),
        (people.technical_users, office(login(11)), "warn", "technical_users_unknown", 1),
        (
            people.shared_addresses, office(person(1), login(11, 1), login(12, 1)), "warn",
            "shared_addresses_bad", 1,
        ),
        (people.broker_flag, office(person(1, SYSTEM_USER), person(2)), "fail", "broker_flag_bad", 1),
        (people.email, office(person(1, email="")), "fail", "email_bad", 1),
        (people.email, office(person(1, email="", emails=("a@example.org",))), "fail", "email_bad", 1),
        (people.mailboxes, office(person(1, email="x@gmx.de")), "warn", "mailboxes_bad", 1),
        (
            people.mailboxes, office(person(1), person(2, email="P1@example.org")), "warn",
            "mailboxes_bad", 1,
        ),
        (linked.contacts, office(person(1), flat(48, 1), flat(49)), "warn", "contacts_left", 1),
        (linked.contacts, office(person(1)), "warn", "contacts_none", 0),
        (linked.no_contact, office(person(1), flat(48), flat(49, 1)), "fail", "no_contact_bad", 1),
        (linked.no_contact, office(person(1), flat(48), flat(49)), "fail", "no_contact_anywhere", 2),
        (
            linked.no_broker, office(person(1, SYSTEM_USER), flat(48, persons=[1])), "fail",
            "contact_no_broker_bad", 1,
        ),
        (
            linked.several_contacts, office(person(1), person(2), flat(48, 1, 2)), "warn",
            "several_contacts_bad", 1,
        ),
        (
            linked.contact_email, office(person(1, email=""), flat(48, 1), flat(49, 1)), "fail",
            "contact_email_bad", 1,
        ),
        (
            linked.ended_contact, office(person(1, standing=Standing.ENDED), flat(48, 1)), "fail",
            "ended_contact_bad", 1,
        ),
        (
            linked.ended_contact,
            office(person(1), login(11, 1, standing=Standing.ENDED), flat(48, 1)), "fail",
            "ended_contact_bad", 1,
        ),
        (
            linked.outside_contact, office(person(1, BROKER), flat(48, 1)), "warn",
            "outside_contact_bad", 1,
        ),
        (linked.contact_email, office(person(1), flat(48, 9)), "manual", "contacts_open", 1),
        (linked.ended_contact, office(person(1), flat(48, 1), flat(49, 9)), "manual", "contacts_open", 1),
        (
            linked.ended_contact, office(person(1), flat(48, 1), access=UNREAD), "manual",
            "contacts_open", 1,
        ),
        (
            linked.outside_contact,
            office(person(1, "?"), flat(48, 1), key=BrokerKey(KeyState.FIELD_OFF)), "manual",
            "contacts_open", 1,
        ),
        (linked.booking, WELL, "manual", "booking_look", 2),
        (linked.quota, WELL, "manual", "quota_needed", 2),
        (linked.mailbox_kind, WELL, "manual", "mailbox_kinds", 2),
    ],
)  # fmt: skip
def test_each_thing_that_is_wrong_has_its_own_finding_and_repair(
    inspection: Inspection, account: Office, verdict: str, code: str, count: int
) -> None:
    found = inspection(account, AGREED)
    assert (told(found), found.verdict, found.count) == (code, verdict, count)


@pytest.mark.parametrize(
    "inspection",
    [
        people.users_without_address, people.untyped_addresses, people.ended_users,
        people.shared_addresses, people.broker_flag, people.email, people.mailboxes,
        linked.no_contact, linked.no_broker, linked.several_contacts, linked.contact_email,
        linked.ended_contact, linked.outside_contact,
    ],
)  # fmt: skip
def test_where_nothing_can_be_seen_nothing_is_said_to_be_good(inspection: Inspection) -> None:
    found = inspection(office(), AGREED)
    assert (told(found), found.verdict) == ("nothing_to_judge", Verdict.MANUAL)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (KeyState.FOUND, Verdict.OK),
        (KeyState.RENAMED, Verdict.OK),
        (KeyState.INACTIVE, Verdict.FAIL),
        (KeyState.MISSING, Verdict.FAIL),
        (KeyState.FIELD_OFF, Verdict.FAIL),
    ],
)
def test_what_became_of_the_broker_key_is_told_apart(state: KeyState, verdict: Verdict) -> None:
    key = BrokerKey(state, "Mitarbeiter", ("indMulti7Select1 (Makler)",), proven=True)
    found = people.broker_key(office(key=key), AGREED)
    assert (told(found), found.verdict) == (f"key_{state}", verdict)
    assert [text.code for text in found.details] == ["onoffice.key_proven", "onoffice.key_alike"]


def test_without_the_name_of_the_api_user_nobody_asks_what_it_may_write() -> None:
    unnamed = ContactChainSettings()
    assert told(access.write_rights(WELL, unnamed)) == "write_rights_unasked"
    assert told(people.technical_users(WELL, unnamed)) == "technical_users_unnamed"


def test_archived_ended_and_shared_system_users_stand_apart() -> None:
    account = office(
        person(1), person(2, standing=Standing.ENDED), person(3), person(4),
        login(11, 1), login(12, 2), login(13, 3, standing=Standing.ENDED), login(14, 4), login(15, 4),
    )  # fmt: skip
    found = people.system_users(account, AGREED)
    args = {name: found.evidence.args[name] for name in ("archived", "ended", "shared")}
    assert (found.count, args) == (4, {"archived": 1, "ended": 1, "shared": 1})
    assert told(found) == "system_users_found"


def test_details_say_where_a_plan_helps_and_where_a_person_decides() -> None:
    account = office(person(1), person(2, BROKER), person(3), flat(48, 1, 2), flat(49, 1, 3))
    found = linked.several_contacts(account, AGREED)
    assert told(found)
    assert [text.code for text in found.details] == [
        "onoffice.object_several_planned",
        "onoffice.object_several_open",
    ]


def test_who_would_become_a_second_broker_is_named_before_anything_is_written() -> None:
    account = office(person(1), person(2, SYSTEM_USER), person(3, SYSTEM_USER), flat(48, 1, persons=[2]))
    found = people.broker_flag(account, AGREED)
    assert told(found)
    assert [(text.code.removeprefix("onoffice."), text.args["count"]) for text in found.details] == [
        ("address_beside_broker", 1),
        ("address_no_broker", 0),
    ]


def test_transfers_are_hinted_at_and_never_more() -> None:
    day = timedelta(days=1)
    flats = [flat(id_, 1, changed=NOON) for id_ in (1, 2, 3)]
    evidence = Evidence(transfers={1: NOON - day, 2: NOON + day}, portals=("A", "B"))
    found = linked.transmission(office(person(1), *flats), evidence)
    counts = {name: found.evidence.args[name] for name in ("pending", "supported", "open", "portals")}
    assert (told(found), found.verdict) == ("transmission_hints", Verdict.MANUAL)
    assert counts == {"pending": 1, "supported": 1, "open": 1, "portals": 2}
    untold = linked.transmission(office(person(1), *flats), Evidence())
    assert (told(untold), untold.verdict) == ("transmission_untold", Verdict.MANUAL)


def test_every_check_cites_rules_that_exist_and_every_fix_names_fields_of_the_use_case() -> None:
    assert len({check.key for check in CHECKS}) == len(CHECKS) > 20
    for check in CHECKS:
        assert set(check.rules) <= set(rules())
        if check.fix:
            fields = {name for names in check.fix.fields.values() for name in names}
            assert fields <= {"contact_types", "email", "contact_persons"}
