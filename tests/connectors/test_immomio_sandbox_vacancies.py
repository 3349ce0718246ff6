"""The Immomio double reads OpenImmo: what it shows of an object, what it refuses, and what would harm it."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.immomio import sandbox_openimmo, sandbox_zip
from connectors.immomio.sandbox_openimmo import Unreadable, read
from connectors.immomio.sandbox_vacancies import Vacancies
from connectors.immomio.sandbox_zip import unpack
from connectors.sandbox.clock import Clock
from tests.connectors.immomio_kit import ID, immobilie, office, openimmo, picture, zipped

FULL = immobilie(
    geo="""<plz>99998</plz><strasse>Lindenweg</strasse><hausnummer>7a</hausnummer><land iso_land="DEU"/>
        <etage>-1</etage><anzahl_etagen>4</anzahl_etagen><lage_im_bau LINKS="true"/>
        <user_defined_simplefield feldname="lage_text">3. Etage, links</user_defined_simplefield>""",
    preise="""<kaltmiete>620.5</kaltmiete><nebenkosten>120.50</nebenkosten><heizkosten>80</heizkosten>
        <heizkosten_enthalten>true</heizkosten_enthalten><mietzuschlaege>0</mietzuschlaege>
        <warmmiete>700.50</warmmiete><kaution>1500.00</kaution><geschaeftsguthaben/>""",
    flaechen="""<wohnflaeche>61.25</wohnflaeche><nutzflaeche>5</nutzflaeche><anzahl_zimmer>2.5</anzahl_zimmer>
        <anzahl_balkone>1</anzahl_balkone>""",
    ausstattung="""<kueche EBK="true"/><heizungsart FERN="true" OFEN="false"/><fahrstuhl PERSONEN="0"/>
        <unterkellert keller="NEIN"/><fahrradraum>1</fahrradraum><gaestewc>false</gaestewc>
        <barrierefrei>true</barrierefrei>
        <user_defined_simplefield feldname="gegensprechanlage">true</user_defined_simplefield>""",
    zustand_angaben="""<baujahr>1954</baujahr><energiepass><epart>BEDARF</epart>
        <gueltig_bis>2031-05-01</gueltig_bis><endenergiebedarf>98.7</endenergiebedarf>
        <mitwarmwasser>true</mitwarmwasser><primaerenergietraeger>Fernwärme</primaerenergietraeger>
        <wertklasse>C</wertklasse><baujahr>1990</baujahr><ausstelldatum>2021-05-01</ausstelldatum>
        </energiepass>""",
    freitexte="""<objekttitel>Hell &amp; ruhig</objekttitel><ausstatt_beschr>Dielen</ausstatt_beschr>
        <objektbeschreibung>Süd-Balkon</objektbeschreibung>""",
    verwaltung_objekt="<abdatum>2026-03-01</abdatum><wbs_sozialwohnung>false</wbs_sozialwohnung>",
    anhaenge=picture("bad.jpg", '<check ctype="ETAG">v7</check>') + picture("./plan.pdf"),
)
SHOWN: dict[str, Any] = {
    "externalId": ID, "kind": "FLAT", "street": "Lindenweg", "houseNumber": "7a", "postalCode": "99998",
    "city": "Musterstadt", "country": "DEU", "floor": -1, "position": "3. Etage, links", "storeys": 4,
    "rooms": 2.5, "livingArea": 61.25, "usableArea": 5, "constructionYear": 1954,
    "availableFrom": "2026-03-01", "baseRent": 500, "coldRent": 620.5, "operatingCosts": 120.5,
    "heatingCosts": 80, "heatingIncluded": True,
    "surcharges": 0, "totalRent": 700.5, "deposit": 1500, "coopShares": None, "cellar": False,
    "fittedKitchen": True, "intercom": True, "lift": False, "bikeRoom": True, "guestToilet": False,
    "balcony": True, "barrierFree": True, "wbsRequired": False, "heating": "FERN", "energyKind": "BEDARF",
    "energyValue": 98.7, "energyClass": "C", "energyValidTo": "2031-05-01", "energyIssued": "2021-05-01",
    "energyCarrier": "Fernwärme", "energyYear": 1990, "energyHotWater": True, "title": "Hell & ruhig",
    "description": "Süd-Balkon", "equipment": "Dielen", "state": "IMPORTED", "prospects": 0,
}  # fmt: skip
ZIP = "application/zip"


def _take(xml: bytes) -> tuple[Vacancies, list[dict[str, Any]]]:
    vacancies = Vacancies(Clock())
    return vacancies, vacancies.take(xml, zipped=False)


async def test_a_whole_object_is_shown_field_by_field() -> None:
    async with office() as o:
        plan = b"%PDF-"
        content = zipped(openimmo(FULL), {"bad.jpg": b"\xff\xd8", "plan.pdf": plan})
        assert (await o.deliver(content, ZIP)).json() == {"results": [{"externalId": ID, "status": 201}]}
        shown = await o.vacancy()
        del shown["updatedAt"], shown["link"]
        digest = hashlib.md5(plan, usedforsecurity=False).hexdigest()
        attachments = ["BILD|bad.jpg|v7|Bad", f"BILD|plan.pdf|{digest}|Bad"]
        assert shown == SHOWN | {"attachments": attachments}
        listed = (await o.call("GET", "/vacancies")).json()
        assert (listed["total"], listed["items"][0]["attachments"]) == (1, attachments)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ('<nutzungsart WOHNEN="true" GEWERBE="false"/>', "FLAT"),
        ('<nutzungsart WOHNEN="0" GEWERBE="1"/>', "COMMERCIAL"),
        ('<nutzungsart WOHNEN="false" GEWERBE="false"/><objektart><parken/></objektart>', "GARAGE"),
    ],
)
def test_the_kind_follows_from_usage_and_type(kind: str, expected: str) -> None:
    vacancies, _ = _take(openimmo(immobilie(kind=kind)))
    assert vacancies.shown(ID)["kind"] == expected


def test_a_certificate_by_consumption_has_its_own_element() -> None:
    values = "<epart>VERBRAUCH</epart><energieverbrauchkennwert>88</energieverbrauchkennwert>"
    vacancies, _ = _take(openimmo(immobilie(zustand_angaben=f"<energiepass>{values}</energiepass>")))
    assert vacancies.shown(ID)["energyValue"] == 88


@pytest.mark.parametrize(
    ("object_", "error", "field"),
    [
        (immobilie(rent=None), "missing_rent", "baseRent"),
        (immobilie(rent="500,00"), "wrong_type", "baseRent"),
        (immobilie(rent="NaN"), "wrong_type", "baseRent"),
        (immobilie(rent="1e999999999"), "wrong_type", "baseRent"),
        (immobilie(geo="<etage>EG</etage>"), "wrong_type", "floor"),
        (immobilie(kind='<nutzungsart WOHNEN="false"/>'), "wrong_type", "kind"),
        (immobilie(ausstattung="<gaestewc>vielleicht</gaestewc>"), "wrong_type", "guestToilet"),
        (immobilie(ausstattung='<unterkellert keller="?"/>'), "wrong_type", "cellar"),
        (immobilie(verwaltung_objekt="<abdatum>1.3.2026</abdatum>"), "wrong_type", "availableFrom"),
        (immobilie(action='<aktion aktionart="ADD"/>'), "unknown_action", "aktion"),
        (immobilie(anhaenge=picture("bad.jpg")), "attachment_missing", "attachments"),
    ],
)
async def test_an_object_that_cannot_be_taken_is_named_and_the_others_are_taken(
    object_: str, error: str, field: str
) -> None:
    async with office() as o:
        results = (await o.deliver(zipped(openimmo(object_, immobilie("2"))), ZIP)).json()["results"]
        assert results == [
            {"externalId": ID, "status": 422, "error": error, "field": field},
            {"externalId": "2", "status": 201},
        ]
        assert [vacancy["externalId"] for vacancy in await o.state("vacancy")] == ["2"]


def test_an_object_without_number_is_refused() -> None:
    _, results = _take(openimmo(immobilie("")))
    assert results == [{"externalId": None, "status": 422, "error": "missing_id", "field": "externalId"}]


async def test_a_partial_delivery_changes_only_what_it_lists() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie("1"), immobilie("2")))
        change, delete = '<aktion aktionart="CHANGE"/>', '<aktion aktionart="DELETE"/>'
        answer = await o.deliver(
            openimmo(
                immobilie("1", "510", change), immobilie("2", None, delete), immobilie("3", None, delete)
            )
        )
        assert [result["status"] for result in answer.json()["results"]] == [200, 204, 404]
        assert [(v["externalId"], v["baseRent"]) for v in await o.state("vacancy")] == [("1", 510)]
        assert (await o.state("creates"))["vacancy"] == {"1": 1, "2": 1}


async def test_a_full_delivery_removes_what_it_does_not_list_and_keeps_what_it_refuses() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie("1"), immobilie("2"), immobilie("3")))
        await o.deliver(openimmo(immobilie("1"), immobilie("3", None), scope="VOLL"))
        assert [vacancy["externalId"] for vacancy in await o.state("vacancy")] == ["1", "3"]


async def test_state_and_prospects_stay_through_an_update_and_go_with_the_vacancy() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        await o.act("application", vacancy=ID)
        await o.act("vacancy", id=ID, do="edit", online=True, fields={"title": "Hell"})
        await o.deliver(openimmo(immobilie(rent="510")))
        shown = await o.vacancy()
        assert (shown["state"], shown["prospects"], shown["title"]) == ("ONLINE", 1, None)
        await o.deliver(openimmo(scope="VOLL"))
        await o.deliver(openimmo(immobilie()))
        assert ((await o.vacancy())["state"], (await o.vacancy())["prospects"]) == ("IMPORTED", 0)
        assert len(await o.state("application")) == 1


async def test_a_clerk_can_only_do_what_the_screen_offers() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        for data in (
            {"do": "paint"},
            {"do": "edit", "fields": {"rooms": "2"}},
            {"do": "edit", "fields": [1]},
        ):
            assert (await o.act("vacancy", id=ID, **data)).status_code == 400
        assert (await o.act("vacancy", id="x", do="edit")).status_code == 404
        await o.act("vacancy", id=ID, do="edit")
        assert (await o.act("vacancy", id=ID, do="online")).json()["state"] == "ONLINE"
        assert (await o.act("vacancy", id=ID, do="offline")).json()["state"] == "OFFLINE"


async def test_faults_reject_and_rewrite_single_objects() -> None:
    async with office("reject,id=1", "rewrite,field=title,value=X") as o:
        results = (await o.deliver(openimmo(immobilie("1"), immobilie("2")))).json()["results"]
        assert [result["status"] for result in results] == [422, 201]
        assert (await o.vacancy("2"))["title"] == "X"


# --- what cannot be read, and what would harm -------------------------------------------------------------


def _laughs() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    return f"<!DOCTYPE openimmo [{entities}]><openimmo>&j;</openimmo>".encode()


UNREADABLE = [
    b"",
    b"no xml",
    b"<openimmo>",
    b"<openimmo/>",
    b'<openimmo><uebertragung umfang="x"/></openimmo>',
    b'<openimmo xmlns="http://www.openimmo.de"><uebertragung umfang="TEIL"/></openimmo>',
    b"<!DOCTYPE openimmo>" + openimmo().partition(b"?>")[2],
    b'<!DOCTYPE openimmo SYSTEM "http://127.0.0.1:9/x.dtd">' + openimmo().partition(b"?>")[2],
    b'<!DOCTYPE openimmo [<!ENTITY x SYSTEM "file:///etc/hostname">]><openimmo>&x;</openimmo>',
    _laughs(),
    b"<a>" * 1_000_000,
    "<openimmo>ä</openimmo>".encode("utf-16-le"),
    b'<?xml version="1.0" encoding="UTF-8"?><openimmo>\xe4</openimmo>',
]


@pytest.mark.parametrize("content", UNREADABLE, ids=range(len(UNREADABLE)))
async def test_a_document_that_cannot_be_read_changes_nothing(content: bytes) -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        for kind, sent in (("application/xml", content), (ZIP, zipped(content)), (ZIP, content)):
            answer = await o.deliver(sent, kind)
            assert (answer.status_code, answer.json()) == (422, {"error": "unreadable"})
        assert len(await o.state("vacancy")) == 1


async def test_another_format_is_refused() -> None:
    async with office() as o:
        assert (await o.deliver(b"a;b", "text/csv")).status_code == 415


def _archive(*names: str, content: bytes = b"x") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name) if name != "big" else name, content)
    return written.getvalue()


HOSTILE = {
    "empty": _archive(),
    "no document": _archive("a.jpg"),
    "two documents": _archive("a.xml", "b.XML"),
    "out of the folder": _archive("a.xml", "../b.jpg"),
    "absolute": _archive("a.xml", "/b.jpg"),
    "drive": _archive("a.xml", "C:b.jpg"),
    "backslash": _archive("a.xml", "x\\..\\b.jpg").replace(b"x/../b", b"x\\..\\b"),
    "cut": zipped(openimmo(immobilie()), {"a.jpg": b"x" * 500})[:-30],
    "bomb": zipped(openimmo(), {"a.jpg": b"\0" * 20_000_000}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_harmful_archive_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable):
        unpack(HOSTILE[name])


def test_an_archive_that_lies_about_its_sizes_is_unreadable() -> None:
    honest = zipped(openimmo(), {"a.jpg": b"\0" * 20_000_000})
    lying = honest.replace(struct.pack("<L", 20_000_000), struct.pack("<L", 20))
    assert lying != honest
    with pytest.raises(Unreadable):
        unpack(lying)


def test_a_document_may_repeat_itself_more_than_a_file_may() -> None:
    assert unpack(zipped(b" " * 1_000_000)).xml


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        unpack(_archive("a.xml", "b.jpg", "b.jpg"))


def test_an_encrypted_archive_is_unreadable() -> None:
    plain = _archive("a.xml")
    flagged = bytearray(plain)
    flagged[6] |= 1
    flagged[plain.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unreadable):
        unpack(bytes(flagged))


def test_more_than_the_limits_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_zip, "MOST_FILES", 2)
    with pytest.raises(Unreadable):
        unpack(zipped(openimmo(), {"a": b"", "b": b""}))
    monkeypatch.setattr(sandbox_zip, "MOST_BYTES", 10)
    with pytest.raises(Unreadable):
        unpack(zipped(openimmo()))
    monkeypatch.setattr(sandbox_openimmo, "MOST_OBJECTS", 1)
    with pytest.raises(Unreadable):
        read(openimmo(immobilie(), immobilie()))
    monkeypatch.setattr(sandbox_openimmo, "MOST_XML", 10)
    with pytest.raises(Unreadable):
        read(openimmo())


async def test_files_with_umlauts_are_found() -> None:
    async with office() as o:
        content = zipped(openimmo(immobilie(anhaenge=picture("bilder/Küche.jpg"))), {"bilder/Küche.jpg": b""})
        assert (await o.deliver(content, ZIP)).json()["results"][0]["status"] == 201


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    for reader in (read, unpack):
        with pytest.raises(Unreadable):
            reader(content)


@given(st.text(), st.text(), st.sampled_from(["rooms", "geo", "preise", "ausstattung", "zustand_angaben"]))
def test_no_values_break_the_reader(number: str, value: str, block: str) -> None:
    from xml.sax.saxutils import escape

    inner = "".join(
        f"<{name}>{escape(value)}</{name}>" for name in ("etage", "warmmiete", "gaestewc", "baujahr")
    )
    content = openimmo(immobilie(escape(number), **{block: inner}))
    vacancies = Vacancies(Clock())
    try:
        results = vacancies.take(content, zipped=False)
    except Unreadable:
        return
    assert len(results) == 1
    assert results[0]["status"] in (201, 422)
