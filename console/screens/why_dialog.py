"""Why a record is planned as it is, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from connectors import rules
from connectors.contract import Action
from console.i18n import _, language
from console.names import entity_name, field_name
from console.planner import Plan
from console.safe import clean
from console.screens.plan_source import action_word, problem_words, reason, result_words
from console.screens.window import window_bindings
from console.source_words import equality_words, source_words
from console.store.plans import Row
from console.sync.plan import change


class WhyDialog(ModalScreen[None]):
    """Shows paragraphs; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("why")

    def __init__(self, title: str, paragraphs: list[str]) -> None:
        super().__init__()
        self._title = title
        self._paragraphs = paragraphs

    def compose(self) -> ComposeResult:
        """The title and a paragraph each."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(clean(self._title), markup=False, classes="title")
            for paragraph in self._paragraphs:
                yield Static(clean(paragraph), markup=False, classes="paragraph")
            yield Static(_("Esc closes."), markup=False, classes="hint")

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)


def explanation(row: Row, plan: Plan, field: str | None) -> list[str]:
    """Why this row is in the plan; with the name of a field, why that field is to be changed."""
    planned = row.planned
    lines = [_intention(planned.action)]
    if planned.reason:
        lines.append(_("Reason: {reason}").format(reason=reason(planned.reason)))
    if planned.rule:
        lines.append(rule_words(planned.rule))
    if field is not None:
        lines += _field_lines(row, plan, field)
    if row.result:
        told = " ".join(part for part in (result_words(row)[0], problem_words(row.code)) if part)
        lines.append(_("Result: {result}").format(result=told))
    return lines


def title(row: Row, plan: Plan) -> str:
    """The record in a line."""
    entity = entity_name(plan.job.partner, row.planned.entity)
    return f"{entity} {row.planned.id}: {action_word(row.planned.action)}"


def rule_words(rule: str) -> str:
    """A rule with its sentence."""
    try:
        words = rules.sentence(rule, language())
    except KeyError:  # a rule that this version does not list
        words = ""
    return _("Rule {rule}: {words}").format(rule=rule, words=words) if words else rule


def _intention(action: Action) -> str:
    return {
        Action.CREATE: _("The target does not have this record; it would be created there."),
        Action.UPDATE: _("The target holds this record with other values; they would be replaced."),
        Action.DELETE: _(
            "The source does not have this record any more; it would be removed from the target."
        ),
        Action.SKIP: _("This record is left alone: nothing is written for it."),
    }[action]


def _field_lines(row: Row, plan: Plan, name: str) -> Iterator[str]:
    mapping = plan.codec.mappings[row.planned.entity]
    for field in mapping.fields:
        if field.name != name or name not in {f.name for f in change(row.planned, plan.codec).fields}:
            continue
        shown = field_name(plan.job.partner, name)
        called = name if shown == name else f"{shown} ({name})"
        yield _("Field {name}: comes from {source}.").format(name=called, source=source_words(field.source))
        if field.rule != row.planned.rule:
            yield rule_words(field.rule)
        yield equality_words(field.equality, field.kind)
