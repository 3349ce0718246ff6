"""The checklists as rows: every list a heading with its progress, below it its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from checklists.model import Checklist
from console import formats
from console.i18n import _, language
from console.masking import hidden
from console.onboarding.book import Book, concerns
from console.onboarding.words import addressee_name, mark, share
from console.readiness import Standing, State, readiness
from console.text_filter import TextFilter
from console.widgets.record_model import Column, TableRow, Tone

LIST = "list "
"""What the key of a list's row begins with; no item's id holds a blank."""

TONES = {
    State.DONE: Tone.GOOD,
    State.OPEN: Tone.NORMAL,
    State.BLOCKED: Tone.BAD,
    State.NOT_APPLICABLE: Tone.MUTED,
}


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen of the lists."""

    folded: frozenset[str] = frozenset()
    only_open: bool = False
    filter: TextFilter = field(default_factory=TextFilter)
    masked: bool = False


def columns() -> tuple[Column, ...]:
    """The columns of the table, beside the state."""
    return (
        Column(_("Item"), None, minimum=24),
        Column(_("Answer from"), 14, priority=2),
        Column(_("Desk"), 15, priority=1),
    )


def rows(book: Book, view: View) -> Iterator[TableRow]:
    """The rows that pass; a list whose items all went is not shown either."""
    for one in book.shown_lists:
        held = [item for item in book.of_list(one.id) if _seen(item, view)]
        passing = [row for row in (item_row(item, view) for item in held) if _passes(row, view)]
        if passing:
            folded = one.id in view.folded
            yield list_row(one, book.of_list(one.id), folded=folded)
            if not folded:
                yield from passing


def list_row(one: Checklist, held: tuple[Standing, ...], *, folded: bool) -> TableRow:
    """A list with its progress."""
    found = readiness(held)
    counts = _("{done} of {all} done").format(
        done=formats.count(found.done), all=formats.count(found.done + found.open + found.blocked)
    )
    blocked = _("blocks: {count}").format(count=formats.count(found.blocked)) if found.blocked else ""
    tone = Tone.BAD if found.blocked else Tone.NORMAL if found.open else Tone.GOOD
    arrow = "▸" if folded else "▾"
    cells = (f"{arrow} {one.title.in_(language())}", counts, blocked)
    return TableRow(LIST + one.id, cells, f"  {formats.percent(share(found))}", tone)


def item_row(one: Standing, view: View) -> TableRow:
    """An item."""
    item = one.item
    who = hidden(one.answer.who, view.masked) if one.answer is not None else ""
    cells = (f"  {item.title.in_(language())}", who, addressee_name(item.addressee))
    return TableRow(item.id, cells, mark(one), Tone.WARN if one.accepted else TONES[one.state])


def _seen(one: Standing, view: View) -> bool:
    if not concerns(one):
        return False
    return not view.only_open or one.state in (State.OPEN, State.BLOCKED)


def _passes(row: TableRow, view: View) -> bool:
    return view.filter.keeps(" ".join((row.key, row.mark, *row.cells)))
