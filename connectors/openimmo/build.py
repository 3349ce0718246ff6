"""From plain nested values to OpenImmo documents: in schema order, whatever order they come in.

A node is a mapping: a key is a child's name, with ``@`` an attribute's, and ``""`` the text of an element
that has attributes too. A value is a scalar for a leaf, a node for an element, a list or tuple of those for
one that may be repeated; ``None`` leaves it out, ``{}`` makes an empty element (``aktion`` of a new object)::

    {"verwaltung_techn": {"objektnr_extern": "10/1/2", "aktion": {"@aktionart": "CHANGE"}},
     "preise": {"nettokaltmiete": Decimal("512.40"), "waehrung": {"@iso_waehrung": "EUR"}}}
"""

from __future__ import annotations

import hashlib
import io
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO

from connectors.openimmo.schema import ROOT, VERSION, Element, schema
from connectors.openimmo.values import NotSpelled, Scalar, spell

if TYPE_CHECKING:
    from lxml.etree import _Element

Node = Mapping[str, Any]
"""An element as plain values, see above; ``read.offers`` gives the same form back."""

_LETTERS = string.digits + string.ascii_lowercase
_SPAN_MS = 20 * 365 * 24 * 60 * 60 * 1000


class Unbuildable(ValueError):
    """A node the format has no place for; ``path`` says where. Names no value."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


class Extent(StrEnum):
    """Whether a delivery is the whole stock (what is missing is withdrawn) or names changes only."""

    FULL = "VOLL"
    PART = "TEIL"


class Deed(StrEnum):
    """What the receiver is to do with an object. The format has no word for a new one."""

    NEW = ""
    CHANGE = "CHANGE"
    DELETE = "DELETE"
    REFERENCE = "REFERENZ"  # let or sold, kept for show; not every receiver knows it

    @property
    def node(self) -> Node:
        """The content of the element ``aktion``."""
        return {"@aktionart": self.value} if self else {}


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends what: the elements ``uebertragung`` and the head of ``anbieter``."""

    company: str
    anid: str
    extent: Extent
    created: datetime
    software: str
    software_version: str
    number: str | None = None  # the sender's customer number at the receiver
    license: str | None = None
    technical_mail: str | None = None
    online: bool = True

    @property
    def transfer(self) -> Node:
        """The content of ``uebertragung``."""
        return {
            "@art": "ONLINE" if self.online else "OFFLINE",
            "@umfang": self.extent.value,
            "@version": VERSION,
            "@sendersoftware": self.software,
            "@senderversion": self.software_version,
            "@techn_email": self.technical_mail,
            "@timestamp": self.created,
        }

    @property
    def sender(self) -> Node:
        """The children of ``anbieter`` before its objects."""
        return {
            "anbieternr": self.number,
            "firma": self.company,
            "openimmo_anid": self.anid,
            "lizenzkennung": self.license,
        }


def identifier(letter: str, company: str, key: str) -> str:
    """An ``openimmo_anid`` (letter A) or ``openimmo_obid`` (letter O) for a key of ours; always the same one.

    The pattern has a time stamp of 17 digits and 10 random characters. Both are made from the key, so that a
    document can be built again; ``company`` is the sender's three letters. Raises ValueError for others.
    """
    if len(letter) != 1 or len(company) != 3 or not company.isalnum() or not company.isascii():
        raise ValueError("one letter and three letters or digits of the company")
    number = int.from_bytes(hashlib.sha256(f"{letter}\n{company.upper()}\n{key}".encode()).digest(), "big")
    number, milliseconds = divmod(number, _SPAN_MS)
    moment = datetime(2000, 1, 1) + timedelta(milliseconds=milliseconds)  # digits, not a time
    drawn = ""
    for _ in range(10):
        number, letter_index = divmod(number, len(_LETTERS))
        drawn += _LETTERS[letter_index]
    return f"{letter}{company.upper()}{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03}{drawn}"


def extra(name: str, value: Scalar) -> Node:
    """A ``user_defined_simplefield``: what sender and receiver agreed and the format has no element for."""
    return {"@feldname": name, "": value}


def element(name: str, content: Node | Scalar) -> _Element:
    """One element in schema order. Raises Unbuildable."""
    from lxml import etree

    rule = schema().elements.get(name)
    if rule is None:
        raise Unbuildable(name, "unknown element")
    made = etree.Element(name)
    _fill(made, rule, content, name)
    return made


def delivery(envelope: Envelope, offers: Iterable[Node]) -> bytes:
    """A whole document in memory. Raises Unbuildable."""
    out = io.BytesIO()
    write(out, envelope, offers)
    return out.getvalue()


def write(out: BinaryIO, envelope: Envelope, offers: Iterable[Node]) -> int:
    """Write a document in UTF-8, object by object; gives their number. Raises Unbuildable."""
    from lxml import etree

    count = 0
    with etree.xmlfile(out, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element(ROOT):
            file.write(element("uebertragung", envelope.transfer), pretty_print=True)
            with file.element("anbieter"):
                for head in element("anbieter", envelope.sender):
                    file.write(head, pretty_print=True)
                for offer in offers:
                    file.write(element("immobilie", offer), pretty_print=True)
                    count += 1
    return count


def _fill(made: _Element, rule: Element, content: Node | Scalar, path: str) -> None:
    """Put attributes, text and children into an element."""
    node: Node = content if isinstance(content, Mapping) else {"": content}
    for key, value in node.items():
        if key.startswith("@") and value is not None:
            _attribute(made, rule, key[1:], value, path)
    if (text := node.get("")) is not None:
        if rule.children is not None or rule.anything:
            raise Unbuildable(path, "holds elements, no text")
        made.text = _spelled(text, rule, path)
    children = [(key, value) for key, value in node.items() if key and key[0] != "@" and value is not None]
    if not children:
        return
    known = rule.children or {}
    if unknown := next((key for key, _ in children if key not in known), None):
        raise Unbuildable(f"{path}/{unknown}", "no element of this place")
    for key, value in sorted(children, key=lambda child: known[child[0]].place):
        _children(made, rule, key, value, f"{path}/{key}")


def _children(made: _Element, rule: Element, name: str, value: Any, path: str) -> None:
    from lxml import etree

    several = value if isinstance(value, list | tuple) else (value,)
    if len(several) > 1 and not rule.many(name):
        raise Unbuildable(path, "may occur once only")
    for one in several:
        _fill(etree.SubElement(made, name), schema()[name], one, path)


def _attribute(made: _Element, rule: Element, name: str, value: Scalar, path: str) -> None:
    holds = rule.attributes.get(name)
    if holds is None:
        raise Unbuildable(f"{path}/@{name}", "no attribute of this element")
    try:
        made.set(name, spell(value, holds))
    except NotSpelled as error:
        raise Unbuildable(f"{path}/@{name}", str(error) or "not permitted") from None


def _spelled(value: Scalar, rule: Element, path: str) -> str:
    try:
        return spell(value, rule.holds)
    except NotSpelled as error:
        raise Unbuildable(path, str(error) or "not permitted") from None
