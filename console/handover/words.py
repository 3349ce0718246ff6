"""Who works on a customer now, and who did before, in words."""

from __future__ import annotations

from console import formats
from console.i18n import _
from console.masking import hidden
from console.store.handovers import Handover, Move


def given_words(given: Handover, *, mask: bool = False) -> str:
    """That somebody else works on the customer now; the name masked where bystanders may look."""
    at = formats.date(given.at.astimezone())
    if not given.to:
        return _("Handed over on {date}.").format(date=at)
    return _("Handed over to {name} on {date}.").format(name=hidden(given.to, mask), date=at)


def back_hint(customer: str) -> str:
    """How to go on here after all."""
    text = _("Taking it back by name lifts this: einzug handover take-back {customer} --who NAME")
    return text.format(customer=customer)


def moved_words(one: Handover) -> str:
    """A word of the history, in a line."""
    at = formats.datetime(one.at)
    unknown = _("(name unknown)")
    match one.move:
        case Move.GIVEN:
            text = _("{at}  {who} handed over to {to}, from the machine {machine}")
        case Move.TAKEN:
            text = _("{at}  {to} took it in from {who}, on the machine {machine}")
        case Move.BACK:
            text = _("{at}  {who} took it back, on the machine {machine}")
    return text.format(
        at=at, who=one.who or unknown, to=one.to or unknown, machine=one.machine or _("(unknown)")
    )
