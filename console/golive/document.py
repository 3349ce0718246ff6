"""The go-live step and the time since as the JSON that scripts rely on."""

from __future__ import annotations

from typing import Any

from console.golive.conditions import Conditions
from console.golive.record import Live, Look
from console.golive.since import Aftermath, Since

SCHEMA = 1


def step_document(
    customer: str, place: tuple[str, str, str], found: Conditions, look: Look | None, live: Live | None
) -> dict[str, Any]:
    """One use case: its conditions, what was compared, and its life."""
    return {
        "schema": SCHEMA,
        "customer": customer,
        **_place(place),
        "conditions": [
            {
                "key": one.point.value,
                "met": one.met,
                "items": [standing.item.id for standing in one.standings],
            }
            for one in found.all
        ],
        "compared": None if look is None else _look(look),
        "live": None if live is None else live_document(live),
    }


def live_document(live: Live) -> dict[str, Any]:
    """A use case that is live; names in full."""
    return {
        **_place(live.place),
        "since": live.since.isoformat(),
        "run": live.run,
        "owner": live.owner,
        "locked": live.locked,
        "who": live.who,
        "note": live.note,
        "accepted": live.accepted,
        "desired": dict(live.desired),
        "actual": dict(live.actual),
    }


def since_document(found: Aftermath | None) -> dict[str, Any] | None:
    """Everything since the go-live; None where nothing is live."""
    if found is None:
        return None
    return {
        "lives": [_since(one) for one in found.lives],
        "missing_credentials": {key: list(names) for key, names in found.missing},
        "refused": list(found.refused),
        "keyring": found.keyring,
        "new_mandanten": found.mandanten.count if found.mandanten is not None else 0,
        "expired": [
            {"item": one.item.id, "field": one.field.key, "day": one.day.isoformat()} for one in found.expired
        ],
        "stale_checks": found.stale,
    }


def _since(one: Since) -> dict[str, Any]:
    counted = one.counted
    return {
        **live_document(one.live),
        "counted_at": None if counted is None else counted.at.isoformat(),
        "moved": [
            {
                "entity": moved.entity,
                "side": "actual" if moved.there else "desired",
                "then": moved.then,
                "now": moved.now,
            }
            for moved in one.moved
        ],
    }


def _look(look: Look) -> dict[str, Any]:
    return {
        "at": look.at.isoformat(),
        "differences": look.differences,
        "desired": dict(look.desired),
        "actual": dict(look.actual),
        "digest": look.digest,
    }


def _place(place: tuple[str, str, str]) -> dict[str, str]:
    partner, environment, use_case = place
    return {"partner": partner, "environment": environment, "use_case": use_case}
