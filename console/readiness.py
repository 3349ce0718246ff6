"""How far a customer is: from lists, answers, findings and walks to done, open, blocked, not applicable.
Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checklists.model import Checklist, FieldKind, Item, Kind, When
from connectors.contract import Finding, Verdict
from console.store.said import Answer, Said

FRESH = timedelta(days=1)
"""A check that ran longer ago says nothing about today."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and when."""

    finding: Finding
    at: datetime


class State(StrEnum):
    """Where an item stands."""

    DONE = "done"
    OPEN = "open"
    BLOCKED = "blocked"  # nobody goes live before this is cleared or accepted by name
    NOT_APPLICABLE = "not_applicable"


class Because(StrEnum):
    """What keeps an item from being done; "" where nothing does."""

    NOTHING = ""
    UNANSWERED = "unanswered"
    FIELDS = "fields"  # required fields are empty
    OUTCOME = "outcome"  # what was answered keeps it open, e.g. a test call that went wrong
    EVIDENCE = "evidence"  # neither note nor file
    REASON = "reason"  # not applicable or accepted needs a note
    UNCHECKED = "unchecked"
    STALE = "stale"
    WARNING = "warning"
    FAILURE = "failure"
    OTHER = "other"  # what the check finds now is not what was accepted
    WALK = "walk"  # the guided walk has not come to its end


@dataclass(frozen=True, slots=True)
class Standing:
    """An item with everything that decides about it."""

    checklist: str
    item: Item
    state: State
    because: Because = Because.NOTHING
    answer: Answer | None = None
    checked: Checked | None = None
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: the customer's use of the console, answers by item, findings and ended walks by key.

    A check of the ERP on which every partner has terms of its own is known as ``PARTNER.KEY``.
    """

    partners: frozenset[str]
    use_cases: frozenset[str]  # PARTNER/USE_CASE
    erp_product: str
    erp_source: str
    setting: Callable[[str], object]  # PARTNER/USE_CASE.NAME -> its value, None where it has none
    answers: Mapping[str, Answer]
    checks: Mapping[str, Checked]
    walked: frozenset[str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Readiness:
    """Counts of a group of items, and what blocks it in the order in which it is best dealt with."""

    done: int
    open: int
    blocked: int
    not_applicable: int
    blockers: tuple[Standing, ...]

    @property
    def share(self) -> float:
        """Done, as a share of what applies; 1.0 where nothing does."""
        applies = self.done + self.open + self.blocked
        return self.done / applies if applies else 1.0


def standings(lists: Iterable[Checklist], facts: Facts) -> list[Standing]:
    """Every item of every list with its state, in the lists' order."""
    return [
        standing(one.id, item, facts, partner=one.partner, applies=_applies(item.when, one.partner, facts))
        for one in lists
        for item in one.items
    ]


def standing(
    checklist: str, item: Item, facts: Facts, *, partner: str = "", applies: bool = True
) -> Standing:
    """One item with its state; ``partner`` is whose list it stands in, "" = the customer's."""
    answer = facts.answers.get(item.id)
    checked = _checked(item.key, partner, facts) if item.kind is Kind.AUTOMATIC else None
    because = _missing(item, answer, checked, facts) if applies else Because.NOTHING
    declined = answer is not None and answer.said is Said.NOT_APPLICABLE and because is Because.NOTHING
    accepted = because in (Because.FAILURE, Because.WARNING) and answer is not None and _accepts(answer)
    if accepted and checked is not None and not covers(answer.accepts if answer else "", checked.finding):
        accepted, because = False, Because.OTHER
    if not applies or declined:
        state = State.NOT_APPLICABLE
    elif because is Because.NOTHING or accepted:
        state = State.DONE
    else:
        failed = checked is not None and checked.finding.verdict is Verdict.FAIL
        state = State.BLOCKED if item.blocking or failed else State.OPEN
    return Standing(checklist, item, state, because, answer, checked, accepted)


def accepts(finding: Finding) -> str:
    """What somebody accepts who accepts this finding: ``VERDICT CODE``. Its counts may move."""
    return f"{finding.verdict.value} {finding.evidence.code}"


def covers(accepted: str, finding: Finding) -> bool:
    """Whether what was accepted is what is found, or worse than it; "" was accepted as a whole."""
    verdict, _sep, code = accepted.partition(" ")
    milder = verdict == Verdict.FAIL.value or finding.verdict is Verdict.WARN
    return not accepted or (code == finding.evidence.code and milder)


def readiness(found: Iterable[Standing]) -> Readiness:
    """The sum of some standings."""
    held = list(found)
    count = {state: sum(one.state is state for one in held) for state in State}
    blockers = tuple(one for one in held if one.state is State.BLOCKED)
    return Readiness(
        count[State.DONE], count[State.OPEN], count[State.BLOCKED], count[State.NOT_APPLICABLE], blockers
    )


def _applies(when: When, partner: str, facts: Facts) -> bool:
    if partner and partner not in facts.partners:
        return False
    if when.partners and not facts.partners & set(when.partners):
        return False
    if when.use_cases and not facts.use_cases & set(when.use_cases):
        return False
    if when.erp_products and facts.erp_product.casefold() not in map(str.casefold, when.erp_products):
        return False
    if when.erp_sources and facts.erp_source not in when.erp_sources:
        return False
    if not all(_given(facts.answers, name, wanted) for name, wanted in when.answers.items()):
        return False
    return all(_has(facts.setting(name), wanted) for name, wanted in when.settings.items())


def _given(answers: Mapping[str, Answer], name: str, wanted: tuple[str, ...]) -> bool:
    """Whether the answer to ``ITEM.FIELD`` is one of these or still to come: nothing is ruled out unasked."""
    item, _, key = name.rpartition(".")
    value = answers[item].values.get(key, "") if item in answers else ""
    chosen = {value} if isinstance(value, str) else {*value}
    return not any(chosen) or not wanted or not chosen.isdisjoint(wanted)


def _has(value: object, wanted: tuple[str, ...]) -> bool:
    """Whether a setting has one of these values; with none named, whether it has any."""
    if not wanted:
        return value not in (None, "", (), False)
    spelled = str(value).lower() if isinstance(value, bool) else str(value)
    return spelled in wanted


_WORST = (Verdict.FAIL, Verdict.WARN, Verdict.MANUAL, Verdict.OK)


def _checked(key: str, partner: str, facts: Facts) -> Checked | None:
    """What a check found; of one that is known for each partner that of ``partner``, else the worst."""
    if key in facts.checks:
        return facts.checks[key]
    names = (f"{one}.{key}" for one in ([partner] if partner else sorted(facts.partners)))
    found = [facts.checks[name] for name in names if name in facts.checks]
    return min(found, key=lambda one: (_WORST.index(one.finding.verdict), one.at), default=None)


def _accepts(answer: Answer) -> bool:
    return answer.said is Said.ACCEPTED and bool(answer.note.strip())


def _missing(item: Item, answer: Answer | None, checked: Checked | None, facts: Facts) -> Because:
    """What keeps an item that applies from being done."""
    said = answer.said if answer else Said.OPEN
    if answer is not None and said in (Said.NOT_APPLICABLE, Said.ACCEPTED) and not answer.note.strip():
        return Because.REASON
    if said is Said.NOT_APPLICABLE:
        return Because.NOTHING
    if item.kind is Kind.GUIDED and item.key not in facts.walked:
        return Because.WALK
    if item.kind is Kind.AUTOMATIC:
        because = _verdict(checked, facts)
        if because is not None:
            return because
    elif item.kind is Kind.GUIDED:
        return Because.NOTHING
    if answer is None or said is not Said.DONE:
        return Because.UNANSWERED
    return _incomplete(item, answer)


def _verdict(checked: Checked | None, facts: Facts) -> Because | None:
    """What a check says of its item; None where it leaves the answer to a person."""
    if checked is None:
        return Because.UNCHECKED
    verdict = checked.finding.verdict
    if verdict is Verdict.FAIL:
        return Because.FAILURE
    if facts.now - checked.at > FRESH:
        return Because.STALE
    if verdict is Verdict.MANUAL:
        return None
    return Because.WARNING if verdict is Verdict.WARN else Because.NOTHING


def _incomplete(item: Item, answer: Answer) -> Because:
    files = bool(answer.files)
    for one in item.fields:
        given = files if one.kind is FieldKind.FILE else bool(answer.values.get(one.key))
        if one.required and not given:
            return Because.FIELDS
    if any(one.keeps_open and one.holds(answer.values) for one in item.consequences):
        return Because.OUTCOME
    return Because.EVIDENCE if item.evidence and not (answer.note.strip() or files) else Because.NOTHING
