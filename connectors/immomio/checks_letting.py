"""What can be told about vacancies before they are sent: ids, release, usage types, rents."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

from connectors.agreed import unit_numbers, within
from connectors.contract import Capability, Check, CheckContext, Finding, Reader, Text, Verdict
from connectors.findings import Composite, Topic, composite, kept_separator, known_mandanten, safe_separator
from connectors.housing import stream
from connectors.ids import clean
from connectors.immomio.inspecting import Inspection, of_source, say
from connectors.immomio.settings import SEPARATORS_OF, VacancySettings
from connectors.immomio.usage import KINDS, kind
from connectors.immomio.vacancies import VACANCIES
from connectors.letting import Vacancy

MANDANTEN = Topic("immomio.vacancy_mandanten", ("C3",))
SEPARATOR = Topic("immomio.vacancy_separator", ("C1", "C2"))
SEPARATOR_CHANGED = Topic("immomio.vacancy_separator_changed", ("C5",))
RELEASE = Topic("immomio.release", ("I6",))
USAGE = Topic("immomio.vacancy_usage", ("I10",))
RENTS = Topic("immomio.rents", ("I8",))
RENT_SUMS = Topic("immomio.rent_sums", ("I10",))

CENT = Decimal("0.01")
"""By how much a sum may be off."""


async def mandanten(source: Reader[Any], settings: VacancySettings) -> Finding:
    """C3: every configured Mandant is one that the ERP knows. Raises Failure."""
    return await known_mandanten(MANDANTEN, source, settings.scope)


async def separator(source: Reader[Any], settings: VacancySettings) -> Finding:
    """C1, C2: no number holds the separator, no two vacancies build one id. Raises Failure."""
    allowed = SEPARATORS_OF[settings.page_version]
    return await safe_separator(SEPARATOR, _composites(source, settings), settings.separator, allowed)


async def _composites(source: Reader[Any], settings: VacancySettings) -> AsyncIterator[Composite]:
    async for vacancy in _vacancies(source, settings):
        yield composite("vacancy", vacancy.id, unit_numbers(vacancy, settings.unit_parts))


async def separator_changed(context: CheckContext) -> Finding:
    """C5: another separator than in the last applied run would orphan every vacancy we wrote."""
    return kept_separator(SEPARATOR_CHANGED, context)


async def release(source: Reader[Any], settings: VacancySettings) -> Finding:
    """I6: what is released for marketing, and whether the ERP says so at all. Raises Failure."""
    required = settings.release == "required"
    states: Counter[bool | None] = Counter()
    held: list[Text] = []
    async for vacancy in _vacancies(source, settings):
        states[vacancy.released] += 1
        if not vacancy.released:
            held.append(say("held_back", id=_id(vacancy, settings)))
    if not _supplies_release(source) or (states and states.total() == states[None]):
        verdict = Verdict.FAIL if required else Verdict.OK
        code = f"immomio.release_not_supplied_{settings.release}"
        return RELEASE.finding(verdict, code, concerned=states.total() if required else 0)
    return RELEASE.finding(
        Verdict.WARN if held else Verdict.OK,
        f"immomio.release_{settings.release}",
        held,
        released=states[True],
        held=len(held),
    )


def _supplies_release(source: Reader[Any]) -> bool:
    """Whether the ERP says what is released for marketing."""
    infos = [info for info in source.entities() if info.name == Vacancy.NAME]
    return not any("released" in info.not_supplied for info in infos)


async def usage(source: Reader[Any], settings: VacancySettings) -> Finding:
    """I10: how many vacancies there are of each kind, and which stand in no list. Raises Failure."""
    kinds: Counter[str] = Counter()
    unknown: list[Text] = []
    async for vacancy in _vacancies(source, settings):
        what = kind(vacancy.usage_raw, settings.usage_lists)
        kinds[what or ""] += 1
        if what is None:
            args = {"id": _id(vacancy, settings), "usage": clean(vacancy.usage_raw)}
            unknown.append(Text("immomio.usage_in_no_list", args))
    return USAGE.finding(
        Verdict.WARN if unknown else Verdict.OK,
        "immomio.vacancy_usage",
        unknown,
        vacancies=kinds.total(),
        **{what.lower(): kinds[what] for what in KINDS},
    )


async def rents(source: Reader[Any], settings: VacancySettings) -> Finding:
    """I8: which vacancies have no Nettokaltmiete, one of zero, or a negative one. Raises Failure."""
    found: dict[str, list[Text]] = {"missing": [], "zero": [], "negative": []}
    count = 0
    async for vacancy in _vacancies(source, settings):
        count += 1
        if (state := _rent(vacancy.net_cold_rent)) is not None:
            zero = f"_{settings.zero_rent}" if state == "zero" else ""
            found[state].append(say(f"rent_of_{state}{zero}", id=_id(vacancy, settings)))
    details = [*found["negative"], *found["missing"], *found["zero"]]
    verdict = Verdict.FAIL if found["negative"] else Verdict.WARN if details else Verdict.OK
    return RENTS.finding(
        verdict,
        "immomio.rents_bad" if details else "immomio.rents_good",
        details,
        vacancies=count,
        **{state: len(texts) for state, texts in found.items()},
    )


def _rent(amount: Decimal | None) -> str | None:
    """What is wrong with a Nettokaltmiete."""
    if amount is None:
        return "missing"
    return "negative" if amount < 0 else None if amount else "zero"


async def rent_sums(source: Reader[Any], settings: VacancySettings) -> Finding:
    """I10: which total rents are not the sum of their parts. Raises Failure."""
    wrong: list[Text] = []
    checked = 0
    async for vacancy in _vacancies(source, settings):
        sums = expected_totals(vacancy)
        if vacancy.total_rent is None or not sums:
            continue
        checked += 1
        if all(abs(vacancy.total_rent - total) > CENT for total in sums):
            args = {"total": f"{vacancy.total_rent:.2f}", "sum": f"{sums[0]:.2f}"}
            wrong.append(say("rent_sum", id=_id(vacancy, settings), **args))
    verdict = Verdict.WARN if wrong else Verdict.OK
    code = f"immomio.rent_sums_{'bad' if wrong else 'good'}"
    return RENT_SUMS.finding(verdict, code, wrong, checked=checked)


def expected_totals(vacancy: Vacancy) -> tuple[Decimal, ...]:
    """What the total rent may be, by what the ERP says of its parts; empty where it says too little.

    Nettokaltmiete, operating costs and surcharges, and the heating costs where they are included; where the
    ERP does not say whether they are, both sums are fine.
    """
    if vacancy.net_cold_rent is None or (vacancy.heating_included and vacancy.heating_costs is None):
        return ()
    parts = (vacancy.net_cold_rent, vacancy.operating_costs, vacancy.surcharges)
    without = sum((part for part in parts if part is not None), Decimal(0))
    heated = without + (vacancy.heating_costs or 0)
    if vacancy.heating_included is None:
        return (without, heated)
    return (heated,) if vacancy.heating_included else (without,)


async def _vacancies(source: Reader[Any], settings: VacancySettings) -> AsyncIterator[Vacancy]:
    async for vacancy in stream(source, Vacancy, settings.scope):
        if within(settings.scope, vacancy.mandant):
            yield vacancy


def _id(vacancy: Vacancy, settings: VacancySettings) -> str:
    """The id as a person would look for it, even where it cannot be built."""
    return settings.separator.join(map(clean, unit_numbers(vacancy, settings.unit_parts).values()))


def _check(topic: Topic, inspection: Inspection) -> Check:
    return of_source(topic, VACANCIES.key, inspection, Capability.VACANCIES)


LETTING_CHECKS = (
    of_source(MANDANTEN, VACANCIES.key, mandanten),
    _check(SEPARATOR, separator),
    Check(SEPARATOR_CHANGED.key, SEPARATOR_CHANGED.rules, separator_changed, VACANCIES.key),
    _check(RELEASE, release),
    _check(USAGE, usage),
    _check(RENTS, rents),
    _check(RENT_SUMS, rent_sums),
)
"""The checks of the vacancies in the ERP."""
