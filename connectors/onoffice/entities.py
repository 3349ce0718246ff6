"""What is read of onOffice: addresses, users, letting objects. Which field becomes which stands here alone.

A field that this customer has switched off is not asked for; the record then holds None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Record, Value
from connectors.onoffice.wire import READ, Call, Row, selected

ADDRESS = "address"
USER = "user"
ESTATE = "estate"

SYSTEM_USER = "Systembenutzer"
"""The contact type of an address that stands for a user; onOffice sets it."""
BROKER = "Makler"
"""The contact type that lets an address be a contact person; customers rename its label, not this key."""
CONTACT_TYPES = "ArtDaten"
"""What onOffice calls the field with the contact types."""
MAIN_EMAIL = "Email"
EMAILS = ("email", "defaultemail")
"""Names in ``data`` for all e-mail entries and for the default one."""
ARCHIVED = "status2adr_archive"
LETTING = ("miete", "pacht")


@dataclass(frozen=True, slots=True)
class Entity:
    """Where an entity is read, and what its records are made of. ``one`` gives the filter for an id."""

    resource_type: str
    data: tuple[str, ...]
    fields: Callable[[Mapping[str, Any]], dict[str, Value]]
    filter: Mapping[str, Any] = field(default_factory=dict)
    id_field: str = ""

    def all(self, data: list[str]) -> Call:
        """The call for all records that matter."""
        return Call(READ, self.resource_type, parameters={"data": data, "filter": dict(self.filter)})

    def single(self, data: list[str], key: int) -> Call:
        """The call for one record, whether it matters or not."""
        if not self.id_field:
            return Call(READ, self.resource_type, parameters={"data": data, "recordids": [key]})
        wanted = {self.id_field: [{"op": "=", "val": key}]}
        return Call(READ, self.resource_type, parameters={"data": data, "filter": wanted})


def emails(elements: Mapping[str, Any]) -> dict[str, str]:
    """The e-mail entries of an address: each with the name by which it is changed (``email_business``)."""
    found: dict[str, str] = {}
    for name, value in elements.items():
        kind, parted, rest = name.partition("__")
        if parted and "__" not in rest and isinstance(value, str) and value and kind in _ENTRIES:
            found.setdefault(value, _ENTRIES[kind])
    return found


def main_email(elements: Mapping[str, Any]) -> str | None:
    """The default e-mail entry, None where there is none."""
    default = (
        _text(value)
        for name, value in elements.items()
        if name.startswith("defaultemail") and not name.endswith("__Comment")
    )
    return _text(elements.get(MAIN_EMAIL)) or next(filter(None, default), None)


_ENTRIES = {"email": "email", "emailprivate": "email_private", "emailbusiness": "email_business"}


def _address(elements: Mapping[str, Any]) -> dict[str, Value]:
    status = _text(elements.get("Status2Adr"))
    return {
        "customer_number": _text(elements.get("KdNr")),
        "first_name": _text(elements.get("Vorname")),
        "last_name": _text(elements.get("Name")),
        "company": _text(elements.get("Zusatz1")),
        "contact_types": selected(elements.get(CONTACT_TYPES)),
        "email": main_email(elements),
        "emails": tuple(emails(elements)),
        "archived": None if status is None else status == ARCHIVED,
    }


def _user(elements: Mapping[str, Any]) -> dict[str, Value]:
    address = _text(elements.get("adrId:adressen.ID"))
    return {
        "login": _text(elements.get("Name")),
        "first_name": _text(elements.get("Vorname")),
        "last_name": _text(elements.get("Nachname")),
        "email": _text(elements.get("email")),
        "address": None if address == "0" else address,
        "online": _text(elements.get("online")),
        "account": _text(elements.get("usesAccount:account.id")),
    }


def _estate(elements: Mapping[str, Any]) -> dict[str, Value]:
    names = {
        "number": "objektnr_extern", "title": "objekttitel", "marketing": "vermarktungsart",
        "street": "strasse", "house_number": "hausnummer", "postal_code": "plz", "city": "ort",
        "user": "benutzer", "changed_at": "geaendert_am",
    }  # fmt: skip
    flags = {"let": "verkauft", "reserved": "reserviert", "base": "stammobjekt"}
    told: dict[str, Value] = {name: _text(elements.get(wire)) for name, wire in names.items()}
    return told | {name: _flag(elements.get(wire)) for name, wire in flags.items()}


def _text(value: Any) -> str | None:
    """A text; numbers come as one or as the other."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _flag(value: Any) -> bool | None:
    return {"1": True, "true": True, "0": False, "false": False}.get(str(value).casefold())


ENTITIES: Mapping[str, Entity] = {
    ADDRESS: Entity(
        "address",
        ("KdNr", "Vorname", "Name", "Zusatz1", CONTACT_TYPES, "Status2Adr", MAIN_EMAIL, *EMAILS),
        _address,
        {CONTACT_TYPES: [{"op": "in", "val": [SYSTEM_USER, BROKER]}]},
    ),
    USER: Entity(
        "user",
        (
            "Nr", "Name", "Vorname", "Nachname", "email", "adrId:adressen.ID", "online",
            "usesAccount:account.id",
        ),
        _user,
        id_field="Nr",
    ),
    ESTATE: Entity(
        "estate",
        (
            "Id", "objektnr_extern", "objekttitel", "vermarktungsart", "verkauft", "reserviert",
            "stammobjekt", "benutzer", "strasse", "hausnummer", "plz", "ort", "geaendert_am",
        ),
        _estate,
        {
            "vermarktungsart": [{"op": "in", "val": list(LETTING)}],
            "status": [{"op": "=", "val": 1}],
        },
        id_field="Id",
    ),
}  # fmt: skip


def record(entity: str, row: Row, **more: Value) -> Record:
    """A record out of a row; ``more`` are fields that come from elsewhere, such as relations."""
    return Record(entity, str(row.id), ENTITIES[entity].fields(row.elements) | more)
