"""The exports of the seeded company are read back by the files source, without any configuration."""

from __future__ import annotations

import csv
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from connectors.erp.files import FilesOptions, FilesSource
from connectors.housing import ENTITIES, stream
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.exports import as_exported, export_company

TODAY = date(2026, 3, 15)
REFERENCES = ("unit_id", "economic_unit_id", "lease_id", "person_id")


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(60, 4, TODAY)


def source(folder: Path) -> FilesSource:
    return FilesSource(
        Connection("c", "erp", "practice", str(folder), {}, FilesOptions(), Network(), CallLog())
    )


async def read(folder: Path) -> dict[str, list[Any]]:
    reader = source(folder)
    try:
        return {kind.NAME: [r async for r in stream(reader, kind)] for kind in ENTITIES}
    finally:
        await reader.aclose()


def content(records: list[Any]) -> list[Any]:
    """The records without internal keys, which are each source's own."""
    names = {f.name for f in fields(records[0])}
    return [replace(r, id="", **{name: "" for name in REFERENCES if name in names}) for r in records]


def joined(records: dict[str, list[Any]]) -> list[tuple[str, str, str, str]]:
    """Who lives where by which contract, resolved through the internal keys."""
    leases = {lease.id: lease for lease in records["lease"]}
    units = {unit.id: unit for unit in records["unit"]}
    people = {person.id: person for person in records["person"]}
    rows = []
    for role in records["tenant_role"]:
        lease = leases[role.lease_id]
        unit = units[lease.unit_id]
        rows.append(
            (lease.mandant, lease.number, f"{unit.building}/{unit.number}", people[role.person_id].number)
        )
    return rows


@pytest.mark.parametrize(
    ("format_", "encoding", "delimiter"),
    [("csv", "utf-8-sig", ";"), ("csv", "cp1252", ","), ("csv", "utf-8", ";"), ("xlsx", "utf-8", ";")],
)
async def test_what_was_exported_is_read_back_the_same(
    company: Company, tmp_path: Path, format_: Literal["csv", "xlsx"], encoding: str, delimiter: str
) -> None:
    export_company(company, tmp_path / "neu", format=format_, encoding=encoding, delimiter=delimiter)
    found = await read(tmp_path / "neu")
    exported = as_exported(company)
    for kind in ENTITIES:
        assert content(found[kind.NAME]) == content(exported.records(kind.NAME)), kind.NAME
    assert joined(found) == joined({kind.NAME: exported.records(kind.NAME) for kind in ENTITIES})


async def test_the_export_is_sound_although_the_company_is_not(company: Company, tmp_path: Path) -> None:
    export_company(company, tmp_path)
    reader = source(tmp_path)
    findings = await reader.check()
    await reader.aclose()
    assert {finding.verdict for finding in findings} == {"ok"}


async def test_buildings_without_economic_unit_exist_in_the_export_only(
    company: Company, tmp_path: Path
) -> None:
    assert all(b.economic_unit_id for b in company.buildings)
    export_company(company, tmp_path)
    found = await read(tmp_path)
    homeless = company.defects["building_without_economic_unit"]
    assert sum(b.economic_unit_id is None for b in found["building"]) == len(homeless) > 0
    units = company.defects["unit_without_economic_unit"]
    assert sum(not u.economic_unit for u in found["unit"]) == len(units) > 0


def test_numbers_and_days_are_written_as_in_german(company: Company, tmp_path: Path) -> None:
    written = export_company(company, tmp_path)
    with written.files["unit"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert tuple(rows[0]) == written.headings["unit"]
    unit = next(u for u in company.units if u.target_rent_net and u.target_rent_net > 1000)
    row = rows[company.units.index(unit)]
    cents = f"{unit.target_rent_net:.2f}"
    assert row["Sollmiete netto"] == f"{cents[0]}.{cents[1:4]},{cents[-2:]}"
    assert unit.managed_from is not None
    assert row["Verwaltungsbeginn"] == f"{unit.managed_from:%d.%m.%Y}"


def test_equal_companies_give_equal_files(tmp_path: Path) -> None:
    first = export_company(build_company(60, 8, TODAY), tmp_path / "a")
    second = export_company(build_company(60, 8, TODAY), tmp_path / "b")
    for entity, path in first.files.items():
        assert path.read_bytes() == second.files[entity].read_bytes()
