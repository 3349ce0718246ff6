"""Master data for Immomio: the tree of properties, its units, the tenants and their running leases.

A record that refers to another one is sent only together with it. The ERP is read once, in that order; held
meanwhile are ids, the running leases and their roles, and of the persons those few who lead no lease.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from connectors.contract import (
    Connector,
    Deletes,
    Direction,
    EntityMapping,
    Reader,
    Record,
    Skipped,
    UseCase,
)
from connectors.immomio.entities import (
    CONTRACT,
    CONTRACT_MAPPING,
    PROPERTY,
    PROPERTY_MAPPING,
    TENANT,
    TENANT_MAPPING,
    UNIT,
    UNIT_MAPPING,
)
from connectors.immomio.identity import ours, with_mandant
from connectors.immomio.people import Tenants, contracts, tenants
from connectors.immomio.settings import MasterDataSettings
from connectors.immomio.stock import Stock, stock
from connectors.tenancies import load


async def desired_master_data(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> AsyncIterator[Record | Skipped]:
    """What Immomio shall hold of leases running ``today`` and of everything they hang on.

    Raises Failure, also for a configured Mandant that the ERP does not know (rule C3).
    """
    sent, known = Stock(), Tenants()
    async for one in stock(source, settings, sent):
        yield one
    if not settings.newest:
        return
    tables = await load(source, settings.scope, today or date.today(), units=False)
    async for one in tenants(source, settings, tables, known):
        yield one
    for one in contracts(tables, settings, sent, known):
        yield one


def mappings(settings: MasterDataSettings) -> tuple[EntityMapping, ...]:
    """The entities that the chosen version of Immomio offers, parents first (rule I3)."""
    always = (PROPERTY_MAPPING, UNIT_MAPPING)
    return (*always, TENANT_MAPPING, CONTRACT_MAPPING) if settings.newest else always


async def actual_master_data(target: Connector, settings: MasterDataSettings) -> AsyncIterator[Record]:
    """Everything Immomio holds of these entities; what is not ours shows as a skip. Raises Failure."""
    for mapping in mappings(settings):
        async for page in target.read(mapping.entity):
            for one in page.records:
                yield with_mandant(one, settings.separator)


def owns_master_data(entity: str, id_: str, settings: MasterDataSettings) -> bool:
    """Whether the id's form proves that we made it for a configured Mandant."""
    levels = (1, 2, 3) if settings.buildings else (1, 2)
    counts = {
        PROPERTY: levels if settings.newest else (2,),
        UNIT: (len(settings.unit_parts),),
        TENANT: (2,),
        CONTRACT: (2,),
    }
    return ours(id_, settings.separator, counts.get(entity, ()), settings.mandanten)


FILTERS = (
    "mandanten", "unit_parts", "flats", "garages", "commercial", "leases_without_tenant", "shared_email",
    "page_version",
)  # fmt: skip

MASTER_DATA = UseCase(
    key="master-data",
    direction=Direction.TO_PARTNER,
    settings=MasterDataSettings,
    mappings=mappings,
    deletes=Deletes.OWNED,
    desired=desired_master_data,
    actual=actual_master_data,
    owns=owns_master_data,
    scopes={"mandant": "clientNumber"},
    filters=FILTERS,
    strata=("clientNumber", "kind", "status"),
)
