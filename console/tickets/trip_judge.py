"""What both sides show of an acceptance ticket, and what that means for its legs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from connectors.contract import Text
from connectors.ticketing import Act
from connectors.tickets import Author, Comment, Ticket
from console.tickets.trip import ACTS, AFTER, End, Leg, Stamp, Trip, TripTerms


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look showed. ``twins`` are further ERP tickets with the mark, ``leaked`` is the ticket at the
    partner that should have stayed in the ERP; ``sums`` and ``filed`` hold checksum and archived document by
    the partner's file; ``held`` says why our passes hold it back, ``times`` when they brought it across."""

    partner: Ticket | None = None
    erp: Ticket | None = None
    born: str = ""
    twins: tuple[str, ...] = ()
    leaked: str = ""
    sums: Mapping[str, str] = field(default_factory=dict)
    filed: Mapping[str, str] = field(default_factory=dict)
    archive: bool = False  # the archive could be asked
    held: Text | None = None
    times: Mapping[Leg, datetime] = field(default_factory=dict)
    cursors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look says of one leg: its cause is there, it has arrived, it cannot be right any more."""

    began: bool = False
    done: bool = False
    fault: Text | None = None
    note: Text | None = None  # evidence once it is done


NOTHING = Found()


def judge(trip: Trip, sight: Sight, terms: TripTerms, now: datetime) -> Trip:
    """The trip after a look."""
    trip = replace(_learned(trip, sight), looked=now, cursors={**trip.cursors, **sight.cursors})
    trip = _belied(trip, now)
    for leg, rule in _RULES.items():
        if not terms.agreed(leg):
            trip = trip.stamped(leg, Stamp(end=End.SKIPPED, note=Text("trip.not_agreed")))
        elif trip.turn(leg):
            found = _gone(trip, sight) or rule(trip, sight, terms)
            trip = trip.stamped(leg, _advanced(trip, leg, found, sight, terms, now))
        elif trip.stamp(leg).end is None and trip.stamp(AFTER[leg]).end is not None:
            trip = trip.stamped(leg, Stamp(end=End.SKIPPED, note=Text("trip.not_reached")))
        if leg is Leg.ERP and sight.erp and sight.partner and not trip.first[1]:
            trip = replace(trip, first=(sight.partner.status, sight.erp.status))
    return trip


def given_up(trip: Trip) -> Trip:
    """The trip that somebody ends: what is open is not reached any more, and it is cleaned up."""
    for leg in _RULES:
        if trip.stamp(leg).end is None:
            trip = trip.stamped(leg, replace(trip.stamp(leg), end=End.SKIPPED, note=Text("trip.given_up")))
    return replace(trip, given_up=True)


def chosen_status(trip: Trip, terms: TripTerms) -> str | None:
    """An ERP state whose arrival can be told from the present one; one that ends nothing where possible."""
    statuses = terms.terms.settings.statuses
    telling = [code for code, mapped in statuses.items() if mapped not in _before(trip, terms)]
    return min(telling, key=lambda code: code in terms.terms.finals, default=None)


def _learned(trip: Trip, sight: Sight) -> Trip:
    partner, erp = sight.partner, sight.erp
    return replace(
        trip,
        ticket=trip.ticket or (partner.id if partner else ""),
        number=trip.number or (partner.number if partner else ""),
        erp=trip.erp or (erp.id if erp else ""),
        erp_number=trip.erp_number or (erp.number if erp else ""),
        born=trip.born or sight.born,
        twins=(*trip.twins, *sight.twins),
        leaked=trip.leaked or sight.leaked,
    )


def _belied(trip: Trip, now: datetime) -> Trip:
    """What was right and is not any more: a second ticket, or one that came out after all."""
    faults = {
        Leg.ERP: Text("trip.twice", {"count": 1 + len(trip.twins)}) if trip.twins else None,
        Leg.NEGATIVE: Text("trip.leaked", {"id": trip.leaked}) if trip.leaked else None,
    }
    for leg, fault in faults.items():
        if fault is not None and trip.stamp(leg).end is End.DONE:
            trip = trip.stamped(leg, replace(trip.stamp(leg), at=now, end=End.FAILED, note=fault))
    return trip


def _advanced(trip: Trip, leg: Leg, found: Found, sight: Sight, terms: TripTerms, now: datetime) -> Stamp:
    stamp = trip.stamp(leg)
    if found.fault is not None:
        return replace(stamp, at=now, end=End.FAILED, note=found.fault)
    if not (found.began or found.done):
        return stamp
    if stamp.began is None:
        began = _cause(trip, leg, now)
        stamp = replace(stamp, began=began, due=began + terms.expected(leg))
    if found.done:
        quiet = (
            timedelta()
            if stamp.began is None or stamp.due is None
            else min(now - stamp.began, now - stamp.due)
        )
        if leg is Leg.NEGATIVE and quiet <= timedelta():
            return stamp  # the time in which it would come is not over yet
        at = max(stamp.began or now, sight.times.get(leg, now))
        return replace(stamp, at=at, end=End.DONE, note=found.note)
    if stamp.began is not None and stamp.due is not None and now - stamp.due > terms.expected(leg):
        return replace(stamp, at=now, end=End.FAILED, note=sight.held or Text("trip.not_arrived"))
    return replace(stamp, note=sight.held)


def _cause(trip: Trip, leg: Leg, now: datetime) -> datetime:
    """When the cause of a leg was there: our own act, the leg before it, or what was just seen."""
    act = ACTS.get(leg)
    if act is not None and act in trip.acted and leg is not Leg.FILED:
        return trip.acted[act]
    before = {Leg.SEEN: Leg.CREATED, Leg.ERP: Leg.SEEN, Leg.FILED: Leg.ERP, Leg.LINKED: Leg.FILED}.get(leg)
    arrived = trip.stamp(before).at if before else None
    if leg is Leg.FILED and Act.ATTACH in trip.acted and arrived:
        return max(arrived, trip.acted[Act.ATTACH])
    return arrived or (trip.begun if leg is Leg.CREATED else now)


def _gone(trip: Trip, sight: Sight) -> Found | None:
    """What was there and is not any more fails whatever is open."""
    if sight.partner is None and trip.stamp(Leg.SEEN).end is End.DONE:
        return Found(fault=Text("trip.gone_at_partner"))
    if sight.erp is None and trip.stamp(Leg.ERP).end is End.DONE:
        return Found(fault=Text("trip.gone_in_erp"))
    return None


# --- one rule for each leg ----------------------------------------------------------------------------


def _created(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    there = bool(trip.ticket)
    return Found(began=Act.REPORT in trip.acted, done=there, note=_named(trip.number))


def _seen(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    return Found(began=True, done=sight.partner is not None, note=_named(trip.number))


def _erp(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    if trip.twins:
        return Found(fault=Text("trip.twice", {"count": 1 + len(trip.twins)}))
    return Found(began=True, done=sight.erp is not None, note=_named(trip.erp_number))


def _filed(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    files = sight.partner.files if sight.partner else ()
    if not files:
        return NOTHING  # somebody has to attach one
    shown = {file.md5.lower() for file in sight.erp.files} if sight.erp else set()
    missing = [file for file in files if file.id not in sight.filed]
    if sight.archive and any(sight.sums.get(file.id) in shown for file in missing):
        return Found(fault=Text("trip.linked_unfiled"))
    if not sight.archive:  # only the link can show it
        done = all(sight.sums.get(file.id) in shown for file in files)
        return Found(began=True, done=done, note=Text("trip.archive_not_asked"))
    return Found(began=True, done=not missing, note=Text("trip.files", {"count": len(files)}))


def _linked(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    if sight.partner is None or sight.erp is None:
        return NOTHING
    shown = {(file.md5.lower(), file.size) for file in sight.erp.files}
    wanted = {(sight.sums.get(file.id, ""), file.size) for file in sight.partner.files}
    if len(sight.erp.files) >= len(sight.partner.files) and wanted - shown:
        return Found(fault=Text("trip.file_differs"))
    return Found(began=True, done=wanted <= shown, note=Text("trip.files_equal", {"count": len(wanted)}))


def _status(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    if sight.partner is None or sight.erp is None or not trip.first[1]:
        return NOTHING
    if chosen_status(trip, terms) is None:
        return Found(fault=Text("trip.no_status"))
    if sight.erp.status == trip.first[1]:
        return NOTHING
    mapped = terms.terms.settings.statuses.get(sight.erp.status)
    if mapped is None:
        return Found(fault=Text("trip.status_unmapped", {"status": sight.erp.status}))
    if mapped in _before(trip, terms):
        return NOTHING  # its arrival could not be told
    note = Text("trip.status", {"erp": sight.erp.status, "partner": mapped})
    return Found(began=True, done=sight.partner.status == mapped, note=note)


def _before(trip: Trip, terms: TripTerms) -> set[str]:
    """The partner's states that it has without any change."""
    return {trip.first[0], terms.terms.settings.statuses.get(trip.first[1], trip.first[0])}


def _comment(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    if sight.partner is None or sight.erp is None:
        return NOTHING
    said = [c for c in sight.erp.comments if c.author is Author.CLERK and c.visible and c.text.strip()]
    return _crossed(said, sight.erp, sight.partner)


def _reply(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    if sight.partner is None or sight.erp is None:
        return NOTHING
    said = [c for c in sight.partner.comments if c.author is Author.TENANT and c.text.strip()]
    return _crossed(said, sight.partner, sight.erp)


def _crossed(said: list[Comment], here: Ticket, there: Ticket) -> Found:
    """Whether the first of these comments stands once on both sides: neither twice nor as an echo."""
    if not said:
        return NOTHING
    text = said[0].text.strip()
    own = sum(text in comment.text for comment in here.comments)
    across = sum(text in comment.text for comment in there.comments)
    if across > 1:
        return Found(fault=Text("trip.comment_twice", {"count": across}))
    if own > 1:
        return Found(fault=Text("trip.echo", {"count": own}))
    return Found(began=True, done=across == 1, note=Text("trip.once"))


def _negative(trip: Trip, sight: Sight, terms: TripTerms) -> Found:
    if trip.leaked:
        return Found(fault=Text("trip.leaked", {"id": trip.leaked}))
    return Found(began=bool(trip.born), done=bool(trip.born), note=Text("trip.stayed"))


def _named(number: str) -> Text | None:
    return Text("trip.number", {"number": number}) if number else None


_RULES: Mapping[Leg, Callable[[Trip, Sight, TripTerms], Found]] = MappingProxyType(
    {
        Leg.CREATED: _created,
        Leg.SEEN: _seen,
        Leg.ERP: _erp,
        Leg.FILED: _filed,
        Leg.LINKED: _linked,
        Leg.STATUS: _status,
        Leg.COMMENT: _comment,
        Leg.REPLY: _reply,
        Leg.NEGATIVE: _negative,
    }
)
