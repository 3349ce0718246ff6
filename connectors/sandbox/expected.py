"""What the seed predicts: how many records each check and plan must find, counted from the company itself.

Nothing here uses a mapping, a use case or a check: otherwise a mistake would confirm itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from connectors.housing import Lease, PersonKind, TenantRole
from connectors.sandbox.company import Company


@dataclass(frozen=True, slots=True)
class Expected:
    """The figures for one company and the separator ``/``; ``findings`` is check key -> records concerned."""

    tenants: int
    categories: int
    skips: dict[str, int]  # rule -> records
    findings: dict[str, int]


def expected(company: Company) -> Expected:
    """Count tenancies that can be sent, those that cannot and why, and what the checks must report."""
    defects = {key: set(ids) for key, ids in company.defects.items()}
    leases = {lease.id: lease for lease in company.leases if lease.running(company.today)}
    roles = [r for r in company.tenant_roles if r.lease_id in leases and r.tenant(company.today)]
    why = {role.id: _refused(role, leases[role.lease_id], defects) for role in roles}
    sent = [role for role in roles if not why[role.id]]
    return Expected(
        tenants=len(sent),
        categories=sum(category.active for category in company.ticket_categories),
        skips=dict(sorted(Counter(filter(None, why.values())).items())),
        findings={
            "bots4you.separator": _count(defects, "separator_in_lease_number", "separator_in_partner_number"),
            "bots4you.contract_numbers": _count(defects, "lease_number_missing", "lease_number_repeated"),
            "bots4you.main_tenant": _count(
                defects, "lease_without_main_tenant", "lease_with_two_main_tenants"
            ),
            "bots4you.caller_authentication": _callers(company, sent, defects),
        },
    )


def _refused(role: TenantRole, lease: Lease, defects: dict[str, set[str]]) -> str:
    """The rule by which a tenancy cannot be sent, or ""."""
    if lease.id in defects["lease_number_missing"]:
        return "B3"
    if (
        lease.id in defects["separator_in_lease_number"]
        or role.person_id in defects["separator_in_partner_number"]
    ):
        return "C1"
    return "C2" if lease.unit_id in defects["unit_without_building_number"] else ""


def _callers(company: Company, sent: list[TenantRole], defects: dict[str, set[str]]) -> int:
    """Tenants whom the birth date cannot tell: none is known, or a co-tenant has the same."""
    legal = {person.id for person in company.persons if person.kind is PersonKind.LEGAL}
    dateless = legal | defects["birth_date_missing"]
    empty = sum(role.person_id in dateless for role in sent)
    return empty + sum(role.person_id in defects["birth_date_shared"] for role in sent)


def _count(defects: dict[str, set[str]], *keys: str) -> int:
    return sum(len(defects[key]) for key in keys)
