"""Small words of the report that several of its parts use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from console import formats
from console.i18n import _
from console.readiness import State
from console.report.blocks import Tone, line
from console.report.model import Chapter, File, Point, Run, Said

TONES = {
    State.DONE: Tone.GOOD,
    State.OPEN: Tone.OPEN,
    State.BLOCKED: Tone.BAD,
    State.NOT_APPLICABLE: Tone.MUTED,
}
RUN_TONES = {"done": Tone.GOOD, "failed": Tone.BAD}
DASH = "\N{EN DASH}"
"""Stands where there is nothing to say."""

HASH = 16
"""Digits of a checksum in a line; the list of evidence shows all of them."""

Numbers = Mapping[str, int]
"""The number of each piece of evidence, by its checksum."""


def tone(point: Point) -> Tone:
    """How an item's state is meant; what was accepted is no plain good."""
    return Tone.OPEN if point.accepted and point.state is State.DONE else TONES[point.state]


def by_when(point: Point) -> str:
    """The day by which it is promised; a dash where nobody has promised."""
    return formats.date(point.said.due) if point.said is not None and point.said.due is not None else DASH


def files_of(chapters: Iterable[Chapter]) -> dict[str, tuple[File, list[Point]]]:
    """Every piece of evidence once, with the items that it stands for, in the order of the lists."""
    found: dict[str, tuple[File, list[Point]]] = {}
    for chapter in chapters:
        for point in chapter.points:
            for file in point.said.files if point.said is not None else ():
                found.setdefault(file.sha256, (file, []))[1].append(point)
    return found


def numbered(chapters: Iterable[Chapter]) -> Numbers:
    """Their numbers."""
    return {sha256: number for number, sha256 in enumerate(files_of(chapters), 1)}


def file_words(one: File, numbers: Numbers) -> str:
    """A file with its size and its number in the list of evidence."""
    return f"{line(one.name)} · {formats.size(one.size)} · {number_words(numbers[one.sha256])}"


def number_words(number: int) -> str:
    """The number of a piece of evidence: ``N12``."""
    return f"N{number}"


def who_words(said: Said) -> str:
    """What was said, by whom and when, and from which file."""
    parts = [said.word, line(said.who), formats.datetime(said.at)]
    if said.origin:
        parts.append(_("from {file}").format(file=line(said.origin)))
    return " · ".join(parts)


def run_counts(run: Run) -> tuple[str, ...]:
    """Written, failed, left, left out; a dash where the run has not counted."""
    names = ("applied", "failed", "left", "skip")
    return tuple(formats.count(run.counts[name]) if name in run.counts else DASH for name in names)
