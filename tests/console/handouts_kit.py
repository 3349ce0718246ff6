"""What the tests of handed out points share: lists of two desks, and a workbook that somebody fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from checklists import loader
from checklists.model import Addressee, Checklist
from console.handouts.columns import Column
from console.handouts.hand_out import Wish, Written, hand_out
from console.handouts.keys import read as read_key
from console.handouts.proposals import Preview
from console.handouts.take_in import look
from console.onboarding.book import read
from console.workspace import Workspace
from tests.console.checklist_kit import own_lists

NAME = "Erika Musterfrau"
DUE = date(2026, 10, 31)
Typed = Mapping[tuple[str, ...], object]
"""Item, and field, and choice, to what somebody types there; item and a column's name for the others."""


def two_desks() -> tuple[Checklist, ...]:
    """The kit's list with its first two questions at two desks."""
    (mine,) = own_lists()
    first, second, *others = mine.items
    second = replace(second, addressee=Addressee.IT, blocking=True)
    return (replace(mine, items=(first, second, *others)),)


def only_two_desks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this list be in force."""
    monkeypatch.setattr(loader, "shipped", two_desks)


def handed_out(
    here: Workspace, place: Path, only: Addressee | None = None, due: date | None = DUE
) -> tuple[Written, ...]:
    """Write workbooks."""
    return hand_out(here, read(here), Wish(place, only, due))


def came_back(path: Path, typed: Typed, who: str = NAME, to: Path | None = None) -> Path:
    """Fill a workbook in, and save it as another program would."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            key = read_key(str(row[Column.KEY].value)) if len(row) > Column.KEY else None
            if key is None:
                continue
            if not key.item:
                row[Column.HOW].value = who
                continue
            _fill(row, typed, (key.item, key.field, key.choice), Column.ANSWER)
            for column in (Column.STATE, Column.WHO, Column.DUE, Column.NOTE):
                if not isinstance(row[column], openpyxl.cell.cell.MergedCell):
                    _fill(row, typed, (key.item, column.name), column)
    target = to or path
    book.save(target)
    return target


def _fill(row: Any, typed: Typed, place: tuple[str, ...], column: Column) -> None:
    found = {tuple(filter(None, where)): what for where, what in typed.items()}
    if tuple(filter(None, place)) in found:
        row[column].value = found[tuple(filter(None, place))]


def looked(here: Workspace, path: Path, who: str = "") -> Preview:
    """What a file would do."""
    return look(here, read(here), path, who)
