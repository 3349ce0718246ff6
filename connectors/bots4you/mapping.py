"""What a Bots4You record holds and where each field comes from (wire reference housing 8b).

Field names are our assumption; directions, entities and conditions are documented. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.contract import EntityMapping, Equality, Field, Kind, Value
from connectors.housing import Lease, Person, TicketCategory, Unit
from connectors.ids import clean
from connectors.spelling import email, phones, text, unit_label

TENANT = "tenant"
TICKET_CATEGORY = "ticket_category"

_BIRTH_DATE = Field("birthDate", Kind.DATE, "person.birth_date", "B10", personal=True)

TENANT_MAPPING = EntityMapping(
    TENANT,
    (
        Field("clientNumber", Kind.TEXT, "lease.mandant", "C3"),
        Field("contractNumber", Kind.TEXT, "lease.number", "B3"),
        Field("contractStatus", Kind.TEXT, "lease.status", "B3"),
        Field("contractStart", Kind.DATE, "lease.start", "B3"),
        Field("contractEnd", Kind.DATE, "lease.end", "B3"),
        Field("isMainTenant", Kind.BOOLEAN, "tenant_role.role", "B3"),
        Field("salutation", Kind.TEXT, "person.salutation", "B2", Equality.BLANKS, personal=True),
        Field("firstName", Kind.TEXT, "person.first_name", "B2", Equality.BLANKS, personal=True),
        Field("lastName", Kind.TEXT, "person.last_name", "B2", Equality.BLANKS, personal=True),
        Field("companyName", Kind.TEXT, "person.company_name", "B2", Equality.BLANKS, personal=True),
        _BIRTH_DATE,
        Field("phoneNumbers", Kind.LIST, "person.phones", "B10", Equality.EMPTY, personal=True),
        Field("email", Kind.TEXT, "person.emails", "B10", Equality.EMPTY, personal=True),
        Field("street", Kind.TEXT, "unit.address.street", "B10", Equality.BLANKS, personal=True),
        Field("houseNumber", Kind.TEXT, "unit.address.house_number", "B10", Equality.BLANKS, personal=True),
        Field("postalCode", Kind.TEXT, "unit.address.postal_code", "B10", Equality.BLANKS),
        Field("city", Kind.TEXT, "unit.address.city", "B10", Equality.BLANKS),
        Field("unitLabel", Kind.TEXT, "unit.floor_raw, unit.position", "B2", Equality.BLANKS),
        Field("language", Kind.TEXT, "person.language", "B2", Equality.EMPTY),
        Field("unitId", Kind.TEXT, "unit.number", "C2"),
    ),
)
"""Every field a tenant record can hold; ``tenant_mapping`` gives the ones in force."""

TICKET_CATEGORY_MAPPING = EntityMapping(
    TICKET_CATEGORY,
    (
        Field("name", Kind.TEXT, "ticket_category.label", "B4", Equality.BLANKS),
        Field("kind", Kind.TEXT, "ticket_category.kind", "B4"),
        Field("parent", Kind.TEXT, "ticket_category.parent", "B4", Equality.EMPTY),
        Field("active", Kind.BOOLEAN, "ticket_category.active", "B4"),
    ),
)


def tenant_mapping(*, birth_date: bool) -> EntityMapping:
    """The tenant's fields in force: the birth date is sent only where the customer wants it compared."""
    fields = tuple(f for f in TENANT_MAPPING.fields if birth_date or f is not _BIRTH_DATE)
    return EntityMapping(TENANT, fields)


def tenant_fields(
    lease: Lease, unit: Unit, person: Person, *, main: bool, unit_id: str, birth_date: bool
) -> Mapping[str, Value]:
    """The fields of one tenant in one running lease, in the mapping's order."""
    fields: dict[str, Value] = {
        "clientNumber": clean(lease.mandant),
        "contractNumber": clean(lease.number),
        "contractStatus": lease.status.value,
        "contractStart": lease.start,
        "contractEnd": lease.end,
        "isMainTenant": main,
        "salutation": text(person.salutation),
        "firstName": text(person.first_name),
        "lastName": text(person.last_name),
        "companyName": text(person.company_name),
    }
    if birth_date:
        fields["birthDate"] = person.birth_date
    return fields | {
        "phoneNumbers": phones(person.phones),
        "email": email(person),
        "street": text(unit.address.street),
        "houseNumber": text(unit.address.house_number),
        "postalCode": text(unit.address.postal_code),
        "city": text(unit.address.city),
        "unitLabel": unit_label(unit),
        "language": text((person.language or "").lower()),
        "unitId": unit_id,
    }


def category_fields(category: TicketCategory) -> Mapping[str, Value]:
    """The fields of a ticket category, in the mapping's order."""
    return {
        "name": text(category.label),
        "kind": category.kind.value,
        "parent": text(category.parent),
        "active": category.active,
    }


CALLER_PARAMETERS: Mapping[str, Callable[[Unit, Person], str | None]] = {
    "birth_date": lambda _, person: person.birth_date.isoformat() if person.birth_date else None,
    "last_name": lambda _, person: (text(person.last_name or person.company_name) or "").casefold(),
    "postal_code": lambda unit, _: text(unit.address.postal_code),
    "house_number": lambda unit, _: (text(unit.address.house_number) or "").casefold(),
    "phone": lambda _, person: next(iter(phones(person.phones)), None),
    "email": lambda _, person: (email(person) or "").casefold(),
    "partner_number": lambda _, person: clean(person.number),
}
"""What a caller may be asked for beside the contract number (rule B10), as it would be compared."""
