"""A walk as the JSON that scripts rely on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.texts import render
from connectors.walks import Step
from console.i18n import language
from console.walks import words
from console.walks.guide import Guide
from console.walks.journey import Journey

SCHEMA = 1


def document(guide: Guide, journey: Journey) -> dict[str, Any]:
    """The whole walk; moments are in UTC, those by the other side's clock as ``at``."""
    chosen = journey.candidate
    return {
        "schema": SCHEMA,
        "partner": guide.partner.key,
        "use_case": guide.walk.use_case,
        "walk": guide.walk.key,
        "rules": list(guide.walk.rules),
        "object": {"id": chosen.id, "label": chosen.label, "link": chosen.link},
        "begun": journey.begun.at.isoformat(),
        "done": journey.current(guide.walk) is None,
        "steps": [_step(guide, journey, step) for step in guide.walk.steps],
    }


def _step(guide: Guide, journey: Journey, step: Step) -> dict[str, Any]:
    sighting = journey.sighting(step.key)
    found: dict[str, Any] = {
        "key": step.key,
        "title": words.step_title(guide.partner, guide.walk, step),
        "actor": step.actor.value,
        "state": journey.state(guide.walk, step, datetime.now(UTC)).value,
    }
    if sighting is not None:
        at = sighting.seen.at
        found |= {
            "at": at.isoformat() if at else None,
            "noticed": sighting.noticed.isoformat(),
            "evidence": render(sighting.seen.evidence, language()),
        }
    return found
