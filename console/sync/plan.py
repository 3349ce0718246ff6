"""From differences to planned actions: one pure function, the same for every partner and direction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.contract import Action, Change, Deletes, Text, Value
from connectors.equality import field_changes
from console.sync.codec import SKIP, Codec, skip_note, skip_payload, split, unkey
from console.sync.compare import Pair, compare

COLLISION = "sync.collision"
NOTHING = (None, "", ())
NOT_OURS = Text("sync.not_ours")
KEPT = Text("sync.kept")
GONE = Text("sync.gone")
MISSING = Text("sync.missing")
DIFFERS = Text("sync.differs")


Kind = tuple[str, str, str]
"""Of a skip: its entity, its rule, and the code of its reason."""


class Planned(NamedTuple):
    """One planned action in canonical bytes, as it is stored. ``fields`` names what differs."""

    action: Action
    entity: str
    id: str
    before: bytes | None = None
    after: bytes | None = None
    fields: tuple[str, ...] = ()
    rule: str = ""
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What the plan may do. ``owned(entity, id)`` says whether Einzug made this record of the target;
    ``only`` are the ids that take part, None for all. ``unsupplied(entity)`` are the fields of which the
    source knows nothing: where it has no value, the target keeps its own. With ``fields`` (entity -> names)
    only these may change: everything else keeps its value, and no record comes or goes."""

    deletes: Deletes
    owned: Callable[[str, str], bool]
    only: frozenset[str] | None = None
    gone: Text = GONE  # why a record that is not desired is deleted
    unsupplied: Callable[[str], frozenset[str]] = lambda entity: frozenset()
    fields: Mapping[str, tuple[str, ...]] | None = None

    def takes(self, entity: str, id_: str) -> bool:
        """Whether a record takes part."""
        return (self.only is None or id_ in self.only) and (self.fields is None or entity in self.fields)


@dataclass(slots=True)
class Tally:
    """The counts of one plan; guards and summaries are read off it."""

    desired: Counter[str] = field(default_factory=Counter)  # entity -> records of the source
    actual: Counter[str] = field(default_factory=Counter)  # entity -> records of the target
    actions: Counter[tuple[str, Action]] = field(default_factory=Counter)
    unchanged: int = 0
    updated_fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    ambiguous: Counter[str] = field(default_factory=Counter)  # entity -> records skipped by C1 or C2
    skips: Counter[Kind] = field(default_factory=Counter)

    def total(self, action: Action) -> int:
        """How many changes of this kind there are, all entities together."""
        return sum(n for (_, kind), n in self.actions.items() if kind is action)

    def counts(self) -> dict[str, int]:
        """The five counts every plan ends with."""
        return {
            "create": self.total(Action.CREATE),
            "update": self.total(Action.UPDATE),
            "delete": self.total(Action.DELETE),
            "unchanged": self.unchanged,
            "skip": self.total(Action.SKIP),
        }


def plan(
    desired: Iterable[bytes],
    actual: Iterable[bytes],
    codec: Codec,
    policy: Policy,
    tally: Tally,
    matched: Callable[[bytes], None] | None = None,
) -> Iterator[Planned]:
    """Compare two sorted sides and yield what to do, in key order; counts go into ``tally``.

    ``matched`` is told the key of every record that needs nothing.
    """

    def on_equal(line: bytes) -> None:
        head = split(line)[0]
        if not policy.takes(*unkey(head)):
            return
        tally.unchanged += 1
        if matched is not None:
            matched(head)

    for pair in compare(desired, actual, on_equal):
        if not policy.takes(*unkey(pair.key)) or (policy.fields is not None and _comes_or_goes(pair)):
            continue
        planned = _decide(pair, codec, policy)
        if planned is None:
            on_equal(pair.key)
            continue
        tally.actions[planned.entity, planned.action] += 1
        if planned.action is Action.UPDATE:
            tally.updated_fields.update((planned.entity, name) for name in planned.fields)
        if planned.action is Action.SKIP and planned.reason is not None:
            tally.skips[planned.entity, planned.rule, planned.reason.code] += 1
        if planned.rule in ("C1", "C2"):
            tally.ambiguous[planned.entity] += _sources(planned)
        yield planned


def _comes_or_goes(pair: Pair) -> bool:
    """Whether one side has no such record; what is skipped is on neither."""
    one = pair.before if pair.after is None else pair.after
    return None in (pair.before, pair.after) and one is not None and not one.startswith(SKIP)


def _sources(skip: Planned) -> int:
    """How many records stand behind a skip: those of a collision share one line."""
    reason = skip.reason
    return int(reason.args["count"]) if reason is not None and reason.code == COLLISION else 1


def _decide(pair: Pair, codec: Codec, policy: Policy) -> Planned | None:
    entity, id_ = unkey(pair.key)
    before, after = pair.before, pair.after
    for payload in (after, before):
        if payload is not None and payload.startswith(SKIP):
            note = skip_note(payload)
            return Planned(Action.SKIP, entity, id_, rule=note.rule, reason=note.reason)
    old = None if before is None else codec.decode(entity, before)
    new = None if after is None else codec.decode(entity, after)
    if old is not None and new is not None and (kept := _kept(entity, new, policy)):
        new |= {name: old[name] for name in kept}
        after = codec.payload(entity, new)
    if old is not None and new is None:
        if policy.deletes is Deletes.NEVER:
            return Planned(Action.SKIP, entity, id_, rule="C3", reason=KEPT)
        if not policy.owned(entity, id_):
            return Planned(Action.SKIP, entity, id_, rule="C3", reason=NOT_OURS)
        return Planned(Action.DELETE, entity, id_, before, None, reason=policy.gone)
    differing = field_changes(codec.mappings[entity], old, new)
    if old is not None and not differing:
        return None
    action = Action.CREATE if old is None else Action.UPDATE
    reason = MISSING if old is None else DIFFERS
    return Planned(action, entity, id_, before, after, tuple(f.name for f in differing), reason=reason)


def _kept(entity: str, new: Mapping[str, Value], policy: Policy) -> set[str]:
    """The fields of which the target keeps its own value."""
    kept = {name for name in policy.unsupplied(entity) if new[name] in NOTHING}
    return kept if policy.fields is None else kept | (new.keys() - set(policy.fields[entity]))


def change(planned: Planned, codec: Codec) -> Change:
    """The full Change of a planned action: decoded sides and the fields with source and rule."""
    before = None if planned.before is None else codec.decode(planned.entity, planned.before)
    after = None if planned.after is None else codec.decode(planned.entity, planned.after)
    fields = (
        () if planned.action is Action.SKIP else field_changes(codec.mappings[planned.entity], before, after)
    )
    rule = planned.rule or (fields[0].rule if len(fields) == 1 else "")
    return Change(planned.action, planned.entity, planned.id, fields, before, after, rule, planned.reason)


def collision(lines: list[bytes]) -> bytes:
    """Several source records that build one id stand as one skip: nobody can say which is meant (C2)."""
    reason = Text(COLLISION, {"count": len(lines)})
    return split(lines[0])[0] + b"\x00" + skip_payload("C2", reason)


def repeated(lines: list[bytes]) -> bytes:
    """A target may list one record twice while its pages shift; two different ones are a collision."""
    return lines[0] if len(set(lines)) == 1 else collision(lines)


class Digest:
    """SHA-256 over the planned actions in order: equal exactly when two plans do the same."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, planned: Planned) -> None:
        """Take the next planned action."""
        for part in (planned.action.encode(), planned.entity.encode(), planned.id.encode(),
                     planned.before or b"", planned.after or b""):  # fmt: skip
            self._hash.update(len(part).to_bytes(4, "little"))
            self._hash.update(part)

    def __str__(self) -> str:
        return self._hash.hexdigest()
