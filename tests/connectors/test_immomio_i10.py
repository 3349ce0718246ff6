"""I10: what Immomio shows of the vacancies, compared with the ERP field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import CheckContext, Connector, Finding, Record, Text, Verdict
from connectors.findings import SHOWN
from connectors.immomio.checks_i10 import comparison
from connectors.immomio.entities import VACANCY_MAPPING
from connectors.immomio.settings import VacancySettings
from connectors.immomio.vacancies import vacancy_record
from connectors.letting import Vacancy
from connectors.sandbox.company import build_company
from connectors.texts import render
from tests.connectors.bots4you_erp import spoken
from tests.connectors.immomio_erp import TODAY, Erp, connector, mandant, vacancy

LETTING = VacancySettings(separator="/", mandanten=("10",))
ALL_LETTING = VacancySettings(separator="/", mandanten="all")
COMPANY = build_company(240, 7, TODAY)


def shown(finding: Finding) -> list[str]:
    """The codes of evidence and details, all of which can be shown."""
    return spoken((finding.evidence, *finding.details))


def as_shown(one: Vacancy, **changed: Any) -> Record:
    """What Immomio shows of a vacancy that was sent, with some fields changed since."""
    record = vacancy_record(one, LETTING)
    assert isinstance(record, Record)
    kept = {f.name: record.fields[f.name] for f in VACANCY_MAPPING.fields}
    return Record("vacancy", record.id, kept | changed)


async def compared(here: list[Vacancy], there: Connector | None, lacks: tuple[str, ...] = ()) -> Finding:
    finding = await comparison(CheckContext(Erp([mandant(), *here], lacks), there, LETTING))
    assert shown(finding)
    return finding


def tallies(finding: Finding) -> dict[str, tuple[int, int, int]]:
    """Field -> equal, different, empty."""
    return {
        str(d.args["field"]): (int(d.args["equal"]), int(d.args["different"]), int(d.args["empty"]))
        for d in finding.details
        if d.code == "immomio.field_compared"
    }


async def test_what_immomio_shows_as_it_was_sent_is_equal_in_every_field() -> None:
    here = [vacancy(), vacancy("v2", "0051", usage_raw="Garage")]
    finding = await compared(here, connector(list(map(as_shown, here))))
    assert (finding.verdict, finding.count) == (Verdict.OK, 0)
    assert tallies(finding) == {f.name: (2, 0, 0) for f in VACANCY_MAPPING.fields}
    counts = [(d.code, d.args["erp"], d.args["partner"]) for d in finding.details[:4]]
    assert counts == [
        ("immomio.kind_flat", 1, 1),
        ("immomio.kind_commercial", 0, 0),
        ("immomio.kind_garage", 1, 1),
        ("immomio.kind_total", 2, 2),
    ]


async def test_differing_and_empty_fields_are_counted_and_the_empty_ones_named_per_vacancy() -> None:
    here = [vacancy(rooms=Decimal("2.5"), lift=True), vacancy("v2", "0051", lift=True)]
    there = [
        as_shown(here[0], lift=None, rooms=None, baseRent=Decimal("590.00")),
        as_shown(here[1], lift=None, rooms=Decimal(3)),
    ]
    finding = await compared(here, connector(there))
    assert (finding.verdict, finding.count) == (Verdict.FAIL, 2)
    found = tallies(finding)
    assert list(found)[:3] == ["rooms", "baseRent", "lift"]
    assert (found["lift"], found["rooms"], found["baseRent"]) == ((0, 0, 2), (0, 1, 1), (1, 1, 0))
    assert finding.evidence.args["fields"] == 3
    last = finding.details[-2:]
    assert [(d.args["id"], d.args["fields"]) for d in last] == [
        ("10/00123/004/0050", "rooms,lift"),
        ("10/00123/004/0051", "lift"),
    ]
    assert render(last[0]) == "10/00123/004/0050, bei Immomio leer: Zimmer, Aufzug"
    assert render(last[0], "en") == "10/00123/004/0050, empty at Immomio: rooms, lift"


async def test_vacancies_that_only_one_side_has_are_named() -> None:
    let = vacancy("v9", "0099")
    foreign = Record("vacancy", "99/1/2/3", {"kind": "FLAT"})
    here = [vacancy(), vacancy("v2", "0051")]
    finding = await compared(here, connector([as_shown(here[0]), as_shown(let), foreign]))
    assert finding.verdict is Verdict.FAIL
    ends = [(d.code, d.args["id"]) for d in finding.details[-2:]]
    assert ends == [
        ("immomio.vacancy_absent", "10/00123/004/0051"),
        ("immomio.vacancy_surplus", "10/00123/004/0099"),
    ]


async def test_fields_that_one_side_does_not_supply_are_for_a_person_to_look_at() -> None:
    here = [vacancy()]
    target = connector([as_shown(here[0], intercom=True)], ("bikeRoom",))
    finding = await compared(here, target, ("intercom", "energy"))
    assert finding.verdict is Verdict.MANUAL
    manual = {str(d.args["field"]): d.code for d in finding.details if "field_not_of" in d.code}
    energy = {f.name for f in VACANCY_MAPPING.fields if f.name.startswith("energy")}
    assert manual == dict.fromkeys({"intercom", *energy}, "immomio.field_not_of_erp") | {
        "bikeRoom": "immomio.field_not_of_partner"
    }
    assert not manual.keys() & tallies(finding).keys()
    assert render(Text("immomio.field_not_of_erp", {"field": "intercom"})).startswith("Gegensprechanlage:")


async def test_before_anything_is_visible_nothing_is_compared() -> None:
    finding = await compared([vacancy()], connector())
    assert (finding.verdict, shown(finding)) == (Verdict.MANUAL, ["nothing_visible"])
    assert (await compared([], connector())).verdict is Verdict.OK
    assert shown(await compared([vacancy()], None)) == ["no_target"]


async def test_at_most_fifty_vacancies_are_named_and_all_are_counted() -> None:
    here = [vacancy(f"v{n}", f"{n:04}", lift=True) for n in range(SHOWN + 10)]
    finding = await compared(here, connector([as_shown(one, lift=None) for one in here]))
    assert finding.count == SHOWN + 10
    assert sum(d.code == "immomio.fields_empty" for d in finding.details) == SHOWN
    assert tallies(finding)["lift"] == (0, 0, SHOWN + 10)


@given(st.sets(st.sampled_from([f.name for f in VACANCY_MAPPING.fields])))
async def test_every_field_of_every_vacancy_is_counted_exactly_once(emptied: set[str]) -> None:
    here = [v for v in COMPANY.vacancies if isinstance(vacancy_record(v, ALL_LETTING), Record)][:3]
    there = [as_shown(one, **dict.fromkeys(emptied)) for one in here]
    erp = Erp([*COMPANY.mandanten, *here])
    finding = await comparison(CheckContext(erp, connector(there), ALL_LETTING))
    assert all(sum(counts) == len(here) for counts in tallies(finding).values())
    full = {name for one in here for name, value in as_shown(one).fields.items() if value not in (None, ())}
    assert {name for name, (_, _, empty) in tallies(finding).items() if empty} == emptied & full
