"""``einzug runs``: the history; one run with every change and its outcome; the journal's chain."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from console import formats
from console.commands.options import LAST
from console.errors import Exit
from console.i18n import _
from console.names import entity_name, partner_name, use_case_name
from console.sitting import Sitting
from console.store.journal import Journal
from console.store.runs import Run
from console.surroundings import common, surroundings
from console.terminal import (
    SYMBOLS,
    complete_words,
    environment_name,
    problem_code,
    result_name,
    run_title,
    say,
    state_name,
    table,
)
from console.views import SCHEMA, run_json, settled_json


@click.command("runs", help=_("Show the history of a customer, or one run with all outcomes."))
@click.argument("customer")
@click.argument("run", required=False, type=click.IntRange(1, LAST))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output."))
@click.option("--verify", is_flag=True, help=_("Recompute the journal's chain: has anybody changed it?"))
def command(customer: str, run: int | None, as_json: bool, verify: bool) -> int:
    """0, or 1 when the chain is broken."""
    workspace = surroundings().open(customer, Sitting())
    with workspace.journal() as journal:
        if verify:
            return _verify(journal, as_json)
        if run is None:
            _history(journal.runs(), as_json)
        else:
            _one(journal, journal.run(run), as_json)
    return Exit.OK


def _verify(journal: Journal, as_json: bool) -> int:
    report = journal.verify()
    if as_json:
        document = {
            "schema": SCHEMA,
            "ok": report.ok,
            "rows": report.rows,
            "first_broken": report.first_broken,
        }
        click.echo(json.dumps(document))
    elif report.ok:
        click.echo(complete_words(report))
    else:
        text = _("The journal was changed; the first broken entry is {entry}.")
        click.echo(text.format(entry=report.first_broken))
    return Exit.OK if report.ok else Exit.FINDINGS


def _history(runs: list[Run], as_json: bool) -> None:
    if as_json:
        document = {"schema": SCHEMA, "runs": [run_json(run) for run in runs]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    elif not runs:
        click.echo(_("No runs yet. The next step: einzug plan CUSTOMER PARTNER USE_CASE"))
    else:
        head = (_("run"), _("started"), _("partner"), _("use case"), _("state"), _("applied"), _("failed"))
        click.echo(table(head, map(_line, runs)))


def _line(run: Run) -> tuple[str, ...]:
    return (
        str(run.id),
        formats.datetime(run.started),
        f"{partner_name(run.partner)} ({environment_name(run.environment)})",
        run_title(use_case_name(run.partner, run.use_case), run),
        state_name(run.state),
        formats.count(run.counts.get("applied", 0)),
        formats.count(run.counts.get("failed", 0)),
    )


def _one(journal: Journal, run: Run, as_json: bool) -> None:
    if as_json:
        outcomes = [settled_json(settled) for settled in journal.outcomes(run.id)]
        document = {"schema": SCHEMA, **run_json(run), "outcomes": outcomes}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    click.echo(table((_("run"), _("started"), _("partner"), _("use case"), _("state")), [_line(run)[:5]]))
    for line in _outcomes(journal, run):
        say(line)


def _outcomes(journal: Journal, run: Run) -> Iterator[str]:
    for settled in journal.outcomes(run.id):
        mark = "✓" if settled.ok else "✗"
        why = f"  {problem_code(settled.code)}" if settled.code and not settled.ok else ""
        what = f"{SYMBOLS[settled.action]} {entity_name(run.partner, settled.entity)} {settled.id}"
        yield f"{mark} {what}  {result_name(settled.result)}{why}"


common(command)
