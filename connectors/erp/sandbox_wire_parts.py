"""Pieces that several OPENWOWI records share: addresses, short forms of other records, catalogue entries."""

from __future__ import annotations

import zlib
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.erp.sandbox_state import Index
from connectors.housing import Address, EconomicUnit, Lease

Json = dict[str, Any]
Flags = frozenset[str]
"""Names of the ``include...`` switches that are on, in lower case."""


def without_nulls(value: Json) -> Json:
    """The same without keys whose value is null, an empty object or an empty list."""
    kept: Json = {}
    for key, item in value.items():
        kind = type(item)
        if kind is dict:
            item = without_nulls(item) or None
        elif kind is list:
            item = [without_nulls(entry) for entry in item] or None
        if item is not None:
            kept[key] = item
    return kept


def estate_address(address: Address) -> Json:
    """An address of the stock."""
    digits = address.house_number.rstrip("abcdefghijklmnopqrstuvwxyz")
    return {
        "Zip": address.postal_code or None,
        "Town": address.city or None,
        "Street": address.street or None,
        "HouseNumber": digits or None,
        "HouseNumberAddition": address.house_number[len(digits) :] or None,
        "CountryId": 1,
        "CountryCode": "DE" if address.country == "DEU" else address.country,
        "StreetComplete": f"{address.street} {address.house_number}".strip() or None,
        "HouseNumberComplete": address.house_number or None,
    }


def economic_unit_short(record: EconomicUnit) -> Json:
    """An economic unit nested in another record; never null."""
    return {
        "Id": int(record.id),
        "IdNum": record.number or None,
        "Name": record.name or None,
        "Location": record.location,
    }


def unit_short(contract: Lease, index: Index) -> Json:
    """The unit of a lease, nested."""
    record = index.units[contract.unit_id]
    parent = index.buildings[record.mandant, record.economic_unit, record.building]
    return {
        "Id": int(record.id),
        "UseUnitNumber": record.number or None,
        "BuildingLandId": int(parent.id),
        "EconomicUnitId": int(parent.economic_unit_id or 0),
        "EconomicUnit": record.economic_unit or None,
    }


def company_code(code: str, index: Index) -> Json:
    """A Mandant, nested."""
    mandant = index.mandanten[code]
    return {"Id": code_of(mandant.id), "Name": mandant.name, "Code": mandant.number, "ArgeCode": None}


def catalogue(text: str | None) -> Any:
    """A catalogue entry; equal texts have equal ids."""
    return None if not text else named((code_of(text), text))


def named(entry: tuple[int, str]) -> Json:
    """Id and name of a catalogue entry."""
    return {"Id": entry[0], "Name": entry[1]}


def code_of(text: str) -> int:
    """A stable id for a text without one."""
    return int(text) if text.isascii() and text.isdigit() else zlib.crc32(text.encode()) % 100_000


def number(value: Decimal | None) -> float | None:
    """An amount or area as a JSON number."""
    return None if value is None else float(value)


def day(value: date | None) -> str | None:
    """``YYYY-MM-DD``."""
    return None if value is None else value.isoformat()
