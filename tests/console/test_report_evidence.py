"""Evidence in a report: a picture painted anew, a text as text, everything else by its name and checksum."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from console.credentials import MemorySecrets
from console.report import files
from console.report.exhibits import BROAD, CHARACTERS, exhibits, shown
from console.report.gather import Wish, gather
from console.store.evidence import FOLDER
from console.workspace import Workspace
from tests.console.checklist_kit import only_own
from tests.console.report_kit import LIVE, NOW, Reader, answer, html_text, squeezed, workspace

SECRET = "Canary-4711"


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_own(monkeypatch)


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    """A picture with its place and a note in it."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (IFDRational(52), IFDRational(23), IFDRational(57))
    exif[0x010E] = SECRET
    extra = {"exif": exif} if kind in ("JPEG", "PNG") else {}
    Image.new(mode, size, "red").save(out, kind, **extra)
    return out.getvalue()


def with_files(folder: Path, found: dict[str, bytes], text: str | None = None) -> Workspace:
    """A customer with these files beside one answer."""
    place = workspace(folder, MemorySecrets(), *([text] if text else []))
    paths = []
    for name, content in found.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    answer(place, values={"way": "sip"}, paths=tuple(paths))
    return place


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("GIF", "P")])
def test_a_picture_is_painted_anew_without_its_place_and_its_notes(kind: str, mode: str) -> None:
    content = picture(kind, mode=mode) + SECRET.encode()
    found = shown("Foto.jpg", content)
    assert found is not None
    painted = Image.open(io.BytesIO(found.picture))
    assert (painted.format, painted.size, found.size) == ("JPEG", (60, 40), (60, 40))
    assert not painted.getexif()
    assert SECRET.encode() not in found.picture
    assert painted.convert("RGB").getpixel((5, 5))[0] > 240  # type: ignore[index]


def test_a_large_picture_is_made_smaller_and_a_bomb_is_not_opened() -> None:
    large = shown("Foto.png", picture("PNG", (3000, 1000)))
    assert large is not None
    assert large.size[0] == BROAD
    assert shown("Bombe.png", picture("PNG", (9000, 9000), "L")) is None


def test_text_is_shown_as_text_whatever_it_pretends_to_be() -> None:
    page = shown("Seite.html", b"\xef\xbb\xbf<script>alert(1)</script>\x1b[2J")
    assert page is not None
    assert page.text.startswith("<script>")
    assert "\x1b" not in page.text
    drawing = shown("Bild.svg", b'<svg onload="alert(1)"/>')
    assert drawing is not None
    assert (drawing.picture, drawing.text) == (b"", '<svg onload="alert(1)"/>')
    old = shown("Notiz.txt", "Größe".encode("cp1252"))
    assert old is not None
    assert old.text == "Größe"
    long = shown("Lang.txt", ("ä" * 30_000).encode())
    assert long is not None
    assert len(long.text) == CHARACTERS


def test_a_picture_with_the_ending_of_a_text_is_a_picture_still() -> None:
    found = shown("Foto.txt", picture())
    assert found is not None
    assert found.picture


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.png", "a.pdf", "a", "ä.csv"]))
@example(picture()[:120], "cut.jpg")
@example(picture("PNG")[:70], "cut.png")
@example(b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "x.png")
def test_no_content_is_more_than_not_shown(content: bytes, name: str) -> None:
    shown(name, content)


@pytest.mark.system("pdfimages")
def test_pictures_and_texts_are_in_the_report_and_the_rest_is_counted(tmp_path: Path) -> None:
    found = {"Foto.jpg": picture(), "Notiz.txt": b"Besprochen <b>", "Vertrag.pdf": b"%PDF-1.4"}
    place = with_files(tmp_path, found)
    page = files.rendered(gather(place, now=NOW), ".html", place.vault, exhibits(place)).decode()
    reader = Reader(page)
    assert [value[:23] for _name, value in reader.references] == ["data:image/jpeg;base64,"]
    text = squeezed(" ".join(reader.texts))
    for words in ("N1 · Foto.jpg", "Besprochen <b>", "1 Datei ist hier nicht abgebildet", "Vertrag.pdf"):
        assert squeezed(words) in text
    path = tmp_path / "report.pdf"
    files.write(gather(place, now=NOW), path, place.vault, exhibits(place))
    told = subprocess.run(["pdfimages", "-list", path], capture_output=True, check=True, text=True).stdout
    assert len(told.splitlines()) == 3  # head, rule, one picture


def test_a_masked_report_shows_no_file_and_none_of_its_text(tmp_path: Path) -> None:
    place = with_files(tmp_path, {"Foto.jpg": picture(), "Notiz.txt": b"Frau Beispiel"}, LIVE)
    for ending in files.FORMATS:
        content = files.rendered(gather(place, now=NOW), ending, place.vault, exhibits(place))
        assert b"data:image" not in content
        assert b"/Subtype /Image" not in content
        assert b"Frau Beispiel" not in content
    page = files.rendered(gather(place, now=NOW), ".html", place.vault, exhibits(place))
    assert squeezed("nicht abgebildet, weil Namen verdeckt sind") in html_text(page)
    named = files.rendered(gather(place, Wish(unmask=True), now=NOW), ".html", place.vault, exhibits(place))
    assert squeezed("Frau Beispiel") in html_text(named)


def test_evidence_that_is_gone_is_told_in_the_report(tmp_path: Path) -> None:
    place = with_files(tmp_path, {"Notiz.txt": b"x"}, LIVE)
    assert gather(place, now=NOW).lost == ()
    for file in (place.folder / FOLDER).iterdir():
        file.unlink()
    report = gather(place, now=NOW)
    assert len(report.lost) == 1
    page = html_text(files.rendered(report, ".html", place.vault, exhibits(place)))
    assert squeezed("N1 liegt nicht mehr im Datenordner dieses Rechners.") in page
