"""Validation against a schema file of the user's; the association's own may not be shipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.openimmo.complaint import PERSONAL, Complaint, Place, failure
from connectors.openimmo.source import MB, Source
from connectors.problems import Owner

if TYPE_CHECKING:
    from lxml.etree import XMLSchema

_LARGEST = 64 * MB
_ELEMENTS = 1_500_000
_QUOTED = re.compile(r"(value )'[^']*'|'[^']*'( is not)", re.DOTALL)
_NAME = re.compile(r"^Element '[^']*'(, attribute '[^']*')?: ")


def load(path: Path) -> XMLSchema:
    """The schema in a file. Raises Failure ``openimmo.schema_unreadable``."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.XMLSchema(etree.parse(str(path), parser))
    except (OSError, etree.LxmlError):
        raise failure("openimmo.schema_unreadable", path.name, owner=Owner.CONSULTANT) from None


def validate(source: Source, schema: XMLSchema, file: str = "") -> Iterator[Complaint]:
    """What the schema says of a document, in the parser's English. The document is held in memory for it.

    To be asked only of one that ``check`` has read to its end. Raises Failure where it cannot be parsed.
    """
    from lxml import etree

    data, elements = bytearray(), 0
    while piece := source.read():
        data += piece
        elements += piece.count(b"<")
        source.heard()
        source.settled()
        if len(data) > _LARGEST or elements > _ELEMENTS:
            yield Place("/", None, file=file).warning("openimmo.schema_too_large", limit=_LARGEST // MB)
            return
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        document = etree.fromstring(bytes(data), parser)
    except etree.XMLSyntaxError as error:
        raise source.fail("openimmo.broken", error.lineno) from None
    if schema.validate(document):
        return
    log: Any = schema.error_log
    for entry in log:
        place = Place(entry.path or "/", entry.line, file=file)
        yield place.error("openimmo.schema", message=_message(entry.message, entry.path or ""))


def _message(message: str, path: str) -> str:
    """The parser's sentence without the element it repeats; without the value where it may be a person's."""
    told = _NAME.sub("", message)
    if PERSONAL & {re.sub(r"\[\d+\]", "", step) for step in path.split("/")}:
        told = _QUOTED.sub(r"\1'…'\2", told)
    return told[:400]
