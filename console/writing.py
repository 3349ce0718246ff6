"""Write a plan from the command line: ask where somebody is there to be asked, write, tell, exit code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass

import click

from connectors.problems import Problem
from connectors.wrappers import Patience
from console import formats
from console.errors import ConsoleError, Exit, worst
from console.i18n import _, language, ngettext
from console.mishaps import exit_code
from console.planner import Plan
from console.running import Interrupts, answerable, countdown
from console.session import Session
from console.sitting import Sitting
from console.store.runs import RunState
from console.surroundings import Surroundings
from console.sync.guards import Lift, unlifted
from console.syncer import STALE, GuardStop, RunResult
from console.terminal import TerminalProgress, can_ask, note, plan_lines, printing, result_lines, say
from console.views import sync_document


@dataclass(frozen=True, slots=True)
class Asked:
    """How a plan is to be written."""

    yes: bool
    live: str
    expect: str
    accepted: tuple[Lift, ...]
    as_json: bool
    unmask: bool


async def write(
    here: Surroundings,
    what: tuple[str, str, str],
    asked: Asked,
    interrupts: Interrupts,
    make: Callable[[Session], Awaitable[Plan]],
) -> int:
    """Settle, plan by ``make``, confirm and write; ``what`` is customer, partner, use case."""
    customer, partner, use_case = what
    progress = TerminalProgress()
    stopped = interrupts.stop.is_set
    sitting = Sitting(Patience(stopped=stopped), countdown(progress, stopped), progress)
    workspace = here.open_to_read(customer, sitting)
    target = workspace.connections.target_name(partner, use_case)
    async with workspace.session(partner, use_case) as session:
        _may_write(session, asked)
        await session.admit()
        settled = await session.settle()
        with closing(await make(session)) as plan:
            progress.clear()
            if asked.expect and plan.digest != asked.expect:
                raise GuardStop([STALE])
            result = await _write(session, plan, asked, interrupts, target)
            progress.clear()
            if workspace.without_keyring is not None:
                note(_("Without a keyring nothing is kept for undo."))
            with printing():
                _tell(plan, result, settled, asked)
            return _exit(result)


def _may_write(session: Session, asked: Asked) -> None:
    """Refuse early what could only be refused later. Raises ConsoleError."""
    job = session.job
    if job.environment != "practice" and asked.yes and asked.live != job.customer:
        raise ConsoleError(
            _("Outside practice --yes alone does not write ({environment}).").format(
                environment=job.environment
            ),
            _("Repeat with --live {customer} if that is the customer you mean.").format(
                customer=job.customer
            ),
        )
    if not asked.yes and (asked.as_json or not can_ask()):
        raise ConsoleError(
            _("Nobody can be asked here."), _("Use --yes in scripts, and einzug plan for a preview.")
        )


async def _write(
    session: Session, plan: Plan, asked: Asked, interrupts: Interrupts, target: str
) -> RunResult | None:
    """Ask where somebody is there to be asked, then write; None when there is nothing to write."""
    accepted = bound(plan, asked)
    if not asked.yes and plan.changes:
        with answerable():
            accepted += _confirm(plan, target, asked, accepted)
    idle = plan.undo_of is not None or unlifted(plan.guards, accepted) or session.known(plan)
    if not plan.changes and idle:
        return None
    interrupts.writing = True
    return await session.sync(plan, interrupts.stop, accepted)


def bound(plan: Plan, asked: Asked) -> tuple[Lift, ...]:
    """What was accepted and counts: outside practice a number alone confirms no set of records that others
    will see. Its seal does, or the digest of the whole plan."""
    if plan.job.environment == "practice" or asked.expect:
        return asked.accepted
    sealed = {guard.key for guard in plan.guards if guard.seal}
    return tuple(one for one in asked.accepted if one.seal or one.key not in sealed)


def _confirm(plan: Plan, target: str, asked: Asked, accepted: tuple[Lift, ...]) -> tuple[Lift, ...]:
    """Show the plan and ask; each guard and each live plan wants its count typed. Raises click.Abort."""
    for line in plan_lines(plan, unmask=asked.unmask, most=20):
        note(line)
    lifted = []
    for guard in unlifted(plan.guards, accepted):
        question = _("Type {count} to go on in spite of {guard}")
        _type(question.format(count=guard.count, guard=guard.key), guard.count)
        lifted.append(Lift.of(guard))
    job = plan.job
    if job.environment == "practice":
        _agree(_("Write to {target}?").format(target=target))
    else:
        question = _(
            "{customer}, {partner}, {environment}: type the number of changes ({count}) to write them"
        )
        names = {"customer": job.customer, "partner": job.partner, "environment": job.environment}
        _type(question.format(count=plan.changes, **names), plan.changes)
    return tuple(lifted)


def _agree(question: str) -> None:
    """Ask until the answer is a yes; y and j are taken in both languages. Raises click.Abort for a no."""
    choice = _("y/N")
    while True:
        text = f"{question} [{choice}]"
        answer = click.prompt(text, default="", show_default=False, err=True).strip().lower()
        if answer in ("y", "yes", "j", "ja"):
            return
        if answer in ("", "n", "no", "nein"):
            raise click.Abort
        note(_("Please answer with y (yes) or n (no)."))


def _type(text: str, count: int) -> None:
    if click.prompt(text, default="", show_default=False, err=True).strip() != str(count):
        raise click.Abort


def _tell(plan: Plan, result: RunResult | None, settled: int, asked: Asked) -> None:
    if asked.as_json:
        for part in sync_document(plan, result, language(), settled):
            click.echo(part, nl=False)
        return
    if settled:
        text = ngettext(
            "{count} record of an interrupted run was settled.",
            "{count} records of an interrupted run were settled.",
            settled,
        )
        note(text.format(count=formats.count(settled)))
    for line in result_lines(plan, result):
        say(line)


def _exit(result: RunResult | None) -> int:
    if result is None:
        return Exit.OK
    codes = [Exit.OK]
    problems: list[Problem | None] = [result.applying.stopped_by, result.unverified]
    codes += [exit_code(problem) for problem in problems if problem]
    if result.state is RunState.INTERRUPTED:
        codes.append(Exit.INTERRUPTED)
    if result.guards:
        codes.append(Exit.GUARD)
    if result.applying.failed or result.mismatches:
        codes.append(Exit.FINDINGS)
    return worst(codes)
