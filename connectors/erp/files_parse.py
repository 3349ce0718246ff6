"""Rows of an export to typed fields, pure: doubts are collected with their place, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.erp import cells, vocabulary
from connectors.erp.files_read import Cell, Row, complaint
from connectors.erp.layout import Layout, plain
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
LEASE = Reference("lease", ("mandant", "erp_key", "ref.lease"))
"""How a row points to its lease."""

REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "economic_unit": (_MANDANT,),
    "building": (_MANDANT, Reference("economic_unit", ("mandant", "ref.economic_unit"), optional=True)),
    "unit": (
        _MANDANT,
        Reference("economic_unit", ("mandant", "economic_unit"), optional=True),
        Reference("building", ("mandant", "economic_unit", "building"), optional=True),
    ),
    "lease": (_MANDANT, Reference("unit", ("mandant", "ref.economic_unit", "ref.building", "ref.unit"))),
    "tenant_role": (LEASE, Reference("person", ("ref.person",))),
    "rent_item": (LEASE,),
    "vacancy": (_MANDANT, Reference("unit", ("mandant", "economic_unit", "building", "unit"))),
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
    **dict.fromkeys(("number", "mandant", "erp_key", "economic_unit", "building", "unit"), _NUMBER),
    **dict.fromkeys(("code", "parent", "user.name"), _NUMBER),
    **dict.fromkeys(("ref.economic_unit", "ref.building", "ref.unit", "ref.lease", "ref.person"), _NUMBER),
    **dict.fromkeys(("emails", "phones", "mandatory_features", "attachments"), _TEXTS),
    **dict.fromkeys(("living_area", "usable_area", "heating_area"), _TWO_PLACES),
    **dict.fromkeys(("target_rent_net", "amount_net", "amount_gross"), _TWO_PLACES),
    **dict.fromkeys(("net_cold_rent", "operating_costs", "heating_costs", "surcharges"), _TWO_PLACES),
    **dict.fromkeys(("total_rent", "deposit", "coop_shares", "energy.value"), _TWO_PLACES),
    "rooms": _ONE_PLACE,
    **dict.fromkeys(("construction_year", "storeys", "rank", "energy.building_year"), _INTEGER),
    **dict.fromkeys(("start", "end", "valid_from", "valid_to"), _DAY),
    **dict.fromkeys(("managed_from", "managed_to", "birth_date"), _DAY),
    **dict.fromkeys(("available_from", "energy.valid_to", "energy.issued"), _DAY),
    **dict.fromkeys(("active", "is_vacancy", "released", "heating_included", "cellar"), _BOOLEAN),
    **dict.fromkeys(("fitted_kitchen", "intercom", "lift", "bike_room", "guest_wc"), _BOOLEAN),
    **dict.fromkeys(("balcony", "barrier_free", "wbs_required", "energy.with_hot_water"), _BOOLEAN),
    "heating": _Kind(_word(vocabulary.heating), "erp.unknown_word"),
    "energy.kind": _Kind(_word(vocabulary.energy_kind), "erp.unknown_word"),
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
        out.add("erp.duplicate_key", parsed.line, heading(table, table.layout.key[-1]))
    seen.add(parsed.key)
    for reference in REFERENCES.get(table.layout.entity, ()):
        keys = known.get(reference.entity)
        key = key_of(parsed.values, reference.fields)
        if keys is None or (reference.optional and not key[-1]):
            continue
        if key not in keys:
            out.add("erp.unknown_reference", parsed.line, heading(table, reference.fields[-1]))


def heading(table: Table, name: str) -> str:
    """How the heading of a field is spelled in this export, or would be."""
    return table.headings.get(name) or table.layout.columns[name]


def internal_id(key: Key) -> str:
    """A key as one text, for use inside only; different keys never give the same."""
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in key)
