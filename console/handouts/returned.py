"""What came back, held against what is known: what would be answered, changed, what is in doubt. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from console.handouts.columns import FILLED, Column, heading
from console.handouts.keys import form_of
from console.handouts.point import Point
from console.handouts.proposals import Doubt, Preview, Proposal
from console.handouts.reading import Row, Sheet
from console.i18n import _
from console.onboarding.answering import why_not
from console.onboarding.book import Book


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
        point = Point(standing.item, rows, self.book.history(id_))
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
