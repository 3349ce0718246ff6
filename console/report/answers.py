"""The checklists as the report tells them: items, answers with evidence, and who is named in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from checklists.model import FieldKind, Item
from connectors.texts import render
from console.i18n import _, language
from console.masking import hidden
from console.onboarding.answering import consequence_words, consequences, value_words
from console.onboarding.book import Book, concerns
from console.onboarding.subjects import standing_of, standings_of
from console.onboarding.words import (
    addressee_name,
    because_words,
    hidden_file,
    said_name,
    share,
    state_name,
    values_words,
)
from console.readiness import FRESH, Checked, Standing, readiness
from console.report import model
from console.store.said import Answer, Evidence


def chapters(book: Book, *, masked: bool) -> tuple[model.Chapter, ...]:
    """Every list of which anything concerns the customer, with the items that do."""
    found = []
    for each in book.shown_lists:
        held = book.of_list(each.id)
        ready = readiness(held)
        counts = (ready.done, ready.open, ready.blocked, ready.not_applicable)
        line = model.Ready(each.title.in_(language()), *counts, round(share(ready), 4))
        points = tuple(
            point(one, book, masked=masked)
            for item in held
            if concerns(item)
            for one in (item, *standings_of(book, item, mask=masked))
        )
        found.append(model.Chapter(each.id, line, points))
    return tuple(found)


def point(one: Standing, book: Book, *, masked: bool) -> model.Point:
    """An item with everything that decides about it."""
    item = one.item
    return model.Point(
        id=item.id,
        title=item.title.in_(language()),
        state=one.state,
        word=state_name(one),
        because=because_words(one.because),
        owner=addressee_name(item.addressee),
        blocking=item.blocking,
        accepted=one.accepted,
        rules=item.rules,
        said=None if one.answer is None else said(item, one.answer, masked=masked),
        finding=None if one.checked is None else _finding(one.checked, book.facts.now),
    )


def said(item: Item, answer: Answer, *, masked: bool) -> model.Said:
    """A word on an item."""
    follows = consequences(item, answer.values)
    return model.Said(
        item=item.id,
        title=item.title.in_(language()),
        said=answer.said.value,
        word=said_name(answer.said),
        who=hidden(answer.who, masked),
        at=answer.at,
        note=hidden(answer.note, masked),
        values=tuple(values_words(item, answer, mask=masked)),
        files=tuple(_file(one, masked=masked) for one in answer.files),
        follows=tuple(consequence_words(item, one, answer.values, mask=masked) for one in follows),
        due=answer.due,
        origin=hidden_file(answer.origin, masked) if answer.origin else "",
    )


def midnight(day: date) -> datetime:
    """The beginning of a day here."""
    return datetime(day.year, day.month, day.day).astimezone()


def words_since(book: Book, since: date | None, *, masked: bool) -> tuple[model.Said, ...]:
    """Everything that was said since a day, the oldest first; () without one."""
    if since is None:
        return ()
    begin = midnight(since)
    found = []
    for one in book.standings:
        for item, words in _words(book, one, masked=masked):
            found += [said(item, answer, masked=masked) for answer in words if answer.at >= begin]
    return tuple(sorted(found, key=lambda word: (word.at, word.item)))


def _words(book: Book, one: Standing, *, masked: bool) -> Iterator[tuple[Item, Sequence[Answer]]]:
    """Every word on an item, then those on each of its subjects."""
    yield one.item, book.history(one.item.id)
    for subject, words in book.subjects(one.item.id).items():
        yield standing_of(one, subject, None, book.facts, mask=masked).item, words


def people(book: Book, *, masked: bool) -> tuple[model.Person, ...]:
    """Who answered how much, then who is named in answers and as what."""
    counts: Counter[str] = Counter()
    named: dict[str, dict[str, None]] = {}
    for one in book.standings:
        counts.update(words[-1].who for words in book.subjects(one.item.id).values())
        if one.answer is None:
            continue
        counts[one.answer.who] += 1
        for field in one.item.fields:
            if field.kind is FieldKind.PERSON and (value := one.answer.values.get(field.key)):
                named.setdefault(value_words(field, value), {})[field.label.in_(language())] = None
    answering = [
        model.Person(hidden(who, masked), _("answered checklists"), count)
        for who, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return (
        *answering,
        *(model.Person(hidden(name, masked), ", ".join(parts)) for name, parts in named.items()),
    )


def _finding(checked: Checked, now: datetime) -> model.Finding:
    found = checked.finding
    evidence = render(found.evidence, language())
    return model.Finding(found.key, found.verdict.value, evidence, checked.at, now - checked.at > FRESH)


def _file(one: Evidence, *, masked: bool) -> model.File:
    return model.File(hidden_file(one.name, masked), one.size, one.sha256)
