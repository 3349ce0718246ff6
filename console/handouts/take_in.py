"""Reading a workbook that came back, and keeping what was chosen of it. Nothing is overwritten: every word
that was ever said stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.errors import ConsoleError
from console.handouts.proposals import Preview, Proposal
from console.handouts.reading import sheets
from console.handouts.returned import preview
from console.handover.mark import refuse_given
from console.i18n import _
from console.onboarding.answering import say
from console.store.answers import Answers

if TYPE_CHECKING:
    from console.onboarding.book import Book
    from console.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept, and what was not because somebody had said something else since the preview."""

    kept: tuple[Proposal, ...] = ()
    late: tuple[Proposal, ...] = ()


def look(workspace: Workspace, book: Book, path: Path, who: str = "") -> Preview:
    """What a file would do; changes nothing. Blocks. Raises ConsoleError."""
    found = sheets(path)
    customer = workspace.customer.key
    owners = {row.key.customer for sheet in found for row in sheet.rows if row.key is not None}
    if owners and customer not in owners:
        raise ConsoleError(
            _("{file} belongs to another customer.").format(file=path.name), _("Nothing was stored.")
        )
    return preview(book, customer, found, path.name, who.strip())


def keep(workspace: Workspace, chosen: Iterable[Proposal], *, consent: bool = False) -> Kept:
    """Keep proposals, all in one transaction; one whose item was answered since it was shown is left.

    Blocks. Raises ConsoleError where somebody else works on the customer now, StoreError.
    """
    kept: list[Proposal] = []
    late: list[Proposal] = []
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)
        answers = Answers(conn, workspace.vault, workspace.folder)
        with answers.together():
            latest = answers.history().latest
            for one in chosen:
                if latest.get(one.item.id) != one.former:
                    late.append(one)
                    continue
                if consent and answers.needs_consent:
                    answers.agree(one.draft.who)
                say(answers, one.item, one.draft)
                kept.append(one)
    return Kept(tuple(kept), tuple(late))
