"""Checks of the ERP's ticket side before the first run (rules I15 to I17), without side effects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from connectors.contract import Finding, Text, Verdict
from connectors.erp import hub, tickets_hub
from connectors.erp.paging import pages
from connectors.erp.session import Session
from connectors.erp.tickets_parse import TICKETS, parse_catalogue, parse_tickets
from connectors.findings import Topic
from connectors.housing import CategoryKind, TicketCategory
from connectors.ids import clean
from connectors.letting import ErpUser
from connectors.problems import Failure, Problem, Trouble
from connectors.texts import sentence
from connectors.tickets import ErpTerms, Status

T = TypeVar("T")

RIGHTS = Topic("erp.ticket_rights", ("B5", "I12"))
STATUSES = Topic("erp.ticket_statuses", ("B6", "I14"))
FEATURES = Topic("erp.ticket_features", ("I16",))
KINDS = Topic("erp.ticket_kinds", ("I15",))
USER = Topic("erp.ticket_user", ("I17",))

STATES = "CommunicationCatalog/TicketStatus"
_NO_RIGHT = (Trouble.RIGHTS, Trouble.CREDENTIALS)  # after a good login a 401 means the same as a 403


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the checks read."""

    session: Session
    base: str

    async def tickets(self) -> None:
        """Read one ticket. Raises Failure."""
        reply = await self.session.get(f"{self.base}/{TICKETS}", {"limit": 1, "offset": 0})
        parse_tickets(reply.json())

    async def states(self) -> frozenset[str]:
        """The codes of all states that OPENWOWI knows. Raises Failure."""
        reply = await self.session.get(f"{self.base}/{STATES}", {"limit": 100})
        return frozenset(parse_catalogue(reply.json(), STATES))

    async def changes(self) -> None:
        """Read one change. Raises Failure."""
        await tickets_hub.changes(self.session, "", limit=1)

    async def sources(self) -> list[tuple[str, tuple[Status, ...]]]:
        """All ticket sources with their states. Raises Failure."""
        return await _all(lambda at: tickets_hub.statuses(self.session, at))

    async def categories(self) -> list[TicketCategory]:
        """All activity types. Raises Failure."""
        return await _all(lambda at: hub.ticket_categories(self.session, at))

    async def users(self) -> list[ErpUser]:
        """All users of the ERP. Raises Failure."""
        return await _all(lambda at: hub.users(self.session, at))


async def _all(fetch: Callable[[int], Awaitable[Sequence[T]]]) -> list[T]:
    async with aclosing(pages(fetch)) as listed:
        return [record async for page, _ in listed for record in page]


async def inspect(desk: Desk, terms: ErpTerms) -> list[Finding]:
    """One finding per precondition; where the ERP does not answer, that is the finding."""
    findings = [await _answered(RIGHTS, _rights(desk)), await _answered(STATUSES, _statuses(desk, terms))]
    try:
        offered = [c for c in await desk.categories() if _offered(c, terms)]
    except Failure as failure:
        return [*findings, _failed(FEATURES, failure.problem)]
    findings += [_features(offered, terms), _kinds(offered)]
    return [*findings, await _answered(USER, _user(desk, terms.user))] if terms.user else findings


async def _answered(topic: Topic, check: Awaitable[Finding]) -> Finding:
    try:
        return await check
    except Failure as failure:
        return _failed(topic, failure.problem)


def _failed(topic: Topic, problem: Problem) -> Finding:
    """A failed finding whose evidence is the problem's own sentence."""
    return Finding(topic.key, topic.rules, Verdict.FAIL, sentence(problem))


async def _rights(desk: Desk) -> Finding:
    """Reading can be tried; that writing is allowed shows with the first ticket."""
    refused = []
    for where, ask in (
        (TICKETS, desk.tickets),
        (STATES, desk.states),
        (tickets_hub.CHANGES, desk.changes),
    ):
        try:
            await ask()
        except Failure as failure:
            if failure.problem.trouble not in _NO_RIGHT:
                raise
            refused.append(Text("erp.right_missing", {"where": where}))
    if refused:
        return RIGHTS.finding(Verdict.FAIL, "erp.ticket_rights_missing", refused)
    return RIGHTS.finding(Verdict.OK, "erp.ticket_rights_read")


async def _statuses(desk: Desk, terms: ErpTerms) -> Finding:
    """The configured source exists and has states, and OPENWOWI knows every one of them."""
    states = dict(await desk.sources()).get(terms.source)
    if not states:
        code = "erp.ticket_source_unknown" if states is None else "erp.ticket_source_without_states"
        return STATUSES.finding(Verdict.FAIL, code, where=terms.source)
    known = await desk.states()
    unknown = [Text("erp.ticket_state_unknown", {"status": s.code}) for s in states if s.code not in known]
    if unknown:
        return STATUSES.finding(Verdict.FAIL, "erp.ticket_states_unknown", unknown, where=terms.source)
    return STATUSES.finding(
        Verdict.OK,
        "erp.ticket_states_known",
        where=terms.source,
        states=len(states),
        final=sum(state.final for state in states),
    )


def _offered(category: TicketCategory, terms: ErpTerms) -> bool:
    return category.active and (not terms.categories or category.code in terms.categories)


def _features(offered: Sequence[TicketCategory], terms: ErpTerms) -> Finding:
    """I16: no offered activity type demands features; each offender is named, and each that is missing."""
    demanding = [
        Text("erp.ticket_feature_mandatory", {"category": category.code, "feature": feature})
        for category in offered
        for feature in category.mandatory_features
    ]
    missing = [
        Text("erp.ticket_category_missing", {"category": code})
        for code in sorted(terms.categories - {category.code for category in offered})
    ]
    if demanding or missing:
        offenders = sum(bool(category.mandatory_features) for category in offered) + len(missing)
        return FEATURES.finding(
            Verdict.FAIL, "erp.ticket_features_mandatory", [*demanding, *missing], offenders
        )
    return FEATURES.finding(Verdict.OK, "erp.ticket_features_free", offered=len(offered))


def _kinds(offered: Sequence[TicketCategory]) -> Finding:
    """I15: the offered activity types cover requests as well as damages."""
    kinds = {category.kind for category in offered if not category.mandatory_features}
    lacking = [Text(f"erp.ticket_kind_{kind.name.lower()}") for kind in CategoryKind if kind not in kinds]
    if lacking:
        return KINDS.finding(Verdict.FAIL, "erp.ticket_kinds_lacking", lacking)
    return KINDS.finding(Verdict.OK, "erp.ticket_kinds_covered")


async def _user(desk: Desk, name: str) -> Finding:
    """I17: the API user of the Stammdaten is known and not locked."""
    wanted = clean(name).casefold()
    found = [user for user in await desk.users() if clean(user.name).casefold() == wanted]
    if not found:
        return USER.finding(Verdict.FAIL, "erp.ticket_user_unknown", user=name)
    if not any(user.active for user in found):
        return USER.finding(Verdict.FAIL, "erp.ticket_user_locked", user=name)
    return USER.finding(Verdict.OK, "erp.ticket_user_known", user=name)
