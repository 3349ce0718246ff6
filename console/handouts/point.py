"""One question of a workbook that came back: its rows against the words that were said of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from checklists.model import FieldKind, Item
from console.handouts.asks import Blank, blanks
from console.handouts.columns import Column
from console.handouts.keys import version_of
from console.handouts.proposals import Difference, Doubt, Found, Proposal
from console.handouts.reading import Cell, Row
from console.handouts.values import Unclear, day_of, said_of, text_of, value_of
from console.i18n import _, language
from console.onboarding.answering import Draft, Values, value_words
from console.onboarding.words import due_words, said_name
from console.store.said import Answer, Said

EMPTY = Cell("")


@dataclass(slots=True)
class Point:
    """One item of the file: its rows against the words that were said of it."""

    item: Item
    rows: list[Row]
    history: tuple[Answer, ...]
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def now(self) -> Answer | None:
        """The word in force."""
        return self.history[-1] if self.history else None

    @property
    def base(self) -> Answer | None:
        """The word that was in force when the workbook was written."""
        key = self.rows[0].key
        return next((one for one in self.history if key and version_of(one) == key.version), None)

    def proposal(self, file: str, who: str) -> Proposal | None:
        """What the file says otherwise than what is known; None for nothing."""
        values, note, due = self._values(), self._text(Column.NOTE), self._due()
        said = self._said(note)
        draft = self._draft(values, said, note, due)
        differences = tuple(self._differences(draft, said))
        if not differences:
            return None
        name = self._text(Column.WHO) or who
        draft = replace(draft, who=name, origin=file)
        found = Found.ANSWER if self.now is None else Found.CHANGE
        if self.now != self.base:
            found = Found.CONFLICT
        return Proposal(self.item, found, draft, self._place(), differences, self.now)

    def _place(self) -> str:
        """The first cell of the item that somebody filled in."""
        order = (Column.ANSWER, Column.STATE, Column.NOTE, Column.WHO, Column.DUE)
        filled = (row.cells.get(column, EMPTY) for column in order for row in self.rows)
        return next((cell.place for cell in filled if cell.text), self.rows[0].place)

    def _values(self) -> dict[str, str | tuple[str, ...]]:
        """The fields that the file gives a value, those of several choices put together."""
        asked = {blank.key: blank for blank in blanks(self.item)}
        base = self.base.values if self.base else {}
        found: dict[str, str | tuple[str, ...]] = {}
        for row in self.rows:
            blank = asked.get((row.key.field, row.key.choice)) if row.key else None
            cell = row.cells.get(Column.ANSWER, EMPTY)
            if blank is None or blank.field.kind is FieldKind.FILE or not cell.text:
                continue
            try:
                value = value_of(cell, blank)
            except Unclear as unclear:
                self._unclear(cell, str(unclear))
                continue
            if isinstance(value, bool):
                former = found.get(blank.field.key, base.get(blank.field.key, ()))
                found[blank.field.key] = _chosen(blank, former, chosen=value)
            else:
                found[blank.field.key] = value
        kinds = {one.key: one.kind for one in self.item.fields}
        return {
            key: value
            for key, value in found.items()
            if not _same(kinds[key], value, base.get(key, type(value)()))
        }

    def _said(self, note: str) -> Said | None:
        """The state that somebody chose; one that needs a reason counts only with it."""
        cell = self._cell(Column.STATE)
        try:
            said = said_of(cell)
        except Unclear as unclear:
            self._unclear(cell, str(unclear))
            return None
        reason = note or (self.now.note if self.now else "")
        if said is Said.NOT_APPLICABLE and not reason:
            self._unclear(cell, _("This needs a reason as a note."))
            return None
        return said

    def _due(self) -> date | None:
        """The day that somebody put in; the one that was there already says nothing by itself."""
        cell = self._cell(Column.DUE)
        try:
            return day_of(cell)
        except Unclear as unclear:
            self._unclear(cell, str(unclear))
            return None

    def _unclear(self, cell: Cell, why: str) -> None:
        self.doubts.append(Doubt(cell.place, cell.text, why, self.item.id))

    def _text(self, column: Column) -> str:
        return text_of(self._cell(column))

    def _cell(self, column: Column) -> Cell:
        """A cell of the whole item: it stands in one of its rows, mostly the first."""
        return next((row.cells[column] for row in self.rows if column in row.cells), EMPTY)

    def _draft(
        self, values: Mapping[str, str | tuple[str, ...]], said: Said | None, note: str, due: date | None
    ) -> Draft:
        """What the file says, laid over what is known."""
        now = self.now
        merged: dict[str, str | tuple[str, ...]] = {**(now.values if now else {}), **values}
        handed = self.rows[0].key.due if self.rows[0].key else ""
        news = bool(values) or bool(note and note != (now.note if now else "")) or said is not None
        moved = due is not None and due.isoformat() != handed
        word = said or (self._settled(merged, note) if news else now.said if now else Said.OPEN)
        until = (due if news or moved else None) or (now.due if now else None)
        return Draft(
            said=word,
            who="",
            note=note or (now.note if now else ""),
            values=merged,
            files=now.files if now else (),
            due=until if word is Said.OPEN else None,
        )

    def _settled(self, values: Values, note: str) -> Said:
        """The word of somebody who chose none: settled once everything that is needed is there."""
        files = self.now.files if self.now else ()
        missing = any(
            one.required and not (files if one.kind is FieldKind.FILE else values.get(one.key))
            for one in self.item.fields
        )
        evident = not self.item.evidence or bool(note or files or (self.now and self.now.note))
        return Said.OPEN if missing or not evident else Said.DONE

    def _differences(self, draft: Draft, said: Said | None) -> Iterator[Difference]:
        """Everything that would be otherwise, in words; to say for the first time that it is open is news."""
        now = self.now
        for one in self.item.fields:
            former, new = (now.values.get(one.key, "") if now else ""), draft.values.get(one.key, "")
            if former != new:
                personal = one.kind in (FieldKind.TEXT, FieldKind.PERSON)
                words = (value_words(one, former), value_words(one, new))
                yield Difference(one.label.in_(language()), *words, personal)
        if draft.note != (now.note if now else ""):
            yield Difference(_("Note"), now.note if now else "", draft.note, personal=True)
        if draft.due != (now.due if now else None):
            former = due_words(now.due) if now and now.due else ""
            yield Difference(_("By when"), former, due_words(draft.due) if draft.due else "")
        if draft.said is not (now.said if now else Said.OPEN) or (now is None and said is not None):
            yield Difference(_("State"), said_name(now.said) if now else "", said_name(draft.said))


def _same(kind: FieldKind, value: str | tuple[str, ...], former: str | tuple[str, ...]) -> bool:
    """Whether a cell says what was said: a spreadsheet drops zeros of numbers and ends lines its own way."""
    if not isinstance(value, str) or not isinstance(former, str):
        return value == former
    if kind is FieldKind.NUMBER and former:
        return Decimal(value) == Decimal(former)
    return value.splitlines() == former.splitlines()


def _chosen(blank: Blank, former: str | tuple[str, ...], *, chosen: bool) -> tuple[str, ...]:
    """The choices with one more or less, in the order of the field."""
    held = {former} if isinstance(former, str) else {*former}
    key = blank.choice.key if blank.choice else ""
    held = held | {key} if chosen else held - {key}
    return tuple(one.key for one in blank.field.choices if one.key in held)
