"""Reading openimmo_feedback: what real senders write is understood, and nothing personal leaks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.openimmo.examine import examine
from connectors.openimmo.feedback import Feedback, Prospect, parse_day, read
from connectors.openimmo.source import opened
from connectors.problems import Failure
from tests.connectors.openimmo_kit import SAMPLES, source

HEAD = (
    "<version>1.2.5</version><sender><name>Portal</name><datum>{day}</datum><makler_id>7</makler_id></sender>"
)
PERSON = """<interessent><int_id>5</int_id><anrede>Frau</anrede><vorname>Erika</vorname>
<nachname> Musterfrau </nachname><email>erika@example.org</email><tel/>
<mobil>0170 1</mobil>{more}</interessent>"""


def feedback(
    more: str = "", day: str = "22.11.2026", number: str = "10/1/2", encoding: str = "utf-8"
) -> Feedback:
    """One inquiry of one person."""
    body = HEAD.format(day=day) + f"<objekt><oobj_id>{number}</oobj_id>{PERSON.format(more=more)}</objekt>"
    text = f"<?xml version='1.0' encoding='{encoding}'?><openimmo_feedback>{body}</openimmo_feedback>"
    return read(source(text.encode(encoding)))


def person(more: str) -> Prospect:
    """The only prospect."""
    (inquiry,) = feedback(more).inquiries
    (prospect,) = inquiry.prospects
    return prospect


def hints(found: Feedback) -> list[str]:
    """The codes of the hints."""
    return [hint.text.code.removeprefix("openimmo.") for hint in found.hints]


def test_an_inquiry_is_read_with_its_object_and_its_person() -> None:
    found = feedback()
    assert (found.version, found.sender.name, found.sender.day) == ("1.2.5", "Portal", date(2026, 11, 22))
    assert found.inquiries[0].oobj_id == "10/1/2"
    erika = found.inquiries[0].prospects[0]
    assert (erika.vorname, erika.nachname, erika.email, erika.tel, erika.mobil) == (
        "Erika", "Musterfrau", "erika@example.org", "", "0170 1",
    )  # fmt: skip
    assert hints(found) == []


def test_a_sample_that_others_wrote_is_understood() -> None:
    with opened(SAMPLES / "example-openimmo-feedback.xml") as document:
        found = read(document)
    (inquiry,) = found.inquiries
    assert (inquiry.oobj_id, inquiry.marketing, inquiry.flaeche) == ("MA-1024-8874", ("KAUF",), "120")
    assert inquiry.prospects[0].preferences == ("EMAIL", "TEL")
    assert inquiry.prospects[0].wishes == ("BESICHTIGUNG", "ANRUF")
    assert [(fault.number, fault.object_id) for fault in found.faults] == [(1, "verwalt_intern"), (None, "")]
    assert found.states[0].number == 1
    assert found.sender.day == date(2011, 11, 11)


@pytest.mark.parametrize(
    ("sent", "meant", "code"),
    [
        ("EMAIL", ("EMAIL",), []),
        ("email", ("EMAIL",), ["feedback_word"]),
        ("POST", ("BRIEF",), ["feedback_word"]),
        ("Telefon", ("TEL",), ["feedback_word"]),
        ("Brieftaube", (), ["feedback_unknown"]),
        ("ANRUF", (), ["feedback_unknown"]),  # a wish, no preference
        ("", (), []),
    ],
)
def test_words_that_senders_make_up_are_understood_or_left_out(
    sent: str, meant: tuple[str, ...], code: list[str]
) -> None:
    found = feedback(f"<bevorzugt>{sent}</bevorzugt>")
    assert found.inquiries[0].prospects[0].preferences == meant
    assert hints(found) == code


def test_a_call_back_is_a_call() -> None:
    assert person("<wunsch>RÜCKRUF</wunsch><wunsch>DETAIL</wunsch>").wishes == ("ANRUF", "DETAIL")


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_umlauts_arrive_in_every_encoding(encoding: str) -> None:
    found = feedback("<ort>Köln</ort>", encoding=encoding)
    assert found.inquiries[0].prospects[0].ort == "Köln"
    assert hints(found) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("22.11.2026", date(2026, 11, 22)),
        ("1.2.2026", date(2026, 2, 1)),
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22T08:00:00", date(2026, 11, 22)),
        ("22.11.2026 08:00", date(2026, 11, 22)),
        ("30.02.2026", None),
        ("22/11/2026", None),
        ("gestern", None),
        ("", None),
    ],
)
def test_days_are_read_in_both_spellings(text: str, day: date | None) -> None:
    assert parse_day(text) == day


@given(st.text())
def test_no_day_whatever_raises(text: str) -> None:
    parse_day(text)


def test_extra_fields_carry_what_the_format_lacks() -> None:
    more = """<user_defined_extend><feld><name>birth_date</name><wert>1990-05-01</wert><typ>date</typ></feld>
    <feld><name>role</name><wert>main</wert><modus>a</modus><modus>b</modus></feld></user_defined_extend>"""
    found = person(more)
    assert (found.extra("birth_date"), found.extra("role"), found.extra("income")) == (
        "1990-05-01",
        "main",
        "",
    )
    assert found.extras[1].modes == ("a", "b")


def test_what_is_missing_or_unknown_is_a_hint_and_the_rest_is_read() -> None:
    assert hints(feedback(number="")) == ["feedback_no_object"]
    assert hints(feedback(day="gestern")) == ["feedback_day"]
    assert hints(feedback("<lieblingsfarbe>blau</lieblingsfarbe>")) == ["feedback_strange"]
    bare = read(source("<openimmo_feedback><objekt/></openimmo_feedback>"))
    assert hints(bare) == ["feedback_missing", "feedback_missing", "feedback_no_object", "feedback_nobody"]
    named = read(source('<openimmo_feedback xmlns="http://x"><version>1</version></openimmo_feedback>'))
    assert named.version == "1"
    assert hints(named) == ["namespace_ignored", "feedback_missing"]


def test_another_document_and_too_much_of_one_are_refused() -> None:
    for text, code in (
        ("<openimmo/>", "other_root"),
        ("<openimmo_feedback><a>", "broken_end"),
        ("<openimmo_feedback>" + "<a>" * 40, "too_deep"),
        ("<openimmo_feedback>" + "<a/>" * 20_001, "too_many_elements"),
    ):
        with pytest.raises(Failure) as caught:
            read(source(text))
        assert caught.value.problem.code == f"openimmo.{code}"


def test_no_repr_and_no_hint_tells_anything_of_a_person() -> None:
    secret = "<bevorzugt>Musterfrau</bevorzugt><wunsch>Erika</wunsch><anfrage>Geheim</anfrage>"
    more = (
        f"{secret}<user_defined_extend><feld><name>x</name><wert>Geheim</wert></feld></user_defined_extend>"
    )
    found = feedback(more)
    assert found.inquiries[0].prospects[0].anfrage == "Geheim"
    told = repr(found)
    assert not [
        word for word in ("Erika", "Musterfrau", "Geheim", "erika@example.org", "0170") if word in told
    ]


def test_a_day_with_thousands_of_inquiries_is_read(tmp_path: Path) -> None:
    many = (f"<objekt><oobj_id>{n}</oobj_id>{PERSON.format(more='')}</objekt>" for n in range(4000))
    path = tmp_path / "feedback.xml"
    head = HEAD.format(day="22.11.2026")
    path.write_text(f"<openimmo_feedback>{head}{''.join(many)}</openimmo_feedback>", encoding="utf-8")
    assert list(examine(path)) == []
