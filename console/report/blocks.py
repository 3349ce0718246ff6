"""What a printed report is made of, in reading order: the one thing that both renderers are given.

Texts are finished and cleaned here, so that page and file cannot differ in a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from console.report.drawings import Drawing
from console.safe import clean, clean_lines

LONGEST = 20_000
"""Characters of a text that are printed; the JSON holds it whole."""


class Tone(StrEnum):
    """How something is meant; the word beside it says so as well."""

    PLAIN = "plain"
    GOOD = "good"
    OPEN = "open"
    BAD = "bad"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Title:
    """The head of the document: what it is, for whom, and what belongs to it."""

    text: str
    subject: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` 1 begins a chapter, ``fresh`` on a new page."""

    text: str
    level: int = 1
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures to be seen at a glance: value, what it counts, tone."""

    tiles: tuple[tuple[str, str, Tone], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``widths`` are parts of the whole; columns in ``right`` hold numbers; ``tones``, where there
    are any, say row by row how its first cell is meant."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()
    tones: tuple[Tone, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An item: its state in a word, what it is, on whose desk, and what is to be said of it: label, text."""

    tone: Tone
    word: str
    title: str
    about: str = ""
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing."""

    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on: who signs each."""

    parties: tuple[str, ...]
    place: str  # the words below each line
    name: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A piece of evidence as a picture (JPEG) or as text, whichever there is; ``title`` names it."""

    title: str
    text: str = ""
    picture: bytes = field(default=b"", repr=False)
    size: tuple[int, int] = (0, 0)  # of the picture, in pixels


Block = Title | Heading | Para | Tiles | Table | Entry | Figure | Exhibit | Signatures


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. ``header`` stands on top of each page, ``footer`` and ``page`` (``{page}``,
    ``{pages}``) below."""

    title: str
    language: str
    header: str
    footer: str
    page: str
    blocks: tuple[Block, ...]
    single: bool = False  # one page, whatever it takes


def line(text: str) -> str:
    """An external text on one line, fit to be printed."""
    return clean(text, LONGEST)


def lines(text: str) -> str:
    """An external text that may have several lines."""
    return clean_lines(text, LONGEST)


def texts(blocks: Iterable[Block]) -> Iterator[str]:
    """Every text of the blocks, in their order."""
    for block in blocks:
        yield from filter(None, _texts(block))


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Title():
            yield from (block.text, block.subject, *block.lines)
        case Heading() | Para():
            yield block.text
        case Tiles():
            yield from (text for value, label, _tone in block.tiles for text in (value, label))
        case Table():
            yield from (*block.head, *(cell for row in block.rows for cell in row))
        case Entry():
            yield from (block.word, block.title, block.about, *(t for pair in block.lines for t in pair))
        case Figure():
            yield from (label.text for label in block.drawing.labels)
        case Exhibit():
            yield from (block.title, block.text)
        case Signatures():
            yield from (text for party in block.parties for text in (party, block.place, block.name))
