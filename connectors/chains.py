"""Chains: an object reaches the outside only where every link holds, from the object to what people see.

A partner declares its chains as data and reads them; showing, filtering, grouping and confirming by hand is
the console's business. One verdict an object: the first link that does not hold is named, with its repair
and with who can do it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.contract import Connector, Text


class LinkState(StrEnum):
    """What is known of one link of one object. Unknown never counts as ok."""

    OK = "ok"
    BROKEN = "broken"
    UNCONFIRMED = "unconfirmed"  # only a person can tell, and nobody has since the last change
    UNKNOWN = "unknown"  # it could not be read: a right is missing
    AFTER = "after"  # not judged: an earlier link does not hold


class Hand(StrEnum):
    """Who can mend a link."""

    CONSOLE = "console"  # a fix of Einzug, previewed like any plan
    CONSULTANT = "consultant"
    ADMINISTRATOR = "administrator"  # of the customer
    SUPPORT = "support"  # of the partner
    SALES = "sales"  # of the partner


@dataclass(frozen=True, slots=True)
class Link:
    """One link. Its name is the text ``PARTNER.link_KEY``; ``item`` is the checklist item under which a
    person confirms it, "" where the console can tell by itself."""

    key: str
    rules: tuple[str, ...]
    item: str = ""


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """A link of one object.

    ``cause`` groups: objects with the same link and cause are mended by one repair. ``subject`` is what a
    person confirms (a mailbox, an object), the same for all objects that share it. ``fix`` names the check
    whose fix mends it.
    """

    link: str
    state: LinkState
    reason: Text | None = None
    repair: Text | None = None
    hand: Hand | None = None
    cause: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One object with its links in the chain's order; ``label`` names it without naming a person, ``person``
    whom the first broken link concerns (personal: masked on screens), ``url`` opens it at the partner."""

    id: str
    label: str
    links: tuple[LinkVerdict, ...]
    person: str = field(default="", repr=False)
    url: str = ""

    @property
    def first(self) -> LinkVerdict | None:
        """The first link that is not ok; None where all hold."""
        return next((link for link in self.links if link.state is not LinkState.OK), None)

    @property
    def state(self) -> LinkState:
        """The verdict of the whole object."""
        return self.first.state if self.first else LinkState.OK


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a person said of a link and its subject, and when: it counts while nothing has changed since."""

    holds: bool
    at: datetime
    note: str = field(default="", repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ChainContext:
    """What a chain may look at; nothing in here can write. ``confirmed`` maps (link, subject) to what was
    last said of it; ``changed`` maps (entity, id) of records to when Einzug last wrote them (from the
    journal)."""

    target: Connector
    settings: Any
    now: datetime
    confirmed: Mapping[tuple[str, str], Confirmation] = field(default_factory=dict)
    changed: Mapping[tuple[str, str], datetime] = field(default_factory=dict)

    def written(self, *records: tuple[str, str]) -> datetime | None:
        """When Einzug last wrote one of these records (entity, id); None where it wrote none of them."""
        return max((self.changed[record] for record in records if record in self.changed), default=None)

    def confirmation(self, link: str, subject: str, *records: tuple[str, str]) -> Confirmation | None:
        """What a person said of a link, as long as it counts: none of these records was written since."""
        said, written = self.confirmed.get((link, subject)), self.written(*records)
        return None if said is None or (written is not None and written >= said.at) else said


@dataclass(frozen=True, slots=True)
class Letter:
    """A text that is ready to be sent on: to support, to sales, or a work list for a person. Unlike other
    sentences it may name a mailbox."""

    key: str
    to: Hand
    subject: Text
    paragraphs: tuple[Text, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChainReading:
    """All objects of a chain, what stands beside it (counts that nobody can see at the partner, such as how
    much quota is needed), and the letters that follow from it."""

    rows: tuple[ChainRow, ...]
    remarks: tuple[Text, ...] = ()
    letters: tuple[Letter, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of a use case. ``read`` looks at every object once. ``mailboxes`` tells, by the number of each
    object, the mailbox that a delivery has to name as its contact, None where the chain breaks before it.
    Neither writes anything; both raise Failure."""

    key: str
    use_case: str
    rules: tuple[str, ...]
    links: tuple[Link, ...]
    read: Callable[[ChainContext], Awaitable[ChainReading]]
    mailboxes: Callable[[ChainContext], Awaitable[Mapping[str, str | None]]] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Objects that one repair mends."""

    verdict: LinkVerdict
    rows: tuple[ChainRow, ...]


def groups(rows: Iterable[ChainRow]) -> Sequence[Group]:
    """The objects whose chain does not hold, by link and cause; the group with most objects comes first."""
    found: dict[tuple[str, str, LinkState], tuple[LinkVerdict, list[ChainRow]]] = {}
    for row in rows:
        if (first := row.first) is not None:
            found.setdefault((first.link, first.cause, first.state), (first, []))[1].append(row)
    together = [Group(verdict, tuple(held)) for verdict, held in found.values()]
    return sorted(together, key=lambda group: -len(group.rows))
