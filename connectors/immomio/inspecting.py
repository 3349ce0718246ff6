"""How Immomio's checks are run: with the ERP, on the settings of their use case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from connectors.contract import Capability, Check, CheckContext, Finding, Reader, Text, Verdict
from connectors.findings import Topic

Inspection = Callable[[Reader[Any], Any], Awaitable[Finding]]
"""Looks at the ERP's data with the settings of the use case."""


def of_source(topic: Topic, use_case: str, inspection: Inspection, needs: Capability | None = None) -> Check:
    """A check of the ERP's data; a person has to answer where the ERP cannot."""
    return Check(topic.key, topic.rules, partial(_inspect, topic, inspection, needs), use_case)


async def _inspect(
    topic: Topic, inspection: Inspection, needs: Capability | None, context: CheckContext
) -> Finding:
    if context.source is None:
        return topic.no_source()
    if needs is not None and needs not in context.source.capabilities:
        return topic.finding(Verdict.MANUAL, f"immomio.no_{needs}")
    return await inspection(context.source, context.settings)


def say(code: str, **args: str | int) -> Text:
    """A detail of a finding."""
    return Text(f"immomio.{code}", args)
