"""Checklists out of TOML: what is right becomes a list, what is wrong is named with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.loader import load, parse, shipped
from checklists.mistakes import Mistake, MistakeKind, Wrong
from checklists.model import Addressee, FieldKind, Kind, Who

GOOD = """\
id = "own"
title = { de = "Eigene Liste", en = "Own list" }
order = 7

[[item]]
id = "own.trunk"
rules = ["B12"]
kind = "manual"
who = "customer"
addressee = "telephony"
blocking = true
title = { de = "Anbindung", en = "Connection" }
why = { de = "Weil", en = "Because" }
how = { de = "So", en = "Like this" }
when = { use_case = "bots4you/master-data", setting = { "immomio/tickets.archive" = ["Mieter App"] } }

[[item.field]]
key = "way"
kind = "choice"
label = { de = "Weg", en = "Way" }
required = true
choice = [
    { key = "sip", label = { de = "SIP-Trunk", en = "SIP trunk" } },
    { key = "forward", label = { de = "Weiterleitung", en = "Forwarding" } },
]

[[item.consequence]]
when = { way = "sip" }
text = { de = "Die eigene Nummer bleibt.", en = "The own number stays." }
takes_over = { "bots4you/master-data.authentication" = "{way}" }
"""


def mistakes(text: str) -> tuple[Mistake, ...]:
    """What is wrong with a list."""
    with pytest.raises(Wrong) as caught:
        parse(text, "own.toml")
    return caught.value.mistakes


def wrongs(text: str) -> tuple[Mistake, ...]:
    """The mistakes of a text that is hardly ever a list."""
    with pytest.raises(Wrong) as caught:
        parse(text, "x.toml")
    return caught.value.mistakes


def test_a_list_is_read_with_everything_it_says() -> None:
    found = parse(GOOD, "own.toml")
    (item,) = found.items
    assert (found.id, found.order, found.title.in_("en")) == ("own", 7, "Own list")
    assert (item.kind, item.who, item.addressee, item.blocking) == (
        Kind.MANUAL,
        Who.CUSTOMER,
        Addressee.TELEPHONY,
        True,
    )
    assert item.when.settings == {"immomio/tickets.archive": ("Mieter App",)}
    assert item.fields[0].kind is FieldKind.CHOICE
    assert [choice.key for choice in item.fields[0].choices] == ["sip", "forward"]
    assert item.consequences[0].when == {"way": ("sip",)}


@pytest.mark.parametrize(
    ("old", "new", "kind", "line", "key"),
    [
        ('kind = "manual"', 'kind = "manuel"', MistakeKind.VALUE, 8, "item[1].kind"),
        ('who = "customer"', "", MistakeKind.MISSING, 5, "item[1].who"),
        ('who = "customer"', "who = 3", MistakeKind.VALUE, 9, "item[1].who"),
        ("blocking = true", 'blocking = "yes"', MistakeKind.TYPE, 11, "item[1].blocking"),
        ("addressee =", "adressee =", MistakeKind.UNKNOWN, 10, "item[1].adressee"),
        ('way = "sip"', 'way = "isdn"', MistakeKind.VALUE, 28, "item[1].consequence[1].when.way"),
        ('en = "Own list"', 'en = " "', MistakeKind.MISSING, 2, "title.en"),
        ('["B12"]', '["B 12"]', MistakeKind.VALUE, 7, "item[1].rules"),
        ('"own.trunk"', '"Own Trunk"', MistakeKind.VALUE, 6, "item[1].id"),
        ('kind = "manual"', 'kind = "automatic"', MistakeKind.MISSING, 8, "item[1].check"),
        ('kind = "manual"', 'kind = "manual"\\ncheck = "x.y"', MistakeKind.UNKNOWN, 9, "item[1].check"),
    ],
)
def test_a_mistake_is_named_with_line_and_key(
    old: str, new: str, kind: MistakeKind, line: int, key: str
) -> None:
    assert old in GOOD
    found = mistakes(GOOD.replace(old, new.replace("\\n", "\n"), 1))
    assert (kind, key) in [(one.kind, one.key) for one in found]
    (one,) = (one for one in found if (one.kind, one.key) == (kind, key))
    assert one.file == "own.toml"
    if "check" not in key:  # a key that is not there stands where its item begins
        assert one.line == line


def test_all_mistakes_are_named_at_once() -> None:
    broken = GOOD.replace('kind = "manual"', 'kind = "x"').replace("[[item.field]]", "[[item.feld]]")
    assert {one.kind for one in mistakes(broken)} >= {MistakeKind.VALUE, MistakeKind.UNKNOWN}


def test_what_is_no_toml_is_named_with_its_line() -> None:
    (one,) = mistakes('id = "a"\ntitle = {\n')
    assert one.kind is MistakeKind.SYNTAX
    assert "title" not in one.found, "what stands in the file is not repeated"


def test_an_id_used_twice_is_named() -> None:
    item = GOOD[GOOD.index("[[item]]") :]
    assert MistakeKind.REPEATED in {one.kind for one in mistakes(GOOD + item)}


def test_a_folder_adds_its_lists_and_may_not_take_an_id_of_ours(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(GOOD, encoding="utf-8")
    assert {one.id for one in load(tmp_path)} == {"own", *(one.id for one in shipped())}
    (tmp_path / "again.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(Wrong) as caught:
        load(tmp_path)
    assert {one.kind for one in caught.value.mistakes} == {MistakeKind.REPEATED}


def test_an_item_may_depend_on_an_answer_and_only_on_one_that_is_asked_for(tmp_path: Path) -> None:
    second = """
[[item]]
id = "own.lines"
kind = "manual"
who = "customer"
title = { de = "Leitungen", en = "Lines" }
why = { de = "Weil", en = "Because" }
how = { de = "So", en = "Like this" }
when.answer = { "own.trunk.way" = "sip" }
"""
    (tmp_path / "own.toml").write_text(GOOD + second, encoding="utf-8")
    (found,) = (one for one in load(tmp_path) if one.id == "own")
    assert found.items[1].when.answers == {"own.trunk.way": ("sip",)}
    (tmp_path / "own.toml").write_text(GOOD + second.replace("trunk.way", "trunk.weg"), encoding="utf-8")
    with pytest.raises(Wrong) as caught:
        load(tmp_path)
    (one,) = caught.value.mistakes
    assert (one.kind, one.key, one.found) == (MistakeKind.VALUE, "own.lines.when.answer", "own.trunk.weg")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(GOOD.replace("Weil", "Für").encode("latin-1"))
    with pytest.raises(Wrong) as caught:
        load(tmp_path)
    assert caught.value.mistakes[0].kind is MistakeKind.ENCODING


def test_no_folder_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path / "none") == load() == shipped()


@given(st.text(max_size=200))
def test_whatever_a_file_holds_is_a_list_or_a_mistake(text: str) -> None:
    assert wrongs(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "id",
                        "title",
                        "item",
                        "kind",
                        "field",
                        "when",
                        "de",
                        "key",
                        "choice",
                        "rules",
                        "setting",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=25,
    )
)
def test_odd_shapes_are_mistakes_and_never_a_crash(shape: object) -> None:
    import tomlkit

    try:
        text = tomlkit.dumps({"id": "x", "item": shape})
    except (TypeError, ValueError):
        return  # TOML has no such value
    assert all(one.line >= 1 for one in wrongs(text))
