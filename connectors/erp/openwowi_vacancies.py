"""Vacancies out of OPENWOWI, joined from agreements, positions, buildings, units, and the assumed hub.

A vacancy is a LicenseAgreement whose RestrictionOfUse.IsVacancy is set, in force today or later. Seven lists
are read one after the other; of the first six only what concerns vacant units is kept, the units stream by.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.contract import Page, Scope
from connectors.erp import hub
from connectors.erp.openwowi_parse import (
    Context,
    Node,
    building,
    economic_unit,
    lease,
    rent_item,
    unit,
)
from connectors.erp.paging import pages
from connectors.erp.session import Session
from connectors.housing import Lease, LeaseStatus, RentCategory
from connectors.ids import clean
from connectors.letting import Attachment, Vacancy
from connectors.problems import Failure, Owner, Problem, Trouble

KEEP = 300.0
"""Seconds for which an interrupted reading can go on with the tables it had."""

ABSENT = (Trouble.MISSING, Trouble.RIGHTS, Trouble.CREDENTIALS)
"""How a hub shows that it is not there, or not for us."""

_CURSOR = re.compile(r"([a-z_]+):(\d{1,9})", re.ASCII)
_AMOUNTS = {
    RentCategory.NETTOKALTMIETE: "net_cold_rent",
    RentCategory.OPERATING_COSTS: "operating_costs",
    RentCategory.HEATING_COSTS: "heating_costs",
}

Fetch = Callable[[str, int], Awaitable[Sequence[Node]]]
"""One page of a documented endpoint: entity and offset."""


@dataclass(frozen=True, slots=True)
class _Vacant:
    """The agreement that marks a unit as vacant, with what it says of the unit."""

    agreement: Lease
    number: str
    economic_unit: str
    building_id: str | None


@dataclass(slots=True)
class _Tables:
    """What is known so far: Mandant by economic unit id, unit by agreement id, storeys and year by building
    id, all else by unit id. ``seen`` are the units given out, ``complete`` whether they are all of them.
    """

    mandanten: dict[str, str] = field(default_factory=dict)
    vacant: dict[str, _Vacant] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    details: dict[str, hub.Details] = field(default_factory=dict)
    amounts: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    buildings: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    media: dict[str, tuple[Attachment, ...]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    complete: bool = True

    def copy(self) -> _Tables:
        """Tables that can grow apart from these."""
        return _Tables(
            dict(self.mandanten),
            dict(self.vacant),
            dict(self.units),
            dict(self.details),
            {key: dict(amounts) for key, amounts in self.amounts.items()},
            dict(self.buildings),
            dict(self.media),
            set(self.seen),
            self.complete,
        )


class Vacancies:
    """Reads vacancies, page by page; a page without records is one on the way to the units."""

    def __init__(self, session: Session, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._session = session
        self._fetch = fetch
        self._clock = clock
        self._kept: tuple[tuple[str, Scope], float, _Tables] | None = None
        self.absent: frozenset[str] = frozenset()
        """The parts of the hub that did not answer the last time."""

    async def read(self, scope: Scope, start: str | None) -> AsyncGenerator[Page[Vacancy], None]:
        """Stream vacancies in the order of their units; ``next`` is list and offset. Raises Failure."""
        step, offset = _cursor(start)
        tables = self._resumed(start, scope)
        if tables is None:
            tables = _Tables()
            if step == STEPS[-1]:  # what came before was given out: read the tables, silently
                async for _ in self._steps(tables, scope, STEPS[0], 0, STEPS[-2]):
                    pass
                tables.complete = offset == 0
            else:
                step, offset = STEPS[0], 0
        async with aclosing(self._steps(tables, scope, step, offset, STEPS[-1])) as found:
            async for records, following in found:
                if following is None:
                    self._kept = None  # the tables have gone on, that cursor has not
                    lost = tables.vacant.keys() - tables.seen if tables.complete else ()
                    yield Page([*records, *(_bare(tables, unit_id) for unit_id in sorted(lost))])
                else:
                    self._kept = ((following, scope), self._clock(), tables)
                    yield Page(records, following)

    def _resumed(self, start: str | None, scope: Scope) -> _Tables | None:
        """The tables of the reading that stopped at this cursor, if it was a moment ago."""
        if start is None or self._kept is None:
            return None
        key, at, tables = self._kept
        return tables.copy() if key == (start, scope) and self._clock() - at < KEEP else None

    async def _steps(
        self, tables: _Tables, scope: Scope, step: str, offset: int, last: str
    ) -> AsyncGenerator[tuple[list[Vacancy], str | None], None]:
        """Go through the lists from ``step`` to ``last``: vacancies of each page, and where it goes on."""
        take: Mapping[str, Callable[[Any], Vacancy | None]] = self._takers(tables, scope)
        for name in STEPS[STEPS.index(step) : STEPS.index(last) + 1]:
            if name not in (STEPS[0], STEPS[1]) and not tables.vacant:
                yield [], None
                return
            async with aclosing(self._pages(name, offset)) as found:
                async for rows, following in found:
                    yield self._taken(rows, take[name]), _following(name, following)
            offset = 0

    def _taken(self, rows: Sequence[Any], take: Callable[[Any], Vacancy | None]) -> list[Vacancy]:
        """Put a page into the tables: the vacancies it completes. Raises Failure."""
        try:
            return [record for row in rows if (record := take(row)) is not None]
        except Failure:
            self._kept = None  # half of the page is in the tables
            raise

    async def _pages(self, step: str, offset: int) -> AsyncGenerator[tuple[Sequence[Any], int | None], None]:
        """The pages of one list; of a part of the hub that is not there a single empty one."""
        part, fetch = self._source(step)
        first = True
        try:
            async with aclosing(pages(fetch, offset)) as found:
                async for rows, following in found:
                    first = False
                    self.absent -= {part}
                    yield rows, following
        except Failure as failure:
            if not (part and first and offset == 0 and failure.problem.trouble in ABSENT):
                raise
        else:
            return
        self.absent |= {part}
        yield [], None

    def _source(self, step: str) -> tuple[str, Callable[[int], Awaitable[Sequence[Any]]]]:
        """Which part of the hub a list is, "" for a documented one, and how a page of it is fetched."""
        if step == "details":
            return hub.VACANCY_DETAILS, lambda at: hub.vacancy_details(self._session, at)
        if step == "media":
            return hub.MEDIA, lambda at: hub.media(self._session, at)
        return "", lambda at: self._fetch(step, at)

    def _takers(self, tables: _Tables, scope: Scope) -> Mapping[str, Callable[[Any], Vacancy | None]]:
        context = Context(tables.mandanten, date.today())
        return {
            "economic_unit": lambda node: _take_economic_unit(tables, node, context),
            "lease": lambda node: _take_agreement(tables, node, context, scope),
            "details": lambda details: _take_details(tables, details),
            "rent_item": lambda node: _take_position(tables, node, context),
            "building": lambda node: _take_building(tables, node, context),
            "media": lambda medium: _take_medium(tables, medium),
            "unit": lambda node: _take_unit(tables, node, context),
        }


STEPS = ("economic_unit", "lease", "details", "rent_item", "building", "media", "unit")
"""The lists in the order in which they are read; names of ``ENDPOINTS`` and two parts of the hub."""


def not_supplied(absent: frozenset[str]) -> tuple[str, ...]:
    """The fields of a vacancy that are lost with these parts of the hub."""
    fields = hub.DETAIL_FIELDS if hub.VACANCY_DETAILS in absent else ()
    return (*fields, "attachments") if hub.MEDIA in absent else fields


def _cursor(start: str | None) -> tuple[str, int]:
    """List and offset. Raises Failure for a cursor that is not ours."""
    if start is None:
        return STEPS[0], 0
    match = _CURSOR.fullmatch(start)
    if match is None or match[1] not in STEPS:
        raise Failure(Problem("erp.bad_cursor", Trouble.CONFIG, Owner.CONSULTANT))
    return match[1], int(match[2])


def _following(step: str, offset: int | None) -> str | None:
    """Where the reading goes on; None after the last page of the last list."""
    if offset is not None:
        return f"{step}:{offset}"
    place = STEPS.index(step) + 1
    return f"{STEPS[place]}:0" if place < len(STEPS) else None


def _take_economic_unit(tables: _Tables, node: Node, context: Context) -> None:
    found = economic_unit(node, context)
    tables.mandanten[found.id] = found.mandant


def _take_agreement(tables: _Tables, node: Node, context: Context, scope: Scope) -> None:
    """Keep an agreement that marks a vacancy now or later; of several the one that begins first."""
    if not node.child("RestrictionOfUse").flag("IsVacancy"):
        return
    found = lease(node, context)
    over = found.end is not None and found.end < context.today
    if over or found.status in (LeaseStatus.DRAFT, LeaseStatus.ENDED):
        return
    if scope.mandanten is not None and clean(found.mandant) not in scope.mandanten:
        return
    known = tables.vacant.get(found.unit_id)
    if known is not None and (known.agreement.start or date.min) <= (found.start or date.min):
        return
    short = node.child("UseUnit")
    tables.units[found.id] = found.unit_id
    building_id = short.optional_key("BuildingLandId")
    if building_id is not None:
        tables.buildings[building_id] = (None, None)
    number, parent = short.text("UseUnitNumber") or "", short.text("EconomicUnit") or ""
    tables.vacant[found.unit_id] = _Vacant(found, number, parent, building_id)


def _take_details(tables: _Tables, details: hub.Details) -> None:
    if details.unit in tables.vacant:
        tables.details[details.unit] = details


def _take_position(tables: _Tables, node: Node, context: Context) -> None:
    """Add a position of a vacancy that counts on the day from which the unit can be let."""
    agreement = node.child("LicenseAgreement").key("Id")
    unit_id = tables.units.get(agreement, "")
    if not unit_id or tables.vacant[unit_id].agreement.id != agreement:
        return
    item = rent_item(node, context)
    day = max(_available(tables, unit_id) or context.today, context.today)
    if (item.valid_from and item.valid_from > day) or (item.valid_to and item.valid_to < day):
        return
    name = _AMOUNTS.get(item.category, "surcharges")
    if node.child("ContractPositionType").flag("Deposit"):
        name = "deposit"
    amounts = tables.amounts.setdefault(unit_id, {})
    amounts[name] = amounts.get(name, Decimal("0.00")) + item.amount_net


def _take_building(tables: _Tables, node: Node, context: Context) -> None:
    if node.record in tables.buildings:
        found = building(node, context)
        tables.buildings[found.id] = (found.storeys, found.construction_year)


def _take_medium(tables: _Tables, medium: hub.Medium) -> None:
    if medium.unit in tables.vacant:
        tables.media[medium.unit] = (*tables.media.get(medium.unit, ()), medium.attachment)


def _take_unit(tables: _Tables, node: Node, context: Context) -> Vacancy | None:
    if node.record not in tables.vacant or node.record in tables.seen:
        return None
    tables.seen.add(node.record)
    found = unit(node, context)
    return replace(
        _bare(tables, found.id),
        mandant=found.mandant,
        economic_unit=found.economic_unit,
        building=found.building,
        unit=found.number,
        **{name: getattr(found, name) for name in _OF_UNIT},
    )


_OF_UNIT = (
    "usage_raw", "usage", "address", "floor_raw", "position", "rooms", "living_area", "usable_area",
)  # fmt: skip


def _bare(tables: _Tables, unit_id: str) -> Vacancy:
    """A vacancy without what only its unit tells; one whose unit cannot be read has no building number."""
    vacant = tables.vacant[unit_id]
    storeys, year = tables.buildings.get(vacant.building_id or "", (None, None))
    details = tables.details.get(unit_id)
    amounts: dict[str, Any] = dict(tables.amounts.get(unit_id, {}))
    said = {name: value for name, value in (details.fields if details else {}).items() if value is not None}
    return Vacancy(
        id=vacant.agreement.id,
        mandant=vacant.agreement.mandant,
        economic_unit=vacant.economic_unit,
        unit=vacant.number,
        storeys=storeys,
        construction_year=year,
        available_from=_available(tables, unit_id),
        attachments=tables.media.get(unit_id, ()),
        **{**amounts, **said},
    )


def _available(tables: _Tables, unit_id: str) -> date | None:
    """The day the hub states, else the first day of the agreement."""
    details = tables.details.get(unit_id)
    stated = details.available_from if details else None
    return stated or tables.vacant[unit_id].agreement.start
