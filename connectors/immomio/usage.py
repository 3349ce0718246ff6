"""What Immomio makes of a unit: flat, garage or commercial unit, by three lists of the ERP's usage types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from connectors.spelling import text

FLAT = "FLAT"
GARAGE = "GARAGE"
COMMERCIAL = "COMMERCIAL"
KINDS = (FLAT, COMMERCIAL, GARAGE)

FLATS = ("Wohnraum", "Wohnung", "Wohnen", "Wohneinheit", "Apartment", "Einfamilienhaus")
GARAGES = (
    "Stellplatz", "Garage", "Tiefgarage", "Tiefgaragenstellplatz", "Garagenstellplatz", "Carport",
    "Parkplatz",
)  # fmt: skip
COMMERCIALS = (
    "Gewerbe", "Gewerbeeinheit", "Gewerberaum", "Laden", "Ladenlokal", "Büro", "Praxis", "Gaststätte",
    "Werkstatt",
)  # fmt: skip

Lists = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""The usage types of flats, garages and commercial units."""


def check_lists(flats: Sequence[str], garages: Sequence[str], commercial: Sequence[str]) -> None:
    """A usage type stands in one list, once or more. Raises ValueError."""
    seen: dict[str, str] = {}
    for name, types in (("flats", flats), ("garages", garages), ("commercial", commercial)):
        for raw in types:
            if not (key := usage_key(raw)):
                raise ValueError(f"{name}: a usage type is empty")
            if seen.setdefault(key, name) != name:
                raise ValueError(f"{name}: {raw!r} stands in {seen[key]} too")


def kind(usage: str, lists: Lists) -> str | None:
    """FLAT, GARAGE or COMMERCIAL; None for a type that stands in no list."""
    return _kinds(lists).get(usage_key(usage))


@cache
def _kinds(lists: Lists) -> Mapping[str, str]:
    flats, garages, commercial = lists
    table = ((flats, FLAT), (garages, GARAGE), (commercial, COMMERCIAL))
    return {usage_key(raw): kind for types, kind in table for raw in types}


def usage_key(usage: str) -> str:
    """A usage type as it is compared: blanks and case mean nothing."""
    return (text(usage) or "").casefold()
