"""Does an element keep to the rule table: order, number, kinds, permitted words. Knows no meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from connectors.openimmo.complaint import PERSONAL, Complaint, Place, Severity
from connectors.openimmo.read import line_of, local
from connectors.openimmo.schema import Child, Element, Holds, Kind, schema
from connectors.openimmo.values import NotSpelled, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPACE = " \t\n\r"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_COMMA = re.compile(r"[+-]?[\d.]{1,20},\d{1,6}")
_GERMAN_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}")
_CODES = {
    Kind.CONTACT: "openimmo.empty_value",
    Kind.DECIMAL: "openimmo.not_decimal",
    Kind.INTEGER: "openimmo.not_integer",
    Kind.POSITIVE: "openimmo.not_positive",
    Kind.FLOAT: "openimmo.not_decimal",
    Kind.BOOLEAN: "openimmo.not_boolean",
    Kind.DATE: "openimmo.not_date",
    Kind.MOMENT: "openimmo.not_moment",
    Kind.BASE64: "openimmo.not_base64",
    Kind.CODE: "openimmo.not_code",
    Kind.WORDS: "openimmo.not_listed",
}


def place_of(element: _Element, path: str, above: Place) -> Place:
    """The place of an element below another."""
    personal = above.personal or local(element) in PERSONAL
    return Place(path, line_of(element), personal, file=above.file)


class Sequence:
    """Meets the children of an element in their order and says which should not stand where they do."""

    def __init__(self, rule: Element) -> None:
        self._rule = rule
        self.known = rule.children or {}
        self._reached: Child | None = None
        self._met: Counter[str] = Counter()

    def meet(self, name: str, place: Place) -> Iterator[Complaint]:
        """The next child."""
        child = self.known.get(name)
        if child is None:
            yield self._unknown(name, place)
            return
        self._met[name] += 1
        if self._met[name] == 2 and not child.many:
            yield place.error("openimmo.repeated", name=name, parent=self._rule.name)
        if self._reached is not None and child.place < self._reached.place:
            yield place.error("openimmo.wrong_order", name=name, after=self._reached.name)
        else:
            self._reached = child

    def _unknown(self, name: str, place: Place) -> Complaint:
        told = Place(place.path, place.line).told(name)  # a name of an element is no person's, wherever it is
        if name in schema().elements:
            return place.error("openimmo.misplaced", name=told, parent=self._rule.name)
        near = get_close_matches(name[:60], self.known, n=1)
        if near:
            return place.error("openimmo.unknown_near", name=told, parent=self._rule.name, near=near[0])
        return place.error("openimmo.unknown_element", name=told, parent=self._rule.name)

    def end(self, place: Place) -> Iterator[Complaint]:
        """No more children follow."""
        rule, met = self._rule, self._met
        for name, child in self.known.items():
            if child.required and not met[name]:
                yield place.error("openimmo.missing_element", name=name, parent=rule.name)
        if rule.any_of and not any(met[name] for name in rule.any_of):
            yield place.error("openimmo.needs_one_of", parent=rule.name, allowed=", ".join(rule.any_of))
        kinds = [name for name in rule.one_of if met[name]]
        if rule.one_of and not kinds:
            yield place.error("openimmo.needs_one_of", parent=rule.name, allowed=", ".join(rule.one_of))
        if len(kinds) > 1:
            yield place.error("openimmo.several_kinds", parent=rule.name, found=", ".join(kinds))
        if rule.either and all(met[name] for name in rule.either):
            yield place.error("openimmo.not_both", parent=rule.name, found=", ".join(rule.either))


def examine(element: _Element, rule: Element, place: Place) -> Iterator[Complaint]:
    """Everything that is wrong in an element, itself first, then its children."""
    yield from attributes(element, rule, place)
    if rule.anything:
        return
    if rule.children is None:
        yield from _leaf(element, rule, place)
        return
    sequence = Sequence(rule)
    counts: Counter[str] = Counter()
    stray = (element.text or "").strip(_SPACE)
    for child in element:
        stray = stray or (child.tail or "").strip(_SPACE)
        name = local(child)
        counts[name] += 1
        number = f"[{counts[name]}]" if rule.many(name) or counts[name] > 1 else ""
        below = place_of(child, f"{place.path}/{name[:60]}{number}", place)
        yield from sequence.meet(name, below)
        if known := rule.children.get(name):
            yield from unfilled(child, known, below)
            yield from examine(child, schema()[name], below)
    if stray:
        yield place.error("openimmo.stray_text", name=rule.name)
    yield from sequence.end(place)


def flaw(element: _Element) -> str:
    """The path of the first thing in an element of ours that the format forbids, "" where all is well."""
    name = local(element)
    found = examine(element, schema()[name], Place(name, None))
    return next((one.path for one in found if one.severity is Severity.ERROR), "")


def attributes(element: _Element, rule: Element, place: Place) -> Iterator[Complaint]:
    """What is wrong with the attributes of an element."""
    for raw, value in element.attrib.items():
        name = str(raw)
        holds = rule.attributes.get(name)
        at = Place(f"{place.path}/@{name[:60]}", place.line, place.personal, file=place.file)
        if holds is not None:
            yield from _spelled(str(value), holds, f"@{name}", at)
        elif not name.startswith((_XSI, "{http://www.w3.org/XML/1998/namespace}")):
            yield at.error("openimmo.unknown_attribute", name=name[:60], parent=rule.name)
    for name, holds in rule.attributes.items():
        if holds.required and element.get(name) is None:
            yield place.error("openimmo.missing_attribute", name=name, parent=rule.name)


def unfilled(element: _Element, child: Child, place: Place) -> Iterator[Complaint]:
    """A text that must be there and is not filled: the format lets it pass, nobody can use it."""
    rule = schema()[child.name]
    text = (
        rule.children is None and rule.holds.kind is Kind.TEXT and not rule.attributes and not rule.anything
    )
    if text and child.required and not (element.text or "").strip(_SPACE):
        say = place.error if child.name in schema().indispensable else place.warning
        yield say("openimmo.empty_required", name=child.name)


def _leaf(element: _Element, rule: Element, place: Place) -> Iterator[Complaint]:
    if len(element):
        yield place.error("openimmo.no_elements", name=rule.name)
        return
    text = element.text or ""
    kind = rule.holds.kind
    if kind is Kind.NOTHING:
        if text.strip(_SPACE):
            yield place.error("openimmo.stray_text", name=rule.name)
    elif kind is not Kind.TEXT and not text.strip(_SPACE):
        yield place.warning("openimmo.empty_value", name=rule.name)
    else:
        yield from _spelled(text, rule.holds, rule.name, place)


def _spelled(text: str, holds: Holds, name: str, place: Place) -> Iterator[Complaint]:
    try:
        parse(text, holds)
    except NotSpelled:
        code = _code(text.strip(_SPACE), holds, name)
        allowed = ", ".join(holds.words)
        if holds.kind is Kind.WORDS:
            yield place.error(code, name=name, found=place.told(text), allowed=allowed)
        else:
            yield place.error(code, name=name, found=place.told(text))


def _code(text: str, holds: Holds, name: str) -> str:
    """The sentence that helps most."""
    if name == "@aktionart" and text == "ADD":
        return "openimmo.action_add"
    if holds.kind in (Kind.DECIMAL, Kind.FLOAT) and _COMMA.fullmatch(text):
        return "openimmo.decimal_comma"
    if holds.kind is Kind.DATE and _GERMAN_DAY.fullmatch(text):
        return "openimmo.german_date"
    if name == "etage":
        return "openimmo.floor_word"
    return _CODES[holds.kind]
