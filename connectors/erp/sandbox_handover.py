"""The ERP sandbox takes prospects: what the assumed hub is handed in, checked, kept and known as persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.erp.sandbox_query import Query
from connectors.erp.sandbox_state import ErpState
from connectors.housing import Person, PersonKind, Unit
from connectors.letting import BUSINESS_PARTNER, PROSPECT
from connectors.sandbox.app import body
from connectors.sandbox.faults import rewrite

PATHS = {BUSINESS_PARTNER: "/hub/v1/business-partners", PROSPECT: "/hub/v1/prospects"}
NUMBER = "number:"
FIRST_PROSPECT = 90_001

Fields = dict[str, Any]


class Refusal(Exception):
    """A record that the ERP does not take."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def _text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _day(value: Any) -> bool:
    try:
        return value is None or bool(isinstance(value, str) and date.fromisoformat(value))
    except ValueError:
        return False


def _texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _amount(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


FIELDS: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    BUSINESS_PARTNER: {
        "salutation": _text,
        "title": _text,
        "firstName": _text,
        "lastName": _text,
        "companyName": _text,
        "birthDate": _day,
        "email": _text,
        "phoneNumbers": _texts,
        "street": _text,
        "houseNumber": _text,
        "postalCode": _text,
        "city": _text,
    },
    PROSPECT: {
        "clientNumber": _text,
        "unit": _text,
        "businessPartner": _text,
        "state": _text,
        "wantedStart": _day,
        "acceptedRent": _amount,
        "message": _text,
    },
}
"""What a record is made of; written down once more, not taken from the client."""


@dataclass(slots=True)
class HandOver:
    """Everything handed in, by the id it came with; a business partner is a person of the ERP as well."""

    erp: ErpState
    shelves: dict[str, dict[str, Fields]] = field(default_factory=lambda: {entity: {} for entity in PATHS})
    created: dict[str, Counter[str]] = field(default_factory=lambda: {entity: Counter() for entity in PATHS})
    persons: dict[str, str] = field(default_factory=dict)
    """Our id of a business partner -> the ERP's key of the person."""

    def listed(self, entity: str) -> list[Fields]:
        """All records of an entity in the order they came."""
        return [*self.shelves[entity].values()]

    def one(self, entity: str, key: str) -> Fields | None:
        """A record by its own id, or by ``number:`` and its number."""
        shelf = self.shelves[entity]
        if key in shelf or not key.startswith(NUMBER):
            return shelf.get(key)
        number = key.removeprefix(NUMBER)
        return next((record for record in shelf.values() if record["number"] == number), None)

    def put(self, entity: str, key: str, fields: Mapping[str, Any]) -> tuple[int, Fields]:
        """Take a record, a new one or one known by its id: status and record. Raises Refusal."""
        checks = FIELDS[entity]
        if fields.keys() - checks.keys():
            raise Refusal("unknown_field")
        record = {name: fields.get(name) for name in checks}
        if not all(check(record[name]) for name, check in checks.items()):
            raise Refusal("invalid_value")
        former = self.shelves[entity].get(key)
        number = self._take_person(key, record) if entity == BUSINESS_PARTNER else self._prospect(key, record)
        taken = {"externalId": key, "number": number, **record}
        self.shelves[entity][key] = taken
        if former is None:
            self.created[entity][key] += 1
        return 201 if former is None else 200, taken

    def act(self, entity: str, data: Mapping[str, Any]) -> Fields:
        """What happens at the ERP: ``{"id", "fields"}`` hands a record in, ``{"id", "op": "delete"}`` throws
        one away. Raises ValueError, KeyError for an unknown id."""
        key = str(data.get("id", ""))
        if data.get("op") == "delete":
            return self.shelves[entity].pop(key)
        try:
            return self.put(entity, key, data.get("fields", {}))[1]
        except Refusal as refusal:
            raise ValueError(refusal.error) from None

    def _prospect(self, key: str, record: Fields) -> str:
        if (record["clientNumber"], record["unit"]) not in self._homes():
            raise Refusal("unknown_unit")
        partner = record["businessPartner"] or ""
        if partner.startswith(NUMBER):
            number = partner.removeprefix(NUMBER)
            known = any(person.number == number for person in self.erp.records(Person.NAME))
        else:
            known = partner in self.shelves[BUSINESS_PARTNER]
        if not known:
            raise Refusal("unknown_partner")
        former = self.shelves[PROSPECT].get(key)
        return former["number"] if former else str(FIRST_PROSPECT + len(self.created[PROSPECT]))

    def _homes(self) -> set[tuple[str, str]]:
        """Mandant and address of every unit, with its building and without."""
        homes = set()
        for unit in self.erp.records(Unit.NAME):
            whole = (unit.mandant, unit.economic_unit, unit.building, unit.number)
            homes |= {(unit.mandant, "/".join(whole)), (unit.mandant, "/".join((*whole[:2], whole[3])))}
        return homes

    def _take_person(self, key: str, record: Fields) -> str:
        """The business partner as a person of the ERP; its number."""
        if not (record["lastName"] or record["companyName"]):
            raise Refusal("missing_name")
        values = {
            "kind": PersonKind.NATURAL if record["lastName"] else PersonKind.LEGAL,
            "salutation": record["salutation"],
            "title": record["title"],
            "first_name": record["firstName"],
            "last_name": record["lastName"],
            "company_name": record["companyName"],
            "birth_date": record["birthDate"],
            "emails": [record["email"]] if record["email"] else [],
            "phones": record["phoneNumbers"] or [],
        }
        persons = {person.id: person for person in self.erp.records(Person.NAME)}
        if self.persons.get(key) in persons:
            change = {"op": "update", "id": self.persons[key], "fields": values}
        else:
            numbers = [int(p.number) for p in persons.values() if p.number.isascii() and p.number.isdigit()]
            change = {"op": "create", "fields": {**values, "number": str(max(numbers, default=700_000) + 1)}}
        person = self.erp.change(Person.NAME, change)
        self.persons[key] = person["id"]
        number: str = person["number"]
        return number


Admit = Callable[[Request], Query]
"""Lets a call pass or raises HTTPException."""
Allowed = Callable[[], bool]
Handler = Callable[[Request], Any]


def handover_routes(desk: HandOver, reads: Admit, writes: Admit, may_write: Allowed) -> list[Route]:
    """The hub's lists of what was handed in, and the way in."""
    routes = []
    for entity, path in PATHS.items():
        routes.append(Route(path, _list(desk, entity, reads, may_write), methods=["GET"]))
        routes.append(Route(f"{path}/{{id}}", _get(desk, entity, reads), methods=["GET"]))
        routes.append(Route(f"{path}/{{id}}", _put(desk, entity, writes), methods=["PUT"]))
    return routes


def _list(desk: HandOver, entity: str, reads: Admit, may_write: Allowed) -> Handler:
    async def listing(request: Request) -> Response:
        query = reads(request)
        items = desk.listed(entity)[query.offset : query.offset + query.limit]
        return _json({"items": items, "writable": may_write()})

    return listing


def _get(desk: HandOver, entity: str, reads: Admit) -> Handler:
    async def get(request: Request) -> Response:
        reads(request)
        found = desk.one(entity, unquote(request.path_params["id"]))
        return _json({"error": "not_found"}, 404) if found is None else _json(found)

    return get


def _put(desk: HandOver, entity: str, writes: Admit) -> Handler:
    async def put(request: Request) -> Response:
        writes(request)
        try:
            fields = orjson.loads(body(request))
        except orjson.JSONDecodeError:
            fields = None
        if not isinstance(fields, dict):
            return _json({"error": "invalid_json"}, 400)
        key = unquote(request.path_params["id"])
        try:
            status, taken = desk.put(entity, key, rewrite(request, fields))
        except Refusal as refusal:
            return _json({"error": refusal.error}, 422)
        return _json(taken, status)

    return put


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
