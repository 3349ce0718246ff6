"""Text for a person at a terminal: tables, counts, and progress with rate and remaining time."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TextIO

import click

from connectors.contract import Action, Finding, Result, Value, Verdict
from connectors.problems import Owner, Problem, Trouble
from connectors.texts import meaning, render, repair
from console import formats
from console.credentials import SecretSource
from console.errors import ConsoleError
from console.i18n import _, language, ngettext
from console.masking import mask_fields
from console.names import (
    entity_name,
    field_name,
    field_names,
    fix_title,
    guard_words,
    stage_name,
    waiting_words,
)
from console.planner import Plan
from console.safe import clean
from console.source_words import source_words
from console.store.chain import ChainReport
from console.store.plans import Filter
from console.store.runs import GO_LIVE, TAKE_BACK, Run, RunState
from console.sync.events import Meter, Pauses, Progress, Stage, SyncEvent, Waiting
from console.sync.guards import DANGEROUS, EXPOSURE, Guard
from console.sync.plan import change
from console.syncer import RunResult
from console.views import sentence, sentences

MARKS = {Verdict.OK: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗", Verdict.MANUAL: "?"}
LOOKED_AT = 10
"""So many records that need a look are named beside a question."""

SYMBOLS = {"create": "+", "update": "~", "delete": "-", "skip": "·"}
INTERVAL_S = 0.2


class TerminalProgress:
    """One line on stderr that is written over; without a terminal it only tells what is waited for."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on = self._stream.isatty()
        self._meters: dict[Stage, Meter] = {}
        self._pauses = Pauses()
        self._told: set[str] = set()
        self._last = 0.0
        self._width = 0

    def __call__(self, event: SyncEvent) -> None:
        """Show an event; progress at most five times a second."""
        if not self._on:
            self._once(event)
            return
        if isinstance(event, Waiting):
            self._pauses.add(time.monotonic(), event)
            if event.problem.trouble is Trouble.LIMIT:
                self._show(waiting_words(event))
                return
            text = _("Next try ({attempt}) in {seconds} s: {problem}")
            self._show(
                text.format(
                    problem=meaning(event.problem, language()),
                    attempt=event.attempt,
                    seconds=formats.count(round(event.seconds)),
                )
            )
        elif isinstance(event, Progress):
            self._progress(event)

    def _once(self, event: SyncEvent) -> None:
        """Where nothing can be written over: one line for each problem that is waited for."""
        if isinstance(event, Waiting) and event.problem.code not in self._told:
            self._told.add(event.problem.code)
            text = _("{problem} Trying again …").format(problem=meaning(event.problem, language()))
            self._stream.write(clean(text) + "\n")
            self._stream.flush()

    def _progress(self, event: Progress) -> None:
        now = time.monotonic()
        meter = self._meters.setdefault(event.stage, Meter())
        meter.add(now, event.done)
        if now - self._last < INTERVAL_S and event.done != event.total:
            return
        self._last = now
        parts = [f"{stage_name(event.stage)}: {formats.count(event.done)}"]
        if event.total:
            parts[0] += f" / {formats.count(event.total)}"
        if (waiting := self._pauses.current(now)) is not None:
            parts.append(waiting_words(waiting))
        elif (rate := meter.rate()) is not None:
            parts.append(_("{rate}/s").format(rate=formats.count(round(rate))))
        if (left := meter.remaining(event.done, event.total)) is not None:
            parts.append(_("{time} left").format(time=formats.duration(left)))
        if event.failed:
            parts.append(_("{count} failed").format(count=formats.count(event.failed)))
        self._show("  ".join(parts))

    def _show(self, text: str) -> None:
        room = shutil.get_terminal_size((80, 24)).columns - 1  # a line that breaks could not be written over
        text = clean(text)[:room]
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Remove the line, so that other text can follow."""
        if self._on and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A plain table with two blanks between the columns."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def counts_line(plan: Plan) -> str:
    """The one line that ends every plan."""
    counts = plan.tally.counts()
    return _(
        "Plan: {create} to create, {update} to update, {delete} to delete, "
        "{unchanged} unchanged, {skip} skipped."
    ).format(**{name: formats.count(value) for name, value in counts.items()})


def finding_lines(finding: Finding, *, alike: int = 0, most: int = 10) -> Iterable[str]:
    """A finding with its first details; ``alike``: so many more checks ended for the same reason."""
    rules = " ".join(finding.rules)
    yield f"{MARKS[finding.verdict]} {finding.key} [{rules}] {render(finding.evidence, language())}"
    for detail in finding.details[:most]:
        yield f"    {render(detail, language())}"
    if len(finding.details) > most:
        yield "    " + _("… and {count} more").format(count=formats.count(len(finding.details) - most))
    if alike:
        more = ngettext(
            "{count} more check was not possible for the same reason.",
            "{count} more checks were not possible for the same reason.",
            alike,
        )
        yield "    " + more.format(count=formats.count(alike))
    told = finding.details[0] if impossible(finding) else finding.evidence
    if finding.verdict is not Verdict.OK and (todo := repair(told, language())):
        yield f"    → {todo}"


def impossible(finding: Finding) -> bool:
    """Whether a check came to no answer; its first detail is the reason."""
    return finding.evidence.code == "sync.check_impossible" and bool(finding.details)


def say(text: str) -> None:
    """A line of the output."""
    click.echo(clean(text))


def note(text: str) -> None:
    """A remark for the person, apart from the output."""
    click.echo(clean(text), err=True)


def printing() -> suppress:
    """Around output after which the exit code still has to be true: a reader may leave early."""
    return suppress(BrokenPipeError)


def can_ask() -> bool:
    """Whether a person sits at the input."""
    return sys.stdin is not None and sys.stdin.isatty()


def read_line() -> str | None:
    """The next line of the input without its end, None after the last one. Raises ConsoleError."""
    try:
        line = sys.stdin.readline() if sys.stdin is not None else ""
    except UnicodeDecodeError:
        raise ConsoleError(_("The input cannot be read as text."), _("It should be UTF-8.")) from None
    return line.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").rstrip("\r\n") if line else None


def plan_lines(plan: Plan, *, unmask: bool, most: int = 200) -> Iterator[str]:
    """The plan in words: a line a record, its fields below, guards and the counts at the end."""
    mask = plan.job.environment != "practice" and not unmask
    shown = 0
    for row in plan.store.window(0, most):
        planned = change(row.planned, plan.codec)
        reason = sentence(planned.reason, language())
        rule = f" [{planned.rule}]" if planned.rule else ""
        entity = entity_name(plan.job.partner, planned.entity)
        yield f"{SYMBOLS[planned.action]} {entity} {planned.id}{rule} {reason}".rstrip()
        fields = planned.fields
        if mask:
            fields = mask_fields(plan.codec.mappings[planned.entity], fields)
        if planned.action is Action.UPDATE:
            for f in fields:
                name, source = field_name(plan.job.partner, f.name), source_words(f.source)
                yield f"    {name}: {shown_value(f.old)} → {shown_value(f.new)}  ({source}, {f.rule})"
        shown += 1
    total = plan.store.count()
    if total > shown:
        yield _("… and {count} more; --json, --csv and --xlsx have them all.").format(
            count=formats.count(total - shown)
        )
    for guard in plan.guards:
        yield f"! {guard.named}: {guard_words(plan.job.partner, guard)}"
        yield from (f"    {line}" for line in review_lines(plan, guard, LOOKED_AT))
    yield counts_line(plan)


def review_lines(plan: Plan, guard: Guard, most: int) -> Iterator[str]:
    """What a person must look at before this guard is lifted: ids and reasons, no titles."""
    exposed = plan.exposed
    if exposed is None or not exposed.dangerous or guard.key not in (EXPOSURE, DANGEROUS):
        return
    for entity, id_ in exposed.first[:most]:
        reasons = ", ".join(render(text, language()) for text in plan.review[entity, id_])
        yield f"{id_}: {reasons}"
    if (left := exposed.dangerous - min(most, len(exposed.first))) > 0:
        text = _("… and {count} more, see the review list in the plan's workbook")
        yield text.format(count=formats.count(left))


def shown_value(value: Value) -> str:
    """A value in a line of text."""
    if value is None or value == ():
        return "∅"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def result_lines(plan: Plan, result: RunResult | None) -> Iterator[str]:
    """How a sync ended: counts, failures grouped by their cause, and what came back changed."""
    yield counts_line(plan)
    if result is None:
        yield _("Nothing to write.")
        return
    done = result.applying
    yield _("Run {run}: {applied} applied, {failed} failed, {left} left ({state}).").format(
        run=result.run,
        applied=formats.count(done.applied),
        failed=formats.count(done.failed),
        left=formats.count(done.left),
        state=state_name(result.state),
    )
    for code, count in plan.store.failures():
        line = plan.store.window(0, 1, Filter(code=code))[0].planned.id
        text = _("{count}x {problem} (e.g. {id})")
        yield "  " + text.format(count=formats.count(count), problem=problem_code(code), id=line)
    for mismatch in result.mismatches[:20]:
        fields = field_names(plan.job.partner, mismatch.fields) or _("the whole record")
        yield "  " + _("{id}: the partner holds another value in {fields}").format(
            id=mismatch.id, fields=fields
        )
    for guard in result.guards:
        yield f"! {guard.named}: {guard_words(plan.job.partner, guard)}"
    if done.stopped_by is not None:
        yield from sentences(done.stopped_by, language())
    if result.unverified is not None:
        yield _("Not verified: {problem}").format(problem=meaning(result.unverified, language()))


def complete_words(report: ChainReport) -> str:
    """That nobody has changed the journal."""
    text = ngettext(
        "The journal is complete: {rows} entry.", "The journal is complete: {rows} entries.", report.rows
    )
    return text.format(rows=formats.count(report.rows))


def state_name(state: RunState) -> str:
    """A run's state in words."""
    return {
        RunState.RUNNING: _("running"),
        RunState.DONE: _("done"),
        RunState.FAILED: _("finished with failures"),
        RunState.INTERRUPTED: _("interrupted"),
        RunState.STOPPED: _("stopped"),
    }[state]


def environment_name(environment: str) -> str:
    """practice, test or production, in words."""
    names = {"practice": _("practice"), "test": _("test"), "production": _("production")}
    return names.get(environment, environment)


def source_name(source: SecretSource | None) -> str:
    """Where a credential comes from, in words."""
    if source is None:
        return _("missing")
    return {
        SecretSource.ENVIRONMENT: _("environment variable"),
        SecretSource.KEYRING: _("keyring"),
        SecretSource.FILE: _("encrypted file"),
        SecretSource.MEMORY: _("memory"),
    }[source]


def result_name(result: Result) -> str:
    """How a change ended, in words."""
    return {
        Result.DONE: _("written"),
        Result.ALREADY: _("was there already"),
        Result.REJECTED: _("refused"),
        Result.FAILED: _("did not arrive"),
        Result.UNKNOWN: _("unclear"),
    }[result]


def problem_code(code: str) -> str:
    """What a problem's code means, where only the code was kept."""
    return meaning(Problem(code, Trouble.REJECTED, Owner.NOBODY), language())


def run_title(title: str, run: Run) -> str:
    """What a run was about; one that writes nothing, takes another back or mends a finding says so."""
    if run.kind in (GO_LIVE, TAKE_BACK):
        words = {GO_LIVE: _("goes live"), TAKE_BACK: _("taken back from the hub")}
        return f"{title} · {words[run.kind]}"
    if run.undo_of is not None:
        return f"{title} · " + _("takes back {run}").format(run=run.undo_of)
    return fix_title(title, run.fix)
