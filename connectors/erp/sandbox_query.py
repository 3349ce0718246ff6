"""What a call to the ERP sandbox asks for: page, switches, filters; and the records that answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from connectors.erp.sandbox_state import ErpState, Index
from connectors.erp.sandbox_wire_parts import Flags
from connectors.housing import Building, EconomicUnit, Lease, Person, RentItem, TenantRole, Unit

LARGEST_PAGE = 100
DEFAULT_PAGE = 20

Pick = Callable[[Any, Index], object]
Within = Callable[[Any, Index], tuple[date | None, date | None]]


class BadQuery(ValueError):
    """A parameter with an impossible value; the text names it."""


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one call; their names are compared without regard to case."""

    limit: int
    offset: int
    nulls: bool
    flags: Flags
    filters: Mapping[str, str]


def parse(params: Mapping[str, str]) -> Query:
    """Read the parameters. Raises BadQuery; more than 100 records at once are refused, not shortened."""
    lower = {name.lower(): value for name, value in params.items()}
    limit = _whole(lower, "limit", DEFAULT_PAGE)
    offset = _whole(lower, "offset", 0)
    if not 1 <= limit <= LARGEST_PAGE:
        raise BadQuery(f"limit must be between 1 and {LARGEST_PAGE}")
    on = {name for name, value in lower.items() if value.lower() == "true"}
    return Query(
        limit=limit,
        offset=offset,
        nulls="shownullvalues" in on,
        flags=frozenset(name for name in on if name.startswith("include")),
        filters=lower,
    )


def _whole(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadQuery(f"{name} must be a whole number")
    return int(text)


def select(state: ErpState, entity: str, query: Query) -> list[Any]:
    """The records of the page. Raises BadQuery for a filter day that is none."""
    records = state.records(entity)
    tests = _tests(entity, query, state.index)
    if not tests:
        return records[query.offset : query.offset + query.limit]
    hits = (record for record in records if all(test(record) for test in tests))
    return list(islice(hits, query.offset, query.offset + query.limit))


def _tests(entity: str, query: Query, index: Index) -> list[Callable[[Any], bool]]:
    tests: list[Callable[[Any], bool]] = []
    for name, pick in EQUAL[entity].items():
        if name in query.filters:
            tests.append(_equal(pick, query.filters[name], index))
    for name, within in ACTIVE_ON.get(entity, {}).items():
        if name in query.filters:
            tests.append(_active(within, query.filters[name], name, index))
    return tests


def _equal(pick: Pick, wanted: str, index: Index) -> Callable[[Any], bool]:
    def test(record: Any) -> bool:
        found = pick(record, index)
        return wanted in found if isinstance(found, tuple) else found == wanted

    return test


def _active(within: Within, text: str, name: str, index: Index) -> Callable[[Any], bool]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"{name} must be a day") from None

    def test(record: Any) -> bool:
        start, end = within(record, index)
        return (start is None or start <= day) and (end is None or end >= day)

    return test


def _building(record: Unit, index: Index) -> Building:
    return index.buildings[record.mandant, record.economic_unit, record.building]


def _unit(record: Lease | RentItem | TenantRole, index: Index) -> Unit:
    lease = record if isinstance(record, Lease) else index.leases[record.lease_id]
    return index.units[lease.unit_id]


def _parties(record: Lease, index: Index) -> tuple[str, ...]:
    """Numbers of the persons who have a part in the lease."""
    return tuple(index.persons[key].number for key in index.persons_of.get(record.id, ()))


EQUAL: Mapping[str, Mapping[str, Pick]] = {
    EconomicUnit.NAME: {
        "economicunitid": lambda r, _: r.id,
        "economicunitidnum": lambda r, _: r.number,
    },
    Building.NAME: {
        "buildinglandid": lambda r, _: r.id,
        "buildinglandidnum": lambda r, _: r.number,
        "economicunitid": lambda r, _: r.economic_unit_id,
        "economicunitidnum": lambda r, i: i.economic_units[r.economic_unit_id].number,
    },
    Unit.NAME: {
        "useunitid": lambda r, _: r.id,
        "useunitnumber": lambda r, _: r.number,
        "buildinglandid": lambda r, i: _building(r, i).id,
        "buildinglandidnum": lambda r, _: r.building,
        "economicunitid": lambda r, i: _building(r, i).economic_unit_id,
        "economicunitidnum": lambda r, _: r.economic_unit,
    },
    Lease.NAME: {
        "licenseagreementid": lambda r, _: r.id,
        "licenseagreementidnum": lambda r, _: r.number,
        "useunitid": lambda r, _: r.unit_id,
        "useunitnumber": lambda r, i: _unit(r, i).number,
        "economicunitidnum": lambda r, i: _unit(r, i).economic_unit,
        "personidnum": _parties,
    },
    RentItem.NAME: {
        "licenseagreementid": lambda r, _: r.lease_id,
        "licenseagreementidnum": lambda r, i: i.leases[r.lease_id].number,
        "useunitid": lambda r, i: _unit(r, i).id,
        "economicunitid": lambda r, i: _building(_unit(r, i), i).economic_unit_id,
    },
    TenantRole.NAME: {
        "licenseagreementid": lambda r, _: r.lease_id,
        "personid": lambda r, _: r.person_id,
    },
    Person.NAME: {
        "personid": lambda r, _: r.id,
        "personidnum": lambda r, _: r.number,
    },
}
"""Filters that ask for equality, per entity."""


def _lease_days(record: Any, index: Index) -> tuple[date | None, date | None]:
    lease = record if isinstance(record, Lease) else index.leases[record.lease_id]
    return lease.start, lease.end


def _own_days(record: Any, _: Index) -> tuple[date | None, date | None]:
    return record.valid_from, record.valid_to


ACTIVE_ON: Mapping[str, Mapping[str, Within]] = {
    Lease.NAME: {"licenseagreementactiveon": _lease_days},
    RentItem.NAME: {"licenseagreementactiveon": _lease_days, "contractpositionsactiveon": _own_days},
    TenantRole.NAME: {"licenseagreementactiveon": _lease_days, "contractualuseactiveon": _own_days},
}
"""Filters that ask what is in force on a day, per entity."""
