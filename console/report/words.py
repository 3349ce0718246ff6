"""Small words of the report that several of its parts use."""

from __future__ import annotations

from console import formats
from console.readiness import State
from console.report.blocks import Tone, line
from console.report.model import File, Point, Run, Said

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
"""Digits of a checksum in a run's line; evidence shows all of them."""


def tone(point: Point) -> Tone:
    """How an item's state is meant; what was accepted is no plain good."""
    return Tone.OPEN if point.accepted and point.state is State.DONE else TONES[point.state]


def file_words(one: File) -> str:
    """A file with its size and its checksum."""
    return f"{line(one.name)} · {formats.size(one.size)} · SHA-256 {one.sha256}"


def who_words(said: Said) -> str:
    """What was said, by whom and when."""
    return " · ".join((said.word, line(said.who), formats.datetime(said.at)))


def run_counts(run: Run) -> tuple[str, ...]:
    """Written, failed, left, left out; a dash where the run has not counted."""
    names = ("applied", "failed", "left", "skip")
    return tuple(formats.count(run.counts[name]) if name in run.counts else DASH for name in names)
