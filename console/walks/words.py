"""What is said of a walk: its steps, whose turn it is, and how they stand."""

from __future__ import annotations

from datetime import datetime

from connectors.contract import Text
from connectors.partner import Partner
from connectors.texts import meaning, render
from connectors.walks import Actor, Step, Walk
from console import formats
from console.i18n import _, language
from console.walks.journey import Journey, Standing, StepState

MARKS = {StepState.SEEN: "✓", StepState.NOW: "▶", StepState.LATE: "!", StepState.LATER: "○"}
OFTEN_S = 20.0
"""An age below this needs no mention: looks follow each other."""


def title(partner: Partner, walk: Walk) -> str:
    """The walk's name."""
    return _text(partner, walk, "")


def nothing_there(partner: Partner, walk: Walk) -> str:
    """What helps where there is no object to make it on."""
    return _text(partner, walk, "_none")


def step_title(partner: Partner, walk: Walk, step: Step) -> str:
    """What is to be done, in a few words."""
    return _text(partner, walk, f"_{step.key}_title")


def step_how(partner: Partner, walk: Walk, step: Step) -> str:
    """How it is done."""
    return _text(partner, walk, f"_{step.key}_how")


def _text(partner: Partner, walk: Walk, rest: str) -> str:
    return render(Text(f"{partner.key}.walk_{walk.key}{rest}"), language())


def turn(step: Step, partner: Partner) -> str:
    """Whose turn it is."""
    return {
        Actor.CONSULTANT: _("your turn, at {partner}"),
        Actor.APPLICANT: _("the applicant's turn, whom you play"),
        Actor.CLERK: _("the clerk's turn, in the ERP"),
        Actor.CONSOLE: _("your turn, here in Einzug"),
        Actor.SYSTEM: _("comes by itself"),
    }[step.actor].format(partner=partner.name)


def state_word(state: StepState) -> str:
    """How a step stands, in a word."""
    return {
        StepState.SEEN: _("done"),
        StepState.NOW: _("now"),
        StepState.LATE: _("late"),
        StepState.LATER: _("later"),
    }[state]


def step_line(partner: Partner, walk: Walk, journey: Journey, step: Step, now: datetime) -> str:
    """A step as a line: glyph and word, when it was seen, title, and what was seen."""
    state = journey.state(walk, step, now)
    sighting = journey.sighting(step.key)
    at = "" if sighting is None else moment(sighting.at, now)
    line = f"{MARKS[state]} {state_word(state):<6} {at:<8}  {step_title(partner, walk, step)}"
    return line if sighting is None else f"{line} · {render(sighting.seen.evidence, language())}"


def moment(at: datetime, now: datetime) -> str:
    """The time of day; of another day the day as well."""
    local = at.astimezone()
    return f"{local:%H:%M:%S}" if local.date() == now.astimezone().date() else formats.datetime(at)


def brief(partner: Partner, walk: Walk, journey: Journey) -> str:
    """How far it got: ``Testmieter 2/4``."""
    return f"{title(partner, walk)} {journey.done(walk)}/{len(walk.steps)}"


def look_words(standing: Standing, now: datetime) -> str:
    """When the last look succeeded, and what is wrong with the newest one; it goes on by itself."""
    seen = _("not looked yet")
    if standing.looked is not None:
        seconds = (now - standing.looked).total_seconds()
        seen = _("looked {age} ago").format(age=formats.duration(seconds))
        if seconds < OFTEN_S and standing.problem is None:
            seen = _("watching")
    if standing.problem is None:
        return seen
    problem = meaning(standing.problem, language())
    return _("{seen} · {problem} Trying again by itself.").format(seen=seen, problem=problem)
