"""Persons and contract parties as OPENWOWI writes them."""

from __future__ import annotations

import re

from connectors.erp.sandbox_state import Index
from connectors.erp.sandbox_wire_parts import (
    Flags,
    Json,
    catalogue,
    day,
    estate_address,
    named,
    unit_short,
)
from connectors.housing import Address, Person, PersonKind, TenantRole

GENDERS = {"Herr": (1, "männlich"), "Frau": (2, "weiblich")}
NO_GENDER = (3, "keine Angabe")
MAIL, LANDLINE, MOBILE = (1, "E-Mail"), (2, "Telefon"), (3, "Mobiltelefon")
_MOBILE = re.compile(r"^(\+49|0049|0)?1[567]")


def contractor(record: TenantRole, index: Index, flags: Flags) -> Json:
    """RentAccountingPersonDetails/Contractors, with the person nested."""
    contract = index.leases[record.lease_id]
    someone = index.persons[record.person_id]
    home = index.units[contract.unit_id].address
    nested = _person(
        someone,
        home,
        addresses="includepersonaddresses" in flags,
        communications="includepersoncommunications" in flags,
    )
    return {
        "Id": int(record.id),
        "LicenseAgreementId": int(contract.id),
        "LicenseAgreement": contract.number or None,
        "StartContract": day(contract.start),
        "EndOfContract": day(contract.end),
        "ContractualUseValidFrom": day(record.valid_from),
        "ContractualUseValidTo": day(record.valid_to),
        "ContractorType": catalogue(record.role_raw),
        "UseUnit": unit_short(contract, index),
        "Person": {"Shortname": _short_name(someone), **nested},
        "DefaultAddress": _postal_address(someone, home),
    }


def person(record: Person, index: Index, flags: Flags) -> Json:
    """PersonsRead/Persons; the short name is spelled with a capital N here, unlike in Contractors."""
    leases = index.leases_of.get(record.id)
    home = index.units[index.leases[leases[-1]].unit_id].address if leases else None
    return {
        "ShortName": _short_name(record),
        **_person(
            record,
            home,
            addresses="includeaddress" in flags,
            communications="includecommunication" in flags,
        ),
    }


def _person(record: Person, home: Address | None, *, addresses: bool, communications: bool) -> Json:
    natural = record.kind is PersonKind.NATURAL
    channels = _communications(record) if communications else []

    def first(kind: tuple[int, str]) -> Json | None:
        return next((c for c in channels if c["CommunicationType"]["Id"] == kind[0]), None)

    return {
        "Id": int(record.id),
        "IdNum": record.number or None,
        "Name": _name(record),
        "TaxNumber": None,
        "TaxIdentificationNumber": None,
        "ValidFrom": "2000-01-01",
        "ValidTo": None,
        "IsNaturalPerson": natural,
        "NaturalPerson": {
            "FirstName": record.first_name,
            "LastName": record.last_name,
            "BirthDate": day(record.birth_date),
            "Gender": named(GENDERS.get(record.salutation or "", NO_GENDER)),
            "DeathDate": None,
            "Title": record.title,
        },
        "LegalPerson": {
            "LongName1": record.company_name,
            "LongName2": None,
            "VatId": None,
            "CommercialRegisterNumber": None,
            "CommercialRegisterTown": None,
        },
        "Addresses": [_postal_address(record, home)] if addresses and home else [],
        "Communications": channels,
        "BankAccounts": [],
        "FirstEmailCommunication": first(MAIL),
        "FirstLandlinePhoneCommunication": first(LANDLINE),
        "FirstMobilePhoneCommunication": first(MOBILE),
    }


def _communications(record: Person) -> list[Json]:
    entries = [(MAIL, mail) for mail in record.emails]
    entries += [(MOBILE if _MOBILE.match(_digits(p)) else LANDLINE, p) for p in record.phones]
    return [
        {
            "Id": int(record.id) * 10 + place,
            "RelatedAddressId": None,
            "RelatedAddress": None,
            "Content": content,
            "Explanation": None,
            "CommunicationType": named(kind),
        }
        for place, (kind, content) in enumerate(entries)
    ]


def _digits(phone: str) -> str:
    return "".join(c for c in phone if c.isdigit() or c == "+")


def _name(record: Person) -> str | None:
    if record.kind is PersonKind.LEGAL:
        return record.company_name
    return ", ".join(part for part in (record.last_name, record.first_name) if part) or None


def _short_name(record: Person) -> str:
    return (record.last_name or record.company_name or "")[:10].upper()


def _postal_address(record: Person, home: Address) -> Json:
    street = estate_address(home)
    return {
        "Id": int(record.id),
        **{key: value for key, value in street.items() if not key.startswith("Country")},
        "ValidFrom": "2000-01-01",
        "ValidTo": None,
        "MainAddress": True,
        "AddressType": named((1, "Hauptadresse")),
        "Country": {"Id": street["CountryId"], "Name": "Deutschland", "Code": street["CountryCode"]},
    }
