"""``einzug checklist export`` and ``import``: open points as workbooks, there and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checklists.model import Addressee
from console.commands.asking import agreed, in_clear_option, said_yes
from console.commands.options import unmask_option
from console.errors import Exit
from console.i18n import _, ngettext
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.terminal import can_ask, note, printing, say

if TYPE_CHECKING:
    from console.handouts.hand_out import Written
    from console.handouts.proposals import Preview, Proposal
    from console.handouts.take_in import Kept
    from console.workspace import Workspace


@click.command("export", help=_("Hand open points out as workbooks, each with a covering text."))
@click.argument("customer")
@click.argument("place", type=click.Path(path_type=Path), metavar="PLACE")
@click.option(
    "--for",
    "desk",
    type=click.Choice([one.value for one in Addressee]),
    help=_("Only what lies with one desk; without it a folder gets a file for each."),
)
@click.option("--due", default="", metavar="DAY", help=_("By when answers are wanted."))
def export(customer: str, place: Path, *, desk: str | None, due: str) -> int:
    """0 written; PLACE is a folder, or one file that ends with .xlsx."""
    from console.handouts.hand_out import Wish, hand_out
    from console.onboarding.answering import read_day
    from console.onboarding.book import read

    workspace = surroundings().open(customer, Sitting())
    only = Addressee(desk) if desk else None
    for one in hand_out(workspace, read(workspace), Wish(place, only, read_day(due, "--due"))):
        say(written_words(one))
    return Exit.OK


def written_words(one: Written) -> str:
    """What a workbook holds, and where it and its text are."""
    from console import formats

    text = ngettext(
        "{desks}: {count} point in {path}, the covering text in {letter}",
        "{desks}: {count} points in {path}, the covering text in {letter}",
        one.points,
    )
    desks = ", ".join(one.desks)
    return text.format(desks=desks, count=formats.count(one.points), path=one.path, letter=one.letter.name)


@click.command("import", help=_("Read a workbook that came back: first a preview, then the answers."))
@click.argument("customer")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--who", default="", metavar="NAME", help=_("Who answered, where the file names nobody."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.option("--take-conflicts", is_flag=True, help=_("Keep the file's word where two contradict."))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output, full values."))
@in_clear_option
@unmask_option
def take_in(
    customer: str,
    file: Path,
    *,
    who: str,
    yes: bool,
    take_conflicts: bool,
    as_json: bool,
    in_clear: bool,
    unmask: bool,
) -> int:
    """0 all kept, 1 something is left: in doubt, in conflict, or not kept because nobody agreed."""
    from console.handouts.proposals import Found
    from console.handouts.take_in import Kept, keep, look
    from console.handouts.words import lines
    from console.onboarding.book import read

    workspace = surroundings().open(customer, Sitting())
    book = read(workspace)
    shown = look(workspace, book, file, who)
    chosen = [one for one in shown.proposals if take_conflicts or one.found is not Found.CONFLICT]
    if not as_json:
        for line in lines(shown, mask=not workspace.connections.practice and not unmask):
            say(line)
    kept = Kept()
    if chosen and _sure(yes=yes):
        kept = keep(workspace, chosen, consent=book.needs_consent and (in_clear or agreed()))
    with printing():
        _tell(workspace, shown, kept, as_json=as_json)
    left = len(shown.proposals) - len(kept.kept)
    return Exit.FINDINGS if left or shown.doubts else Exit.OK


def _sure(*, yes: bool) -> bool:
    if yes or not can_ask():
        return yes
    note(_("Type yes to keep these answers:"))
    return said_yes()


def _tell(workspace: Workspace, shown: Preview, kept: Kept, *, as_json: bool) -> None:
    from console.handouts.words import document, kept_words

    if as_json:
        if not workspace.connections.practice:
            note(_("This output holds personal data in full."))
        ids = frozenset(one.item.id for one in kept.kept)
        click.echo(json.dumps(document(shown, ids), ensure_ascii=False, indent=1))
    for one in kept.late:
        note(_("{item}: somebody answered just now; read the file again.").format(item=one.item.id))
    if kept.kept:
        note(kept_words(len(kept.kept), shown.file))
        _settings(workspace, kept.kept)
    elif shown.proposals:
        note(_("Nothing was stored: --yes keeps it without asking."))


def _settings(workspace: Workspace, kept: tuple[Proposal, ...]) -> None:
    """Name the settings that the answers decide otherwise than they are; nothing is written by itself."""
    from console.onboarding import takeover

    for one in kept:
        for each in takeover.proposals(workspace, one.item, one.draft.values):
            change = f"{each.setting}: {takeover.shown(each.former)} → {takeover.shown(each.value)}"
            note(_("Setting {change}").format(change=change))
            command = f"einzug checklist answer {workspace.customer.key} {one.item.id} --take-over"
            note("  " + _("{command} writes it into the configuration.").format(command=command))


for each in (export, take_in):
    common(each)
