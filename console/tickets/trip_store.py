"""Acceptance tickets in the customer's database: the one under way, and those that are over, as evidence.

Sealed with the customer's key; beside it stand partner, mark and moments only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.contract import Text
from connectors.ticketing import Act
from console.store.clock import spell
from console.store.database import row, rows, transaction
from console.store.vault import Vault, VaultError
from console.tickets.trip import End, Leg, Stamp, Trip

_HERE = "WHERE partner = ? AND environment = ?"


class TripStore:
    """The acceptance tickets of one partner in one environment. One thread at a time; raises StoreError."""

    def __init__(self, conn: sqlite3.Connection, vault: Vault, partner: str, environment: str) -> None:
        self._conn = conn
        self._vault = vault
        self._place = (partner, environment)

    def keep(self, trip: Trip) -> None:
        """Keep it as it is now: one durable transaction."""
        sealed = self._vault.seal(json.dumps(plain(trip)).encode(), trip_context(*self._place, trip.id))
        ended = spell(trip.ended) if trip.ended else ""
        values = (*self._place, trip.id, spell(trip.begun), ended, sealed)
        with transaction(self._conn) as conn:
            conn.execute("INSERT OR REPLACE INTO trip VALUES (?, ?, ?, ?, ?, ?)", values)

    def open(self) -> Trip | None:
        """The one that was begun last and is not over; None where there is none that can be read."""
        sql = f"SELECT id, sealed FROM trip {_HERE} AND ended = '' ORDER BY begun DESC LIMIT 1"  # noqa: S608
        found = row(self._conn, sql, self._place)
        return self._read(*found) if found else None

    def trips(self) -> tuple[Trip, ...]:
        """Those that are over, the newest first."""
        sql = f"SELECT id, sealed FROM trip {_HERE} AND ended <> '' ORDER BY begun DESC"  # noqa: S608
        found = (self._read(id_, sealed) for id_, sealed in rows(self._conn, sql, self._place))
        return tuple(trip for trip in found if trip is not None)

    def unreadable(self) -> tuple[str, ...]:
        """The marks of those that were sealed with another key, or by a version that knew other things."""
        sql = f"SELECT id, sealed FROM trip {_HERE} ORDER BY begun"  # noqa: S608
        found = rows(self._conn, sql, self._place)
        return tuple(id_ for id_, sealed in found if self._read(id_, sealed) is None)

    def _read(self, id_: str, sealed: bytes) -> Trip | None:
        try:
            return trip_of(json.loads(self._vault.open(sealed, trip_context(*self._place, id_))))
        except (VaultError, KeyError, TypeError, ValueError):
            return None  # of another key, or of a version that knew other things


def trip_context(partner: str, environment: str, id_: str) -> bytes:
    """What an acceptance ticket is sealed for."""
    return "/".join(("trip", partner, environment, id_)).encode()


def plain(trip: Trip) -> dict[str, Any]:
    """A trip as JSON values; moments are in UTC."""
    return {
        "id": trip.id,
        "begun": _moment(trip.begun),
        "contract": trip.contract,
        "category": trip.category,
        "people": [act.value for act in trip.people],
        "looked": _moment(trip.looked),
        "ticket": [trip.ticket, trip.number],
        "erp": [trip.erp, trip.erp_number],
        "born": trip.born,
        "twins": list(trip.twins),
        "leaked": trip.leaked,
        "first": list(trip.first),
        "cursors": dict(trip.cursors),
        "acted": {act.value: _moment(at) for act, at in trip.acted.items()},
        "stamps": {leg.value: _stamp(stamp) for leg, stamp in trip.stamps.items()},
        "remains": [_text(text) for text in trip.remains],
        "ended": _moment(trip.ended),
        "given_up": trip.given_up,
    }


def trip_of(value: Mapping[str, Any]) -> Trip:
    """The trip of such values. Raises KeyError, TypeError, ValueError."""
    begun = _time(value["begun"])
    if begun is None:
        raise ValueError("begun")
    (ticket, number), (erp, erp_number) = value["ticket"], value["erp"]
    people = tuple(Act(act) for act in value["people"])
    trip = Trip(value["id"], begun, value["contract"], value["category"], people)
    acted = {Act(act): moment for act, at in value["acted"].items() if (moment := _time(at))}
    return replace(
        trip,
        looked=_time(value["looked"]),
        ticket=ticket,
        number=number,
        erp=erp,
        erp_number=erp_number,
        born=value["born"],
        twins=tuple(value["twins"]),
        leaked=value["leaked"],
        first=(value["first"][0], value["first"][1]),
        cursors=dict(value["cursors"]),
        acted=acted,
        stamps={Leg(leg): _stamp_of(stamp) for leg, stamp in value["stamps"].items()},
        remains=tuple(Text(*text) for text in value["remains"]),
        ended=_time(value["ended"]),
        given_up=value["given_up"],
    )


def _stamp(stamp: Stamp) -> list[Any]:
    times = [_moment(at) for at in (stamp.began, stamp.due, stamp.at)]
    return [*times, stamp.end.value if stamp.end else None, _text(stamp.note) if stamp.note else None]


def _stamp_of(value: list[Any]) -> Stamp:
    began, due, at, end, note = value
    return Stamp(
        _time(began), _time(due), _time(at), End(end) if end else None, Text(*note) if note else None
    )


def _text(text: Text) -> list[Any]:
    return [text.code, dict(text.args)]


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
