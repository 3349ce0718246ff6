"""The rules of ``schema.toml`` as values: which element holds what, in which order, of which kind."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

VERSION = "1.2.7"
"""What a delivery calls itself; 1.2.7b is its latest revision and has no number of its own."""

ROOT = "openimmo"
FEEDBACK = "openimmo_feedback"


class Kind(StrEnum):
    """What the text of an element or the value of an attribute is."""

    TEXT = "text"
    CONTACT = "contact"  # a text that must not be empty
    DECIMAL = "decimal"
    INTEGER = "integer"  # 32 bits
    POSITIVE = "positive"  # a whole number above 0
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    BASE64 = "base64"
    CODE = "code"  # three capital letters: a country or a currency
    WORDS = "words"  # one of a list
    NOTHING = "nothing"  # the element has attributes only


@dataclass(frozen=True, slots=True)
class Holds:
    """What may stand in one place; ``words`` are the permitted ones of the kind WORDS."""

    kind: Kind
    words: tuple[str, ...] = ()
    required: bool = False  # attributes only; for elements their parent says so


@dataclass(frozen=True, slots=True)
class Child:
    """A child in its place: whether it must be there, and whether there may be several."""

    name: str
    place: int
    required: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Element:
    """One element. ``children`` is None for a leaf; ``holds`` is what a leaf's text is.

    ``any_of``: at least one of these children; ``one_of``: exactly one of these kinds; ``either``: not both.
    """

    name: str
    holds: Holds
    attributes: Mapping[str, Holds]
    children: Mapping[str, Child] | None = None
    any_of: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    anything: bool = False

    def many(self, child: str) -> bool:
        """Whether this child may occur several times."""
        return bool(self.children and child in self.children and self.children[child].many)


@dataclass(frozen=True, slots=True)
class Schema:
    """All elements by name, and the lists that judge their sense."""

    elements: Mapping[str, Element]
    not_negative: frozenset[str]
    unique: tuple[str, ...]
    indispensable: frozenset[str]
    preferences: tuple[str, ...]
    wishes: tuple[str, ...]
    known_as: Mapping[str, str]

    def __getitem__(self, name: str) -> Element:
        return self.elements[name]


_TEXT = Holds(Kind.TEXT)
_NUMBERS = {"": (False, False), "!": (True, False), "*": (False, True), "+": (True, True)}


@cache
def schema() -> Schema:
    """The rule table, read once."""
    text = resources.files("connectors.openimmo").joinpath("schema.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    sense, feedback = table["sense"], table["feedback"]
    return Schema(
        elements=_elements(table),
        not_negative=frozenset(sense["not_negative"].split()),
        unique=tuple(sense["unique"].split()),
        indispensable=frozenset(sense["indispensable"].split()),
        preferences=tuple(feedback["preferences"].split("|")),
        wishes=tuple(feedback["wishes"].split("|")),
        known_as=feedback["known_as"],
    )


def _elements(table: Mapping[str, Any]) -> dict[str, Element]:
    orders = {
        name: order.replace("~", table["extensions"]["order"]) for name, order in table["order"].items()
    }
    children = {name: dict(_children(order)) for name, order in orders.items()}
    holds = {name: Holds(Kind(kind)) for kind, names in table["kinds"].items() for name in names.split()}
    holds |= {name: Holds(Kind.WORDS, tuple(words.split("|"))) for name, words in table["words"].items()}
    attributes = _attributes(table)
    anything = table["extensions"]["anything"]
    names = {*children, *holds, *attributes, *(name for some in children.values() for name in some)}
    return {
        name: Element(
            name,
            holds.get(name, _TEXT),
            attributes.get(name, {}),
            None if name == anything else children.get(name),
            any_of=tuple(table["any_of"].get(name, "").split()),
            one_of=tuple(table["one_of"].get(name, "").split()),
            either=tuple(table["either"].get(name, "").split()),
            anything=name == anything,
        )
        for name in sorted(names)
    }


def _children(order: str) -> Iterator[tuple[str, Child]]:
    for place, word in enumerate(order.split()):
        name = word.rstrip("!*+")
        required, many = _NUMBERS[word[len(name) :]]
        yield name, Child(name, place, required, many)


def _attributes(table: Mapping[str, Any]) -> dict[str, dict[str, Holds]]:
    found = {name: _holds(own) for name, own in table["attributes"].items()}
    for name, switches in table["switches"].items():
        found[name] = dict.fromkeys(switches.split(), Holds(Kind.BOOLEAN))
    for name, attribute in table["net"].items():
        found[name] = {attribute: Holds(Kind.DECIMAL)}
    parking = table["parking"]
    for name in parking["elements"].split():
        found[name] = _holds(parking["attributes"])
    found["stp_sonstige"] |= _holds(parking["sonstige"])
    return found


def _holds(table: Mapping[str, str]) -> dict[str, Holds]:
    """``!@decimal`` is a required decimal, ``JA|NEIN`` one of two words."""
    found = {}
    for name, spelled in table.items():
        bare = spelled.removeprefix("!")
        required = bare != spelled
        if bare.startswith("@"):
            found[name] = Holds(Kind(bare[1:]), required=required)
        else:
            found[name] = Holds(Kind.WORDS, tuple(bare.split("|")), required)
    return found
