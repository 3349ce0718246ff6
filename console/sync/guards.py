"""What stops a plan from being written: mass changes, an empty side, a stale plan, a changed format.

A guard names its count. A person overrides it by typing that count, a script by ``--accept GUARD=COUNT``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Action, Text
from console.sync.plan import Tally

SHARE = 0.10  # of the target's records
FLOOR = 25  # records that never alarm
FORMAT_SHARE = 0.80
FORMAT_FLOOR = 50
AMBIGUOUS_SHARE = 0.05
_MASS = {"deletes": Action.DELETE, "updates": Action.UPDATE}


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason not to write. It is lifted only by naming ``count`` exactly."""

    key: str
    count: int
    limit: int
    message: Text


@dataclass(frozen=True, slots=True)
class Facts:
    """What is remembered of the last applied run of this use case; empty before the first."""

    desired: Mapping[str, int] = field(default_factory=dict)
    actual: Mapping[str, int] = field(default_factory=dict)
    mapping: str | None = None
    settings: Mapping[str, Any] | None = None
    owned: int = 0
    undo: bool = False  # the plan takes a run back: what it creates had been taken away
    chosen_fields: bool = False  # the plan is to change certain fields: that they differ often is no alarm


def guards(
    tally: Tally,
    facts: Facts,
    *,
    mapping: str,
    settings: Mapping[str, Any],
    filters: Iterable[str] = (),
    concerned: int | None = None,
) -> list[Guard]:
    """All guards that stop this plan, in the order in which a person should think about them.

    ``settings`` are plain JSON values; ``filters`` names those that decide which records take part.
    ``concerned``: what is created becomes visible to others, and of it so many records need a look; None
    where nobody sees it.
    """
    entities = sorted(set(tally.desired) | set(tally.actual) | set(facts.desired) | set(facts.actual))
    found = [] if concerned is None else _exposure(tally, facts, concerned)
    found += _confirmations(tally, facts, mapping, settings, tuple(filters))
    for entity in entities:
        found += _empty_sides(entity, tally, facts)
        found += _mass(entity, tally)
        found += [] if facts.chosen_fields else _format(entity, tally)
        found += _ambiguous(entity, tally)
    return found


def of_part(found: Iterable[Guard], actions: Mapping[tuple[str, Action], int]) -> list[Guard]:
    """The guards of a plan of which only some rows are written, ``actions`` by entity and action.

    Mass changes are measured by what is written; everything else stands as it does for the whole plan.
    """
    return [part for guard in found if (part := _of_part(guard, actions)) is not None]


def _of_part(guard: Guard, actions: Mapping[tuple[str, Action], int]) -> Guard | None:
    action = _MASS.get(guard.key)
    if action is None:
        return guard
    entity = str(guard.message.args["entity"])
    count = actions.get((entity, action), 0)
    return _guard(guard.key, count, guard.limit, entity=entity) if count > guard.limit else None


def unlifted(found: Iterable[Guard], accepted: Iterable[tuple[str, int]]) -> list[Guard]:
    """The guards that nobody has accepted with exactly their count."""
    given = set(accepted)
    return [guard for guard in found if (guard.key, guard.count) not in given]


def _exposure(tally: Tally, facts: Facts, concerned: int) -> list[Guard]:
    """More records would become visible than are visible already: the first sync, or a new part of them.

    As long as no run has come to its end, and where an undo would show them again, each of them counts.
    """
    count = tally.total(Action.CREATE)
    limit = 0 if facts.undo or facts.settings is None else facts.owned
    return [_guard("exposure", count, limit, concerned=concerned)] if count > limit else []


def _confirmations(
    tally: Tally, facts: Facts, mapping: str, settings: Mapping[str, Any], filters: tuple[str, ...]
) -> list[Guard]:
    former = facts.settings
    if former is None:
        return []
    found = []
    old, new = former.get("separator"), settings.get("separator")
    if old != new and facts.owned:
        found.append(_guard("separator_changed", facts.owned, 0, old=str(old), new=str(new)))
    affected = sum(n for (_, action), n in tally.actions.items() if action is not Action.SKIP)
    if facts.mapping != mapping and affected:
        found.append(_guard("mapping_changed", affected, 0))
    names = [name for name in filters if former.get(name) != settings.get(name)]
    if names and affected:
        found.append(_guard("filter_changed", affected, 0, names=", ".join(names)))
    return found


def _empty_sides(entity: str, tally: Tally, facts: Facts) -> list[Guard]:
    sides = (("source", tally.desired, facts.desired), ("target", tally.actual, facts.actual))
    return [
        _guard("empty_side", former[entity], 0, entity=entity, side=side)
        for side, now, former in sides
        if former.get(entity, 0) > 0 and now[entity] == 0
    ]


def _mass(entity: str, tally: Tally) -> list[Guard]:
    limit = max(int(tally.actual[entity] * SHARE), FLOOR)
    return [
        _guard(key, tally.actions[entity, action], limit, entity=entity)
        for key, action in _MASS.items()
        if tally.actions[entity, action] > limit
    ]


def _format(entity: str, tally: Tally) -> list[Guard]:
    updates = tally.actions[entity, Action.UPDATE]
    if updates < FORMAT_FLOOR:
        return []
    limit = int(updates * FORMAT_SHARE)
    return [
        _guard("format_change", count, limit, entity=entity, field=name)
        for (owner, name), count in sorted(tally.updated_fields.items())
        if owner == entity and count > limit
    ]


def _ambiguous(entity: str, tally: Tally) -> list[Guard]:
    limit = int(tally.desired[entity] * AMBIGUOUS_SHARE)
    count = tally.ambiguous[entity]
    return [_guard("ambiguous_ids", count, limit, entity=entity)] if count > limit else []


def _guard(key: str, count: int, limit: int, **args: str | int) -> Guard:
    return Guard(key, count, limit, Text(f"sync.guard_{key}", {"count": count, "limit": limit, **args}))
