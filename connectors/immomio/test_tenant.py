"""The guided test tenant (rule I11): an application made by hand is followed until the ERP holds it.

The consultant opens the object's link in a private window and applies, edits the object until it is under
offline, and accepts the applicant as tenant; only then does the integration pick the person up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from connectors.contract import Reader, Record, Text
from connectors.immomio.entities import APPLICATION, VACANCY, VACANCY_STATE
from connectors.immomio.prospects import ACCEPTED, ENDED, ORIGIN
from connectors.letting import PROSPECT
from connectors.walks import Actor, Begun, Candidate, Seen, Step, Walk, WalkContext

APPLY = "apply"
EDIT = "edit"
ACCEPT = "accept"
HAND_OVER = "hand_over"


async def candidates(context: WalkContext) -> AsyncIterator[Candidate]:
    """The vacancies that Immomio shows, with the link to apply by. Raises Failure."""
    async for page in context.target.read(VACANCY_STATE):
        for record in page.records:
            yield Candidate(record.id, str(record.fields["label"]), str(record.fields["link"] or ""))


async def begin(context: WalkContext, subject: str) -> frozenset[str]:
    """The applications that this vacancy has already. Raises Failure."""
    return frozenset([one.id async for one in _applications(context, subject)])


async def look(context: WalkContext, begun: Begun) -> Sequence[Seen]:
    """Which steps are done for this vacancy. Raises Failure."""
    subject = begun.subject
    application = await _application(context, begun)
    if application is None:
        return ()
    changed = application.fields["changedAt"]
    at = changed if isinstance(changed, datetime) else None
    seen = [Seen(APPLY, None, Text("immomio.walk_seen_apply", {"application": application.id}))]
    accepted = application.fields["state"] == ACCEPTED
    if accepted or await _edited(context, subject):
        seen.append(Seen(EDIT, None, Text("immomio.walk_seen_edit", {"id": subject})))
    if not accepted:
        return seen
    seen.append(Seen(ACCEPT, at, Text("immomio.walk_seen_accept", {"application": application.id})))
    prospect = f"{ORIGIN}{application.id}"
    if context.held is not None and await _holds(context.held, prospect):
        seen.append(Seen(HAND_OVER, None, Text("immomio.walk_seen_hand_over", {"id": prospect})))
    return seen


async def _application(context: WalkContext, begun: Begun) -> Record | None:
    """The application that is followed: the accepted one of the new ones, else the newest."""
    found: list[tuple[bool, datetime, Record]] = []
    async for record in _applications(context, begun.subject):
        changed, accepted = record.fields["changedAt"], record.fields["state"] == ACCEPTED
        if record.id not in begun.known and record.fields["state"] not in ENDED:
            found.append((accepted, changed if isinstance(changed, datetime) else begun.at, record))
    return max(found, key=lambda one: one[:2])[2] if found else None


async def _applications(context: WalkContext, subject: str) -> AsyncIterator[Record]:
    """The main applicants' applications to a vacancy."""
    async for page in context.target.read(APPLICATION):
        for record in page.records:
            if record.fields["vacancy"] == subject and record.fields["main"]:
                yield record


async def _edited(context: WalkContext, subject: str) -> bool:
    """Whether the object left the imported ones: it is under offline or online."""
    states = [
        record.fields["state"]
        async for page in context.target.read(VACANCY_STATE)
        for record in page.records
        if record.id == subject
    ]
    return any(state != "IMPORTED" for state in states)


async def _holds(held: Reader[Record], prospect: str) -> bool:
    """Whether the ERP was handed in this prospect."""
    return prospect in {record.id async for page in held.read(PROSPECT) for record in page.records}


def _played(do: str) -> Any:
    def act(subject: str, found: Sequence[Seen]) -> tuple[str, dict[str, Any]]:
        applied = next((seen for seen in found if seen.step == APPLY), None)
        return APPLICATION, {"id": applied.evidence.args["application"] if applied else "", "do": do}

    return act


TEST_TENANT = Walk(
    key="test_tenant",
    use_case="prospects",
    rules=("I11",),
    steps=(
        Step(APPLY, Actor.APPLICANT),
        Step(EDIT, Actor.CONSULTANT),
        Step(ACCEPT, Actor.CONSULTANT),
        Step(HAND_OVER, Actor.CONSOLE),
    ),
    candidates=candidates,
    begin=begin,
    look=look,
    stage={
        APPLY: lambda subject, found: (APPLICATION, {"vacancy": subject}),
        EDIT: lambda subject, found: (VACANCY, {"id": subject, "do": "edit"}),
        ACCEPT: _played("accept"),
    },
)
