"""Which rows of a plan are wanted and in what order: what t, g, o and the filter line have set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from connectors.contract import Action, Result
from console import formats
from console.filters import FAILED, parse
from console.i18n import _, ngettext
from console.screens.plan_source import action_word
from console.store.plan_query import Query, Term, Where

T = TypeVar("T")


class Order(StrEnum):
    """By what the rows are sorted; the plan's own order is by entity and id."""

    ID = "id"
    ACTION = "action"
    RESULT = "result"


RANKS: Mapping[Order, Sequence[str]] = {
    Order.ID: (),
    Order.ACTION: tuple(Action),
    Order.RESULT: (*FAILED, "", Result.DONE.value, Result.ALREADY.value),
}
"""The values of the sorted column, first to last."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """Filter and order of a plan."""

    text: str = ""
    action: Action | None = None
    rule: str = ""
    order: Order = Order.ID

    @property
    def plain(self) -> bool:
        """Whether all rows are shown in plan order."""
        return self == PlanView()

    @property
    def filtered(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.text.strip() or self.action or self.rule)

    def query(self) -> Query:
        """All filters together. Raises FilterError."""
        query = parse(self.text)
        if self.action is not None:
            query = (*query, Term(Where.ACTION, (self.action.value,)))
        if self.rule:
            query = (*query, Term(Where.RULE, (self.rule,)))
        return query

    def live(self) -> bool:
        """Whether results that come in change which rows there are, or their order. Raises FilterError."""
        return self.order is Order.RESULT or any(term.where is Where.RESULT for term in self.query())

    def next_action(self) -> PlanView:
        """The next action: new, changed, gone, skipped, all."""
        return replace(self, action=_after(self.action, (None, *Action)))

    def next_rule(self, rules: Sequence[str]) -> PlanView:
        """The next rule of those that decide something; after the last one all."""
        return replace(self, rule=_after(self.rule, ("", *rules)))

    def next_order(self) -> PlanView:
        """The next order."""
        return replace(self, order=_after(self.order, tuple(Order)))

    def memory(self) -> dict[str, str]:
        """Filter and order for the next start; a rule belongs to its plan."""
        action = self.action.value if self.action else ""
        return {"text": self.text, "action": action, "order": self.order.value}

    @classmethod
    def recalled(cls, memory: Mapping[str, str]) -> PlanView:
        """What ``memory`` told, as far as it still exists."""
        action, order = memory.get("action", ""), memory.get("order", "")
        return cls(
            memory.get("text", ""),
            Action(action) if action in list(Action) else None,
            order=Order(order) if order in list(Order) else Order.ID,
        )

    def words(self) -> str:
        """The filter and order in force; "" where all rows are in plan order."""
        parts = [action_word(self.action) if self.action else "", self.rule, self.text.strip()]
        if self.order is not Order.ID:
            parts.append(_("sorted by {what}").format(what=order_word(self.order)))
        return "  ".join(part for part in parts if part)


def order_word(order: Order) -> str:
    """An order in a word."""
    return {Order.ID: _("id"), Order.ACTION: _("action"), Order.RESULT: _("result")}[order]


def counts_words(shown: int, total: int, view: PlanView, selected: int) -> str:
    """``37 of 12.345  changed  B10  3 selected``."""
    if view.filtered:
        text = _("{shown} of {total}").format(shown=formats.count(shown), total=formats.count(total))
    else:
        text = ngettext("{total} record", "{total} records", total).format(total=formats.count(total))
    chosen = _("{count} selected").format(count=formats.count(selected)) if selected else ""
    return "   ".join(part for part in (text, view.words(), chosen) if part)


def empty_words(view: PlanView, *, planning: bool, planned: bool) -> str:
    """Why there is no row, and which key leads on."""
    if planning:
        return _("Comparing …")
    if not planned:
        return _("No plan yet: p compares.")
    if view.filtered:
        return _("Nothing fits this filter: Esc shows everything.")
    return _("Everything is in step: there is nothing to write. n shows the next plan.")


def _after(now: T, choices: Sequence[T]) -> T:
    place = choices.index(now) if now in choices else -1
    return choices[(place + 1) % len(choices)]
