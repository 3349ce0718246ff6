"""How the Immomio double reads OpenImmo 1.2.7: its own small reader, which shares no code with the writer.

It looks only at what Immomio shows of an object. Documents with a document type are refused before any entity
could matter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from connectors.immomio.sandbox_records import Fields, Refusal, is_day, is_decimal

MOST_XML = 48 * 1024 * 1024
MOST_OBJECTS = 20_000

Node = etree._Element
Attached = Callable[[str], str | None]
"""Gives the MD5 of an attached file by its path in the ZIP, None when it is not there."""


class Unreadable(Exception):
    """The whole delivery cannot be read."""


@dataclass(frozen=True, slots=True)
class Document:
    """A delivery: whether it is the full stock, and its objects in order."""

    full: bool
    objects: tuple[Node, ...]


def read(content: bytes) -> Document:
    """A delivery from its bytes. Raises Unreadable."""
    if len(content) > MOST_XML:
        raise Unreadable
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable from None
    if root.getroottree().docinfo.internalDTD is not None or root.tag != "openimmo":
        raise Unreadable
    extent = root.find("uebertragung")
    scope = None if extent is None else extent.get("umfang")
    objects = tuple(root.iterfind("anbieter/immobilie"))
    if scope not in ("TEIL", "VOLL") or len(objects) > MOST_OBJECTS:
        raise Unreadable
    return Document(scope == "VOLL", objects)


def id_of(node: Node) -> str:
    """The object's number (objektnr_extern). Raises Refusal."""
    id_ = _text(node, "verwaltung_techn/objektnr_extern")
    if not id_:
        raise Refusal(422, "missing_id", "externalId")
    return id_


def deletes(node: Node) -> bool:
    """Whether the object is to be taken away. Raises Refusal for an action that does not exist."""
    kind = _attribute(node, "verwaltung_techn/aktion", "aktionart")
    if kind not in (None, "CHANGE", "DELETE"):
        raise Refusal(422, "unknown_action", "aktion")
    return kind == "DELETE"


def record(node: Node, attached: Attached) -> Fields:
    """What Immomio shows of an object. Raises Refusal."""
    fields: Fields = {"kind": _kind(node)}
    for name, (path, read_as) in _PLAIN.items():
        try:
            text = _text(node, path)
            fields[name] = None if text is None else read_as(text)
        except (ValueError, InvalidOperation):
            raise Refusal(422, "wrong_type", name) from None
    if fields["baseRent"] is None:
        raise Refusal(422, "missing_rent", "baseRent")
    balconies = fields.pop("balconies")
    found = _attributes(node, "ausstattung/heizungsart")
    return {
        **fields,
        "country": _attribute(node, "geo/land", "iso_land"),
        "position": _simple(node, "geo", "lage_text") or _position(node),
        "cellar": _flag_of(_attribute(node, "ausstattung/unterkellert", "keller"), "cellar"),
        "fittedKitchen": _flag_of(_attribute(node, "ausstattung/kueche", "EBK"), "fittedKitchen"),
        "intercom": _flag_of(_simple(node, "ausstattung", "gegensprechanlage"), "intercom"),
        "lift": _flag_of(_attribute(node, "ausstattung/fahrstuhl", "PERSONEN"), "lift"),
        "balcony": None if balconies is None else balconies > 0,
        "energyValue": _energy(node, fields["energyKind"]),
        "heating": next((kind for kind in _HEATING if kind in found), None),
        "attachments": list(_attachments(node, attached)),
    }


def _number(text: str) -> float:
    value = float(round(Decimal(text), 2))
    if not is_decimal(value):
        raise ValueError
    return value


def _whole(text: str) -> int:
    if len(text) > 12:
        raise ValueError
    return int(text)


def _day(text: str) -> str:
    if not is_day(text):
        raise ValueError
    return text


_FLAGS = {"true": True, "1": True, "false": False, "0": False, "JA": True, "TEIL": True, "NEIN": False}


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise ValueError
    return _FLAGS[text]


def _flag_of(text: str | None, name: str) -> bool | None:
    try:
        return None if text is None else _flag(text)
    except ValueError:
        raise Refusal(422, "wrong_type", name) from None


def _basis(text: str) -> str:
    if text not in ("BEDARF", "VERBRAUCH"):
        raise ValueError
    return text


_CERTIFICATE = "zustand_angaben/energiepass"
_PLAIN: dict[str, tuple[str, Callable[[str], Any]]] = {
    "street": ("geo/strasse", str),
    "houseNumber": ("geo/hausnummer", str),
    "postalCode": ("geo/plz", str),
    "city": ("geo/ort", str),
    "floor": ("geo/etage", _whole),
    "storeys": ("geo/anzahl_etagen", _whole),
    "rooms": ("flaechen/anzahl_zimmer", _number),
    "livingArea": ("flaechen/wohnflaeche", _number),
    "usableArea": ("flaechen/nutzflaeche", _number),
    "balconies": ("flaechen/anzahl_balkone", _number),
    "constructionYear": ("zustand_angaben/baujahr", _whole),
    "availableFrom": ("verwaltung_objekt/abdatum", _day),
    "baseRent": ("preise/nettokaltmiete", _number),
    "coldRent": ("preise/kaltmiete", _number),
    "operatingCosts": ("preise/nebenkosten", _number),
    "heatingCosts": ("preise/heizkosten", _number),
    "heatingIncluded": ("preise/heizkosten_enthalten", _flag),
    "surcharges": ("preise/mietzuschlaege", _number),
    "totalRent": ("preise/warmmiete", _number),
    "deposit": ("preise/kaution", _number),
    "coopShares": ("preise/geschaeftsguthaben", _number),
    "bikeRoom": ("ausstattung/fahrradraum", _flag),
    "guestToilet": ("ausstattung/gaestewc", _flag),
    "barrierFree": ("ausstattung/barrierefrei", _flag),
    "wbsRequired": ("verwaltung_objekt/wbs_sozialwohnung", _flag),
    "energyKind": (f"{_CERTIFICATE}/epart", _basis),
    "energyClass": (f"{_CERTIFICATE}/wertklasse", str),
    "energyValidTo": (f"{_CERTIFICATE}/gueltig_bis", _day),
    "energyIssued": (f"{_CERTIFICATE}/ausstelldatum", _day),
    "energyCarrier": (f"{_CERTIFICATE}/primaerenergietraeger", str),
    "energyYear": (f"{_CERTIFICATE}/baujahr", _whole),
    "energyHotWater": (f"{_CERTIFICATE}/mitwarmwasser", _flag),
    "title": ("freitexte/objekttitel", str),
    "description": ("freitexte/objektbeschreibung", str),
    "equipment": ("freitexte/ausstatt_beschr", str),
}
"""Field -> where it stands and how it is read; an empty element counts as absent."""

_HEATING = ("OFEN", "ETAGE", "ZENTRAL", "FERN", "FUSSBODEN")
_SIDES = {"LINKS": "links", "RECHTS": "rechts", "VORNE": "vorne", "HINTEN": "hinten"}


def _text(node: Node, path: str) -> str | None:
    text = node.findtext(path)
    return text if text and text.strip() else None


def _attribute(node: Node, path: str, name: str) -> str | None:
    found = node.find(path)
    return None if found is None else found.get(name)


def _attributes(node: Node, path: str) -> set[str]:
    """The names of those attributes of an element that are true."""
    found = node.find(path)
    if found is None:
        return set()
    return {str(name) for name, value in found.attrib.items() if value in ("true", "1")}


def _simple(node: Node, block: str, name: str) -> str | None:
    """The text of one of a block's own fields (user_defined_simplefield)."""
    for found in node.iterfind(f"{block}/user_defined_simplefield"):
        if found.get("feldname") == name:
            return found.text if found.text and found.text.strip() else None
    return None


def _kind(node: Node) -> str:
    if node.find("objektkategorie/objektart/parken") is not None:
        return "GARAGE"
    usage = _attributes(node, "objektkategorie/nutzungsart")
    if "GEWERBE" in usage:
        return "COMMERCIAL"
    if "WOHNEN" in usage:
        return "FLAT"
    raise Refusal(422, "wrong_type", "kind")


def _energy(node: Node, basis: str | None) -> float | None:
    name = "endenergiebedarf" if basis == "BEDARF" else "energieverbrauchkennwert"
    text = _text(node, f"{_CERTIFICATE}/{name}")
    try:
        return None if text is None else _number(text)
    except (ValueError, InvalidOperation):
        raise Refusal(422, "wrong_type", "energyValue") from None


def _position(node: Node) -> str | None:
    found = _attributes(node, "geo/lage_im_bau")
    return " ".join(word for side, word in _SIDES.items() if side in found) or None


def _attachments(node: Node, attached: Attached) -> Iterator[str]:
    """``GROUP|file name|check|title`` of each attachment. Raises Refusal when its file is missing."""
    for found in node.iterfind("anhaenge/anhang"):
        path = (found.findtext("daten/pfad") or "").removeprefix("./")
        inline = found.findtext("daten/anhanginhalt")
        if found.get("location") == "REMOTE":
            digest: str | None = ""
        elif inline:
            digest = _digest(inline)
        else:
            digest = attached(path)
        if digest is None:
            raise Refusal(422, "attachment_missing", "attachments")
        check = found.findtext("check") or digest
        title = found.findtext("anhangtitel") or ""
        yield "|".join((found.get("gruppe") or "", path, check, title))


def _digest(inline: str) -> str | None:
    try:
        content = base64.b64decode(inline, validate=False)
    except (binascii.Error, ValueError):
        return None
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
