"""The lists that come with the console: they hold every rule that only a person can answer for, and cite
nothing that is not there."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import connectors
from checklists.loader import shipped
from checklists.model import AnswerField, Checklist, FieldKind, Kind, Words
from connectors.registry import partner, partner_keys
from connectors.rules import RuleKind, rules
from connectors.ticketing import TICKETS, TicketSettings
from console.onboarding.facts import ROUND_TRIP

LISTS_OF: dict[str, tuple[str, ...]] = {
    "C": ("erp_preparation", "erp_products", "erp_products_more", "go_live"),
    "B": (
        "bots4you_activation",
        "bots4you_voicebot",
        "bots4you_voicebot_dialog",
        "bots4you_test_calls",
        "bots4you_test_calls_everyday",
        "bots4you_email_and_hosting",
    ),
    "I": (
        "immomio_activation",
        "immomio_vacancies",
        "immomio_prospects",
        "immomio_tickets",
        "immomio_documents",
    ),
    "O": ("onoffice_agent",),
    "X": (),  # X and A Bitrix24: no list yet
    "A": (),
}
"""Rule prefix -> the lists in which its rules stand. A prefix that is empty has no list yet."""

ASKED = (RuleKind.MANUAL, RuleKind.GUIDED)
LISTS = {one.id: one for one in shipped()}
ITEMS = [item for one in shipped() for item in one.items]
CONNECTORS = Path(connectors.__file__).parent

every_list = pytest.mark.parametrize("found", shipped(), ids=lambda one: one.id)


def prefix(rule: str) -> str:
    """The letters of a rule's id."""
    return rule.rstrip(string.digits + string.ascii_lowercase)


@cache
def findings() -> frozenset[str]:
    """The keys of all findings: of the partners' checks, and of those that a connection makes of itself."""
    checks = {check.key for key in partner_keys() for check in partner(key).checks}
    checks |= {f"{key}.chain" for key in partner_keys() if partner(key).chains}
    return frozenset(checks | set(_connections()))


def _connections() -> Iterator[str]:
    """Calls such as ``Finding("erp.rights", ("C4",), ...)``: a key, then a tuple of rules."""
    for path in CONNECTORS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(args=[ast.Constant(value=str(key)), ast.Tuple(elts=cited), *_]):
                    if cited and all(isinstance(c, ast.Constant) and c.value in rules() for c in cited):
                        yield key if "." in key else f"{path.parent.name}.{key}"


@cache
def settings() -> frozenset[str]:
    """Every ``PARTNER/USE_CASE.NAME`` that there is."""
    found: list[tuple[str, str, Any]] = [
        (key, case.key, case.settings) for key in partner_keys() for case in partner(key).use_cases
    ]
    found += [(key, TICKETS, TicketSettings) for key in partner_keys() if partner(key).tickets is not None]
    return frozenset(f"{key}/{case}.{one.name}" for key, case, kind in found for one in fields(kind))


def answer_fields() -> dict[str, AnswerField]:
    """``ITEM.FIELD`` -> the field."""
    return {f"{item.id}.{one.key}": one for item in ITEMS for one in item.fields}


def texts(found: Checklist) -> Iterator[Words]:
    """Everything of a list that people read."""
    yield found.title
    for item in found.items:
        yield from (item.title, item.why, item.how)
        for one in item.fields:
            yield from (one.label, *(choice.label for choice in one.choices))
        yield from (one.text for one in item.consequences)


def test_every_prefix_of_a_rule_has_its_lists() -> None:
    assert {prefix(rule) for rule in rules()} == set(LISTS_OF)
    assert {id_ for ids in LISTS_OF.values() for id_ in ids} <= set(LISTS)


@pytest.mark.parametrize("letters", [letters for letters, ids in LISTS_OF.items() if ids])
def test_what_only_a_person_can_answer_is_asked(letters: str) -> None:
    cited = {rule for id_ in LISTS_OF[letters] for item in LISTS[id_].items for rule in item.rules}
    wanted = {one.id for one in rules().values() if prefix(one.id) == letters and one.kind in ASKED}
    assert wanted
    assert wanted <= cited


@every_list
def test_a_list_is_named_like_its_file_and_its_items_like_the_list(found: Checklist) -> None:
    assert found.origin == f"{found.id}.toml"
    assert all(item.id.startswith(f"{found.id}.") for item in found.items)
    assert not found.partner or found.partner in partner_keys()


def test_no_two_items_share_an_id_and_no_two_lists_a_place() -> None:
    assert max(Counter(item.id for item in ITEMS).values()) == 1
    assert max(Counter(one.order for one in shipped()).values()) == 1


@every_list
def test_a_list_cites_only_rules_checks_and_walks_that_exist(found: Checklist) -> None:
    walks = {walk.key for key in partner_keys() for walk in partner(key).walks}
    walks |= {f"{key}.{ROUND_TRIP}" for key in partner_keys() if partner(key).tickets is not None}
    assert {rule for item in found.items for rule in item.rules} <= set(rules())
    assert {item.key for item in found.items if item.kind is Kind.AUTOMATIC} <= findings()
    assert {item.key for item in found.items if item.kind is Kind.GUIDED} <= walks


def test_a_check_or_walk_stands_beside_rules_of_its_own() -> None:
    own = {check.key: check.rules for key in partner_keys() for check in partner(key).checks}
    own |= {walk.key: walk.rules for key in partner_keys() for walk in partner(key).walks}
    checked = [item for item in ITEMS if item.key in own]
    assert len(checked) > len(shipped())
    assert [item.id for item in checked if not set(item.rules) & set(own[item.key])] == []


@every_list
def test_an_item_depends_only_on_what_exists(found: Checklist) -> None:
    cases = {name.rpartition(".")[0] for name in settings()}
    asked = answer_fields()
    for when in (item.when for item in found.items):
        assert set(when.partners) <= set(partner_keys())
        assert set(when.use_cases) <= cases
        assert set(when.settings) <= settings()
        for name, wanted in when.answers.items():
            assert set(wanted) <= {choice.key for choice in asked[name].choices}


def test_no_question_decides_about_itself() -> None:
    assert [i.id for i in ITEMS for name in i.when.answers if name.startswith(f"{i.id}.")] == []


def test_a_decision_is_taken_over_into_a_setting_that_exists() -> None:
    deciding = [(item, one) for item in ITEMS for one in item.consequences if one.takes_over]
    assert deciding
    for item, one in deciding:
        assert set(one.takes_over) <= settings()
        for value in one.takes_over.values():
            named = {name for _, name, _, _ in string.Formatter().parse(value) if name is not None}
            assert named <= {field.key for field in item.fields if field.required}


def test_a_setting_is_decided_in_one_place_only() -> None:
    decided = Counter(
        (name, item.id) for item in ITEMS for one in item.consequences for name in one.takes_over
    )
    assert max(Counter(name for name, _ in decided).values()) == 1


@pytest.mark.parametrize(
    ("item_id", "field", "setting"),
    [
        ("bots4you_voicebot_dialog.details", "details", "authentication"),
        ("immomio_activation.leases_without_tenant", "leases", "leases_without_tenant"),
        ("immomio_vacancies.zero_rent", "zero", "zero_rent"),
        ("immomio_vacancies.released", "release", "release"),
        ("immomio_documents.dangerous", "dangerous", "dangerous"),
    ],
)
def test_every_choice_is_a_value_that_the_setting_takes(item_id: str, field: str, setting: str) -> None:
    (item,) = (one for one in ITEMS if one.id == item_id)
    (name,) = {n for c in item.consequences for n in c.takes_over if n.endswith(f".{setting}")}
    key, _, case = name.rpartition(".")[0].partition("/")
    use_case = partner(key).use_case(case)
    assert use_case is not None
    given: dict[str, Any] = {"separator": "/", "mandanten": ("10",)}
    if case == "documents":
        given["archives"] = ("Mieter App",)
    choices = [choice.key for one in item.fields if one.key == field for choice in one.choices]
    assert choices
    for choice in choices:
        value = (choice,) if setting == "authentication" else choice
        use_case.settings(**given | {setting: value})  # raises where it takes no such value


@every_list
def test_a_text_is_one_plain_line_in_both_languages(found: Checklist) -> None:
    for one in texts(found):
        for text in (one.de, one.en):
            assert text == text.strip()
            assert "\n" not in text
            assert "  " not in text
            assert text.isprintable()


@every_list
def test_why_and_how_are_sentences_and_short_enough_to_be_read(found: Checklist) -> None:
    for item in found.items:
        for text in (item.why, item.how):
            for spoken in (text.de, text.en):
                assert re.search(r"[.?!]$", spoken), item.id
                assert 20 <= len(spoken) <= 420, item.id
        assert all(len(title) <= 90 for title in (item.title.de, item.title.en)), item.id


def test_test_calls_ask_for_result_date_and_evidence() -> None:
    calls = [*LISTS["bots4you_test_calls"].items, *LISTS["bots4you_test_calls_everyday"].items]
    assert len(calls) > 10
    for call in calls:
        assert {one.key: one.kind for one in call.fields} == {
            "result": FieldKind.CHOICE,
            "date": FieldKind.DATE,
        }
        assert call.evidence


def test_the_voicebot_is_asked_about_only_where_the_bot_answers_the_phone() -> None:
    asked = "bots4you_activation.channels.used"
    for id_ in ("bots4you_voicebot", "bots4you_voicebot_dialog", "bots4you_test_calls"):
        assert all(item.when.answers[asked] == ("phone",) for item in LISTS[id_].items)
    assert "phone" in {choice.key for choice in answer_fields()[asked].choices}
