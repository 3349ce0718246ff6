"""The seeded company as those who predict from it look at it: what runs today, and who has which defect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.housing import Lease, TenantRole
from connectors.sandbox.company import Company


@dataclass(frozen=True, slots=True)
class Flow:
    """What the first plan of a use case must show: records to create, those left out by rule, and those to
    change."""

    creates: int
    skips: Mapping[str, int]
    updates: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A company with its running leases by id, the parts of their tenants, and the defects as sets of ids."""

    company: Company
    leases: Mapping[str, Lease]
    roles: tuple[TenantRole, ...]
    defects: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, company: Company) -> Known:
        """Look at a company as it is today."""
        leases = {lease.id: lease for lease in company.leases if lease.running(company.today)}
        roles = [r for r in company.tenant_roles if r.lease_id in leases and r.tenant(company.today)]
        defects = {key: frozenset(ids) for key, ids in company.defects.items()}
        return cls(company, leases, tuple(roles), defects)

    def count(self, *keys: str) -> int:
        """How many records have these defects."""
        return sum(len(self.defects[key]) for key in keys)

    def refused(self, role: TenantRole) -> str:
        """The rule by which a tenancy has no id of its own, or ""."""
        lease = self.leases[role.lease_id]
        if lease.id in self.defects["lease_number_missing"]:
            return "B3"
        if lease.id in self.defects["separator_in_lease_number"]:
            return "C1"
        if role.person_id in self.defects["separator_in_partner_number"]:
            return "C1"
        return "C2" if lease.unit_id in self.defects["unit_without_building_number"] else ""


def tally(rules: Iterable[str]) -> dict[str, int]:
    """How often each rule was named; "" is none."""
    return dict(sorted(Counter(filter(None, rules)).items()))
