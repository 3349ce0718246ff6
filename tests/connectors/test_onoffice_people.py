"""What keeps an address from being a contact person, what a plan mends of it, and who is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.onoffice.choosing import Chooser, Undecided
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import BROKER, SYSTEM_USER
from connectors.onoffice.model import Address, BrokerKey, KeyState, Office, Standing
from connectors.onoffice.people import Flaw, flaws, passes, planned, wanted_email
from tests.connectors.onoffice_people import ALL, flat, login, office, person

AGREED = ContactChainSettings()
GONE = BrokerKey(KeyState.INACTIVE, "Mitarbeiter")


@pytest.mark.parametrize(
    ("address", "how", "found"),
    [
        (person(1), {}, ()),
        (person(1, standing=Standing.ENDED), {}, (Flaw.ARCHIVED,)),
        (person(1, standing=Standing.UNKNOWN), {}, (Flaw.STANDING_UNTOLD,)),
        (
            person(1, "?"),
            {"key": BrokerKey(KeyState.FIELD_OFF)},
            (Flaw.TYPES_UNTOLD, Flaw.KEY_UNUSABLE),
        ),
        (person(1, BROKER), {}, (Flaw.NOT_SYSTEM_USER,)),
        (person(1, SYSTEM_USER), {}, (Flaw.NOT_BROKER,)),
        (person(1, SYSTEM_USER), {"key": GONE}, (Flaw.KEY_UNUSABLE,)),
        (person(1), {"key": GONE}, ()),
        (person(1, email=""), {}, (Flaw.NO_EMAIL,)),
        (person(1, email="", emails=("a@example.org",)), {}, (Flaw.NOT_DEFAULT,)),
        (person(1, email="nobody"), {}, (Flaw.BAD_EMAIL,)),
        (person(1), {"access": replace(ALL, users=False)}, (Flaw.USERS_UNREAD,)),
        (person(1, SYSTEM_USER, email=""), {}, (Flaw.NOT_BROKER, Flaw.NO_EMAIL)),
    ],
)
def test_every_flaw_of_an_address_is_named_in_the_order_of_the_chain(
    address: Address, how: dict[str, Any], found: tuple[Flaw, ...]
) -> None:
    assert flaws(address, office(address, **how), AGREED) == found


@pytest.mark.parametrize(
    ("standing", "found"),
    [
        (Standing.ACTIVE, ()),
        (Standing.ENDED, (Flaw.USER_ENDED,)),
        (Standing.UNKNOWN, (Flaw.USER_WORDS,)),
    ],
)
def test_the_user_behind_an_address_counts(standing: Standing, found: tuple[Flaw, ...]) -> None:
    one = person(1)
    assert flaws(one, office(one, login(7, 1, standing=standing)), AGREED) == found
    assert flaws(one, office(one, login(7, 2)), AGREED) == (Flaw.NO_USER,)
    untyped = person(1, BROKER)
    assert flaws(untyped, office(untyped, login(7, 1)), AGREED) == (Flaw.UNTYPED,)


def test_of_several_users_with_one_address_an_active_one_counts() -> None:
    one = person(1)
    assert flaws(one, office(one, login(7, 1, standing=Standing.ENDED), login(8, 1)), AGREED) == ()


def test_of_a_person_and_a_technical_user_with_one_address_the_person_counts() -> None:
    one = person(1, SYSTEM_USER)
    shared = office(one, login(7, 1, technical=True), login(8, 1))
    assert shared.user_of(1) == login(8, 1)
    assert passes(one, shared, AGREED)
    assert not passes(one, office(one, login(7, 1, technical=True)), AGREED)  # no plan makes it a broker


@pytest.mark.parametrize(
    ("email", "emails", "agreed", "wanted"),
    [
        ("a@example.org", (), {}, "a@example.org"),
        ("a@example.org", (), {"1": "b@example.org"}, "b@example.org"),
        ("A@example.org", (), {"1": "a@Example.org"}, "A@example.org"),
        ("", ("a@example.org",), {}, "a@example.org"),
        ("", ("a@example.org", "b@example.org"), {}, None),
        ("", ("a@example.org", "x@gmx.de"), {}, "a@example.org"),
        ("", ("x@gmx.de",), {}, None),
        ("", ("broken",), {}, None),
        ("broken", ("broken", "a@example.org"), {}, None),
        ("", (), {"1": "b@example.org"}, "b@example.org"),
    ],
)
def test_the_default_entry_is_what_was_agreed_or_the_only_one_that_can_be_meant(
    email: str, emails: tuple[str, ...], agreed: dict[str, str], wanted: str | None
) -> None:
    settings = ContactChainSettings(emails=agreed)
    assert wanted_email(person(1, email=email, emails=emails), settings) == wanted


def test_a_plan_adds_the_key_and_the_settled_entry_and_invents_nothing() -> None:
    one = person(1, "Kunde", SYSTEM_USER)
    settings = ContactChainSettings(emails={"1": "vermietung@example.org"})
    mended = planned(one, office(one), settings)
    assert mended == replace(
        one, contact_types=("Kunde", SYSTEM_USER, BROKER), email="vermietung@example.org"
    )
    assert planned(mended, office(mended), settings) == mended
    assert planned(one, office(one, key=GONE), AGREED) == one
    lost = person(1, SYSTEM_USER, email="")
    assert planned(lost, office(lost), AGREED).email == ""
    assert not passes(lost, office(lost), AGREED)


def test_whoever_may_not_be_made_a_broker_does_not_pass() -> None:
    one = person(1, SYSTEM_USER)
    assert passes(one, office(one), AGREED)
    assert not passes(one, office(one, access=replace(ALL, addresses_writable=frozenset())), AGREED)
    sound = person(1)
    assert passes(sound, office(sound, access=replace(ALL, addresses_writable=frozenset())), AGREED)


# --- who is chosen ------------------------------------------------------------------------------------


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Office, ContactChainSettings]:
    """Five people, some of whom pass, one object, and settings that may name somebody."""
    people = [
        person(
            id_,
            *draw(st.sampled_from([(SYSTEM_USER, BROKER), (SYSTEM_USER,), (BROKER,)])),
            email=draw(st.sampled_from([f"p{id_}@example.org", ""])),
        )
        for id_ in range(1, 6)
    ]
    ids = st.lists(st.integers(1, 5), unique=True, max_size=3)
    object_ = flat(48, *draw(ids), persons=draw(ids), officer=draw(st.sampled_from([None, 101, 102, 999])))
    settings = ContactChainSettings(
        contact_persons=draw(st.sampled_from([{}, {"48": "3"}, {"48": "9"}])),
        officer=draw(st.booleans()),
        contact=draw(st.sampled_from(["", "4", "9"])),
    )
    return office(*people, object_), settings


def expected(account: Office, settings: ContactChainSettings) -> int | str:
    """The same, said another way: candidates in the order in which they are asked."""
    (one,) = account.objects
    fit = {
        id_
        for id_, address in account.addresses.items()
        if SYSTEM_USER in address.contact_types and address.email
    }
    if "48" in settings.contact_persons:
        agreed = int(settings.contact_persons["48"])
        return agreed if agreed in fit else "agreed_fails"
    brokers = fit & set(one.brokers)
    linked = brokers or fit & set(one.persons)
    if len(linked) == 1:
        return linked.pop()
    officer = {101: 1, 102: 2}.get(one.officer or 0) if settings.officer else None
    for named in (officer, int(settings.contact or 0)):
        if named in fit and (not linked or named in linked):
            return int(named or 0)
    return "several_pass" if linked else "none_passes" if one.persons else "none_linked"


@given(accounts())
def test_the_choice_is_what_rule_and_settings_say_and_never_invented(
    given_: tuple[Office, ContactChainSettings],
) -> None:
    account, settings = given_
    choice = Chooser(account, settings).choose(account.objects[0])
    assert (choice.why if isinstance(choice, Undecided) else choice) == expected(account, settings)


@given(accounts())
def test_a_choice_that_is_half_written_is_chosen_again(given_: tuple[Office, ContactChainSettings]) -> None:
    account, settings = given_
    (one,) = account.objects
    choice = Chooser(account, settings).choose(one)
    if isinstance(choice, Undecided):
        return
    linked = tuple(dict.fromkeys((*one.brokers, choice)))  # the new one is there, the former ones still are
    half = replace(one, brokers=linked, persons=tuple(dict.fromkeys((*one.persons, choice))))
    assert Chooser(account, settings).choose(half) == choice
