"""The identification trial: any choice counted from one reading, as the check would; spoken numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain, combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from connectors.bots4you import checks, partner
from connectors.bots4you.identification import IDENTIFICATION, Callers, read_callers, takes_over
from connectors.bots4you.mapping import CALLER_PARAMETERS
from connectors.bots4you.spoken import LONGEST, Fault, heard, judge
from connectors.bots4you.use_cases import MasterDataSettings
from connectors.housing import Role
from connectors.sandbox.company import build_company
from connectors.texts import LANGUAGES, template
from connectors.trials import TrialRow
from tests.connectors.bots4you_erp import TODAY, Erp, lease, person, role, spoken, unit

SETTINGS = MasterDataSettings(separator="/", mandanten="all")
EVERY = list(
    chain.from_iterable(combinations(CALLER_PARAMETERS, size) for size in range(len(CALLER_PARAMETERS) + 1))
)


def company(units: int = 60) -> Erp:
    """The seeded company as an ERP."""
    seeded = build_company(units, 7, TODAY)
    kinds = ("mandant", "unit", "lease", "person", "tenant_role")
    return Erp(record for kind in kinds for record in seeded.records(kind))


async def test_every_choice_counts_what_the_check_counts_from_one_reading() -> None:
    erp = company()
    reading = await read_callers(erp, SETTINGS, today=TODAY)
    reads = len(erp.reads)
    for chosen in EVERY[::5]:
        rows = reading.count(chosen)
        assert len(erp.reads) == reads
        settings = replace(SETTINGS, authentication=chosen, birth_date=True)
        finding = await checks.caller_authentication(erp, settings, today=TODAY)
        reads = len(erp.reads)
        args = finding.evidence.args
        assert sum(row.total for row in rows) == args["tenants"]
        assert sum(row.empty for row in rows) == args["empty"], chosen
        assert sum(row.shared for row in rows) == args["shared"], chosen
        told = {t.args["mandant"]: t.args for t in finding.details if t.code == "bots4you.callers"}
        assert [(row.group, row.empty, row.shared) for row in rows] == [
            (group, found["empty"], found["shared"]) for group, found in told.items()
        ]


async def test_one_more_detail_never_lets_fewer_lack_something() -> None:
    reading = await read_callers(company(), SETTINGS, today=TODAY)
    for chosen in EVERY[::7]:
        fewer = sum(row.empty for row in reading.count(chosen))
        for name in CALLER_PARAMETERS:
            more = sum(row.empty for row in reading.count((*chosen, name)))
            assert more >= max(fewer, reading.lacking[name])


async def test_what_was_read_names_nobody() -> None:
    records = [unit(), lease(), person(born=date(1980, 4, 2)), role()]
    reading = await read_callers(Erp(records), SETTINGS, today=TODAY)
    assert reading.count(("last_name",)) == (TrialRow("10", 1),)
    held = repr(vars(reading))
    for word in ("Muster", "1980", "20095", "700815", "e.muster"):
        assert word not in held
    again = await read_callers(Erp(records), SETTINGS, today=TODAY)
    assert reading._columns != again._columns, "the fingerprints are of this reading alone"


async def test_two_tenants_of_one_contract_are_told_apart_by_what_differs() -> None:
    people = [person("p1", "1"), person("p2", "2", last="Beispiel")]
    records = [unit(), lease(), *people, role(), role("r2", "l1", "p2", kind=Role.CO_TENANT)]
    reading = await read_callers(Erp(records), SETTINGS, today=TODAY)
    assert reading.count(()) == (TrialRow("10", 2, 0, 2),)
    assert reading.count(("last_name",)) == (TrialRow("10", 2, 0, 0),)
    assert reading.count(("birth_date",)) == (TrialRow("10", 2, 2, 0),)


def test_a_birth_date_that_is_asked_for_has_to_be_sent() -> None:
    assert takes_over(("last_name",)) == {"authentication": ("last_name",)}
    assert takes_over(("birth_date",)) == {"authentication": ("birth_date",), "birth_date": "true"}


def test_trial_and_options_have_names_in_both_languages_and_its_items_exist() -> None:
    from checklists.loader import shipped

    assert partner.trials == (IDENTIFICATION,)
    assert all(
        template(f"bots4you.option_{one}", tongue) for one in IDENTIFICATION.options for tongue in LANGUAGES
    )
    assert all(template("bots4you.trial_identification", tongue) for tongue in LANGUAGES)
    known = {item.id for one in shipped() for item in one.items}
    assert set(IDENTIFICATION.items) <= known


def test_letters_long_numbers_and_those_that_sound_alike_are_named_with_the_reason() -> None:
    found = judge(["0042", "42", "4-2", "B17", "1234567890123", "77", "77"])
    assert found.numbers == 6
    assert found.faults == (
        ("0042", Fault.ALIKE),
        ("4-2", Fault.ALIKE),
        ("42", Fault.ALIKE),
        ("B17", Fault.LETTERS),
        ("1234567890123", Fault.LONG),
    )
    assert (found.faulty, found.signs) == (5, 2)
    reading = Callers()
    reading.judge(["0042", "42", "B17"])
    assert spoken(reading.remarks) == [
        "spoken_numbers",
        "spoken_numbers_letters",
        "spoken_numbers_alike",
        "spoken_signs",
    ]
    assert spoken(reading.details) == ["spoken_alike", "spoken_alike", "spoken_letters"]


NUMBERS = st.lists(st.text("0123456789-./ AB", max_size=16), max_size=12)


@given(NUMBERS, st.randoms())
def test_which_numbers_cannot_be_spoken_does_not_depend_on_their_order(
    numbers: list[str], random: Random
) -> None:
    shuffled = sorted(numbers, key=lambda _number: random.random())
    assert judge(numbers) == judge(shuffled)


@given(NUMBERS)
def test_a_number_without_fault_is_short_of_digits_only_and_heard_once(numbers: list[str]) -> None:
    found = judge(numbers)
    faulty = {number for number, _fault in found.faults}
    good = {number for number in numbers if number} - faulty
    sounds = [heard(number) for number in good]
    assert len(set(sounds)) == len(sounds)
    assert all(len(sound) <= LONGEST and (sound.isdecimal() or not sound) for sound in sounds)
