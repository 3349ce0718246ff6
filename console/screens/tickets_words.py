"""What the panel of tickets says: one ticket as a row, and how the whole stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from textual.content import Content

from connectors.contract import Text
from connectors.texts import render
from connectors.ticketing import Hop
from console import formats
from console.cockpit_tickets import Doing, Line, TicketTrack
from console.cockpit_trips import TripTrail
from console.i18n import _, language
from console.safe import clean
from console.store.clock import utc_now
from console.tickets import trip_words
from console.tickets.ops import Stand
from console.tickets.ticket_state import HopSeen
from console.tickets.trip import Leg
from console.tickets.trip_follow import Standing
from console.widgets.record_model import Align, Column, TableRow, Tone
from console.widgets.safe_text import content

TO_ERP = frozenset({Hop.TICKET, Hop.FILE, Hop.LINK, Hop.COMMENT_TO_ERP})
MINUTE, HOUR, DAY = 60, 3600, 86_400


def columns() -> tuple[Column, ...]:
    """The columns of the table, beside the state; the least important disappear first where it is narrow."""
    return (
        Column(_("Ticket no."), 12),
        Column(_("Dir."), 4, priority=3),
        Column("ERP", 8, priority=1),
        Column(_("Files"), 7, priority=2),
        Column(_("Status"), 8, priority=1),
        Column(_("Comm."), 7, priority=2),
        Column(_("Age"), 6, align=Align.RIGHT, priority=0),
        Column(_("Reason"), None, priority=0, minimum=16),
    )


def ticket_row(track: TicketTrack, line: Line) -> TableRow:
    """A ticket as a row: its hops with the time of each, and why it is held back."""
    mark, tone = state_words(line)
    cells = (
        line.row.known.ticket,
        direction(line.hops),
        hop_cell(line, Hop.TICKET),
        files_cell(line),
        hop_cell(line, Hop.STATUS),
        comments_cell(line),
        age_words(utc_now() - line.row.since),
        reason_words(line),
    )
    return TableRow(line.row.known.ticket, cells, mark, tone)


def state_words(line: Line) -> tuple[str, Tone]:
    """How a ticket stands: glyph and word."""
    row = line.row
    if row.stuck:
        return "! " + _("stuck"), Tone.BAD
    if row.known.stand is Stand.GONE:
        return "- " + _("gone"), Tone.MUTED
    if row.waiting is not None:
        return "… " + _("waiting"), Tone.WARN
    if row.known.erp:
        return "✓ " + _("linked"), Tone.GOOD
    return "○ " + _("new"), Tone.NORMAL


def direction(hops: tuple[HopSeen, ...]) -> str:
    """Which way something of it went last."""
    if not hops:
        return ""
    return "→ERP" if hops[-1].hop in TO_ERP else "ERP→"


def hop_cell(line: Line, hop: Hop) -> str:
    """When a hop was made last; ``○`` before."""
    seen = [one for one in line.hops if one.hop == hop.value]
    return f"✓ {time_words(seen[-1].at)}" if seen else "○"


def files_cell(line: Line) -> str:
    """How many attachments are filed, and how many of them are linked."""
    filed = sum(one.hop == Hop.FILE.value for one in line.hops)
    linked = sum(one.hop == Hop.LINK.value for one in line.hops)
    if not (filed or linked):
        return "-"
    return f"{'✓' if filed == linked else '…'} {linked}/{filed}"


def comments_cell(line: Line) -> str:
    """How many comments went to the ERP and came back."""
    there = sum(one.hop == Hop.COMMENT_TO_ERP.value for one in line.hops)
    back = sum(one.hop == Hop.COMMENT_TO_PARTNER.value for one in line.hops)
    return f"{there}→ {back}←" if there or back else "-"


def reason_words(line: Line) -> str:
    """Why it is held back, or waits; "" where it is not."""
    reasons = [line.row.known.reason, *(item.reason for item in line.row.held)]
    found = next((reason for reason in reasons if reason is not None), None)
    return "" if found is None else text_words(found)


def text_words(text: Text) -> str:
    """A sentence of the tickets."""
    return clean(render(text, language()))


def time_words(at: datetime) -> str:
    """Today the time, else the day."""
    local = at.astimezone()
    return f"{local:%H:%M}" if local.date() == datetime.now().astimezone().date() else f"{local:%d.%m.}"


def age_words(age: timedelta) -> str:
    """``5 min``, ``3 h``, ``12 d``."""
    seconds = max(0.0, age.total_seconds())
    if seconds < HOUR:
        return _("{count} min").format(count=int(seconds // MINUTE))
    if seconds < DAY:
        return _("{count} h").format(count=int(seconds // HOUR))
    return _("{count} d").format(count=int(seconds // DAY))


def head(track: TicketTrack, number: tuple[int, int]) -> Content:
    """How the tickets of a partner stand, in two lines; ``number``: which of how many partners it is."""
    s = track.standing
    place = f" {number[0]}/{number[1]}" if number[1] > 1 else ""
    counts = _("{linked} linked, {stuck} stuck, {waiting} waiting, {born} born in the ERP")
    if s.unread:
        counts = _("{linked} linked, {stuck} stuck, {waiting} waiting, {unread} unreadable in the ERP")
    name = f"{track.partner}{place} · {counts}"
    first = name.format(
        linked=formats.count(s.linked),
        stuck=formats.count(s.parked + s.held),
        waiting=formats.count(s.waiting),
        born=formats.count(s.born),
        unread=formats.count(s.unread),
    )
    return Content("\n").join([Content.styled(clean(first), "bold"), Content(clean(doing_words(track)))])


def doing_words(track: TicketTrack) -> str:
    """What is going on: a pass, watching, whose they are."""
    if track.doing is Doing.PREVIEW:
        return "… " + _("looking ahead")
    if track.busy:
        return "… " + _("a pass is under way")
    if track.watching:
        text = "… " + _("watching, a pass every {interval}")
        return text.format(interval=formats.duration(track.interval)) + last_words(track)
    if track.hub:
        return _("The hub owns these tickets: Einzug only watches.")
    return _("Not watched: w watches, p once.") + last_words(track)


def last_words(track: TicketTrack) -> str:
    """When the last pass was, and what it did."""
    if track.last is None or track.last_at is None:
        return ""
    text = _("last {time}: {count} events")
    return " · " + text.format(time=time_words(track.last_at), count=len(track.last.outcomes))


def foot(track: TicketTrack, trail: TripTrail, line: Line | None) -> Content:
    """Why the ticket under the cursor is held back, what is wrong, and how the acceptance ticket stands."""
    lines: list[Content] = []
    if line is not None and (reason := reason_words(line)):
        lines.append(content(f"! {line.row.known.ticket}: {reason}", "$warning"))
    if track.error:
        lines.append(content("✗ " + " ".join(track.error), "$error"))
    if trail.standing is not None:
        lines.append(content(*trip_line(trail, trail.standing)))
    return Content("\n").join(lines)


def trip_line(trail: TripTrail, standing: Standing) -> tuple[str, str]:
    """How the acceptance ticket stands, with its style."""
    trip, now = standing.trip, datetime.now(UTC)
    text = _("Acceptance ticket: {state}")
    if trail.over:
        verdict = trip_words.verdict(trip, trail.guide.terms, now)
        return text.format(state=verdict), "$success" if trip.passed else "$error"
    done = sum(trip.stamp(leg).end is not None for leg in Leg)
    state = _("{done} of {all} hops").format(done=done, all=len(Leg))
    if not trail.following:
        state += ", " + _("n goes on")
    wrong = trip_words.look_words(standing, now)
    return " · ".join(filter(None, (text.format(state=state), wrong))), "$warning" if wrong else ""
