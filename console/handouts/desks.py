"""What a desk is called."""

from __future__ import annotations

from connectors.registry import UnknownConnector, partner
from console.handouts.asks import Handout
from console.onboarding.words import addressee_name


def desk_name(one: Handout) -> str:
    """The desk in the language in force; points that lie with a partner bear its name."""
    if not one.partner:
        return addressee_name(one.addressee)
    try:
        return partner(one.partner).name
    except UnknownConnector:  # a list of somebody's own
        return one.partner
