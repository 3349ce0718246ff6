"""The tree of Mandanten, Wirtschaftseinheiten and buildings, and the units that hang on it.

A record is sent only together with the one above it, so the ERP is read from the top down.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.agreed import require_mandanten, unit_numbers, within
from connectors.contract import Reader, Record, Skipped, Text
from connectors.housing import Building, EconomicUnit, Mandant, Unit, stream
from connectors.ids import clean
from connectors.immomio.entities import PROPERTY, UNIT
from connectors.immomio.identity import Sent, identify, record, skipped
from connectors.immomio.records import building_fields, client_fields, economic_unit_fields, unit_fields
from connectors.immomio.settings import MasterDataSettings
from connectors.immomio.usage import kind


@dataclass(slots=True)
class Stock:
    """The ids of what has been sent so far; ``units`` leads from the ERP's key of a unit to ours, to None
    where it is skipped."""

    clients: Sent = field(default_factory=Sent)
    economic_units: Sent = field(default_factory=Sent)
    properties: Sent = field(default_factory=Sent)  # all of them
    units: dict[str, str | None] = field(default_factory=dict)
    unit_ids: Sent = field(default_factory=Sent)

    def unit(self, key: str) -> str | None:
        """The id of a unit that is sent and that no other unit has."""
        id_ = self.units.get(key)
        return id_ if id_ is not None and id_ in self.unit_ids else None


async def stock(
    source: Reader[Any], settings: MasterDataSettings, sent: Stock
) -> AsyncIterator[Record | Skipped]:
    """Everything down to the units, noted in ``sent``.

    Raises Failure, also for a configured Mandant that the ERP does not know (rule C3).
    """
    async for one in _properties(source, settings, sent):
        sent.properties.note(one)
        yield one
    async for unit in stream(source, Unit, settings.scope):
        if within(settings.scope, unit.mandant):
            made = unit_record(unit, settings, sent.properties)
            sent.units[unit.id] = sent.unit_ids.note(made)
            yield made


async def _properties(
    source: Reader[Any], settings: MasterDataSettings, sent: Stock
) -> AsyncIterator[Record | Skipped]:
    """The tree above the units, each level after the one that it hangs on."""
    scope = settings.scope
    mandanten = [m async for m in stream(source, Mandant, scope) if within(scope, m.number)]
    await require_mandanten(source, scope, (mandant.number for mandant in mandanten))
    if settings.newest:
        for mandant in mandanten:
            one = client(mandant, settings)
            sent.clients.note(one)
            yield one
    numbers: dict[str, str] = {}
    async for unit in stream(source, EconomicUnit, scope):
        numbers[unit.id] = unit.number
        if within(scope, unit.mandant):
            one = economic_unit(unit, settings, sent.clients)
            sent.economic_units.note(one)
            yield one
    if settings.buildings:
        async for house in stream(source, Building, scope):
            if within(scope, house.mandant):
                yield building(house, numbers, settings, sent.economic_units)


def client(mandant: Mandant, settings: MasterDataSettings) -> Record | Skipped:
    """A Mandant as the root of its tree."""
    numbers = {"mandant": mandant.number}
    id_ = identify(PROPERTY, f"mandant:{mandant.id}", settings.separator, numbers)
    if isinstance(id_, Skipped):
        return id_
    return record(PROPERTY, id_, client_fields(mandant), settings.separator)


def economic_unit(unit: EconomicUnit, settings: MasterDataSettings, clients: Sent) -> Record | Skipped:
    """A Wirtschaftseinheit below its Mandant, or why it is not sent."""
    key = f"economic_unit:{unit.id}"
    numbers = {"mandant": unit.mandant, "economic_unit": unit.number}
    id_ = identify(PROPERTY, key, settings.separator, numbers)
    if isinstance(id_, Skipped):
        return id_
    parent = _parent(id_, 1, settings) if settings.newest else None
    if parent is not None and parent not in clients:
        reason = Text("immomio.client_not_sent", {"id": id_, "parent": parent})
        return skipped(PROPERTY, key, "I7", reason, unit.mandant)
    return record(PROPERTY, id_, economic_unit_fields(unit, parent), settings.separator)


def building(
    one: Building, numbers_above: Mapping[str, str], settings: MasterDataSettings, sent: Sent
) -> Record | Skipped:
    """A building below its Wirtschaftseinheit, or why it is not sent.

    ``numbers_above`` are the numbers of all Wirtschaftseinheiten by the ERP's key.
    """
    key = f"building:{one.id}"
    above = one.economic_unit_id
    if above is not None and above not in numbers_above:
        args = {"number": clean(one.number), "key": above}
        return skipped(PROPERTY, key, "I7", Text("immomio.economic_unit_unknown", args), one.mandant)
    numbers = {
        "mandant": one.mandant,
        "economic_unit": numbers_above[above] if above is not None else "",
        "building": one.number,
    }
    id_ = identify(PROPERTY, key, settings.separator, numbers)
    if isinstance(id_, Skipped):
        return id_
    parent = _parent(id_, 2, settings)
    if parent not in sent:
        reason = Text("immomio.economic_unit_not_sent", {"id": id_, "parent": parent})
        return skipped(PROPERTY, key, "I7", reason, one.mandant)
    return record(PROPERTY, id_, building_fields(one, parent), settings.separator)


def _parent(id_: str, parts: int, settings: MasterDataSettings) -> str:
    """The id of what a record hangs on: the first parts of its own."""
    return settings.separator.join(id_.split(settings.separator)[:parts])


def unit_record(unit: Unit, settings: MasterDataSettings, properties: Sent) -> Record | Skipped:
    """A unit below its building or Wirtschaftseinheit, or why it is not sent."""
    id_ = identify(UNIT, unit.id, settings.separator, unit_numbers(unit, settings.unit_parts))
    if isinstance(id_, Skipped):
        return id_
    what = kind(unit.usage_raw, settings.usage_lists)
    if what is None:
        reason = Text("immomio.usage_in_no_list", {"id": id_, "usage": clean(unit.usage_raw)})
        return skipped(UNIT, unit.id, "I10", reason, unit.mandant)
    parent = _parent(id_, 3 if settings.buildings else 2, settings)
    if parent not in properties:
        why = "building_not_sent" if settings.buildings else "economic_unit_not_sent"
        reason = Text(f"immomio.{why}", {"id": id_, "parent": parent})
        return skipped(UNIT, unit.id, "I7", reason, unit.mandant)
    return record(UNIT, id_, unit_fields(unit, what, parent), settings.separator)
