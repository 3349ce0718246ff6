"""``einzug handover``: hand a customer over to a colleague in one sealed file, take one in, take it back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.errors import ConsoleError, Exit
from console.i18n import _
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.terminal import can_ask, note, read_line, say

if TYPE_CHECKING:
    from console.handover.taking import Arrival
    from console.workspace import Workspace

PASSPHRASE_VARIABLE = "EINZUG_HANDOVER_PASSPHRASE"  # noqa: S105 - the name of a variable


@click.group("handover", help=_("Hand a customer over in one sealed file, without secrets; take one in."))
def command() -> None:
    """The group."""


@command.command(
    "export", help=_("Write everything known of a customer into one sealed file, for a colleague.")
)
@click.argument("customer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", default="", metavar="NAME", help=_("Who hands over."))
@click.option("--to", default="", metavar="NAME", help=_("Who works on it from then on."))
def export_(customer: str, file: Path, who: str, to: str) -> int:
    """0 written."""
    from console.handover.export import export
    from console.handover.mark import given
    from console.handover.parcel_words import exported_lines
    from console.handover.words import given_words

    workspace = surroundings().open(customer, Sitting())
    if (former := given(workspace)) is not None:
        note(given_words(former))
    who, to = _name(who, _("Who hands over?"), "--who"), _name(to, _("To whom?"), "--to")
    done = export(workspace, file, _new_passphrase(workspace, who, to), who=who, to=to)
    for line in exported_lines(done, file):
        say(line)
    return Exit.OK


@command.command("import", help=_("Take a customer in from a file that a colleague wrote."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", default="", metavar="NAME", help=_("Who works on it here; else whom the file names."))
@click.option("--yes", is_flag=True, help=_("Do not ask before what is here is replaced."))
def import_(file: Path, who: str, yes: bool) -> int:
    """0 taken in."""
    from console.handover.parcel_words import arrival_lines, taken_lines
    from console.handover.taking import Home, arriving

    here = surroundings()
    here.settle()
    home = Home(here.data, here.config_path, here.secrets())
    with arriving(home, file, _passphrase()) as arrival:
        for line in arrival_lines(arrival):
            note(line)
        if arrival.preview.overwrites and not yes:
            _agree(arrival)
        taken = arrival.take(who)
    for line in taken_lines(taken, arrival.manifest.customer):
        say(line)
    return Exit.OK


@command.command("take-back", help=_("Go on here although the customer was handed over."))
@click.argument("customer")
@click.option("--who", default="", metavar="NAME", help=_("Who goes on."))
def take_back(customer: str, who: str) -> int:
    """0 taken back."""
    from console.handover.mark import given
    from console.handover.mark import take_back as back
    from console.handover.words import given_words

    workspace = surroundings().open(customer, Sitting())
    if (former := given(workspace)) is None:
        raise ConsoleError(_("{customer} is not handed over.").format(customer=customer))
    note(given_words(former))
    back(workspace, _name(who, _("Who goes on here?"), "--who"), datetime.now(UTC))
    say(_("Taken back: writing here is possible again."))
    note(_("If somebody took the file in, there are two states now. Agree whose work holds."))
    return Exit.OK


@command.command("show", help=_("Who works on a customer now, and who did before."))
@click.argument("customer")
def show(customer: str) -> int:
    """0, or 1 while somebody else works on it."""
    from console.handover.mark import given, history
    from console.handover.words import given_words, moved_words

    workspace = surroundings().open(customer, Sitting())
    moves = history(workspace)
    if not moves:
        say(_("Never handed over."))
    for one in moves:
        say(moved_words(one))
    if (former := given(workspace)) is None:
        return Exit.OK
    say(given_words(former))
    return Exit.FINDINGS


def _name(given: str, question: str, option: str) -> str:
    """A name from the option, or asked for. Raises click.UsageError where nobody can be asked."""
    if given.strip():
        return given.strip()
    if not can_ask():
        raise click.UsageError(_("{option} is missing: a name is needed.").format(option=option))
    name: str = click.prompt(question, err=True)
    return name.strip()


def _passphrase() -> str:
    """The passphrase of a file that is there: asked hidden, from the environment, or a line of the input."""
    if found := os.environ.get(PASSPHRASE_VARIABLE, ""):
        return found
    if can_ask():
        asked: str = click.prompt(_("Passphrase"), hide_input=True, err=True)
        return asked
    line = read_line()
    if not line:
        raise ConsoleError(
            _("The passphrase is missing."),
            _("Give it in {variable} or as one line of the input.").format(variable=PASSPHRASE_VARIABLE),
        )
    return line


def _new_passphrase(workspace: Workspace, *names: str) -> str:
    """The passphrase of a new file; a person types it twice, and again where it is too weak."""
    from console.handover.export import why_not

    if not can_ask() or os.environ.get(PASSPHRASE_VARIABLE):
        return _passphrase()
    note(_("Whoever has file and passphrase can read everything. Four words that nobody links do well."))
    while True:
        typed: str = click.prompt(
            _("New passphrase"), hide_input=True, confirmation_prompt=_("The same again"), err=True
        )
        weak = why_not(workspace, typed, names)
        if weak is None:
            return typed
        note(weak)


def _agree(arrival: Arrival) -> None:
    """Raises ConsoleError where nobody says yes."""
    if not can_ask():
        raise ConsoleError(
            _("What is here would be replaced, and nobody can be asked."),
            _("Nothing was changed. Scripts use --yes."),
        )
    if not click.confirm(_("Replace what is here?"), default=False, err=True):
        raise click.Abort


def _common(commands: Iterable[click.Command]) -> None:
    for one in commands:
        common(one)


_common((export_, import_, take_back, show, command))
