"""What the format permits and is wrong all the same: rents, sums, uses, days, numbers used twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.openimmo.complaint import Complaint, Place, Severity
from connectors.openimmo.read import local
from connectors.openimmo.schema import VERSION, schema
from connectors.openimmo.structure import place_of
from connectors.openimmo.values import NotSpelled, Scalar, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

TOLERANCE = Decimal("0.01")
"""By how much a sum may miss its parts: they are rounded one by one."""

RULE_RENT = "I8"
_GONE = ("DELETE", "REFERENZ")


def first(element: _Element | None, *names: str) -> _Element | None:
    """The first element at a path of local names."""
    for name in names:
        if element is None:
            return None
        element = next((child for child in element if local(child) == name), None)
    return element


def value(element: _Element | None) -> Scalar | None:
    """What a leaf holds; None where it is missing, empty or spelled wrong."""
    if element is None or not (element.text or "").strip():
        return None
    rule = schema().elements.get(local(element))
    try:
        return parse(element.text or "", rule.holds) if rule else None
    except NotSpelled:
        return None


def below(element: _Element, place: Place, *names: str) -> Place:
    """The place at a path of names; where it is missing, with the line of the nearest that is there."""
    at = place
    for depth, name in enumerate(names):
        found = first(element, name)
        if found is None:
            return Place("/".join((at.path, *names[depth:])), at.line, at.personal, file=at.file)
        element, at = found, place_of(found, f"{at.path}/{name}", at)
    return at


def transfer(element: _Element, place: Place) -> Iterator[Complaint]:
    """``uebertragung``: another version than the one these rules describe."""
    version = str(element.get("version") or "")
    if version and not version.startswith(VERSION):
        yield place.warning("openimmo.other_version", found=place.told(version), version=VERSION)


def judge(element: _Element, place: Place, today: date | None) -> Iterator[Complaint]:
    """One ``immobilie``."""
    action = first(element, "verwaltung_techn", "aktion")
    if action is not None and action.get("aktionart") in _GONE:
        return  # it is withdrawn: nobody reads the rest
    yield from _rent(element, place)
    yield from _amounts(element, place)
    yield from _sums(element, place)
    yield from _uses(element, place)
    changed = value(first(element, "verwaltung_techn", "stand_vom"))
    if today is not None and isinstance(changed, date) and changed > today:
        where = below(element, place, "verwaltung_techn", "stand_vom")
        yield where.data(Severity.WARNING, "openimmo.future", day=changed.isoformat())


def _amount(element: _Element, *names: str) -> Decimal | None:
    found = value(first(element, *names))
    return found if isinstance(found, Decimal) else None


def _switch(element: _Element | None, name: str) -> bool | None:
    text = element.get(name) if element is not None else None
    return None if text is None else text.strip() in ("true", "1")


def _rent(element: _Element, place: Place) -> Iterator[Complaint]:
    marketing = first(element, "objektkategorie", "vermarktungsart")
    if _switch(marketing, "KAUF") and not _switch(marketing, "MIETE_PACHT"):
        return
    where = below(element, place, "preise", "nettokaltmiete")
    rent = first(element, "preise", "nettokaltmiete")
    amount = value(rent)
    if rent is None or not (rent.text or "").strip():
        yield where.data(Severity.ERROR, "openimmo.rent_missing", RULE_RENT)
    elif isinstance(amount, Decimal) and not amount:
        yield where.data(Severity.WARNING, "openimmo.rent_zero", RULE_RENT)


def _amounts(element: _Element, place: Place) -> Iterator[Complaint]:
    for block in ("preise", "flaechen"):
        held = first(element, block)
        for leaf in held if held is not None else ():
            amount = value(leaf)
            if isinstance(amount, Decimal) and amount < 0 and local(leaf) in schema().not_negative:
                where = below(element, place, block, local(leaf))
                yield where.data(
                    Severity.ERROR, "openimmo.negative", name=local(leaf), found=where.told(str(amount))
                )


def _sums(element: _Element, place: Place) -> Iterator[Complaint]:
    """``kaltmiete`` is the net rent with running costs; ``warmmiete`` adds heating and surcharges."""
    net, costs = _amount(element, "preise", "nettokaltmiete"), _amount(element, "preise", "nebenkosten")
    cold, warm = _amount(element, "preise", "kaltmiete"), _amount(element, "preise", "warmmiete")
    if net is None or costs is None:
        return
    if cold is not None and abs(cold - net - costs) > TOLERANCE:
        where = below(element, place, "preise", "kaltmiete")
        code = "openimmo.cold_is_net" if cold == net else "openimmo.sum_cold"
        yield where.data(Severity.WARNING, code, found=_money(cold), expected=_money(net + costs))
    if warm is None:
        return
    possible = _warm(element, net + costs)
    if possible and all(abs(warm - total) > TOLERANCE for total in possible):
        where = below(element, place, "preise", "warmmiete")
        expected = " / ".join(_money(total) for total in possible)
        yield where.data(Severity.WARNING, "openimmo.sum_warm", found=_money(warm), expected=expected)


def _warm(element: _Element, cold: Decimal) -> list[Decimal]:
    """What the warm rent may be; nothing where heating is said to be included and no amount is given."""
    cold += _amount(element, "preise", "mietzuschlaege") or 0
    heating = _amount(element, "preise", "heizkosten")
    included = value(first(element, "preise", "heizkosten_enthalten"))
    if included is True:
        return [] if heating is None else [cold + heating]
    if included is False or not heating:
        return [cold]
    return [cold, cold + heating]


def _money(amount: Decimal) -> str:
    return format(amount, "f")


def _uses(element: _Element, place: Place) -> Iterator[Complaint]:
    use = first(element, "objektkategorie", "nutzungsart")
    if use is not None and not any(_switch(use, name) for name in ("WOHNEN", "GEWERBE", "ANLAGE", "WAZ")):
        where = below(element, place, "objektkategorie", "nutzungsart")
        parking = first(element, "objektkategorie", "objektart", "parken") is not None
        if not parking:
            yield where.data(Severity.WARNING, "openimmo.no_use")


class Numbers:
    """The numbers that name objects, to find one that is used twice."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], int] = {}
        self._objects = 0

    def meet(self, element: _Element, place: Place) -> Iterator[Complaint]:
        """One ``immobilie``; only a hash of its numbers is kept."""
        self._objects += 1
        for name in schema().unique:
            number = str(value(first(element, "verwaltung_techn", name)) or "").strip()
            if not number:
                continue
            former = self._seen.setdefault((name, hash(number)), self._objects)
            if former != self._objects:
                where = below(element, place, "verwaltung_techn", name)
                found = where.told(number)
                yield where.data(
                    Severity.ERROR, "openimmo.number_twice", name=name, found=found, number=former
                )
