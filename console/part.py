"""Some rows of a plan, chosen by a person: what would be written, and which guards stand against that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from connectors.contract import Action
from console.planner import Plan
from console.sync.exposed import Exposed
from console.sync.guards import DANGEROUS, Guard, dangerous, of_part


@dataclass(frozen=True, slots=True)
class Part:
    """The chosen rows by their numbers in the plan, their counts by entity and action, and the guards."""

    rows: frozenset[int]
    actions: Mapping[tuple[str, Action], int]
    guards: tuple[Guard, ...]

    @property
    def changes(self) -> int:
        """How many records would be written; skips are not."""
        return sum(n for (_, action), n in self.actions.items() if action is not Action.SKIP)

    def counts(self) -> dict[str, int]:
        """Create, update, delete and skip with their counts."""
        return {
            action.value: sum(n for (_, kind), n in self.actions.items() if kind is action)
            for action in Action
        }


def part_of(plan: Plan, rows: Collection[int]) -> Part:
    """What a choice of rows comes to. Reads the plan's store: a large choice belongs into a thread."""
    actions = plan.store.actions(rows)
    guards = [_of_rows(plan, rows, guard) for guard in of_part(plan.guards, actions)]
    return Part(frozenset(rows), actions, tuple(guard for guard in guards if guard))


def _of_rows(plan: Plan, rows: Collection[int], guard: Guard) -> Guard | None:
    """What needs a look is counted among the chosen rows; every other guard stands as it is."""
    if guard.key != DANGEROUS:
        return guard
    exposed = Exposed(plan.review)
    for planned in plan.store.in_writing_order(list(plan.codec.mappings), rows):
        exposed.add(planned)
    return dangerous(exposed) if exposed.dangerous else None
