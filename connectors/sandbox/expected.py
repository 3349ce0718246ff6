"""What the seed predicts: how many records each check and plan must find, counted from the company itself.

Nothing here uses a mapping, a use case or a check: otherwise a mistake would confirm itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Verdict
from connectors.housing import PersonKind
from connectors.sandbox.company import Company
from connectors.sandbox.expected_documents import document_findings, documents
from connectors.sandbox.expected_immomio import immomio_findings, master_data, vacancies
from connectors.sandbox.expected_onoffice import contact_chain, onoffice_findings
from connectors.sandbox.known import Flow, Known, tally


@dataclass(frozen=True, slots=True)
class Expected:
    """The figures for one company and the separator ``/``: ``flows`` by partner and use case, ``findings`` by
    check key -> records concerned, ``verdicts`` of the checks that are not fine before the first sync though
    nothing is wrong with the data."""

    flows: Mapping[tuple[str, str], Flow]
    findings: Mapping[str, int]
    verdicts: Mapping[str, Verdict]

    def fine(self, key: str) -> bool:
        """Whether a check has nothing to say any more once everything was sent."""
        return key in MENDED or not (self.findings.get(key) or key in LASTING)


BY_HAND = ("onoffice.booking", "onoffice.quota", "onoffice.mailbox_kind")
"""What only a person can see at onOffice."""

VERDICTS = {
    "immomio.comparison": Verdict.MANUAL,  # nothing is visible there yet
    "immomio.ticket_order": Verdict.FAIL,  # the master data comes first
    "immomio.ticket_questions": Verdict.MANUAL,
    **dict.fromkeys(BY_HAND, Verdict.MANUAL),
    "bots4you.ticket_category_origin": Verdict.WARN,  # no category has been sent yet
}

LASTING = frozenset({"immomio.ticket_questions", *BY_HAND})
"""Checks that stay unsettled whatever is sent: only a person can answer."""

MENDED = frozenset({"onoffice.broker_flag"})
"""Checks that find something before everything was sent and nothing afterwards."""


def expected(company: Company) -> Expected:
    """Count what can be sent to whom, what cannot and why, and what the checks must report."""
    known = Known.of(company)
    unusable = sum(
        bool(category.active and category.mandatory_features) for category in company.ticket_categories
    )
    return Expected(
        {
            ("bots4you", "ticket-categories"): Flow(sum(c.active for c in company.ticket_categories), {}),
            ("bots4you", "master-data"): _bots4you(known),
            ("immomio", "master-data"): master_data(known),
            ("immomio", "vacancies"): vacancies(known),
            ("immomio", "prospects"): Flow(0, {}),  # nobody has applied yet
            ("immomio", "documents"): documents(company),
            ("onoffice", "contact-chain"): contact_chain(company),
        },
        {
            "bots4you.separator": known.count("separator_in_lease_number", "separator_in_partner_number"),
            "bots4you.contract_numbers": known.count("lease_number_missing", "lease_number_repeated"),
            "bots4you.main_tenant": known.count("lease_without_main_tenant", "lease_with_two_main_tenants"),
            "bots4you.caller_authentication": _callers(known),
            **immomio_findings(known),
            **document_findings(company),
            **onoffice_findings(company),
            **dict.fromkeys(("bots4you.erp.ticket_features", "immomio.erp.ticket_features"), unusable),
        },
        VERDICTS,
    )


def _bots4you(known: Known) -> Flow:
    """One record per tenancy."""
    why = [known.refused(role) for role in known.roles]
    return Flow(why.count(""), tally(why))


def sendable_vacancies(company: Company) -> tuple[str, ...]:
    """The vacancies that can be advertised: released, all four numbers there, a Nettokaltmiete not negative.

    Whether a partner takes a unit of that usage type is its own affair.
    """
    keys = (
        "vacancy_without_net_rent",
        "vacancy_net_rent_negative",
        "vacancy_not_released",
        "vacancy_without_building_number",
    )
    barred = {key for defect in keys for key in company.defects[defect]}
    return tuple(vacancy.id for vacancy in company.vacancies if vacancy.id not in barred)


def _callers(known: Known) -> int:
    """Tenants whom the birth date cannot tell: none is known, or a co-tenant has the same."""
    sent = [role for role in known.roles if not known.refused(role)]
    legal = {person.id for person in known.company.persons if person.kind is PersonKind.LEGAL}
    dateless = legal | known.defects["birth_date_missing"]
    empty = sum(role.person_id in dateless for role in sent)
    return empty + sum(role.person_id in known.defects["birth_date_shared"] for role in sent)
