"""Comparing both sides of a use case for its go-live: a plan that is not kept, or a dry pass over tickets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.contract import Direction
from connectors.housing import Mandant, stream
from connectors.ticketing import TICKETS
from connectors.wrappers import PatientReader
from console.golive.record import Look
from console.selection import EVERYTHING
from console.threads import off_loop

if TYPE_CHECKING:
    from console.planner import Plan
    from console.sitting import Sitting
    from console.workspace import Workspace


async def compared(workspace: Workspace, partner: str, use_case: str, sitting: Sitting) -> Look:
    """Compare now. Raises ConsoleError, Failure, StoreError."""
    if use_case == TICKETS:
        return await _tickets(workspace, partner, sitting)
    async with workspace.session(partner, use_case, sitting) as session:
        await session.settle()
        plan = await session.plan(EVERYTHING)
    async with aclosing(plan):
        return await of_plan(workspace, plan, sitting)


async def of_plan(workspace: Workspace, plan: Plan, sitting: Sitting) -> Look:
    """What a plan of everything counted, with the Mandanten that the ERP has now."""
    within = plan.job.use_case.direction is Direction.WITHIN
    return Look(
        at=plan.read_at,
        differences=plan.changes,
        desired=dict(plan.tally.desired),
        actual=dict(plan.tally.actual),
        mandanten=() if within else await mandanten(workspace, sitting),
        digest=plan.digest,
        mapping=plan.job.mapping_version,
    )


async def mandanten(workspace: Workspace, sitting: Sitting) -> tuple[str, ...]:
    """The numbers of all Mandanten of the ERP, configured or not. Raises ConsoleError, Failure."""
    source = await off_loop(partial(workspace.connections.open_source, sitting.pausing))
    try:
        reader = PatientReader(source, sitting.patience, sitting.wait)
        return tuple(sorted({one.number async for one in _mandanten(reader)}))
    finally:
        await source.aclose()


def _mandanten(reader: PatientReader[Any]) -> AsyncIterator[Mandant]:
    return stream(reader, Mandant)


async def _tickets(workspace: Workspace, partner: str, sitting: Sitting) -> Look:
    """What a pass would do and what waits for a person; both sides count the tickets that are linked."""
    async with workspace.tickets(partner, sitting) as session:
        result = await session.pass_(dry_run=True)
        standing = await session.state()
    if result.stopped_by is not None:
        from connectors.problems import Failure

        raise Failure(result.stopped_by)
    counts = {"ticket": standing.linked}
    differences = sum(outcome.planned or outcome.bad for outcome in result.outcomes)
    differences += standing.parked + standing.held  # a pass leaves alone what is held back with a reason
    found = await mandanten(workspace, sitting)
    return Look(datetime.now(UTC), differences, counts, counts, found)
