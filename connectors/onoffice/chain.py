"""The letting agent's chain (rule O10): every letting object, from contact person to portal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from connectors.chains import Chain, ChainContext, ChainReading, ChainRow, LinkState
from connectors.contract import Text
from connectors.onoffice.asking import Asking
from connectors.onoffice.chain_letters import letters, unbooked
from connectors.onoffice.chain_links import LINKS, Judge
from connectors.onoffice.contact_chain import KEY
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.evidence import Evidence, gather
from connectors.onoffice.mailboxes import mailbox
from connectors.onoffice.model import Office
from connectors.onoffice.office import read_office
from connectors.onoffice.people import flaws


async def read_chain(context: ChainContext) -> ChainReading:
    """Every letting object in scope with its links, what nobody can look up, and the letters that follow.

    Raises Failure.
    """
    asking = Asking(context.target)
    office = await read_office(asking, context.settings)
    ids = [one.id for one in office.objects]
    return reading(office, await gather(asking, ids, context.settings, context.now), context)


def reading(office: Office, evidence: Evidence, context: ChainContext) -> ChainReading:
    """The chain of an account as it was read. Pure."""
    judge = Judge(office, evidence, context)
    rows = tuple(map(judge.row, office.objects))
    return ChainReading(
        rows, tuple(_remarks(office, evidence, rows)), tuple(letters(office, evidence, context, rows))
    )


async def read_mailboxes(context: ChainContext) -> dict[str, str | None]:
    """By the number of each object the mailbox of its one contact person, None where the chain breaks before
    it, or where several objects bear the number. Raises Failure."""
    office = await read_office(Asking(context.target), context.settings)
    return mailboxes(office, context.settings)


def mailboxes(office: Office, settings: ContactChainSettings) -> dict[str, str | None]:
    """The same of an account as it was read. Pure."""
    well = {
        one.id: mailbox(one.email) for one in office.addresses.values() if not flaws(one, office, settings)
    }
    counts = Counter(one.number for one in office.objects)
    return {
        one.number: well.get(one.brokers[0]) if len(one.brokers) == 1 == counts[one.number] else None
        for one in office.objects
    }


def _remarks(office: Office, evidence: Evidence, rows: tuple[ChainRow, ...]) -> Iterator[Text]:
    """What stands beside the rows."""
    if not rows:
        yield Text("onoffice.remark_no_objects" if office.access.objects else "onoffice.right_objects")
        return
    if needed := len(unbooked(rows)):
        yield Text("onoffice.remark_quota", {"count": needed})
    if evidence.portals:
        yield Text("onoffice.remark_portals", {"portals": ", ".join(evidence.portals)})
    if not evidence.kinds:
        yield Text("onoffice.remark_no_kinds")
    elif any(row.first is None or row.first.state is LinkState.UNCONFIRMED for row in rows):
        yield Text("onoffice.remark_kinds", {"kinds": ", ".join(evidence.kinds)})
    if any(one.changed is None for one in office.objects):
        yield Text("onoffice.remark_no_change_times")
    if evidence.logged is not None:
        yield Text("onoffice.remark_log", {"count": evidence.logged})


OBJECTS = Chain(
    key="contact",
    use_case=KEY,
    rules=("O10",),
    links=LINKS,
    read=read_chain,
    mailboxes=read_mailboxes,
)
