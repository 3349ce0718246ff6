"""ZIPs: written as streams and the same every time; foreign ones judged before anything is opened."""

from __future__ import annotations

import struct
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.openimmo import archive, package
from connectors.openimmo.examine import examine
from connectors.openimmo.read import offers
from connectors.openimmo.source import MB
from connectors.problems import Failure
from connectors.texts import LANGUAGES, meaning, todo
from tests.bench import bench_openimmo
from tests.connectors.openimmo_kit import TODAY, changed, document, offer


def with_pictures(*paths: str) -> bytes:
    """A delivery that names these files."""
    named = [{"@location": "EXTERN", "@gruppe": "BILD", "format": "jpg", "daten": {"pfad": p}} for p in paths]
    return document(changed("anhaenge", {"anhang": named})).encode()


def found(path: Path) -> list[str]:
    """The codes of everything that is said about a file, a refusal last."""
    codes: list[str] = []
    refusals: list[Failure] = []
    try:
        codes.extend(one.text.code for one in examine(path, today=TODAY))
    except Failure as failure:
        refusals.append(failure)
    for refusal in refusals:
        codes.append(refusal.problem.code)
        assert all(meaning(refusal.problem, one) and todo(refusal.problem, one) for one in LANGUAGES)
    return [code.removeprefix("openimmo.") for code in codes]


def packed(path: Path, members: dict[str, bytes]) -> Path:
    """A ZIP with these members."""
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


@contextmanager
def create(path: Path) -> Iterator[package.Package]:
    """A package at this path."""
    with ZipFile(path, "w") as file:
        yield package.Package(file)


def test_a_package_holds_document_and_pictures_and_has_no_complaint(tmp_path: Path) -> None:
    first, second = "Küche 1.jpg", "küche 1-2.JPG"
    path = tmp_path / "delivery.zip"
    with create(path) as made:
        assert made.add(first, [b"\xff\xd8", b"one"]) == 5
        assert made.add(second, repeat(b"\xff\xd8" * 32768, 2)) == 131072
        made.add(package.DOCUMENT, [with_pictures(first, second)])
    assert found(path) == []
    with archive.opened(path) as read:
        (one,) = offers(read.source(read.documents[0]))
        assert one.node["geo"]["ort"] == "Musterstadt"
        sizes = {member.name: sum(map(len, read.pieces(member))) for member in read.members}
        assert (sizes[first], sizes[second]) == (5, 131072)


def test_the_same_delivery_makes_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("a.zip", "b.zip"):
        with create(tmp_path / name) as made:
            made.add("openimmo.xml", [document(offer()).encode()])
            made.add("ä.jpg", [b"x"])
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    with ZipFile(tmp_path / "a.zip") as file:
        assert [info.compress_type for info in file.infolist()] == [ZIP_DEFLATED, ZIP_STORED]
        assert file.infolist()[1].flag_bits & 0x800


def test_large_attachments_do_not_grow_the_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        with create(tmp_path / "large.zip") as made:
            assert made.add("film.jpg", repeat(b"\xff\xd8" * 32768, 400)) == 25 * MB
        assert tracemalloc.get_traced_memory()[1] < 2 * MB
    finally:
        tracemalloc.stop()


def test_members_with_unsafe_or_equal_names_are_refused(tmp_path: Path) -> None:
    with create(tmp_path / "x.zip") as made:
        made.add("1.jpg", [b""])
        for name in ("1.jpg", "../2.jpg", "a/b.jpg", ""):
            with pytest.raises(ValueError, match="unsafe or taken"):
                made.add(name, [b""])


@given(st.text(max_size=150))
def test_every_name_becomes_safe(wanted: str) -> None:
    name = package.safe_name(wanted)
    assert name == package.safe_name(name)
    assert name.strip(" .")
    assert not set(name) & set('/\\:*?"<>|\x00')
    assert len(name) <= 100


@pytest.mark.parametrize("name", ["con", "NUL.jpg", "com1.png", "..", "", "a/..", "\u202egpj.exe"])
def test_names_that_a_system_keeps_for_itself_are_changed(name: str) -> None:
    assert package.safe_name(name) != name


@pytest.mark.parametrize(
    "name", ["../evil.jpg", "/etc/passwd", "C:/x.jpg", "a/../../x.jpg", "a\\..\\..\\x.jpg"]
)
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "x.zip", {"openimmo.xml": document(offer()).encode(), name: b"x"})
    assert found(path) == ["zip_traversal"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as file:
        link = ZipInfo("1.jpg")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    assert found(tmp_path / "x.zip") == ["zip_link"]


def test_a_member_with_password_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"openimmo.xml": b"<openimmo/>"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert found(path) == ["zip_encrypted"]


def test_a_bomb_is_refused_by_its_table_of_contents(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"openimmo.xml": b"<openimmo/>", "1.bmp": b"\0" * (8 * MB)})
    assert found(path) == ["zip_bomb"]


def test_a_bomb_as_document_that_lies_about_its_size_ends_at_that_size(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"openimmo.xml": b"<openimmo>" + b" " * (8 * MB)})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 1000)
    path.write_bytes(content)
    assert found(path) == ["zip_damaged"]


def test_too_many_members_and_too_much_in_sum_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {f"{n}.jpg": b"12345" for n in range(30)})
    for bounds, code in (
        (archive.Bounds(members=20), "zip_too_many"),
        (archive.Bounds(directory=500), "zip_too_many"),
        (archive.Bounds(total=100), "zip_bomb"),
    ):
        with pytest.raises(Failure) as caught, archive.opened(path, bounds):
            pass
        assert caught.value.problem.code == f"openimmo.{code}"


def test_several_documents_are_an_error_and_the_first_is_checked(tmp_path: Path) -> None:
    sound = document(offer()).encode()
    path = packed(tmp_path / "x.zip", {"old/b.xml": b"<broken", "a.xml": sound})
    assert found(path) == ["zip_documents"]


def test_a_zip_without_document_says_so(tmp_path: Path) -> None:
    assert found(packed(tmp_path / "x.zip", {"1.jpg": b"x"})) == ["zip_without_document"]
    assert found(packed(tmp_path / "y.zip", {})) == ["zip_without_document"]


def test_what_receivers_stumble_over_is_named(tmp_path: Path) -> None:
    members = {
        "a.xml": with_pictures("1.jpg"),
        "1.jpg": b"",
        "inner.zip": b"",
        "__MACOSX/a": b"",
        "Thumbs.db": b"",
    }
    assert found(packed(tmp_path / "x.zip", members)) == ["zip_nested", "members_unused"]


def test_a_document_in_a_folder_finds_its_pictures_beside_it_and_nowhere_else(tmp_path: Path) -> None:
    members = {
        "export/a.xml": with_pictures("bilder/1.jpg", "2.jpg"),
        "export/bilder/1.jpg": b"",
        "2.jpg": b"x",
    }
    assert found(packed(tmp_path / "x.zip", members)) == ["attachment_missing", "members_unused"]
    assert found(packed(tmp_path / "y.zip", {**members, "export/2.jpg": b""})) == ["members_unused"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp437"])
def test_umlauts_without_their_flag_are_understood_and_named(tmp_path: Path, encoding: str) -> None:
    raw = "Küche.jpg".encode(encoding)
    stand_in = "#" * len(raw)
    path = packed(tmp_path / "x.zip", {"a.xml": with_pictures("Küche.jpg"), stand_in: b"x"})
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), raw))
    assert found(path) == ["zip_umlauts"]


def test_backslashes_and_names_used_twice_are_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"a.xml": with_pictures("bilder/1.jpg"), "bilder\\1.jpg": b"x"})
    assert found(path) == (["zip_backslash"] if sys.platform != "win32" else [])
    with ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("a.xml", b"<openimmo/>")
    assert "zip_twice" in found(path)


DAMAGED = [b"", b"PK", b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\0" * 18, b"PK\x05\x06" + b"\xff" * 18]


@pytest.mark.parametrize("content", DAMAGED)
def test_what_only_looks_like_a_zip_is_no_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert found(path)[-1] in {"zip_damaged", "zip_without_document", "zip_too_many", "empty"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 700), st.binary(min_size=1, max_size=6))
@example(697, b"\x04")  # a member that begins before the file does
def test_no_damage_to_a_zip_crashes(tmp_path: Path, at: int, noise: bytes) -> None:
    sound = tmp_path / "sound.zip"
    if not sound.exists():
        packed(sound, {"openimmo.xml": document(offer()).encode(), "ä.jpg": b"x" * 50})
    content = sound.read_bytes()
    at = at * len(content) // 700
    path = tmp_path / "x.zip"
    path.write_bytes(content[:at] + noise + content[at + len(noise) :])
    found(path)


def test_the_benchmarks_delivery_has_no_complaint(tmp_path: Path) -> None:
    steps = bench_openimmo.run(20, tmp_path)
    assert steps.complaints == 0
    assert steps.zip > 20 * bench_openimmo.ATTACHMENTS * bench_openimmo.SIZE
