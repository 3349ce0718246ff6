"""The checklists as the screens see them: how they stand, and what can be done with an item.

Like the cockpit's, its coroutines are run by workers and never raise for what a user can mend.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from checklists.model import Item
from console.cockpit_words import told
from console.errors import ConsoleError
from console.i18n import _
from console.onboarding.agreement import unsettled
from console.onboarding.answering import Draft, Values, keep
from console.onboarding.book import Book, read
from console.onboarding.keepsakes import save
from console.onboarding.subjects import confirm
from console.onboarding.takeover import Proposal, proposals, take_over
from console.onboarding.words import share
from console.readiness import Readiness
from console.store.errors import StoreError
from console.store.said import Evidence
from console.threads import off_loop

if TYPE_CHECKING:
    from console.handouts.hand_out import Wish, Written
    from console.handouts.proposals import Preview
    from console.handouts.proposals import Proposal as Returned
    from console.handouts.take_in import Kept
    from console.workspace import Workspace

Place = tuple[str, str]


class ChecklistRoom:
    """The checklists of an opened customer. ``book`` None = not read yet; ``error`` tells why it is old."""

    def __init__(self, workspace: Workspace, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        self.book: Book | None = None
        self.error: tuple[str, ...] = ()
        self.who = ""  # who answered last: most answers of a day are one person's
        self.read_anyway = False  # somebody wants to read before the agreement is recorded
        self._workspace = workspace
        self._changed = changed
        self._say = say
        self._ready: dict[str, Readiness] = {}
        self._round = 0

    def of_use_case(self, place: Place) -> Readiness | None:
        """The readiness of a use case; None before anything was read."""
        return self._ready.get("/".join(place))

    def share(self, place: Place) -> float | None:
        """The same as a share."""
        found = self.of_use_case(place)
        return None if found is None else share(found)

    async def asks_first(self) -> bool:
        """Whether the agreement that comes before reading real data is still to be recorded."""
        if self.read_anyway or self._workspace.connections.practice:
            return False
        try:
            return await off_loop(partial(unsettled, self._workspace), "checklists")
        except StoreError as error:
            self.error = told(error)
            return False  # whatever is read next says so too

    async def read(self) -> None:
        """Read everything anew. Of two readings at once the later one counts."""
        self._round += 1
        round_ = self._round
        try:
            book = await off_loop(partial(read, self._workspace), "checklists")
        except (ConsoleError, StoreError) as error:
            if round_ == self._round:
                self.error = told(error)
                self._changed()
            return
        if round_ == self._round:
            self.book, self.error = book, ()
            self._ready = {key: book.of_use_case(key) for key in book.facts.use_cases}
            if not self.who:
                self.who = next((said[-1].who for said in reversed(list(book.histories.values()))), "")
            self._changed()

    async def refresh(self) -> None:
        """Read anew what was read before: checks, walks and settings decide where items stand."""
        if self.book is not None:
            await self.read()

    async def answer(self, item: Item, draft: Draft, *, consent: bool = False) -> tuple[str, ...]:
        """Keep an answer and read anew; why it could not be kept, () where it could."""
        return await self._kept(partial(keep, self._workspace, item, draft, consent=consent), item, draft)

    async def confirm(
        self, item: Item, draft: Draft, subjects: Collection[str], *, consent: bool = False
    ) -> tuple[str, ...]:
        """Keep an answer for each of these subjects; as above."""
        work = partial(confirm, self._workspace, item, draft, subjects, consent=consent)
        return await self._kept(work, item, draft)

    async def _kept(self, work: Callable[[], object], item: Item, draft: Draft) -> tuple[str, ...]:
        try:
            await off_loop(work, "checklists")
        except (ConsoleError, StoreError) as error:
            await self.read()  # somebody else may have answered
            return told(error)
        self.who = draft.who.strip()
        self._say(_("Answer stored: {item}.").format(item=item.id))
        await self.read()
        return ()

    async def hand_out(self, wish: Wish) -> tuple[Written, ...] | tuple[str, ...]:
        """Write open points; why they could not be written instead."""
        from console.handouts.hand_out import hand_out  # late: the start does without workbooks

        book = self.book
        if book is None:
            return (_("starting …"),)
        try:
            found = await off_loop(partial(hand_out, self._workspace, book, wish), "checklists")
        except ConsoleError as error:
            return told(error)
        self._say(_("Open points handed out: {count}.").format(count=sum(one.points for one in found)))
        return found

    async def look_into(self, path: Path, who: str) -> Preview | tuple[str, ...]:
        """What a workbook that came back would do, held against the newest state; why it cannot be read."""
        from console.handouts.take_in import look

        await self.read()
        if self.book is None:
            return self.error
        try:
            return await off_loop(partial(look, self._workspace, self.book, path, who), "checklists")
        except ConsoleError as error:
            return told(error)

    async def take_in(self, chosen: Sequence[Returned], *, consent: bool) -> Kept | tuple[str, ...]:
        """Keep what was chosen of it and read anew; why nothing could be kept."""
        from console.handouts.take_in import keep as take_in

        try:
            kept = await off_loop(partial(take_in, self._workspace, chosen, consent=consent), "checklists")
        except (ConsoleError, StoreError) as error:
            return told(error)
        self._say(_("Answers read in: {count}.").format(count=len(kept.kept)))
        await self.read()
        return kept

    def proposals(self, item: Item, values: Values) -> tuple[Proposal, ...]:
        """The settings that an answer decides otherwise than they are."""
        return proposals(self._workspace, item, values)

    async def save_evidence(self, files: Sequence[Evidence], folder: Path) -> tuple[Path, ...] | str:
        """Write copies of files; their paths, or why it could not be done."""
        try:
            return await off_loop(partial(save, self._workspace, files, folder), "checklists")
        except (ConsoleError, StoreError) as error:
            return " ".join(told(error))

    async def take_over(self, chosen: Sequence[Proposal]) -> tuple[str, ...]:
        """Write proposals into the configuration; why they could not be written, () where they could."""
        try:
            await off_loop(partial(take_over, self._workspace, chosen), "checklists")
        except ConsoleError as error:
            return told(error)
        self._say(_("Settings taken over: {names}.").format(names=", ".join(one.setting for one in chosen)))
        await self.read()
        return ()
