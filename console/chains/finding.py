"""What a chain comes to, as a finding beside those of the checks (rule O10)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.chains import LinkState, groups
from connectors.contract import Finding, Text, Verdict
from connectors.problems import Failure
from connectors.texts import sentence
from console.chains.kept import Held
from console.chains.reading import ChainPlace, chains, read_chain
from console.checking import CheckReport
from console.cockpit_words import told
from console.errors import ConsoleError
from console.store.errors import StoreError

if TYPE_CHECKING:
    from console.workspace import Workspace

CAUSES = 10
"""Causes that a finding names; the panel and ``einzug chain`` have them all."""


async def with_chains(workspace: Workspace, report: CheckReport, partner: str | None) -> CheckReport:
    """The report with a finding for each chain of a partner that could be reached. Raises ConsoleError."""
    lost = {one.key for one in report.findings if one.verdict is Verdict.FAIL}
    places = [place for place in chains(workspace) if partner in (None, place.partner)]
    found = [await _looked(workspace, one) for one in places if f"{one.partner}.connection" not in lost]
    return replace(report, findings=(*report.findings, *found))


async def _looked(workspace: Workspace, place: ChainPlace) -> Finding:
    try:
        return finding(place, await read_chain(workspace, place))
    except Failure as failure:
        problem = failure.problem
        evidence = Text("sync.check_impossible", {"code": problem.code, "where": problem.where})
        return Finding(key(place), place.chain.rules, Verdict.FAIL, evidence, (sentence(problem),))
    except (ConsoleError, StoreError) as error:  # the consultant's own lists, or what was answered
        unread = Text("sync.chain_unread", {"why": " ".join(told(error))})
        return Finding(key(place), place.chain.rules, Verdict.FAIL, unread)


def key(place: ChainPlace) -> str:
    """The key of a chain's finding: the items of checklists name it."""
    return f"{place.partner}.chain"


def finding(place: ChainPlace, held: Held) -> Finding:
    """How many objects stand how, and why, what concerns most of them first. It counts those that are broken
    or unknown."""
    rows = held.reading.rows
    counts = Counter(row.state for row in rows)
    broken, unknown = counts[LinkState.BROKEN], counts[LinkState.UNKNOWN]
    verdict = Verdict.OK if rows and counts[LinkState.OK] == len(rows) else Verdict.MANUAL
    if broken or unknown or not rows:
        verdict = Verdict.FAIL if broken else Verdict.WARN
    args = {state.value: counts[state] for state in LinkState} | {"count": len(rows)}
    details: list[Text] = []
    for reason in (group.verdict.reason for group in groups(rows)):
        if reason is not None and reason not in details:  # of several mailboxes
            details.append(reason)
    evidence = Text("sync.chain", args)
    return Finding(
        key(place), place.chain.rules, verdict, evidence, tuple(details[:CAUSES]), broken + unknown
    )
