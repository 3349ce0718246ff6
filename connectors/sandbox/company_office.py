"""The letting office of the seeded company as onOffice knows it: users, their addresses, objects, mailboxes.

It has a chance of its own, so the company stays as it is. The objects are the company's vacancies and as many
more as are wanted; what is wrong with some of them is written down in ``Office.defects``.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from connectors.housing import UsageClass
from connectors.letting import Vacancy
from connectors.sandbox import names
from connectors.sandbox.company_model import Company

SYSTEM_USER, BROKER = "Systembenutzer", "Makler"
COMPANY_EMAIL = "zentrale@example.org"
SHARED_EMAIL = "vermietung@example.org"
FIRST_USER, FIRST_ADDRESS, FIRST_ESTATE, FIRST_ENTRY, FIRST_CUSTOMER = 21, 10_501, 48, 311, 1_201

PEOPLE = (
    # What is wrong with the first colleagues, one each; everybody after them is sound.
    "system_user_without_broker",
    "broker_without_email",
    "broker_email_not_default",
    "system_user_archived",
    "user_deactivated",
    "user_without_address",
    "address_without_system_user",
    "mailbox_not_booking",
    "mailbox_external",
    "shared_email",
    "shared_email",
)
OBJECTS = (
    # What is wrong with the first objects, one each; everything after them is sound.
    "estate_without_contact",
    "estate_contact_no_broker",
    "estate_two_brokers",
    "estate_of_broker_without_email",
    "estate_of_broker_email_not_default",
    "estate_of_archived_broker",
    "estate_of_deactivated_user",
    "estate_of_address_without_system_user",
    "estate_of_mailbox_not_booking",
    "estate_of_mailbox_not_booking",
    "estate_of_mailbox_not_booking",
    "estate_of_mailbox_external",
    "estate_of_external_broker",
    "estate_of_person_unlinked",
    "estate_changed_since_transmission",
    "estate_never_transmitted",
)
SOUND_PEOPLE, SOUND_OBJECTS = 3, 10
"""At least so many without a defect."""


@dataclass(frozen=True, slots=True)
class OfficeUser:
    """Somebody who logs in; ``address`` is the id of the address that stands for them."""

    nr: int
    login: str
    first_name: str
    last_name: str
    email: str
    address: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class EmailEntry:
    """An e-mail entry of an address; one of them is the default one, or none."""

    id: int
    value: str
    default: bool = True
    kind: str = "email"


@dataclass(frozen=True, slots=True)
class OfficeAddress:
    """An address; ``user`` is the login of whoever looks after it."""

    id: int
    customer_number: int
    first_name: str
    last_name: str
    contact_types: tuple[str, ...]
    emails: tuple[EmailEntry, ...] = ()
    archived: bool = False
    user: str = ""


@dataclass(frozen=True, slots=True)
class OfficeEstate:
    """An object. ``contacts`` are ids of addresses, brokers or not; ``changed_days`` and ``sent_days`` say
    how long ago it was changed and last sent to the portals, None where it never was."""

    id: int
    number: str
    title: str
    street: str
    house_number: str
    postal_code: str
    city: str
    contacts: tuple[int, ...]
    flat: bool = True
    marketing: str = "miete"
    active: bool = True
    let: bool = False
    reserved: bool = False
    base: bool = False
    rent: str = "0.00"
    rooms: str = ""
    area: str = ""
    changed_days: int = 20
    sent_days: int | None = 10


@dataclass(frozen=True, slots=True)
class OfficeMailbox:
    """What no interface shows: what kind of mailbox it is, and whether its mails are booked by themselves."""

    address: str
    kind: str = "onoffice"
    booking: bool = True


@dataclass(frozen=True, slots=True)
class Office:
    """Everything, with the ids of what is wrong by defect; ``api_user`` is the number of the API user."""

    users: tuple[OfficeUser, ...]
    addresses: tuple[OfficeAddress, ...]
    estates: tuple[OfficeEstate, ...]
    mailboxes: tuple[OfficeMailbox, ...]
    api_user: int
    defects: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _Draft:
    rng: Random
    users: list[OfficeUser] = field(default_factory=list)
    addresses: list[OfficeAddress] = field(default_factory=list)
    mailboxes: dict[str, OfficeMailbox] = field(default_factory=dict)
    by_flaw: dict[str, list[OfficeAddress]] = field(default_factory=lambda: defaultdict(list))
    defects: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    entries: int = 0

    def name(self) -> tuple[str, str]:
        """A first and a last name that nobody bears."""
        first = self.rng.choice(names.FEMALE_NAMES if self.rng.random() < 0.5 else names.MALE_NAMES)
        return first, self.rng.choice(names.LAST_NAME_HEADS) + self.rng.choice(names.LAST_NAME_TAILS)

    def entry(self, value: str, *, default: bool = True) -> EmailEntry:
        """The next e-mail entry."""
        self.entries += 1
        return EmailEntry(FIRST_ENTRY + self.entries, value, default)

    def address(self, first: str, last: str, *types: str) -> OfficeAddress:
        """The next address, without e-mail."""
        at = len(self.addresses)
        found = OfficeAddress(FIRST_ADDRESS + at, FIRST_CUSTOMER + at, first, last, types)
        self.addresses.append(found)
        return found

    def change(self, address: OfficeAddress, **changed: object) -> OfficeAddress:
        """The address with other values."""
        found = replace(address, **changed)  # type: ignore[arg-type]  # our own calls, below
        self.addresses[address.id - FIRST_ADDRESS] = found
        return found


def build_office(company: Company, *, users: int = 0, estates: int = 0) -> Office:
    """The office of a company, with at least so many users and active letting objects."""
    draft = _Draft(Random(f"office {company.seed}"))  # noqa: S311 - reproducible, not secret
    for at in range(max(users, len(PEOPLE) + SOUND_PEOPLE)):
        _colleague(draft, PEOPLE[at] if at < len(PEOPLE) else "")
    api_user = OfficeUser(FIRST_USER + len(draft.users), "einzug-api", "", "API", "", active=True)
    draft.users.append(api_user)
    _strangers(draft)
    made = _estates(draft, company, max(estates, len(company.vacancies), len(OBJECTS) + SOUND_OBJECTS))
    defects = {key: tuple(ids) for key, ids in draft.defects.items()}
    mailboxes = tuple(draft.mailboxes.values())
    return Office(tuple(draft.users), tuple(draft.addresses), tuple(made), mailboxes, api_user.nr, defects)


def _colleague(draft: _Draft, flaw: str) -> None:
    """A user with the address that stands for them, sound but for one thing."""
    first, last = draft.name()
    nr = FIRST_USER + len(draft.users)
    login = f"{_plain(first[0])}{_plain(last)}{nr}"
    email = SHARED_EMAIL if flaw == "shared_email" else f"{_plain(first)}.{_plain(last)}{nr}@example.org"
    user = OfficeUser(nr, login, first, last, email, active=flaw != "user_deactivated")
    if flaw == "user_without_address":
        draft.users.append(user)
        draft.defects[flaw].append(str(nr))
        return
    types = {"system_user_without_broker": (SYSTEM_USER,), "address_without_system_user": (BROKER,)}
    address = draft.address(first, last, *types.get(flaw, (SYSTEM_USER, BROKER)))
    entry = draft.entry(email, default=flaw != "broker_email_not_default")
    emails = () if flaw == "broker_without_email" else (entry,)
    address = draft.change(address, emails=emails, archived=flaw == "system_user_archived", user=login)
    draft.users.append(replace(user, address=address.id))
    draft.by_flaw[flaw].append(address)
    if flaw:
        draft.defects[flaw].append(str(address.id))
    kind = "external" if flaw == "mailbox_external" else "onoffice"
    booking = flaw not in ("mailbox_not_booking", "mailbox_external")
    draft.mailboxes.setdefault(email, OfficeMailbox(email, kind, booking))


def _strangers(draft: _Draft) -> None:
    """People who are not users: a broker of another firm, and customers of whom one is a contact."""
    first, last = draft.name()
    broker = draft.address(first, last, BROKER)
    entry = draft.entry(f"{_plain(last)}@example.com")
    draft.by_flaw["external_broker"].append(draft.change(broker, emails=(entry,)))
    draft.defects["external_broker"].append(str(broker.id))
    for kind in ("Eigentümer", "Mieter", "Interessent Miete", "Kunde", "Kunde"):
        first, last = draft.name()
        address = draft.address(first, last, kind)
        draft.by_flaw[kind].append(
            draft.change(address, emails=(draft.entry(f"{_plain(last)}@example.net"),))
        )
    draft.mailboxes.setdefault(COMPANY_EMAIL, OfficeMailbox(COMPANY_EMAIL, booking=False))


def _estates(draft: _Draft, company: Company, count: int) -> list[OfficeEstate]:
    """The active letting objects, and some that are none."""
    sound = draft.by_flaw[""]
    made = []
    for at in range(count):
        vacancy = company.vacancies[at] if at < len(company.vacancies) else None
        estate = _estate(draft.rng, at, vacancy, sound[at % len(sound)].id)
        flaw = OBJECTS[at] if at < len(OBJECTS) else ""
        made.append(_spoilt(draft, estate, flaw))
        if flaw:
            draft.defects[flaw].append(str(estate.id))
    flags = ({"let": True}, {"reserved": True}, {"base": True})
    for at, flag in zip(range(len(OBJECTS), count), flags, strict=False):
        made[at] = replace(made[at], **flag)  # type: ignore[arg-type]  # they are flags
    others = [_estate(draft.rng, count + n, None, sound[0].id) for n in range(2)]
    return [*made, replace(others[0], marketing="kauf"), replace(others[1], active=False)]


def _spoilt(draft: _Draft, estate: OfficeEstate, flaw: str) -> OfficeEstate:
    """The object with this defect."""
    sound, people = draft.by_flaw[""], draft.by_flaw
    contacts = {
        "estate_without_contact": (),
        "estate_contact_no_broker": (people["system_user_without_broker"][0].id,),
        "estate_two_brokers": (sound[0].id, sound[1].id),
        "estate_of_broker_without_email": (people["broker_without_email"][0].id,),
        "estate_of_broker_email_not_default": (people["broker_email_not_default"][0].id,),
        "estate_of_archived_broker": (people["system_user_archived"][0].id,),
        "estate_of_deactivated_user": (people["user_deactivated"][0].id,),
        "estate_of_address_without_system_user": (people["address_without_system_user"][0].id,),
        "estate_of_mailbox_not_booking": (people["mailbox_not_booking"][0].id,),
        "estate_of_mailbox_external": (people["mailbox_external"][0].id,),
        "estate_of_external_broker": (people["external_broker"][0].id,),
        "estate_of_person_unlinked": (people["Kunde"][0].id,),
    }
    if flaw == "estate_changed_since_transmission":
        return replace(estate, changed_days=2)
    if flaw == "estate_never_transmitted":
        return replace(estate, sent_days=None)
    return replace(estate, contacts=contacts.get(flaw, estate.contacts))


def _estate(rng: Random, at: int, vacancy: Vacancy | None, contact: int) -> OfficeEstate:
    """An object that is as it should be, a vacancy of the company or one more."""
    id_ = FIRST_ESTATE + at
    if vacancy is None:
        city = rng.choice(names.CITIES)
        street, rooms = rng.choice(names.STREETS), rng.randint(1, 5)
        title = f"{rooms}-Zimmer-Wohnung in {city[1]}"
        return OfficeEstate(
            id_, f"M-{id_}", title, street, str(rng.randint(1, 90)), *city, (contact,),
            rent=f"{rng.randint(300, 1400)}.00", rooms=str(rooms), area=str(rng.randint(28, 140)),
        )  # fmt: skip
    where = vacancy.address
    return OfficeEstate(
        id_, f"{vacancy.mandant}-{vacancy.id}", vacancy.title or f"{vacancy.usage_raw} in {where.city}",
        where.street or "", where.house_number or "", where.postal_code or "", where.city or "", (contact,),
        flat=vacancy.usage is UsageClass.RESIDENTIAL, rent=f"{vacancy.net_cold_rent or 0}",
        rooms=f"{vacancy.rooms or ''}", area=f"{vacancy.living_area or ''}",
    )  # fmt: skip


def _plain(text: str) -> str:
    """A name as it enters an e-mail address."""
    special = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
    plain = unicodedata.normalize("NFC", text).lower().translate(special)
    return "".join(sign for sign in plain if sign.isalnum() and sign.isascii())
