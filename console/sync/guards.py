"""What stops a plan from being written: mass changes, an empty side, a stale plan, a changed format.

A guard names its count. A person overrides it by typing that count, a script by ``--accept GUARD=COUNT``.
Where the count means records that others will see, a seal binds it to those that were shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from connectors.contract import Action, Text
from console.sync.exposed import Exposed
from console.sync.plan import Kind, Tally

SHARE = 0.10  # of the target's records
FLOOR = 25  # records that never alarm
FORMAT_SHARE = 0.80
FORMAT_FLOOR = 50
AMBIGUOUS_SHARE = 0.05
WITHDRAWN_SHARE = 0.50  # of what is ours at the target
EXPOSURE, DANGEROUS = "exposure", "dangerous"
_MASS = {"deletes": Action.DELETE, "updates": Action.UPDATE}
_PARTIAL = {**_MASS, "withdrawn": Action.DELETE}
"""Guards that are measured by what is written."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason not to write. It is lifted only by naming ``count`` exactly, and ``seal`` where a number alone
    says too little."""

    key: str
    count: int
    limit: int
    message: Text
    seal: str = ""

    @property
    def named(self) -> str:
        """How it is named to lift it: ``exposure=12:3fa9c01b``."""
        return f"{self.key}={self.count}{':' if self.seal else ''}{self.seal}"


class Lift(NamedTuple):
    """A guard that somebody lifts: by its count, and the seal where one was given."""

    key: str
    number: int
    seal: str = ""

    def lifts(self, guard: Guard) -> bool:
        """Whether this guard is meant."""
        meant = (self.key, self.number) == (guard.key, guard.count)
        return meant and self.seal in ("", guard.seal)

    @classmethod
    def of(cls, guard: Guard) -> Lift:
        """The lifting of a guard as it stands."""
        return cls(guard.key, guard.count, guard.seal)


Lifts = Sequence[tuple[str, int] | Lift]
"""Guards that somebody lifts, each by its count, or by count and seal."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is remembered of the last applied run of this use case; empty before the first."""

    desired: Mapping[str, int] = field(default_factory=dict)
    actual: Mapping[str, int] = field(default_factory=dict)
    mapping: str | None = None
    settings: Mapping[str, Any] | None = None
    owned: int = 0
    owned_of: Mapping[str, int] = field(default_factory=dict)  # the same by entity
    skips: Mapping[Kind, int] = field(default_factory=dict)
    lacking: frozenset[str] | None = None  # "entity.field" that the source did not supply; None = not known
    undo: bool = False  # the plan takes a run back: what it creates had been taken away
    chosen_fields: bool = False  # the plan is to change certain fields: that they differ often is no alarm


def guards(
    tally: Tally,
    facts: Facts,
    *,
    mapping: str,
    settings: Mapping[str, Any],
    filters: Iterable[str] = (),
    exposed: Exposed | None = None,
    lacking: frozenset[str] = frozenset(),
    gaps: frozenset[str] = frozenset(),
) -> list[Guard]:
    """All guards that stop this plan, in the order in which a person should think about them.

    ``settings`` are plain JSON values; ``filters`` names those that decide which records take part.
    ``exposed``: what is created becomes visible to others; None where nobody sees it. ``lacking`` are the
    fields that the source does not supply, ``gaps`` the codes of skips that stand for what was not read.
    """
    entities = sorted(set(tally.desired) | set(tally.actual) | set(facts.desired) | set(facts.actual))
    found = [] if exposed is None else _exposure(tally, facts, exposed)
    found += _confirmations(tally, facts, mapping, settings, tuple(filters))
    found += _source(tally, facts, lacking, gaps)
    for entity in entities:
        found += _empty_sides(entity, tally, facts)
        found += _mass(entity, tally) or _withdrawn(entity, tally, facts)
        found += [] if facts.chosen_fields else _format(entity, tally)
        found += _ambiguous(entity, tally)
    return found


def of_part(found: Iterable[Guard], actions: Mapping[tuple[str, Action], int]) -> list[Guard]:
    """The guards of a plan of which only some rows are written, ``actions`` by entity and action.

    Mass changes are measured by what is written; everything else stands as it does for the whole plan.
    """
    return [part for guard in found if (part := _of_part(guard, actions)) is not None]


def _of_part(guard: Guard, actions: Mapping[tuple[str, Action], int]) -> Guard | None:
    action = _PARTIAL.get(guard.key)
    if action is None:
        return guard
    args = dict(guard.message.args)
    count = actions.get((str(args["entity"]), action), 0)
    message = Text(guard.message.code, args | {"count": count})
    return replace(guard, count=count, message=message) if count > guard.limit else None


def unlifted(found: Iterable[Guard], accepted: Lifts) -> list[Guard]:
    """The guards that nobody has accepted with exactly their count, and with another seal least of all."""
    given = [Lift(*one) for one in accepted]
    return [guard for guard in found if not any(one.lifts(guard) for one in given)]


def _exposure(tally: Tally, facts: Facts, exposed: Exposed) -> list[Guard]:
    """More records would become visible than are visible already: the first sync, or a new part of them.

    As long as no run has come to its end, and where an undo would show them again, each of them counts. Later
    what needs a look is asked about whenever it is new or changed.
    """
    count = tally.total(Action.CREATE)
    limit = 0 if facts.undo or facts.settings is None else facts.owned
    if count > limit:
        guard = _guard(EXPOSURE, count, limit, concerned=exposed.concerned)
        return [replace(guard, seal=str(exposed.visible))]
    return [dangerous(exposed)] if exposed.dangerous else []


def dangerous(exposed: Exposed) -> Guard:
    """The guard before records that a person must look at."""
    return replace(_guard(DANGEROUS, exposed.dangerous, 0), seal=str(exposed.danger))


def _source(tally: Tally, facts: Facts, lacking: frozenset[str], gaps: frozenset[str]) -> list[Guard]:
    """What a source no longer supplies, or could not give whole, is no reason to take anything away."""
    count = tally.total(Action.DELETE)
    if not count or facts.undo:
        return []
    new = sorted(lacking - facts.lacking) if facts.lacking is not None else []
    found = [_guard("source_lacks", count, 0, names=", ".join(new))] if new else []
    if any(n and code in gaps for (_, _, code), n in tally.skips.items()):
        found.append(_guard("source_gap", count, 0))
    return found


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


def _withdrawn(entity: str, tally: Tally, facts: Facts) -> list[Guard]:
    """Most of what is ours goes while the source still has it, and leaves it out for one new reason: a format
    has changed there, or a rule here. What the source no longer has at all is an ordinary withdrawal."""
    count = tally.actions[entity, Action.DELETE]
    owned, held = facts.owned_of.get(entity, 0), tally.actual[entity]
    limit = max(int((min(owned, held) if owned else held) * WITHDRAWN_SHARE), 1)
    if count <= limit or facts.undo:
        return []
    risen = {kind: n - facts.skips.get(kind, 0) for kind, n in tally.skips.items() if kind[0] == entity}
    kind = max(filter(_of_source, risen), key=lambda one: risen[one], default=None)
    if kind is None or risen[kind] * 2 < count:
        return []
    return [_guard("withdrawn", count, limit, entity=entity, rule=kind[1], skips=tally.skips[kind])]


def _of_source(kind: Kind) -> bool:
    """Whether a skip is of the source: what the engine itself leaves out is the target's."""
    return not kind[2].startswith("sync.")


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
