"""The standard test calls of the voicebot: complete against its rules, and usable as they stand."""

from __future__ import annotations

import pytest

from checklists.loader import shipped
from checklists.model import FieldKind, Item

CALLS = [item for one in shipped() if one.id.startswith("bots4you_test_calls") for item in one.items]
BY_PHONE = {"B3", "B5", "B6", "B8", "B10", "B11", "B12", "B14", "B15", "B16", "B17", "B18"}
"""The rules that a call can prove; B9 is where the bot runs, B13 is about e-mail."""


def test_every_rule_that_a_call_can_prove_has_a_call() -> None:
    assert {rule for item in CALLS for rule in item.rules} == BY_PHONE


def test_right_wrong_missing_and_shared_details_each_have_a_call() -> None:
    names = {item.id.rpartition(".")[2] for item in CALLS}
    assert names >= {"known_tenant", "wrong_detail", "unknown_contract", "without_number", "two_tenants"}
    assert names >= {"passed_contract", "passed_number", "withheld_number", "spoken_number", "ended_contract"}


@pytest.mark.parametrize("item", CALLS, ids=lambda item: item.id)
def test_a_call_tells_what_is_expected_and_asks_for_result_day_and_evidence(item: Item) -> None:
    assert "Erwartet: " in item.how.de
    assert "Expected: " in item.how.en
    assert item.evidence
    fields = {one.key: one for one in item.fields}
    assert (fields["result"].kind, fields["result"].required) == (FieldKind.CHOICE, True)
    assert [choice.key for choice in fields["result"].choices] == ["as_expected", "different"]
    assert (fields["date"].kind, fields["date"].required) == (FieldKind.DATE, True)
    assert [(one.when, one.keeps_open) for one in item.consequences] == [({"result": ("different",)}, True)]
