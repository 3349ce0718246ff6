"""I10: everything that Immomio shows of the vacancies, compared field by field with the ERP.

Compared is what both sides can be asked for; the rest is named for a person to look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import (
    Capability,
    Check,
    CheckContext,
    Connector,
    Field,
    Finding,
    Reader,
    Record,
    Text,
    Value,
    Verdict,
)
from connectors.equality import equal, plain
from connectors.findings import SHOWN, Topic
from connectors.immomio.entities import VACANCY, VACANCY_MAPPING
from connectors.immomio.inspecting import say
from connectors.immomio.settings import VacancySettings
from connectors.immomio.usage import KINDS
from connectors.immomio.vacancies import VACANCIES, actual_vacancies, desired_vacancies, owns_vacancy
from connectors.supply import unsupplied

COMPARISON = Topic("immomio.comparison", ("I10",))

Fields = Mapping[str, Value]


@dataclass(slots=True)
class Tally:
    """The counts of one field over all vacancies that both sides have."""

    equal: int = 0
    different: int = 0
    empty: int = 0  # the ERP holds something, Immomio nothing


@dataclass(slots=True)
class Comparison:
    """What the two sides show. ``fields`` has a Tally per field that both can be asked for, in order;
    ``empty`` the fields that Immomio lacks, by vacancy."""

    fields: dict[str, Tally]
    empty: dict[str, list[str]] = field(default_factory=dict)
    here: Counter[str] = field(default_factory=Counter)  # kind -> vacancies that the ERP lets us send
    there: Counter[str] = field(default_factory=Counter)  # kind -> vacancies of ours that Immomio shows
    absent: list[str] = field(default_factory=list)  # not shown by Immomio
    surplus: list[str] = field(default_factory=list)  # shown though nothing is to be let

    @property
    def sound(self) -> bool:
        """Whether nothing is missing or different."""
        wrong = any(tally.different or tally.empty for tally in self.fields.values())
        return not (wrong or self.absent or self.surplus)


async def comparison(context: CheckContext) -> Finding:
    """Count what is equal, different or empty per field, and name what Immomio lacks. Raises Failure."""
    source, target, settings = context.source, context.target, context.settings
    if source is None:
        return COMPARISON.no_source()
    if Capability.VACANCIES not in source.capabilities:
        return COMPARISON.finding(Verdict.MANUAL, "immomio.no_vacancies")
    if target is None:
        return COMPARISON.finding(Verdict.MANUAL, "immomio.no_target")
    unread = unreadable(source, target)
    here = {one.id: one async for one in desired_vacancies(source, settings) if isinstance(one, Record)}
    there = {one.id: one async for one in actual_vacancies(target, settings) if _ours(one, here, settings)}
    if not there:
        verdict = Verdict.MANUAL if here else Verdict.OK
        return COMPARISON.finding(verdict, "immomio.nothing_visible", vacancies=len(here))
    return _finding(compare(here, there, unread), unread)


def _ours(one: Record, here: Mapping[str, Record], settings: VacancySettings) -> bool:
    return one.id in here or owns_vacancy(VACANCY, one.id, settings)


def unreadable(source: Reader[Any], target: Connector) -> Mapping[str, str]:
    """The fields that a person has to look at: field -> the side that does not supply it."""
    erp = unsupplied(source, VACANCY_MAPPING)
    partner = {name for info in target.entities() if info.name == VACANCY for name in info.not_supplied}
    found: dict[str, str] = {}
    for one in VACANCY_MAPPING.fields:
        if one.name in erp:
            found[one.name] = "erp"
        elif one.name in partner:
            found[one.name] = "partner"
    return found


def compare(here: Mapping[str, Record], there: Mapping[str, Record], unread: Mapping[str, str]) -> Comparison:
    """The vacancies of both sides, by id."""
    fields = [one for one in VACANCY_MAPPING.fields if one.name not in unread]
    found = Comparison({one.name: Tally() for one in fields})
    found.here = Counter(str(one.fields["kind"]) for one in here.values())
    found.there = Counter(str(one.fields.get("kind")) for one in there.values())
    found.absent = sorted(here.keys() - there.keys())
    found.surplus = sorted(there.keys() - here.keys())
    for id_ in sorted(here.keys() & there.keys()):
        for one in fields:
            _count(found, id_, one, here[id_].fields, there[id_].fields)
    return found


def _count(found: Comparison, id_: str, one: Field, here: Fields, there: Fields) -> None:
    """Count one field of one vacancy."""
    wanted, shown = here.get(one.name), there.get(one.name)
    tally = found.fields[one.name]
    if equal(one, wanted, shown):
        tally.equal += 1
    elif plain(one, shown) in (None, "", ()):
        tally.empty += 1
        found.empty.setdefault(id_, []).append(one.name)
    else:
        tally.different += 1


def _finding(found: Comparison, unread: Mapping[str, str]) -> Finding:
    """Counts first, then every field, and at the end what is missing per vacancy."""
    missing = [say("fields_empty", id=id_, fields=",".join(names)) for id_, names in found.empty.items()]
    lost = [
        *(say("vacancy_absent", id=id_) for id_ in found.absent),
        *(say("vacancy_surplus", id=id_) for id_ in found.surplus),
    ]
    details = (*_counts(found), *_fields(found, unread), *lost[:SHOWN], *missing[:SHOWN])
    verdict = Verdict.FAIL if not found.sound else Verdict.MANUAL if unread else Verdict.OK
    wrong = [tally for tally in found.fields.values() if tally.different or tally.empty]
    args: dict[str, str | int] = {
        "vacancies": found.here.total(),
        "shown": found.there.total(),
        "compared": len(found.fields),
        "fields": len(wrong),
        "manual": len(unread),
    }
    code = f"immomio.comparison_{'good' if found.sound else 'bad'}"
    return Finding(
        COMPARISON.key, COMPARISON.rules, verdict, Text(code, args), details, len(lost) + len(missing)
    )


def _counts(found: Comparison) -> Sequence[Text]:
    """How many vacancies both sides have, of each kind and altogether."""
    kinds = [say(f"kind_{kind.lower()}", erp=found.here[kind], partner=found.there[kind]) for kind in KINDS]
    return [*kinds, say("kind_total", erp=found.here.total(), partner=found.there.total())]


def _fields(found: Comparison, unread: Mapping[str, str]) -> Sequence[Text]:
    """Each field with its counts, those that differ first, and those that only a person can compare last."""
    tallies = sorted(found.fields.items(), key=lambda item: not (item[1].different or item[1].empty))
    told = [
        say("field_compared", field=name, equal=t.equal, different=t.different, empty=t.empty)
        for name, t in tallies
    ]
    return [*told, *(say(f"field_not_of_{side}", field=name) for name, side in unread.items())]


COMPARISON_CHECK = Check(COMPARISON.key, COMPARISON.rules, comparison, VACANCIES.key)
