"""The form in which onOffice speaks: signatures, envelopes as they should be, and all the others."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import Reply
from connectors.onoffice.wire import (
    CREATE,
    GET,
    MODIFY,
    READ,
    Call,
    Refusal,
    Row,
    decode,
    envelope,
    number,
    piped,
    selected,
    sign,
)
from connectors.problems import Arrival, Failure, Trouble

TOKEN, SECRET = "t" * 32, "s" * 64
VECTORS = (
    ("mgjIQkNRnaqggVzy9cZW", "yOJobbhGLXdp90XxvxedFhH7073L9U", 123456789, "estateCategories", GET,
     "dsvg3r4AFcQXges0MZ+3auzQVfnEB39pLkKSgmm9Wvg="),
    ("testtoken", "testsecret", 1646228220, "calendar", READ, "w6ifKMmAdJoKhu0vl2twvfP+ltyOTQ7LqLpvsZkOnlg="),
    ("dX5hkIIU6W", "dhY8h7FeU9", 123456789, "estateCategories", GET,
     "F9OXyaJv7p+bLkwGDGV7ZUmfYgjH2E24zpsxY5/nVDk="),
    ("TOKEN123", "SECRET456", 1700000000, "estate", READ, "wJDygBB5z29lQj0hmEcmKycC39lOBXFLt/vDJ9JrIjk="),
    (TOKEN, SECRET, 1700000000, "address", READ, "n3dzXBx/F5cn17T/dX/g56GuFPYsunRM8XFPl8xqDcE="),
    (TOKEN, SECRET, 1700000000, "estate", READ, "2I7+KVBPIcFDSR7R6hDJptcdFl3+bZ9oKCt1ZQ9e4ds="),
    (TOKEN, SECRET, 1700000000, "fields", GET, "V6fXNn536kf7lxGf7T/JTn4j3e5Sbpn885mpofVxVQU="),
    (TOKEN, SECRET, 1700000000, "idsfromrelation", GET, "2iprKkPMGkhy/4lgTqCJm2ZZYStWACXxhUaWs0lla78="),
    (TOKEN, SECRET, 1700000000, "relation", CREATE, "n1ua/f/ZNstamBXdOiUA0Y55I3PiRQIdhkFZbifZSSo="),
    (TOKEN, SECRET, 1700000000, "address", MODIFY, "+ZQyjl7QK09t2V9cyFGr0QyXRgJR9lR/YRK+c1R0vP0="),
    (TOKEN, SECRET, 1700000000, "user", READ, "lyfyvqf+tuNN51XKiVslvo3poapUtETadNvwDuvBYCc="),
)  # fmt: skip
CALL = Call(READ, "address", parameters={"data": ["Name"]})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def _reply(body: object, *, write: bool = False) -> Reply:
    return Reply(200, {}, json.dumps(body).encode(), "POST api", write)


def _result(**changed: Any) -> dict[str, Any]:
    good = {
        "actionid": CALL.action,
        "resourceid": "",
        "resourcetype": "address",
        "cacheable": True,
        "identifier": "",
        "data": {"meta": {"cntabsolute": 1}, "records": [{"id": "7", "type": "address", "elements": []}]},
        "status": {"errorcode": 0, "message": "OK"},
    }
    return good | changed


def _body(*results: Any, code: int = 200, errorcode: int = 0) -> dict[str, Any]:
    status = {"code": code, "errorcode": errorcode, "message": "OK"}
    return {"status": status, "response": {"results": list(results)}}


@pytest.mark.parametrize(("token", "secret", "at", "kind", "action", "expected"), VECTORS)
def test_a_signature_is_what_onoffice_expects(
    token: str, secret: str, at: int, kind: str, action: str, expected: str
) -> None:
    assert sign(secret, token, at, kind, action) == expected


def test_an_action_bears_its_signature_beside_its_parameters_sorted_by_name() -> None:
    call = Call(READ, "address", 7, {"listlimit": 500, "data": ["Name"]}, "a1")
    body = envelope([call], TOKEN, SECRET, 1700000000)
    assert body == {
        "token": TOKEN,
        "request": {
            "actions": [
                {
                    "actionid": "urn:onoffice-de-ns:smart:2.5:smartml:action:read",
                    "resourceid": 7,
                    "resourcetype": "address",
                    "identifier": "a1",
                    "timestamp": 1700000000,
                    "hmac": "n3dzXBx/F5cn17T/dX/g56GuFPYsunRM8XFPl8xqDcE=",
                    "hmac_version": 2,
                    "parameters": {"data": ["Name"], "listlimit": 500},
                }
            ]
        },
    }
    assert list(body["request"]["actions"][0]["parameters"]) == ["data", "listlimit"]


def test_php_emptiness_is_an_empty_object() -> None:
    found = decode(_reply(_body(_result())), [CALL])
    (answer,) = found.answers
    assert answer.rows == (Row(7, "address", {}),)
    assert (answer.total, answer.error, answer.cacheable) == (1, None, True)


def test_a_list_of_elements_is_an_object_by_position() -> None:
    data = {"meta": {"cntabsolute": None}, "records": [{"id": 0, "type": None, "elements": ["12", "14"]}]}
    (answer,) = decode(_reply(_body(_result(data=data))), [CALL]).answers
    assert answer.rows == (Row(0, "", {"0": "12", "1": "14"}),)
    assert answer.total is None


def test_a_refused_action_leaves_the_other_its_answer() -> None:
    status = {"errorcode": 141, "message": "Unknown field: ind_77"}
    for code, errorcode in ((200, 0), (500, 97)):
        body = _body(_result(), _result(data=[], status=status), code=code, errorcode=errorcode)
        good, bad = decode(_reply(body), [CALL, CALL]).answers
        assert good.error is None
        assert bad.error == Refusal(141, "Unknown field: ind_77")
        assert bad.rows == ()


def test_a_request_refused_as_a_whole_has_no_answers() -> None:
    found = decode(_reply({"status": {"code": 400, "errorcode": "22", "message": "no"}}), [CALL])
    assert (found.status, found.error, found.answers) == (400, Refusal(22, "no"), ())


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"status": {"code": 200}},
        {"status": {"code": 200, "errorcode": 0}, "response": {"results": []}},
        {"status": {"code": True, "errorcode": 0}, "response": {"results": [_result()]}},
        _body(_result(), _result()),
        _body("x"),
        _body(_result(actionid=GET)),
        _body(_result(resourcetype="estate")),
        _body(_result(status={})),
        _body(_result(data={"records": {"a": 1}})),
        _body(_result(data={"records": [1]})),
        _body(_result(data={"records": [{"id": None, "elements": {}}]})),
        _body(_result(data={"records": [{"id": 1, "elements": "x"}]})),
    ],
)
def test_another_form_is_named_and_not_guessed(body: object) -> None:
    with pytest.raises(Failure) as caught:
        decode(_reply(body, write=True), [CALL])
    problem = caught.value.problem
    assert (problem.code, problem.trouble) == ("onoffice.bad_payload", Trouble.PAYLOAD)
    assert problem.arrival is Arrival.PERHAPS  # a write may have been carried out all the same


@given(st.lists(JSON, max_size=2), JSON, st.integers(), st.integers())
def test_no_envelope_breaks_the_reader(results: list[Any], elements: Any, code: int, errorcode: int) -> None:
    hostile = _result(data={"meta": elements, "records": [{"id": 1, "type": elements, "elements": elements}]})
    for body in (
        results,
        _body(*results),
        _body(hostile, code=code, errorcode=errorcode),
        _body(_result(data=elements)),
    ):
        with suppress(Failure):  # and nothing else
            assert len(decode(_reply(body), [CALL]).answers) <= 1


@given(st.lists(st.text(st.characters(exclude_characters="|", codec="utf-8"), min_size=1), max_size=5))
def test_several_values_go_there_and_back(keys: list[str]) -> None:
    assert selected(piped(keys)) == tuple(keys)
    assert selected(keys) == tuple(keys)
    assert selected({str(2 * at): key for at, key in enumerate(keys)}) == tuple(keys)  # a PHP array with gaps


@pytest.mark.parametrize("value", [None, "", [], {}, "||", True, 3.5, {"a": 1.5}])
def test_nothing_selected_is_no_key(value: object) -> None:
    assert selected(value) == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), ("0012", 12), ("1.051", None), ("", None), ("²", None), (True, None), (None, None)],
)
def test_a_number_may_come_as_a_text(value: object, expected: int | None) -> None:
    assert number(value) == expected


def test_nothing_that_was_sent_shows_in_a_repr() -> None:
    call = Call(MODIFY, "address", 7, {"email": "mia@example.org"})
    assert "example" not in repr(call) + repr(Refusal(80, "mia@example.org")) + repr(
        Row(1, "", {"a": "example"})
    )
