"""A plan as the rows of a table and as the fields of one record: texts, masked where they must be."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from textual.content import Content

from connectors.contract import Action, EntityMapping, Field, FieldChange, Result, Text, Value
from connectors.texts import render, template
from console import formats
from console.i18n import _, language
from console.masking import mask_fields, masked
from console.names import entity_name, field_name, field_names
from console.planner import Plan
from console.safe import clean
from console.source_words import source_words
from console.store.plan_query import Lexicon
from console.store.plans import Row
from console.sync.plan import Planned, change
from console.terminal import problem_code, result_name
from console.widgets.field_diff import ShownField
from console.widgets.record_model import Column, TableRow, Tone

GLYPHS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.SKIP: "·"}
KEPT = 400
"""Keys of rows that were lately asked for: those a live run must draw anew."""

_LABELS = frozenset({"first_name", "last_name", "company_name", "name", "label", "title"})
"""Last parts of canonical field names that name a record for people."""


class PlanSource:
    """The rows of a plan that a search has found, in its order; ``numbers`` None = all, in plan order.

    A row's key is its number in the plan. Values are opened for the rows that are asked for only.
    """

    def __init__(
        self,
        plan: Plan,
        masked: Callable[[], bool],
        numbers: array[int] | None = None,
        *,
        ascending: bool = True,
    ) -> None:
        self.plan = plan
        self.numbers = numbers
        self.served: deque[str] = deque(maxlen=KEPT)
        self._masked = masked
        self._ascending = ascending
        self._count = plan.store.count() if numbers is None else len(numbers)

    def count(self) -> int:
        """How many rows were found."""
        return self._count

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Some rows; none once the plan is closed."""
        store = self.plan.store
        if store.closed:
            return ()
        if self.numbers is None:
            rows = store.between(offset, limit)
        else:
            rows = store.at(self.numbers[offset : offset + limit])
        self.served.extend(str(row.n) for row in rows)
        return [table_row(row, self.plan, masked=self._masked()) for row in rows]

    def find(self, key: str) -> int | None:
        """The place of a row among those found."""
        number = int(key)
        if self.numbers is None:
            return number - 1 if 0 < number <= self._count else None
        if not self._ascending:
            return self.numbers.index(number) if number in self.numbers else None
        place = bisect_left(self.numbers, number)
        return place if place < self._count and self.numbers[place] == number else None

    def row(self, key: str | None) -> Row | None:
        """The plan's row behind a key."""
        if key is None or self.plan.store.closed:
            return None
        return next(iter(self.plan.store.at([int(key)])), None)


def columns() -> tuple[Column, tuple[Column, ...]]:
    """The column of marks, and the others; the least important disappear first."""
    return Column(_("Action"), 15), (
        Column(_("Id"), minimum=26),
        Column(_("Name"), priority=1, minimum=9),
        Column(_("What changes, or why not"), priority=2, minimum=14),
    )


def action_word(action: Action) -> str:
    """An action in a word."""
    return {
        Action.CREATE: _("new"),
        Action.UPDATE: _("changed"),
        Action.DELETE: _("gone"),
        Action.SKIP: _("skipped"),
    }[action]


def mark(action: Action) -> str:
    """An action as a glyph and a word."""
    return f"{GLYPHS[action]} {action_word(action)}"


def table_row(row: Row, plan: Plan, *, masked: bool) -> TableRow:
    """A row of a plan as one of the table; once it is applied its mark tells the result."""
    planned = row.planned
    result, tone = result_words(row)
    if planned.action is Action.SKIP and not row.result:
        tone = Tone.MUTED
    cells = (planned.id, name_of(planned, plan, hide=masked), what(planned, plan))
    shown = f"{GLYPHS[planned.action]} {result}" if result else mark(planned.action)
    return TableRow(str(row.n), cells, shown, tone)


def result_words(row: Row) -> tuple[str, Tone]:
    """What became of a row, with a glyph, and how it is meant."""
    if not row.result:
        return "", Tone.NORMAL
    word = result_name(Result(row.result))
    return (f"✓ {word}", Tone.GOOD) if row.ok else (f"✗ {word}", Tone.BAD)


def name_of(planned: Planned, plan: Plan, *, hide: bool) -> str:
    """What a record is called among people; "" where it has no name."""
    payload = planned.after or planned.before
    if payload is None:
        return ""
    values = plan.codec.decode(planned.entity, payload)
    fields = label_fields(plan.codec.mappings[planned.entity])
    parts = [
        shown_value(masked(values[field.name]) if hide and field.personal else values[field.name])
        for field in fields
    ]
    return " ".join(part for part in parts if part)


def label_fields(mapping: EntityMapping) -> tuple[Field, ...]:
    """The fields that name a record: names and labels, else the first personal one."""
    named = tuple(field for field in mapping.fields if field.source.rpartition(".")[2] in _LABELS)
    return named or tuple(field for field in mapping.fields if field.personal)[:1]


def what(planned: Planned, plan: Plan) -> str:
    """The fields that change, or the reason."""
    if planned.action is Action.UPDATE:
        return field_names(plan.job.partner, planned.fields)
    rule = f"{planned.rule} " if planned.rule else ""
    return rule + reason(planned.reason)


def reason(text: Text | None) -> str:
    """A reason in words."""
    return render(text, language()) if text else ""


def fields_of(planned: Planned, plan: Plan, *, hide: bool) -> tuple[FieldChange, ...]:
    """The differing fields of a record; a record that goes shows what it held."""
    fields = change(planned, plan.codec).fields
    return mask_fields(plan.codec.mappings[planned.entity], fields) if hide else fields


def shown_fields(planned: Planned, plan: Plan, *, hide: bool) -> tuple[ShownField, ...]:
    """The differing fields as texts."""
    return tuple(
        ShownField(
            field.name,
            shown_value(field.old),
            shown_value(field.new),
            source_words(field.source),
            field.rule,
            field_name(plan.job.partner, field.name),
        )
        for field in fields_of(planned, plan, hide=hide)
    )


def shown_value(value: Value) -> str:
    """A value as people read it; "" for none."""
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return formats.datetime(value)
        case date():
            return formats.date(value)
        case Decimal():
            text = format(value, "f")
            return text.replace(".", ",") if language() == "de" else text
        case tuple():
            return ", ".join(value)
    return str(value)


def is_personal(planned: Planned, plan: Plan, name: str) -> bool:
    """Whether a field names a person."""
    return any(field.personal for field in plan.codec.mappings[planned.entity].fields if field.name == name)


def record_text(row: Row, plan: Plan, *, hide: bool) -> str:
    """A whole record as plain text, for the clipboard."""
    planned = row.planned
    lines = [
        f"{mark(planned.action)}  {entity_name(plan.job.partner, planned.entity)}  {planned.id}",
        f"{planned.rule} {reason(planned.reason)}".strip(),
    ]
    if row.result:
        lines.append(" ".join(part for part in (result_words(row)[0], problem_words(row.code)) if part))
    for field in shown_fields(planned, plan, hide=hide):
        values = f"{field.old or '∅'} → {field.new or '∅'}"
        lines.append(f"{field.title}: {values}  ({field.source}, {field.rule})")
    return "\n".join(line for line in lines if line)


def record_head(row: Row, plan: Plan) -> list[Content]:
    """What stands above the fields: action, entity and id, reason, and what became of it."""
    planned = row.planned
    entity = entity_name(plan.job.partner, planned.entity)
    lines = [
        Content.assemble((mark(planned.action), "bold"), "  ", clean(f"{entity} {planned.id}")),
        Content(clean(" ".join(part for part in (planned.rule, reason(planned.reason)) if part))),
    ]
    if row.result:
        words, _tone = result_words(row)
        lines.append(Content(clean(f"{words}  {problem_words(row.code)}".strip())))
    return [*lines, Content("")]


def problem_words(code: str) -> str:
    """A problem's code in words; "" for none."""
    return problem_code(code) if code else ""


def rules_of(plan: Plan, kinds: Counter[tuple[str, str, str]]) -> tuple[str, ...]:
    """The rules that decide something in this plan: of skips, and of the fields that differ."""
    skipped = {rule for _entity, rule, _reason in kinds if rule}
    return tuple(sorted(skipped | set(_changed_rules(plan))))


def lexicon_of(plan: Plan, kinds: Counter[tuple[str, str, str]]) -> Lexicon:
    """What a search must know: reasons in words, and which fields a rule is for."""
    reasons = {code: template(code, language()) for _entity, _rule, code in kinds if code}
    rules: dict[str, tuple[tuple[str, str], ...]] = {}
    for entity, mapping in plan.codec.mappings.items():
        for field in mapping.fields:
            rules[field.rule] = (*rules.get(field.rule, ()), (entity, field.name))
    return Lexicon(reasons, rules, names_of(plan))


def names_of(plan: Plan) -> dict[str, str]:
    """The entities and fields of a plan under the names that people see."""
    partner, mappings = plan.job.partner, plan.codec.mappings
    entities = {entity: entity_name(partner, entity) for entity in mappings}
    return entities | {f.name: field_name(partner, f.name) for m in mappings.values() for f in m.fields}


def _changed_rules(plan: Plan) -> Iterator[str]:
    differing = set(plan.tally.updated_fields)
    for entity, mapping in plan.codec.mappings.items():
        yield from (field.rule for field in mapping.fields if (entity, field.name) in differing)
