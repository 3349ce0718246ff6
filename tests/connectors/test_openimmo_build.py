"""Building OpenImmo: schema order, spelling, refusals, and reading back what was built."""

from __future__ import annotations

import random
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.openimmo.build import Deed, Unbuildable, delivery, element, identifier
from connectors.openimmo.read import at, offers
from connectors.openimmo.schema import Element, Holds, Kind, schema
from connectors.openimmo.values import clean
from tests.connectors.openimmo_kit import ENVELOPE, changed, codes, document, offer, source

NAMES = ("objektkategorie", "geo", "kontaktperson", "preise", "ausstattung", "verwaltung_techn")


def test_the_sound_offer_has_no_complaint() -> None:
    assert codes(document(offer())) == []


def test_blocks_and_elements_stand_in_schema_order_whatever_order_they_came_in() -> None:
    text = document(offer())
    assert [text.index(f"<{name}>") for name in NAMES] == sorted(text.index(f"<{name}>") for name in NAMES)
    prices = ("nettokaltmiete", "kaltmiete", "warmmiete", "nebenkosten", "heizkosten_enthalten", "heizkosten")
    assert [text.index(f"<{name}>") for name in prices] == sorted(text.index(f"<{name}>") for name in prices)


def test_values_are_spelled_as_the_format_wants_them() -> None:
    text = document(changed("preise/kaution", Decimal("1.5E+3")))
    assert "<kaution>1500</kaution>" in text
    assert "<heizkosten_enthalten>true</heizkosten_enthalten>" in text
    assert "<stand_vom>2026-11-20</stand_vom>" in text
    assert 'timestamp="2026-11-22T07:00:00"' in text
    assert text.startswith("<?xml version='1.0' encoding='UTF-8'?>")


@pytest.mark.parametrize(
    ("deed", "spelled"),
    [
        (Deed.NEW, "<aktion/>"),
        (Deed.CHANGE, '<aktion aktionart="CHANGE"/>'),
        (Deed.DELETE, '<aktion aktionart="DELETE"/>'),
        (Deed.REFERENCE, '<aktion aktionart="REFERENZ"/>'),
    ],
)
def test_a_new_object_has_an_action_without_a_word(deed: Deed, spelled: str) -> None:
    assert spelled in document(offer(deed=deed))


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("verwaltung_techn/aktion", {"@aktionart": "ADD"}, "immobilie/verwaltung_techn/aktion/@aktionart"),
        ("geo/etage", "EG", "immobilie/geo/etage"),
        ("geo/etage", 2**31, "immobilie/geo/etage"),
        ("geo/stockwerk", 1, "immobilie/geo/stockwerk"),
        ("preise/nettokaltmiete", "500,00", "immobilie/preise/nettokaltmiete"),
        ("preise/nettokaltmiete", True, "immobilie/preise/nettokaltmiete"),
        ("preise/nettokaltmiete", Decimal("NaN"), "immobilie/preise/nettokaltmiete"),
        ("preise/nettokaltmiete", Decimal("1E+400"), "immobilie/preise/nettokaltmiete"),
        ("preise/nettokaltmiete", [Decimal(1), Decimal(2)], "immobilie/preise/nettokaltmiete"),
        ("preise/waehrung", {"@iso_waehrung": "euro"}, "immobilie/preise/waehrung/@iso_waehrung"),
        ("preise/waehrung", "EUR", "immobilie/preise/waehrung"),
        ("preise", "EUR", "immobilie/preise"),
        ("geo/land", {"@iso": "DEU"}, "immobilie/geo/land/@iso"),
        ("verwaltung_techn/stand_vom", datetime(2026, 1, 1), "immobilie/verwaltung_techn/stand_vom"),
        ("kontaktperson/email_direkt", " ", "immobilie/kontaktperson/email_direkt"),
        ("flaechen/anzahl_stellplaetze", 0, "immobilie/flaechen/anzahl_stellplaetze"),
    ],
)
def test_what_the_format_has_no_place_for_is_refused_with_its_path(path: str, value: Any, where: str) -> None:
    with pytest.raises(Unbuildable) as caught:
        delivery(ENVELOPE, [changed(path, value)])
    assert caught.value.path == where


def test_a_refusal_does_not_quote_the_value() -> None:
    with pytest.raises(Unbuildable) as caught:
        element("kontaktperson", {"adressfreigabe": "Erika Musterfrau"})
    assert "Erika" not in str(caught.value)


@given(st.text())
def test_any_text_can_be_sent_and_comes_back(text: str) -> None:
    built = document(changed("freitexte/lage", text))
    (read,) = offers(source(built))
    expected = clean(text)
    found = at(read.node, "freitexte", "lage")
    assert found == (expected if expected.strip(" \t\n") else None)
    assert clean(expected) == expected


def test_ids_keep_the_pattern_and_are_always_the_same() -> None:
    made = identifier("O", "ein", "10/1/2")
    assert made == identifier("O", "EIN", "10/1/2")
    assert (len(made), made[:4], made[4:21].isdigit(), made[21:].isalnum()) == (31, "OEIN", True, True)
    assert datetime.strptime(made[4:18], "%Y%m%d%H%M%S")
    assert len({identifier("O", "EIN", str(n)) for n in range(2000)}) == 2000
    with pytest.raises(ValueError, match="three letters"):
        identifier("O", "EINZUG", "1")


def _scalar(holds: Holds) -> st.SearchStrategy[Any]:
    text = st.text(min_size=1).map(clean).filter(lambda t: bool(t.strip(" \t\n")))
    return {
        Kind.TEXT: text,
        Kind.CONTACT: text,
        Kind.DECIMAL: st.decimals(
            allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2
        ),
        Kind.FLOAT: st.decimals(
            allow_nan=False, allow_infinity=False, min_value=-180, max_value=180, places=6
        ),
        Kind.INTEGER: st.integers(-(2**31), 2**31 - 1),
        Kind.POSITIVE: st.integers(1, 2**31 - 1),
        Kind.BOOLEAN: st.booleans(),
        Kind.DATE: st.dates(date(1900, 1, 1)),
        Kind.MOMENT: st.datetimes(datetime(1900, 1, 1)).map(lambda t: t.replace(microsecond=0)),
        Kind.BASE64: st.sampled_from(["QQ==", "QUJD"]),
        Kind.CODE: st.text("ABCXYZ", min_size=3, max_size=3),
        Kind.WORDS: st.sampled_from(holds.words or ("",)),
    }[holds.kind]


@st.composite
def nodes(draw: st.DrawFn, rule: Element) -> Any:
    """Anything the rule table permits for an element, in the form ``build`` takes."""
    node: dict[str, Any] = {
        f"@{name}": draw(_scalar(holds)) for name, holds in rule.attributes.items() if draw(st.booleans())
    }
    if rule.children is None:
        if rule.holds.kind is not Kind.NOTHING:
            node[""] = draw(_scalar(rule.holds))
        return node if node.keys() != {""} else node[""]
    chosen = draw(st.lists(st.sampled_from(sorted(rule.children)), max_size=5, unique=True))
    for name in chosen:
        below = schema()[name]
        if below.anything:
            continue
        some = tuple(draw(st.lists(nodes(below), min_size=1, max_size=2 if rule.children[name].many else 1)))
        node[name] = some if rule.children[name].many else some[0]
    return node


@settings(max_examples=60)
@given(nodes(schema()["immobilie"]), st.randoms())
def test_what_is_built_is_read_back_equal(node: dict[str, Any], chance: random.Random) -> None:
    shuffled = list(node.items())
    chance.shuffle(shuffled)
    (read,) = offers(source(delivery(ENVELOPE, [dict(shuffled)])))
    assert read.node == node
    first = delivery(ENVELOPE, [node])
    assert delivery(ENVELOPE, [read.node]) == first


@settings(max_examples=60)
@given(nodes(schema()["immobilie"]))
def test_what_is_built_lacks_at_most_what_was_not_given(node: dict[str, Any]) -> None:
    found = set(codes(delivery(ENVELOPE, [node])))
    wrong = {
        "wrong_order",
        "unknown_element",
        "unknown_near",
        "misplaced",
        "repeated",
        "stray_text",
        "namespace",
    }
    assert not found & wrong
    assert not {code for code in found if code.startswith(("not_", "no_elements", "decimal"))} - {"not_both"}
