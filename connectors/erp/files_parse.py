"""Rows of an export to canonical entities, pure: doubts are collected with their place, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.erp import cells, vocabulary
from connectors.erp.files_read import Cell, Row, complaint
from connectors.erp.layout import Layout, plain
from connectors.housing import (
    Address,
    Building,
    CategoryKind,
    EconomicUnit,
    Entity,
    Lease,
    Mandant,
    Person,
    PersonKind,
    RentItem,
    TenantRole,
    TicketCategory,
    Unit,
)
from connectors.problems import Failure, Problem

MOST = 200
"""Problems that are kept; further ones are counted."""

Key = tuple[str, ...]
Values = Mapping[str, Any]


@dataclass(slots=True)
class Complaints:
    """The problems of one export, the first ones kept and all counted."""

    file: str
    kept: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, code: str, *place: str | int) -> None:
        """Note a problem at line and heading of the file."""
        self.note(complaint(code, self.file, *place))

    def note(self, problem: Problem) -> None:
        """Note a problem that knows its place."""
        self.count += 1
        if len(self.kept) < MOST:
            self.kept.append(problem)

    def settle(self) -> None:
        """Raise Failure ``erp.bad_export`` if anything was noted: half a company would plan deletions."""
        if self.count:
            raise Failure(complaint("erp.bad_export", self.file, excerpt=str(self.count)), tuple(self.kept))


@dataclass(frozen=True, slots=True)
class Table:
    """An export whose headings are matched: where each field stands and how its heading is spelled."""

    layout: Layout
    positions: Mapping[str, int]
    headings: Mapping[str, str]
    width: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row: its line, the fields, and the key that makes it unique."""

    line: int
    values: Values
    key: Key


@dataclass(frozen=True, slots=True)
class Reference:
    """Fields of a row that must form the key of a row elsewhere. ``optional``: an empty last one is none."""

    entity: str
    fields: tuple[str, ...]
    optional: bool = False


_MANDANT = Reference("mandant", ("mandant",))
_LEASE = Reference("lease", ("mandant", "erp_key", "ref.lease"))
REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "economic_unit": (_MANDANT,),
    "building": (_MANDANT, Reference("economic_unit", ("mandant", "ref.economic_unit"), optional=True)),
    "unit": (
        _MANDANT,
        Reference("economic_unit", ("mandant", "economic_unit"), optional=True),
        Reference("building", ("mandant", "economic_unit", "building"), optional=True),
    ),
    "lease": (_MANDANT, Reference("unit", ("mandant", "ref.economic_unit", "ref.building", "ref.unit"))),
    "tenant_role": (_LEASE, Reference("person", ("ref.person",))),
    "rent_item": (_LEASE,),
}


def _word(find: Callable[[str], Any]) -> Callable[[Cell], Any]:
    """A parser for a word of the vocabulary: None where empty, BadCell where unknown."""

    def parse(cell: Cell) -> Any:
        word = cells.number_text(cell)
        if not word:
            return None
        found = find(word)
        if found is None:
            raise cells.BadCell("unknown word")
        return found

    return parse


@dataclass(frozen=True, slots=True)
class _Kind:
    """How cells of a kind are read and what is said about one that cannot be."""

    parse: Callable[[Cell], Any]
    code: str


_TEXT = _Kind(cells.text, "erp.bad_text")
_NUMBER = _Kind(cells.number_text, "erp.bad_text")
_TEXTS = _Kind(cells.texts, "erp.bad_text")
_TWO_PLACES = _Kind(cells.decimal(2), "erp.bad_number")
_ONE_PLACE = _Kind(cells.decimal(1), "erp.bad_number")
_INTEGER = _Kind(cells.integer, "erp.bad_number")
_DAY = _Kind(cells.day, "erp.bad_date")
_BOOLEAN = _Kind(cells.boolean, "erp.bad_boolean")

_KINDS: Mapping[str, _Kind] = {
    **dict.fromkeys(("number", "mandant", "erp_key", "economic_unit", "building", "code", "parent"), _NUMBER),
    **dict.fromkeys(("ref.economic_unit", "ref.building", "ref.unit", "ref.lease", "ref.person"), _NUMBER),
    **dict.fromkeys(("emails", "phones", "mandatory_features"), _TEXTS),
    **dict.fromkeys(("living_area", "usable_area", "heating_area"), _TWO_PLACES),
    **dict.fromkeys(("target_rent_net", "amount_net", "amount_gross"), _TWO_PLACES),
    "rooms": _ONE_PLACE,
    **dict.fromkeys(("construction_year", "storeys", "rank"), _INTEGER),
    **dict.fromkeys(("start", "end", "valid_from", "valid_to"), _DAY),
    **dict.fromkeys(("managed_from", "managed_to", "birth_date"), _DAY),
    **dict.fromkeys(("active", "is_vacancy"), _BOOLEAN),
    "status": _Kind(_word(vocabulary.status), "erp.unknown_word"),
    "category": _Kind(_word(vocabulary.rent_category), "erp.unknown_word"),
    "person.kind": _Kind(_word(vocabulary.person_kind), "erp.unknown_word"),
    "ticket_category.kind": _Kind(_word(vocabulary.category_kind), "erp.unknown_word"),
}


def match(layout: Layout, header: Row, complaints: Complaints) -> Table | None:
    """Find the headings; None, with complaints, where a required one is missing or one stands twice."""
    before = complaints.count
    places: dict[str, list[int]] = {}
    for position, cell in enumerate(header.cells):
        places.setdefault(plain(str(cell)), []).append(position)
    positions, headings = {}, {}
    for name, heading in layout.columns.items():
        found = places.get(plain(heading), [])
        if len(found) > 1:
            complaints.add("erp.duplicate_column", header.line, heading)
        elif found:
            positions[name], headings[name] = found[0], str(header.cells[found[0]]).strip()
        elif name in layout.required:
            complaints.add("erp.missing_column", header.line, heading)
    if complaints.count > before:
        return None
    return Table(layout, positions, headings, len(header.cells))


def parse(table: Table, rows: Iterable[Row], complaints: Complaints) -> Iterator[Parsed]:
    """Rows to fields. A row with a doubt is left out here and noted in ``complaints``."""
    kinds = {name: _kind(table.layout.entity, name) for name in table.positions}
    for row in rows:
        before = complaints.count
        if any(str(cell).strip() for cell in row.cells[table.width :]):
            complaints.add("erp.too_many_cells", row.line)
            continue
        if len(row.cells) < table.width and not row.ragged:
            complaints.add("erp.too_few_cells", row.line)
            continue
        values = {
            name: _value(table, kinds[name], name, position, row, complaints)
            for name, position in table.positions.items()
        }
        if complaints.count == before:
            yield Parsed(row.line, values, key_of(values, table.layout.key))


def _kind(entity: str, name: str) -> _Kind:
    return _KINDS.get(f"{entity}.{name}") or _KINDS.get(name, _TEXT)


def _value(table: Table, kind: _Kind, name: str, position: int, row: Row, complaints: Complaints) -> Any:
    cell = row.cells[position] if position < len(row.cells) else ""
    try:
        value = kind.parse(cell)
    except cells.BadCell:
        complaints.add(kind.code, row.line, table.headings[name])
        return None
    if value in (None, "", ()) and name in table.layout.filled:
        complaints.add("erp.empty_cell", row.line, table.headings[name])
    return value


def key_of(values: Values, names: Iterable[str]) -> Key:
    """The values of some fields as texts; a missing or empty one is ""."""
    return tuple("" if values.get(n) is None else str(values[n]) for n in names)


def judge(
    table: Table, parsed: Parsed, seen: set[Key], known: Mapping[str, Container[Key]], out: Complaints
) -> None:
    """Complain about a key that came before and about references to rows that are not there.

    ``known`` holds the keys of the exports that exist; a reference into a missing one is not judged.
    """
    if parsed.key in seen:
        out.add("erp.duplicate_key", parsed.line, _heading(table, table.layout.key[-1]))
    seen.add(parsed.key)
    for reference in REFERENCES.get(table.layout.entity, ()):
        keys = known.get(reference.entity)
        key = key_of(parsed.values, reference.fields)
        if keys is None or (reference.optional and not key[-1]):
            continue
        if key not in keys:
            out.add("erp.unknown_reference", parsed.line, _heading(table, reference.fields[-1]))


def _heading(table: Table, name: str) -> str:
    return table.headings.get(name) or table.layout.columns[name]


def internal_id(key: Key) -> str:
    """A key as one text, for use inside only; different keys never give the same."""
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in key)


def _ref(values: Values, *names: str) -> str:
    return internal_id(key_of(values, names))


def _address(v: Values) -> Address:
    return Address(
        street=v.get("address.street") or "",
        house_number=v.get("address.house_number") or "",
        postal_code=v.get("address.postal_code") or "",
        city=v.get("address.city") or "",
        country=vocabulary.country(v.get("address.country") or "DEU"),
    )


def _mandant(i: str, v: Values) -> Mandant:
    return Mandant(id=i, number=v["number"], name=v["name"] or "", active=v.get("active") is not False)


def _economic_unit(i: str, v: Values) -> EconomicUnit:
    return EconomicUnit(
        id=i,
        name=v.get("name") or "",
        **_same(v, "number", "mandant", "location", "construction_year"),
    )


def _building(i: str, v: Values) -> Building:
    parent = _ref(v, "mandant", "ref.economic_unit") if v.get("ref.economic_unit") else None
    return Building(
        id=i,
        economic_unit_id=parent,
        address=_address(v),
        **_same(v, "number", "mandant", "construction_year", "storeys"),
    )


_UNIT = (
    "number", "mandant", "floor_raw", "position", "rooms", "living_area", "usable_area", "heating_area",
    "target_rent_net", "managed_from", "managed_to",
)  # fmt: skip


def _unit(i: str, v: Values) -> Unit:
    return Unit(
        id=i,
        economic_unit=v.get("economic_unit") or "",
        building=v.get("building") or "",
        usage_raw=v["usage_raw"] or "",
        usage=vocabulary.usage(v["usage_raw"] or ""),
        address=_address(v),
        **_same(v, *_UNIT),
    )


_PERSON = (
    "number",
    "salutation",
    "title",
    "first_name",
    "last_name",
    "company_name",
    "birth_date",
    "language",
)


def _person(i: str, v: Values) -> Person:
    return Person(
        id=i,
        kind=v.get("kind") or PersonKind.NATURAL,
        emails=v.get("emails") or (),
        phones=v.get("phones") or (),
        **_same(v, *_PERSON),
    )


def _lease(i: str, v: Values) -> Lease:
    return Lease(
        id=i,
        unit_id=_ref(v, "mandant", "ref.economic_unit", "ref.building", "ref.unit"),
        is_vacancy=bool(v.get("is_vacancy")),
        **_same(v, "number", "mandant", "status", "start", "end"),
    )


def _tenant_role(i: str, v: Values) -> TenantRole:
    role, rank = vocabulary.role(v["role_raw"])
    return TenantRole(
        id=i,
        lease_id=_ref(v, *_LEASE.fields),
        person_id=_ref(v, "ref.person"),
        role=role,
        rank=v.get("rank") or rank,
        **_same(v, "role_raw", "valid_from", "valid_to"),
    )


def _rent_item(i: str, v: Values) -> RentItem:
    category = v.get("category")
    return RentItem(
        id=i,
        lease_id=_ref(v, *_LEASE.fields),
        label=v.get("label") or "",
        **({"category": category} if category else {}),
        **_same(v, "code", "amount_net", "amount_gross", "valid_from", "valid_to"),
    )


def _ticket_category(i: str, v: Values) -> TicketCategory:
    return TicketCategory(
        id=i,
        kind=v.get("kind") or CategoryKind.REQUEST,
        parent=v.get("parent") or None,
        mandatory_features=v.get("mandatory_features") or (),
        active=v.get("active") is not False,
        **_same(v, "code", "label"),
    )


def _same(values: Values, *names: str) -> dict[str, Any]:
    """The fields that go over as they are."""
    return {name: values.get(name) for name in names}


_BUILD: Mapping[str, Callable[[str, Values], Entity]] = {
    "mandant": _mandant,
    "economic_unit": _economic_unit,
    "building": _building,
    "unit": _unit,
    "person": _person,
    "lease": _lease,
    "tenant_role": _tenant_role,
    "rent_item": _rent_item,
    "ticket_category": _ticket_category,
}


def build(entity: str, parsed: Parsed) -> Entity:
    """The canonical entity of a row without doubts."""
    return _BUILD[entity](internal_id(parsed.key), parsed.values)
