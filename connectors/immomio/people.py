"""The tenants of running leases, and the leases themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.agreed import contract_numbers, tenant_numbers
from connectors.contract import Reader, Record, Skipped, Text
from connectors.housing import Lease, Person
from connectors.ids import clean
from connectors.immomio.entities import CONTRACT, TENANT
from connectors.immomio.identity import Sent, identify, record, skipped
from connectors.immomio.records import contract_fields, tenant_fields
from connectors.immomio.settings import MasterDataSettings
from connectors.immomio.stock import Stock
from connectors.spelling import valid_email
from connectors.tenancies import Tenancies, Tenancy, tenancies

Whose = tuple[str, str]
"""A Mandant, and the ERP's key of a person who is a tenant there."""


@dataclass(slots=True)
class Tenants:
    """Who has been sent so far: the id under which the leases refer to somebody, None for nobody; ``emails``
    holds the id and the person that an address belongs to."""

    ids: dict[Whose, str | None] = field(default_factory=dict)
    sent: Sent = field(default_factory=Sent)
    emails: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def tenant(self, whose: Whose) -> str | None:
        """The id of a tenant that is sent and that nobody else has."""
        id_ = self.ids.get(whose)
        return id_ if id_ is not None and id_ in self.sent else None


async def tenants(
    source: Reader[Any], settings: MasterDataSettings, tables: Tenancies, known: Tenants
) -> AsyncIterator[Record | Skipped]:
    """Every tenant of a running lease once per Mandant, those who lead a lease first.

    Immomio knows a user by the e-mail address: of several who share one, the first becomes the user.
    """
    leading = {mains[0].person_id for mains in tables.mains.values()}
    others: list[tuple[Whose, Record]] = []
    async for tenancy in tenancies(source, settings.scope, tables):
        lease, role = tenancy.lease, tenancy.role
        if lease is None:
            args = {"lease": role.lease_id, "person": role.person_id}
            yield skipped(TENANT, f"role:{role.id}", "I3", Text("immomio.lease_missing", args), "")
            continue
        whose = clean(lease.mandant), role.person_id
        if whose in known.ids:
            continue
        known.ids[whose] = None
        one = _tenant(tenancy, whose, settings)
        if isinstance(one, Skipped):
            yield one
        elif role.person_id in leading:
            yield _admitted(whose, one, settings, known)
        else:
            others.append((whose, one))
    for whose, one in others:
        yield _admitted(whose, one, settings, known)


def _tenant(tenancy: Tenancy, whose: Whose, settings: MasterDataSettings) -> Record | Skipped:
    mandant, key = whose
    if tenancy.person is not None:
        return tenant(tenancy.person, mandant, settings)
    reason = Text("immomio.person_missing", {"lease": tenancy.role.lease_id, "person": key})
    return skipped(TENANT, f"{mandant}:{key}", "I3", reason, mandant)


def _admitted(whose: Whose, one: Record, settings: MasterDataSettings, known: Tenants) -> Record | Skipped:
    """A tenant that is sent, unless its e-mail address is a user's already.

    Where that is the same person in another Mandant, the leases here refer to that user.
    """
    mandant, person = whose
    first, holder = known.emails.setdefault(str(one.fields["email"]).casefold(), (one.id, person))
    if first != one.id and settings.shared_email == "first":
        known.ids[whose] = first if holder == person else None
        reason = Text("immomio.email_taken", {"id": one.id, "first": first})
        return skipped(TENANT, f"{mandant}:{person}", "I4", reason, mandant)
    known.ids[whose] = one.id
    known.sent.note(one)
    return one


def tenant(person: Person, mandant: str, settings: MasterDataSettings) -> Record | Skipped:
    """A tenant of a Mandant, or why it is not sent (rule I4: nobody without a valid e-mail address)."""
    key = f"{mandant}:{person.id}"
    id_ = identify(TENANT, key, settings.separator, tenant_numbers(mandant, person))
    if isinstance(id_, Skipped):
        return id_
    email = valid_email(person)
    if email is None:
        why = "email_invalid" if any(map(clean, person.emails)) else "email_missing"
        return skipped(TENANT, key, "I4", Text(f"immomio.{why}", {"id": id_}), mandant)
    return record(TENANT, id_, tenant_fields(person, mandant, email), settings.separator)


def contracts(
    tables: Tenancies, settings: MasterDataSettings, stock: Stock, known: Tenants
) -> Iterator[Record | Skipped]:
    """The running leases with those of their tenants that are sent."""
    people: dict[str, list[str]] = defaultdict(list)
    for person, held in tables.roles.items():
        for lease_id in held:
            people[lease_id].append(person)
    for lease in tables.running:
        mandant = clean(lease.mandant)
        ids = {person: known.tenant((mandant, person)) for person in people[lease.id]}
        mains = tables.mains.get(lease.id)
        main = ids.get(mains[0].person_id) if mains else None
        yield contract(lease, stock, main, [*ids.values()], settings)


def contract(
    lease: Lease, stock: Stock, main: str | None, tenants: Sequence[str | None], settings: MasterDataSettings
) -> Record | Skipped:
    """A running lease, or why it is not sent. ``tenants`` has the id of each of them, None for who is not."""
    id_ = identify(CONTRACT, lease.id, settings.separator, contract_numbers(lease))
    if isinstance(id_, Skipped):
        return id_
    unit = stock.unit(lease.unit_id)
    if unit is None:
        why = "unit_not_sent" if lease.unit_id in stock.units else "unit_missing"
        reason = Text(f"immomio.{why}", {"id": id_, "key": lease.unit_id})
        return skipped(CONTRACT, lease.id, "I7", reason, lease.mandant)
    sent = [tenant for tenant in tenants if tenant is not None]
    if not sent and settings.leases_without_tenant == "skip":
        reason = Text("immomio.contract_without_tenant", {"id": id_, "tenants": len(tenants)})
        return skipped(CONTRACT, lease.id, "I4", reason, lease.mandant)
    return record(CONTRACT, id_, contract_fields(lease, unit, main, sent), settings.separator)
