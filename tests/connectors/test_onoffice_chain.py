"""The chain of letting objects: one verdict each, the first link that does not hold, one line a repair."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.chains import (
    ChainContext,
    ChainReading,
    ChainRow,
    Confirmation,
    Hand,
    LinkState,
    LinkVerdict,
    groups,
)
from connectors.onoffice.chain import reading
from connectors.onoffice.chain_links import LINKS
from connectors.onoffice.entities import BROKER, SYSTEM_USER
from connectors.onoffice.evidence import Evidence
from connectors.onoffice.model import BrokerKey, KeyState, LettingObject, Office, Standing
from connectors.texts import LANGUAGES, render
from tests.connectors.onoffice_people import ALL, BOTH, NOON, chain_context, flat, login, office, person

HOUR = timedelta(hours=1)
SAID = Confirmation(holds=True, at=NOON - HOUR)
DENIED = Confirmation(holds=False, at=NOON - HOUR)
STEPS = ("contact", "system_user", "broker", "email", "booking", "transmitted", "seen")
BOX = "p1@example.org"


def chain(
    account: Office, context: ChainContext | None = None, evidence: Evidence | None = None
) -> ChainReading:
    """A reading whose every sentence can be said in both languages."""
    found = reading(account, evidence or Evidence(), context or chain_context())
    texts = [*found.remarks]
    for row in found.rows:
        texts += [t for link in row.links for t in (link.reason, link.repair) if t is not None]
    for letter in found.letters:
        texts += [letter.subject, *letter.paragraphs]
    for text in texts:
        assert all(render(text, told) for told in LANGUAGES)
    return found


def first(
    account: Office, context: ChainContext | None = None, evidence: Evidence | None = None
) -> LinkVerdict:
    """The first link that does not hold of the first object."""
    found = chain(account, context, evidence).rows[0].first
    assert found is not None
    return found


def confirmed(**said: Confirmation) -> dict[tuple[str, str], Confirmation]:
    """What was said of the mailbox of person 1 and of object 48."""
    return {(link, BOX if link == "booking" else "48"): one for link, one in said.items()}


ALL_SAID = confirmed(booking=SAID, transmitted=SAID, seen=SAID)


def test_an_object_whose_every_link_holds_is_ok() -> None:
    (row,) = chain(office(person(1), flat(48, 1)), chain_context(confirmed=ALL_SAID)).rows
    assert (row.state, row.first, [link.link for link in row.links]) == (LinkState.OK, None, list(STEPS))
    assert tuple(link.key for link in LINKS) == STEPS


@pytest.mark.parametrize(
    ("account", "link", "state", "hand", "fix"),
    [
        (office(person(1), flat(48)), "contact", "broken", "consultant", ""),
        (office(person(1), person(2), flat(48, 1, 2)), "contact", "broken", "consultant", ""),
        (
            office(person(1), person(2, BROKER), flat(48, 1, 2)),
            "contact", "broken", "console", "several_contacts",
        ),
        (office(person(1), flat(48, 9)), "contact", "unknown", "administrator", ""),
        (office(person(1), flat(48, persons=[1])), "contact", "broken", "console", "contact_no_broker"),
        (
            office(person(1, standing=Standing.UNKNOWN), flat(48, 1)),
            "system_user", "unknown", "administrator", "",
        ),
        (
            office(person(1, "?"), flat(48, 1), key=BrokerKey(KeyState.FIELD_OFF)),
            "system_user", "unknown", "administrator", "",
        ),
        (
            office(person(1, SYSTEM_USER), login(7, 1, technical=True), flat(48, persons=[1])),
            "broker", "broken", "consultant", "",
        ),
        (office(person(1, BROKER), flat(48, 1)), "system_user", "broken", "consultant", ""),
        (office(person(1, standing=Standing.ENDED), flat(48, 1)), "system_user", "broken", "consultant", ""),
        (
            office(person(1), login(7, 1, standing=Standing.ENDED), flat(48, 1)),
            "system_user", "broken", "consultant", "",
        ),
        (
            office(person(1), login(7, 1, standing=Standing.UNKNOWN), flat(48, 1)),
            "system_user", "unknown", "consultant", "",
        ),
        (
            office(person(1), flat(48, 1), access=replace(ALL, users=False)),
            "system_user", "unknown", "administrator", "",
        ),
        (office(person(1, SYSTEM_USER), flat(48, persons=[1])), "broker", "broken", "console", "broker_flag"),
        (
            office(person(1, SYSTEM_USER), flat(48, persons=[1]), key=BrokerKey(KeyState.MISSING)),
            "broker", "broken", "support", "",
        ),
        (office(person(1, email=""), flat(48, 1)), "email", "broken", "consultant", ""),
        (
            office(person(1, email="", emails=("a@example.org",)), flat(48, 1)),
            "email", "broken", "console", "email",
        ),
        (office(person(1), flat(48, 1)), "booking", "unconfirmed", "administrator", ""),
    ],
)  # fmt: skip
def test_the_first_link_that_does_not_hold_says_who_mends_it_and_which_fix(
    account: Office, link: str, state: str, hand: str, fix: str
) -> None:
    found = first(account)
    assert (found.link, found.state, found.hand) == (link, state, hand)
    assert found.fix == (f"onoffice.{fix}" if fix else "")
    (row,) = chain(account).rows
    after = STEPS.index(link)
    assert {one.state for one in row.links[:after]} <= {LinkState.OK}
    assert {one.state for one in row.links[after + 1 :]} <= {LinkState.AFTER}


def test_who_may_not_write_has_to_ask_the_administrator() -> None:
    locked = replace(ALL, addresses_writable=frozenset(), objects_writable=frozenset())
    flagless = first(office(person(1, SYSTEM_USER), flat(48, persons=[1]), access=locked))
    assert (flagless.hand, flagless.fix) == (Hand.ADMINISTRATOR, "")
    several = first(office(person(1), person(2, BROKER), flat(48, 1, 2), access=locked))
    assert (several.hand, several.fix) == (Hand.ADMINISTRATOR, "")


@pytest.mark.parametrize(
    ("said", "evidence", "cause", "state"),
    [
        ({}, {}, "open", "unconfirmed"),
        ({}, {48: NOON}, "supported", "unconfirmed"),
        ({}, {48: NOON - 5 * HOUR}, "pending", "unconfirmed"),
        ({"transmitted": SAID}, {}, "outdated", "unconfirmed"),
        ({"transmitted": DENIED}, {}, "denied", "broken"),
    ],
)
def test_a_transfer_counts_only_as_confirmed_after_the_last_change(
    said: dict[str, Confirmation], evidence: dict[int, Any], cause: str, state: str
) -> None:
    changed = NOON - HOUR / 2 if cause == "outdated" else NOON - 2 * HOUR
    account = office(person(1), flat(48, 1, changed=changed))
    context = chain_context(confirmed=confirmed(booking=SAID, **said))
    found = first(account, context, Evidence(transfers=evidence))
    assert (found.link, found.cause, found.state, found.subject) == ("transmitted", cause, state, "48")


@pytest.mark.parametrize("written", [("estate", "48"), ("address", "1")])
def test_what_einzug_writes_makes_older_confirmations_void(written: tuple[str, str]) -> None:
    account = office(person(1), flat(48, 1))
    context = chain_context(confirmed=ALL_SAID, changed={written: NOON})
    assert (first(account, context).link, first(account, context).cause) == ("transmitted", "outdated")
    later = confirmed(booking=SAID, transmitted=Confirmation(True, NOON + HOUR), seen=SAID)
    again = first(account, chain_context(confirmed=later, changed={written: NOON}))
    assert (again.link, again.cause) == ("seen", "outdated")


def test_where_no_time_of_a_change_is_told_it_is_said_that_confirmations_do_not_age() -> None:
    def remarks(*flats: LettingObject) -> set[str]:
        return {text.code for text in chain(office(person(1), *flats)).remarks}

    assert "onoffice.remark_no_change_times" in remarks(flat(48, 1), flat(49, 1, changed=NOON))
    assert "onoffice.remark_no_change_times" not in remarks(flat(49, 1, changed=NOON))


def test_objects_behind_one_mailbox_are_one_line_with_one_repair() -> None:
    flats = [flat(id_, 1) for id_ in range(100, 137)]
    found = chain(office(person(1), person(2), *flats, flat(48, 2)))
    (together, alone) = groups(found.rows)
    assert (len(together.rows), together.verdict.subject, len(alone.rows)) == (37, BOX, 1)
    said = {("booking", BOX): SAID}
    after = groups(
        chain(office(person(1), person(2), *flats, flat(48, 2)), chain_context(confirmed=said)).rows
    )
    assert [(one.verdict.link, len(one.rows)) for one in after] == [("transmitted", 37), ("booking", 1)]


@pytest.mark.parametrize(
    ("values", "hand", "letter"),
    [
        ({"quota": "0"}, Hand.SALES, "quota"),
        ({"kind": "external"}, Hand.SUPPORT, "mailbox"),
        ({}, Hand.ADMINISTRATOR, "quota"),
    ],
)
def test_a_tick_that_is_not_set_leads_to_whoever_can_help(
    values: dict[str, str], hand: Hand, letter: str
) -> None:
    said = confirmed(booking=Confirmation(False, NOON, values=values))
    found = chain(office(person(1), flat(48, 1)), chain_context(confirmed=said))
    verdict = found.rows[0].first
    assert verdict is not None
    assert (verdict.link, verdict.state, verdict.hand) == ("booking", LinkState.BROKEN, hand)
    (sent,) = found.letters
    told = " ".join(render(text) for text in sent.paragraphs)
    assert (sent.key, sent.to) == (letter, Hand.SUPPORT if letter == "mailbox" else Hand.SALES)
    assert BOX in told
    assert "Wohnbau" in told


def test_the_quota_letter_names_the_number_that_is_needed() -> None:
    people = [person(id_) for id_ in (1, 2, 3)]
    account = office(*people, person(4, email=BOX), flat(5, 1), flat(6, 2), flat(7, 3), flat(8, 4))
    found = chain(account, chain_context(confirmed={("booking", "p2@example.org"): SAID}))
    (letter,) = [one for one in found.letters if one.key == "quota"]
    assert letter.paragraphs[0].args["count"] == 2
    assert [t.args["count"] for t in found.remarks if t.code == "onoffice.remark_quota"] == [2]


def test_the_work_list_names_the_objects_of_each_portal_that_wait_for_a_transfer() -> None:
    context = chain_context(confirmed=confirmed(booking=SAID))
    evidence = Evidence(portals=("Portal A", "Portal B"))
    found = chain(office(person(1), flat(48, 1), flat(49, 1), flat(50)), context, evidence)
    (letter,) = [one for one in found.letters if one.key == "retransmission"]
    lists = [render(text) for text in letter.paragraphs if text.code == "onoffice.letter_portal"]
    assert lists == ["Portal A, 2 Objekte: M-48, M-49", "Portal B, 2 Objekte: M-48, M-49"]
    unknown = chain(office(person(1), flat(48, 1)), context)
    assert any(
        text.code == "onoffice.letter_portals_unknown" for one in unknown.letters for text in one.paragraphs
    )


def test_a_missing_key_is_a_letter_to_support_that_names_look_alikes() -> None:
    key = BrokerKey(KeyState.MISSING, alike=("indMulti7Select1 (Mitarbeiter)",))
    found = chain(office(person(1, SYSTEM_USER), flat(48, persons=[1]), key=key))
    (letter,) = [one for one in found.letters if one.key == "key"]
    assert "indMulti7Select1 (Mitarbeiter)" in " ".join(map(render, letter.paragraphs))


def test_no_sentence_of_a_row_names_a_person_or_a_mailbox() -> None:
    account = office(
        person(1),
        person(2, SYSTEM_USER),
        person(3, email=""),
        flat(1, 1),
        flat(2, persons=[2]),
        flat(3, 3),
        flat(4),
    )
    for row in chain(account).rows:
        texts = [t for link in row.links for t in (link.reason, link.repair) if t]
        told = " ".join(map(render, texts))
        assert "Person" not in told.replace("Personen", "")
        assert "@" not in told
        assert "Person" not in repr(row)


# --- the same said another way ------------------------------------------------------------------------


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Office, ChainContext]:
    """A few people of every kind, objects linked with any of them, and what was said of them."""
    people = [
        person(
            id_,
            *draw(st.sampled_from([BOTH, (SYSTEM_USER,), (BROKER,), ("Kunde",)])),
            email=draw(st.sampled_from([f"p{id_}@example.org", "p1@example.org", ""])),
            standing=draw(st.sampled_from(Standing)),
        )
        for id_ in range(1, 5)
    ]
    users = [login(100 + id_, id_, standing=draw(st.sampled_from(Standing))) for id_ in range(1, 4)]
    flats: list[LettingObject] = []
    for id_ in range(40, 40 + draw(st.integers(1, 4))):
        linked = draw(st.lists(st.integers(1, 5), unique=True, max_size=2))
        brokers = [one for one in linked if any(p.id == one and p.broker for p in people)]
        brokers = brokers if draw(st.integers(0, 4)) else []  # linked as contacts only
        flats.append(flat(id_, *brokers, persons=linked, changed=draw(st.sampled_from([None, NOON]))))
    subjects = st.sampled_from([*(f"p{n}@example.org" for n in range(1, 5)), *map(str, range(40, 44))])
    keys = st.tuples(st.sampled_from(["booking", "transmitted", "seen"]), subjects)
    told = st.builds(Confirmation, st.booleans(), st.sampled_from([NOON - HOUR, NOON + HOUR]))
    said = draw(st.dictionaries(keys, told, max_size=12))
    return office(*people, *users, *flats), chain_context(confirmed=said)


def expected(account: Office, context: ChainContext, one: LettingObject) -> str | None:
    """The first link that does not hold, by plain questions."""

    def said(link: str, subject: str, since: bool) -> bool:
        found = context.confirmed.get((link, subject))
        in_time = found is not None and (not since or found.at > NOON)
        return found is not None and found.holds and in_time

    linked = one.brokers or one.persons
    if len(linked) != 1 or linked[0] not in account.addresses:
        return "contact"
    if not one.brokers and BROKER in account.addresses[linked[0]].contact_types:
        return "contact"
    who = account.addresses[linked[0]]
    users = [user for user in account.users.values() if who.id in user.addresses]
    if who.standing is not Standing.ACTIVE or SYSTEM_USER not in who.contact_types:
        return "system_user"
    if not any(user.standing is Standing.ACTIVE for user in users):
        return "system_user"
    checks = [
        ("broker", BROKER in who.contact_types),
        ("email", bool(who.email)),
        ("booking", said("booking", who.email, since=False)),
        ("transmitted", said("transmitted", str(one.id), since=one.changed is not None)),
        ("seen", said("seen", str(one.id), since=one.changed is not None)),
    ]
    return next((link for link, holds in checks if not holds), None)


@given(accounts())
def test_the_first_link_of_any_account_is_what_plain_questions_find(
    given_: tuple[Office, ChainContext],
) -> None:
    account, context = given_
    found = chain(account, context)
    rows: dict[str, ChainRow] = {row.id: row for row in found.rows}
    for one in account.objects:
        first_link = rows[str(one.id)].first
        assert (first_link and first_link.link) == expected(account, context, one)
    for group in groups(found.rows):  # one line, one repair
        repairs = [(row.first.repair, row.first.hand, row.first.fix) for row in group.rows if row.first]
        assert all(repair == repairs[0] for repair in repairs)
