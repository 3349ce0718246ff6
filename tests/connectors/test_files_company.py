"""The seeded company through its exports and back."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Capability, Scope, Verdict
from connectors.erp.files import FilesOptions, FilesSource
from connectors.erp.files_parse import internal_id
from connectors.erp.vocabulary import usage
from connectors.housing import ENTITIES, Entity, Mandant
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.exports import as_exported, export_company


def source(folder: Path) -> FilesSource:
    return FilesSource(
        Connection("muster", "erp", "practice", str(folder), {}, FilesOptions(), Network(), CallLog())
    )


async def everything(reader: FilesSource, entity: str, scope: Scope | None = None) -> list[Entity]:
    pages = [page async for page in reader.read(entity, scope=scope or Scope())]
    return [record for page in pages for record in page.records]


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(120, 7, date(2026, 3, 1))


def canonical(company: Company) -> dict[str, list[Entity]]:
    """The company with the ids that its exports lead to."""
    told = as_exported(company)
    places = {e.id: e for e in told.economic_units}
    units = {u.id: internal_id((u.mandant, u.economic_unit, u.building, u.number)) for u in told.units}
    leases = {e.id: internal_id((e.mandant, e.id, e.number)) for e in told.leases}
    persons = {p.id: internal_id((p.number,)) for p in told.persons}

    def parent(building: Any) -> str | None:
        found = places.get(building.economic_unit_id or "")
        return internal_id((found.mandant, found.number)) if found else None

    return {
        "mandant": list(told.mandanten),
        "economic_unit": list(told.economic_units),
        "building": [replace(b, economic_unit_id=parent(b)) for b in told.buildings],
        "unit": [replace(u, usage=usage(u.usage_raw)) for u in told.units],
        "person": list(told.persons),
        "lease": [replace(e, unit_id=units[e.unit_id]) for e in told.leases],
        "tenant_role": [
            replace(r, lease_id=leases[r.lease_id], person_id=persons[r.person_id]) for r in told.tenant_roles
        ],
        "rent_item": [replace(r, lease_id=leases[r.lease_id]) for r in told.rent_items],
        "ticket_category": list(told.ticket_categories),
    }


def without_id(record: Entity) -> dict[str, Any]:
    return {f.name: getattr(record, f.name) for f in fields(record) if f.name != "id"}


@pytest.mark.parametrize(
    ("form", "encoding", "delimiter"),
    [("csv", "utf-8-sig", ";"), ("csv", "utf-8", ","), ("csv", "cp1252", ";"), ("xlsx", "", "")],
)
async def test_the_seeded_company_comes_back_from_its_exports(
    company: Company, tmp_path: Path, form: Any, encoding: str, delimiter: str
) -> None:
    export_company(company, tmp_path, format=form, encoding=encoding, delimiter=delimiter)
    reader = source(tmp_path)
    expected = canonical(company)
    for kind in ENTITIES:
        found = await everything(reader, kind.NAME)
        assert [without_id(r) for r in found] == [without_id(r) for r in expected[kind.NAME]], kind.NAME
        assert len({r.id for r in found}) == len(found)
    assert [f.verdict for f in await reader.check()] == [Verdict.OK, Verdict.OK]
    assert all(info.not_supplied == () for info in reader.entities())
    assert reader.capabilities == {
        Capability.TICKET_CATEGORIES,
        Capability.VACANCIES,
        Capability.USERS,
    }
    await reader.aclose()


async def test_a_scope_gives_the_records_of_its_mandanten_only(company: Company, tmp_path: Path) -> None:
    export_company(company, tmp_path)
    reader = source(tmp_path)
    scope = Scope(frozenset({"20"}))
    found = {kind.NAME: await everything(reader, kind.NAME, scope) for kind in ENTITIES}
    await reader.aclose()
    leases = {e.id for e in company.leases if e.mandant == "20"}
    parties = {r.person_id for r in company.tenant_roles if r.lease_id in leases}
    assert len(found["lease"]) == len(leases) < len(company.leases)
    assert len(found["person"]) == len(parties) < len(company.persons)
    assert len(found["rent_item"]) == sum(i.lease_id in leases for i in company.rent_items)
    assert [r.number for r in found["mandant"] if isinstance(r, Mandant)] == ["20"]
