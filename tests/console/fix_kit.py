"""A Bots4You of which one check has a fix: the tenants' city, by the plan of the master data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import registry
from connectors.contract import Check, CheckContext, Finding, Fix, Text, Verdict
from connectors.partner import Partner

CITY = "bots4you.city"
ELSEWHERE = "bots4you.elsewhere"
FIX = Fix("master-data", {"tenant": ("city",)})


async def _found(_context: CheckContext) -> Finding:
    return Finding(CITY, ("B3",), Verdict.WARN, Text("sync.differs"))


def with_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the city be mended, and another finding by a use case that is not in use."""
    plain = registry.partner

    def partner(key: str) -> Partner:
        found = plain(key)
        if key != "bots4you":
            return found
        checks = (
            Check(CITY, ("B3",), _found, "master-data", FIX),
            Check(ELSEWHERE, ("B3",), _found, fix=replace(FIX, use_case="elsewhere")),
        )
        return replace(found, checks=(*found.checks, *checks))

    monkeypatch.setattr("console.connections.partner", partner)
