"""What ``einzug tickets`` does: ask where somebody is there to be asked, make passes, tell, exit code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import click

from connectors.contract import EINZUG
from connectors.problems import Failure, Problem
from connectors.texts import render
from connectors.wrappers import Patience
from console import formats
from console.errors import ConsoleError, Exit, worst
from console.i18n import _, language, ngettext
from console.mishaps import exit_code
from console.running import Interrupts, answerable, countdown
from console.sitting import Sitting
from console.store.runs import RunState
from console.surroundings import Surroundings
from console.terminal import TerminalProgress, can_ask, note, printing, say, state_name, table
from console.tickets.events import PassResult, TicketOutcome
from console.tickets.session import TicketSession
from console.tickets.ticket_state import Standing
from console.views import SCHEMA, sentences

MOST = 200
"""So many outcomes are listed one by one; --json has them all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the tickets are to be worked off."""

    dry_run: bool
    interval: float | None
    retry_failed: bool
    yes: bool
    live: str
    as_json: bool


async def tickets(here: Surroundings, what: tuple[str, str], wanted: Wanted, interrupts: Interrupts) -> int:
    """Open the tickets of customer and partner and make the passes. Raises ConsoleError."""
    customer, partner = what
    progress = TerminalProgress()
    stopped = interrupts.stop.is_set
    sitting = Sitting(Patience(stopped=stopped), countdown(progress, stopped), progress)
    workspace = here.open_to_read(customer, sitting)
    async with workspace.tickets(partner) as session:
        dry = wanted.dry_run or session.settings.owner != EINZUG
        if not dry:
            _may_write(session, wanted)
            if not wanted.yes:
                await _confirm(session, progress)
            interrupts.writing = True
        codes = [Exit.OK]
        async for result in _passes(session, wanted, interrupts.stop, dry=dry):
            progress.clear()
            with printing():
                await _tell(session, result, wanted)
            codes = [_exit(result)]
        return worst(codes)


async def _passes(
    session: TicketSession, wanted: Wanted, stop: asyncio.Event, *, dry: bool
) -> AsyncIterator[PassResult]:
    """The results of the passes that were asked for."""
    if dry:
        yield await session.pass_(dry_run=True, stop=stop)
        return
    if wanted.retry_failed:
        yield await session.replay(stop=stop)
    elif wanted.interval is None:
        yield await session.pass_(stop=stop)
    if wanted.interval is not None:
        async for result in session.watch(stop, wanted.interval):
            yield result


def _may_write(session: TicketSession, wanted: Wanted) -> None:
    """Refuse early what could only be refused later. Raises ConsoleError."""
    if session.environment != "practice" and wanted.yes and wanted.live != session.customer:
        raise ConsoleError(
            _("Outside practice --yes alone does not write ({environment}).").format(
                environment=session.environment
            ),
            _("Repeat with --live {customer} if that is the customer you mean.").format(
                customer=session.customer
            ),
        )
    if not wanted.yes and (wanted.as_json or not can_ask()):
        raise ConsoleError(
            _("Nobody can be asked here."), _("Use --yes in scripts, and --dry-run for a preview.")
        )


async def _confirm(session: TicketSession, progress: TerminalProgress) -> None:
    """Show what would be done and ask; outside practice the number has to be typed. Raises click.Abort."""
    preview = await session.pass_(dry_run=True)
    progress.clear()
    if preview.stopped_by is not None:  # nobody can agree to what could not be looked at
        raise Failure(preview.stopped_by)
    for line in lines(preview):
        note(line)
    with answerable():
        if session.environment == "practice":
            click.confirm(_("Write to both sides?"), abort=True, err=True)
            return
        count = len(preview.outcomes)
        text = _("{customer}, {partner}, {environment}: type the number of lines ({count}) to write them")
        asked = text.format(
            customer=session.customer, partner=session.partner, environment=session.environment, count=count
        )
        if click.prompt(asked, default="", show_default=False, err=True).strip() != str(count):
            raise click.Abort


async def _tell(session: TicketSession, result: PassResult, wanted: Wanted) -> None:
    standing = await session.state()
    if wanted.as_json:
        one_line = wanted.interval is not None
        document = pass_json(session, result, standing)
        click.echo(json.dumps(document, ensure_ascii=False, indent=None if one_line else 1))
        return
    for line in (*lines(result), *standing_lines(standing)):
        say(line)


def lines(result: PassResult) -> Iterator[str]:
    """A pass in words: a line for each outcome, then the counts. Ids only: texts and names are not in it."""
    if result.outcomes:
        head = (_("Ticket"), _("In the ERP"), _("What"), _("Part"), _("Outcome"))
        yield from table(head, (_row(outcome) for outcome in result.outcomes[:MOST])).splitlines()
    if len(result.outcomes) > MOST:
        left = formats.count(len(result.outcomes) - MOST)
        yield _("… and {count} more; --json has them all.").format(count=left)
    if result.settled:
        text = ngettext(
            "{count} sending of an interrupted pass was settled.",
            "{count} sendings of an interrupted pass were settled.",
            result.settled,
        )
        yield text.format(count=formats.count(result.settled))
    if not result.outcomes and result.stopped_by is None:
        yield _("Nothing to do.") if result.dry else _("Nothing has changed.")
    if result.run is not None:
        yield _("Run {run}: {state}.").format(run=result.run, state=state_name(result.state))
    if result.stopped_by is not None:
        yield from sentences(result.stopped_by, language())


def _row(outcome: TicketOutcome) -> tuple[str, ...]:
    mark = "✗" if outcome.bad else "·" if outcome.planned else "✓"
    text = f"{mark} {render(outcome.outcome, language())}"
    rule = f" [{outcome.rule}]" if outcome.rule else ""
    return outcome.ticket, outcome.erp, hop_name(outcome.hop), outcome.item, text + rule


def hop_name(hop: str) -> str:
    """The way of an outcome in words."""
    names = {
        "ticket": _("ticket"),
        "file": _("file"),
        "link": _("link"),
        "status": _("status"),
        "comment_to_erp": _("comment to the ERP"),
        "comment_to_partner": _("comment to the partner"),
        "verify": _("verification"),
    }
    return names.get(hop, hop)


def standing_lines(standing: Standing) -> Iterator[str]:
    """How many tickets stand how."""
    yield _(
        "{linked} linked, {parked} held back, {held} parts held back, {waiting} waiting, {gone} gone; "
        "{born} born in the ERP stay there."
    ).format(**{name: formats.count(value) for name, value in _counts(standing).items()})
    if standing.parked or standing.held:
        yield _("Once the cause is mended, --retry-failed tries what is held back again.")
    if standing.unread:
        text = ngettext(
            "{count} ticket of the ERP cannot be read: before anything is made, it is looked for there.",
            "{count} tickets of the ERP cannot be read: before anything is made, it is looked for there.",
            standing.unread,
        )
        yield text.format(count=formats.count(standing.unread))


def pass_json(session: TicketSession, result: PassResult, standing: Standing) -> dict[str, Any]:
    """A pass as JSON."""
    return {
        "schema": SCHEMA,
        "customer": session.customer,
        "partner": session.partner,
        "mode": session.environment,
        "dry_run": result.dry,
        "run": result.run,
        "state": result.state.value,
        "settled": result.settled,
        "read": result.read,
        "counts": result.counts(),
        "standing": _counts(standing),
        "error": result.stopped_by.code if result.stopped_by else None,
        "outcomes": [outcome_json(outcome) for outcome in result.outcomes],
    }


def outcome_json(outcome: TicketOutcome) -> dict[str, Any]:
    """One outcome."""
    return {
        "ticket": outcome.ticket,
        "erp": outcome.erp or None,
        "hop": outcome.hop,
        "item": outcome.item or None,
        "outcome": outcome.name,
        "message": render(outcome.outcome, language()),
        "result": outcome.result.value if outcome.result else None,
        "rule": outcome.rule,
        "ok": not outcome.bad,
    }


def _counts(standing: Standing) -> dict[str, int]:
    fields = ("linked", "parked", "held", "waiting", "gone", "born", "unread")
    return {name: getattr(standing, name) for name in fields}


def _exit(result: PassResult) -> Exit:
    codes = [Exit.OK]
    problem: Problem | None = result.stopped_by
    if problem is not None:
        codes.append(exit_code(problem))
    elif result.state is RunState.INTERRUPTED:
        codes.append(Exit.INTERRUPTED)
    if result.bad or (result.dry and result.outcomes):
        codes.append(Exit.FINDINGS)
    return worst(codes)
