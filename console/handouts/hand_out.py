"""Writing workbooks and covering texts: one file for a desk, or a folder with one for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from checklists.model import Addressee
from console.errors import ConsoleError
from console.handouts.asks import Handout, handouts
from console.handouts.desks import desk_name
from console.handouts.letter import letter
from console.handouts.workbook import Terms, workbook
from console.i18n import _, speaking
from console.sheets import saving
from console.store.atomic import write_atomically

if TYPE_CHECKING:
    from console.onboarding.book import Book
    from console.workspace import Workspace

SUFFIX = ".xlsx"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is handed out: one desk or all, by when, and where to. A place that ends with .xlsx is one file,
    any other a folder that gets one for each desk."""

    place: Path
    only: Addressee | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A workbook with its covering text, and how many points of which desks are in it."""

    path: Path
    letter: Path
    desks: tuple[str, ...]
    points: int


def hand_out(workspace: Workspace, book: Book, wish: Wish) -> tuple[Written, ...]:
    """Write them in the customer's language. Blocks. Raises ConsoleError.

    What a desk has answered already is put in only where no other desk is in the file.
    """
    found = handouts(book, wish.only)
    if not found:
        raise ConsoleError(_("Nothing is open there."), _("Nothing was written."))
    if wish.place.suffix.lower() == SUFFIX:
        return (_write(workspace, found, wish, wish.place),)
    _folder(wish.place)
    return tuple(_write(workspace, (one,), wish, _path(workspace, one, wish.place)) for one in found)


def _write(workspace: Workspace, found: tuple[Handout, ...], wish: Wish, path: Path) -> Written:
    customer = workspace.customer
    name = customer.name or customer.key
    path = _free(path)
    terms = Terms(customer.key, name, date.today(), wish.due, given=len(found) == 1)
    text = path.with_suffix(".txt")
    with speaking(customer.language):
        content, words = workbook(found, terms), letter(found, name, path.name, wish.due)
    for target, what in ((path, content), (text, words.encode("utf-8-sig"))):
        with saving(target):
            write_atomically(target, what)
    return Written(path, text, tuple(map(desk_name, found)), sum(len(one.questions) for one in found))


def _folder(place: Path) -> None:
    with saving(place):
        place.mkdir(parents=True, exist_ok=True)


def _free(path: Path) -> Path:
    """A name that nothing has yet, neither for the workbook nor for its text: what lies there may be one that
    somebody has filled in."""
    found, number = path, 1
    while found.exists() or found.with_suffix(".txt").exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def _path(workspace: Workspace, one: Handout, folder: Path) -> Path:
    with speaking(workspace.customer.language):
        stem = _("open-points")
    return folder / f"{stem}-{workspace.customer.key}-{one.key}{SUFFIX}"
