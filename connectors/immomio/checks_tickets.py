"""What can be told about Immomio's tickets before the first one is taken over (rules I12 to I18)."""

from __future__ import annotations

from functools import partial

from connectors.contract import Capability, Check, CheckContext, Finding, Verdict
from connectors.documents import ArchiveInfo
from connectors.findings import Topic
from connectors.housing import stream
from connectors.ids import clean
from connectors.immomio.inspecting import say
from connectors.immomio.master_data import MASTER_DATA
from connectors.ticket_checks import status_gaps
from connectors.ticketing import TICKETS, TicketSettings
from connectors.wrappers import archive_of

STATUSES = Topic("immomio.ticket_statuses", ("I14",))
ARCHIVE = Topic("immomio.ticket_archive", ("I15", "I13"))
ORDER = Topic("immomio.ticket_order", ("I17",))
QUESTIONS = Topic("immomio.ticket_questions", ("I18",))
EXTRAS = Topic("immomio.ticket_extras", ("I12",))

_LINKED = {
    True: (Verdict.OK, "immomio.ticket_archive_ready"),
    False: (Verdict.FAIL, "immomio.ticket_archive_unlinked"),
    None: (Verdict.MANUAL, "immomio.ticket_archive_link_unknown"),
}
"""What it means whether the archive is linked in activity management."""


async def archive(context: CheckContext) -> Finding:
    """I15: the archive for attachments is named, exists, is linked to activities, and has the index by which
    its documents are found again. Raises Failure."""
    settings: TicketSettings = context.settings
    name, index = settings.archive, settings.archive_index
    if not (name and index):
        unset = [key for key, value in (("archive", name), ("archive_index", index)) if not value]
        details = [say("ticket_archive_unset", key=key) for key in unset]
        return ARCHIVE.finding(Verdict.FAIL, "immomio.ticket_archive_incomplete", details)
    reader = context.source
    if reader is None or Capability.ARCHIVE not in reader.capabilities:
        return ARCHIVE.finding(Verdict.MANUAL, "immomio.ticket_archive_unseen", archive=name, index=index)
    known = [info async for info in stream(archive_of(reader), ArchiveInfo)]
    found = next((info for info in known if clean(info.name) == clean(name)), None)
    if found is None:
        details = [say("ticket_archive_known", archive=info.name) for info in known]
        return ARCHIVE.finding(Verdict.FAIL, "immomio.ticket_archive_missing", details, 1, archive=name)
    if index not in found.indexes:
        details = [say("ticket_index_known", index=other) for other in found.indexes]
        code = "immomio.ticket_index_missing"
        return ARCHIVE.finding(Verdict.FAIL, code, details, 1, archive=name, index=index)
    verdict, code = _LINKED[found.linked]
    return ARCHIVE.finding(verdict, code, concerned=int(verdict is Verdict.FAIL), archive=name, index=index)


async def order(context: CheckContext) -> Finding:
    """I17: master data first, for its contracts are what tickets refer to and its API users serve here."""
    agreed = context.siblings.get(("immomio", MASTER_DATA.key))
    if agreed is None:
        return ORDER.finding(Verdict.FAIL, "immomio.ticket_master_data_missing", concerned=1)
    if agreed.owner == "hub":
        return ORDER.finding(Verdict.OK, "immomio.ticket_master_data_hub")
    if not context.owned:
        return ORDER.finding(Verdict.FAIL, "immomio.ticket_master_data_never", concerned=1)
    return ORDER.finding(Verdict.OK, "immomio.ticket_master_data_there", records=context.owned)


async def questions(context: CheckContext) -> Finding:
    """I18: only a person knows whether the question catalogue was handed over."""
    return QUESTIONS.finding(Verdict.MANUAL, "immomio.ticket_question_catalogue")


async def extras(context: CheckContext) -> Finding:
    """I12: comments towards the ERP and damage records belong to the newest version of Immomio's page."""
    settings: TicketSettings = context.settings
    chosen = [key for key in ("comments_to_erp", "damage_report") if getattr(settings, key)]
    if not chosen:
        return EXTRAS.finding(Verdict.OK, "immomio.ticket_extras_off")
    if getattr(context.options, "page_version", "newest") != "newest":
        details = [say("ticket_extra", key=key) for key in chosen]
        return EXTRAS.finding(Verdict.FAIL, "immomio.ticket_extras_unavailable", details)
    return EXTRAS.finding(Verdict.OK, "immomio.ticket_extras_on", keys=", ".join(chosen))


TICKET_CHECKS = (
    Check(STATUSES.key, STATUSES.rules, partial(status_gaps, STATUSES), TICKETS),
    Check(ARCHIVE.key, ARCHIVE.rules, archive, TICKETS),
    Check(ORDER.key, ORDER.rules, order, TICKETS),
    Check(QUESTIONS.key, QUESTIONS.rules, questions, TICKETS),
    Check(EXTRAS.key, EXTRAS.rules, extras, TICKETS),
)
