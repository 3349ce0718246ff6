"""One walk of one customer: what it can be made on, beginning, following and playing it, giving it up."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.partner import Partner
from connectors.walks import Actor, Begun, Candidate, Step, Walk
from console.connections import PRACTICE
from console.errors import ConsoleError
from console.handover.mark import refuse
from console.i18n import _
from console.practice_hand import act
from console.store.walked import WalkedStore
from console.threads import off_loop
from console.walks import kept
from console.walks.follow import Tell, Wait, follow, look
from console.walks.journey import Journey, Standing

if TYPE_CHECKING:
    from console.workspace import Workspace

PRACTICE_S, ELSE_S = 2.0, 15.0
"""Seconds between two looks."""


class Guide:
    """A walk with everything it takes to make it. Nothing is opened before it is needed."""

    def __init__(self, workspace: Workspace, partner: Partner, walk: Walk) -> None:
        self.walk = walk
        self.partner = partner
        self._workspace = workspace
        config = workspace.connections.partner_config(partner.key)
        self._environment = config.environment
        self._practice = config.environment == PRACTICE
        self._writing = asyncio.Lock()
        self._name = f"walk/{partner.key}/{config.environment}/{walk.key}"

    @property
    def interval(self) -> float:
        """Seconds between two looks."""
        return PRACTICE_S if self._practice else ELSE_S

    def why_not_play(self, step: Step | None) -> str | None:
        """Why the sandbox cannot do this step; None where it can."""
        if not self._practice or not self._workspace.customer.control:
            return _("Only the practice company plays its people.")
        if step is None or step.key not in self.walk.stage:
            return _("The sandbox has no part in this step: you do it here, p leads to the plan.")
        return None

    @staticmethod
    def is_own(step: Step) -> bool:
        """Whether Einzug does this step itself, through a run that a person starts."""
        return step.actor is Actor.CONSOLE

    async def candidates(self) -> list[Candidate]:
        """What the walk can be made on. Raises ConsoleError, Failure."""
        async with self._workspace.looking(self.partner.key, self.walk.use_case) as context:
            return [one async for one in self.walk.candidates(context)]

    async def kept(self) -> Journey | None:
        """The walk that was begun and not ended; None where there is none. Raises StoreError."""
        return await off_loop(self.kept_blocking, "walks")

    def kept_blocking(self) -> Journey | None:
        """The same for a thread: blocks briefly. Raises StoreError."""
        with closing(self._workspace.cache()) as cache:
            return kept.kept(cache, self._name)

    async def begin(self, candidate: Candidate) -> Journey:
        """A new walk; what is there already for its candidate is not part of it.

        Raises ConsoleError, Failure, StoreError.
        """
        await off_loop(partial(refuse, self._workspace), "walks")
        async with self._workspace.looking(self.partner.key, self.walk.use_case) as context:
            known = await self.walk.begin(context, candidate.id)
        journey = Journey(candidate, Begun(candidate.id, datetime.now(UTC), known))
        await self._keep(journey)
        return journey

    async def end(self) -> None:
        """Give it up, or put away what is done. Raises StoreError."""
        await self._keep(None)

    async def look(self, journey: Journey) -> Standing:
        """One look. Raises ConsoleError, Failure, StoreError."""
        async with self._workspace.looking(self.partner.key, self.walk.use_case) as context:
            standing = await look(self.walk, context, Standing(journey))
        await self._keep(standing.journey)
        return standing

    async def follow(self, standing: Standing, tell: Tell, wait: Wait) -> Standing:
        """Look until every step was seen; what was seen is told, then kept.

        Raises ConsoleError, Failure, StoreError.
        """
        last = standing.journey

        async def noted(now: Standing) -> None:
            nonlocal last
            await tell(now)
            if now.journey != last:
                last = now.journey
                await self._keep(last)

        async with self._workspace.looking(self.partner.key, self.walk.use_case) as context:
            return await follow(self.walk, context, standing, interval=self.interval, tell=noted, wait=wait)

    async def play(self, journey: Journey) -> None:
        """Let the practice sandbox do the current step. Raises ConsoleError, Failure."""
        step = journey.current(self.walk)
        reason = self.why_not_play(step)
        if step is None or reason is not None:
            raise ConsoleError(reason or _("Every step was seen."))
        entity, body = self.walk.stage[step.key](journey.candidate.id, journey.seen)
        await act(self._workspace.customer.control, self.partner.key, entity, body, self._workspace.log)

    async def run_use_case(self) -> None:
        """Plan and apply the walk's use case, for a step that is Einzug's own; in practice only.

        Raises ConsoleError, Failure, GuardStop, StoreError.
        """
        if not self._practice:
            raise ConsoleError(_("Only the practice company plays its people."))
        async with self._workspace.session(self.partner.key, self.walk.use_case) as session:
            await session.settle()
            with closing(await session.plan()) as plan:
                await session.sync(plan, asyncio.Event())

    async def _keep(self, journey: Journey | None) -> None:
        async with self._writing:  # in this order, or what was given up would come back
            await off_loop(partial(self._write, journey), "walks")

    def _write(self, journey: Journey | None) -> None:
        ended = journey is not None and journey.current(self.walk) is None
        if journey is not None and ended:
            self._note_end(journey)
        with closing(self._workspace.cache()) as cache:
            if journey is None or ended:
                kept.drop(cache, self._name)
            else:
                kept.keep(cache, self._name, journey)

    def _note_end(self, journey: Journey) -> None:
        """Keep a walk that came to its end: it answers for an item of the checklists."""
        last = max((one.at for one in journey.sightings), default=journey.begun.at)
        with self._workspace.store() as conn:
            WalkedStore(conn, self._workspace.vault).keep(
                self.partner.key,
                self._environment,
                self.walk.key,
                journey.begun.at,
                last,
                kept.plain(journey),
            )


def guides(workspace: Workspace) -> dict[tuple[str, str], Guide]:
    """Every walk of the partners in use, by partner and use case. Raises ConsoleError."""
    connections = workspace.connections
    return {
        (key, walk.use_case): Guide(workspace, connections.partner(key), walk)
        for key in connections.partner_keys()
        for walk in connections.partner(key).walks
        if walk.use_case in connections.use_cases(key)
    }
