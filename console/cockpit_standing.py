"""Who works on the customer and what is live, as the screens see it.

That is the mark of a hand-over, the locks of the hub, and what changed since the go-live.

Like the cockpit's, its coroutines are run by workers and never raise for what a user can mend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.problems import Failure
from console.cockpit_words import told
from console.errors import ConsoleError
from console.golive.record import Live, LiveLocked, Look, Place
from console.golive.since import Aftermath, aftermath
from console.golive.step import Word, go_live, live_of, place_of, take_back, weighed
from console.golive.words import counts_lines, live_words, title_of, trouble_lines
from console.handover import mark
from console.handover.words import given_words
from console.i18n import _
from console.sitting import Sitting
from console.store.errors import StoreError
from console.store.handovers import Handover
from console.threads import off_loop

if TYPE_CHECKING:
    from console.golive.conditions import Conditions
    from console.onboarding.book import Book
    from console.planner import Plan
    from console.workspace import Workspace

UseCase = tuple[str, str]
"""Partner key and use-case key."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A use case before its go-live, or its life: what its window shows. ``error`` tells what went wrong."""

    look: Look | None = None
    conditions: Conditions | None = None
    book: Book | None = None
    live: Live | None = None
    error: tuple[str, ...] = ()


class StandingRoom:
    """An opened customer's hand-over and go-lives. ``given``: somebody else works on it now."""

    def __init__(self, workspace: Workspace, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        self.given: Handover | None = None
        self.found: Aftermath | None = None
        self._workspace = workspace
        self._changed = changed
        self._say = say

    async def read(self) -> None:
        """Read everything anew; the keyring may take its time."""
        try:
            self.given, self.found = await off_loop(self._read, "standing")
        except (ConsoleError, StoreError) as error:
            self._say(" ".join(told(error)))
        self._changed()

    async def refresh(self) -> None:
        """Read anew where anything is live: what was just compared counts."""
        if self.found is not None:
            await self.read()

    def _read(self) -> tuple[Handover | None, Aftermath | None]:
        return mark.given(self._workspace), aftermath(self._workspace)

    def why_not_write(self, use_case: UseCase) -> str | None:
        """Why nothing may be written; None where it may. The session asks again, whatever this says."""
        if self.given is not None:
            return given_words(self.given, mask=not self._workspace.connections.practice)
        live = self.live(use_case)
        if live is not None and live.locked:
            return LiveLocked(live, self._workspace.customer.key).message
        return None

    def live(self, use_case: UseCase) -> Live | None:
        """The present life of a use case, as it was read last."""
        for one in self.found.lives if self.found else ():
            if (one.live.place[0], one.live.place[2]) == use_case:
                return one.live
        return None

    def lines(self, *, mask: bool) -> list[str]:
        """The banner: who works on it now, then what changed since the go-live."""
        lines = [] if self.given is None else [f"! {given_words(self.given, mask=mask)}"]
        if self.found is None:
            return lines
        moved = [one for one in self.found.lives if one.moved]
        for one in self.found.lives:
            partner, _environment, use_case = one.live.place
            lines.append(live_words(one.live, title_of(self._workspace, partner, use_case), mask=mask))
            if one in moved:
                lines += [f"  {line}" for line in counts_lines(one)]
        return [*lines, *(f"! {line}" for line in trouble_lines(self.found, self._workspace))]

    # -- the go-live step --------------------------------------------------------------------------------

    async def weigh(
        self, use_case: UseCase, sitting: Sitting, plan: Plan | None, accepted: int | None = None
    ) -> Weighed:
        """Compare, or take a plan that will do, and weigh the conditions."""
        try:
            place = await off_loop(partial(place_of, self._workspace, *use_case), "go-live")
            live = await off_loop(partial(live_of, self._workspace, place), "go-live")
            if live is not None:
                return Weighed(live=live)
            look = await self._look(use_case, sitting, plan)
            return await self.weigh_again(place, look, accepted)
        except (ConsoleError, StoreError, Failure) as error:
            return Weighed(error=told(error))

    async def weigh_again(self, place: Place, look: Look, accepted: int | None) -> Weighed:
        """The conditions for what was compared. Raises ConsoleError, StoreError."""
        found, book = await off_loop(
            partial(weighed, self._workspace, place, look, accepted=accepted), "go-live"
        )
        return Weighed(look, found, book)

    async def _look(self, use_case: UseCase, sitting: Sitting, plan: Plan | None) -> Look:
        from console.golive.look import compared, of_plan  # late: nobody goes live at the start

        if plan is not None and await off_loop(partial(self._holds, plan, use_case), "go-live"):
            return await of_plan(self._workspace, plan, sitting)
        return await compared(self._workspace, *use_case, sitting)

    def _holds(self, plan: Plan, use_case: UseCase) -> bool:
        """Whether a plan was made under what is agreed now."""
        then, now = plan.job, self._workspace.connections.job(*use_case)
        return (then.place, then.mapping_version, then.plain_settings) == (
            now.place,
            now.mapping_version,
            now.plain_settings,
        )

    async def go_live(self, use_case: UseCase, look: Look, word: Word) -> tuple[str, ...]:
        """Let it go live; why it could not, () where it could."""
        return await self._noted(
            lambda: go_live(self._workspace, place_of(self._workspace, *use_case), look, word),
            _("Live from now on: {title}").format(title=title_of(self._workspace, *use_case)),
        )

    async def take_back(self, use_case: UseCase, word: Word) -> tuple[str, ...]:
        """Let Einzug write it again; why it could not, () where it could."""
        return await self._noted(
            lambda: take_back(self._workspace, place_of(self._workspace, *use_case), word),
            _("Taken back, Einzug may write it: {title}").format(title=title_of(self._workspace, *use_case)),
        )

    async def go_on(self, who: str) -> tuple[str, ...]:
        """Go on here although the customer was handed over; why it could not, () where it could."""
        return await self._noted(
            lambda: mark.take_back(self._workspace, who, datetime.now(UTC)),
            _("Taken back: writing here is possible again."),
        )

    async def _noted(self, act: Callable[[], object], done: str) -> tuple[str, ...]:
        try:
            await off_loop(act, "standing")
        except (ConsoleError, StoreError) as error:
            return told(error)
        self._say(done)
        await self.read()
        return ()
