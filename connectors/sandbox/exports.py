"""Write the seeded company as the folder of German exports that the ``files`` source reads."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from connectors.erp.layout import Layout, defaults
from connectors.housing import ENTITIES as HOUSING
from connectors.housing import (
    Building,
    CategoryKind,
    Entity,
    Lease,
    LeaseStatus,
    PersonKind,
    RentCategory,
    RentItem,
    TenantRole,
)
from connectors.letting import ENTITIES as LETTING
from connectors.letting import EnergyKind, Heating
from connectors.sandbox.company import Company

WORDS: Mapping[object, str] = {
    True: "Ja",
    False: "Nein",
    LeaseStatus.DRAFT: "Entwurf",
    LeaseStatus.ACTIVE: "Aktiv",
    LeaseStatus.NOTICE_GIVEN: "Gekündigt",
    LeaseStatus.ENDED: "Beendet",
    PersonKind.NATURAL: "natürlich",
    PersonKind.LEGAL: "juristisch",
    CategoryKind.REQUEST: "Anliegen",
    CategoryKind.DAMAGE: "Schaden",
    RentCategory.NETTOKALTMIETE: "Nettokaltmiete",
    RentCategory.OPERATING_COSTS: "Betriebskosten",
    RentCategory.HEATING_COSTS: "Heizkosten",
    RentCategory.SURCHARGE: "Zuschlag",
    RentCategory.PARKING: "Stellplatz",
    RentCategory.OTHER: "Sonstige",
    RentCategory.UNMAPPED: "UNMAPPED",
    Heating.STOVE: "Ofenheizung",
    Heating.STOREY: "Etagenheizung",
    Heating.CENTRAL: "Zentralheizung",
    Heating.DISTRICT: "Fernwärme",
    Heating.FLOOR: "Fußbodenheizung",
    EnergyKind.DEMAND: "Bedarfsausweis",
    EnergyKind.CONSUMPTION: "Verbrauchsausweis",
}
"""How states and kinds are worded in the cells."""

MEDIA = "medien"
"""The folder of pictures and documents, with a folder for each vacant unit."""


@dataclass(frozen=True, slots=True)
class ExportColumns:
    """What was written: the file of each entity and its headings."""

    files: Mapping[str, Path]
    headings: Mapping[str, tuple[str, ...]]


def as_exported(company: Company) -> Company:
    """The company as its export tells it: the buildings without economic unit have lost theirs."""
    without = set(company.defects.get("building_without_economic_unit", ()))
    units = set(company.defects.get("unit_without_economic_unit", ()))
    leases = {lease.id: lease.unit_id for lease in company.leases}
    return replace(
        company,
        buildings=[replace(b, economic_unit_id=None) if b.id in without else b for b in company.buildings],
        units=[replace(u, economic_unit="") if u.id in units else u for u in company.units],
        vacancies=[replace(v, economic_unit="") if leases[v.id] in units else v for v in company.vacancies],
    )


def export_company(
    company: Company,
    folder: Path,
    *,
    format: Literal["csv", "xlsx"] = "csv",  # noqa: A002 - what it is
    encoding: str = "utf-8-sig",
    delimiter: str = ";",
) -> ExportColumns:
    """Write one file per entity, and the files of vacancies, into the folder, made where it is missing.

    ``encoding`` and ``delimiter`` count for CSV only; a character that the encoding lacks raises
    UnicodeEncodeError. An XLSX holds real days and numbers, a CSV German spellings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    exported = as_exported(company)
    references = _References(exported)
    files: dict[str, Path] = {}
    headings: dict[str, tuple[str, ...]] = {}
    for kind in (*HOUSING, *LETTING):
        layout = defaults()[kind.NAME]
        path = folder / f"{layout.file}.{format}"
        rows = _rows(layout, exported.records(kind.NAME), references)
        heads = tuple(layout.columns.values())
        if format == "csv":
            _write_csv(path, heads, rows, encoding, delimiter)
        else:
            _write_xlsx(path, heads, rows)
        files[kind.NAME], headings[kind.NAME] = path, heads
    _write_media(exported, folder / MEDIA)
    return ExportColumns(files, headings)


def _write_media(company: Company, folder: Path) -> None:
    units = {unit.id: unit for unit in company.units}
    for medium in company.media:
        unit = units[medium.unit_id]
        own = folder / "_".join((unit.mandant, unit.economic_unit, unit.building, unit.number))
        own.mkdir(parents=True, exist_ok=True)
        (own / medium.name).write_bytes(medium.content)


class _References:
    """The number columns that point to other exports, instead of internal ids."""

    def __init__(self, company: Company) -> None:
        self._economic_units = {e.id: e.number for e in company.economic_units}
        self._units = {u.id: u for u in company.units}
        self._leases = {lease.id: lease for lease in company.leases}
        self._persons = {p.id: p.number for p in company.persons}
        self._find: Mapping[type[Entity], Callable[[Any], dict[str, str]]] = {
            Building: self._building,
            Lease: self._lease,
            TenantRole: self._tenant_role,
            RentItem: self._part_of_lease,
        }

    def of(self, record: Entity) -> dict[str, str]:
        """Field name -> number, for the fields that the record itself does not have."""
        find = self._find.get(type(record))
        return find(record) if find else {}

    def _building(self, record: Building) -> dict[str, str]:
        return {"ref.economic_unit": self._economic_units.get(record.economic_unit_id or "", "")}

    def _lease(self, record: Lease) -> dict[str, str]:
        unit = self._units[record.unit_id]
        return {
            "erp_key": record.id,
            "ref.economic_unit": unit.economic_unit,
            "ref.building": unit.building,
            "ref.unit": unit.number,
        }

    def _part_of_lease(self, record: TenantRole | RentItem) -> dict[str, str]:
        lease = self._leases[record.lease_id]
        return {"mandant": lease.mandant, "erp_key": lease.id, "ref.lease": lease.number}

    def _tenant_role(self, record: TenantRole) -> dict[str, str]:
        return {**self._part_of_lease(record), "ref.person": self._persons[record.person_id]}


def _rows(layout: Layout, records: list[Any], references: _References) -> Iterator[list[Any]]:
    for record in records:
        pointed = references.of(record)
        yield [pointed[name] if name in pointed else _field(record, name) for name in layout.columns]


def _field(record: Any, name: str) -> Any:
    """A field as a cell: text, day, number, or None; a dot reaches into a part of the record, if it has one.

    Files are not listed: they lie in the folders of their units.
    """
    if name == "attachments":
        return None
    value = record
    for part in name.split("."):
        value = None if value is None else getattr(value, part)
    if isinstance(value, tuple):
        return "|".join(value)
    if value is None or isinstance(value, date | Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return WORDS.get(value, value)


def _write_csv(
    path: Path, headings: tuple[str, ...], rows: Iterator[list[Any]], encoding: str, delimiter: str
) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(headings)
        writer.writerows([_german(cell) for cell in row] for row in rows)


def _german(cell: Any) -> str:
    """``1.234,50`` and ``31.12.2025``."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.strftime("%d.%m.%Y")
    if isinstance(cell, Decimal):
        return f"{cell:,f}".translate(str.maketrans(",.", ".,"))
    return str(cell)


def _write_xlsx(path: Path, headings: tuple[str, ...], rows: Iterator[list[Any]]) -> None:
    import xlsxwriter  # late: only exports need it

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, headings)
        for line, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(line, column, cell)
                elif cell is not None:
                    sheet.write_number(line, column, float(cell))
