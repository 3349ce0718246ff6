"""``einzug checklist``: where the checklists stand, and answering an item; works without any network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.commands.asking import agreed, in_clear_option
from console.commands.checklist_evidence import evidence
from console.commands.checklist_files import export, take_in
from console.commands.options import unmask_option
from console.commands.word_group import WordOrCustomer
from console.errors import ConsoleError, Exit
from console.i18n import _, language
from console.safe import clean
from console.sitting import Sitting
from console.surroundings import common, surroundings
from console.terminal import note, printing, say

if TYPE_CHECKING:
    from checklists.model import Checklist, Item
    from console.onboarding.answering import Draft
    from console.onboarding.book import Book
    from console.readiness import Standing
    from console.store.said import Answer, Said
    from console.workspace import Workspace


@click.group(
    "checklist", cls=WordOrCustomer, help=_("Where the checklists stand: einzug checklist CUSTOMER [LIST].")
)
def command() -> None:
    """The group."""


@command.command("show", help=_("Show the checklists of a customer, what blocks first."))
@click.argument("customer")
@click.argument("list_id", metavar="[LIST]", required=False)
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output, full values."))
@unmask_option
def show(customer: str, list_id: str | None, as_json: bool, unmask: bool) -> int:
    """0, or 1 while something blocks."""
    from console.onboarding.book import read
    from console.onboarding.document import document
    from console.readiness import readiness

    workspace = surroundings().open(customer, Sitting())
    book = read(workspace)
    wanted = _wanted(book, list_id)
    practice = workspace.connections.practice
    found = readiness(one for each in wanted for one in book.of_list(each.id))
    with printing():
        if as_json:
            if not practice:
                note(_("This output holds personal data in full."))
            click.echo(json.dumps(document(customer, book, wanted), ensure_ascii=False, indent=1))
        else:
            mask = not practice and not unmask
            for line in _lines(book, wanted, whole=list_id is not None, mask=mask):
                say(line)
    return Exit.FINDINGS if found.blocked else Exit.OK


def _wanted(book: Book, list_id: str | None) -> tuple[Checklist, ...]:
    if list_id is None:
        return book.shown_lists
    chosen = tuple(one for one in book.lists if one.id == list_id)
    if not chosen:
        raise ConsoleError(
            _("There is no checklist {key!r}.").format(key=list_id),
            _("Known: {names}.").format(names=", ".join(one.id for one in book.lists) or "-"),
        )
    return chosen


def _lines(book: Book, wanted: tuple[Checklist, ...], *, whole: bool, mask: bool) -> Iterator[str]:
    """What blocks, then the lists; of one list every item."""
    from console.onboarding.words import readiness_words
    from console.readiness import readiness

    found = [one for each in wanted for one in book.of_list(each.id)]
    blockers = readiness(found).blockers
    if blockers:
        yield _("What blocks, in the order in which it is best dealt with:")
        for one in blockers:
            yield from _item_lines(one, mask=mask)
    for each in wanted:
        held = book.of_list(each.id)
        yield f"{each.id}  {each.title.in_(language())}: {readiness_words(readiness(held))}"
        if whole:
            yield from _whole(book, held, mask=mask)
    for item in sorted(book.unreadable):
        yield _("! The answers to {item} were sealed with another key and cannot be read.").format(item=item)
    if book.consent is not None:
        yield _("! No keyring: answers and evidence of this customer are stored readable.")
    if not whole:
        yield readiness_words(readiness(found))


def _whole(book: Book, held: Sequence[Standing], *, mask: bool) -> Iterator[str]:
    """Every item but those that block, which were told before; below each what was said of its subjects."""
    from console.onboarding.subjects import standings_of
    from console.readiness import State

    for one in held:
        if one.state is not State.BLOCKED:
            yield from _item_lines(one, mask=mask)
        for subject in standings_of(book, one, mask=mask):
            yield from _item_lines(subject, mask=mask)


def _item_lines(one: Standing, *, mask: bool) -> Iterator[str]:
    from console.masking import hidden
    from console.onboarding.words import answer_words, because_words, mark

    head = f"{mark(one)}  {one.item.id}  {one.item.title.in_(language())}"
    yield f"  {head}  {because_words(one.because)}".rstrip()
    if one.answer is not None:
        words = f"{answer_words(one.answer, mask=mask)}  {hidden(one.answer.note, mask)}"
        yield f"      {words}".rstrip()


@command.command("answer", help=_("Answer an item, with evidence; works without any network."))
@click.argument("customer")
@click.argument("item_id", metavar="ITEM")
@click.option("--note", "text", metavar="TEXT", help=_("What was found or agreed, or why."))
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help=_("A file as evidence; may be repeated."),
)
@click.option("--who", default="", metavar="NAME", help=_("Who says so; else who answered this item last."))
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="NAME",
    help=_("Answer for this mailbox or object only, as the chain names it; may be repeated."),
)
@click.option("--set", "fields", multiple=True, metavar="FIELD=VALUE", help=_("A detail; may be repeated."))
@click.option("--due", default="", metavar="DAY", help=_("By when the rest is promised."))
@click.option("--done", "said", flag_value="done", help=_("It is done."))
@click.option("--open", "said", flag_value="open", help=_("It is still open."))
@click.option("--not-applicable", "said", flag_value="not_applicable", help=_("It does not apply here."))
@click.option("--accept", "said", flag_value="accepted", help=_("Accept the failure of its check by name."))
@click.option(
    "--take-over", is_flag=True, help=_("Write the settings that follow from it into the configuration.")
)
@in_clear_option
def answer(
    customer: str,
    item_id: str,
    *,
    text: str | None,
    files: tuple[Path, ...],
    who: str,
    subjects: tuple[str, ...],
    fields: tuple[str, ...],
    due: str,
    said: str | None,
    take_over: bool,
    in_clear: bool,
) -> int:
    """0 stored."""
    from console.onboarding.answering import keep, read_day, why_not
    from console.onboarding.book import read
    from console.onboarding.subjects import confirm

    workspace = surroundings().open(customer, Sitting())
    book = read(workspace)
    item = item_of(book, item_id)
    history = book.subjects(item.id).get(subjects[0], ()) if subjects else book.history(item.id)
    draft = _draft(item, history[-1] if history else None, said, text, who, fields, files)
    if (day := read_day(due, "--due")) is not None:
        draft = replace(draft, due=day)
    reason = why_not(item, draft)
    if reason is not None:
        raise ConsoleError(reason, _("--who names a person, --note gives the reason."))
    consent = book.needs_consent and (in_clear or agreed())
    if subjects:
        confirm(workspace, item, draft, dict.fromkeys(subjects), consent=consent)
    else:
        keep(workspace, item, draft, consent=consent)
    _tell(workspace, item, draft, take_over=take_over)
    return Exit.OK


def item_of(book: Book, id_: str) -> Item:
    """The item of an id. Raises ConsoleError, with the ids that are like it."""
    import difflib

    found = book.item(id_)
    if found is None:
        known = [one.item.id for one in book.standings]
        near = difflib.get_close_matches(id_, known, 3, 0.4)
        hint = _("Similar: {names}.").format(names=", ".join(near)) if near else ""
        raise ConsoleError(_("There is no item {key!r}.").format(key=id_), hint)
    return found.item


def _draft(
    item: Item,
    former: Answer | None,
    said: str | None,
    text: str | None,
    who: str,
    fields: tuple[str, ...],
    files: tuple[Path, ...],
) -> Draft:
    """What was typed, on top of the last answer. Raises ConsoleError."""
    from console.onboarding.answering import Draft, read_values
    from console.store.said import Said

    given: dict[str, list[str]] = {}
    for field in fields:
        key, separator, value = field.partition("=")
        if not separator:
            raise click.UsageError(_("--set wants FIELD=VALUE."))
        given.setdefault(key, []).append(value)
    values = {key: one for key, one in (former.values if former else {}).items() if key not in given}
    word: Said = Said(said) if said else former.said if former else Said.OPEN
    return Draft(
        said=word,
        who=who or (former.who if former else ""),
        note=text if text is not None else (former.note if former else ""),
        values=values | read_values(item, given),
        paths=files,
        files=former.files if former else (),
        due=former.due if former and word is Said.OPEN else None,
    )


def _tell(workspace: Workspace, item: Item, draft: Draft, *, take_over: bool) -> None:
    """How the item stands now, what follows, and which settings are proposed."""
    from console.onboarding import takeover
    from console.onboarding.answering import consequence_words, consequences
    from console.onboarding.book import read
    from console.onboarding.subjects import standings_of

    book = read(workspace)
    now = book.item(item.id)
    for point in (now, *standings_of(book, now, mask=True)) if now is not None else ():
        for line in _item_lines(point, mask=True):
            say(line)
    for one in consequences(item, draft.values):
        say("→ " + clean(consequence_words(item, one, draft.values, mask=True)))
    proposed = takeover.proposals(workspace, item, draft.values)
    for each in proposed:
        change = f"{each.setting}: {takeover.shown(each.former)} → {takeover.shown(each.value)}"
        say(_("Setting {change}").format(change=change))
    if proposed and take_over:
        takeover.take_over(workspace, proposed)
        say(_("Written to {path}.").format(path=workspace.config_path))
    elif proposed:
        note(_("--take-over writes it into the configuration."))


command.add_command(evidence)
command.add_command(export)
command.add_command(take_in)
for each in (show, answer, command):
    common(each)
