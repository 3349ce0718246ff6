"""What people say of an item for each of many subjects: a mailbox is confirmed once for all its objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from checklists.model import Item, Words
from connectors.chains import Chain, Confirmation
from console.errors import ConsoleError
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
        answers = Answers(conn, workspace.vault, workspace.folder)
        if consent and answers.needs_consent:
            answers.agree(draft.who.strip())
        files = (*draft.files, *map(answers.attach, draft.paths))
        kept = replace(draft, files=files, paths=())
        with answers.together():
            for subject in subjects:
                say(answers, item, kept, subject)


def standing_of(one: Standing, subject: str, answer: Answer | None, facts: Facts, *, mask: bool) -> Standing:
    """How an item stands for one of its subjects; ``mask`` hides a mailbox in its title."""
    title, shown = one.item.title, shown_subject(subject, mask=mask)
    item = replace(one.item, title=Words(f"{title.de}: {shown}", f"{title.en}: {shown}"))
    given = {one.item.id: answer} if answer is not None else {}
    return standing(one.checklist, item, replace(facts, answers=given))


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
    state = standing(one.checklist, one.item, replace(facts, answers={one.item.id: answer})).state
    values = {key: text if isinstance(text, str) else ", ".join(text) for key, text in answer.values.items()}
    return Confirmation(state is State.DONE, answer.at, answer.note, values)
