"""Records of the seeded company as OPENWOWI writes them: PascalCase, every known key, null where empty.

Pure. ``Flags`` are the ``include...`` switches of the request. Texts of catalogues are data at the top.
Persons stand in ``sandbox_wire_people.py``, shared pieces in ``sandbox_wire_parts.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from connectors.erp.sandbox_state import Index
from connectors.erp.sandbox_wire_parts import (
    Flags,
    Json,
    catalogue,
    code_of,
    company_code,
    day,
    economic_unit_short,
    estate_address,
    named,
    number,
    unit_short,
)
from connectors.erp.sandbox_wire_people import contractor, person
from connectors.housing import (
    Building,
    EconomicUnit,
    Lease,
    LeaseStatus,
    Person,
    RentCategory,
    RentItem,
    TenantRole,
    Unit,
    UsageClass,
)

STATUS = {
    LeaseStatus.DRAFT: (1, "Entwurf"),
    LeaseStatus.ACTIVE: (2, "Aktiv"),
    LeaseStatus.NOTICE_GIVEN: (3, "Gekündigt"),
    LeaseStatus.ENDED: (4, "Beendet"),
}
CLASSES = {
    UsageClass.RESIDENTIAL: (1, "Wohnung"),
    UsageClass.COMMERCIAL: (2, "Gewerbe"),
    UsageClass.PARKING: (3, "Garage/Stellplatz"),
    UsageClass.STORAGE: (4, "Sonstiges"),
    UsageClass.OTHER: (4, "Sonstiges"),
}
RESTRICTIONS = {
    UsageClass.RESIDENTIAL: (1, "Wohnraummietvertrag"),
    UsageClass.COMMERCIAL: (2, "Gewerbemietvertrag"),
    UsageClass.PARKING: (3, "Stellplatzmietvertrag"),
    UsageClass.STORAGE: (4, "Sonstiger Vertrag"),
    UsageClass.OTHER: (4, "Sonstiger Vertrag"),
}
VACANCY = (9, "Leerstand")
POSITION_FLAGS = {
    RentCategory.NETTOKALTMIETE: {"IsPartOfNetRent", "IsGrossRentWithoutHeating"},
    RentCategory.OPERATING_COSTS: {"IsPrepaymentRunningCost", "IsGrossRentWithoutHeating"},
    RentCategory.HEATING_COSTS: {"IsPrepaymentHeating"},
}
ALL_POSITION_FLAGS = (
    "Deposit", "WbRelevant", "BgbRelevant", "IsPartOfNetRent", "UsingCpAsPrepaymentBlock",
    "IsGrossRentWithoutHeating", "IsPartOfNetRentCensus", "IsBasisCalculationReminderChargeInterest",
    "IsPrepaymentHeating", "IsPrepaymentRunningCost", "ReportAsSinkingFund",
)  # fmt: skip


def economic_unit(record: EconomicUnit, index: Index, flags: Flags) -> Json:
    """CommercialInventory/EconomicUnits."""
    return {
        "Id": int(record.id),
        "IdNum": record.number or None,
        "Name": record.name or None,
        "Location": record.location,
        "ConstructionYear": record.construction_year,
        "Info": None,
        "BindingEndDate": None,
        "Owner": {"Id": code_of(record.mandant), "OwnerNumber": f"E{record.mandant}"},
        "AssetIdentification": named((1, "Anlagevermögen")),
        "StatusInventory": named((1, "Bestand")),
        "District": None,
        "MonumentalProtectionType": None,
        "RegionalResponsibility": None,
        "CompanyCode": company_code(record.mandant, index) if "includecompanycode" in flags else None,
    }


def building(record: Building, index: Index, flags: Flags) -> Json:
    """CommercialInventory/BuildingLands."""
    return {
        "Id": int(record.id),
        "IdNum": record.number or None,
        "BuildingLandType": "Gebäude",
        "EntryDate": None,
        "ExitDate": None,
        "ExitReason": None,
        "EconomicUnit": economic_unit_short(index.economic_units[record.economic_unit_id or ""]),
        "EstateAddress": estate_address(record.address),
        "Land": None,
        "Building": {
            "ConstructionYear": record.construction_year,
            "MoveInDate": None,
            "BuildingNumberOfStoreys": record.storeys,
            "BuildingType": named((1, "Mehrfamilienhaus")),
            "ConstructionMethod": None,
            "District": None,
            "MonumentalProtectionType": None,
            "Origin": named((1, "Neubau")),
            "ChangeReason": None,
        },
        "CompanyCode": company_code(record.mandant, index) if "includecompanycode" in flags else None,
    }


def unit(record: Unit, index: Index, flags: Flags) -> Json:
    """CommercialInventory/UseUnits."""
    parent = index.buildings[record.mandant, record.economic_unit, record.building]
    current = {
        "Id": int(record.id),
        "ValidFrom": _stamp(record.managed_from, record.id),
        "ValidTo": _stamp(record.managed_to, record.id),
        "UseUnitUsageType": _usage_type(record),
    }
    rooms = record.rooms
    return {
        "Id": int(record.id),
        "IdNum": record.number or None,
        "BuildingLand": {
            "Id": int(parent.id),
            "IdNum": parent.number or None,
            "BuildingLandType": "Gebäude",
        },
        "EconomicUnit": economic_unit_short(index.economic_units[parent.economic_unit_id or ""]),
        "EstateAddress": estate_address(record.address),
        "CurrentUseUnitType": current,
        "CurrentFinancingType": None,
        "UsableSpace": number(record.usable_area),
        "LivingSpace": number(record.living_area),
        "HeatingSpace": number(record.heating_area),
        "NumberOfRooms": None if rooms is None else int(rooms),
        "NumberOfHalfRooms": None if rooms is None else int(rooms % 1 * 2),
        "DescriptionOfPosition": record.position,
        "TargetRent": number(record.target_rent_net),
        "ManagementStart": day(record.managed_from),
        "ManagementEnd": day(record.managed_to),
        "BindingEndDate": None,
        "MoveInDate": None,
        "EntryDate": day(record.managed_from),
        "EntryReason": named((1, "Zugang")),
        "ExitDate": None,
        "ExitReason": None,
        "EnergyCertificateId": None,
        "Position": catalogue(record.position),
        "Floor": _floor(record.floor_raw),
        "ResidentialAuthorization": None,
        "BillingUnits": [] if "includebillingunits" in flags else None,
        "UseUnitTypes": [current] if "includeuseunittypes" in flags else None,
        "CompanyCode": company_code(record.mandant, index),
    }


def lease(record: Lease, index: Index, flags: Flags) -> Json:
    """RentAccounting/LicenseAgreements."""
    kind = VACANCY if record.is_vacancy else RESTRICTIONS[index.units[record.unit_id].usage]
    bank = {
        "Id": int(record.id),
        "UseVirtualIban": False,
        "VirtualIban": None,
        "FormerVirtualIban": None,
        "CollectiveAccount": None,
    }
    return {
        "Id": int(record.id),
        "IdNum": record.number or None,
        "UseUnit": unit_short(record, index),
        "RestrictionOfUse": {**named(kind), "NodeId": 1, "IsVacancy": record.is_vacancy},
        "StatusContract": named(STATUS[record.status]),
        "LifeOfContract": named((1, "unbefristet") if record.end is None else (2, "befristet")),
        "PaymentInterval": named((1, "monatlich")),
        "DunningData": {"Dunningblock": False, "DunningLevel": None},
        "DebitEntryType": named((1, "Sollstellung")),
        "StartContract": day(record.start),
        "EndOfContract": day(record.end),
        "PeriodOfNotice": named((1, "3 Monate")),
        "DifferingMaturity": None,
        "Banking": bank if "includebanking" in flags else None,
    }


def rent_item(record: RentItem, index: Index, flags: Flags) -> Json:
    """RentAccounting/ContractPositions; the flags of the position type only on demand."""
    kind = {
        "Id": code_of(record.code),
        "Name": record.label or None,
        "ShortCode": record.code,
    }
    on = POSITION_FLAGS.get(record.category, set())
    details = {
        **kind,
        "NodeId": 1,
        "AssignmentPrepayment": None,
        **{flag: flag in on for flag in ALL_POSITION_FLAGS},
    }
    contract = index.leases[record.lease_id]
    vat = (2, "19") if record.amount_gross != record.amount_net else (1, "0")
    return {
        "Id": int(record.id),
        "NetAmount": number(record.amount_net),
        "Amount": number(record.amount_gross),
        "ActiveFrom": day(record.valid_from),
        "ActiveTo": day(record.valid_to),
        "LicenseAgreement": {
            "Id": int(contract.id),
            "IdNum": contract.number or None,
            "UseUnit": unit_short(contract, index),
        },
        "VatRate": {"Id": vat[0], "Code": vat[1]},
        "ValidContractPosition": named((1, "gültig")),
        "ChangeReasonContracts": named((1, "Vertragsbeginn")),
        "ContractPositionType": details if "includecontractpositiontypedetails" in flags else None,
        "ContractPositionTypeSlim": kind,
    }


def _usage_type(record: Unit) -> Json:
    class_id, class_name = CLASSES[record.usage]
    return {
        "Id": code_of(record.usage_raw),
        "Name": record.usage_raw or None,
        "ClassificationId": class_id,
        "ClassificationName": class_name,
    }


def _floor(text: str | None) -> Json | None:
    if text is None:
        return None
    digits = re.match(r"\d+", text)
    below = text.casefold().startswith(("keller", "souterrain"))
    return {**catalogue(text), "LevelToGround": -1 if below else int(digits[0]) if digits else 0}


def _stamp(value: date | None, key: str) -> str | None:
    """A timestamp; some records of a field carry microseconds, some do not."""
    if value is None:
        return None
    return f"{value.isoformat()}T00:00:00{'.123456' if key[-1] in '02468' else ''}+0100"


Write = Callable[[Any, Index, Flags], Json]

WRITERS: Mapping[str, Write] = {
    EconomicUnit.NAME: economic_unit,
    Building.NAME: building,
    Unit.NAME: unit,
    Lease.NAME: lease,
    RentItem.NAME: rent_item,
    TenantRole.NAME: contractor,
    Person.NAME: person,
}
"""How each entity is written."""
