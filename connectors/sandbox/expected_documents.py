"""What the seed predicts for documents, counted from the archive itself and not from any mapping."""

from __future__ import annotations

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

DANGEROUS = ("document_before_lease", "document_dangerous_title")


def documents(company: Company) -> Flow:
    """All documents of the connected archives but those that no tenant may see."""
    cabinet = build_documents(company)
    barred = _rules(cabinet)
    rules = [barred.get(one.id, "") for one in cabinet.documents if one.archive in ARCHIVES]
    return Flow(rules.count(""), tally(rules))


def exposed(company: Company) -> int:
    """How many documents a person must look at: dangerous ones, and those that no tenant may see."""
    cabinet = build_documents(company)
    seen = (*DANGEROUS, "document_contract_ended", "document_contract_ambiguous")
    return sum(len(cabinet.defects[key]) for key in seen)


def _rules(cabinet: Cabinet) -> dict[int, str]:
    return {key: rule for defect, rule in SKIPPED.items() for key in cabinet.defects[defect]}
