"""Drawings of the report as data: rectangles, lines and labels, rendered as SVG or for the PDF.

The unit is a point; y grows downwards. Every figure is as wide as a page's text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from console import formats
from console.i18n import _, ngettext
from console.report.model import Difference, Ready, Trip
from console.safe import clean
from console.tickets.trip_words import took_words

WIDTH = 480.0
ROW = 17.0
SIZE = 8.5
LEFT = 215.0
"""Where bars begin, right of their names."""

STAGES = 168.0
"""Where a timeline begins, right of the names of its stages."""

WORD, NUMBER = 84.0, 16.0
"""Room right of a bar for what is left to do, or for a number."""

_CHAR = 0.54  # of the size: a wide letter's breadth, so that nothing runs into its neighbour


class Colour(StrEnum):
    """What a colour means."""

    INK = "#1f2933"
    MUTED = "#5b6b7a"
    LINE = "#c9d2da"
    EMPTY = "#e6ebef"
    GOOD = "#2f7d4f"
    OPEN = "#d9a300"
    AMBER = "#8a6400"  # the same for words, on white
    BAD = "#b3261e"
    SKIPPED = "#8fa3b5"


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: Colour = Colour.LINE


@dataclass(frozen=True, slots=True)
class Label:
    """A text on its base line; ``anchor`` is ``start``, ``middle`` or ``end``."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    colour: Colour = Colour.INK
    bold: bool = False


Shape = Box | Line | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure; ``about`` tells in words what it shows."""

    height: float
    about: str
    shapes: tuple[Shape, ...]

    @property
    def labels(self) -> Iterator[Label]:
        """The texts in it."""
        return (shape for shape in self.shapes if isinstance(shape, Label))


def fitted(text: str, width: float) -> str:
    """An external text made safe, and cut where it would be wider."""
    return clean(text, max(2, int(width / (SIZE * _CHAR))))


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something is; a ``head`` stands above what belongs to it."""

    ready: Ready
    head: bool = False


def bars(rows: Sequence[Bar]) -> Drawing:
    """Readiness, a line each: done, open and blocking as parts of what applies, the share, what is left."""
    shapes: list[Shape] = [
        *_legend(((_("settled"), Colour.GOOD), (_("open"), Colour.OPEN), (_("blocks"), Colour.BAD)))
    ]
    grouped = any(one.head for one in rows)
    for row, one in enumerate(rows):
        ready, indent = one.ready, 10.0 if grouped and not one.head else 0.0
        parts = ((ready.done, Colour.GOOD), (ready.open, Colour.OPEN), (ready.blocked, Colour.BAD))
        shapes += _bar(row, Label(indent, 0, ready.title, bold=one.head), parts, WORD)
        words, colour = _left_words(ready)
        y = ROW * (row + 1) + 12
        if ready.done or ready.open or ready.blocked:
            shapes.append(Label(WIDTH - WORD + 8, y, formats.percent(ready.share), "end", bold=True))
        shapes.append(Label(WIDTH, y, words, "end", colour))
    return Drawing(_height(len(rows)), _("Readiness as bars"), tuple(shapes))


def _left_words(ready: Ready) -> tuple[str, Colour]:
    """What keeps it from being ready."""
    if ready.blocked:
        text = ngettext("{count} blocks", "{count} block", ready.blocked)
        return text.format(count=formats.count(ready.blocked)), Colour.BAD
    if ready.open:
        return _("{count} open").format(count=formats.count(ready.open)), Colour.AMBER
    return (_("ready"), Colour.GOOD) if ready.done else (_("not needed"), Colour.MUTED)


def differences(rows: Sequence[Difference]) -> Drawing:
    """Both sides of each use case: equal, differing, failed and left out."""
    legend = (
        (_("equal"), Colour.GOOD),
        (_("differing"), Colour.OPEN),
        (_("failed"), Colour.BAD),
        (_("left out by a rule"), Colour.SKIPPED),
    )
    shapes: list[Shape] = [*_legend(legend)]
    for row, one in enumerate(rows):
        parts = (
            (one.equal, Colour.GOOD),
            (one.differing, Colour.OPEN),
            (one.failed, Colour.BAD),
            (one.skipped, Colour.SKIPPED),
        )
        shapes += _bar(row, Label(0, 0, one.title), parts, NUMBER)
        whole = formats.count(sum(count for count, _colour in parts))
        shapes.append(Label(WIDTH, ROW * (row + 1) + 12, whole, "end", bold=True))
    return Drawing(_height(len(rows)), _("Differences as bars"), tuple(shapes))


def timeline(trip: Trip) -> Drawing:
    """The stages of a round trip, each from its cause to its arrival."""
    left, right = STAGES, WIDTH - 62.0
    moments = [at for leg in trip.legs for at in (leg.began, leg.at) if at is not None]
    begin, end = min([trip.begun, *moments]), max([trip.begun, *moments])
    whole = max((end - begin).total_seconds(), 0.001)

    def place(at: datetime) -> float:
        return left + (right - left) * (at - begin).total_seconds() / whole

    shapes: list[Shape] = []
    for row, leg in enumerate(trip.legs):
        y = row * ROW + 4
        shapes.append(Label(0, y + 10, fitted(leg.title, left - 8)))
        shapes.append(Line(left, y + 7, right, y + 7))
        if leg.at is not None:
            start = place(leg.began or leg.at)
            colour = _LEGS.get(leg.state, Colour.SKIPPED)
            shapes.append(Box(start, y + 2, max(place(leg.at) - start, 3.0), 10, colour))
        said = took_words(leg.took) if leg.took is not None else leg.word
        shapes.append(Label(WIDTH, y + 10, fitted(said, 60), "end", Colour.MUTED))
    foot = len(trip.legs) * ROW + 14
    shapes += [
        Line(left, foot - 10, right, foot - 10, Colour.MUTED),
        Label(left, foot, formats.duration(0), colour=Colour.MUTED),
        Label(right, foot, _span(end - begin), "end", Colour.MUTED),
    ]
    return Drawing(foot + 4, _("Timeline of the round trip"), tuple(shapes))


_LEGS = {"done": Colour.GOOD, "failed": Colour.BAD, "skipped": Colour.SKIPPED, "stuck": Colour.OPEN}


def _span(took: timedelta) -> str:
    return formats.duration(took.total_seconds()) if took.total_seconds() >= 1 else took_words(took)


def _height(rows: int) -> float:
    return ROW * (rows + 1) + 2


def _legend(entries: Iterable[tuple[str, Colour]]) -> Iterator[Shape]:
    x = LEFT
    for name, colour in entries:
        yield Box(x, 3, 8, 8, colour)
        yield Label(x + 12, 11, name, colour=Colour.MUTED)
        x += 20 + len(name) * SIZE * _CHAR


def _bar(row: int, title: Label, parts: Sequence[tuple[int, Colour]], room: float) -> Iterator[Shape]:
    """The name, and its parts as a bar that leaves ``room`` at its right."""
    y, left, width = ROW * (row + 1), LEFT, WIDTH - LEFT - room - 36.0
    yield replace(title, y=y + 12, text=fitted(title.text, left - title.x - 8))
    whole = sum(count for count, _colour in parts)
    if whole == 0:
        yield Box(left, y + 4, width, 10, Colour.EMPTY)
    x = left
    for count, colour in parts:
        if count:
            step = width * count / whole
            yield Box(x, y + 4, step, 10, colour)
            x += step
