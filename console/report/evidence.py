"""Round trips and guided tests that were kept as evidence."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from connectors.contract import Text
from connectors.texts import render
from console.i18n import language
from console.report import model
from console.store.walked import WalkedStore
from console.terminal import environment_name
from console.tickets import trip_words as words
from console.tickets.trip import Leg, Trip, TripTerms
from console.tickets.trip_guide import TripGuide
from console.tickets.trip_store import TripStore

if TYPE_CHECKING:
    from console.workspace import Workspace


def trips(workspace: Workspace, since: date | None, now: datetime) -> tuple[model.Trip, ...]:
    """Acceptance tickets that are over, where each partner is now: the newest, or those since a day."""
    found: list[model.Trip] = []
    connections = workspace.connections
    for key in filter(connections.has_tickets, connections.partner_keys()):
        terms = TripGuide(workspace, key).terms
        environment = connections.partner_config(key).environment
        with workspace.store() as conn:
            kept = TripStore(conn, workspace.vault, key, environment).trips()
        chosen = kept[:1] if since is None else [one for one in kept if _since(one.ended, since)]
        found += [_trip(one, terms, now) for one in chosen]
    return tuple(found)


def unreadable_trips(workspace: Workspace) -> tuple[str, ...]:
    """The marks of acceptance tickets that cannot be read here."""
    connections, found = workspace.connections, list[str]()
    for key in filter(connections.has_tickets, connections.partner_keys()):
        environment = connections.partner_config(key).environment
        with workspace.store() as conn:
            found += TripStore(conn, workspace.vault, key, environment).unreadable()
    return tuple(found)


def walks(workspace: Workspace, since: date | None) -> tuple[model.Walk, ...]:
    """Guided tests that ended, the oldest first."""
    with workspace.store() as conn:
        kept = WalkedStore(conn, workspace.vault).walks()
    return tuple(
        model.Walk(_walk_title(one.partner, one.walk), environment_name(one.environment), one.ended)
        for one in kept
        if since is None or _since(one.ended, since)
    )


def _since(at: datetime | None, day: date) -> bool:
    return at is not None and at.astimezone().date() >= day


def _walk_title(partner: str, walk: str) -> str:
    try:
        return render(Text(f"{partner}.walk_{walk}"), language())
    except KeyError:
        return walk  # of a partner that is not there any more


def _trip(trip: Trip, terms: TripTerms, now: datetime) -> model.Trip:
    return model.Trip(
        id=trip.id,
        partner=terms.name,
        begun=trip.begun,
        ended=trip.ended,
        passed=trip.passed,
        verdict=words.verdict(trip, terms, now),
        legs=tuple(_leg(trip, leg, terms, now) for leg in Leg),
        remains=tuple(words.note_words(text) for text in trip.remains),
    )


def _leg(trip: Trip, leg: Leg, terms: TripTerms, now: datetime) -> model.Leg:
    stamp, state = trip.stamp(leg), trip.state(leg, now)
    return model.Leg(
        title=words.leg_title(leg, terms.name),
        state=state.value,
        word=words.state_word(state),
        began=stamp.began,
        at=stamp.at,
        took=stamp.took,
        note=words.note_words(stamp.note) if stamp.note else "",
    )
