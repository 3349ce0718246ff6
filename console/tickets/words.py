"""The outcomes of the ticket engine by name. Their sentences are in ``connectors/texts.toml``."""

from __future__ import annotations

from connectors.contract import Text
from connectors.problems import Problem
from connectors.tickets import REFUSALS, CategoryState, LeaseState

_LEASES = {
    LeaseState.ENDED: "tickets.refused_lease_ended",
    LeaseState.UNKNOWN: "tickets.refused_lease_unknown",
    LeaseState.OTHER_MANDANT: "tickets.refused_mandant",
    LeaseState.AMBIGUOUS: "tickets.refused_lease_ambiguous",
}
_CATEGORIES = {
    CategoryState.UNKNOWN: "tickets.refused_category_unknown",
    CategoryState.MANDATORY: "tickets.refused_category_mandatory",
}


def lease_refusal(state: LeaseState) -> Text | None:
    """Why a ticket of this lease is not made; None where it may be."""
    code = _LEASES.get(state)
    return Text(code) if code else None


def category_refusal(state: CategoryState, category: str) -> Text | None:
    """Why a ticket of this category is not made; None where it may be."""
    code = _CATEGORIES.get(state)
    return Text(code, {"category": category}) if code else None


def refusal(problem: Problem, by: str, category: str = "") -> Text:
    """Why ``erp``, ``partner`` or ``archive`` did not take something."""
    match REFUSALS.get(problem.code):
        case LeaseState() as lease if found := lease_refusal(lease):
            return found
        case CategoryState() as state if found := category_refusal(state, category):
            return found
    return Text(f"tickets.refused_by_{by}", {"code": problem.code, "status": problem.status or 0})
