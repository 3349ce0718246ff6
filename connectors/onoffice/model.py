"""What is read of one onOffice account to judge its chain: users, addresses, letting objects, the broker key.

Names and e-mail addresses are personal and never appear in a repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.onoffice.entities import BROKER, SYSTEM_USER


class Standing(StrEnum):
    """Whether somebody takes part. What a user's words for it are is not documented."""

    ACTIVE = "active"
    ENDED = "ended"  # archived, deactivated, locked
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class User:
    """A user of onOffice; ``words`` are the raw values that tell its standing, ``technical`` = no person."""

    id: int
    login: str = field(repr=False)
    standing: Standing
    words: str = ""
    email: str = field(default="", repr=False)
    addresses: tuple[int, ...] = ()
    technical: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """An address that is a system user's or a contact person's. ``number`` is what people see of its id;
    ``email`` the default entry, ``emails`` all entries that onOffice shows."""

    id: int
    number: str
    contact_types: tuple[str, ...]
    standing: Standing = Standing.ACTIVE
    email: str = field(default="", repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    name: str = field(default="", repr=False)
    changed: datetime | None = None

    @property
    def system_user(self) -> bool:
        """Whether onOffice takes it for a user's address (rule O1)."""
        return SYSTEM_USER in self.contact_types

    @property
    def broker(self) -> bool:
        """Whether its data go to the portals (rule O2)."""
        return BROKER in self.contact_types


@dataclass(frozen=True, slots=True)
class LettingObject:
    """An object that is let. ``brokers`` are its contact persons that onOffice takes for brokers, ``persons``
    all of them; ``officer`` is its user in charge, who is not told to any portal."""

    id: int
    number: str
    brokers: tuple[int, ...] = ()
    persons: tuple[int, ...] = ()
    officer: int | None = None
    changed: datetime | None = None

    @property
    def linked(self) -> tuple[int, ...]:
        """Who counts as contact person: the brokers, or all persons where none is a broker."""
        return self.brokers or self.persons


class KeyState(StrEnum):
    """What the field configuration says of the contact type broker."""

    FOUND = "found"
    RENAMED = "renamed"  # the key is there under another label: all is well
    INACTIVE = "inactive"
    MISSING = "missing"
    FIELD_OFF = "field_off"  # the whole field contact type is switched off, or may not be seen


@dataclass(frozen=True, slots=True)
class BrokerKey:
    """The contact type broker of this customer: its label, and customer's own keys that sound like it, which
    are never written. ``proven`` = whoever onOffice already takes for a broker bears the key."""

    state: KeyState
    label: str = ""
    alike: tuple[str, ...] = ()
    proven: bool = False

    @property
    def usable(self) -> bool:
        """Whether an address can be given the key."""
        return self.state in (KeyState.FOUND, KeyState.RENAMED)


@dataclass(frozen=True, slots=True)
class Access:
    """What the API user may do. Missing rights look like an empty success, so counts come from reads without
    any filter. ``addresses_writable`` and ``objects_writable`` are the ids it may change, None = not told."""

    addresses: int
    objects: int
    users: bool
    log: bool
    addresses_writable: frozenset[int] | None = None
    objects_writable: frozenset[int] | None = None

    def may_write_address(self, id_: int) -> bool:
        """Whether this address may be changed, as far as it was told."""
        return self.addresses_writable is None or id_ in self.addresses_writable

    def may_write_object(self, id_: int) -> bool:
        """Whether this object may be changed, as far as it was told."""
        return self.objects_writable is None or id_ in self.objects_writable


@dataclass(frozen=True, slots=True)
class Office:
    """One account as it was read: the letting objects in scope, and all ``addresses`` somebody refers to,
    as far as they may be read."""

    users: Mapping[int, User]
    addresses: Mapping[int, Address]
    objects: tuple[LettingObject, ...]
    key: BrokerKey
    access: Access
    firm: str = ""

    def user_of(self, address: int) -> User | None:
        """The user whose address this is, where there are several a person before a technical one, an active
        one before the others; None without one."""
        linked = [user for user in self.users.values() if address in user.addresses]
        order = list(Standing)
        return min(linked, key=lambda user: (user.technical, order.index(user.standing)), default=None)

    @property
    def system_users(self) -> tuple[Address, ...]:
        """The addresses with contact type system user (rule O1)."""
        return tuple(address for address in self.addresses.values() if address.system_user)
