"""What the checks of several partners look for alike before the first ticket goes anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import CheckContext, Finding, Text, Verdict
from connectors.findings import Topic
from connectors.ticketing import Ends, TicketSettings
from connectors.tickets import Status


def ends_of(context: CheckContext) -> Ends:
    """What the check may look at beside the ERP's records."""
    return context.tickets if isinstance(context.tickets, Ends) else Ends()


async def status_gaps(topic: Topic, context: CheckContext) -> Finding:
    """Every state of the ERP leads to one that the partner knows. Raises Failure.

    A person has to tell where the ERP or the partner cannot be asked.
    """
    settings: TicketSettings = context.settings
    ends = ends_of(context)
    if ends.erp is None or ends.partner is None:
        return topic.no_source()
    there = {status.code: status for status in await ends.partner.statuses()}
    states = await ends.erp.statuses()
    wrong = [text for state in states for text in _wrong(state, settings.statuses, there)]
    doubtful = _doubtful(states, settings.statuses, there)
    code = "gaps" if wrong else "doubtful" if doubtful else "complete"
    verdict = Verdict.FAIL if wrong else Verdict.WARN if doubtful else Verdict.OK
    return topic.finding(
        verdict,
        f"ticket_checks.statuses_{code}",
        [*wrong, *doubtful],
        states=len(states),
        partner_states=len(there),
    )


def _wrong(state: Status, statuses: Mapping[str, str], there: Mapping[str, Status]) -> list[Text]:
    """Why a state of the ERP could not be told to the partner."""
    target = statuses.get(state.code)
    if target is None:
        return [Text("ticket_checks.status_gap", {"status": state.code, "label": state.label})]
    if target not in there:
        args = {"status": state.code, "target": target, "known": ", ".join(there)}
        return [Text("ticket_checks.status_target", args)]
    return []


def _doubtful(
    states: Sequence[Status], statuses: Mapping[str, str], there: Mapping[str, Status]
) -> list[Text]:
    """What hardly is as it was meant: an end that is none at the partner, or a state the ERP has not."""
    found = []
    for state in states:
        target = there.get(statuses.get(state.code, ""))
        if target is not None and target.final != state.final:
            code = "status_end_lost" if state.final else "status_end_early"
            found.append(Text(f"ticket_checks.{code}", {"status": state.code, "target": target.code}))
    for code in sorted(set(statuses) - {state.code for state in states}):
        found.append(Text("ticket_checks.status_stale", {"status": code}))
    return found
