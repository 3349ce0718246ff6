"""onOffice's checks: each looks at the account, read once, and tells of one thing with its repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from connectors.contract import Check, CheckContext, Finding, Fix
from connectors.findings import Topic
from connectors.onoffice import checks_contacts, checks_rights, checks_users, findings
from connectors.onoffice.asking import Asking
from connectors.onoffice.contact_chain import KEY
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import ADDRESS, ESTATE
from connectors.onoffice.evidence import Evidence, gather
from connectors.onoffice.model import Office
from connectors.onoffice.office import read_office
from connectors.problems import Failure

Inspection = Callable[[Office, ContactChainSettings], Finding]

_OFFICE = "onoffice.office"

MAKE_BROKER = Fix(KEY, {ADDRESS: ("contact_types",)})
SET_EMAIL = Fix(KEY, {ADDRESS: ("email",)})
LINK_CONTACT = Fix(KEY, {ADDRESS: ("contact_types",), ESTATE: ("contact_persons",)})
"""Whoever is linked has to be a broker first, so this one makes brokers too."""

_INSPECTIONS: Mapping[Topic, tuple[Inspection, Fix | None]] = {
    findings.READ_RIGHTS: (checks_rights.read_rights, None),
    findings.WRITE_RIGHTS: (checks_rights.write_rights, None),
    findings.SYSTEM_USERS: (checks_users.system_users, None),
    findings.USERS_WITHOUT_ADDRESS: (checks_users.users_without_address, None),
    findings.UNTYPED_ADDRESSES: (checks_users.untyped_addresses, None),
    findings.ENDED_USERS: (checks_users.ended_users, None),
    findings.TECHNICAL_USERS: (checks_users.technical_users, None),
    findings.SHARED_ADDRESSES: (checks_users.shared_addresses, None),
    findings.BROKER_KEY: (checks_users.broker_key, None),
    findings.BROKER_FLAG: (checks_users.broker_flag, MAKE_BROKER),
    findings.EMAIL: (checks_users.email, SET_EMAIL),
    findings.MAILBOXES: (checks_users.mailboxes, None),
    findings.CONTACTS: (checks_contacts.contacts, None),
    findings.NO_CONTACT: (checks_contacts.no_contact, LINK_CONTACT),
    findings.NO_BROKER: (checks_contacts.no_broker, LINK_CONTACT),
    findings.SEVERAL_CONTACTS: (checks_contacts.several_contacts, LINK_CONTACT),
    findings.CONTACT_EMAIL: (checks_contacts.contact_email, SET_EMAIL),
    findings.ENDED_CONTACT: (checks_contacts.ended_contact, LINK_CONTACT),
    findings.OUTSIDE_CONTACT: (checks_contacts.outside_contact, LINK_CONTACT),
    findings.BOOKING: (checks_contacts.booking, None),
    findings.QUOTA: (checks_contacts.quota, None),
    findings.MAILBOX_KIND: (checks_contacts.mailbox_kind, None),
}


async def office_of(context: CheckContext) -> Office:
    """The account, read once for all checks of one run; also a failure is met once only. Raises Failure."""
    assert context.target is not None  # noqa: S101  (a partner's checks always have the partner)
    if _OFFICE not in context.shared:
        try:
            context.shared[_OFFICE] = await read_office(Asking(context.target), context.settings)
        except Failure as failure:
            context.shared[_OFFICE] = failure
    found: Office | Failure = context.shared[_OFFICE]
    if isinstance(found, Failure):
        raise found
    return found


async def _inspect(inspection: Inspection, context: CheckContext) -> Finding:
    return inspection(await office_of(context), context.settings)


async def transmission(context: CheckContext) -> Finding:
    """O9: how many objects were changed after their last transfer, as far as onOffice's entries tell."""
    assert context.target is not None  # noqa: S101  (as above)
    office, asking = await office_of(context), Asking(context.target)
    ids = [one.id for one in office.objects]
    evidence: Evidence = await gather(asking, ids, context.settings, datetime.now(UTC))
    return checks_contacts.transmission(office, evidence)


CHECKS = (
    *(
        Check(topic.key, topic.rules, partial(_inspect, inspection), KEY, fix)
        for topic, (inspection, fix) in _INSPECTIONS.items()
    ),
    Check(findings.TRANSMISSION.key, findings.TRANSMISSION.rules, transmission, KEY),
)
"""The checks of ``contact-chain``; those of the connection are the connector's own."""
