"""The two flows to Bots4You: tenants with their running leases, and ticket categories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.agreed import (
    UNIT_PARTS,
    Mandanten,
    Ownership,
    check_mandanten,
    check_owner,
    check_separator,
    require_mandanten,
    scope_of,
    unit_numbers,
)
from connectors.bots4you.mapping import (
    CALLER_PARAMETERS,
    TENANT,
    TICKET_CATEGORY,
    TICKET_CATEGORY_MAPPING,
    category_fields,
    tenant_fields,
    tenant_mapping,
)
from connectors.contract import (
    Capability,
    Connector,
    Deletes,
    Direction,
    Reader,
    Record,
    Scope,
    Skipped,
    Text,
    UseCase,
    Value,
)
from connectors.housing import Lease, Person, TicketCategory, stream
from connectors.ids import EmptyPart, SeparatorInPart, build, clean, parse
from connectors.tenancies import Tenancy, load, tenancies


@dataclass(frozen=True, slots=True)
class MasterDataSettings:
    """What was agreed for ``master-data``. Raises ValueError("field: what is wrong").

    ``unit_parts`` are the parts of the unit's composite id: an ERP without buildings leaves ``building`` out.
    """

    separator: str
    mandanten: Mandanten
    birth_date: bool = False
    authentication: tuple[str, ...] = ("birth_date",)
    unit_parts: tuple[str, ...] = UNIT_PARTS
    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        check_separator(self.separator)
        check_mandanten(self.mandanten)
        if unknown := sorted(set(self.authentication) - set(CALLER_PARAMETERS)):
            raise ValueError(f"authentication: {unknown[0]!r} is none of {', '.join(CALLER_PARAMETERS)}")
        if not self.unit_parts or set(self.unit_parts) - set(UNIT_PARTS):
            raise ValueError(f"unit_parts: some of {', '.join(UNIT_PARTS)}")
        check_owner(self.owner)

    @property
    def scope(self) -> Scope:
        """The Mandanten whose data is read and sent (rule C3)."""
        return scope_of(self.mandanten)


@dataclass(frozen=True, slots=True)
class TicketCategorySettings:
    """What was agreed for ``ticket-categories``. Raises ValueError("field: what is wrong")."""

    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        check_owner(self.owner)


async def desired_tenants(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> AsyncIterator[Record | Skipped]:
    """What Bots4You shall hold: one record per tenant and lease running ``today``.

    Raises Failure, also for a configured Mandant that the ERP does not know (rule C3).
    """
    tables = await load(source, settings.scope, today or date.today())
    await require_mandanten(source, settings.scope, (lease.mandant for lease in tables.running))
    async for tenancy in tenancies(source, settings.scope, tables):
        yield tenant(tenancy, settings)


def tenant(tenancy: Tenancy, settings: MasterDataSettings) -> Record | Skipped:
    """The record of a tenancy, or why there is none (rules B3, C1, C2)."""
    lease, unit, person = tenancy.lease, tenancy.unit, tenancy.person
    if lease is None:
        return _skip(tenancy, "B3", "bots4you.lease_missing")
    if unit is None:
        return _skip(tenancy, "B3", "bots4you.unit_missing")
    if person is None:
        return _skip(tenancy, "B3", "bots4you.person_missing")
    if not clean(lease.number):
        return _skip(tenancy, "B3", "bots4you.contract_number_missing")
    try:
        id_ = build(settings.separator, **tenant_parts(lease, person))
        unit_id = build(settings.separator, **unit_numbers(unit, settings.unit_parts))
    except EmptyPart as error:
        return _skip(tenancy, "C2", f"bots4you.empty_{error.name}")
    except SeparatorInPart as error:
        return _skip(tenancy, "C1", f"agreed.separator_in_{error.name}", number=error.value)
    fields = tenant_fields(
        lease, unit, person, main=tenancy.main, unit_id=unit_id, birth_date=settings.birth_date
    )
    return Record(TENANT, id_, fields)


def tenant_parts(lease: Lease, person: Person) -> dict[str, str]:
    """The parts of a tenant's id, in order."""
    return {"mandant": lease.mandant, "contract": lease.number, "partner": person.number}


def _skip(tenancy: Tenancy, rule: str, code: str, **args: str) -> Skipped:
    """A tenancy that is not sent. It has no id at Bots4You, so the ERP's id of the role stands for it."""
    lease, unit, person = tenancy.lease, tenancy.unit, tenancy.person
    scopes: dict[str, Value] = {}
    if lease:
        scopes |= {"clientNumber": clean(lease.mandant), "contractNumber": clean(lease.number)}
    args |= {
        "contract": clean(lease.number) if lease else "",
        "lease": tenancy.role.lease_id,
        "partner": clean(person.number) if person else "",
        "person": tenancy.role.person_id,
        "unit": clean(unit.number) if unit else "",
    }
    return Skipped(TENANT, f"erp:{tenancy.role.id}", rule, Text(code, args), scopes)


async def actual_tenants(target: Connector, settings: MasterDataSettings) -> AsyncIterator[Record]:
    """Every tenant Bots4You holds; what is not ours shows as a skip. Raises Failure."""
    async for page in target.read(TENANT):
        for record in page.records:
            yield record


def owns_tenant(entity: str, id_: str, settings: MasterDataSettings) -> bool:
    """Whether the id's form proves that we made it for a configured Mandant.

    With "all" no Mandant is named, so the form proves nothing and the id map decides.
    """
    parts = parse(settings.separator, id_, 3)
    mandanten = settings.scope.mandanten
    return entity == TENANT and parts is not None and mandanten is not None and parts[0] in mandanten


async def desired_categories(
    source: Reader[Any], settings: TicketCategorySettings
) -> AsyncIterator[Record | Skipped]:
    """The ERP's active ticket categories. Raises Failure."""
    async for category in stream(source, TicketCategory):
        if not category.active:
            continue
        code = clean(category.code)
        if code:
            yield Record(TICKET_CATEGORY, code, category_fields(category))
        else:
            reason = Text("bots4you.category_code_missing", {"category": category.id})
            yield Skipped(TICKET_CATEGORY, f"erp:{category.id}", "B4", reason)


async def actual_categories(target: Connector, settings: TicketCategorySettings) -> AsyncIterator[Record]:
    """The categories that Bots4You holds. Raises Failure."""
    async for page in target.read(TICKET_CATEGORY):
        for record in page.records:
            yield record


MASTER_DATA = UseCase(
    key="master-data",
    direction=Direction.TO_PARTNER,
    settings=MasterDataSettings,
    mappings=lambda settings: (tenant_mapping(birth_date=settings.birth_date),),
    deletes=Deletes.OWNED,
    desired=desired_tenants,
    actual=actual_tenants,
    owns=owns_tenant,
    scopes={"mandant": "clientNumber", "contract": "contractNumber", "unit": "unitId"},
    strata=("clientNumber", "isMainTenant", "contractStatus"),
)

TICKET_CATEGORIES = UseCase(
    key="ticket-categories",
    direction=Direction.TO_PARTNER,
    settings=TicketCategorySettings,
    mappings=lambda settings: (TICKET_CATEGORY_MAPPING,),
    deletes=Deletes.OWNED,
    desired=desired_categories,
    actual=actual_categories,
    owns=lambda entity, id_, settings: False,  # a category's code has no form: the id map decides
    needs=frozenset({Capability.TICKET_CATEGORIES}),
    filters=(),
    strata=("kind",),
)
