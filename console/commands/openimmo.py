"""``einzug openimmo``: tools for OpenImmo files, whoever wrote them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import click

from connectors.openimmo.complaint import Complaint, Severity
from connectors.problems import Failure, Owner, Problem
from connectors.texts import meaning, render, todo
from console import formats
from console.errors import ConsoleError, Exit
from console.i18n import _, language
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.terminal import TerminalProgress, note, printing, say

MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.HINT: "·"}
KEPT = 10_000
"""Complaints kept in full; more are counted."""

GROUPS = 300
PLACES = 4
_NUMBER = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class Report:
    """What was found in a file: its first complaints, all counted, and why reading ended early, if it did."""

    complaints: list[Complaint] = field(default_factory=list)
    counts: dict[Severity, int] = field(default_factory=lambda: dict.fromkeys(Severity, 0))
    unreadable: Problem | None = None

    @property
    def exit_code(self) -> Exit:
        """1 when something is wrong, 0 with warnings and hints alone."""
        return Exit.FINDINGS if self.unreadable or self.counts[Severity.ERROR] else Exit.OK


@click.group("openimmo", help=_("Check OpenImmo files: deliveries, ZIPs and feedback."))
def command() -> None:
    """The group."""


@command.command(
    "check",
    help=_(
        "Check an OpenImmo 1.2.7 delivery (.xml, or .zip with its pictures) or an openimmo_feedback file and "
        "explain each finding with its path and line. Nothing is changed or unpacked."
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("A schema file (openimmo_127b.xsd) to validate against as well."),
)
@click.option(
    "--contacts",
    metavar="CUSTOMER",
    help=_("Also compare the contact of each object with the mailbox that this customer's chain leads to."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output."))
def check(file: Path, schema: Path | None, contacts: str | None, as_json: bool) -> int:
    """0 nothing wrong (warnings included), 1 findings or unreadable, 3 no access for ``--contacts``."""
    surroundings()
    if not file.is_file() or (schema is not None and not schema.is_file()):
        raise ConsoleError(_("Only plain files can be checked."), _("Copy it to a file first."))
    report = examined(file, schema, _mailboxes(contacts) if contacts else None)
    with printing():
        if as_json:
            click.echo(json.dumps(document(report, file.name), ensure_ascii=False, indent=1))
            if left := _left(report):
                note(_("{count} findings are only counted.").format(count=formats.count(left)))
        else:
            for line in lines(report, file.name):
                say(line)
    return report.exit_code


def _mailboxes(customer: str) -> Mapping[str, str | None]:
    """The mailbox of each object, as the chains of this customer tell. Raises ConsoleError, Failure."""
    from console.chains.mailboxes import mailboxes
    from console.running import countdown, run

    progress = TerminalProgress()
    workspace = surroundings().open_to_read(customer, Sitting(wait=countdown(progress), listener=progress))
    found = run(lambda _interrupts: mailboxes(workspace))
    progress.clear()
    return found


def examined(file: Path, schema: Path | None, mailboxes: Mapping[str, str | None] | None = None) -> Report:
    """Check a file to its end or as far as it can be read, with ``mailboxes`` its contacts too.

    Raises ConsoleError for an unusable schema.
    """
    from connectors.openimmo import validate
    from connectors.openimmo.contacts import contacts
    from connectors.openimmo.examine import examine

    try:
        loaded = validate.load(schema) if schema else None
    except Failure as failure:
        told = language()
        raise ConsoleError(meaning(failure.problem, told), todo(failure.problem, told)) from None
    report = Report()
    try:
        about_contacts = () if mailboxes is None else contacts(file, mailboxes)
        for complaint in chain(examine(file, schema=loaded, today=date.today()), about_contacts):
            report.counts[complaint.severity] += 1
            if len(report.complaints) < KEPT:
                report.complaints.append(complaint)
    except Failure as failure:
        report.unreadable = failure.problem
    return report


def document(report: Report, name: str) -> dict[str, Any]:
    """The report as JSON."""
    told = language()
    stopped = report.unreadable
    return {
        "schema": 1,
        "file": name,
        "counts": {severity.value: count for severity, count in report.counts.items()},
        "unreadable": stopped
        and {"code": stopped.code, "message": meaning(stopped, told), "todo": todo(stopped, told)},
        "findings": [
            {
                "severity": one.severity.value,
                "code": one.text.code,
                "rule": one.rule,
                "file": one.file or name,
                "path": one.path,
                "line": one.line,
                "owner": one.owner.value,
                "message": render(one.text, told),
            }
            for one in report.complaints
        ],
        "left_out": _left(report),
    }


def lines(report: Report, name: str) -> Iterator[str]:
    """The report in words: the worst first, equal findings together with their places."""
    groups = _grouped(report.complaints)
    for group in groups[:GROUPS]:
        yield from _group_lines(group, name)
    if len(groups) > GROUPS:
        yield _("… and {count} more").format(count=formats.count(len(groups) - GROUPS))
    if left := _left(report):
        yield _("{count} findings are only counted.").format(count=formats.count(left))
    if report.unreadable:
        yield f"{MARKS[Severity.ERROR]} {meaning(report.unreadable, language())}"
        yield f"    {todo(report.unreadable, language())}"
        yield "    " + _("Nothing after this place was checked.")
    yield _("{file}: {errors} errors, {warnings} warnings, {hints} hints.").format(
        file=name,
        errors=formats.count(report.counts[Severity.ERROR] + bool(report.unreadable)),
        warnings=formats.count(report.counts[Severity.WARNING]),
        hints=formats.count(report.counts[Severity.HINT]),
    )


def _left(report: Report) -> int:
    return sum(report.counts.values()) - len(report.complaints)


def _grouped(complaints: Iterable[Complaint]) -> list[list[Complaint]]:
    """Complaints of one kind about one element of the format, in the order of the file, errors first."""
    groups: dict[tuple[str, str, object], list[Complaint]] = {}
    for one in complaints:
        key = (one.text.code, _NUMBER.sub("", one.path), one.text.args.get("name"))
        groups.setdefault(key, []).append(one)
    order = tuple(Severity)
    return sorted(groups.values(), key=lambda group: order.index(group[0].severity))


def _group_lines(group: list[Complaint], name: str) -> Iterator[str]:
    first = group[0]
    rule = f" [{first.rule}]" if first.rule else ""
    yield f"{MARKS[first.severity]} {_place(first, name)}{rule}"
    yield f"    {render(first.text, language())}"
    if first.owner is not Owner.NOBODY:
        yield "    " + _("To be mended by: {owner}").format(owner=_owner(first.owner))
    for one in group[1:PLACES]:
        yield "    " + _("also {place}").format(place=_place(one, name))
        if one.text != first.text:
            yield f"        {render(one.text, language())}"
    if len(group) > PLACES:
        yield "    " + _("… and {count} more").format(count=formats.count(len(group) - PLACES))


def _place(one: Complaint, name: str) -> str:
    where = f"{one.file or name}:{one.line}" if one.line else one.file or name
    return f"{where}  {one.path}" if one.path not in ("", "/") else where


def _owner(owner: Owner) -> str:
    return {
        Owner.ERP_VENDOR: _("the program that writes the file"),
        Owner.CUSTOMER: _("the housing company, in its data"),
        Owner.CONSULTANT: _("you"),
        Owner.PARTNER: _("the partner"),
        Owner.NOBODY: _("nobody"),
    }[owner]


common(check)
common(command)
