"""What a person who does not know further should do now, and where: words, and what the key does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console import formats
from console.cockpit_words import brief_words
from console.i18n import _
from console.screens.track_words import guards_words, result_words, still_open
from console.widgets.record_model import Tone as RowTone

if TYPE_CHECKING:
    from console.cockpit import Cockpit, Place, Track
    from console.syncer import RunResult

CHECK, PLAN, OPEN = "check", "plan", "open"
"""What the key does."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step in words; ``what`` is done at ``place``, "" where there is nothing to do."""

    text: str
    what: str = ""
    place: Place | None = None


def next_step(cockpit: Cockpit) -> NextStep:
    """The next step, wherever the cursor stands."""
    tracks = list(cockpit.tracks.values())
    if not tracks:
        return NextStep(_("No partner is configured: einzug init adds one."))
    if cockpit.checked_at is None:
        return NextStep(_("Next (n): test connections and settings."), CHECK)
    if any(track.busy for track in tracks):
        return NextStep(_("Work is under way; you can look at other panels meanwhile."))
    partly = next((track for track in tracks if still_open(track)), None)
    if partly is not None:
        text = _("Next (n): compare {title} anew ({count} left).")
        count = formats.count(still_open(partly))
        return NextStep(text.format(title=_name(partly), count=count), PLAN, partly.place)
    without = next((track for track in tracks if track.plan is None and not track.impossible), None)
    if without is not None:
        text = _("Next (n): compare {title}.")
        if cockpit.failed_checks:
            text = _("5 shows the failed checks. Next (n): compare {title}.")
        return NextStep(text.format(title=_name(without)), PLAN, without.place)
    unfinished = next((t for t in tracks if t.error or (t.result and _troubled(t.result))), None)
    if unfinished is not None:
        text = _("Next (n): see what went wrong with {title}.")
        return NextStep(text.format(title=_name(unfinished)), OPEN, unfinished.place)
    return _ready(tracks) or NextStep(_("Everything is in step."))


def _ready(tracks: list[Track]) -> NextStep | None:
    """The first plan that nobody has written yet."""
    ready = next((t for t in tracks if t.plan and t.plan.changes and t.result is None), None)
    if ready is None or ready.plan is None:
        return None
    name = _name(ready)
    text = _("Next (n): look at {title}: {counts}.").format(title=name, counts=brief_words(ready.plan))
    if ready.plan.guards:
        text = _("Next (n): look at {title}; stop: {guard}.")
        text = text.format(title=name, guard=guards_words(ready.plan.guards))
    return NextStep(text, OPEN, ready.place)


def _name(track: Track) -> str:
    return f"{track.partner} {track.title}"


def _troubled(result: RunResult) -> bool:
    return result_words(result, 0)[1] is not RowTone.GOOD
