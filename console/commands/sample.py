"""``einzug sample``: some records of a use case on both sides, drawn by a seed, and a word on each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from console.commands.asking import agreed, in_clear_option
from console.commands.options import unmask_option
from console.commands.word_group import WordOrCustomer
from console.errors import ConsoleError, Exit
from console.i18n import _
from console.surroundings import common, surroundings
from console.terminal import TerminalProgress, note, printing, say

if TYPE_CHECKING:
    from console.running import Interrupts
    from console.sampling.take import Sample, Wish
    from console.store.samples import Sampled
    from console.workspace import Workspace


@click.group(
    "sample",
    cls=WordOrCustomer,
    help=_("Look some records through: einzug sample CUSTOMER PARTNER USE_CASE."),
)
def command() -> None:
    """The group."""


@command.command("show", help=_("Draw a sample that has every kind of record, ERP and partner side by side."))
@click.argument("customer")
@click.argument("partner")
@click.argument("use_case")
@click.option("--size", type=int, default=None, help=_("Records at least; every kind is there in any case."))
@click.option("--seed", type=int, default=None, help=_("The same seed and data give the same sample."))
@click.option("--new", is_flag=True, help=_("Draw a new one instead of the last one again."))
@click.option("--full", is_flag=True, help=_("Every field, not only those that differ."))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output, full values."))
@unmask_option
def show(
    customer: str,
    partner: str,
    use_case: str,
    *,
    size: int | None,
    seed: int | None,
    new: bool,
    full: bool,
    as_json: bool,
    unmask: bool,
) -> int:
    """0 both sides are the same and nothing was marked wrong, else 1."""
    from console.running import countdown, run
    from console.sampling.take import draw, keep, latest
    from console.sampling.words import names
    from console.sitting import Sitting

    progress = TerminalProgress()
    workspace = surroundings().open_to_read(customer, Sitting(wait=countdown(progress), listener=progress))
    place = workspace.connections.job(partner, use_case).place

    async def work(_interrupts: Interrupts) -> int:
        wish = _wish(None if new else await latest(workspace, place), seed, size)
        async with workspace.session(partner, use_case) as session:
            sample = await draw(session, wish, progress)
        progress.clear()
        if not await keep(workspace, sample, names(sample)):
            note(_("Without a keyring a sample is kept only once somebody agreed to readable storage."))
        sampled = await latest(workspace, place)
        if sampled is not None and sampled.seed != wish.seed:
            sampled = None
        mask = not workspace.connections.practice and not unmask
        with printing():
            _tell(workspace, sample, sampled, mask=mask, full=full, as_json=as_json)
        return _code(sample, sampled)

    return run(work)


def _wish(last: Sampled | None, seed: int | None, size: int | None) -> Wish:
    """The sample that was asked for, else the last one again, else one by chance. Raises ConsoleError."""
    from console.sampling.drawing import SIZE
    from console.sampling.take import admitted, new_seed

    if seed is None and last is not None:
        return admitted(last.seed, last.size if size is None else size)
    return admitted(new_seed() if seed is None else seed, SIZE if size is None else size)


def _tell(
    workspace: Workspace, sample: Sample, sampled: Sampled | None, *, mask: bool, full: bool, as_json: bool
) -> None:
    from console.sampling.words import document, lines

    if as_json:
        if not workspace.connections.practice:
            note(_("This output holds personal data in full."))
        found = document(workspace.customer.key, sample, sampled)
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for line in lines(sample, sampled, mask=mask, full=full):
        say(line)


def _code(sample: Sample, sampled: Sampled | None) -> int:
    from console.store.samples import Mark

    differs = any((one.sides and not one.there) or one.differs for one in sample.records)
    wrong = sampled is not None and sampled.count(Mark.WRONG)
    return Exit.FINDINGS if differs or wrong else Exit.OK


@command.command("mark", help=_("Say of a record of the last sample whether it is right; needs no network."))
@click.argument("customer")
@click.argument("partner")
@click.argument("use_case")
@click.argument("record_id", metavar="ID")
@click.option("--right", "mark", flag_value="right", help=_("Both sides are right."))
@click.option("--wrong", "mark", flag_value="wrong", help=_("Something is wrong; --note tells what."))
@click.option(
    "--note", "text", default="", metavar="TEXT", help=_("What is wrong, or what is to be looked at.")
)
@click.option("--who", required=True, metavar="NAME", help=_("Who looked at it."))
@in_clear_option
def mark(
    customer: str,
    partner: str,
    use_case: str,
    record_id: str,
    *,
    mark: str | None,
    text: str,
    who: str,
    in_clear: bool,
) -> int:
    """0 kept."""
    from console.sampling.marking import Word, say_of, why_not
    from console.sampling.words import counts_words
    from console.sitting import Sitting
    from console.store.samples import Mark, Samples

    workspace = surroundings().open(customer, Sitting())
    place = workspace.connections.job(partner, use_case).place
    word = Word(Mark(mark) if mark else Mark.NOTE, who.strip(), text.strip())
    if (reason := why_not(word)) is not None:
        raise ConsoleError(reason, _("--right, --wrong or --note says what; --who names a person."))
    with workspace.store() as conn:
        consent = Samples(conn, workspace.vault).needs_consent and (in_clear or agreed())
    sampled = say_of(workspace, place, record_id, word, consent=consent)
    say(counts_words(sampled))
    return Exit.OK


for each in (show, mark, command):
    common(each)
