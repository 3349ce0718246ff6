"""What the seed predicts for onOffice, counted from the letting office itself and not from any check."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.company_model import Company
from connectors.sandbox.company_office import Office, build_office
from connectors.sandbox.known import Flow

UNFIT = (
    "estate_without_contact",
    "estate_two_brokers",
    "estate_of_broker_without_email",
    "estate_of_archived_broker",
    "estate_of_deactivated_user",
    "estate_of_address_without_system_user",
    "estate_of_external_broker",
    "estate_of_person_unlinked",
)
"""Objects for which nobody but a person can say who the contact person is."""

MENDED = ("system_user_without_broker", "broker_email_not_default", "estate_contact_no_broker")
"""What a plan mends."""


def contact_chain(company: Company) -> Flow:
    """The first plan: nothing is made, what a plan can mend is changed, the rest is named by its rule."""
    office = build_office(company)
    skips = {
        "O1": _count(office, "system_user_archived", "user_deactivated"),
        "O4": _count(office, "broker_without_email"),
        "O8": _count(office, *UNFIT),
    }
    return Flow(0, skips, updates=_count(office, *MENDED))


def onoffice_findings(company: Company) -> Mapping[str, int]:
    """Check key -> records concerned."""
    office = build_office(company)
    unfit = _count(office, *UNFIT, "estate_contact_no_broker", "estate_of_broker_email_not_default")
    return {
        "onoffice.users_without_address": _count(office, "user_without_address"),
        "onoffice.untyped_addresses": _count(office, "address_without_system_user"),
        "onoffice.ended_users": _count(office, "user_deactivated"),
        "onoffice.broker_flag": _count(office, "system_user_without_broker"),
        "onoffice.email": _count(office, "broker_without_email", "broker_email_not_default"),
        "onoffice.mailboxes": 1,  # the one that two share
        "onoffice.contacts": unfit,
        "onoffice.chain": unfit,
        "onoffice.no_contact": _count(office, "estate_without_contact"),
        "onoffice.contact_no_broker": _count(office, "estate_contact_no_broker", "estate_of_person_unlinked"),
        "onoffice.several_contacts": _count(office, "estate_two_brokers"),
        "onoffice.contact_email": _count(office, "broker_without_email", "broker_email_not_default"),
        "onoffice.ended_contact": _count(office, "system_user_archived", "user_deactivated"),
        # a broker of another firm, a user's address without the contact type, and a customer
        "onoffice.outside_contact": _count(office, "external_broker", "address_without_system_user") + 1,
        "onoffice.transmission": _count(office, "estate_changed_since_transmission"),
    }


def _count(office: Office, *defects: str) -> int:
    return sum(len(office.defects[defect]) for defect in defects)
