"""The records of the Immomio double: shelves with their fields, and what refuses a record.

Written from the assumed wire form alone; it shares no code with the client, so that a slip in one of them
shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Fields = dict[str, Any]
MOST_DIGITS = 1_000_000_000_000


class Refusal(Exception):
    """An answer that is no success; ``details`` stand in its body beside the code."""

    def __init__(self, status: int, code: str, name: str | None = None, **details: str) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"error": code} | ({} if name is None else {"field": name}) | details


def is_text(value: Any) -> bool:
    """Whether it is a text that UTF-8 can carry."""
    if not isinstance(value, str):
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value) if not value.isascii() else True


def is_day(value: Any) -> bool:
    """Whether it is a day, YYYY-MM-DD."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_flag(value: Any) -> bool:
    """Whether it is true or false."""
    return isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < MOST_DIGITS


def is_decimal(value: Any) -> bool:
    """Whether it is a number with at most two places."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if not abs(value) < MOST_DIGITS:  # not a number is refused as well
        return False
    number = Decimal(str(value))
    return number == round(number, 2)


def is_texts(value: Any) -> bool:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(map(is_text, value))


def _is_one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


Checks = Mapping[str, Callable[[Any], bool]]


def _texts(*names: str) -> Checks:
    return dict.fromkeys(names, is_text)


_ADDRESS = _texts("street", "houseNumber", "postalCode", "city")
PROPERTY: Checks = {
    "kind": _is_one_of("CLIENT", "ECONOMIC_UNIT", "BUILDING"),
    **_texts("number", "parent", "name"),
    **_ADDRESS,
    "constructionYear": is_whole,
}
UNIT: Checks = {
    "kind": _is_one_of("FLAT", "GARAGE", "COMMERCIAL"),
    **_texts("number", "property"),
    **_ADDRESS,
    "floor": is_whole,
    "position": is_text,
    **dict.fromkeys(("rooms", "livingArea", "usableArea"), is_decimal),
}
TENANT: Checks = {
    **_texts("clientNumber", "number", "email", "salutation", "title", "firstName", "lastName"),
    "companyName": is_text,
    "phoneNumbers": is_texts,
    "language": is_text,
}
CONTRACT: Checks = {
    **_texts("clientNumber", "number", "unit", "status"),
    "start": is_day,
    "end": is_day,
    "mainTenant": is_text,
    "tenants": is_texts,
}


@dataclass(slots=True)
class Shelf:
    """The records of one entity by id. ``filled`` fields must hold something; ``related`` refuses a record
    whose relations do not exist, ``kept`` one that may not go."""

    right: str
    fields: Checks
    filled: tuple[str, ...] = ()
    related: Callable[[str, Fields], None] | None = None
    kept: Callable[[str], None] | None = None
    records: dict[str, Fields] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    order: list[str] | None = None  # sorted ids, None when they have to be sorted anew

    def check(self, id_: str, fields: Any) -> None:
        """Whether this is a whole record that may be stored. Raises Refusal."""
        if not isinstance(fields, dict):
            raise Refusal(422, "wrong_type")
        for name in fields:
            if name not in self.fields:
                raise Refusal(422, "unknown_field", name)
        for name, fits in self.fields.items():
            if name not in fields:
                raise Refusal(422, "missing_field", name)
            value = fields[name]
            if value is not None and not fits(value):
                raise Refusal(422, "wrong_type", name)
            if name in self.filled and not value:
                raise Refusal(422, "empty_field", name)
        if self.related:
            self.related(id_, fields)

    def put(self, id_: str, fields: Fields, now: str) -> int:
        """Store a checked record: 201 when it is new, 200 when it replaces one."""
        new = id_ not in self.records
        if new:
            self.creates[id_] += 1
            self.order = None
        self.records[id_] = {"externalId": id_, **fields, "updatedAt": now}
        return 201 if new else 200

    def remove(self, id_: str) -> None:
        """Delete a record. Raises Refusal."""
        if id_ not in self.records:
            raise Refusal(404, "not_found")
        if self.kept:
            self.kept(id_)
        del self.records[id_]
        self.order = None

    def one(self, id_: str) -> Fields:
        """A record by its id. Raises Refusal."""
        if id_ not in self.records:
            raise Refusal(404, "not_found")
        return self.records[id_]

    def sorted(self) -> list[Fields]:
        """All records in the order of their ids."""
        if self.order is None:
            self.order = sorted(self.records)
        return [self.records[id_] for id_ in self.order]

    def page(self, number: int, size: int) -> Fields:
        """One page of the list, sorted by id; empty beyond the last."""
        if self.order is None:
            self.order = sorted(self.records)
        ids = self.order[(number - 1) * size : number * size]
        return paged([self.records[id_] for id_ in ids], number, size, len(self.order))

    def clear(self) -> None:
        """Hold nothing, and remember nothing that was ever held."""
        self.records.clear()
        self.creates.clear()
        self.order = None


def paged(items: list[Fields], number: int, size: int, total: int) -> Fields:
    """The answer that shows one page of a list."""
    return {"items": items, "page": number, "pageSize": size, "total": total}


def master_data() -> dict[str, Shelf]:
    """Empty shelves for properties, units, tenants and contracts that refer to each other."""
    properties = Shelf("properties", PROPERTY, filled=("kind", "number"))
    units = Shelf("units", UNIT, filled=("kind", "number", "property"))
    tenants = Shelf("tenants", TENANT, filled=("clientNumber", "number"))
    contracts = Shelf("contracts", CONTRACT, filled=("clientNumber", "number", "unit"))

    def tree(id_: str, fields: Fields) -> None:
        above = fields["parent"]
        if not above:
            return
        _known(properties, [above], "unknown_property", "parent")
        while above:
            if above == id_:
                raise Refusal(422, "circle", "parent")
            above = properties.records[above]["parent"]

    def people(_id: str, fields: Fields) -> None:
        _known(units, [fields["unit"]], "unknown_unit", "unit")
        _known(tenants, fields["tenants"] or [], "unknown_tenant", "tenants")
        _known(tenants, [fields["mainTenant"]], "unknown_tenant", "mainTenant")

    def used(*shelves: tuple[Shelf, str]) -> Callable[[str], None]:
        def kept(id_: str) -> None:
            if any(record[name] == id_ for shelf, name in shelves for record in shelf.records.values()):
                raise Refusal(409, "in_use")

        return kept

    properties.related = tree
    properties.kept = used((properties, "parent"), (units, "property"))
    units.related = lambda _id, fields: _known(
        properties, [fields["property"]], "unknown_property", "property"
    )
    units.kept = used((contracts, "unit"))
    tenants.related = _Addresses(tenants).check
    contracts.related = people
    return {"property": properties, "unit": units, "tenant": tenants, "contract": contracts}


def _known(shelf: Shelf, ids: Iterable[str | None], code: str, name: str) -> None:
    for id_ in ids:
        if id_ and id_ not in shelf.records:
            raise Refusal(422, code, name)


class _Addresses:
    """Whose e-mail address is whose: no two tenants may have one, however it is spelt."""

    def __init__(self, tenants: Shelf) -> None:
        self._tenants = tenants
        self._owners: dict[str, str] = {}

    def check(self, id_: str, fields: Fields) -> None:
        """Raises Refusal for a missing address and for another tenant's."""
        address = _plain(fields["email"])
        if not address:
            raise Refusal(422, "missing_email", "email")
        owner = self._owners.get(address)
        if owner != id_ and owner is not None and self._holds(owner, address):
            raise Refusal(409, "duplicate_email", externalId=owner)
        self._owners[address] = id_

    def _holds(self, id_: str, address: str) -> bool:
        """Whether the owner we remember still is one: records go and change without telling."""
        record = self._tenants.records.get(id_)
        return record is not None and _plain(record["email"]) == address


def _plain(email: str | None) -> str:
    return (email or "").strip().casefold()
