"""OPENWOWI JSON to canonical entities, pure. Raises Failure ``erp.bad_payload`` and nothing else.

The wire is PascalCase; a field that is empty is usually missing altogether. A complaint names endpoint,
record and key, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from connectors.erp import vocabulary
from connectors.housing import (
    Address,
    Building,
    EconomicUnit,
    Entity,
    Lease,
    LeaseStatus,
    Person,
    PersonKind,
    RentCategory,
    RentItem,
    TenantRole,
    Unit,
)
from connectors.problems import Failure, Owner, Problem, Trouble

_CENT = Decimal("0.01")
_HALF = Decimal("0.5")
_TENTH = Decimal("0.1")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:?\d{2})?")


def bad_payload(where: str) -> Failure:
    """The one complaint about an answer that cannot be read; ``where`` is ``endpoint#record:key``."""
    return Failure(Problem("erp.bad_payload", Trouble.PAYLOAD, Owner.ERP_VENDOR, where=where))


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON object with the place it was found at; reads typed values and complains with that place."""

    data: Mapping[str, Any]
    endpoint: str
    record: str = "?"
    path: str = ""

    @staticmethod
    def of(raw: object, endpoint: str) -> Node:
        """A record of a page. Raises Failure unless it is an object with an ``Id``."""
        if not isinstance(raw, dict):
            raise bad_payload(endpoint)
        ident = Node(raw, endpoint).key("Id")
        return Node(raw, endpoint, ident)

    def bad(self, key: str) -> Failure:
        """The complaint about a key of this object."""
        return bad_payload(f"{self.endpoint}#{self.record}:{self.path}{key}")

    def text(self, key: str) -> str | None:
        """A text; None where it is missing or empty."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, str):
            raise self.bad(key)
        return value or None

    def key(self, key: str) -> str:
        """An internal id, number or text on the wire. Must be there."""
        value = self.data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
            raise self.bad(key)
        return str(value)

    def optional_key(self, key: str) -> str | None:
        """An internal id, or None."""
        return None if self.data.get(key) is None else self.key(key)

    def integer(self, key: str) -> int | None:
        """A whole number, or None."""
        value = self.data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self.bad(key)
        return value

    def decimal(self, key: str, places: Decimal = _CENT) -> Decimal | None:
        """A number with fixed places, or None."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise self.bad(key)
        try:
            return Decimal(str(value)).quantize(places, ROUND_HALF_UP)
        except (InvalidOperation, ValueError):
            raise self.bad(key) from None

    def truth(self, key: str) -> bool | None:
        """A truth value, or None where it is missing."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.bad(key)
        return value

    def flag(self, key: str) -> bool:
        """A truth value; a missing one is false, for empty fields are omitted."""
        return bool(self.truth(key))

    def date(self, key: str) -> date | None:
        """A calendar day, from ``YYYY-MM-DD`` or as a timestamp writes it, whatever its offset."""
        value = self.text(key)
        if value is None:
            return None
        if not (_DATE.fullmatch(value) or _STAMP.fullmatch(value)):
            raise self.bad(key)
        try:
            return datetime.fromisoformat(value).date()
        except ValueError:
            raise self.bad(key) from None

    def child(self, key: str) -> Node:
        """A nested object; an empty one where it is missing."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.bad(key)
        return Node(value or {}, self.endpoint, self.record, f"{self.path}{key}.")

    def children(self, key: str) -> list[Node]:
        """A list of nested objects; empty where it is missing."""
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.bad(key)
        return [Node(item, self.endpoint, self.record, f"{self.path}{key}.") for item in value]

    def __bool__(self) -> bool:
        return bool(self.data)


@dataclass(frozen=True, slots=True)
class Context:
    """What a record alone does not say: the Mandant of each economic unit id, and today."""

    mandanten: Mapping[str, str]
    today: date

    def mandant(self, node: Node, economic_unit: str | None) -> str:
        """CompanyCode of the record, else of its economic unit. Raises Failure where neither is known."""
        code = node.child("CompanyCode").text("Code") or self.mandanten.get(economic_unit or "")
        if not code:
            raise node.bad("CompanyCode.Code")
        return code


def company(node: Node) -> tuple[str, str]:
    """Code and name of the Mandant of an economic unit. Raises Failure without a code."""
    found = node.child("CompanyCode")
    code = found.text("Code")
    if not code:
        raise node.bad("CompanyCode.Code")
    return code, found.text("Name") or ""


def economic_unit(node: Node, _: Context) -> EconomicUnit:
    """CommercialInventory/EconomicUnits."""
    return EconomicUnit(
        id=node.record,
        number=node.text("IdNum") or "",
        mandant=company(node)[0],
        name=node.text("Name") or "",
        location=node.text("Location"),
        construction_year=node.integer("ConstructionYear"),
    )


def building(node: Node, context: Context) -> Building:
    """CommercialInventory/BuildingLands."""
    parent = node.child("EconomicUnit").optional_key("Id")
    details = node.child("Building")
    return Building(
        id=node.record,
        number=node.text("IdNum") or "",
        mandant=context.mandant(node, parent),
        economic_unit_id=parent,
        address=_address(node.child("EstateAddress")),
        construction_year=details.integer("ConstructionYear"),
        storeys=details.integer("BuildingNumberOfStoreys"),
    )


def unit(node: Node, context: Context) -> Unit:
    """CommercialInventory/UseUnits."""
    parent = node.child("EconomicUnit")
    usage_raw = node.child("CurrentUseUnitType").child("UseUnitUsageType").text("Name") or ""
    return Unit(
        id=node.record,
        number=node.text("IdNum") or "",
        mandant=context.mandant(node, parent.optional_key("Id")),
        economic_unit=parent.text("IdNum") or "",
        building=node.child("BuildingLand").text("IdNum") or "",
        usage_raw=usage_raw,
        usage=vocabulary.usage(usage_raw),
        floor_raw=node.child("Floor").text("Name"),
        position=node.child("Position").text("Name") or node.text("DescriptionOfPosition"),
        address=_address(node.child("EstateAddress")),
        rooms=_rooms(node),
        living_area=node.decimal("LivingSpace"),
        usable_area=node.decimal("UsableSpace"),
        heating_area=node.decimal("HeatingSpace"),
        target_rent_net=node.decimal("TargetRent"),
        managed_from=node.date("ManagementStart"),
        managed_to=node.date("ManagementEnd"),
    )


def _rooms(node: Node) -> Decimal | None:
    whole, halves = node.decimal("NumberOfRooms", _TENTH), node.decimal("NumberOfHalfRooms", _TENTH)
    if whole is None and halves is None:
        return None
    return (whole or Decimal(0)) + (halves or Decimal(0)) * _HALF


def _address(node: Node) -> Address:
    return Address(
        street=node.text("Street") or "",
        house_number=(node.text("HouseNumber") or "") + (node.text("HouseNumberAddition") or ""),
        postal_code=node.text("Zip") or "",
        city=node.text("Town") or "",
        country=vocabulary.country(node.text("CountryCode") or "DEU"),
    )


def person(node: Node, _: Context) -> Person:
    """PersonsRead/Persons. The convenience fields come first, then all other communications once each."""
    human, legal = node.child("NaturalPerson"), node.child("LegalPerson")
    emails = [node.child("FirstEmailCommunication").text("Content")]
    phones = [
        node.child("FirstMobilePhoneCommunication").text("Content"),
        node.child("FirstLandlinePhoneCommunication").text("Content"),
    ]
    for entry in node.children("Communications"):
        channel = vocabulary.channel(entry.child("CommunicationType").text("Name") or "")
        if channel == "email":
            emails.append(entry.text("Content"))
        elif channel == "phone":
            phones.append(entry.text("Content"))
    return Person(
        id=node.record,
        number=node.text("IdNum") or "",
        kind=PersonKind.NATURAL if node.flag("IsNaturalPerson") else PersonKind.LEGAL,
        title=human.text("Title"),
        first_name=human.text("FirstName"),
        last_name=human.text("LastName"),
        company_name=_joined(legal.text("LongName1"), legal.text("LongName2")),
        birth_date=human.date("BirthDate"),
        emails=_once(emails),
        phones=_once(phones),
    )


def _joined(*parts: str | None) -> str | None:
    return " ".join(p for p in parts if p) or None


def _once(values: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))


def lease(node: Node, context: Context) -> Lease:
    """RentAccounting/LicenseAgreements. The Mandant is that of the unit's economic unit."""
    use_unit = node.child("UseUnit")
    parent = use_unit.optional_key("EconomicUnitId")
    start, end = node.date("StartContract"), node.date("EndOfContract")
    name = node.child("StatusContract").text("Name") or ""
    return Lease(
        id=node.record,
        number=node.text("IdNum") or "",
        mandant=context.mandant(node, parent),
        unit_id=use_unit.key("Id"),
        status=vocabulary.status(name) or status_by_dates(start, end, context.today),
        start=start,
        end=end,
        is_vacancy=node.child("RestrictionOfUse").flag("IsVacancy"),
    )


def status_by_dates(start: date | None, end: date | None, today: date) -> LeaseStatus:
    """The state of a lease whose status word says nothing to us."""
    if end is not None:
        return LeaseStatus.ENDED if end < today else LeaseStatus.NOTICE_GIVEN
    return LeaseStatus.DRAFT if start is None else LeaseStatus.ACTIVE


def tenant_role(node: Node, _: Context) -> TenantRole:
    """RentAccountingPersonDetails/Contractors."""
    word = node.child("ContractorType").text("Name") or ""
    role, rank = vocabulary.role(word)
    return TenantRole(
        id=node.record,
        lease_id=node.key("LicenseAgreementId"),
        person_id=node.child("Person").key("Id"),
        role=role,
        role_raw=word,
        rank=rank,
        valid_from=node.date("ContractualUseValidFrom"),
        valid_to=node.date("ContractualUseValidTo"),
    )


def rent_item(node: Node, _: Context) -> RentItem:
    """RentAccounting/ContractPositions."""
    kind = node.child("ContractPositionType")
    net, gross = node.decimal("NetAmount"), node.decimal("Amount")
    if net is None or gross is None:
        raise node.bad("NetAmount" if net is None else "Amount")
    return RentItem(
        id=node.record,
        lease_id=node.child("LicenseAgreement").key("Id"),
        code=kind.text("ShortCode") or kind.key("Id"),
        label=kind.text("Name") or "",
        amount_net=net,
        amount_gross=gross,
        category=_category(kind),
        valid_from=node.date("ActiveFrom"),
        valid_to=node.date("ActiveTo"),
    )


_FLAGS: tuple[tuple[str, RentCategory], ...] = (
    ("IsPartOfNetRent", RentCategory.NETTOKALTMIETE),
    ("IsPrepaymentHeating", RentCategory.HEATING_COSTS),
    ("IsPrepaymentRunningCost", RentCategory.OPERATING_COSTS),
)


def _category(kind: Node) -> RentCategory:
    """The category its flags name; none or contradicting ones leave the item unmapped."""
    named = [category for flag, category in _FLAGS if kind.flag(flag)]
    return named[0] if len(named) == 1 else RentCategory.UNMAPPED


Parse = Callable[[Node, Context], Entity]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an entity is read, with which switches, how it is parsed, and what it does not carry."""

    path: str
    parse: Parse
    params: Mapping[str, str]
    not_supplied: tuple[str, ...] = ()


_COMPANY = {"includeCompanyCode": "true"}

ENDPOINTS: Mapping[str, Endpoint] = {
    "economic_unit": Endpoint("CommercialInventory/EconomicUnits", economic_unit, _COMPANY),
    "building": Endpoint("CommercialInventory/BuildingLands", building, _COMPANY),
    "unit": Endpoint("CommercialInventory/UseUnits", unit, _COMPANY),
    "person": Endpoint(
        "PersonsRead/Persons",
        person,
        {"includeCommunication": "true"},
        not_supplied=("salutation", "language"),
    ),
    "lease": Endpoint("RentAccounting/LicenseAgreements", lease, {}),
    "tenant_role": Endpoint("RentAccountingPersonDetails/Contractors", tenant_role, {}),
    "rent_item": Endpoint(
        "RentAccounting/ContractPositions", rent_item, {"includeContractPositionTypeDetails": "true"}
    ),
}


def parse_page(raw: object, endpoint: str) -> list[Node]:
    """The records of one page. Raises Failure unless it is a list of objects with an Id."""
    if not isinstance(raw, list):
        raise bad_payload(endpoint)
    return [Node.of(item, endpoint) for item in raw]
