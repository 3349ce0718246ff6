"""``einzug report``: the go-live report and the day protocol; does a file still agree with the journal."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.commands.asking import before_reading
from console.commands.options import unmask_option
from console.errors import ConsoleError, Exit
from console.i18n import _
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.terminal import note, printing, say

if TYPE_CHECKING:
    from console.report.model import Report
    from console.workspace import Workspace

ENDINGS = (".html", ".pdf", ".json")
TODAY = ("today", "heute")
YESTERDAY = ("yesterday", "gestern")


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    today = datetime.now().astimezone().date()
    if value.casefold() in (*TODAY, *YESTERDAY):
        return today if value.casefold() in TODAY else today - timedelta(days=1)
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"):
        try:
            found = datetime.strptime(value, pattern).date()
        except ValueError:
            continue
        if found > today:
            raise click.BadParameter(_("this day is still to come"))
        return found
    raise click.BadParameter(_("write a day as today, 2026-05-31 or 31.05.2026"))


@click.command(
    "report", help=_("Write the go-live report, or tell whether one still agrees with the journal.")
)
@click.argument("customer", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=_("The file to write: .html, .pdf or .json."),
)
@click.option(
    "--since", metavar="DAY", callback=_day, help=_("Only what happened since a day, e.g. today: a page.")
)
@unmask_option
@click.option("--no-check", is_flag=True, help=_("Do not run checks again that are older than a day."))
@click.option(
    "--verify",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Does this report still agree with the journal?"),
)
def command(
    customer: str | None,
    *,
    output: Path | None,
    since: date | None,
    unmask: bool,
    no_check: bool,
    verify: Path | None,
) -> int:
    """0, or 1 while something blocks (the report is written all the same) or a file does not agree."""
    if verify is not None:
        return _verify(verify, customer)
    if customer is None:
        raise click.UsageError(_("Which customer? einzug report CUSTOMER -o FILE"))
    if output is None or output.suffix.lower() not in ENDINGS:
        raise click.UsageError(_("-o names the file to write: .html, .pdf or .json."))
    if not output.parent.is_dir():  # told before the checks, which take their time
        raise ConsoleError(
            _("There is no folder {folder}.").format(folder=output.parent),
            _("Make it, or choose another place."),
        )
    from console.report.exhibits import exhibits
    from console.report.files import write
    from console.report.gather import Wish, gather

    workspace = surroundings().open(customer, Sitting())
    if since is None and not no_check:
        _check(workspace)
    report = gather(workspace, Wish(since, unmask))
    write(report, output, workspace.vault, exhibits(workspace))
    with printing():
        _tell(report, output)
    return Exit.FINDINGS if report.ready.blocked else Exit.OK


def _check(workspace: Workspace) -> None:
    """Run the checks where one is older than a day or never ran; without a network the report says so."""
    from console.onboarding.book import read
    from console.readiness import Because
    from console.running import run

    if not any(one.because in (Because.STALE, Because.UNCHECKED) for one in read(workspace).standings):
        return
    note(_("Checks that are older than a day are run again; --no-check leaves them."))
    before_reading(workspace)
    try:
        run(lambda _interrupts: workspace.check())
    except ConsoleError as error:
        for line in error.lines():
            note(line)


def _tell(report: Report, path: Path) -> None:
    from console.report.summary import verdict

    cover = report.cover
    if not cover.practice and not cover.masked:
        note(_("This output holds personal data in full."))
    say(verdict(report))
    say(_("Written to {path}.").format(path=path))


def _verify(path: Path, customer: str | None) -> int:
    from console.report.files import read, verify
    from console.report.verdicts import verdict_words

    content, stamp = read(path)
    if customer is not None and customer != stamp.customer:
        raise ConsoleError(
            _("{path} is a report of {customer}.").format(path=path, customer=stamp.customer),
            _("Leave the customer out, or name this one."),
        )
    found = verify(surroundings().open(stamp.customer, Sitting()), content, stamp)
    for line in verdict_words(found):
        say(line)
    return Exit.OK if found.agrees else Exit.FINDINGS


common(command)
