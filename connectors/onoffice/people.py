"""What keeps an address from being the contact person of an object (rules O1, O2, O4), and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import BROKER
from connectors.onoffice.mailboxes import mailbox, private
from connectors.onoffice.model import Address, KeyState, Office, Standing
from connectors.spelling import is_email


class Flaw(StrEnum):
    """Why an address does not pass, in the order of the chain."""

    ARCHIVED = "archived"
    STANDING_UNTOLD = "standing_untold"  # neither active nor archived, as far as onOffice shows
    TYPES_UNTOLD = "types_untold"  # the field contact type is switched off, or may not be read
    NOT_SYSTEM_USER = "not_system_user"  # somebody outside: their mailbox is hardly one of onOffice's
    NO_USER = "no_user"  # has the contact type, but no user bears it
    UNTYPED = "untyped"  # a user's address without the contact type (U2)
    USER_ENDED = "user_ended"
    USERS_UNREAD = "users_unread"  # users may not be read
    USER_WORDS = "user_words"  # what onOffice says of the user is none of the words we know
    KEY_UNUSABLE = "key_unusable"  # no broker, and the key cannot be given (rule O3)
    NOT_BROKER = "not_broker"
    NO_EMAIL = "no_email"
    NOT_DEFAULT = "not_default"  # has e-mail entries, but none or another one is the default
    BAD_EMAIL = "bad_email"


def flaws(address: Address, office: Office, settings: ContactChainSettings) -> tuple[Flaw, ...]:
    """Everything that keeps an address from passing, in the order of the chain."""
    return (*_as_user(address, office), *_as_broker(address, office), *_by_email(address, settings))


def _as_user(address: Address, office: Office) -> Iterator[Flaw]:
    user = office.user_of(address.id)
    if address.standing is Standing.ENDED:
        yield Flaw.ARCHIVED
    elif address.standing is Standing.UNKNOWN:
        yield Flaw.STANDING_UNTOLD
    if office.key.state is KeyState.FIELD_OFF:
        yield Flaw.TYPES_UNTOLD
    elif not address.system_user:
        yield Flaw.UNTYPED if user else Flaw.NOT_SYSTEM_USER
    elif not office.access.users:
        yield Flaw.USERS_UNREAD
    elif user is None:
        yield Flaw.NO_USER
    elif user.standing is not Standing.ACTIVE:
        yield Flaw.USER_ENDED if user.standing is Standing.ENDED else Flaw.USER_WORDS


def _as_broker(address: Address, office: Office) -> Iterator[Flaw]:
    if not address.broker:
        yield Flaw.NOT_BROKER if office.key.usable else Flaw.KEY_UNUSABLE


def _by_email(address: Address, settings: ContactChainSettings) -> Iterator[Flaw]:
    wanted = settings.emails.get(str(address.id), address.email)
    if not address.email and not address.emails and not wanted:
        yield Flaw.NO_EMAIL
    elif mailbox(address.email) != mailbox(wanted) or not address.email:
        yield Flaw.NOT_DEFAULT
    elif not is_email(address.email):
        yield Flaw.BAD_EMAIL


def wanted_email(address: Address, settings: ContactChainSettings) -> str | None:
    """What the default e-mail entry shall be; None where a person has to decide.

    What is agreed counts first, then what is the default already; of entries without a default the only one
    that can be meant.
    """
    if agreed := settings.emails.get(str(address.id)):
        return address.email if mailbox(agreed) == mailbox(address.email) else agreed
    if address.email:
        return address.email if is_email(address.email) else None
    usable = [entry for entry in dict.fromkeys(address.emails) if is_email(entry) and not private(entry)]
    return usable[0] if len(usable) == 1 else None


def planned(address: Address, office: Office, settings: ContactChainSettings) -> Address:
    """The address as a plan leaves it: a broker where the key can be given, with the default entry that is
    settled. Everything else stays."""
    types = address.contact_types
    if not address.broker and office.key.usable:
        types = (*types, BROKER)
    return replace(address, contact_types=types, email=wanted_email(address, settings) or address.email)


def passes(address: Address, office: Office, settings: ContactChainSettings) -> bool:
    """Whether an address can be a contact person once the plan has been written, as far as it may be."""
    mended = planned(address, office, settings)
    if mended != address and not mendable(address, office):
        return False
    return not flaws(mended, office, settings)


def mendable(address: Address, office: Office) -> bool:
    """Whether a plan may change the address: it is not locked, and not that of a technical user (U4)."""
    user = office.user_of(address.id)
    return office.access.may_write_address(address.id) and not (user and user.technical)
