"""``einzug go-live``: the conditions of a use case, the step, what changed since, and taking it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from console.commands.options import accepted_counts, unmask_option
from console.errors import Exit
from console.i18n import _
from console.surroundings import common, surroundings
from console.terminal import note, printing, say

if TYPE_CHECKING:
    from console.golive.conditions import Conditions
    from console.golive.record import Live, Look, Place
    from console.golive.step import Word
    from console.onboarding.book import Book
    from console.workspace import Workspace

DIFFERENCES = "differences"


@click.command(
    "go-live",
    help=_("Let a use case go live: conditions, baseline, who and when. Without one: how all stand."),
)
@click.argument("customer")
@click.argument("partner", required=False)
@click.argument("use_case", required=False)
@click.option("--who", default="", metavar="NAME", help=_("Who says so; without it nothing is noted."))
@click.option("--note", "text", default="", metavar="TEXT", help=_("What was agreed, or why."))
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    callback=accepted_counts,
    metavar="differences=COUNT",
    help=_("Accept the differences that are left by naming their exact count, with a reason."),
)
@click.option("--take-back", is_flag=True, help=_("Let Einzug write again; needs a name and a reason."))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output, full values."))
@unmask_option
def command(
    customer: str,
    partner: str | None,
    use_case: str | None,
    *,
    who: str,
    text: str,
    accepted: tuple[tuple[str, int], ...],
    take_back: bool,
    as_json: bool,
    unmask: bool,
) -> int:
    """0 live, or every condition holds; 1 a condition does not hold, or something changed since."""
    from console.golive.step import Word

    if partner is None or use_case is None:
        if partner is not None or who or take_back:
            raise click.UsageError(_("Which use case? einzug go-live CUSTOMER PARTNER USE_CASE"))
        return _all(customer, as_json=as_json, unmask=unmask)
    named = dict(accepted)
    if named.keys() - {DIFFERENCES}:
        raise click.UsageError(_("--accept takes differences=COUNT only."))
    word = Word(who.strip(), text.strip(), named.get(DIFFERENCES))
    if take_back:
        return _take_back(customer, partner, use_case, word)
    return _step(customer, partner, use_case, word, as_json=as_json, unmask=unmask)


def _all(customer: str, *, as_json: bool, unmask: bool) -> int:
    """How every use case stands."""
    from console.golive.document import SCHEMA, since_document
    from console.golive.since import aftermath
    from console.golive.words import since_lines
    from console.sitting import Sitting

    workspace = surroundings().open(customer, Sitting())
    found = aftermath(workspace)
    with printing():
        if as_json:
            document = {"schema": SCHEMA, "customer": customer, "since_go_live": since_document(found)}
            click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        elif found is None:
            say(_("Nothing is live yet. einzug go-live CUSTOMER PARTNER USE_CASE shows what it takes."))
        else:
            for line in since_lines(found, workspace, mask=not unmask and not workspace.connections.practice):
                say(line)
    changed = found is not None and (found.troubled or any(one.moved for one in found.lives))
    return Exit.FINDINGS if changed else Exit.OK


def _step(customer: str, partner: str, use_case: str, word: Word, *, as_json: bool, unmask: bool) -> int:
    """Compare, weigh, and note it where somebody says so."""
    from console.golive.step import go_live, live_of, place_of, weighed

    workspace, look = _compared(customer, partner, use_case)
    place = place_of(workspace, partner, use_case)
    live = live_of(workspace, place)
    found, book = weighed(workspace, place, look, accepted=word.accepted)
    if word.who and live is None and found.met:
        live = go_live(workspace, place, look, word)
    mask = not unmask and not workspace.connections.practice
    with printing():
        if as_json:
            _document(customer, place, found, look, live)
        else:
            _tell(workspace, place, found, look, book, live, mask=mask)
    if live is None and found.met and not word.who:
        note(_("Every condition holds. With --who NAME it goes live."))
    return Exit.OK if found.met or live is not None else Exit.FINDINGS


def _compared(customer: str, partner: str, use_case: str) -> tuple[Workspace, Look]:
    """Compare both sides now. Raises ConsoleError, Failure, StoreError."""
    from connectors.wrappers import Patience
    from console.golive.look import compared
    from console.running import countdown, run
    from console.sitting import Sitting
    from console.terminal import TerminalProgress

    progress = TerminalProgress()
    sitting = Sitting(Patience(), countdown(progress), progress)
    workspace = surroundings().open_to_read(customer, sitting)
    try:
        return workspace, run(lambda _interrupts: compared(workspace, partner, use_case, sitting))
    finally:
        progress.clear()


def _document(customer: str, place: Place, found: Conditions, look: Look, live: Live | None) -> None:
    from console.golive.document import step_document

    document = step_document(customer, place, found, look, live)
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def _tell(
    workspace: Workspace,
    place: Place,
    found: Conditions,
    look: Look,
    book: Book,
    live: Live | None,
    *,
    mask: bool,
) -> None:
    from console.golive.step import owner_of
    from console.golive.words import baseline_lines, condition_lines, live_words, owner_words, title_of

    partner, _environment, use_case = place
    title = title_of(workspace, partner, use_case)
    if live is not None:
        say(live_words(live, title, mask=mask))
        lines = baseline_lines(partner, live.desired, live.actual)
    else:
        say(title)
        for line in condition_lines(found, look, book, mask=mask):
            say(line)
        say(
            _("From the go-live on: {owner}").format(
                owner=owner_words(owner_of(workspace, partner, use_case))
            )
        )
        lines = baseline_lines(partner, look.desired, look.actual)
    say(_("Baseline:"))
    for line in lines:
        say(f"    {line}")


def _take_back(customer: str, partner: str, use_case: str, word: Word) -> int:
    from console.golive.step import place_of, take_back
    from console.sitting import Sitting

    workspace = surroundings().open(customer, Sitting())
    changed = take_back(workspace, place_of(workspace, partner, use_case), word)
    say(_("Taken back: Einzug may write this use case again."))
    if changed:
        say(_("Written to {path}.").format(path=workspace.config_path))
    note(_("See to it that the hub no longer writes it, or both do."))
    return Exit.OK


common(command)
