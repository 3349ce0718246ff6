"""``einzug check``: connections, credentials, rights, settings and preconditions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from connectors.contract import Finding, Verdict
from console.checking import CheckReport
from console.errors import Exit
from console.fixes import fixable
from console.golive.document import since_document
from console.golive.since import Aftermath, aftermath
from console.golive.words import since_lines
from console.handover.mark import given
from console.handover.words import given_words
from console.i18n import _, language
from console.running import countdown, run
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.terminal import TerminalProgress, finding_lines, impossible, note, printing, say
from console.views import check_document
from console.workspace import Workspace


@click.command("check", help=_("Test connections, credentials, rights and settings of a customer."))
@click.argument("customer")
@click.argument("partner", required=False)
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output."))
def command(customer: str, partner: str | None, as_json: bool) -> int:
    """0 all well (warnings included), 1 a finding fails, 3 somebody is unreachable or refuses access."""
    progress = TerminalProgress()
    sitting = Sitting(wait=countdown(progress), listener=progress)
    workspace = surroundings().open_to_read(customer, sitting)
    report = run(lambda _interrupts: workspace.check(partner))
    progress.clear()
    since = aftermath(workspace)
    if (former := given(workspace)) is not None:
        note(given_words(former))
    with printing():
        _tell(workspace, report, since, as_json=as_json)
    return exit_code(report)


def _tell(workspace: Workspace, report: CheckReport, since: Aftermath | None, *, as_json: bool) -> None:
    """What changed since the go-live comes first, where anything is live."""
    if as_json:
        live = {} if since is None else {"since_go_live": since_document(since)}
        document = check_document(report.findings, language()) | live
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    if since is not None:
        for line in since_lines(since, workspace, mask=not workspace.connections.practice):
            say(line)
    for finding, alike in _grouped(report.findings):
        for line in finding_lines(finding, alike=alike):
            say(line)
        if finding.verdict is not Verdict.OK and finding.key in fixable(workspace.connections):
            partner, _sep, check = finding.key.partition(".")
            say(f"    → einzug fix {workspace.customer.key} {partner} {check}")


def _grouped(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """The findings; of checks one after the other that one reason kept from an answer the first alone, with
    how many followed."""

    def alike(finding: Finding) -> object:
        return finding.details if impossible(finding) else finding.key

    for _reason, group in groupby(findings, alike):
        first, *others = group
        yield first, len(others)


def exit_code(report: CheckReport) -> Exit:
    """The exit code of a check."""
    if report.no_access:
        return Exit.UNREACHABLE
    return Exit.FINDINGS if report.failed else Exit.OK


common(command)
