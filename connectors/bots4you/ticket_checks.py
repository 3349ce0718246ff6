"""What can be told about tickets from Bots4You before the first one is taken over (rules B4, B6)."""

from __future__ import annotations

from functools import partial

from connectors.bots4you.mapping import TICKET_CATEGORY
from connectors.contract import Capability, Check, CheckContext, Finding, Text, Verdict
from connectors.findings import Topic
from connectors.housing import TicketCategory, stream
from connectors.ids import clean
from connectors.ticket_checks import status_gaps
from connectors.ticketing import TICKETS, TicketSettings

STATUSES = Topic("bots4you.ticket_statuses", ("B6",))
CATEGORIES = Topic("bots4you.ticket_category_origin", ("B4",))


async def category_origin(context: CheckContext) -> Finding:
    """B4: callers can choose only what the ERP, or the agreed table, knows. Raises Failure."""
    settings: TicketSettings = context.settings
    source = context.source
    if source is None or context.target is None or Capability.TICKET_CATEGORIES not in source.capabilities:
        return CATEGORIES.no_source()
    known = {clean(category.code) async for category in stream(source, TicketCategory) if category.active}
    foreign: list[Text] = []
    count = 0
    async for page in context.target.read(TICKET_CATEGORY):
        for record in page.records:
            if record.fields.get("active") is False:
                continue
            count += 1
            if settings.category(record.id) not in known:
                foreign.append(Text("bots4you.ticket_category_foreign", {"category": record.id}))
    if foreign:
        return CATEGORIES.finding(Verdict.FAIL, "bots4you.ticket_categories_foreign", foreign)
    code = "bots4you.ticket_categories_known" if count else "bots4you.ticket_categories_none"
    return CATEGORIES.finding(Verdict.OK if count else Verdict.WARN, code, categories=count)


TICKET_CHECKS = (
    Check(STATUSES.key, STATUSES.rules, partial(status_gaps, STATUSES), TICKETS),
    Check(CATEGORIES.key, CATEGORIES.rules, category_origin, TICKETS),
)
