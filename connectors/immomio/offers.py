"""Vacancies as OpenImmo objects (rule I10, wire housing 4.2): a table, and what no table can say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.contract import Record, Value
from connectors.immomio.wire import file_name
from connectors.openimmo.build import Deed, Node, extra, identifier
from connectors.openimmo.package import safe_name

COMPANY = "EZG"
"""The three letters that our OpenImmo identifiers carry."""

Fields = Mapping[str, Value]

PLACES: Mapping[str, str] = {
    "street": "geo/strasse",
    "houseNumber": "geo/hausnummer",
    "postalCode": "geo/plz",
    "city": "geo/ort",
    "country": "geo/land/@iso_land",
    "floor": "geo/etage",
    "storeys": "geo/anzahl_etagen",
    "rooms": "flaechen/anzahl_zimmer",
    "livingArea": "flaechen/wohnflaeche",
    "usableArea": "flaechen/nutzflaeche",
    "constructionYear": "zustand_angaben/baujahr",
    "availableFrom": "verwaltung_objekt/abdatum",
    "baseRent": "preise/nettokaltmiete",
    "coldRent": "preise/kaltmiete",
    "operatingCosts": "preise/nebenkosten",
    "heatingCosts": "preise/heizkosten",
    "heatingIncluded": "preise/heizkosten_enthalten",
    "surcharges": "preise/mietzuschlaege",
    "totalRent": "preise/warmmiete",
    "deposit": "preise/kaution",
    "coopShares": "preise/geschaeftsguthaben",
    "fittedKitchen": "ausstattung/kueche/@EBK",
    "lift": "ausstattung/fahrstuhl/@PERSONEN",
    "bikeRoom": "ausstattung/fahrradraum",
    "guestToilet": "ausstattung/gaestewc",
    "barrierFree": "ausstattung/barrierefrei",
    "wbsRequired": "verwaltung_objekt/wbs_sozialwohnung",
    "energyKind": "zustand_angaben/energiepass/epart",
    "energyClass": "zustand_angaben/energiepass/wertklasse",
    "energyValidTo": "zustand_angaben/energiepass/gueltig_bis",
    "energyIssued": "zustand_angaben/energiepass/ausstelldatum",
    "energyCarrier": "zustand_angaben/energiepass/primaerenergietraeger",
    "energyYear": "zustand_angaben/energiepass/baujahr",
    "energyHotWater": "zustand_angaben/energiepass/mitwarmwasser",
    "title": "freitexte/objekttitel",
    "description": "freitexte/objektbeschreibung",
    "equipment": "freitexte/ausstatt_beschr",
}
"""Field -> where its value stands as it is; ``@`` marks an attribute."""

KINDS: Mapping[str, tuple[bool, bool, str]] = {
    "FLAT": (True, False, "wohnung"),
    "GARAGE": (False, False, "parken"),
    "COMMERCIAL": (False, True, "buero_praxen"),
}
"""Kind -> WOHNEN, GEWERBE, objektart. The format has no flag for parking."""

ENERGY = {"BEDARF": "endenergiebedarf", "VERBRAUCH": "energieverbrauchkennwert"}
SIDES = ("links", "rechts", "vorne", "hinten")
POSITION = "lage_text"
INTERCOM = "gegensprechanlage"
"""Names of the fields agreed beside the format, which has no element for them."""

_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_FORMATS = {"jpeg": "jpg"}


class Unsuitable(ValueError):
    """A record that no object can be made of; names the field, never its value."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who offers: the company, and whom applicants may ask."""

    company: str
    contact_name: str = field(default="", repr=False)
    contact_email: str = field(default="", repr=False)

    @property
    def complete(self) -> bool:
        """Whether a delivery can be made: the format wants a company and a way to reach somebody."""
        return bool(self.company.strip() and self.contact_email)

    @property
    def contact(self) -> Node:
        """The element ``kontaktperson``."""
        return {"email_zentrale": self.contact_email, "name": self.contact_name.strip() or self.company}


@dataclass(frozen=True, slots=True)
class Attached:
    """One attachment out of a record's text ``GROUP|ref|check|title``."""

    group: str
    ref: str
    check: str
    title: str

    @property
    def node(self) -> Node:
        """The element ``anhang``; the file lies beside the document."""
        ending = self.ref.rpartition(".")[2].lower()
        ctype = "MD5" if _MD5.fullmatch(self.check) else "ETAG"
        return {
            "@location": "EXTERN",
            "@gruppe": self.group,
            "anhangtitel": self.title or None,
            "format": _FORMATS.get(ending, ending),
            "check": {"@ctype": ctype, "": self.check} if self.check else None,
            "daten": {"pfad": file_name(self.ref)},
        }


def attachments(record: Record) -> tuple[Attached, ...]:
    """The attachments of a record. Raises Unsuitable."""
    texts = record.fields.get("attachments") or ()
    found = []
    for text in texts if isinstance(texts, tuple) else ():
        parts = text.split("|", 3)
        if len(parts) != 4 or not _sendable(parts[1]):
            raise Unsuitable("attachments")
        found.append(Attached(*parts))
    return tuple(found)


def _sendable(ref: str) -> bool:
    """Whether a file can lie beside the document under this name, on every system."""
    name = file_name(ref)
    return bool(ref) and not name.lower().endswith(".xml") and name == safe_name(name)


def offer(record: Record, deed: Deed, sender: Sender, today: date) -> Node:
    """The element ``immobilie`` of a vacancy. Raises Unsuitable."""
    fields = record.fields
    made: dict[str, Any] = {}
    for name, place in PLACES.items():
        if (value := fields.get(name)) is not None:
            _put(made, place, _spelled(name, value))
    for place, value in _special(fields):
        _put(made, place, value)
    if files := attachments(record):
        made["anhaenge"] = {"anhang": [file.node for file in files]}
    if deed is Deed.DELETE:
        made.setdefault("geo", {"ort": ""})  # the format wants a place even of an object that goes
    made["objektkategorie"] = _category(fields, deed)
    made["kontaktperson"] = sender.contact
    made["verwaltung_techn"] = {
        "objektnr_intern": record.id,
        "objektnr_extern": record.id,
        "aktion": deed.node,
        "openimmo_obid": identifier("O", COMPANY, record.id),
        "stand_vom": today,
    }
    if "preise" in made:
        made["preise"]["waehrung"] = {"@iso_waehrung": "EUR"}
    return made


def _spelled(name: str, value: Value) -> Value:
    """A value for its place; ``gueltig_bis`` is a text there."""
    return value.isoformat() if name == "energyValidTo" and isinstance(value, date) else value


def _category(fields: Fields, deed: Deed) -> Node:
    kind = fields.get("kind")
    if kind is None and deed is Deed.DELETE:
        kind = "FLAT"  # an object that goes has to be one of something
    if not isinstance(kind, str) or kind not in KINDS:
        raise Unsuitable("kind")
    living, business, what = KINDS[kind]
    return {
        "nutzungsart": {"@WOHNEN": living, "@GEWERBE": business},
        "vermarktungsart": {"@KAUF": False, "@MIETE_PACHT": True},
        "objektart": {what: {}},
    }


def _special(fields: Fields) -> Iterator[tuple[str, Any]]:
    """Place and value of every field that does not stand there as it is."""
    for name, make in _SPECIAL.items():
        if (value := fields.get(name)) is not None:
            yield from make(value)
    value, kind = fields.get("energyValue"), fields.get("energyKind")
    if value is not None:
        if not isinstance(kind, str) or kind not in ENERGY:
            raise Unsuitable("energyKind")
        yield f"zustand_angaben/energiepass/{ENERGY[kind]}", value


def _available(value: Any) -> Iterator[tuple[str, Any]]:
    yield "verwaltung_objekt/verfuegbar_ab", f"{value:%d.%m.%Y}"


def _cellar(value: Any) -> Iterator[tuple[str, Any]]:
    yield "ausstattung/unterkellert/@keller", "JA" if value else "NEIN"


def _balcony(value: Any) -> Iterator[tuple[str, Any]]:
    yield "flaechen/anzahl_balkone", 1 if value else 0


def _heating(value: Any) -> Iterator[tuple[str, Any]]:
    yield f"ausstattung/heizungsart/@{value}", True


def _intercom(value: Any) -> Iterator[tuple[str, Any]]:
    yield "ausstattung/user_defined_simplefield", extra(INTERCOM, value)


def _position(value: Any) -> Iterator[tuple[str, Any]]:
    words = set(re.findall(r"\w+", value.lower()))
    for side in SIDES:
        if side in words:
            yield f"geo/lage_im_bau/@{side.upper()}", True
    yield "geo/user_defined_simplefield", extra(POSITION, value)


_SPECIAL: Mapping[str, Callable[[Any], Iterator[tuple[str, Any]]]] = {
    "availableFrom": _available,
    "cellar": _cellar,
    "balcony": _balcony,
    "heating": _heating,
    "intercom": _intercom,
    "position": _position,
}


def _put(made: dict[str, Any], place: str, value: Any) -> None:
    """Set a value at a path of elements."""
    *above, last = place.split("/")
    for name in above:
        made = made.setdefault(name, {})
    made[last] = value
