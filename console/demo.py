"""The demo's round without a screen: check, plan, sync, plan again, tickets, checklists, report; each against
what the seed predicts."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click

from connectors.contract import Action, Finding, Verdict
from connectors.sandbox.expected import Expected, expected
from connectors.sandbox.known import Flow
from console import demo_onboarding
from console.config import parse
from console.credentials import MemorySecrets
from console.errors import ConsoleError
from console.i18n import _
from console.planner import Plan
from console.practice import CUSTOMER, Practice, config_text, secrets_of
from console.sitting import Sitting
from console.store.plans import Filter
from console.terminal import TerminalProgress, table
from console.threads import off_loop
from console.tickets.trip_follow import Standing
from console.tickets.trip_guide import TripGuide
from console.walks.follow import Pause
from console.workspace import Workspace

LONGEST_S = 900.0
"""The sandboxes end by themselves after this long, whatever happens to us."""

LATER = ("bitrix24",)
"""Partners that are not in this version."""


@dataclass(slots=True)
class Summary:
    """The steps so far: what was seen, what the seed predicts."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    good: bool = True

    def step(self, partner: str, what: str, seen: object, predicted: object) -> None:
        """Note a step; it is good when both are equal."""
        mark = "✓" if seen == predicted else "✗"
        self.good &= seen == predicted
        text = str(seen)
        if seen != predicted:
            text = _("{seen} (predicted: {predicted})").format(seen=seen, predicted=predicted)
        self.rows.append((partner, what, text, mark))


async def headless_round(practice: Practice, data: Path | None = None) -> bool:
    """Run the round and print the summary; whether every step did what the seed predicts."""
    with tempfile.TemporaryDirectory(prefix="einzug-demo-", ignore_cleanup_errors=True) as folder:
        async with sandboxes(practice) as ready:
            config = parse(config_text(ready), Path(folder) / "config.toml")
            secrets = MemorySecrets()
            for partner, entry in ready["partners"].items():
                secrets.set(CUSTOMER, partner, "practice", secrets_of(entry))
            progress = TerminalProgress()
            workspace = Workspace(
                config, config.customers[CUSTOMER], secrets, data or Path(folder), Sitting(listener=progress)
            )
            summary = await _round(workspace, expected(practice.company()))
            progress.clear()
    click.echo(table((_("partner"), _("step"), _("result"), ""), summary.rows))
    click.echo(_("Not in this version: {steps}.").format(steps=", ".join(LATER)))
    click.echo(_("All as predicted.") if summary.good else _("Something is not as predicted."))
    return summary.good


async def _round(workspace: Workspace, predicted: Expected) -> Summary:
    summary = Summary()
    report = await workspace.check()
    for finding in report.findings:
        _checked(summary, finding, predicted)
    for (partner, use_case), flow in predicted.flows.items():
        await _synced(workspace, summary, partner, use_case, flow)
    for partner in workspace.connections.partner_keys():
        if workspace.connections.has_tickets(partner):
            await _round_trip(workspace, summary, partner)
    await demo_onboarding.checklists(workspace, summary, predicted)
    await off_loop(partial(demo_onboarding.report, workspace, summary, predicted))
    return summary


async def _unheard(_standing: Standing) -> None:
    """Nobody watches the legs of a headless round."""


async def _round_trip(workspace: Workspace, summary: Summary, partner: str) -> None:
    """An acceptance ticket there and back; the sandboxes play tenant and clerk."""
    guide = TripGuide(workspace, partner)
    ended = await guide.follow(Standing(await guide.begin()), _unheard, Pause())
    verdict = _("passed") if ended.trip.passed else _("failed")
    summary.step(partner, _("acceptance ticket"), verdict, _("passed"))


def _checked(summary: Summary, finding: Finding, predicted: Expected) -> None:
    """A finding is right when it names as many records as were planted, or is ok where none were."""
    count = predicted.findings.get(finding.key)
    partner, what = finding.key.partition(".")[0], _("check {key}").format(key=finding.key)
    if count is None:
        verdict = predicted.verdicts.get(finding.key, Verdict.OK)
        summary.step(partner, what, finding.verdict.value, verdict.value)
    else:
        # A planted defect that is found is what was predicted, though the check itself fails, rightly.
        found, planted = _("{count} defects found"), count
        summary.step(partner, what, found.format(count=finding.count), found.format(count=planted))


async def _synced(workspace: Workspace, summary: Summary, partner: str, use_case: str, flow: Flow) -> None:
    """Plan, write and plan again: all is written, and then there is nothing left to do."""
    records, skips = flow.creates + flow.updates, flow.skips

    def step(what: str, seen: object, predicted: object) -> None:
        summary.step(partner, f"{use_case}: {what}", seen, predicted)

    # In a very small company the seeded defects are more than the share that passes unasked.
    accepted = (("ambiguous_ids", skips.get("C1", 0) + skips.get("C2", 0)), ("exposure", records))
    async with workspace.session(partner, use_case) as session:
        with closing(await session.plan()) as plan:
            counts = plan.tally.counts()
            step(_("to create"), counts["create"], flow.creates)
            step(_("to update or delete"), counts["update"] + counts["delete"], flow.updates)
            step(_("skipped by rule"), rules_words(_by_rule(plan)), rules_words(skips))
            result = await session.sync(plan, asyncio.Event(), accepted)
            step(_("written"), result.applying.applied, records)
            step(_("read back differently"), len(result.mismatches), 0)
        with closing(await session.plan()) as again:
            step(_("planned again, to change"), again.changes, 0)


def rules_words(counts: Mapping[str, int]) -> str:
    """Rules with their counts: ``B3 2, C1 4``."""
    return ", ".join(f"{rule} {count}" for rule, count in sorted(counts.items())) or "0"


def _by_rule(plan: Plan) -> dict[str, int]:
    rules = Counter(row.planned.rule for row in plan.store.rows(Filter(Action.SKIP)))
    return dict(sorted(rules.items()))


@asynccontextmanager
async def sandboxes(
    practice: Practice, longest_s: float = LONGEST_S, *, quiet: bool = False
) -> AsyncIterator[dict[str, Any]]:
    """The sandboxes in a process of their own, as ``einzug sandbox`` runs them; gives the ready line.

    ``quiet`` keeps its stderr off the terminal, which a screen is drawn on. Raises ConsoleError.
    """
    arguments = ["sandbox", "--units", str(practice.units), "--seed", str(practice.seed)]
    arguments += ["--for", str(longest_s), "--empty-partners"]
    process = await asyncio.create_subprocess_exec(
        # -P: a folder named like a package of ours, where the user happens to be, is not imported.
        sys.executable, "-P", "-m", "console", *arguments, stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL if quiet else None,
    )  # fmt: skip
    try:
        assert process.stdout is not None  # noqa: S101  (it is a pipe)
        line = await process.stdout.readline()
        if not line:
            raise ConsoleError(_("The sandboxes did not start."), _("Try: einzug sandbox --for 5"))
        yield json.loads(line)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
