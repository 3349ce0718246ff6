"""``einzug plan``: preview, changes nothing."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.commands.options import selection
from console.errors import Exit
from console.i18n import _, language, ngettext
from console.surroundings import common, surroundings

if TYPE_CHECKING:
    from console.planner import Plan
    from console.running import Interrupts
    from console.workspace import Workspace


STDOUT = Path("-")
"""The name that means the output, as for most programs."""


@click.command("plan", help=_("Compare both sides and show what would be done. Changes nothing."))
@click.argument("customer")
@click.argument("partner")
@click.argument("use_case")
@click.option(
    "--scope", "scopes", multiple=True, metavar="KEY=VALUE", help=_("Only a part, e.g. mandant=10.")
)
@click.option(
    "--exclude",
    "excluded",
    multiple=True,
    metavar="KEY=VALUE",
    help=_("Leave out from now on, e.g. archive=NAME: a setting; may be repeated."),
)
@click.option("--only", multiple=True, metavar="ID", help=_("Only this record; may be repeated."))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output, full values."))
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path),
    help=_("Write the plan for Excel, full values; - prints it."),
)
@click.option("--xlsx", type=click.Path(path_type=Path), help=_("Write the plan as a workbook, full values."))
@click.option("--unmask", is_flag=True, help=_("Show personal data outside practice too."))
def command(
    customer: str,
    partner: str,
    use_case: str,
    *,
    scopes: tuple[str, ...],
    only: tuple[str, ...],
    excluded: tuple[str, ...],
    as_json: bool,
    csv_file: Path | None,
    xlsx: Path | None,
    unmask: bool,
) -> int:
    """0 nothing to do, 1 there are differences."""
    from console.running import countdown, run
    from console.sitting import Sitting
    from console.terminal import TerminalProgress, printing

    printed = _printed(as_json, csv_file, xlsx)
    progress = TerminalProgress()

    async def preview(_interrupts: Interrupts) -> int:
        workspace = surroundings().open_to_read(
            customer, Sitting(wait=countdown(progress), listener=progress)
        )
        if excluded:
            _leave_out(workspace, partner, use_case, excluded)
        async with workspace.session(partner, use_case) as session:
            with closing(await session.plan(selection(session, scopes, only))) as plan:
                progress.clear()
                _export(plan, None if printed else csv_file, xlsx)
                with printing():
                    if printed:
                        _print(plan)
                    else:
                        _tell(plan, as_json=as_json, unmask=unmask)
                return Exit.FINDINGS if plan.changes else Exit.OK

    return run(preview)


def _leave_out(workspace: Workspace, partner: str, use_case: str, excluded: tuple[str, ...]) -> None:
    from console.excluding import exclude
    from console.terminal import note

    for one in exclude(workspace, partner, use_case, excluded):
        note(_("Settings taken over: {names}.").format(names=one.setting))


def _printed(as_json: bool, csv_file: Path | None, xlsx: Path | None) -> bool:
    """Whether the CSV goes to stdout, alone. Raises click.UsageError."""
    if xlsx == STDOUT:
        raise click.UsageError(_("A workbook cannot be printed: name a file, or use --csv -."))
    if csv_file == STDOUT and as_json:
        raise click.UsageError(_("--csv - and --json both want the output: choose one."))
    return csv_file == STDOUT


def _print(plan: Plan) -> None:
    """The plan as CSV on stdout, without a byte order mark: another program reads it."""
    from console.exports import print_csv

    _say_full(plan)
    out = io.StringIO(newline="")
    print_csv(plan, out, language())
    click.echo(out.getvalue().encode(), nl=False)


def _tell(plan: Plan, *, as_json: bool, unmask: bool) -> None:
    from console.terminal import plan_lines, say
    from console.views import plan_document

    if as_json:
        _say_full(plan)
        for part in plan_document(plan, language()):
            click.echo(part, nl=False)
        return
    for line in plan_lines(plan, unmask=unmask):
        say(line)


def _export(plan: Plan, csv_file: Path | None, xlsx: Path | None) -> None:
    from console import formats
    from console.exports import write_csv, write_xlsx
    from console.sheets import saving
    from console.terminal import note

    for path, write in ((csv_file, write_csv), (xlsx, write_xlsx)):
        if path is not None:
            with saving(path):
                count = write(plan, path, language())
            _say_full(plan)
            text = ngettext("{count} row written to {path}.", "{count} rows written to {path}.", count)
            note(text.format(count=formats.count(count), path=path))


def _say_full(plan: Plan) -> None:
    from console.terminal import note

    if plan.job.environment != "practice":
        note(_("This output holds personal data in full."))


common(command)
