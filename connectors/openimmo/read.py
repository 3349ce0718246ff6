"""Foreign OpenImmo documents, object by object: bounded in memory, without DTD, entities or network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connectors.openimmo.build import Node
from connectors.openimmo.schema import FEEDBACK, ROOT, schema
from connectors.openimmo.source import Source
from connectors.openimmo.values import NotSpelled, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPACE = " \t\n\r"
_ERRORS = {
    4: "openimmo.not_xml", 5: "openimmo.broken_end", 9: "openimmo.broken_character",
    23: "openimmo.broken_entity", 26: "openimmo.broken_entity", 27: "openimmo.broken_entity",
    68: "openimmo.broken_entity", 76: "openimmo.broken_tags", 77: "openimmo.broken_end",
    114: "openimmo.text_too_large",
}  # fmt: skip
"""What libxml2's error numbers mean to a person; its own messages may quote the document."""


class Step(StrEnum):
    """What ``walk`` came to."""

    OPENED = "opened"  # the root or an ``anbieter`` begins: its attributes are there, its children are not
    PART = "part"  # a child of one of them, whole
    CLOSED = "closed"  # the root or an ``anbieter`` ends


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document. ``element`` is emptied when the walk goes on."""

    step: Step
    name: str
    path: str
    line: int
    element: _Element = field(repr=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """One ``immobilie``: the number of its ``anbieter``, its place, its content in the form of ``build``."""

    sender: int
    path: str
    line: int
    node: Node = field(repr=False)


def local(element: _Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def offers(source: Source) -> Iterator[Offer]:
    """Every object of a delivery as plain values, empty leaves left out. Raises Failure."""
    sender = 0
    for part in walk(source):
        if part.name == "anbieter" and part.step is Step.OPENED:
            sender += 1
        elif part.name == "immobilie" and part.step is Step.PART:
            yield Offer(sender, part.path, part.line, as_node(part.element))


def as_node(element: _Element) -> Node:
    """An element as plain values in the form that ``build`` takes. What is spelled wrong stays a text."""
    rule = schema().elements.get(local(element))
    node: dict[str, Any] = {}
    for name, value in element.attrib.items():
        plain = str(name).rpartition("}")[2]
        node[f"@{plain}"] = _value(str(value), rule.attributes.get(plain) if rule else None)
    text = element.text or ""
    if len(element) == 0 and text.strip(_SPACE):
        node[""] = _value(text, rule.holds if rule else None)
    for child in element:
        content = as_node(child)
        if content == {} and _is_text(child):
            continue  # an empty leaf says nothing
        many = rule is not None and rule.many(local(child))
        _put(node, local(child), _unwrapped(content), many=many)
    return node


def at(node: Node, *names: str) -> Any:
    """The value at a path of names, the first one where there are several; None where there is none."""
    found: Any = node
    for name in names:
        if isinstance(found, tuple):
            found = found[0]
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def _is_text(element: _Element) -> bool:
    rule = schema().elements.get(local(element))
    return rule is None or (rule.children is None and rule.holds.kind.value != "nothing")


def _unwrapped(content: Node) -> Any:
    return content[""] if content.keys() == {""} else content


def _put(node: dict[str, Any], name: str, value: Any, *, many: bool) -> None:
    if name in node:
        former = node[name]
        node[name] = (*(former if isinstance(former, tuple) else (former,)), value)
    else:
        node[name] = (value,) if many else value


def _value(text: str, holds: Any) -> Any:
    if holds is None:
        return text
    try:
        return parse(text, holds)
    except NotSpelled:
        return text


def walk(source: Source, roots: tuple[str, ...] = (ROOT,)) -> Iterator[Part]:
    """The document from above: root and ``anbieter`` as they open and close, their children whole and singly.

    Raises Failure for what is no XML, no OpenImmo, too large or too deep.
    """
    depth = objects = elements = 0
    places = _Places()
    for event, element in _events(source):
        source.heard()
        if event == "start":
            depth += 1
            elements += 1
            _bounded(source, element, depth, elements)
            if depth == 1 and local(element) not in roots:
                raise source.fail(_foreign(local(element)), line_of(element))
            if depth <= 2:
                elements = 0
            if depth == 1 or (depth == 2 and local(element) == "anbieter"):
                yield places.open(element)
            continue
        if depth == 1 or (depth == 2 and local(element) == "anbieter"):
            yield places.close(element)
        elif depth == 2 or (depth == 3 and places.inner):
            objects += 1
            if objects > source.limits.objects:
                raise source.fail("openimmo.too_many", line_of(element), str(source.limits.objects))
            yield places.part(element)
        if depth == 2 or (depth == 3 and places.inner):
            _drop(element)
            elements = 0
            source.settled()
        depth -= 1


class _Places:
    """Counts siblings, so that a path tells which of them is meant."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._counts: list[dict[str, int]] = [{}]

    @property
    def inner(self) -> bool:
        """Whether an ``anbieter`` is open."""
        return len(self._paths) == 2

    def open(self, element: _Element) -> Part:
        path = self._path(element)
        self._paths.append(path)
        self._counts.append({})
        return Part(Step.OPENED, local(element), path, line_of(element), element)

    def part(self, element: _Element) -> Part:
        return Part(Step.PART, local(element), self._path(element), line_of(element), element)

    def close(self, element: _Element) -> Part:
        self._counts.pop()
        return Part(Step.CLOSED, local(element), self._paths.pop(), line_of(element), element)

    def _path(self, element: _Element) -> str:
        name = local(element)
        above = self._paths[-1] if self._paths else ""
        if name not in ("anbieter", "immobilie"):
            return f"{above}/{name[:60]}"
        number = self._counts[-1][name] = self._counts[-1].get(name, 0) + 1
        return f"{above}/{name}[{number}]"


def line_of(element: Any) -> int:
    """The line an element begins in; 0 where it was not parsed."""
    return int(element.sourceline or 0)


def _bounded(source: Source, element: _Element, depth: int, elements: int) -> None:
    if depth > source.limits.depth:
        raise source.fail("openimmo.too_deep", line_of(element), str(source.limits.depth))
    if elements > source.limits.elements:
        raise source.fail("openimmo.too_many_elements", line_of(element), str(source.limits.elements))


def _foreign(name: str) -> str:
    return "openimmo.is_feedback" if name == FEEDBACK else "openimmo.other_root"


def _drop(element: _Element) -> None:
    """Free an element and what stood before it; it stays itself, for the parser may still touch it."""
    element.clear()
    above = element.getparent()
    while above is not None and element.getprevious() is not None:
        del above[0]


def _events(source: Source) -> Iterator[tuple[str, _Element]]:
    """The parser's events. Raises Failure where it gives up, with the line and no quotation."""
    from lxml import etree

    events = etree.iterparse(
        source,
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, element in events:
            yield str(event), element
    except etree.XMLSyntaxError as error:
        log: Any = events.error_log
        worst = sorted(log, key=lambda entry: -entry.level)  # the first of the worst: the sort is stable
        code, line = (worst[0].type, worst[0].line) if worst else (0, error.lineno)
        raise source.fail(_ERRORS.get(code, "openimmo.broken"), line) from None


def tree(source: Source, roots: tuple[str, ...]) -> _Element:
    """A small document whole, for those that are no delivery. Raises Failure."""
    found: _Element | None = None
    depth = elements = 0
    for event, element in _events(source):
        source.heard()
        if event == "end":
            depth -= 1
            continue
        depth += 1
        elements += 1
        _bounded(source, element, depth, elements)
        if found is None:
            found = element
            if local(found) not in roots:
                raise source.fail("openimmo.other_root", line_of(found))
    assert found is not None  # noqa: S101  (a document without elements is refused before)
    return found
