"""What can be told before prospects are handed over: whether the ERP takes them back (rules I6, I9)."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract import Capability, Check, CheckContext, Finding, Verdict
from connectors.findings import Topic
from connectors.immomio.prospects import PROSPECTS

TARGET = Topic("immomio.prospect_target", ("I6", "I9"))

_WORST = (Verdict.FAIL, Verdict.WARN, Verdict.MANUAL, Verdict.OK)


async def target(context: CheckContext) -> Finding:
    """I6, I9: the ERP takes business partners and prospects back. Where it cannot, or takes them from a file
    only, a person has to answer."""
    if context.source is None:
        return TARGET.no_source()
    if context.erp is None or Capability.PROSPECTS not in context.erp.capabilities:
        return TARGET.finding(Verdict.MANUAL, "immomio.no_prospects")
    found = await context.erp.check()
    worst = min(found, key=lambda finding: _WORST.index(finding.verdict))
    return replace(worst, key=TARGET.key, rules=TARGET.rules)


PROSPECT_CHECKS = (Check(TARGET.key, TARGET.rules, target, PROSPECTS.key),)
"""The checks of the way back to the ERP."""
