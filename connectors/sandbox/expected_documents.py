"""What the seed predicts for documents, counted from the archive itself and not from any mapping."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.company import Company
from connectors.sandbox.company_documents import APP, LEASES, TENANT_APP, Cabinet, build_documents
from connectors.sandbox.known import Flow, tally

SKIPPED = {
    "document_without_contract": "I20",
    "document_contract_unknown": "I20",
    "document_contract_ambiguous": "I20",
    "document_contract_ended": "I20",
    "document_too_large": "I19",
}
"""Defect -> the rule that keeps such a document back."""

ARCHIVES = frozenset({LEASES, APP, TENANT_APP})
"""The archives that are connected in the practice company."""

LOOK_AT = (
    "document_before_lease",
    "document_dangerous_title",
    "document_contract_ended",
    "document_contract_ambiguous",
    "document_without_contract",
    "document_contract_unknown",
)
"""What a person must look at before anything becomes visible."""


def documents(company: Company) -> Flow:
    """All documents of the connected archives but those that no tenant may see."""
    cabinet = build_documents(company)
    barred = _rules(cabinet)
    rules = [barred.get(one.id, "") for one in cabinet.documents if one.archive in ARCHIVES]
    return Flow(rules.count(""), tally(rules))


def document_findings(company: Company) -> Mapping[str, int]:
    """Check key -> documents concerned: those a person must look at, and those in a category nobody named."""
    defects = build_documents(company).defects
    return {
        "immomio.exposure": sum(len(defects[key]) for key in LOOK_AT),
        "immomio.search_categories": len(defects["document_other_category"]),
    }


def _rules(cabinet: Cabinet) -> dict[int, str]:
    return {key: rule for defect, rule in SKIPPED.items() for key in cabinet.defects[defect]}
