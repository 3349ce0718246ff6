"""Who lives where: the ERP's leases, units, roles and persons joined to tenancies.

Leases, units and roles are held in look-up tables; persons, the bulk of the data, stream past them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.agreed import within
from connectors.contract import Reader, Scope
from connectors.housing import Lease, Person, Role, TenantRole, Unit, stream


@dataclass(slots=True)
class Tenancies:
    """The running leases of the scope with their units and tenants, by the ERP's internal ids.

    ``leases`` holds every lease that was read, None for one that is not running. ``roles`` has one role per
    person and lease, by person; ``mains`` every Hauptmieter of a lease, the leading one first.
    """

    leases: dict[str, Lease | None] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    roles: dict[str, dict[str, TenantRole]] = field(default_factory=dict)
    mains: dict[str, list[TenantRole]] = field(default_factory=dict)

    @property
    def running(self) -> list[Lease]:
        """The leases in force."""
        return [lease for lease in self.leases.values() if lease is not None]


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One tenant in one running lease; what the ERP does not hold of it is None."""

    role: TenantRole
    lease: Lease | None
    unit: Unit | None
    person: Person | None
    main: bool


def in_force(lease: Lease, scope: Scope, today: date) -> bool:
    """Whether the lease belongs to a configured Mandant and is running (rules B3, C3)."""
    return lease.running(today) and within(scope, lease.mandant)


async def load(source: Reader[Any], scope: Scope, today: date, *, units: bool = True) -> Tenancies:
    """Read leases, roles and, unless they are not wanted, units into look-up tables. Raises Failure."""
    tables = Tenancies()
    async for lease in stream(source, Lease, scope):
        tables.leases[lease.id] = lease if in_force(lease, scope, today) else None
    if units:
        wanted = {lease.unit_id for lease in tables.running}
        tables.units = {unit.id: unit async for unit in stream(source, Unit, scope) if unit.id in wanted}
    async for role in stream(source, TenantRole, scope):
        if not role.tenant(today):
            continue
        if role.lease_id not in tables.leases or tables.leases[role.lease_id]:  # unknown ones are reported
            held = tables.roles.setdefault(role.person_id, {})
            held[role.lease_id] = min(role, held.get(role.lease_id, role), key=_precedence)
    tables.mains = _mains(tables.roles.values())
    return tables


def _mains(roles: Iterable[dict[str, TenantRole]]) -> dict[str, list[TenantRole]]:
    """Every Hauptmieter by lease, the leading one first."""
    mains: dict[str, list[TenantRole]] = {}
    for role in (role for held in roles for role in held.values()):
        if role.role is Role.HAUPTMIETER:
            mains.setdefault(role.lease_id, []).append(role)
    for of_lease in mains.values():
        of_lease.sort(key=_precedence)
    return mains


def _precedence(role: TenantRole) -> tuple[bool, int, date, str]:
    return role.role is not Role.HAUPTMIETER, role.rank, role.valid_from or date.min, role.id


async def tenancies(source: Reader[Any], scope: Scope, tables: Tenancies) -> AsyncIterator[Tenancy]:
    """Every tenant of every running lease, while the persons stream past. Raises Failure."""
    missing = dict(tables.roles)
    async for person in stream(source, Person, scope):
        for role in missing.pop(person.id, {}).values():
            yield _tenancy(role, person, tables)
    for roles in missing.values():
        for role in roles.values():
            yield _tenancy(role, None, tables)


def _tenancy(role: TenantRole, person: Person | None, tables: Tenancies) -> Tenancy:
    lease = tables.leases.get(role.lease_id)
    unit = tables.units.get(lease.unit_id) if lease else None
    return Tenancy(role, lease, unit, person, role is tables.mains.get(role.lease_id, [None])[0])
