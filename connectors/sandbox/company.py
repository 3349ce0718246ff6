"""Build the seeded housing company that all sandboxes serve."""

from __future__ import annotations

from datetime import date
from random import Random

from connectors.housing import TicketCategory
from connectors.sandbox import names
from connectors.sandbox.company_leases import build_leases
from connectors.sandbox.company_letting import build_letting
from connectors.sandbox.company_model import Company, Draft
from connectors.sandbox.company_stock import build_stock
from connectors.sandbox.defects import plant, reserve

__all__ = ["MINIMUM_UNITS", "Company", "build_company"]

MINIMUM_UNITS = 60
"""Smaller companies would consist of defects only, and every guard would stop them."""


def build_company(units: int, seed: int, today: date | None = None) -> Company:
    """A company with ``units`` use units, at least 60; equal arguments give equal companies.

    All days are relative to ``today`` (default: the current day), so that what runs keeps running.
    Raises ValueError when ``units`` is negative.
    """
    if units < 0:
        raise ValueError("units must not be negative")
    company = Company(seed=seed, today=today or date.today())
    draft = Draft(rng=Random(seed), company=company)  # noqa: S311 - reproducible, not secret
    build_stock(draft, max(units, MINIMUM_UNITS))
    reserve(draft)
    build_leases(draft)
    company.ticket_categories.extend(_ticket_categories())
    company.defects = {**plant(draft), **build_letting(draft)}
    return company


def _ticket_categories() -> list[TicketCategory]:
    return [
        TicketCategory(
            id=code,
            code=code,
            label=label,
            kind=kind,
            parent=parent,
            mandatory_features=features,
            active=active,
        )
        for code, label, kind, parent, features, active in names.TICKET_CATEGORIES
    ]
