"""What is agreed for tickets, and what a partner declares of them: to the ticket engine what a UseCase is to
the engine of records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connectors.agreed import (
    Mandanten,
    Ownership,
    check_mandanten,
    check_owner,
    check_separator,
    scope_of,
)
from connectors.contract import Scope
from connectors.tickets import Can, Ticket, TicketSide

if TYPE_CHECKING:
    from connectors.partner import Connection

TICKETS = "tickets"
"""The key of the use case."""

LARGEST_FILE = 50 * 1024 * 1024
"""A file above this many bytes is refused with that reason."""


class Hop(StrEnum):
    """One way that something of a ticket goes; each has its expected time and its rule."""

    TICKET = "ticket"  # partner -> ERP
    FILE = "file"  # partner -> archive
    LINK = "link"  # archive -> ERP ticket
    COMMENT_TO_ERP = "comment_to_erp"
    STATUS = "status"  # ERP -> partner
    COMMENT_TO_PARTNER = "comment_to_partner"


@dataclass(frozen=True, slots=True)
class TicketSettings:
    """What was agreed for ``tickets``, the same for every partner. Raises ValueError("field: what is wrong").

    ``statuses``: ERP status code to partner status, many to few. ``categories``: partner category to ERP
    category code, where they differ. ``source``: the ERP's source code that shows our tickets. ``archive``
    and ``archive_index``: where attachments are filed, and the index that holds the contract number.
    ``comments_to_erp`` and ``damage_report`` are off until somebody wants them (rule I12). ``test_lease``:
    the contract, as the partner names it, that acceptance tickets may use outside practice. ``expected``:
    hop to the seconds after which it counts as late, where that is not ``interval_s``.
    """

    separator: str
    mandanten: Mandanten
    statuses: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    archive: str = ""
    archive_index: str = ""
    comments_to_erp: bool = False
    damage_report: bool = False
    interval_s: int = 900
    test_lease: str = ""
    expected: Mapping[str, int] = field(default_factory=dict)
    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        check_separator(self.separator)
        check_mandanten(self.mandanten)
        for name in ("statuses", "categories"):
            table: Mapping[str, str] = getattr(self, name)
            if not all(code.strip() for pair in table.items() for code in pair):
                raise ValueError(f"{name}: no code may be empty")
        if not 10 <= self.interval_s <= 86_400:
            raise ValueError("interval_s: from 10 to 86400 seconds")
        if unknown := sorted(set(self.expected) - set(Hop)):
            raise ValueError(f"expected: {unknown[0]!r} is none of {', '.join(Hop)}")
        if any(not 1 <= seconds <= 7 * 86_400 for seconds in self.expected.values()):
            raise ValueError("expected: from 1 to 604800 seconds")
        check_owner(self.owner)

    @property
    def scope(self) -> Scope:
        """The Mandanten whose tickets are taken over (rule C3)."""
        return scope_of(self.mandanten)

    def expected_s(self, hop: Hop) -> int:
        """After how many seconds a hop that has not happened counts as late."""
        return self.expected.get(hop, self.interval_s)

    def category(self, partner: str) -> str:
        """The ERP's category code for a partner's category."""
        return self.categories.get(partner, partner)


class Act(StrEnum):
    """What a person does in the course of an acceptance ticket."""

    REPORT = "report"  # the tenant, with a file where files are agreed
    ATTACH = "attach"
    REPLY = "reply"
    STATUS = "status"  # the clerk, as all that follows
    COMMENT = "comment"
    BORN = "born"  # a ticket that is made in the ERP
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Cue:
    """What an act needs. ``ticket`` is the id where it happens, "" before there is one; ``reference`` finds
    what is made, ``code`` is its category or the state to set. No person's data: all of it is made up."""

    ticket: str = ""
    reference: str = ""
    contract: str = ""
    code: str = ""
    subject: str = ""
    text: str = ""
    source: str = ""


Stage = Callable[[Cue], tuple[str, dict[str, Any]]]
"""How a practice sandbox plays an act: entity and body of its control API."""


@dataclass(frozen=True, slots=True)
class LeaseNumber:
    """A contract as the ERP numbers it; ``mandant`` is "" where the partner does not know it."""

    mandant: str
    contract: str


@dataclass(frozen=True, slots=True)
class TicketFlow:
    """The tickets of a partner, as data and a few functions; the ticket engine does the rest.

    ``open`` makes the partner's side and opens no connection before the first call. ``to_erp`` and
    ``to_partner`` say what flows which way: ``CREATE`` in ``to_partner`` would send tickets born in the ERP,
    which no partner here has. ``lease`` tells whose ticket it is, None where its contract cannot be read;
    ``contract`` is the way back: the contract as the partner names it, raising ValueError where a number
    cannot be joined. ``rules`` names the rule of each hop that the partner has. ``defaults`` are
    settings where the configuration is silent. ``stage`` plays the tenant in the practice sandbox.
    """

    open: Callable[[Connection], TicketSide]
    to_erp: frozenset[Can]
    to_partner: frozenset[Can]
    rules: Mapping[Hop, str]
    lease: Callable[[Ticket, TicketSettings], LeaseNumber | None]
    contract: Callable[[LeaseNumber, TicketSettings], str]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    user: str = ""
    key: str = TICKETS
    settings: type[TicketSettings] = TicketSettings
    stage: Mapping[Act, Stage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ends:
    """Both sides, for the checks of tickets (``CheckContext.tickets``); None = not there, or not open."""

    erp: TicketSide | None = None
    partner: TicketSide | None = None
