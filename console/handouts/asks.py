"""Which open points go to which desk, and what of each has to be filled in. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checklists.model import Addressee, AnswerField, Choice, FieldKind, Item
from console.onboarding.book import Book
from console.readiness import Standing, State


@dataclass(frozen=True, slots=True)
class Blank:
    """One cell to fill in: a field, or one of its choices where several may be chosen."""

    field: AnswerField
    choice: Choice | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Field and choice by their keys."""
        return self.field.key, self.choice.key if self.choice else ""


@dataclass(frozen=True, slots=True)
class Question:
    """An open point with its number on the sheet and the cells it has."""

    number: int
    standing: Standing
    blanks: tuple[Blank, ...]

    @property
    def item(self) -> Item:
        """The checklist's item."""
        return self.standing.item


@dataclass(frozen=True, slots=True)
class Handout:
    """The open points of one desk; ``partner`` where they lie with a partner, each of whom sees its own."""

    addressee: Addressee
    questions: tuple[Question, ...]
    partner: str = ""

    @property
    def key(self) -> str:
        """The desk in a file's name."""
        return f"{self.addressee.value}-{self.partner}" if self.partner else self.addressee.value

    @property
    def blocking(self) -> int:
        """How many of them block the go-live."""
        return sum(one.standing.state is State.BLOCKED for one in self.questions)


def handouts(book: Book, only: Addressee | None = None) -> tuple[Handout, ...]:
    """The desks with open points, in the order of the enumeration. The consultant's own points stay here
    unless they are asked for by name."""
    desks = [only] if only is not None else [one for one in Addressee if one is not Addressee.CONSULTANT]
    return tuple(found for desk in desks for found in _of_desk(book, desk))


def _of_desk(book: Book, desk: Addressee) -> Iterator[Handout]:
    """The points of a desk, those of partners apart from each other."""
    open_: dict[str, list[Standing]] = {}
    for state in (State.BLOCKED, State.OPEN):  # what blocks first, then as the lists have it
        for one in book.standings:
            if one.item.addressee is desk and one.state is state:
                partner = book.partners[one.checklist] if desk is Addressee.PARTNER else ""
                open_.setdefault(partner, []).append(one)
    for partner in sorted(open_):
        found = enumerate(open_[partner], 1)
        yield Handout(desk, tuple(Question(n, one, blanks(one.item)) for n, one in found), partner)


def blanks(item: Item) -> tuple[Blank, ...]:
    """The cells of an item, in order."""
    return tuple(_blanks(item))


def _blanks(item: Item) -> Iterator[Blank]:
    for one in item.fields:
        if one.kind is FieldKind.CHOICES:
            yield from (Blank(one, choice) for choice in one.choices)
        else:
            yield Blank(one)
