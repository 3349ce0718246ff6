"""Pictures and documents beside the exports: found by column or folder, grouped by name, never outside."""

from __future__ import annotations

import hashlib
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Capability, Verdict
from connectors.erp.files import FilesOptions, FilesSource
from connectors.erp.files_media import MediaFolder
from connectors.http import CallLog, Network
from connectors.letting import AttachmentGroup, Vacancy
from connectors.partner import Connection
from connectors.problems import Failure
from connectors.texts import LANGUAGES, meaning, todo

HEADER = "Mandant;WE-Nummer;Gebäudenummer;Einheitennummer;Nutzungsart;Nettokaltmiete;Anhänge\n"
ROW = "10;00123;004;0050;Wohnraum;1.512,40;"


def source(folder: Path, **options: Any) -> FilesSource:
    made = FilesOptions(**options)
    return FilesSource(Connection("c", "erp", "practice", str(folder), {}, made, Network(), CallLog()))


def export(folder: Path, *cells: str, row: str = ROW) -> None:
    lines = "".join(f"{row.replace('0050', f'{50 + n:04}')}{cell}\n" for n, cell in enumerate(cells))
    (folder / "leerstaende.csv").write_text(HEADER + lines, encoding="utf-8")


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def vacancies(folder: Path, **options: Any) -> list[Any]:
    reader = source(folder, **options)
    try:
        return [record async for page in reader.read("vacancy") for record in page.records]
    finally:
        await reader.aclose()


async def doubts(folder: Path) -> list[str]:
    with pytest.raises(Failure) as caught:
        await vacancies(folder)
    for problem in caught.value.details:
        assert all(meaning(problem, la).strip() and todo(problem, la).strip() for la in LANGUAGES)
    return [f"{problem.code} {problem.where}" for problem in caught.value.details]


def shown(vacancy: Vacancy) -> list[tuple[AttachmentGroup, str]]:
    return [(a.group, a.title) for a in vacancy.attachments]


async def test_the_folder_of_the_unit_counts_where_the_column_is_empty(tmp_path: Path) -> None:
    own = tmp_path / "medien" / "10_00123_004_0050"
    for name in (
        "03_Grundriss.png",
        "02_Bad_unten.JPG",
        "01_Front.jpg",
        "9 Expose.pdf",
        "Thumbs.db",
        "10_x.gif",
    ):
        put(own / name, name.encode())
    put(tmp_path / "medien" / "haus.jpg")
    export(tmp_path, "", "haus.jpg|10_00123_004_0050/03_Grundriss.png")
    first, second = await vacancies(tmp_path)
    assert shown(first) == [
        (AttachmentGroup.TITLE, "Front"),
        (AttachmentGroup.INSIDE, "Bad unten"),
        (AttachmentGroup.FLOOR_PLAN, "Grundriss"),
        (AttachmentGroup.PICTURE, "x"),
        (AttachmentGroup.DOCUMENT, "Expose"),
    ]
    assert shown(second) == [(AttachmentGroup.TITLE, "haus"), (AttachmentGroup.FLOOR_PLAN, "Grundriss")]
    assert first.attachments[0].check == hashlib.md5(b"01_Front.jpg", usedforsecurity=False).hexdigest()
    assert first.attachments[2].ref == second.attachments[1].ref


async def test_a_picture_that_calls_itself_title_is_the_title(tmp_path: Path) -> None:
    for name in ("a.jpg", "Titelbild.jpg", "Fassade.jpg"):
        put(tmp_path / "medien" / name)
    export(tmp_path, "a.jpg|Titelbild.jpg|Fassade.jpg")
    [found] = await vacancies(tmp_path)
    assert [a.group for a in found.attachments] == [
        AttachmentGroup.PICTURE,
        AttachmentGroup.TITLE,
        AttachmentGroup.OUTSIDE,
    ]


async def test_the_folder_of_media_is_a_setting_and_slashes_of_windows_do(tmp_path: Path) -> None:
    put(tmp_path / "bilder" / "haus" / "vorn.jpg", b"vorn")
    (tmp_path / "exporte").mkdir()
    export(tmp_path / "exporte", "haus\\vorn.jpg")
    [found] = await vacancies(tmp_path / "exporte", media="../bilder")
    assert shown(found) == [(AttachmentGroup.TITLE, "vorn")]


async def test_files_outside_unknown_kinds_and_missing_ones_are_named_by_line(tmp_path: Path) -> None:
    put(tmp_path / "geheim.jpg")
    put(tmp_path / "medien" / "da.jpg")
    put(tmp_path / "medien" / "makro.docm")
    outside = ("../geheim.jpg", "/etc/geheim.jpg", "C:\\geheim.jpg", "..\\geheim.jpg", "x/../../geheim.jpg")
    export(tmp_path, "da.jpg", *outside, "makro.docm", "weg.jpg|da.jpg")
    assert await doubts(tmp_path) == [
        *(f"erp.media_outside leerstaende.csv:{line}:Anhänge" for line in range(3, 8)),
        "erp.media_kind leerstaende.csv:8:Anhänge",
        "erp.media_missing leerstaende.csv:9:Anhänge",
    ]


@pytest.mark.parametrize("kind", ["file", "folder", "unit"])
async def test_links_are_refused_wherever_they_lead(tmp_path: Path, kind: str) -> None:
    target = put(tmp_path / "draussen" / "geheim.jpg", b"geheim")
    media = tmp_path / "medien"
    own = media / "10_00123_004_0050"
    link, cell = {
        "file": (media / "link.jpg", "link.jpg"),
        "folder": (media / "ordner", "ordner/geheim.jpg"),
        "unit": (own, ""),
    }[kind]
    media.mkdir()
    try:
        link.symlink_to(target if kind == "file" else target.parent, target_is_directory=kind != "file")
    except OSError:
        pytest.skip("this account may not make links")
    export(tmp_path, cell)
    assert await doubts(tmp_path) == ["erp.media_outside leerstaende.csv:2:Anhänge"]


async def test_the_bytes_come_in_pieces_also_to_a_reader_that_has_read_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.erp.files.PIECE", 1000)
    content = bytes(range(256)) * 10
    put(tmp_path / "medien" / "10_00123_004_0050" / "Küche.jpg", content)
    export(tmp_path, "")
    [found] = await vacancies(tmp_path)
    [attachment] = found.attachments
    reader = source(tmp_path)
    pieces = [piece async for piece in reader.fetch(attachment.ref)]
    assert [len(piece) for piece in pieces] == [1000, 1000, 560]
    assert b"".join(pieces) == content
    async with aclosing(reader.fetch(attachment.ref)) as left_early:  # type: ignore[type-var]  # a generator
        assert await anext(left_early)
    for unknown in ("media-0.jpg", "../leerstaende.csv", "Küche.jpg"):
        with pytest.raises(Failure) as caught:
            await anext(aiter(reader.fetch(unknown)))
        assert caught.value.problem.code == "erp.unknown_file"
    (tmp_path / "medien" / "10_00123_004_0050" / "Küche.jpg").unlink()
    with pytest.raises(Failure):
        await anext(aiter(reader.fetch(attachment.ref)))
    await reader.aclose()


async def test_the_check_follows_the_content_and_the_reference_does_not(tmp_path: Path) -> None:
    path = put(tmp_path / "medien" / "haus.jpg", b"alt")
    export(tmp_path, "haus.jpg")
    reader = source(tmp_path)

    async def attachment() -> Any:
        [found] = [record async for page in reader.read("vacancy") for record in page.records]
        assert isinstance(found, Vacancy)
        return found.attachments[0]

    before = await attachment()
    put(path, b"neuer")
    after = await attachment()
    await reader.aclose()
    assert (before.ref, before.check) != (after.ref, after.check)
    assert before.ref == after.ref


async def test_the_export_of_vacancies_is_optional_and_its_doubts_have_their_place(tmp_path: Path) -> None:
    (tmp_path / "mandanten.csv").write_text("Mandant;Name\n10;Wohnbau\n", encoding="utf-8")
    reader = source(tmp_path)
    assert Capability.VACANCIES not in reader.capabilities
    missing = next(f for f in await reader.check() if f.key == "erp.files")
    assert not {"leerstaende", "benutzer"} & {str(d.args["where"]) for d in missing.details}
    header = HEADER.replace("Anhänge", "Heizungsart;Energieausweis;Energiekennwert;Keller")
    row = "10;1;1;{};Wohnung;500,00;{};{};{};{}\n"
    lines = [("1", "Fernwärme", "Bedarfsausweis", "98,5", "ja"), ("2", "Kamin", "Schätzung", "viel", "oft")]
    body = "".join(row.format(*line) for line in lines)
    (tmp_path / "leerstaende.csv").write_text(header + body, encoding="utf-8")
    assert Capability.VACANCIES in reader.capabilities
    assert set(await doubts(tmp_path)) == {
        "erp.unknown_word leerstaende.csv:3:Heizungsart",
        "erp.unknown_word leerstaende.csv:3:Energieausweis",
        "erp.bad_number leerstaende.csv:3:Energiekennwert",
        "erp.bad_boolean leerstaende.csv:3:Keller",
    }
    assert {f.verdict for f in await reader.check() if f.key == "erp.exports"} == {Verdict.FAIL}
    supplied = {info.name: info.not_supplied for info in reader.entities()}["vacancy"]
    assert {"released", "intercom", "attachments"} <= set(supplied)
    assert not {"net_cold_rent", "heating", "energy.value"} & set(supplied)
    await reader.aclose()


async def test_pictures_are_not_supplied_where_their_folder_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "leerstaende.csv").write_text(HEADER + "10;1;1;1;Wohnung;500,00;\n", encoding="utf-8")
    reader = source(tmp_path)

    def lacking() -> tuple[str, ...]:
        return {info.name: info.not_supplied for info in reader.entities()}["vacancy"]

    assert "attachments" in lacking()
    (tmp_path / "medien").mkdir()
    assert "attachments" not in lacking()
    await reader.aclose()


def test_numbers_that_no_folder_could_be_named_after_have_none(tmp_path: Path) -> None:
    put(tmp_path / "10_1_2_3" / "a.jpg")
    folder = MediaFolder(tmp_path)
    assert folder.of_unit(("10", "1", "2", "3")) == ("10_1_2_3/a.jpg",)
    assert folder.of_unit(("10", "1_2", "", "3")) == folder.of_unit(("..", "..", "..", "x/..")) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.lists(st.sampled_from(["..", ".", "", "a", "b.jpg", "C:", "\0", "\\", "/", "~", "x.pdf"]), max_size=7)
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, parts: list[str]) -> None:
    media = tmp_path / "medien"
    put(media / "a" / "b.jpg")
    put(tmp_path / "b.jpg")
    folder = MediaFolder(media)
    for name in ("/".join(parts), "\\".join(parts), "".join(parts)):
        if folder.doubt(name) is None:
            [attachment] = folder.attachments([name])
            assert media.resolve() in folder.find(attachment.ref).resolve().parents
