"""Records as OpenImmo objects: what goes in comes out, read from the document by a table of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.contract import Kind, Record, Value
from connectors.immomio.entities import VACANCY_MAPPING
from connectors.immomio.offers import Sender, Unsuitable, attachments, offer
from connectors.immomio.wire import file_name
from connectors.openimmo.build import Deed, Envelope, Extent, delivery
from tests.connectors.immomio_desk import PICTURE, VACANCY

SENDER = Sender("Wohnbau Musterstadt eG", "Erika Muster", "vermietung@example.org")
TODAY = date(2026, 3, 1)
_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_characters="\x7f"), min_size=1)
_PLAIN = _TEXT.filter(lambda text: text.isprintable() and text.strip() == text)
_AMOUNT = st.decimals(0, 99_999, places=2)
_OF_KIND: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: _PLAIN,
    Kind.INTEGER: st.integers(-9, 2100),
    Kind.DECIMAL: _AMOUNT,
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.dates(date(1900, 1, 1), date(2100, 1, 1)),
}
_REF = st.from_regex(r"[A-Za-z0-9_-]{1,20}\.(jpg|png|pdf)", fullmatch=True)
_ATTACHMENT = st.builds(
    "|".join,
    st.tuples(st.sampled_from(["BILD", "DOKUMENTE"]), _REF, st.just("v1") | st.just("0" * 32), _PLAIN),
)
_OWN: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["FLAT", "GARAGE", "COMMERCIAL"]),
    "country": st.sampled_from(["DEU", "AUT"]),
    "heating": st.sampled_from(["OFEN", "ETAGE", "ZENTRAL", "FERN", "FUSSBODEN"]),
    "energyKind": st.sampled_from(["BEDARF", "VERBRAUCH"]),
    "position": _PLAIN | st.sampled_from(["1. Etage links", "rechts hinten", "vorne"]),
    "attachments": st.lists(_ATTACHMENT, max_size=3).map(tuple),
}


@st.composite
def _records(draw: st.DrawFn) -> Record:
    fields: dict[str, Value] = {}
    for field in VACANCY_MAPPING.fields:
        values = _OWN[field.name] if field.name in _OWN else _OF_KIND[field.kind]
        needed = field.name in ("kind", "attachments")
        fields[field.name] = draw(values if needed else st.none() | values)
    if fields["energyKind"] is None:
        fields["energyValue"] = None
    return Record("vacancy", draw(_PLAIN), fields)


def _document(record: Record, deed: Deed = Deed.NEW) -> Any:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    envelope = Envelope("W", "A" * 32, Extent.PART, moment, "Einzug", "1")
    xml = delivery(envelope, [offer(record, deed, SENDER, TODAY)])
    return etree.fromstring(xml).find("anbieter/immobilie")


_LINES = ("street", "houseNumber", "postalCode", "city")
_FLAG = {"true": True, "false": False}.__getitem__
_ENERGY = "zustand_angaben/energiepass"
_READ: dict[str, tuple[Callable[[str], Value], str]] = {
    **{
        name: (str, f"geo/{tag}")
        for name, tag in zip(_LINES, ("strasse", "hausnummer", "plz", "ort"), strict=True)
    },
    "country": (str, "geo/land/@iso_land"),
    "floor": (int, "geo/etage"),
    "storeys": (int, "geo/anzahl_etagen"),
    "rooms": (Decimal, "flaechen/anzahl_zimmer"),
    "livingArea": (Decimal, "flaechen/wohnflaeche"),
    "usableArea": (Decimal, "flaechen/nutzflaeche"),
    "balcony": ({"1": True, "0": False}.__getitem__, "flaechen/anzahl_balkone"),
    "constructionYear": (int, "zustand_angaben/baujahr"),
    "availableFrom": (date.fromisoformat, "verwaltung_objekt/abdatum"),
    "wbsRequired": (_FLAG, "verwaltung_objekt/wbs_sozialwohnung"),
    "baseRent": (Decimal, "preise/nettokaltmiete"),
    "coldRent": (Decimal, "preise/kaltmiete"),
    "operatingCosts": (Decimal, "preise/nebenkosten"),
    "heatingCosts": (Decimal, "preise/heizkosten"),
    "heatingIncluded": (_FLAG, "preise/heizkosten_enthalten"),
    "surcharges": (Decimal, "preise/mietzuschlaege"),
    "totalRent": (Decimal, "preise/warmmiete"),
    "deposit": (Decimal, "preise/kaution"),
    "coopShares": (Decimal, "preise/geschaeftsguthaben"),
    "cellar": ({"JA": True, "NEIN": False}.__getitem__, "ausstattung/unterkellert/@keller"),
    "fittedKitchen": (_FLAG, "ausstattung/kueche/@EBK"),
    "lift": (_FLAG, "ausstattung/fahrstuhl/@PERSONEN"),
    "bikeRoom": (_FLAG, "ausstattung/fahrradraum"),
    "guestToilet": (_FLAG, "ausstattung/gaestewc"),
    "barrierFree": (_FLAG, "ausstattung/barrierefrei"),
    "intercom": (_FLAG, "ausstattung/user_defined_simplefield[@feldname='gegensprechanlage']"),
    "position": (str, "geo/user_defined_simplefield[@feldname='lage_text']"),
    "energyKind": (str, f"{_ENERGY}/epart"),
    "energyClass": (str, f"{_ENERGY}/wertklasse"),
    "energyValidTo": (date.fromisoformat, f"{_ENERGY}/gueltig_bis"),
    "energyIssued": (date.fromisoformat, f"{_ENERGY}/ausstelldatum"),
    "energyCarrier": (str, f"{_ENERGY}/primaerenergietraeger"),
    "energyYear": (int, f"{_ENERGY}/baujahr"),
    "energyHotWater": (_FLAG, f"{_ENERGY}/mitwarmwasser"),
    "title": (str, "freitexte/objekttitel"),
    "description": (str, "freitexte/objektbeschreibung"),
    "equipment": (str, "freitexte/ausstatt_beschr"),
}
"""How each field is read, by the published meaning of the elements."""


def _read(node: Any) -> dict[str, Value]:
    """The fields of an object."""
    kind = node.findtext(f"{_ENERGY}/epart")
    value = "endenergiebedarf" if kind == "BEDARF" else "energieverbrauchkennwert"
    table = _READ | {"energyValue": (Decimal, f"{_ENERGY}/{value}")}
    fields: dict[str, Value] = {}
    for name, (read, path) in table.items():
        found = node.xpath(path if "/@" in path else f"{path}/text()")
        fields[name] = read(str(found[0])) if found else None
    heating = node.xpath("ausstattung/heizungsart/@*[.='true']")
    what = node.find("objektkategorie/objektart")[0].tag
    usage = node.find("objektkategorie/nutzungsart").attrib
    assert usage["WOHNEN"] == ("true" if what == "wohnung" else "false")
    assert usage["GEWERBE"] == ("true" if what == "buero_praxen" else "false")
    return fields | {
        "kind": {"wohnung": "FLAT", "parken": "GARAGE", "buero_praxen": "COMMERCIAL"}[what],
        "heating": heating[0].attrname if heating else None,
        "attachments": tuple(map(_attachment, node.iterfind("anhaenge/anhang"))),
    }


def _attachment(node: Any) -> str:
    parts = (node.findtext(path) or "" for path in ("daten/pfad", "check", "anhangtitel"))
    return "|".join((node.get("gruppe"), *parts))


@given(_records())
@settings(max_examples=40, deadline=None)
def test_every_field_of_a_vacancy_can_be_read_from_its_object(record: Record) -> None:
    from unicodedata import normalize

    node = _document(record)
    assert node.findtext("verwaltung_techn/objektnr_extern") == normalize("NFC", record.id)
    assert node.findtext("verwaltung_techn/objektnr_intern") == normalize("NFC", record.id)
    plain = {
        name: normalize("NFC", value) if isinstance(value, str) else value
        for name, value in record.fields.items()
        if name != "attachments"
    }
    read = _read(node)
    shown = read.pop("attachments")
    assert read == plain
    assert shown == tuple(normalize("NFC", text) for text in record.fields["attachments"] or ())  # type: ignore[union-attr]  # a tuple here


@pytest.mark.parametrize(
    ("deed", "word"), [(Deed.NEW, None), (Deed.CHANGE, "CHANGE"), (Deed.DELETE, "DELETE")]
)
def test_a_new_object_has_an_action_without_a_word(deed: Deed, word: str | None) -> None:
    action = _document(Record("vacancy", "v1", VACANCY), deed).find("verwaltung_techn/aktion")
    assert action is not None
    assert action.get("aktionart") == word


def test_a_vacancy_can_be_withdrawn_whatever_is_left_of_it() -> None:
    assert (
        _document(Record("vacancy", "v1", {}), Deed.DELETE).findtext("verwaltung_techn/objektnr_extern")
        == "v1"
    )


@pytest.mark.parametrize(
    ("position", "sides"),
    [
        ("1. OG links", {"LINKS"}),
        ("hinten rechts", {"HINTEN", "RECHTS"}),
        ("Linksfelder Weg", set()),
        ("Mitte", set()),
    ],
)
def test_the_position_is_a_word_of_the_format_only_where_it_says_so(position: str, sides: set[str]) -> None:
    node = _document(Record("vacancy", "v1", VACANCY | {"position": position}))
    found = node.find("geo/lage_im_bau")
    assert (set() if found is None else set(found.attrib)) == sides
    assert node.findtext("geo/user_defined_simplefield[@feldname='lage_text']") == position


def test_the_contact_is_there_and_the_day_from_which_it_is_free_in_words() -> None:
    node = _document(Record("vacancy", "v1", VACANCY))
    assert node.findtext("kontaktperson/email_zentrale") == "vermietung@example.org"
    assert node.findtext("kontaktperson/name") == "Erika Muster"
    assert node.findtext("verwaltung_objekt/verfuegbar_ab") == "01.05.2026"
    assert Sender("W", "", "a@example.org").contact["name"] == "W"
    assert not Sender("W").complete


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"kind": "CASTLE"}, "kind"),
        ({"kind": None}, "kind"),
        ({"energyKind": None}, "energyKind"),
        ({"attachments": ("BILD",)}, "attachments"),
        ({"attachments": ("BILD|||",)}, "attachments"),
        ({"attachments": ("BILD|geheim.xml|v|",)}, "attachments"),
    ],
)
def test_what_no_object_can_be_made_of_is_named_by_its_field(fields: dict[str, Value], place: str) -> None:
    with pytest.raises(Unsuitable) as caught:
        offer(Record("vacancy", "v1", VACANCY | fields), Deed.NEW, SENDER, TODAY)
    assert str(caught.value) == place


def test_a_check_that_is_an_md5_is_called_one() -> None:
    for check, kind in (("0" * 32, "MD5"), ("2026-01-02", "ETAG")):
        record = Record("vacancy", "v1", VACANCY | {"attachments": (PICTURE.replace("v1", check),)})
        assert _document(record).find("anhaenge/anhang/check").get("ctype") == kind
        assert attachments(record)[0].check == check


@pytest.mark.parametrize("ref", ["a.jpg", "..", "../x", "C:\\x", "Ü b.pdf", "a|b", "%41.png", "🏠.png"])
def test_a_file_name_is_ascii_without_folders_and_tells_its_reference(ref: str) -> None:
    from urllib.parse import unquote

    name = file_name(ref)
    assert name.isascii()
    assert not set(name) & set("/\\: |")
    assert name.strip(".")
    assert unquote(name) == ref
