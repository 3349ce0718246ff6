"""Walks under way in the customer's cache, so that they outlive the program: ids, moments and codes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.contract import Text
from connectors.walks import Begun, Candidate, Seen
from console.store.cache import Cache
from console.walks.journey import Journey, Sighting

DAYS = 30.0
"""After so many days a walk that nobody went on with is forgotten."""


def keep(cache: Cache, name: str, journey: Journey) -> None:
    """Keep a walk under its name, the former one replaced."""
    cache.set(name, plain(journey), DAYS)


def drop(cache: Cache, name: str) -> None:
    """Keep it no longer."""
    cache.set(name, None)


def kept(cache: Cache, name: str) -> Journey | None:
    """The walk of that name; None where there is none, or one that this version cannot read."""
    value = cache.get(name)
    try:
        return None if value is None else journey_of(value)
    except (KeyError, TypeError, ValueError):
        return None


def plain(journey: Journey) -> dict[str, Any]:
    """A walk as JSON values; moments are in UTC."""
    candidate, begun = journey.candidate, journey.begun
    return {
        "candidate": [candidate.id, candidate.label, candidate.link],
        "begun": begun.at.isoformat(),
        "known": sorted(begun.known),
        "seen": [
            {
                "step": one.seen.step,
                "at": one.seen.at.isoformat() if one.seen.at else None,
                "noticed": one.noticed.isoformat(),
                "evidence": [one.seen.evidence.code, dict(one.seen.evidence.args)],
            }
            for one in journey.sightings
        ],
    }


def journey_of(value: dict[str, Any]) -> Journey:
    """The walk of such values. Raises KeyError, TypeError, ValueError."""
    candidate = Candidate(*value["candidate"])
    begun = Begun(candidate.id, datetime.fromisoformat(value["begun"]), frozenset(value["known"]))
    return Journey(candidate, begun, tuple(_sighting(one) for one in value["seen"]))


def _sighting(value: dict[str, Any]) -> Sighting:
    at = datetime.fromisoformat(value["at"]) if value["at"] else None
    seen = Seen(value["step"], at, Text(*value["evidence"]))
    return Sighting(seen, datetime.fromisoformat(value["noticed"]))
