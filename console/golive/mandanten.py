"""Mandanten that came into the ERP since the go-live: a finding beside those of the checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from connectors.contract import Finding, Text, Verdict
from connectors.ids import clean
from connectors.problems import Failure
from connectors.ticketing import TICKETS
from console.checking import CheckReport
from console.connections import ERP
from console.errors import ConsoleError
from console.golive.look import mandanten
from console.golive.record import Live
from console.golive.since import MANDANTEN, lives
from console.sitting import Sitting
from console.threads import off_loop

if TYPE_CHECKING:
    from console.workspace import Workspace

ALL = "all"


async def with_new_mandanten(
    workspace: Workspace, report: CheckReport, sitting: Sitting, partner: str | None
) -> CheckReport:
    """The report with this finding, where anything is live and the ERP was asked and answered.

    Raises StoreError.
    """
    answered = any(
        one.key == f"{ERP}.connection" and one.verdict is not Verdict.FAIL for one in report.findings
    )
    if partner not in (None, ERP) or not answered:
        return report
    live = tuple(one for one in (await off_loop(partial(lives, workspace))).values() if one.mandanten)
    if not live:
        return report
    try:
        now = await mandanten(workspace, sitting)
    except (Failure, ConsoleError):
        return report  # its connection has a finding of its own
    return replace(report, findings=(*report.findings, finding(now, live, _configured(workspace, live))))


def finding(now: Iterable[str], live: Iterable[Live], configured: frozenset[str] | None) -> Finding:
    """What came since, of what is there ``now``; ``configured`` None = all of them take part."""
    there = {clean(number) for one in live for number in one.mandanten}
    new = sorted({clean(number) for number in now} - there - (configured or frozenset()))
    if not new or configured is None:
        return Finding(MANDANTEN, ("C3",), Verdict.OK, Text("sync.no_new_mandanten"))
    evidence = Text("sync.new_mandanten", {"numbers": ", ".join(new)})
    return Finding(MANDANTEN, ("C3",), Verdict.WARN, evidence, count=len(new))


def _configured(workspace: Workspace, live: Iterable[Live]) -> frozenset[str] | None:
    """The Mandanten that live use cases are agreed for; None where one takes all. Raises ConsoleError."""
    found: set[str] = set()
    for one in live:
        partner, _environment, use_case = one.place
        connections = workspace.connections
        settings = (
            connections.ticket_settings(partner)
            if use_case == TICKETS
            else connections.job(partner, use_case).settings
        )
        mandanten = getattr(settings, "mandanten", ())
        if mandanten == ALL:
            return None
        found |= {clean(number) for number in mandanten}
    return frozenset(found)
