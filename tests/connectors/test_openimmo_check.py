"""Checking deliveries: what the format forbids, what is permitted and wrong, and files that others wrote."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.openimmo.attachments import Members
from connectors.openimmo.build import Deed
from connectors.openimmo.complaint import Severity
from connectors.openimmo.examine import examine
from connectors.openimmo.schema import schema
from connectors.problems import Owner
from connectors.texts import LANGUAGES, render, table
from tests.connectors.openimmo_kit import SAMPLES, changed, codes, complaints, document, offer

ROOM = Path(__file__).resolve().parents[2] / "connectors" / "openimmo"


def swapped(old: str, new: str) -> str:
    """The sound delivery with a piece of its XML replaced."""
    text = document(offer())
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<aktion/>", '<aktion aktionart="ADD"/>', "action_add", "verwaltung_techn/aktion/@aktionart"),
        ("<aktion/>", '<aktion aktionart="NEU"/>', "not_listed", "verwaltung_techn/aktion/@aktionart"),
        ("<aktion/>", "", "missing_element", "verwaltung_techn"),
        ("<etage>2<", "<etage>EG<", "floor_word", "geo/etage"),
        ("<etage>2<", "<etage>2.5<", "floor_word", "geo/etage"),
        (">512.40<", ">512,40<", "decimal_comma", "preise/nettokaltmiete"),
        (">180<", ">1.180,00<", "decimal_comma", "preise/nebenkosten"),
        (">180<", ">ca. 180<", "not_decimal", "preise/nebenkosten"),
        (">180<", "><", "empty_value", "preise/nebenkosten"),
        (">2026-11-20<", ">20.11.2026<", "german_date", "verwaltung_techn/stand_vom"),
        (">2026-11-20<", ">2026-02-30<", "not_date", "verwaltung_techn/stand_vom"),
        ('WOHNEN="true"', 'WOHNEN="ja"', "not_boolean", "objektkategorie/nutzungsart/@WOHNEN"),
        ('WOHNEN="true" ', "", "missing_attribute", "objektkategorie/nutzungsart"),
        (
            'wohnungtyp="ETAGE"',
            'wohnungtyp="Etage"',
            "not_listed",
            "objektkategorie/objektart/wohnung[1]/@wohnungtyp",
        ),
        (
            'wohnungtyp="ETAGE"',
            'typ="ETAGE"',
            "unknown_attribute",
            "objektkategorie/objektart/wohnung[1]/@typ",
        ),
        ('iso_waehrung="EUR"', 'iso_waehrung="Euro"', "not_code", "preise/waehrung/@iso_waehrung"),
        ('<wohnung wohnungtyp="ETAGE"/>', "", "needs_one_of", "objektkategorie/objektart"),
        ("<plz>01234</plz>", "<plz>01234</plz><plz/>", "repeated", "geo/plz[2]"),
        ("<plz>01234</plz>", "<plzz>01234</plzz>", "unknown_near", "geo/plzz"),
        ("<plz>01234</plz>", "<xyzzy/>", "unknown_element", "geo/xyzzy"),
        ("<plz>01234</plz>", "<nettokaltmiete>1</nettokaltmiete>", "misplaced", "geo/nettokaltmiete"),
        ("<plz>01234</plz>", "<plz><b>1</b></plz>", "no_elements", "geo/plz"),
        ("<fahrstuhl PERSONEN", "Text<fahrstuhl PERSONEN", "stray_text", "ausstattung"),
        (
            "<objektnr_extern>10/1/2/3<",
            "<objektnr_extern><",
            "empty_required",
            "verwaltung_techn/objektnr_extern",
        ),
        (">512.40<", ">0.00<", "rent_zero", "preise/nettokaltmiete"),
        (">512.40<", ">-1<", "negative", "preise/nettokaltmiete"),
        (">2026-11-20<", ">2026-11-23<", "future", "verwaltung_techn/stand_vom"),
        ('WOHNEN="true"', 'WOHNEN="false"', "no_use", "objektkategorie/nutzungsart"),
    ],
)
def test_a_fault_is_found_with_its_path_and_line(old: str, new: str, code: str, path: str) -> None:
    text = swapped(old, new)
    (found,) = [one for one in complaints(text) if one.text.code == f"openimmo.{code}"]
    assert found.path == f"/openimmo/anbieter[1]/immobilie[1]/{path}"
    assert found.line is not None
    named = re.sub(r"\[\d+\]", "", path.partition("/@")[0].rpartition("/")[2])
    assert f"<{named}" in text.splitlines()[found.line - 1]


def test_both_sorts_of_a_kind_are_one_too_many() -> None:
    text = swapped('<wohnung wohnungtyp="ETAGE"/>', "<wohnung/><parken/>")
    assert codes(text) == ["several_kinds"]


def test_the_wrong_order_names_the_element_it_should_precede() -> None:
    text = swapped("<ort>Musterstadt</ort>", "").replace("</geo>", "<ort>Musterstadt</ort></geo>")
    (found,) = complaints(text)
    assert found.text.code == "openimmo.wrong_order"
    assert found.text.args == {"name": "ort", "after": "etage"}


def test_a_contact_needs_one_way_to_be_reached() -> None:
    assert codes(swapped("<email_direkt>vermietung@example.org</email_direkt>", "")) == ["needs_one_of"]


@pytest.mark.parametrize("gone", ["plz", "ort"])
def test_a_place_is_enough_with_postcode_or_town(gone: str) -> None:
    assert codes(document(changed(f"geo/{gone}", None))) == []


def test_neither_postcode_nor_town_nor_coordinates_is_too_little() -> None:
    bare = changed("geo/plz", None, changed("geo/ort", None))
    assert codes(document(bare)) == ["needs_one_of"]
    placed = changed(
        "geo/geokoordinaten", {"@breitengrad": Decimal("51.05"), "@laengengrad": Decimal("13.74")}, bare
    )
    assert codes(document(placed)) == []


@pytest.mark.parametrize("gone", ["preise", "preise/nettokaltmiete"])
def test_a_rented_object_without_net_rent_is_an_error_of_rule_i8(gone: str) -> None:
    (found,) = [one for one in complaints(document(changed(gone, None))) if one.severity is Severity.ERROR]
    assert (found.text.code, found.rule, found.owner) == ("openimmo.rent_missing", "I8", Owner.CUSTOMER)
    assert found.path.endswith("/preise/nettokaltmiete")


def test_what_is_sold_or_withdrawn_needs_no_rent() -> None:
    sold = changed("objektkategorie/vermarktungsart", {"@KAUF": True, "@MIETE_PACHT": False})
    assert codes(document(changed("preise", None, sold))) == []
    assert codes(document(changed("preise", None, offer(deed=Deed.DELETE)))) == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kaltmiete": Decimal("692.41")}, ""),  # a cent of rounding
        ({"kaltmiete": Decimal("692.42")}, "sum_cold"),
        ({"kaltmiete": Decimal("512.40")}, "cold_is_net"),
        ({"kaltmiete": Decimal("512.40"), "nebenkosten": Decimal(0), "warmmiete": Decimal("602.40")}, ""),
        ({"warmmiete": Decimal("692.40")}, "sum_warm"),
        ({"warmmiete": Decimal("692.40"), "heizkosten_enthalten": False}, ""),
        ({"warmmiete": Decimal("692.40"), "heizkosten_enthalten": None}, ""),
        ({"warmmiete": Decimal("782.40"), "heizkosten_enthalten": None}, ""),
        ({"warmmiete": Decimal("700.00"), "heizkosten_enthalten": None}, "sum_warm"),
        ({"warmmiete": Decimal("999.00"), "heizkosten": None}, ""),  # included, but nobody says how much
        ({"warmmiete": Decimal("802.40"), "mietzuschlaege": Decimal(20)}, ""),
    ],
)
def test_rents_that_do_not_add_up_are_a_warning(values: dict[str, Any], code: str) -> None:
    made = offer()
    made["preise"].update(values)
    found = complaints(document(made))
    assert [one.text.code.removeprefix("openimmo.") for one in found] == ([code] if code else [])
    assert all(one.severity is Severity.WARNING for one in found)


def test_a_number_used_twice_names_the_first_object() -> None:
    found = complaints(document(offer("1/1"), offer("1/2"), offer("1/1")))
    assert [one.text.args["name"] for one in found] == ["objektnr_extern", "openimmo_obid"]
    assert {one.text.args["number"] for one in found} == {1}
    assert {one.path.partition("/verwaltung")[0] for one in found} == {"/openimmo/anbieter[1]/immobilie[3]"}


def test_a_full_delivery_without_objects_is_a_warning_and_a_partial_one_a_hint() -> None:
    empty = document()
    assert codes(empty) == ["no_objects"]
    assert codes(empty.replace('umfang="TEIL"', 'umfang="VOLL"')) == ["full_and_empty"]


def test_a_namespace_is_named_once_and_the_rest_is_checked_all_the_same() -> None:
    text = swapped("<openimmo>", '<openimmo xmlns="http://www.openimmo.de">').replace(">512.40<", ">x<")
    assert codes(text) == ["namespace", "not_decimal"]


def test_another_version_is_a_warning() -> None:
    (found,) = complaints(swapped('version="1.2.7"', 'version="1.2.6"'))
    assert (found.text.code, found.severity) == ("openimmo.other_version", Severity.WARNING)


def attached(path: str, location: str = "EXTERN", group: str = "BILD") -> str:
    """A delivery with one attachment."""
    one = {"@location": location, "@gruppe": group, "format": "jpg", "daten": {"pfad": path}}
    return document(changed("anhaenge", {"anhang": [one]}))


@pytest.mark.parametrize(
    ("path", "location", "code"),
    [
        ("1.jpg", "EXTERN", ""),
        ("./1.jpg", "INTERN", ""),
        ("Ku\u0308che.jpg", "EXTERN", ""),  # decomposed, as macOS writes it
        ("bilder/2.jpg", "EXTERN", ""),
        ("3.jpg", "EXTERN", "attachment_missing"),
        ("1.JPG", "EXTERN", "attachment_case"),
        ("../1.jpg", "EXTERN", "attachment_path"),
        ("/1.jpg", "EXTERN", "attachment_path"),
        ("C:/1.jpg", "EXTERN", "attachment_path"),
        ("bilder\\2.jpg", "EXTERN", "attachment_path"),
        ("https://example.org/1.jpg", "EXTERN", "attachment_is_url"),
        ("https://example.org/1.jpg", "REMOTE", ""),
        ("1.jpg", "REMOTE", "attachment_no_url"),
        ("", "EXTERN", "attachment_empty"),
    ],
)
def test_an_attachment_has_to_lead_to_a_file_beside_the_document(path: str, location: str, code: str) -> None:
    members = Members(["1.jpg", "bilder/2.jpg", "K\u00fcche.jpg"])
    found = [one for one in codes(attached(path, location), members) if one != "members_unused"]
    assert found == ([code] if code else [])


def test_without_a_zip_nobody_knows_whether_a_file_is_there() -> None:
    assert codes(attached("3.jpg")) == []


def test_files_that_nothing_names_are_a_hint() -> None:
    (found,) = complaints(attached("1.jpg"), Members(["1.jpg", "2.jpg", "3.jpg"]))
    assert (found.severity, found.text.args["count"], found.text.args["example"]) == (
        Severity.HINT,
        2,
        "2.jpg",
    )


def test_nothing_of_a_contact_person_enters_a_complaint() -> None:
    person = "<name>Erika Musterfrau</name><adressfreigabe>Musterfrau</adressfreigabe>"
    text = swapped("<name>Vermietung</name>", person).replace("vermietung@example.org", "")
    found = complaints(text)
    assert {one.text.code for one in found} == {"openimmo.not_boolean", "openimmo.empty_value"}
    assert "Musterfrau" not in repr(found)


def test_a_long_value_or_a_sentence_is_not_quoted() -> None:
    (found,) = complaints(swapped(">180<", ">bei Frau Musterfrau erfragen<"))
    assert found.text.args["found"] == "…"


EXPECTED = {
    "openimmo-1-2-7-downgrade.xml": {
        "missing_attribute", "wrong_order", "missing_element", "repeated", "rent_missing", "empty_required",
    },
    "openimmo-1-2-7-upgrade.xml": {
        "missing_attribute", "other_version", "unknown_attribute", "missing_element", "rent_missing",
        "empty_required",
    },
    "example-openimmo-feedback.xml": set(),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_samples_that_others_wrote_are_read_to_the_end(name: str) -> None:
    found = list(examine(SAMPLES / name))
    assert {one.text.code.removeprefix("openimmo.") for one in found} == EXPECTED[name]
    for one in found:
        for language in LANGUAGES:
            assert render(one.text, language)


def test_every_code_of_the_room_has_its_sentence_and_every_sentence_its_code() -> None:
    used = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch(r"openimmo\.[a-z0-9_]+", str(node.value)):
                used.add(str(node.value).partition(".")[2])
    assert used - {"xml"} == set(table("connectors.openimmo")["openimmo"])  # openimmo.xml is a file


def test_the_rule_table_hangs_together() -> None:
    rules = schema().elements
    reached = {"openimmo"}
    waiting = ["openimmo"]
    while waiting:
        for name in rules[waiting.pop()].children or {}:
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    assert set(rules) == reached
    for rule in rules.values():
        assert {*rule.any_of, *rule.one_of, *rule.either} <= set(rule.children or {})
    assert schema().not_negative <= {
        name for name, rule in rules.items() if rule.holds.kind.value == "decimal"
    }
