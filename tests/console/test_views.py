"""The JSON that scripts rely on: one spelling of values, keys in their order, sentences in the language."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.contract import Action, Change, FieldChange, Finding, Result, Text, Value, Verdict
from connectors.problems import Owner, Problem, Trouble
from console.store.runs import Settled
from console.sync.guards import Guard
from console.views import change_json, check_document, guard_json, plain, sentence, sentences, settled_json

TEXT = Text("sync.guard_deletes", {"count": 30, "limit": 25, "entity": "tenant"})


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (Decimal("512.40"), "512.40"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 12, 31), "2026-12-31"),
        (datetime(2026, 12, 31, 23, 5, tzinfo=UTC), "2026-12-31T23:05:00+00:00"),
        (("a", "b"), ["a", "b"]),
        ("ä", "ä"),
    ],
)
def test_a_value_has_one_spelling_in_json(value: Value, seen: object) -> None:
    assert plain(value) == seen
    json.dumps(plain(value))


def test_a_change_tells_both_values_their_source_and_rule() -> None:
    changed = FieldChange("rent", Decimal("500.00"), Decimal("512.40"), "lease.rent", "B3")
    told = change_json(Change(Action.UPDATE, "tenant", "10/1", (changed,), rule="C1", reason=TEXT), "en")
    assert list(told) == ["action", "entity", "id", "fields", "rule", "reason"]
    assert told["fields"] == [
        {"name": "rent", "old": "500.00", "new": "512.40", "source": "lease.rent", "rule": "B3"}
    ]
    assert "30" in told["reason"]
    assert change_json(Change(Action.DELETE, "tenant", "10/1"), "en")["reason"] == ""


def test_a_guard_and_a_finding_speak_the_language() -> None:
    guard = Guard("deletes", 30, 25, TEXT)
    assert list(guard_json(guard, "de")) == ["key", "count", "limit", "message"]
    assert guard_json(guard, "de")["message"] != guard_json(guard, "en")["message"]
    finding = Finding("bots4you.x", ("B1",), Verdict.WARN, TEXT, (TEXT, TEXT), 2)
    (told,) = check_document([finding], "de")["findings"]
    assert (told["key"], told["rules"], told["verdict"], len(told["details"])) == (
        "bots4you.x",
        ["B1"],
        "warn",
        2,
    )


@pytest.mark.parametrize(
    ("result", "ok"), [(Result.DONE, True), (Result.ALREADY, True), (Result.UNKNOWN, False)]
)
def test_an_outcome_says_whether_it_is_there(result: Result, ok: bool) -> None:
    told = settled_json(
        Settled(1, 1, datetime(2026, 1, 1, tzinfo=UTC), "tenant", "10/1", Action.CREATE, result, 2)
    )
    assert (told["ok"], told["attempts"], told["action"]) == (ok, 2, "create")


def test_a_problem_is_one_or_two_lines_and_no_reason_is_no_text() -> None:
    problem = Problem(
        "http.credentials", Trouble.CREDENTIALS, Owner.CONSULTANT, where="GET host/x", status=401
    )
    assert 1 <= len(sentences(problem, "de")) <= 2
    assert "GET host/x" in sentences(problem, "de")[0]
    assert sentence(None, "de") == ""
