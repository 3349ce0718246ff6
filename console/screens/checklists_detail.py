"""What is told of an item or a list beside the table: why, how, what was found, what was said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.content import Content

from checklists.model import Checklist, Item
from connectors import rules
from connectors.texts import render
from console import formats
from console.i18n import _, language
from console.masking import hidden
from console.onboarding.answering import consequence_words, consequences
from console.onboarding.book import Book
from console.onboarding.subjects import standings_of
from console.onboarding.words import (
    addressee_name,
    answer_words,
    because_words,
    checked_words,
    hidden_file,
    kind_name,
    mark,
    readiness_words,
    values_words,
    who_name,
)
from console.readiness import Standing, State, readiness
from console.store.said import Answer, Evidence
from console.terminal import MARKS
from console.widgets.safe_text import content

STYLES = {
    State.DONE: "$success bold",
    State.OPEN: "bold",
    State.BLOCKED: "$error bold",
    State.NOT_APPLICABLE: "dim",
}
DETAILS = 5
SUBJECTS = 12
HISTORY = 50


def item_detail(book: Book, one: Standing, *, mask: bool, now: datetime, fixable: bool) -> Content:
    """An item with everything that is known of it; what decides comes first."""
    item = one.item
    lines = [
        content(item.title.in_(language()), "bold"),
        content(f"{mark(one)}  {because_words(one.because)}", STYLES[one.state]),
        *_finding(one, now),
        *([content(_("→ f shows the plan that mends this."), "$accent")] if fixable else []),
        *_answer(item, one, mask=mask),
        *_subjects(book, one, mask=mask),
        *_effects(item, one, mask=mask),
    ]
    if item.id in book.unreadable:
        text = _("Former answers were sealed with another key and cannot be read here.")
        lines.append(content(f"! {text}", "$warning"))
    lines += [
        Content(""),
        content(_("Why"), "underline"),
        content(item.why.in_(language()), lines=True),
        content(_("How"), "underline"),
        content(item.how.in_(language()), lines=True),
        content(_turn(item), "dim"),
        *(content(rule_words(rule), "dim") for rule in item.rules),
        *_history(item, book.history(item.id), mask=mask),
    ]
    return Content("\n").join(lines)


def list_detail(book: Book, one: Checklist) -> Content:
    """A list: how far it is, and what blocks it."""
    found = readiness(book.of_list(one.id))
    lines = [content(one.title.in_(language()), "bold"), content(readiness_words(found))]
    if one.origin and one.origin not in ("", f"{one.id}.toml"):
        lines.append(content(_("File: {name}").format(name=one.origin), "dim"))
    if found.blockers:
        lines.append(content(_("What blocks, in the order in which it is best dealt with:"), "underline"))
        lines += [content(f"✗ {each.item.title.in_(language())}", "$error") for each in found.blockers]
    return Content("\n").join(lines)


def rule_words(rule: str) -> str:
    """A rule with its sentence."""
    try:
        words = rules.sentence(rule, language())
    except KeyError:  # a rule that this version does not list
        return _("Rule {rule}").format(rule=rule)
    return _("Rule {rule}: {words}").format(rule=rule, words=words)


def evidence_words(one: Evidence, *, mask: bool) -> str:
    """A file with its size and the beginning of its digest."""
    return f"▫ {hidden_file(one.name, mask)}  {formats.size(one.size)}  {one.sha256[:12]}"


def _turn(item: Item) -> str:
    """Whose turn it is, and who can tell."""
    text = _("Turn: {who} ({desk}). {kind}.")
    kind = kind_name(item.kind)
    return text.format(
        who=who_name(item.who), desk=addressee_name(item.addressee), kind=kind[:1].upper() + kind[1:]
    )


def _finding(one: Standing, now: datetime) -> Iterator[Content]:
    if one.checked is None:
        return
    finding = one.checked.finding
    yield content(f"{MARKS[finding.verdict]} {checked_words(one.checked, now)}")
    for detail in finding.details[:DETAILS]:
        yield content(f"    {render(detail, language())}")
    if len(finding.details) > DETAILS:
        yield content("    " + _("… and {count} more").format(count=len(finding.details) - DETAILS))


def _answer(item: Item, one: Standing, *, mask: bool) -> Iterator[Content]:
    if one.answer is not None:
        yield content(answer_words(one.answer, mask=mask))
        yield from _said(item, one.answer, mask=mask)


def _said(item: Item, answer: Answer, *, mask: bool) -> Iterator[Content]:
    for label, value in values_words(item, answer, mask=mask):
        yield content(f"  {label}: {value}")
    if answer.note:
        yield content(f"  {hidden(answer.note, mask)}")
    for file in answer.files:
        yield content(f"  {evidence_words(file, mask=mask)}")


def _subjects(book: Book, one: Standing, *, mask: bool) -> Iterator[Content]:
    """What was said of each of its subjects, what does not hold first."""
    found = sorted(standings_of(book, one, mask=mask), key=lambda each: each.state is State.DONE)
    for each in found[:SUBJECTS]:
        words = f"  {mark(each)}  {each.item.title.in_(language())}"
        said = f"  {answer_words(each.answer, mask=mask)}" if each.answer is not None else ""
        yield content(words + said, STYLES[each.state])
    if len(found) > SUBJECTS:
        yield content("    " + _("… and {count} more").format(count=len(found) - SUBJECTS))


def _effects(item: Item, one: Standing, *, mask: bool) -> Iterator[Content]:
    """What follows from the answer."""
    values = one.answer.values if one.answer is not None else {}
    for effect in consequences(item, values):
        yield content(f"→ {consequence_words(item, effect, values, mask=mask)}", "$accent")


def _history(item: Item, said: tuple[Answer, ...], *, mask: bool) -> Iterator[Content]:
    """Every word before the last one, the newest first."""
    former = said[-2::-1]
    if former:
        yield Content("")
        yield content(_("Said before"), "underline")
    for answer in former[:HISTORY]:
        yield content(answer_words(answer, mask=mask))
        yield from _said(item, answer, mask=mask)
