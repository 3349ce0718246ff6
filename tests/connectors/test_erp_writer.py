"""What the ERP takes back of accepted applicants: through its hub, or by way of an import file."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Action, Capability, Change, CheckContext, Result, Value, Verdict
from connectors.erp.files import FilesOptions
from connectors.erp.files_writer import FilesWriter
from connectors.erp.import_file import HEAD, Content, disarmed, load, save, suits
from connectors.erp.sandbox import erp_sandbox
from connectors.erp.source import FILES, OPENWOWI
from connectors.erp.writer import ErpWriter
from connectors.housing import Person, stream
from connectors.http import CallLog, Network
from connectors.immomio.checks_prospects import target
from connectors.letting import BUSINESS_PARTNER, BUSINESS_PARTNER_FIELDS, PROSPECT, PROSPECT_FIELDS, WRITTEN
from connectors.partner import Connection
from connectors.problems import Failure, Trouble
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import build_company
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from connectors.texts import LANGUAGES, meaning, render

COMPANY = build_company(8, 5, date(2026, 3, 1))
HOME = COMPANY.units[0]
UNIT = "/".join((HOME.mandant, HOME.economic_unit, HOME.building, HOME.number))
SOMEBODY: dict[str, Value] = {
    **dict.fromkeys(BUSINESS_PARTNER_FIELDS),
    "firstName": "Erika",
    "lastName": "Muster",
    "birthDate": date(1980, 4, 2),
    "email": "e.muster@example.org",
    "phoneNumbers": ("+49 40 123456", "040/654321"),
}
WISH: dict[str, Value] = {
    **dict.fromkeys(PROSPECT_FIELDS),
    "clientNumber": HOME.mandant,
    "unit": UNIT,
    "businessPartner": "immomio:p1",
    "state": "ANGENOMMEN",
    "wantedStart": date(2026, 10, 1),
    "acceptedRent": Decimal("512.40"),
}
PERSON = Change(Action.CREATE, BUSINESS_PARTNER, "immomio:p1", after=SOMEBODY)
APPLICANT = Change(Action.CREATE, PROSPECT, "immomio:a1", after=WISH)


def changed(change: Change, **fields: Value) -> Change:
    return replace(change, after={**(change.after or {}), **fields})


@asynccontextmanager
async def at_the_erp(*faults: str) -> AsyncIterator[tuple[ErpWriter, PartnerSandbox, Connection]]:
    """A writer for a served ERP, which shows these faults."""
    clock = Clock()
    sandbox = erp_sandbox(COMPANY, clock)
    armed = [Fault.parse(f"erp:{fault}") for fault in faults]
    async with running([sandbox], faults=armed, clock=clock) as line:
        entry = line["partners"]["erp"]
        options = OPENWOWI.options()
        connection = Connection(
            "muster", "erp", "practice", entry["url"], entry, options, Network(timeout=5), CallLog()
        )
        writer = ErpWriter(connection)
        try:
            yield writer, sandbox, connection
        finally:
            await writer.aclose()


async def test_who_is_handed_in_is_a_person_of_the_erp_with_the_number_it_was_answered_with() -> None:
    async with at_the_erp() as (writer, _, connection):
        person, applicant = await writer.apply_many([PERSON, APPLICANT])
        assert (person.result, applicant.result) == (Result.DONE, Result.DONE)
        source = OPENWOWI.connect(connection)
        [found] = [p async for p in stream(source, Person) if p.last_name == "Muster"]
        await source.aclose()
        assert person.remote_id == f"number:{found.number}"
        assert (found.first_name, found.birth_date) == ("Erika", date(1980, 4, 2))
        held = await writer.find(PROSPECT, "immomio:a1")
        assert held is not None
        assert held.fields == WISH


async def test_prospects_wait_for_their_business_partners_in_whatever_order_they_come() -> None:
    async with at_the_erp() as (writer, _, _connection):
        outcomes = await writer.apply_many([APPLICANT, PERSON])
        assert [outcome.id for outcome in outcomes] == ["immomio:a1", "immomio:p1"]
        assert all(outcome.ok for outcome in outcomes)


async def test_somebody_the_erp_knew_before_is_referred_to_by_the_number() -> None:
    known = f"number:{COMPANY.persons[0].number}"
    async with at_the_erp() as (writer, sandbox, _):
        before = len(sandbox.state("person"))
        assert (await writer.apply(changed(APPLICANT, businessPartner=known))).ok
        assert len(sandbox.state("person")) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed(APPLICANT, businessPartner="number:1", unit="99/1/1/1"), "erp.prospect_unit"),
        (APPLICANT, "erp.prospect_partner"),
        (changed(APPLICANT, businessPartner="number:1"), "erp.prospect_partner"),
        (replace(APPLICANT, action=Action.DELETE), "erp.never_deleted"),
    ],
)
async def test_what_the_erp_refuses_is_explained(change: Change, code: str) -> None:
    async with at_the_erp() as (writer, sandbox, _):
        outcome = await writer.apply(change)
        assert outcome.result is Result.REJECTED
        assert outcome.problem is not None
        assert (outcome.problem.code, outcome.problem.trouble) == (code, Trouble.REJECTED)
        assert all(meaning(outcome.problem, language) for language in LANGUAGES)
        assert sandbox.state("prospect") == []


async def test_a_connection_cut_after_the_record_arrived_is_unknown_until_it_is_looked_up() -> None:
    async with at_the_erp("cut-after,method=PUT,count=1") as (writer, sandbox, _):
        assert (await writer.apply(PERSON)).result is Result.UNKNOWN
        assert await writer.find(BUSINESS_PARTNER, PERSON.id) is not None
        assert (await writer.apply(PERSON)).result is Result.DONE
        assert sandbox.state("creates")[BUSINESS_PARTNER] == {PERSON.id: 1}
        assert sum(p["last_name"] == "Muster" for p in sandbox.state("person")) == 1


async def test_a_key_that_may_read_only_is_told_before_anything_is_written() -> None:
    async with at_the_erp() as (writer, sandbox, _):
        sandbox.act("rights", {"deny": "hub-writing"})
        [finding] = await writer.check()
        assert (finding.verdict, finding.evidence.code) == (Verdict.FAIL, "erp.prospects_forbidden")
        outcome = await writer.apply(PERSON)
        assert outcome.result is Result.FAILED
        assert outcome.problem is not None
        assert outcome.problem.trouble is Trouble.RIGHTS


async def test_a_stranger_who_answers_for_the_erp_is_not_believed() -> None:
    async with at_the_erp("malformed,method=PUT,processed=yes") as (writer, _, _connection):
        assert (await writer.apply(PERSON)).result is Result.UNKNOWN


# The import file


def files(path: Path | None) -> FilesWriter:
    """A writer for an ERP of exports."""
    options = FilesOptions(prospects_file=path)
    place = Connection("muster", "erp", "practice", "exports", {}, options, Network(), CallLog())
    assert FILES.writer is not None
    writer = FILES.writer(place)
    assert isinstance(writer, FilesWriter)
    return writer


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of the import file, as a spreadsheet reads them."""
    text = path.read_bytes().decode("utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


async def test_a_prospect_and_its_business_partner_are_one_row_in_german(tmp_path: Path) -> None:
    path = tmp_path / "Interessenten.csv"
    assert all(outcome.ok for outcome in await files(path).apply_many([APPLICANT, PERSON]))
    [row] = rows(path)
    assert tuple(row) == HEAD
    assert (row["Interessent-ID"], row["Geschäftspartner-ID"]) == ("immomio:a1", "immomio:p1")
    assert (row["Einheit"], row["Mietbeginn"], row["Miete"]) == (UNIT, "01.10.2026", "512,40")
    assert (row["Geburtsdatum"], row["Telefon"]) == ("02.04.1980", "+49 40 123456|040/654321")
    assert [each.name for each in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))] == [path.name]


async def test_the_import_file_is_read_back_as_it_was_written_and_a_record_changes_in_its_place(
    tmp_path: Path,
) -> None:
    writer = files(tmp_path / "Interessenten.csv")
    await writer.apply_many([PERSON, APPLICANT])
    again = files(tmp_path / "Interessenten.csv")
    for change in (PERSON, APPLICANT):
        found = await again.find(change.entity, change.id)
        assert found is not None
        assert found.fields == change.after
    await again.apply(changed(APPLICANT, wantedStart=date(2026, 11, 1)))
    [row] = rows(tmp_path / "Interessenten.csv")
    assert row["Mietbeginn"] == "01.11.2026"
    records = [r async for page in writer.read(PROSPECT) for r in page.records]
    assert [record.id for record in records] == ["immomio:a1"]


async def test_a_known_business_partner_stands_as_its_number_alone(tmp_path: Path) -> None:
    path = tmp_path / "Interessenten.csv"
    await files(path).apply(changed(APPLICANT, businessPartner="number:700815"))
    [row] = rows(path)
    assert (row["Geschäftspartner"], row["Geschäftspartner-ID"], row["Nachname"]) == ("number:700815", "", "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (APPLICANT, "erp.prospect_partner"),
        (changed(PERSON, lastName="x" * 40_000), "erp.import_value"),
        (changed(PERSON, lastName="\ud800"), "erp.import_value"),
        (changed(PERSON, phoneNumbers=("1|2",)), "erp.import_value"),
        (replace(PERSON, action=Action.DELETE), "erp.never_deleted"),
    ],
)
async def test_what_the_import_file_cannot_hold_is_refused_and_the_rest_written(
    tmp_path: Path, change: Change, code: str
) -> None:
    path = tmp_path / "Interessenten.csv"
    good = replace(PERSON, id="immomio:p9")
    refused, done = await files(path).apply_many([change, good])
    assert refused.problem is not None
    assert (refused.result, refused.problem.code, done.result) == (Result.REJECTED, code, Result.DONE)
    assert [row["Geschäftspartner-ID"] for row in rows(path)] == ["immomio:p9"]


@pytest.mark.parametrize(
    "content", [b"Name;Vorname\r\n", b"\xff\xfe", ";".join(HEAD).encode() + b'\r\n"', b""], ids=str
)
async def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "Interessenten.csv"
    path.write_bytes(content)
    outcome = await files(path).apply(PERSON)
    assert outcome.result is Result.FAILED
    assert outcome.problem is not None
    assert outcome.problem.code == "erp.import_foreign"
    assert path.read_bytes() == content
    [finding] = await files(path).check()
    assert finding.verdict is Verdict.FAIL


async def test_a_folder_that_is_not_there_fails_and_leaves_no_half_file(tmp_path: Path) -> None:
    writer = files(tmp_path / "none" / "Interessenten.csv")
    [finding] = await writer.check()
    assert finding.evidence.code == "erp.import_unwritable"
    outcome = await writer.apply(PERSON)
    assert (outcome.result, outcome.problem and outcome.problem.code) == (
        Result.FAILED,
        "erp.import_unwritable",
    )


async def test_without_an_import_file_nothing_can_be_handed_over() -> None:
    writer = files(None)
    assert writer.capabilities == frozenset()
    [finding] = await writer.check()
    assert (finding.verdict, finding.evidence.code) == (Verdict.MANUAL, "erp.no_prospects")
    with pytest.raises(Failure):
        await writer.find(PROSPECT, "immomio:a1")
    assert (await writer.apply(PERSON)).result is Result.FAILED


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "'=1", "'"])
def test_no_cell_runs_as_a_formula(text: str) -> None:
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("text", ["+49 40 123456", "-12,50", "Muster", "", "02.04.1980"])
def test_telephone_numbers_and_amounts_keep_their_look(text: str) -> None:
    assert disarmed(text) == text


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(name=_TEXTS, message=st.none() | _TEXTS, id_=_TEXTS)
def test_whatever_stands_in_a_record_comes_back_from_the_file(
    tmp_path_factory: pytest.TempPathFactory, name: str, message: str | None, id_: str
) -> None:
    path = tmp_path_factory.mktemp("import") / "i.csv"
    content = Content()
    content.records[BUSINESS_PARTNER][id_] = {**SOMEBODY, "lastName": name}
    content.records[PROSPECT]["a"] = {**WISH, "businessPartner": id_, "message": message}
    content.records[PROSPECT]["b"] = {**WISH, "businessPartner": id_}
    assert all(suits(fields) for records in content.records.values() for fields in records.values())
    save(path, content)
    assert load(path) == content


# What the check of the use case says


@pytest.mark.parametrize(
    ("path", "verdict", "code"),
    [
        (lambda folder: None, Verdict.MANUAL, "immomio.no_prospects"),
        (lambda folder: folder / "i.csv", Verdict.MANUAL, "erp.prospects_import"),
        (lambda folder: folder / "none" / "i.csv", Verdict.FAIL, "erp.import_unwritable"),
    ],
)
async def test_with_files_the_way_back_is_a_persons_work(
    tmp_path: Path, path: Callable[[Path], Path | None], verdict: Verdict, code: str
) -> None:
    writer = files(path(tmp_path))
    finding = await target(_context(source=writer, erp=writer))
    assert (finding.key, finding.verdict, finding.evidence.code) == ("immomio.prospect_target", verdict, code)
    assert all(render(finding.evidence, language) for language in LANGUAGES)


async def test_the_check_is_fine_where_the_erp_takes_prospects_and_asks_a_person_where_nobody_can_tell() -> (
    None
):
    async with at_the_erp() as (writer, sandbox, connection):
        source = OPENWOWI.connect(connection)
        assert (await target(_context(source=source, erp=writer))).verdict is Verdict.OK
        assert (await target(_context(source=source, erp=None))).verdict is Verdict.MANUAL
        assert (await target(_context(source=None, erp=writer))).verdict is Verdict.MANUAL
        sandbox.act("rights", {"deny": "hub"})
        refused = await target(_context(source=source, erp=writer))
        assert (refused.verdict, refused.rules) == (Verdict.FAIL, ("I6", "I9"))
        await source.aclose()


def _context(**ends: Any) -> CheckContext:
    return CheckContext(target=None, settings=None, **ends)


def test_each_side_says_what_it_can_do() -> None:
    assert Capability.PROSPECTS in files(Path("i.csv")).capabilities
    assert Capability.DELETE not in files(Path("i.csv")).capabilities
    kinds: Mapping[str, Any] = WRITTEN
    assert [info.name for info in files(None).entities()] == list(kinds)
