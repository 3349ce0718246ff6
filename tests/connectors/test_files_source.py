"""The ERP source of exports: real files in a folder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Verdict
from connectors.erp import layout
from connectors.erp.files import FilesOptions, FilesSource
from connectors.erp.files_folder import PAGE
from connectors.erp.files_parse import MOST
from connectors.erp.source import FILES
from connectors.housing import ENTITIES, Entity, LeaseStatus, Person, UsageClass
from connectors.http import CallLog, Network
from connectors.partner import Connection
from connectors.problems import Failure, Problem, Trouble
from connectors.texts import meaning, render, todo

MANDANTEN = "Mandant;Name\n10;Wohnbau\n"
PERSONS = "Geschäftspartnernummer;Nachname;Geburtsdatum;Telefon\n"


def source(folder: Path, columns: Mapping[str, Mapping[str, str]] | None = None) -> FilesSource:
    options = FilesOptions(columns or {})
    connection = Connection("muster", "erp", "practice", str(folder), {}, options, Network(), CallLog(), None)
    made = FILES.connect(connection)
    assert isinstance(made, FilesSource)
    return made


async def everything(reader: FilesSource, entity: str) -> list[Entity]:
    pages = [page async for page in reader.read(entity)]
    return [record for page in pages for record in page.records]


async def read(folder: Path, entity: str, **columns: Mapping[str, str]) -> list[Any]:
    reader = source(folder, columns)
    try:
        return await everything(reader, entity)
    finally:
        await reader.aclose()


async def failing(folder: Path, entity: str) -> Failure:
    with pytest.raises(Failure) as caught:
        await read(folder, entity)
    return caught.value


def places(failure: Failure) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in failure.details]


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (folder / name).write_bytes(text.encode(encoding))


async def test_a_reading_goes_on_at_its_cursor_and_not_in_another_file(tmp_path: Path) -> None:
    lines = "".join(f"{n};P{n};;\n" for n in range(PAGE + 5))
    write(tmp_path, "personen.csv", PERSONS + lines)
    reader = source(tmp_path)
    pages = [page async for page in reader.read("person")]
    assert [len(page.records) for page in pages] == [PAGE, 5]
    cursor = pages[0].next
    resumed = [page async for page in reader.read("person", start=cursor)]
    assert [r.id for page in resumed for r in page.records] == [r.id for r in pages[1].records]
    write(tmp_path, "personen.csv", PERSONS + lines + "x;y;;\n")
    with pytest.raises(Failure) as caught:
        _ = [page async for page in reader.read("person", start=cursor)]
    assert caught.value.problem.code == "erp.file_changed"
    for foreign in ("", "12", "²@1", "x@y"):
        with pytest.raises(Failure):
            _ = [page async for page in reader.read("person", start=foreign)]
    await reader.aclose()


async def test_every_doubt_is_named_with_file_line_and_heading_and_shows_no_value(tmp_path: Path) -> None:
    write(tmp_path, "mandanten.csv", MANDANTEN)
    write(
        tmp_path,
        "mietvertraege.csv",
        "Mandant;Mietvertragsnummer;Einheitennummer;Vertragsstatus;Mietbeginn;Mietende\n"
        "10;0001;50;Aktiv;01.05.2019;\n"
        "10;0002;51;Aktiv;31.02.2019;geheim\n"
        "10;0003;52;ruht;2019-05-01;\n"
        "10;0001;53;Aktiv;01.05.2019;\n"
        "99;0005;54;Aktiv;01.05.2019;\n"
        ";0006;55;Aktiv;01.05.2019;\n"
        "10;0007;56;Aktiv;01.05.2019;;zu viel\n"
        "10;0008;57\n",
    )
    failure = await failing(tmp_path, "lease")
    assert places(failure) == [
        ("erp.bad_date", "mietvertraege.csv:3:Mietbeginn"),
        ("erp.bad_date", "mietvertraege.csv:3:Mietende"),
        ("erp.unknown_word", "mietvertraege.csv:4:Vertragsstatus"),
        ("erp.duplicate_key", "mietvertraege.csv:5:Mietvertragsnummer"),
        ("erp.unknown_reference", "mietvertraege.csv:6:Mandant"),
        ("erp.empty_cell", "mietvertraege.csv:7:Mandant"),
        ("erp.too_many_cells", "mietvertraege.csv:8"),
        ("erp.too_few_cells", "mietvertraege.csv:9"),
    ]
    assert (failure.problem.trouble, failure.problem.excerpt) == (Trouble.SOURCE, "8")
    assert "geheim" not in repr(failure.details) + str(failure)


async def test_a_missing_and_a_doubled_column_are_named(tmp_path: Path) -> None:
    write(tmp_path, "mandanten.csv", "Mandant;Mandant;Aktiv\n10;10;ja\n")
    assert places(await failing(tmp_path, "mandant")) == [
        ("erp.duplicate_column", "mandanten.csv:1:Mandant"),
        ("erp.missing_column", "mandanten.csv:1:Name"),
    ]


async def test_of_very_many_doubts_the_first_are_kept_and_all_counted(tmp_path: Path) -> None:
    write(tmp_path, "personen.csv", PERSONS + "".join(f"{n};x;gestern;\n" for n in range(MOST + 50)))
    failure = await failing(tmp_path, "person")
    assert (len(failure.details), failure.problem.excerpt) == (MOST, str(MOST + 50))


async def test_line_breaks_inside_quotes_do_not_shift_the_line_numbers(tmp_path: Path) -> None:
    write(tmp_path, "personen.csv", PERSONS + '1;"A\r\nB\r\nC";;\r\n\r\n2;x;falsch;\r\n')
    assert places(await failing(tmp_path, "person")) == [("erp.bad_date", "personen.csv:6:Geburtsdatum")]


async def test_an_open_quote_is_reported_where_its_row_begins(tmp_path: Path) -> None:
    write(tmp_path, "personen.csv", PERSONS + '1;A;;\n2;"B;;\n3;C;;\n')
    failure = await failing(tmp_path, "person")
    assert (failure.problem.code, failure.problem.where) == ("erp.bad_csv", "personen.csv:3")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
async def test_umlauts_arrive_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, "personen.csv", PERSONS + "1;Müßig€Öß;;\n", encoding)
    [person] = await read(tmp_path, "person")
    assert person.last_name == "Müßig€Öß"


@pytest.mark.parametrize("content", ["Mandant;Name\n1;a".encode("utf-16"), b"Mandant;Name\n1;\x81\n"])
async def test_a_file_in_no_known_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mandanten.csv").write_bytes(content)
    assert (await failing(tmp_path, "mandant")).problem.code == "erp.bad_encoding"


async def test_headings_and_file_names_are_found_without_regard_to_case_blanks_and_composition(
    tmp_path: Path,
) -> None:
    write(tmp_path, "GEBA\u0308UDE.CSV", " mandant ;GEBA\u0308UDE NUMMER;strasse x\n10;001;y\n")
    [building] = await read(tmp_path, "building", building={"file": "Gebäude", "address.street": "Strasse X"})
    assert (building.number, building.address.street) == ("001", "y")


async def test_only_the_heading_line_decides_about_the_delimiter(tmp_path: Path) -> None:
    write(tmp_path, "mandanten.csv", 'Mandant,Name\n10,"a;b;c;d"\n')
    [mandant] = await read(tmp_path, "mandant")
    assert mandant.name == "a;b;c;d"


@pytest.mark.parametrize("columns", [{"house": {"number": "x"}}, {"unit": {"colour": "x"}}])
async def test_an_unknown_entity_or_field_in_the_configuration_is_named(
    tmp_path: Path, columns: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(Failure) as caught:
        await read(tmp_path, "unit", **columns)
    assert caught.value.problem.code == "erp.unknown_columns"
    assert caught.value.problem.where.startswith("erp.columns.")


async def test_a_missing_file_is_not_supplied_and_fails_only_when_read(tmp_path: Path) -> None:
    write(tmp_path, "mandanten.csv", MANDANTEN)
    reader = source(tmp_path)
    supplied = {info.name: info.not_supplied for info in reader.entities()}
    assert supplied["mandant"] == ("active",)
    assert "label" in supplied["ticket_category"]
    assert reader.capabilities == frozenset()
    [connection, files, exports] = await reader.check()
    assert (connection.verdict, files.verdict, files.count, exports.verdict) == (
        Verdict.OK,
        Verdict.WARN,
        len(ENTITIES) - 1,
        Verdict.OK,
    )
    with pytest.raises(Failure) as caught:
        await everything(reader, "lease")
    assert caught.value.problem.where == "mietvertraege"
    await reader.aclose()


async def test_check_finds_the_doubts_of_all_files_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, "mandanten.csv", "Mandant;Name;Aktiv\n10;a;vielleicht\n")
    write(tmp_path, "personen.csv", PERSONS + "1;a;x;\n1;b;;\n1;c;;\n")
    reader = source(tmp_path)
    broken = (await reader.check())[-1]
    assert (broken.verdict, broken.count) == (Verdict.FAIL, 3)
    assert [d.args["where"] for d in broken.details] == [
        "mandanten.csv:2:Aktiv",
        "personen.csv:2:Geburtsdatum",
        "personen.csv:4:Geschäftspartnernummer",
    ]
    assert all(render(detail, language) for detail in broken.details for language in ("de", "en"))
    await reader.aclose()
    absent = source(tmp_path / "nowhere")
    [finding] = await absent.check()
    assert (finding.verdict, finding.evidence.code) == (Verdict.FAIL, "erp.no_folder")
    await absent.aclose()


async def test_two_exports_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "mandanten.csv", MANDANTEN)
    (tmp_path / "Mandanten.xlsx").write_bytes(b"")
    assert (await failing(tmp_path, "mandant")).problem.code == "erp.two_files"


def workbook(path: Path, *rows: list[Any]) -> None:
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)


async def test_a_worksheet_with_real_days_and_numbers_is_read_and_empty_rows_are_ignored(
    tmp_path: Path,
) -> None:
    workbook(
        tmp_path / "einheiten.xlsx",
        ["Mandant", "Einheitennummer", "Nutzungsart", "Wohnfläche", "Verwaltungsbeginn", "Räume"],
        [10, "0050", "Wohnung", 61.5, date(1990, 1, 1), "2,5"],
        [None, "  ", None],
        [10, 51, "Laden"],
        [],
    )
    [flat, shop] = await read(tmp_path, "unit")
    assert (flat.mandant, flat.number, str(flat.living_area)) == ("10", "0050", "61.50")
    assert (flat.managed_from, flat.rooms) == (date(1990, 1, 1), Decimal("2.5"))
    assert (shop.number, shop.usage, shop.living_area) == ("51", UsageClass.COMMERCIAL, None)


async def test_what_excel_reinterpreted_is_reported_with_its_row(tmp_path: Path) -> None:
    workbook(
        tmp_path / "einheiten.xlsx",
        ["Mandant", "Einheitennummer", "Nutzungsart", "Wohnfläche"],
        [],
        [10, date(2026, 2, 1), True, date(1990, 1, 1)],
        [10, "52", "Wohnung", 61.123],
    )
    assert places(await failing(tmp_path, "unit")) == [
        ("erp.bad_text", "einheiten.xlsx:3:Einheitennummer"),
        ("erp.bad_text", "einheiten.xlsx:3:Nutzungsart"),
        ("erp.bad_number", "einheiten.xlsx:3:Wohnfläche"),
        ("erp.bad_number", "einheiten.xlsx:4:Wohnfläche"),
    ]


async def test_files_are_read_outside_the_thread_of_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "mandanten.csv", MANDANTEN)
    threads: set[int] = set()
    original = Path.open

    def noted(self: Path, *args: Any, **kwargs: Any) -> Any:
        threads.add(threading.get_ident())
        return original(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", noted)
    assert await read(tmp_path, "mandant")
    assert threads
    assert threading.get_ident() not in threads


async def test_a_reading_cancelled_half_way_closes_its_file(tmp_path: Path) -> None:
    write(tmp_path, "personen.csv", PERSONS + "".join(f"{n};P;;\n" for n in range(2 * PAGE)))
    reader = source(tmp_path)

    async def endless() -> None:
        while True:
            await everything(reader, "person")

    task = asyncio.create_task(endless())
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await everything(reader, "person")) == 2 * PAGE
    await reader.aclose()


EXPORT = st.binary(max_size=80) | st.lists(
    st.sampled_from(["Mandant", "Name", "Aktiv", ";", ",", "\n", "\r", '"', "ja", "10", "ä", "\0", " "]),
    max_size=30,
).map(lambda parts: "".join(parts).encode())
LINES = st.lists(
    st.lists(st.sampled_from(["", "10", "x", "ja", '"', '"a\nb"', "1,5", "31.12.2025", "Aktiv"]), max_size=9),
    max_size=6,
).map(lambda rows: "\n".join(";".join(row) for row in rows).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    content=EXPORT | LINES,
    entity=st.sampled_from([kind.NAME for kind in ENTITIES]),
    suffix=st.sampled_from(["csv", "csv", "csv", "xlsx"]),
    headed=st.booleans(),
)
async def test_any_bytes_give_entities_or_a_failure(
    tmp_path: Path, content: bytes, entity: str, suffix: str, headed: bool
) -> None:
    emptied(tmp_path)
    form = layout.defaults()[entity]
    head = (";".join(form.columns.values()) + "\n").encode() if headed else b""
    (tmp_path / f"{form.file}.{suffix}").write_bytes(head + content)
    try:
        found = await read(tmp_path, entity)
    except Failure as failure:
        for problem in (failure.problem, *failure.details):
            assert_told(problem)
    else:
        assert {record.NAME for record in found} <= {entity}


def emptied(folder: Path) -> None:
    for old in folder.iterdir():
        old.unlink()


def assert_told(problem: Problem) -> None:
    for language in ("de", "en"):
        assert meaning(problem, language)
        assert todo(problem, language)


async def test_a_birthday_read_from_german_is_that_day(tmp_path: Path) -> None:
    write(tmp_path, "personen.csv", PERSONS + "0042; Muster ;02.04.1980;040 1|0171 2\n")
    [person] = await read(tmp_path, "person")
    assert isinstance(person, Person)
    assert (person.number, person.last_name, person.phones) == ("0042", " Muster ", ("040 1", "0171 2"))
    assert person.birth_date == date(1980, 4, 1) + timedelta(days=1)


async def test_a_lease_without_number_is_kept_for_the_rule_that_names_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        "mietvertraege.csv",
        "Mandant;Vertragsschlüssel;Mietvertragsnummer;Einheitennummer;Vertragsstatus;Mietbeginn\n"
        "10;1;;50;Aktiv;\n10;2;;51;gekündigt;\n",
    )
    found = await read(tmp_path, "lease")
    assert [(e.number, e.status) for e in found] == [("", LeaseStatus.ACTIVE), ("", LeaseStatus.NOTICE_GIVEN)]
