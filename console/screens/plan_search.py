"""Finding the rows of a plan for the filter and order in force, beside the event loop; the newest counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from console.planner import Plan
from console.screens.plan_source import PlanSource, lexicon_of
from console.screens.plan_view import RANKS, Order, PlanView
from console.store.plan_query import Query, condition
from console.store.plans import Superseded
from console.threads import off_loop

Kinds = Counter[tuple[str, str, str]]
"""How often each (entity, rule, reason) occurs in a plan."""


class PlanSearch:
    """Looks through plans, one search after another; ``found`` hears of the rows of the newest one."""

    def __init__(self, masked: Callable[[], bool], found: Callable[[PlanSource], None]) -> None:
        self.kinds: Kinds | None = None
        self.running = False
        self._newest = 0
        self._masked = masked
        self._found = found

    def source(self, plan: Plan) -> PlanSource:
        """All rows of a plan, in its order."""
        return PlanSource(plan, self._masked)

    def begin(self) -> int:
        """The number of a new search; the ones before it are not wanted any more."""
        self._newest += 1
        self.running = True
        return self._newest

    async def find(self, plan: Plan, view: PlanView, query: Query, search: int) -> None:
        """Find the rows of a view; without filter and order they are all there at once."""
        store = plan.store

        def wanted() -> bool:
            return self._newest == search

        if store.closed:
            return  # another plan has taken its place and is looked through next
        if view.plain:
            self._tell(self.source(plan))
        try:
            if self.kinds is None:
                kinds = await off_loop(partial(store.kinds, wanted))
                if wanted():
                    self.kinds = kinds
            if view.plain:
                return
            by = "" if view.order is Order.ID else view.order.value
            where = condition(query, lexicon_of(plan, self.kinds or Counter()))
            numbers = await off_loop(partial(store.numbers, where, by, RANKS[view.order], wanted))
        except Superseded:
            return
        if wanted():
            self._tell(PlanSource(plan, self._masked, numbers, ascending=not by))

    def _tell(self, source: PlanSource) -> None:
        if not source.plan.store.closed:
            self.running = False
            self._found(source)
