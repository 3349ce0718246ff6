"""What the ERP sandbox holds: the company's records, look-ups among them, and what a clerk may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from connectors.housing import (
    ENTITIES,
    Building,
    EconomicUnit,
    Entity,
    Lease,
    Mandant,
    Person,
    RentItem,
    TenantRole,
    TicketCategory,
    Unit,
)
from connectors.sandbox.company_model import FIRST_IDS, Company

KINDS: Mapping[str, type[Entity]] = {kind.NAME: kind for kind in ENTITIES}

DEPENDENTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    Lease.NAME: ((TenantRole.NAME, "lease_id"), (RentItem.NAME, "lease_id")),
    Person.NAME: ((TenantRole.NAME, "person_id"),),
    TenantRole.NAME: (),
    RentItem.NAME: (),
    TicketCategory.NAME: (),
}
"""What may be deleted, and what goes with it."""

FIXED: Mapping[str, frozenset[str]] = {
    Mandant.NAME: frozenset({"number"}),
    EconomicUnit.NAME: frozenset({"number", "mandant"}),
    Building.NAME: frozenset({"number", "mandant", "economic_unit_id"}),
}
"""Fields by which other records refer to a record."""


@dataclass(frozen=True, slots=True)
class Index:
    """Look-ups by internal id, and by number where the canonical model refers by number."""

    mandanten: Mapping[str, Mandant]
    economic_units: Mapping[str, EconomicUnit]
    buildings: Mapping[tuple[str, str, str], Building]
    units: Mapping[str, Unit]
    persons: Mapping[str, Person]
    leases: Mapping[str, Lease]
    leases_of: Mapping[str, tuple[str, ...]]
    """Person id -> ids of the leases the person has a part in."""
    persons_of: Mapping[str, tuple[str, ...]]
    """Lease id -> ids of the persons who have a part in it."""


class ErpState:
    """The company as the ERP serves it: a copy of the lists, so that the company given stays as it is."""

    def __init__(self, company: Company) -> None:
        self._records: dict[str, list[Any]] = {name: list(company.records(name)) for name in KINDS}
        self.defects = company.defects
        self._index: Index | None = None

    def records(self, entity: str) -> list[Any]:
        """All records of an entity in the order of their ids; not to be changed. Raises KeyError."""
        return self._records[entity]

    def listed(self, entity: str) -> list[dict[str, Any]]:
        """The records as dictionaries. Raises KeyError."""
        return [asdict(record) for record in self._records[entity]]

    @property
    def index(self) -> Index:
        """The look-ups, built anew after a change."""
        if self._index is None:
            self._index = _index(self._records)
        return self._index

    def change(self, entity: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create, update or delete one record: ``{"op", "id", "fields"}``; answers it as JSON types.

        Raises KeyError for an unknown entity, ValueError for an impossible operation, id, field or value.
        """
        kind = KINDS[entity]
        operation = body.get("op")
        values = body.get("fields", {})
        if not isinstance(values, Mapping):
            raise ValueError("fields must be an object")  # noqa: TRY004 - the frame's contract
        if operation == "create":
            record = self._create(kind, values, body.get("id"))
        elif operation == "update":
            place = self._place(entity, body.get("id"))
            converted = convert(kind, values)
            if fixed := FIXED.get(entity, frozenset()) & converted.keys():
                raise ValueError(f"{', '.join(sorted(fixed))} of a {entity} cannot be changed")
            record = replace(self._records[entity][place], **converted)
            self._check(record)
            self._records[entity][place] = record
        elif operation == "delete":
            record = self._delete(entity, body.get("id"))
        else:
            raise ValueError("op must be create, update or delete")
        self._index = None
        return asdict(record)

    def _create(self, kind: type[Entity], values: Mapping[str, Any], key: Any) -> Any:
        records = self._records[kind.NAME]
        if kind.NAME in FIRST_IDS:
            key = str(max((int(r.id) for r in records), default=FIRST_IDS[kind.NAME] - 1) + 1)
        elif not isinstance(key, str) or not key or any(r.id == key for r in records):
            raise ValueError("id must be a new text")
        try:
            record = kind(id=key, **convert(kind, values))
        except TypeError:
            raise ValueError("a field is missing") from None
        self._check(record)
        records.append(record)
        return record

    def _check(self, record: Any) -> None:
        """Raises ValueError where a record refers to one that does not exist."""
        if isinstance(record, Person):  # refers to nobody: the look-ups need not be built for it
            return
        index = self.index
        if isinstance(record, Lease):
            sound = record.unit_id in index.units
        elif isinstance(record, TenantRole):
            sound = record.lease_id in index.leases and record.person_id in index.persons
        elif isinstance(record, RentItem):
            sound = record.lease_id in index.leases
        elif isinstance(record, Unit):
            sound = (record.mandant, record.economic_unit, record.building) in index.buildings
        elif isinstance(record, Building):
            sound = record.economic_unit_id in index.economic_units
        elif isinstance(record, EconomicUnit):
            sound = record.mandant in index.mandanten
        else:
            sound = True
        if not sound:
            raise ValueError("it refers to a record that does not exist")

    def _delete(self, entity: str, key: Any) -> Any:
        if entity not in DEPENDENTS:
            raise ValueError(f"{entity} cannot be deleted")
        record = self._records[entity].pop(self._place(entity, key))
        for name, reference in DEPENDENTS[entity]:
            self._records[name] = [r for r in self._records[name] if getattr(r, reference) != key]
        return record

    def _place(self, entity: str, key: Any) -> int:
        for place, record in enumerate(self._records[entity]):
            if record.id == key:
                return place
        raise ValueError("no record with this id")


def _index(records: Mapping[str, list[Any]]) -> Index:
    economic_units = {e.id: e for e in records[EconomicUnit.NAME]}
    leases_of: dict[str, tuple[str, ...]] = {}
    persons_of: dict[str, tuple[str, ...]] = {}
    for role in records[TenantRole.NAME]:
        leases_of[role.person_id] = (*leases_of.get(role.person_id, ()), role.lease_id)
        persons_of[role.lease_id] = (*persons_of.get(role.lease_id, ()), role.person_id)
    return Index(
        mandanten={m.number: m for m in records[Mandant.NAME]},
        economic_units=economic_units,
        buildings={
            (b.mandant, economic_units[b.economic_unit_id].number, b.number): b
            for b in records[Building.NAME]
        },
        units={u.id: u for u in records[Unit.NAME]},
        persons={p.id: p for p in records[Person.NAME]},
        leases={lease.id: lease for lease in records[Lease.NAME]},
        leases_of=leases_of,
        persons_of=persons_of,
    )


def convert(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values to the types of a dataclass's fields. Raises ValueError; ids cannot be set."""
    hints = get_type_hints(kind)
    known = {f.name for f in fields(kind)} - {"id"}
    converted = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown field {name}")
        try:
            converted[name] = _value(hints[name], value)
        except (TypeError, ValueError, InvalidOperation):
            raise ValueError(f"impossible value for {name}") from None
    return converted


def _value(hint: Any, value: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        if value is None:
            return None
        hint = next(part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TypeError
        return tuple(value)
    if isinstance(hint, type) and is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise TypeError
        return hint(**convert(hint, value))
    return _scalar(hint, value)


def _scalar(hint: Any, value: Any) -> Any:
    if hint is Decimal:
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError
        return number
    if hint is date:
        return date.fromisoformat(value)
    if issubclass(hint, Enum):
        return hint(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise TypeError
    return value
