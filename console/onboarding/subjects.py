"""What people say of an item for each of many subjects: a mailbox is confirmed once for all its objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from checklists.model import Item, Kind, Words
from connectors.chains import Chain, Confirmation
from console import formats
from console.errors import ConsoleError
from console.handover.mark import refuse_given
from console.i18n import _
from console.masking import masked
from console.onboarding.answering import Draft, say, why_not
from console.readiness import Facts, Standing, State, standing
from console.store.answers import Answers
from console.store.said import Answer

if TYPE_CHECKING:
    from console.onboarding.book import Book
    from console.workspace import Workspace


def confirm(
    workspace: Workspace, item: Item, draft: Draft, subjects: Collection[str], *, consent: bool = False
) -> None:
    """Keep one word for each of these subjects, all or none; files are kept once.

    ``consent`` agrees to clear storage where there is no keyring. Blocks. Raises ConsoleError, StoreError.
    """
    reason = why_not(item, draft)
    if reason is not None:
        raise ConsoleError(reason, _("Nothing was stored."))
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)
        answers = Answers(conn, workspace.vault, workspace.folder)
        if consent and answers.needs_consent:
            answers.agree(draft.who.strip())
        files = (*draft.files, *map(answers.attach, draft.paths))
        kept = replace(draft, files=files, paths=(), seen=draft.seen if len(subjects) == 1 else None)
        with answers.together():
            for subject in subjects:
                say(answers, item, kept, subject)


def standing_of(one: Standing, subject: str, answer: Answer | None, facts: Facts, *, mask: bool) -> Standing:
    """How an item stands for one of its subjects; ``mask`` hides a mailbox in its title."""
    title, shown = one.item.title, shown_subject(subject, mask=mask)
    item = replace(one.item, title=Words(f"{title.de}: {shown}", f"{title.en}: {shown}"))
    return _by_hand(one.checklist, item, answer, facts)


def _by_hand(checklist: str, item: Item, answer: Answer | None, facts: Facts) -> Standing:
    """An item as a person's word alone decides it: its check, where it has one, looks at the whole."""
    given = {item.id: answer} if answer is not None else {}
    return standing(checklist, replace(item, kind=Kind.MANUAL, key=""), replace(facts, answers=given))


def standing_for(book: Book, one: Standing, subjects: Sequence[str], *, mask: bool) -> tuple[Standing, int]:
    """The standing that an answer for these subjects begins with, and how many words it knows of: what was
    said of the only one, and nothing where they are many."""
    if len(subjects) == 1:
        said = book.subjects(one.item.id).get(subjects[0], ())
        last = said[-1] if said else None
        known = book.words.get(last.item, 0) if last is not None else 0
        return standing_of(one, subjects[0], last, book.facts, mask=mask), known
    many = _("{count} at once").format(count=formats.count(len(subjects)))
    return standing_of(one, many, None, book.facts, mask=mask), 0


def shown_subject(subject: str, *, mask: bool) -> str:
    """A subject as bystanders may see it: a mailbox may name a person, the number of an object names none."""
    return str(masked(subject)) if mask and "@" in subject else subject


def standings_of(book: Book, one: Standing, *, mask: bool) -> tuple[Standing, ...]:
    """How an item stands for each subject that something was said of, in the order of the subjects."""
    said = book.subjects(one.item.id)
    return tuple(standing_of(one, key, said[key][-1], book.facts, mask=mask) for key in sorted(said))


def confirmations(book: Book, chain: Chain) -> Mapping[tuple[str, str], Confirmation]:
    """What was last said of the links of a chain, by link and subject."""
    return {
        (link.key, subject): _confirmation(one, said[-1], book.facts)
        for link in chain.links
        if link.item and (one := book.item(link.item)) is not None
        for subject, said in book.subjects(link.item).items()
    }


def _confirmation(one: Standing, answer: Answer, facts: Facts) -> Confirmation:
    """It holds where somebody said done, and everything that the item asks for is there."""
    state = _by_hand(one.checklist, one.item, answer, facts).state
    values = {key: text if isinstance(text, str) else ", ".join(text) for key, text in answer.values.items()}
    return Confirmation(state is State.DONE, answer.at, answer.note, values)
