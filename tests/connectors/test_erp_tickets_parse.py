"""How tickets are written into the ERP's texts and read out of its answers, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.erp import tickets_hub as hub
from connectors.erp.tickets_parse import (
    Content,
    compose,
    lease_entity,
    parse_catalogue,
    parse_tickets,
    signed,
    take_apart,
    unsigned,
)
from connectors.housing import CategoryKind
from connectors.problems import Failure, Problem, Trouble
from connectors.tickets import Author, Head, Status, TicketFile

AT = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
STAMP = "2026-03-01T09:15:00+0100"
MD5 = "0123456789abcdef0123456789abcdef"
TEXTS = st.text() | st.sampled_from(
    [
        "[einzug X]",
        "a\n[einzug X:1 2026-03-01T08:15:00+00:00]",
        "\n",
        "x\r\ny",
        "A schreibt:\nb",
        " schreibt:\n",
    ]
)
REFERENCES = st.text(min_size=1) | st.sampled_from(["IMMOMIO:4711", "A]", "a b", "%20", "[einzug X]", "\n"])
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", 0, 7, -1, 1.5, True, [], {}, STAMP, "2026-03-01", MD5, "SCHADEN", [1], [{}], [{"Id": 1}]]
)
TICKET_KEYS = ("Id", "IdNum", "TimeReceived", "Subject", "Content", "Status", "Source", "Comments")
MORE_KEYS = ("MainAssignment", "Assignment", "CreatedAt", "CommentFromApi", "Code", "EntityId")
HUB_KEYS = (
    "id",
    "changedAt",
    "gone",
    "mergedInto",
    "fromApi",
    "kind",
    "hiddenComments",
    "documents",
    "bytes",
)
OBJECTS = st.dictionaries(st.sampled_from(TICKET_KEYS + MORE_KEYS), VALUES, max_size=9)
NESTED = OBJECTS | st.builds(
    lambda ticket, part: {**ticket, "Id": 1, "Comments": [part], "MainAssignment": part}, OBJECTS, OBJECTS
)
ITEMS = st.dictionaries(st.sampled_from((*HUB_KEYS, "bytes", "code", "statuses", "md5")), VALUES, max_size=9)


def same(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()


@given(TEXTS, REFERENCES)
def test_text_and_reference_come_back_as_they_were_written(text: str, reference: str) -> None:
    content = compose(text, reference, AT)
    assert take_apart(content) == Content(same(text), reference, AT)
    assert take_apart(content.replace("\n", "\r\n")).reference == reference
    assert take_apart(f"{content}\n\n ").reference == reference


@given(TEXTS, TEXTS)
def test_a_comment_comes_back_with_text_and_name(text: str, name: str) -> None:
    found, said = unsigned(signed(text, name))
    assert said == text.replace("\r\n", "\n")
    if name.strip():
        assert found == " ".join(name.split())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("Hallo", Content("Hallo")),
        ("", Content("")),
        ("Hallo\n[einzug A:1]", Content("Hallo", "A:1")),
        ("Hallo\n[einzug A:1 gestern]", Content("Hallo\n[einzug A:1 gestern]")),
        ("[einzug A:1]\nWeitergeleitet", Content("[einzug A:1]\nWeitergeleitet")),
        ("[einzug A:1]\n\n[einzug B:2]", Content("[einzug A:1]", "B:2")),
        ("[einzug A:1 2026-03-01T08:15:00]", Content("", "A:1")),
    ],
)
def test_only_the_last_line_names_the_reference(content: str, found: Content) -> None:
    assert take_apart(content) == found


def test_a_ticket_is_read_with_its_lease_and_comments_in_order() -> None:
    lease = {"Id": 3, "AssignmentEntity": {"Id": 1, "Code": "LicenseAgreement"}, "EntityId": 3000001}
    person = {"Id": 4, "AssignmentEntity": {"Id": 4, "Code": "Person"}, "EntityId": 2}
    comments = [
        {"Id": 10, "CreatedAt": "2026-03-01T09:15:00+0100", "Content": "b", "UserName": "Frau Amt"},
        {"Id": 9, "CreatedAt": "2026-03-01T09:15:00.123456+0100", "Content": "a", "CommentFromApi": True},
    ]
    wire = {
        "Id": 7,
        "IdNum": "A-7",
        "TimeReceived": STAMP,
        "Content": "Kalt.\n\n[einzug IMMOMIO:1]",
        "Status": {"Id": 10, "Code": "10"},
        "Source": {"Id": 4, "Code": "IMMOMIO"},
        "MainAssignment": person,
        "Assignment": [lease, lease],
        "Comments": comments,
    }
    [found] = parse_tickets([wire])
    assert (found.id, found.number, found.received, found.leases) == ("7", "A-7", AT, ("3000001",))
    assert (found.content.reference, found.subject, found.status) == ("IMMOMIO:1", "", "10")
    assert [(c.text, c.author) for c in found.comments] == [("a", Author.API), ("b", Author.CLERK)]
    assert found.comments[0].at <= found.comments[1].at
    assert "Kalt" not in repr(found)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"TimeReceived": "gestern"}, "CommunicationRead/Ticket#7:TimeReceived"),
        ({"TimeReceived": "2026-03-01T09:15:00"}, "CommunicationRead/Ticket#7:TimeReceived"),
        ({"Comments": [{"Id": 1}]}, "CommunicationRead/Ticket#7:Comments.CreatedAt"),
        ({"Status": "10"}, "CommunicationRead/Ticket#7:Status"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(Failure) as caught:
        parse_tickets([{"Id": 7, "TimeReceived": STAMP, **change}])
    assert caught.value.problem.where == where


def refusal(parse: Callable[[Any], object], answer: object) -> Problem | None:
    """The problem with which an answer was refused, None where it was read."""
    try:
        parse(answer)
    except Failure as failure:
        return failure.problem
    return None


@given(VALUES | st.lists(NESTED, max_size=3))
def test_any_page_of_tickets_is_read_or_refused(answer: object) -> None:
    if problem := refusal(parse_tickets, answer):
        assert problem.trouble is Trouble.PAYLOAD
        assert problem.where.startswith("CommunicationRead/Ticket")


PAGES = st.builds(lambda items, upcoming: {"items": items, "next": upcoming}, st.lists(ITEMS), VALUES)


@given(VALUES | ITEMS | PAGES)
def test_any_answer_of_the_hub_is_read_or_refused(answer: object) -> None:
    for parse in (hub.parse_changes, hub.parse_sources, lambda found: hub.parse_detail(found, "7")):
        if problem := refusal(parse, answer):
            assert problem.trouble is Trouble.PAYLOAD
            assert problem.where.startswith("/hub/v1/ticket")


def test_the_hubs_answers_are_read_as_heads_details_and_states() -> None:
    head = {"id": 7, "changedAt": STAMP, "gone": True, "mergedInto": 8, "fromApi": True}
    changes = hub.parse_changes({"items": [head, {"id": "9", "changedAt": STAMP}], "next": "c", "more": True})
    assert changes.heads == (Head("7", AT, True, "8", True), Head("9", AT))
    assert (changes.cursor, changes.more) == ("c", True)
    file = {"id": 900, "name": "a.jpg", "bytes": 3, "md5": MD5.upper()}
    detail = {"id": 7, "changedAt": STAMP, "kind": "SCHADEN", "hiddenComments": [1], "documents": [file]}
    found = hub.parse_detail(detail, "7")
    assert (found.kind, found.hidden, found.files) == (
        CategoryKind.DAMAGE,
        frozenset({"1"}),
        (TicketFile("900", "a.jpg", 3, MD5),),
    )
    states = {"code": "IMMOMIO", "statuses": [{"code": "90", "label": "Erledigt", "final": True}]}
    assert hub.parse_sources({"items": [states]}) == [("IMMOMIO", (Status("90", "Erledigt", True),))]


@pytest.mark.parametrize(
    "answer",
    [
        {"id": 8, "changedAt": STAMP, "hiddenComments": []},
        {"id": 7, "changedAt": STAMP},
        {"id": 7, "changedAt": STAMP, "hiddenComments": [], "documents": [{"id": 1, "bytes": -1}]},
    ],
)
def test_a_detail_that_may_mislead_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(Failure):
        hub.parse_detail(answer, "7")


def test_a_page_that_promises_more_without_anything_is_refused() -> None:
    with pytest.raises(Failure):
        hub.parse_changes({"items": [], "next": "c", "more": True})


def test_catalogues_give_ids_by_code_and_the_entity_of_leases() -> None:
    rows = [{"Id": 4, "Code": "Person"}, {"Id": 1, "Code": "Mietvertrag"}]
    table = parse_catalogue(rows, "CommunicationCatalog/TicketAssignmentEntity")
    assert (table, lease_entity(table)) == ({"Person": "4", "Mietvertrag": "1"}, "1")
    with pytest.raises(Failure):
        lease_entity({"Person": "4"})
    with pytest.raises(Failure):
        parse_catalogue([{"Id": 4}], "CommunicationCatalog/TicketSource")
