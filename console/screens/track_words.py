"""What a use case says of itself in the overview: its last run, its state, its progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console import formats
from console.i18n import _
from console.names import guard_name, stage_name, waiting_words
from console.store.runs import RunState
from console.widgets.header import age_words
from console.widgets.record_model import Tone as RowTone

if TYPE_CHECKING:
    from console.cockpit import Track
    from console.sync.guards import Guard
    from console.syncer import RunResult

STALE_S = 900.0
"""After so many seconds a plan is shown as out of date."""


def last_words(track: Track) -> str:
    """When the last run was, and how it ended."""
    if track.last is None:
        return _("never")
    mark = {RunState.DONE: "✓", RunState.RUNNING: "…"}.get(track.last.state, "✗")
    return f"{track.last.started.astimezone():%d.%m. %H:%M} {mark}"


def state_words(track: Track) -> tuple[str, RowTone]:
    """What is going on, in words: progress with rate and remaining time, or how things stand."""
    if track.busy and track.waiting is not None:
        return waiting_words(track.waiting), RowTone.WARN
    if track.busy:
        return progress_words(track), RowTone.NORMAL
    if track.error:
        return f"✗ {track.error[0]}", RowTone.BAD
    if track.result is not None:
        return result_words(track.result, still_open(track))
    if track.plan is None and track.impossible:
        return "- " + _("not with this ERP"), RowTone.MUTED
    if track.plan is None and track.last is not None and track.last.state is RunState.INTERRUPTED:
        return "! " + _("interrupted: p goes on"), RowTone.WARN
    if track.plan is None:
        return _("no plan yet (p)"), RowTone.MUTED
    age = track.age or 0.0
    if age > STALE_S:
        return _("OUT OF DATE") + f"  {age_words(age)}", RowTone.WARN
    if track.plan.guards:
        return "! " + stop_words(track.plan.guards), RowTone.WARN
    word = _("in step") if track.plan.changes == 0 else _("to be written")
    return f"{word}  {age_words(age)}", RowTone.GOOD if track.plan.changes == 0 else RowTone.NORMAL


def still_open(track: Track) -> int:
    """How many changes of the shown plan nobody has written yet: a selection leaves some on purpose."""
    if track.plan is None or track.result is None:
        return 0
    return track.plan.changes - track.result.applying.applied - track.result.applying.failed


def result_words(result: RunResult, left: int) -> tuple[str, RowTone]:
    """How writing ended; only what was read back and found as written counts as verified."""
    done = result.applying
    if done.failed:
        return "✗ " + _("{count} failed").format(count=formats.count(done.failed)), RowTone.BAD
    if result.guards:
        return "✗ " + stop_words(result.guards), RowTone.BAD
    if result.mismatches:
        count = formats.count(len(result.mismatches))
        return "✗ " + _("other values there ({count})").format(count=count), RowTone.BAD
    if left:
        return "! " + _("{count} left: p compares").format(count=formats.count(left)), RowTone.WARN
    if result.unverified is not None:
        return "! " + _("written, unverified (p)"), RowTone.WARN
    return "✓ " + _("written and verified"), RowTone.GOOD


def stop_words(guards: Sequence[Guard]) -> str:
    """Which guards stopped it, the first by name."""
    return _("stop: {guards}").format(guards=guards_words(guards))


def guards_words(guards: Sequence[Guard]) -> str:
    """The first guard by name, and how many more there are."""
    more = f" +{len(guards) - 1}" if len(guards) > 1 else ""
    return guard_name(guards[0].key) + more


def progress_words(track: Track) -> str:
    """Stage, per cent and remaining time where the end is known, then bar and rate: the end is cut first."""
    progress = track.progress
    if progress is None:
        return _("starting …")
    parts, bars = [stage_name(progress.stage)], []
    if progress.total:
        share = min(1.0, progress.done / progress.total)
        parts.append(formats.percent(share))
        bars.append(bar(share))
    else:
        parts.append(formats.count(progress.done))
    if (left := track.meter.remaining(progress.done, progress.total)) is not None:
        parts.append(_("{time} left").format(time=formats.duration(left)))
    parts += bars
    if (rate := track.meter.rate()) is not None:
        parts.append(_("{rate}/s").format(rate=formats.count(round(rate))))
    return " ".join(parts)


def bar(share: float, width: int = 8) -> str:
    """A bar of blocks that works without colour."""
    full = round(share * width)
    return "▓" * full + "░" * (width - full)
