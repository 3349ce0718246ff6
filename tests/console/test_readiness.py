"""Where an item stands, and what keeps a customer from going live."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.model import (
    Addressee,
    AnswerField,
    Checklist,
    Consequence,
    FieldKind,
    Item,
    Kind,
    When,
    Who,
    Words,
)
from connectors.contract import Finding, Text, Verdict
from console.readiness import FRESH, Because, Checked, Facts, State, readiness, standing, standings
from console.store.said import Answer, Evidence, Said

NOW = datetime(2025, 6, 15, 12, tzinfo=UTC)
WORDS = Words("a", "a")
ITEM = Item("own.one", Kind.MANUAL, Who.CUSTOMER, Addressee.IT, WORDS, WORDS, WORDS)
AUTOMATIC = replace(ITEM, kind=Kind.AUTOMATIC, key="bots4you.connection")
FACTS = Facts(
    partners=frozenset({"bots4you"}),
    use_cases=frozenset({"bots4you/master-data"}),
    erp_product="Wodis Sigma",
    erp_source="openwowi",
    setting={"bots4you/master-data.birth_date": True, "bots4you/master-data.separator": "/"}.get,
    answers={},
    checks={},
    walked=frozenset(),
    now=NOW,
)


def said(word: Said = Said.DONE, note: str = "", **values: str) -> Facts:
    """What is known once somebody answered."""
    return replace(FACTS, answers={ITEM.id: Answer(ITEM.id, word, NOW, "Erika Muster", note, values)})


def found(verdict: Verdict, ago: timedelta = timedelta()) -> Facts:
    """What is known once the check ran."""
    finding = Finding(AUTOMATIC.key, (), verdict, Text("x.y"))
    return replace(FACTS, checks={AUTOMATIC.key: Checked(finding, NOW - ago)})


def test_an_answer_makes_a_manual_item_done() -> None:
    assert standing("own", ITEM, FACTS).because is Because.UNANSWERED
    assert standing("own", ITEM, said()).state is State.DONE


def test_required_fields_and_evidence_are_part_of_the_answer() -> None:
    field = AnswerField("way", FieldKind.TEXT, WORDS, required=True)
    asked = replace(ITEM, fields=(field,), evidence=True)
    assert standing("own", asked, said()).because is Because.FIELDS
    assert standing("own", asked, said(way="sip")).because is Because.EVIDENCE
    assert standing("own", asked, said(note="see mail", way="sip")).state is State.DONE


def test_a_required_file_is_there_once_a_file_is() -> None:
    asked = replace(ITEM, fields=(AnswerField("plan", FieldKind.FILE, WORDS, required=True),))
    assert standing("own", asked, said()).because is Because.FIELDS
    with_file = Answer(ITEM.id, Said.DONE, NOW, "E. M.", files=(Evidence("0" * 64, "plan.pdf", 9),))
    assert standing("own", asked, replace(FACTS, answers={ITEM.id: with_file})).state is State.DONE


@pytest.mark.parametrize("word", [Said.NOT_APPLICABLE, Said.ACCEPTED])
def test_who_sets_an_item_aside_says_why(word: Said) -> None:
    assert standing("own", ITEM, said(word)).because is Because.REASON
    assert standing("own", ITEM, said(word, "  ")).because is Because.REASON
    aside = standing("own", ITEM, said(Said.NOT_APPLICABLE, "no bot by phone"))
    assert aside.state is State.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("verdict", "ago", "state", "because"),
    [
        (Verdict.OK, timedelta(), State.DONE, Because.NOTHING),
        (Verdict.OK, FRESH, State.DONE, Because.NOTHING),
        (Verdict.OK, FRESH + timedelta(seconds=1), State.OPEN, Because.STALE),
        (Verdict.WARN, timedelta(), State.OPEN, Because.WARNING),
        (Verdict.FAIL, timedelta(), State.BLOCKED, Because.FAILURE),
        (Verdict.FAIL, timedelta(days=9), State.BLOCKED, Because.FAILURE),
        (Verdict.MANUAL, timedelta(), State.OPEN, Because.UNANSWERED),
    ],
)
def test_a_check_answers_for_its_item(
    verdict: Verdict, ago: timedelta, state: State, because: Because
) -> None:
    one = standing("own", AUTOMATIC, found(verdict, ago))
    assert (one.state, one.because) == (state, because)


def test_a_check_that_never_ran_counts_as_nothing() -> None:
    assert standing("own", AUTOMATIC, FACTS).because is Because.UNCHECKED
    answered = replace(FACTS, answers=said().answers)
    assert standing("own", AUTOMATIC, answered).state is State.OPEN, "a person's word is no check"


def test_an_accepted_failure_is_done_and_stays_visible() -> None:
    facts = replace(found(Verdict.FAIL), answers=said(Said.ACCEPTED, "vendor mends it on Monday").answers)
    one = standing("own", AUTOMATIC, facts)
    assert (one.state, one.because, one.accepted) == (State.DONE, Because.FAILURE, True)


@pytest.mark.parametrize(
    ("accepted", "verdict", "state", "because"),
    [
        ("fail x.y", Verdict.FAIL, State.DONE, Because.FAILURE),
        ("fail x.y", Verdict.WARN, State.DONE, Because.WARNING),  # milder than what was accepted
        ("warn x.y", Verdict.FAIL, State.BLOCKED, Because.OTHER),  # worse
        ("fail x.other", Verdict.FAIL, State.BLOCKED, Because.OTHER),
        ("warn x.other", Verdict.WARN, State.OPEN, Because.OTHER),
        ("fail x.y", Verdict.OK, State.DONE, Because.NOTHING),
    ],
)
def test_what_was_accepted_covers_nothing_else_and_nothing_worse(
    accepted: str, verdict: Verdict, state: State, because: Because
) -> None:
    answer = Answer(ITEM.id, Said.ACCEPTED, NOW, "E. M.", "vendor mends it", accepts=accepted)
    one = standing("own", AUTOMATIC, replace(found(verdict), answers={ITEM.id: answer}))
    assert (one.state, one.because) == (state, because)
    assert one.accepted is (because in (Because.FAILURE, Because.WARNING))


@pytest.mark.parametrize(
    ("partner", "verdict"), [("bots4you", Verdict.OK), ("immomio", Verdict.FAIL), ("", Verdict.FAIL)]
)
def test_a_check_of_the_erp_that_each_partner_has_answers_for_its_list_and_the_worst_for_all(
    partner: str, verdict: Verdict
) -> None:
    item = replace(ITEM, kind=Kind.AUTOMATIC, key="erp.ticket_kinds")
    verdicts = {"bots4you": Verdict.OK, "immomio": Verdict.FAIL, "onoffice": Verdict.WARN}
    checks = {
        f"{key}.{item.key}": Checked(Finding(f"{key}.{item.key}", (), one, Text("x.y")), NOW)
        for key, one in verdicts.items()
    }
    facts = replace(FACTS, partners=frozenset({"bots4you", "immomio"}), checks=checks)
    checked = standing("own", item, facts, partner=partner).checked
    assert checked is not None
    assert checked.finding.verdict is verdict
    assert standing("own", item, facts, partner="onoffice").checked is not None


@pytest.mark.parametrize(
    ("values", "because"),
    [
        ({"result": "different"}, Because.OUTCOME),
        ({"result": "as_expected"}, Because.NOTHING),
        ({"result": ("as_expected", "different")}, Because.OUTCOME),
    ],
)
def test_an_answer_that_tells_of_trouble_keeps_its_item_open(
    values: dict[str, str | tuple[str, ...]], because: Because
) -> None:
    asked = replace(ITEM, consequences=(Consequence({"result": ("different",)}, WORDS, keeps_open=True),))
    answer = Answer(ITEM.id, Said.DONE, NOW, "E. M.", values=values)
    one = standing("own", asked, replace(FACTS, answers={ITEM.id: answer}))
    assert (one.because, one.state is State.DONE) == (because, because is Because.NOTHING)


def test_a_walk_answers_once_it_came_to_its_end() -> None:
    guided = replace(ITEM, kind=Kind.GUIDED, key="test_tenant")
    assert standing("own", guided, said()).because is Because.WALK
    assert standing("own", guided, replace(FACTS, walked=frozenset({"test_tenant"}))).state is State.DONE


@pytest.mark.parametrize(
    ("when", "partner", "applies"),
    [
        (When(), "", True),
        (When(), "immomio", False),
        (When(partners=("bots4you",)), "", True),
        (When(use_cases=("immomio/vacancies",)), "", False),
        (When(erp_products=("wodis sigma",)), "", True),
        (When(erp_products=("RELion",)), "", False),
        (When(erp_sources=("openwowi", "files")), "", True),
        (When(erp_sources=("files",)), "", False),
        (When(settings={"bots4you/master-data.birth_date": ("true",)}), "", True),
        (When(settings={"bots4you/master-data.separator": ("-", "/")}), "bots4you", True),
        (When(settings={"bots4you/master-data.separator": ("-",)}), "", False),
        (When(settings={"immomio/tickets.archive": ()}), "", False),
        (When(settings={"bots4you/master-data.separator": ()}), "", True),
    ],
)
def test_an_item_applies_where_everything_it_names_holds(when: When, partner: str, applies: bool) -> None:
    lists = [Checklist("own", WORDS, 1, (replace(ITEM, when=when),), partner)]
    (one,) = standings(lists, FACTS)
    assert (one.state is not State.NOT_APPLICABLE) is applies


@pytest.mark.parametrize(
    ("values", "applies"),
    [
        ({"used": ("phone", "chat")}, True),
        ({"used": "phone"}, True),
        ({"used": ("chat",)}, False),
        ({"used": ""}, True),
        ({"used": ()}, True),
        ({}, True),
    ],
)
def test_an_answer_elsewhere_rules_an_item_out_once_it_is_given(
    values: dict[str, str | tuple[str, ...]], applies: bool
) -> None:
    channels = replace(ITEM, id="own.channels")
    calls = replace(ITEM, id="own.calls", when=When(answers={"own.channels.used": ("phone",)}))
    lists = [Checklist("own", WORDS, 1, (channels, calls))]
    answer = Answer(channels.id, Said.DONE, NOW, "Erika Muster", values=values)
    for facts in (FACTS, replace(FACTS, answers={channels.id: answer})):
        _, one = standings(lists, facts)
        expected = applies or not facts.answers
        assert (one.state is not State.NOT_APPLICABLE) is expected


def test_what_blocks_is_named_in_the_order_of_the_lists() -> None:
    items = tuple(replace(ITEM, id=f"own.{n}", blocking=n != 1) for n in range(3))
    facts = replace(FACTS, answers={"own.0": Answer("own.0", Said.DONE, NOW, "E. M.")})
    sum_ = readiness(standings([Checklist("own", WORDS, 1, items)], facts))
    assert (sum_.done, sum_.open, sum_.blocked, sum_.not_applicable) == (1, 1, 1, 0)
    assert [one.item.id for one in sum_.blockers] == ["own.2"]
    assert sum_.share == pytest.approx(1 / 3)


def test_where_nothing_applies_everything_is_ready() -> None:
    assert readiness([]).share == 1.0


@given(st.lists(st.sampled_from(list(Said)), max_size=8), st.booleans())
def test_every_item_is_counted_once(words: list[Said], blocking: bool) -> None:
    items = tuple(replace(ITEM, id=f"own.{n}", blocking=blocking) for n in range(len(words)))
    answers = {f"own.{n}": Answer(f"own.{n}", word, NOW, "E. M.", "why") for n, word in enumerate(words)}
    sum_ = readiness(standings([Checklist("own", WORDS, 1, items)], replace(FACTS, answers=answers)))
    assert sum_.done + sum_.open + sum_.blocked + sum_.not_applicable == len(words)
    assert 0.0 <= sum_.share <= 1.0
