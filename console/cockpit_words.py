"""What the screens say of errors and plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.problems import Failure
from console import formats
from console.errors import ConsoleError
from console.i18n import _, language
from console.names import guard_words
from console.store.errors import StoreError

if TYPE_CHECKING:
    from console.planner import Plan


def told(error: Exception) -> tuple[str, ...]:
    """An expected error in one or two sentences."""
    from console.syncer import GuardStop  # late: the engine is not needed to show what there is
    from console.views import sentences

    match error:
        case ConsoleError():
            return tuple(error.lines(language()))
        case StoreError():
            return error.render(language())
        case Failure():
            return sentences(error.problem, language())
        case GuardStop():
            return tuple(guard_words(error.partner, guard) for guard in error.guards)
    return (_("A record cannot be compared: {what}.").format(what=error),)


def plan_words(plan: Plan) -> str:
    """A plan's counts in a few words."""
    counts = {name: formats.count(count) for name, count in plan.tally.counts().items()}
    text = _("{create} new, {update} changed, {delete} gone, {skip} skipped, {unchanged} equal")
    return text.format(**counts)


def brief_words(plan: Plan) -> str:
    """The same without what there is none of."""
    words = {
        "create": _("{count} new"),
        "update": _("{count} changed"),
        "delete": _("{count} gone"),
        "skip": _("{count} skipped"),
        "unchanged": _("{count} equal"),
    }
    counts = plan.tally.counts()
    parts = [text.format(count=formats.count(counts[name])) for name, text in words.items() if counts[name]]
    return ", ".join(parts) or _("nothing there")
