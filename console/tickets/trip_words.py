"""What is said of an acceptance ticket: its legs, whose turn it is, how it ended, and who will notice it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Text
from connectors.texts import meaning, render
from connectors.ticketing import Act, Hop
from console import formats
from console.i18n import _, language
from console.tickets.trip import HOPS, Leg, LegState, Trip, TripTerms
from console.tickets.trip_acts import SUBJECT
from console.tickets.trip_follow import Standing

MARKS = {
    LegState.LATER: "○",
    LegState.ASKED: "▶",
    LegState.WAITING: "…",
    LegState.STUCK: "!",
    LegState.DONE: "✓",
    LegState.FAILED: "✗",
    LegState.SKIPPED: "-",
}
SHORT = timedelta(seconds=10)
"""Below this tenths of a second are told."""


def leg_title(leg: Leg, partner: str) -> str:
    """What is to arrive."""
    return {
        Leg.CREATED: _("created at {partner}"),
        Leg.SEEN: _("given by {partner}'s interface"),
        Leg.ERP: _("arrived in the ERP"),
        Leg.FILED: _("attachments in the archive"),
        Leg.LINKED: _("attachments at the ERP ticket"),
        Leg.STATUS: _("status back at {partner}"),
        Leg.COMMENT: _("comment back at {partner}"),
        Leg.REPLY: _("tenant's comment in the ERP"),
        Leg.NEGATIVE: _("ERP ticket stays in the ERP"),
        Leg.CLEANUP: _("cleaned up"),
    }[leg].format(partner=partner)


def state_word(state: LegState) -> str:
    """How a leg stands, in a word."""
    return {
        LegState.LATER: _("later"),
        LegState.ASKED: _("to do"),
        LegState.WAITING: _("under way"),
        LegState.STUCK: _("stuck"),
        LegState.DONE: _("arrived"),
        LegState.FAILED: _("did not work"),
        LegState.SKIPPED: _("left out"),
    }[state]


def leg_line(trip: Trip, leg: Leg, terms: TripTerms, now: datetime, *, narrow: bool = False) -> str:
    """A leg as a line: glyph and word, title, when and how long, what is known. A ``narrow`` one leaves the
    time of day out: how long it took and what arrived matter more."""
    state = trip.state(leg, now)
    word = f"{MARKS[state]} {state_word(state)}"
    told = leg_words(trip, leg, terms, now, timed=not narrow)
    return f"{word:<14} {leg_title(leg, terms.name):<31} {told}".rstrip()


def leg_words(trip: Trip, leg: Leg, terms: TripTerms, now: datetime, *, timed: bool = True) -> str:
    """When a leg arrived or is due, and what is known of it."""
    stamp, state = trip.stamp(leg), trip.state(leg, now)
    note = note_words(stamp.note) if stamp.note else ""
    parts: list[str] = []
    if state is LegState.DONE and stamp.at is not None:
        at = clock(stamp.at, now) if timed else ""
        parts = [at, f"+{took_words(stamp.took or timedelta())}", note]
    elif state is LegState.WAITING and stamp.due is not None and stamp.began is not None:
        parts = [_("due by {time}").format(time=minute(stamp.due, now)), age(now - stamp.began)]
    elif state is LegState.STUCK and stamp.due is not None:
        late = _("overdue since {time}") if now > stamp.due else _("due by {time}")
        parts = [late.format(time=minute(stamp.due, now)), note]
    elif state is LegState.FAILED:
        parts = [clock(stamp.at, now) if stamp.at else "", note]
    elif state is LegState.SKIPPED:
        parts = [note]
    return " · ".join(part for part in parts if part)


def troubles(trip: Trip, terms: TripTerms, now: datetime) -> list[str]:
    """Why legs failed or are stuck, each in a line of its own."""
    found = ((leg, trip.stamp(leg).note, trip.state(leg, now)) for leg in Leg)
    return [
        f"{MARKS[state]} {leg_title(leg, terms.name)}: {note_words(note)}"
        for leg, note, state in found
        if note is not None and state in (LegState.FAILED, LegState.STUCK)
    ]


def clock(at: datetime, now: datetime) -> str:
    """The time of day; of another day the day as well."""
    local = at.astimezone()
    return f"{local:%H:%M:%S}" if local.date() == now.astimezone().date() else formats.datetime(at)


def minute(at: datetime, now: datetime) -> str:
    """The time of day to the minute; of another day the day as well."""
    local = at.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else formats.datetime(at)


def took_words(took: timedelta) -> str:
    """How long something took: ``0,4 s``, else as a clock shows it."""
    seconds = took.total_seconds()
    return f"{formats.number(seconds, 1)} s" if took < SHORT else formats.duration(seconds)


def age(gone: timedelta) -> str:
    """Since how long it has been under way."""
    return _("{age} so far").format(age=formats.duration(gone.total_seconds()))


def note_words(note: Text) -> str:
    """The sentence of a note."""
    return render(note, language())


def ask_words(act: Act, trip: Trip, terms: TripTerms, status: str | None) -> str:
    """What a person is asked to do, in a sentence."""
    subject = SUBJECT.format(mark=trip.born_mark if act is Act.BORN else trip.id)
    number = trip.number if act in (Act.ATTACH, Act.REPLY) else trip.erp_number
    return {
        Act.REPORT: _(
            "Report a ticket at {partner} as the tenant of {contract}, with a picture if you can. "
            "Subject: {subject}"
        ),
        Act.ATTACH: _("Attach a file to ticket {number} at {partner}."),
        Act.REPLY: _("Write a comment into ticket {number} at {partner}, as the tenant."),
        Act.STATUS: _("Have a clerk set ERP ticket {number} to status {status}."),
        Act.COMMENT: _("Have a clerk write a comment into ERP ticket {number} that the tenant may see."),
        Act.BORN: _("Have a clerk make a ticket in the ERP for the same lease. Subject: {subject}"),
        Act.DELETE: _("Have a clerk close ERP ticket {number}."),
    }[act].format(
        partner=terms.name, contract=trip.contract, subject=subject, number=number, status=status or "?"
    )


def alerts(terms: TripTerms, contract: str, *, practice: bool) -> list[str]:
    """Who notices it, and what will be written; said before it begins."""
    lines = [
        _("A test ticket is made at {partner} for the lease {contract}.").format(
            partner=terms.name, contract=contract
        )
    ]
    if practice:
        return [*lines, _("This is practice: the sandbox plays tenant and clerk, nobody is alerted.")]
    lines += [
        _("In the ERP it appears in the activities of those who look after this lease."),
        _("{partner} may tell the tenant of this lease about status and comments, by app or mail.").format(
            partner=terms.name
        ),
    ]
    if terms.agreed(Leg.FILED):
        lines.append(_("Its attachments are filed in the archive {archive}.").format(
            archive=terms.terms.settings.archive
        ))  # fmt: skip
    if terms.terms.settings.damage_report:
        lines.append(_("Damage reports are switched on: whoever handles them is alerted too."))
    return lines


def verdict(trip: Trip, terms: TripTerms, now: datetime) -> str:
    """How it ended, in a sentence, with the slowest hop."""
    if trip.ended is None:
        return _("Under way.")
    slow = trip.slowest
    took = trip.stamp(slow).took if slow else None
    slowest = ""
    if slow is not None and took is not None:
        slowest = _("Slowest hop: {leg}, {took}.").format(
            leg=leg_title(slow, terms.name), took=took_words(took)
        )
    failed = [leg_title(leg, terms.name) for leg in Leg if trip.state(leg, now) is LegState.FAILED]
    if trip.given_up:
        head = _("Given up.")
    elif failed:
        head = _("Failed: {legs}.").format(legs=", ".join(failed))
    else:
        head = _("Passed.")
    return " ".join(part for part in (head, slowest) if part)


def look_words(standing: Standing, now: datetime) -> str:
    """What is wrong with the newest looks and since when; "" while all is well."""
    if standing.problem is None or standing.since is None:
        return ""
    text = _("! Since {time}: {problem} It goes on by itself.")
    return text.format(time=clock(standing.since, now), problem=meaning(standing.problem, language()))


def document(trip: Trip, terms: TripTerms, now: datetime) -> dict[str, Any]:
    """A trip as the JSON that scripts rely on; moments are in UTC."""
    return {
        "schema": 1,
        "partner": terms.terms.partner,
        "id": trip.id,
        "contract": trip.contract,
        "begun": trip.begun.isoformat(),
        "ended": trip.ended.isoformat() if trip.ended else None,
        "passed": trip.passed,
        "given_up": trip.given_up,
        "ticket": trip.number or trip.ticket,
        "erp_ticket": trip.erp_number or trip.erp,
        "slowest": trip.slowest.value if trip.slowest else None,
        "hops": [_leg_document(trip, leg, terms, now) for leg in Leg],
        "remains": [note_words(text) for text in trip.remains],
    }


def _leg_document(trip: Trip, leg: Leg, terms: TripTerms, now: datetime) -> dict[str, Any]:
    stamp, hop = trip.stamp(leg), HOPS.get(leg)
    took = stamp.took
    times = {"began": stamp.began, "due": stamp.due, "at": stamp.at}
    return {
        "key": leg.value,
        "title": leg_title(leg, terms.name),
        "state": trip.state(leg, now).value,
        "rule": terms.terms.flow.rules.get(hop, "") if isinstance(hop, Hop) else "",
        **{name: at.isoformat() if at else None for name, at in times.items()},
        "seconds": round(took.total_seconds(), 3) if took is not None else None,
        "note": note_words(stamp.note) if stamp.note else "",
    }
