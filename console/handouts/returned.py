"""What came back, held against what is known: what would be answered, changed, what is in doubt. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from checklists.model import FieldKind, Item
from console.handouts.asks import Blank, blanks
from console.handouts.columns import FILLED, Column, heading
from console.handouts.keys import form_of, version_of
from console.handouts.reading import Cell, Row, Sheet
from console.handouts.values import Unclear, day_of, said_of, text_of, value_of
from console.i18n import _, language
from console.onboarding.answering import Draft, Values, value_words, why_not
from console.onboarding.book import Book
from console.onboarding.words import due_words, said_name
from console.store.said import Answer, Said

EMPTY = Cell("")


class Found(StrEnum):
    """What keeping a proposal would do."""

    ANSWER = "answer"  # nobody has said anything yet
    CHANGE = "change"  # it follows on the word that was there when the workbook was written
    CONFLICT = "conflict"  # somebody has said something else meanwhile


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be otherwise, in words; ``personal`` is masked where somebody looks on."""

    label: str
    former: str = field(repr=False)
    new: str = field(repr=False)
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A word that the file proposes for an item. ``former`` is the one in force."""

    item: Item
    found: Found
    draft: Draft
    place: str
    differences: tuple[Difference, ...]
    former: Answer | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was not understood: where it stands, what stands there, and why."""

    place: str
    shown: str = field(repr=False)
    why: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that a file would do; ``same`` points say nothing new."""

    file: str
    proposals: tuple[Proposal, ...]
    doubts: tuple[Doubt, ...]
    same: int = 0

    def count(self, found: Found) -> int:
        """How many proposals are of a kind."""
        return sum(one.found is found for one in self.proposals)


def preview(book: Book, customer: str, sheets: tuple[Sheet, ...], file: str, who: str = "") -> Preview:
    """Hold a file against the book; ``who`` answers where the file names nobody."""
    desk = _Desk(book, customer, file)
    for sheet in sheets:
        desk.read(sheet, who)
    return Preview(file, tuple(desk.proposals.values()), tuple(desk.doubts), desk.same)


@dataclass(slots=True)
class _Desk:
    """The file while it is gone through."""

    book: Book
    customer: str
    file: str
    proposals: dict[str, Proposal] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    same: int = 0

    def read(self, sheet: Sheet, who: str) -> None:
        for column in sheet.missing:
            if column in FILLED:
                gone = _("The column {name} is gone.").format(name=heading(column))
                self.doubts.append(Doubt(sheet.name, "", gone))
        groups: dict[str, list[Row]] = {}
        for row in sheet.rows:
            if row.key is None:
                self._doubt(row, _("The hidden cell of this row was changed: what it belongs to is unknown."))
            elif row.key.customer != self.customer:
                self._doubt(row, _("This row belongs to another customer."))
            elif not row.key.item:
                who = _head_name(row) or who
            else:
                groups.setdefault(row.key.item, []).append(row)
        for id_, rows in groups.items():
            self._item(id_, rows, who)

    def _doubt(self, row: Row, why: str) -> None:
        """Doubt a whole row, if anything was filled into it."""
        cell = next(
            (row.cells[c] for c in (Column.ANSWER, Column.STATE, Column.NOTE) if c in row.cells), None
        )
        if cell is not None:
            self.doubts.append(
                Doubt(cell.place or row.place, cell.text, why, row.key.item if row.key else "")
            )

    def _item(self, id_: str, rows: list[Row], who: str) -> None:
        standing = self.book.item(id_)
        if standing is None:
            for row in rows:
                self._doubt(row, _("This question is not on the lists any more."))
            return
        if any(row.key and row.key.form != form_of(standing.item) for row in rows):
            for row in rows:
                self._doubt(row, _("This question asks for something else meanwhile: hand it out again."))
            return
        point = _Point(standing.item, rows, self.book.history(id_))
        proposal = point.proposal(self.file, who)
        self.doubts += point.doubts
        if proposal is None:
            self.same += not point.doubts
        elif id_ in self.proposals:
            why = _("This question stands in the file twice; the first one counts.")
            self.doubts.append(Doubt(proposal.place, "", why, id_))
        elif not proposal.draft.who:
            why = _("Nobody says who answered: fill in a name, or name one when reading the file.")
            self.doubts.append(Doubt(proposal.place, "", why, id_))
        elif (reason := why_not(standing.item, proposal.draft)) is not None:
            self.doubts.append(Doubt(proposal.place, "", reason, id_))
        else:
            self.proposals[id_] = proposal


def _head_name(row: Row) -> str:
    """The name above the headings; its cell stands under How, or wherever something was typed."""
    held = [cell.text for column, cell in row.cells.items() if column not in (Column.KEY, Column.NUMBER)]
    return next(filter(None, held), "")


@dataclass(slots=True)
class _Point:
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
