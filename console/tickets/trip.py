"""An acceptance ticket under way, as data: its hops, when each began, was due and arrived. Pure.

Holds ids, moments and codes only. Its mark stands in everything that is written for it, so that it is found
again on both sides.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from connectors.contract import Text
from connectors.ticketing import Act, Hop
from connectors.tickets import Can
from console.tickets.ops import Terms


class Leg(StrEnum):
    """One stage of the trip, in the order in which they are shown."""

    CREATED = "created"  # at the partner
    SEEN = "seen"  # the partner's interface gives it
    ERP = "erp"
    FILED = "filed"  # attachments are in the archive
    LINKED = "linked"  # and shown at the ERP ticket, byte for byte
    STATUS = "status"  # the clerk's change is seen at the partner
    COMMENT = "comment"  # so is the clerk's comment
    REPLY = "reply"  # the tenant's comment is in the ERP
    NEGATIVE = "negative"  # a ticket born in the ERP stays there
    CLEANUP = "cleanup"


class End(StrEnum):
    """How a leg ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # not agreed, or not reached any more


class LegState(StrEnum):
    """How a leg stands."""

    LATER = "later"
    ASKED = "asked"  # somebody has to act
    WAITING = "waiting"  # under way, and not due yet
    STUCK = "stuck"  # overdue, or held back with a reason
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


AFTER: Mapping[Leg, Leg] = MappingProxyType(
    {
        Leg.SEEN: Leg.CREATED,
        Leg.ERP: Leg.SEEN,
        Leg.FILED: Leg.ERP,
        Leg.LINKED: Leg.FILED,
        Leg.STATUS: Leg.ERP,
        Leg.COMMENT: Leg.ERP,
        Leg.REPLY: Leg.ERP,
        Leg.NEGATIVE: Leg.ERP,
    }
)
"""What has to be done before it is a leg's turn; cleaning up comes after everything."""

HOPS: Mapping[Leg, Hop] = MappingProxyType(
    {
        Leg.ERP: Hop.TICKET,
        Leg.FILED: Hop.FILE,
        Leg.LINKED: Hop.LINK,
        Leg.STATUS: Hop.STATUS,
        Leg.COMMENT: Hop.COMMENT_TO_PARTNER,
        Leg.REPLY: Hop.COMMENT_TO_ERP,
        Leg.NEGATIVE: Hop.TICKET,
    }
)
"""The agreed hop behind a leg."""

ACTS: Mapping[Leg, Act] = MappingProxyType(
    {
        Leg.CREATED: Act.REPORT,
        Leg.FILED: Act.ATTACH,
        Leg.STATUS: Act.STATUS,
        Leg.COMMENT: Act.COMMENT,
        Leg.REPLY: Act.REPLY,
        Leg.NEGATIVE: Act.BORN,
    }
)
"""What somebody has to do before a leg begins."""

MOVING_S = 60.0
"""Seconds in which a hop is expected that our own passes bring about."""

AT_ONCE_S = 120.0
"""Seconds in which a partner's interface shows what was made there."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What became of a leg. ``began``: its cause was there; ``note``: why it is held back or ended so."""

    began: datetime | None = None
    due: datetime | None = None
    at: datetime | None = None
    end: End | None = None
    note: Text | None = None

    @property
    def took(self) -> timedelta | None:
        """How long it took; None before it arrived."""
        return self.at - self.began if self.at and self.began and self.end is End.DONE else None


@dataclass(frozen=True, slots=True)
class TripTerms:
    """What holds for a trip. ``moving``: our passes bring tickets across; else a hub does, and we watch."""

    terms: Terms
    name: str  # the partner's
    moving: bool

    def agreed(self, leg: Leg) -> bool:
        """Whether a leg is part of what was agreed."""
        to_erp, to_partner = self.terms.to_erp, self.terms.to_partner
        match leg:
            case Leg.FILED | Leg.LINKED:
                return Can.FILES in to_erp
            case Leg.STATUS:
                return Can.STATUS in to_partner and bool(self.terms.settings.statuses)
            case Leg.COMMENT:
                return Can.COMMENTS in to_partner
            case Leg.REPLY:
                return Can.COMMENTS in to_erp
        return True

    def expected(self, leg: Leg) -> timedelta:
        """How long a leg may take before it counts as late."""
        settings, hop = self.terms.settings, HOPS.get(leg)
        if hop is None:
            return timedelta(seconds=AT_ONCE_S)
        if self.moving:
            quiet = 0.0 if leg is Leg.NEGATIVE else MOVING_S  # one pass of ours proves it
            return timedelta(seconds=settings.expected.get(hop, quiet))
        return timedelta(seconds=settings.expected_s(hop))


@dataclass(frozen=True, slots=True)
class Trip:
    """One acceptance ticket. ``first`` are the states at the partner and in the ERP when it had arrived;
    ``acted`` says what was done for it when, noted before it was done."""

    id: str  # the mark
    begun: datetime
    contract: str  # as the partner names it
    category: str = ""
    people: tuple[Act, ...] = ()  # what somebody has to be asked for
    looked: datetime | None = None
    ticket: str = ""
    number: str = ""
    erp: str = ""
    erp_number: str = ""
    born: str = ""  # the ticket that was born in the ERP
    twins: tuple[str, ...] = ()  # further ERP tickets of the same
    leaked: str = ""  # the one born in the ERP, at the partner
    first: tuple[str, str] = ("", "")
    cursors: Mapping[str, str] = field(default_factory=dict)
    acted: Mapping[Act, datetime] = field(default_factory=dict)
    stamps: Mapping[Leg, Stamp] = field(default_factory=dict)
    remains: tuple[Text, ...] = ()
    ended: datetime | None = None
    given_up: bool = False

    @property
    def born_mark(self) -> str:
        """The mark of the ticket that must stay in the ERP."""
        return f"{self.id}-ERP"

    def stamp(self, leg: Leg) -> Stamp:
        """What became of a leg so far."""
        return self.stamps.get(leg, Stamp())

    def stamped(self, leg: Leg, stamp: Stamp) -> Trip:
        """The trip with another stamp for a leg."""
        return replace(self, stamps={**self.stamps, leg: stamp})

    def turn(self, leg: Leg) -> bool:
        """Whether it is the turn of a leg."""
        if self.stamp(leg).end is not None:
            return False
        if leg is Leg.CLEANUP:
            return all(self.stamp(other).end is not None for other in Leg if other is not leg)
        before = AFTER.get(leg)
        return before is None or self.stamp(before).end is End.DONE

    def asked(self, now: datetime) -> tuple[Act, ...]:
        """What somebody has to be asked for now."""
        asking = (act for leg, act in ACTS.items() if self.state(leg, now) is LegState.ASKED)
        return tuple(act for act in asking if act in self.people)

    def state(self, leg: Leg, now: datetime) -> LegState:
        """How a leg stands."""
        stamp = self.stamp(leg)
        if stamp.end is not None:
            return LegState(stamp.end.value)
        if not self.turn(leg):
            return LegState.LATER
        if stamp.began is None:
            return LegState.ASKED
        late = stamp.due is not None and now > stamp.due
        return LegState.STUCK if late or stamp.note is not None else LegState.WAITING

    @property
    def passed(self) -> bool:
        """Whether it came to its end and nothing failed."""
        ended = self.ended is not None and not self.given_up
        return ended and all(stamp.end is not End.FAILED for stamp in self.stamps.values())

    @property
    def slowest(self) -> Leg | None:
        """The hop that took longest; what waits by design does not count."""
        timed = {leg: self.stamp(leg).took for leg in HOPS if leg is not Leg.NEGATIVE}
        known = {leg: took for leg, took in timed.items() if took is not None}
        return max(known, key=lambda leg: known[leg], default=None)

    def delayed(self, gap: timedelta) -> Trip:
        """The trip after a time in which nobody could move it: what was due is due so much later."""
        later = {
            leg: replace(stamp, due=stamp.due + gap) if stamp.due and stamp.end is None else stamp
            for leg, stamp in self.stamps.items()
        }
        return replace(self, stamps=later)


def new_trip(now: datetime, contract: str, category: str, people: Iterable[Act] = ()) -> Trip:
    """A trip with a mark that nobody else has."""
    mark = f"EINZUG-{secrets.token_hex(3).upper()}"
    return Trip(mark, now, contract, category, tuple(people), looked=now)
