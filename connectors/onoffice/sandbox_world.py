"""What the onOffice sandbox holds: what the interface shows, and behind the scenes what it never shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.onoffice.sandbox_assumptions import Assumptions
from connectors.onoffice.sandbox_configuration import Configuration
from connectors.sandbox.clock import Clock

BROKER, SYSTEM_USER = "Makler", "Systembenutzer"
ACTIVE, ARCHIVED = "status2adr_active", "status2adr_archive"
BOOKABLE = ("onoffice", "microsoft")
"""Kinds of mailboxes whose mails onOffice can book by itself."""


@dataclass(slots=True)
class Entry:
    """An e-mail entry; ``kind`` as in the answers: email, emailbusiness, emailprivate."""

    id: int
    kind: str
    value: str
    default: bool


@dataclass(slots=True)
class Address:
    """An address; ``values`` are texts by field name."""

    id: int
    values: dict[str, str]
    types: list[str]
    entries: list[Entry]

    @property
    def main(self) -> str:
        """The default e-mail entry, "" where there is none."""
        return next((entry.value for entry in self.entries if entry.default), "")

    @property
    def archived(self) -> bool:
        """Whether it is put away."""
        return self.values["Status2Adr"] == ARCHIVED


@dataclass(slots=True)
class Estate:
    """An object with its contacts in the order in which they were linked, brokers or not."""

    id: int
    values: dict[str, str]
    contacts: list[int]


@dataclass(slots=True)
class Activity:
    """An entry of the activity log; one that lies ahead is not there yet."""

    nr: int
    at: datetime
    kind: str
    type: str
    estates: list[int]
    addresses: list[int]
    note: str = ""
    origin: str = ""
    user: str = ""


@dataclass(slots=True)
class LogEntry:
    """An entry of the system's own log."""

    id: int
    at: datetime
    module: str
    action: str
    record: int
    user: int


@dataclass(slots=True)
class Mail:
    """A mail in a mailbox; ``opened`` by a person, which books it too."""

    at: datetime
    sender: str
    subject: str
    text: str
    estate: int | None = None
    portal: str = ""
    opened: bool = False
    booked: bool = False


@dataclass(slots=True)
class Mailbox:
    """What no interface shows: kind, whether its mails are booked by themselves, and the mails."""

    address: str
    kind: str
    booking: bool
    active: bool = True
    mails: list[Mail] = field(default_factory=list)


@dataclass(slots=True)
class Portal:
    """A portal with what it shows: for each object the contact it was told, and when."""

    id: int
    name: str
    origin: str
    active: bool = True
    listings: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Rights:
    """What the API user may; a missing right to read finds nothing, which is no error."""

    read_addresses: bool = True
    read_estates: bool = True
    read_own_only: bool = False
    website_only: bool = False
    read_users: bool = True
    admin: bool = True
    write_addresses: bool = True
    write_estates: bool = True
    ip_allowed: bool = True
    marketplace: bool = False


@dataclass(slots=True)
class World:
    """The customer's onOffice. ``quota``: mailboxes that may be booked by themselves."""

    clock: Clock
    token: str
    secret: str
    company: dict[str, str]
    api_user: int
    quota: int
    configuration: Configuration
    assumptions: Assumptions = field(default_factory=Assumptions)
    rights: Rights = field(default_factory=Rights)
    users: dict[int, dict[str, str]] = field(default_factory=dict)
    addresses: dict[int, Address] = field(default_factory=dict)
    estates: dict[int, Estate] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    portals: list[Portal] = field(default_factory=list)
    jobs: dict[int, int] = field(default_factory=dict)

    def now(self) -> datetime:
        """The moment by the sandbox's clock, in local time."""
        return self.clock.now().astimezone()

    def brokers(self, estate: Estate) -> list[int]:
        """The contacts of an object that are brokers; nobody else is told to a portal."""
        known = (self.addresses[id_] for id_ in estate.contacts if id_ in self.addresses)
        return [address.id for address in known if BROKER in address.types]

    def note(self, module: str, action: str, record: int) -> None:
        """Enter something into the system's log, as done by the API user."""
        entry = LogEntry(len(self.log) + 1, self.now(), module, action, record, self.api_user)
        self.log.append(entry)

    def enter(self, kind: str, type_: str, *, after: timedelta = timedelta(0), **more: Any) -> Activity:
        """Enter an activity, visible once ``after`` has passed."""
        nr = 67_000 + len(self.activities)
        found = Activity(nr, self.now() + after, kind, type_, **more)
        self.activities.append(found)
        return found


def told(at: datetime) -> str:
    """A moment as onOffice writes it."""
    return at.strftime("%Y-%m-%d %H:%M:%S")
