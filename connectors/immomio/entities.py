"""What Immomio holds: the entities and their fields, each with its source in the ERP and its rule.

Directions, entities and conditions are documented; the field names are our assumption (README.md). Pure data.
"""

from __future__ import annotations

from connectors.contract import EntityMapping, Equality, Field, Kind
from connectors.letting import BUSINESS_PARTNER, PROSPECT

PROPERTY = "property"
UNIT = "unit"
TENANT = "tenant"
CONTRACT = "contract"
VACANCY = "vacancy"
APPLICATION = "application"
DOCUMENT = "document"

_ADDRESS = (
    Field("street", Kind.TEXT, "address.street", "I10", Equality.BLANKS),
    Field("houseNumber", Kind.TEXT, "address.house_number", "I10", Equality.BLANKS),
    Field("postalCode", Kind.TEXT, "address.postal_code", "I10", Equality.BLANKS),
    Field("city", Kind.TEXT, "address.city", "I10", Equality.BLANKS),
)

PROPERTY_MAPPING = EntityMapping(
    PROPERTY,
    (
        Field("kind", Kind.TEXT, "mandant, economic_unit, building", "I3"),
        Field("number", Kind.TEXT, "number", "I7"),
        Field("parent", Kind.TEXT, "mandant, building.economic_unit_id", "I7", Equality.EMPTY),
        Field("name", Kind.TEXT, "name", "I3", Equality.BLANKS),
        *_ADDRESS,
        Field("constructionYear", Kind.INTEGER, "construction_year", "I10"),
    ),
)
"""Mandant, Wirtschaftseinheit and Gebäude in one tree; ``kind`` is CLIENT, ECONOMIC_UNIT or BUILDING."""

UNIT_MAPPING = EntityMapping(
    UNIT,
    (
        Field("kind", Kind.TEXT, "unit.usage_raw", "I10"),
        Field("number", Kind.TEXT, "unit.number", "I7"),
        Field("property", Kind.TEXT, "unit.mandant, unit.economic_unit, unit.building", "I7"),
        *_ADDRESS,
        Field("floor", Kind.INTEGER, "unit.floor_raw", "I10"),
        Field("position", Kind.TEXT, "unit.floor_raw, unit.position", "I10", Equality.BLANKS),
        Field("rooms", Kind.DECIMAL, "unit.rooms", "I10"),
        Field("livingArea", Kind.DECIMAL, "unit.living_area", "I10"),
        Field("usableArea", Kind.DECIMAL, "unit.usable_area", "I10"),
    ),
)
"""A rentable unit; ``kind`` is FLAT, GARAGE or COMMERCIAL by the three lists of usage types."""

TENANT_MAPPING = EntityMapping(
    TENANT,
    (
        Field("clientNumber", Kind.TEXT, "lease.mandant", "C3"),
        Field("number", Kind.TEXT, "person.number", "I7"),
        Field("email", Kind.TEXT, "person.emails", "I4", personal=True),
        Field("salutation", Kind.TEXT, "person.salutation", "I3", Equality.BLANKS, personal=True),
        Field("title", Kind.TEXT, "person.title", "I3", Equality.BLANKS, personal=True),
        Field("firstName", Kind.TEXT, "person.first_name", "I3", Equality.BLANKS, personal=True),
        Field("lastName", Kind.TEXT, "person.last_name", "I3", Equality.BLANKS, personal=True),
        Field("companyName", Kind.TEXT, "person.company_name", "I3", Equality.BLANKS, personal=True),
        Field("phoneNumbers", Kind.LIST, "person.phones", "I3", Equality.EMPTY, personal=True),
        Field("language", Kind.TEXT, "person.language", "I3", Equality.EMPTY),
    ),
)
"""A tenant with an e-mail address: Immomio makes its user of it, keyed by that address."""

CONTRACT_MAPPING = EntityMapping(
    CONTRACT,
    (
        Field("clientNumber", Kind.TEXT, "lease.mandant", "C3"),
        Field("number", Kind.TEXT, "lease.number", "I7"),
        Field("unit", Kind.TEXT, "lease.unit_id", "I7"),
        Field("status", Kind.TEXT, "lease.status", "I3"),
        Field("start", Kind.DATE, "lease.start", "I3"),
        Field("end", Kind.DATE, "lease.end", "I3"),
        Field("mainTenant", Kind.TEXT, "tenant_role.role", "I9", Equality.EMPTY),
        Field("tenants", Kind.SET, "tenant_role.person_id", "I4"),
    ),
)
"""A running lease; ``unit``, ``mainTenant`` and ``tenants`` are ids of the records above."""

VACANCY_MAPPING = EntityMapping(
    VACANCY,
    (
        Field("kind", Kind.TEXT, "vacancy.usage_raw", "I10"),
        *(Field(f.name, f.kind, f"vacancy.{f.source}", f.rule, f.equality) for f in _ADDRESS),
        Field("country", Kind.TEXT, "vacancy.address.country", "I10"),
        Field("floor", Kind.INTEGER, "vacancy.floor_raw", "I10"),
        Field("position", Kind.TEXT, "vacancy.floor_raw, vacancy.position", "I10", Equality.BLANKS),
        Field("storeys", Kind.INTEGER, "vacancy.storeys", "I10"),
        Field("rooms", Kind.DECIMAL, "vacancy.rooms", "I10"),
        Field("livingArea", Kind.DECIMAL, "vacancy.living_area", "I10"),
        Field("usableArea", Kind.DECIMAL, "vacancy.usable_area", "I10"),
        Field("constructionYear", Kind.INTEGER, "vacancy.construction_year", "I10"),
        Field("availableFrom", Kind.DATE, "vacancy.available_from", "I10"),
        Field("baseRent", Kind.DECIMAL, "vacancy.net_cold_rent", "I8"),
        Field("coldRent", Kind.DECIMAL, "vacancy.net_cold_rent, vacancy.operating_costs", "I10"),
        Field("operatingCosts", Kind.DECIMAL, "vacancy.operating_costs", "I10"),
        Field("heatingCosts", Kind.DECIMAL, "vacancy.heating_costs", "I10"),
        Field("heatingIncluded", Kind.BOOLEAN, "vacancy.heating_included", "I10"),
        Field("surcharges", Kind.DECIMAL, "vacancy.surcharges", "I10"),
        Field("totalRent", Kind.DECIMAL, "vacancy.total_rent", "I10"),
        Field("deposit", Kind.DECIMAL, "vacancy.deposit", "I10"),
        Field("coopShares", Kind.DECIMAL, "vacancy.coop_shares", "I10"),
        Field("cellar", Kind.BOOLEAN, "vacancy.cellar", "I10"),
        Field("fittedKitchen", Kind.BOOLEAN, "vacancy.fitted_kitchen", "I10"),
        Field("intercom", Kind.BOOLEAN, "vacancy.intercom", "I10"),
        Field("lift", Kind.BOOLEAN, "vacancy.lift", "I10"),
        Field("bikeRoom", Kind.BOOLEAN, "vacancy.bike_room", "I10"),
        Field("guestToilet", Kind.BOOLEAN, "vacancy.guest_wc", "I10"),
        Field("balcony", Kind.BOOLEAN, "vacancy.balcony", "I10"),
        Field("barrierFree", Kind.BOOLEAN, "vacancy.barrier_free", "I10"),
        Field("wbsRequired", Kind.BOOLEAN, "vacancy.wbs_required", "I10"),
        Field("heating", Kind.TEXT, "vacancy.heating", "I10"),
        Field("energyKind", Kind.TEXT, "vacancy.energy.kind", "I10"),
        Field("energyValue", Kind.DECIMAL, "vacancy.energy.value", "I10"),
        Field("energyClass", Kind.TEXT, "vacancy.energy.rating", "I10"),
        Field("energyValidTo", Kind.DATE, "vacancy.energy.valid_to", "I10"),
        Field("energyIssued", Kind.DATE, "vacancy.energy.issued", "I10"),
        Field("energyCarrier", Kind.TEXT, "vacancy.energy.carrier", "I10", Equality.BLANKS),
        Field("energyYear", Kind.INTEGER, "vacancy.energy.building_year", "I10"),
        Field("energyHotWater", Kind.BOOLEAN, "vacancy.energy.with_hot_water", "I10"),
        Field("title", Kind.TEXT, "vacancy.title", "I10", Equality.BLANKS),
        Field("description", Kind.TEXT, "vacancy.description", "I10", Equality.BLANKS),
        Field("equipment", Kind.TEXT, "vacancy.equipment", "I10", Equality.BLANKS),
        Field("attachments", Kind.LIST, "vacancy.attachments", "I10", Equality.EMPTY),
    ),
)
"""A vacancy as Immomio shows it after the import of an OpenImmo object; its id is ``objektnr_extern``.

``kind`` is FLAT, GARAGE or COMMERCIAL. An attachment is the text ``GROUP|ref|check|title``; the reference is
its file name too, so that it stays the same from delivery to delivery.
"""

DOCUMENT_MAPPING = EntityMapping(
    DOCUMENT,
    (
        Field("title", Kind.TEXT, "document.title", "I19", personal=True),
        Field("createdAt", Kind.TIMESTAMP, "document.created_at", "I19"),
        Field("category", Kind.TEXT, "document.category", "I19"),
        Field("archive", Kind.TEXT, "document.archive", "I19"),
        Field("contract", Kind.TEXT, "document.indexes", "I20"),
        Field("tenants", Kind.SET, "tenant_role.person_id", "I20"),
        Field("size", Kind.INTEGER, "document.size", "I19"),
        Field("md5", Kind.TEXT, "document.md5", "I19"),
        Field("mode", Kind.TEXT, "settings.storage", "I19"),
    ),
)
"""A document of the archive; ``contract`` and ``tenants`` are ids of the records above, ``mode`` is stored or
metadata."""

BUSINESS_PARTNER_MAPPING = EntityMapping(
    BUSINESS_PARTNER,
    (
        Field("salutation", Kind.TEXT, "application.salutation", "I9", Equality.BLANKS, personal=True),
        Field("title", Kind.TEXT, "application.title", "I9", Equality.BLANKS, personal=True),
        Field("firstName", Kind.TEXT, "application.firstName", "I9", Equality.BLANKS, personal=True),
        Field("lastName", Kind.TEXT, "application.lastName", "I9", Equality.BLANKS, personal=True),
        Field("companyName", Kind.TEXT, "application.companyName", "I9", Equality.BLANKS, personal=True),
        Field("birthDate", Kind.DATE, "application.birthDate", "I9", personal=True),
        Field("email", Kind.TEXT, "application.email", "I9", Equality.BLANKS, personal=True),
        Field("phoneNumbers", Kind.LIST, "application.phoneNumbers", "I9", Equality.EMPTY, personal=True),
        Field("street", Kind.TEXT, "application.street", "I9", Equality.BLANKS, personal=True),
        Field("houseNumber", Kind.TEXT, "application.houseNumber", "I9", Equality.BLANKS, personal=True),
        Field("postalCode", Kind.TEXT, "application.postalCode", "I9", Equality.BLANKS),
        Field("city", Kind.TEXT, "application.city", "I9", Equality.BLANKS),
    ),
)
"""The Geschäftspartner that the ERP makes of an accepted main tenant."""

PROSPECT_MAPPING = EntityMapping(
    PROSPECT,
    (
        Field("clientNumber", Kind.TEXT, "application.vacancy", "I7"),
        Field("unit", Kind.TEXT, "application.vacancy", "I7"),
        Field("businessPartner", Kind.TEXT, "application.applicant", "I9"),
        Field("state", Kind.TEXT, "application.state", "I6"),
        Field("wantedStart", Kind.DATE, "application.wantedStart", "I6"),
        Field("acceptedRent", Kind.DECIMAL, "application.acceptedRent", "I6"),
        Field("message", Kind.TEXT, "application.message", "I6", Equality.BLANKS, personal=True),
    ),
)
"""The prospect with its offer that the ERP makes of an accepted application."""

APPLICATION_FIELDS = (
    Field("vacancy", Kind.TEXT, "application.vacancy", "I6"),  # id of the vacancy
    Field("state", Kind.TEXT, "application.state", "I6"),  # NEW, INVITED, ACCEPTED, REJECTED, DELETED
    Field("applicant", Kind.TEXT, "application.applicant", "I9"),
    Field("main", Kind.BOOLEAN, "application.main", "I9"),  # the main tenant, not somebody who moves in too
    Field("changedAt", Kind.TIMESTAMP, "application.changedAt", "I6"),
    *(
        Field(f.name, f.kind, f.source, f.rule, f.equality, f.personal)
        for f in BUSINESS_PARTNER_MAPPING.fields
    ),
    Field("wantedStart", Kind.DATE, "application.wantedStart", "I6"),
    Field("acceptedRent", Kind.DECIMAL, "application.acceptedRent", "I6"),
    Field("message", Kind.TEXT, "application.message", "I6", personal=True),
)
"""What Immomio gives of an application; it is read only. Co-applicants are applications of their own with
``main`` false."""

APPLICATION_MAPPING = EntityMapping(APPLICATION, APPLICATION_FIELDS)

VACANCY_STATE = "vacancy_state"

VACANCY_STATE_MAPPING = EntityMapping(
    VACANCY_STATE,
    (
        Field("state", Kind.TEXT, "vacancy.state", "I11"),  # IMPORTED, ONLINE, OFFLINE
        Field("prospects", Kind.INTEGER, "vacancy.prospects", "I11"),
        Field("link", Kind.TEXT, "vacancy.link", "I11"),
        Field("label", Kind.TEXT, "vacancy.street", "I11"),  # street, house number and city
    ),
)
"""What Immomio says of a vacancy beside what it was sent; read only."""
