"""Foreign documents that are broken or mean harm: a clear refusal, bounded memory, never a crash."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.openimmo import feedback
from connectors.openimmo.check import check
from connectors.openimmo.read import offers, walk
from connectors.openimmo.source import LIMITS, MB, Limits, Source, opened
from connectors.problems import Failure
from connectors.texts import LANGUAGES, meaning, todo
from tests.connectors.openimmo_kit import Endless, changed, codes, complaints, document, offer, source

ROOT = Path(__file__).resolve().parents[2]
SMALL = Limits(total=64 * MB, part=16 * MB, silence=12 * MB, objects=2000)
LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


def refused(content: bytes | str, limits: Limits = LIMITS) -> str:
    """The code of the refusal."""
    with pytest.raises(Failure) as caught:
        list(check(source(content, limits)))
    for language in LANGUAGES:
        assert meaning(caught.value.problem, language)
        assert todo(caught.value.problem, language)
    return caught.value.problem.code.removeprefix("openimmo.")


@pytest.mark.parametrize(
    "prolog",
    [
        f'<!DOCTYPE openimmo [<!ENTITY l0 "lol">{LAUGHS}]>',
        '<!DOCTYPE openimmo [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE openimmo SYSTEM "http://127.0.0.1:9/openimmo.dtd">',
        '<!DOCTYPE openimmo [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
        "<!doctype html>",
        "<?xml version='1.0'?><!-- a --> <?b c?>\n<!DOCTYPE openimmo>",
    ],
)
def test_a_dtd_never_reaches_the_parser(prolog: str) -> None:
    assert refused(f"{prolog}<openimmo>&l9;&x;</openimmo>") == "doctype"


def test_a_dtd_far_behind_in_a_prolog_is_found_and_an_endless_prolog_refused() -> None:
    comment = "<!--" + "x" * 40_000 + "-->"
    assert refused(comment + "<!DOCTYPE a><openimmo/>") == "doctype"
    assert refused(comment * 6 + "<openimmo/>") == "not_xml"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"hello", "not_xml"),
        (b"%PDF-1.7", "not_xml"),
        (b"\0\0\0\0", "not_xml"),
        (b"<", "not_xml"),
        (b"<openimmo", "broken"),
        (b"<openimmo>", "broken_end"),
        (b"<openimmo/><openimmo/>", "broken_end"),
        (b"<openimmo><a></openimmo>", "broken_tags"),
        (b"<openimmo>\x01</openimmo>", "broken_character"),
        (b"<openimmo>&nbsp;</openimmo>", "broken_entity"),
        (b"<openimmo>M & M</openimmo>", "broken_entity"),
        (b"<openimmo a='1' a='2'/>", "broken"),
        (b"<html/>", "other_root"),
        (b"<openimmo_feedback/>", "is_feedback"),
        ("<openimmo>\u00e4</openimmo>".encode("latin-1"), "encoding_broken"),
        (b"<?xml version='1.0' encoding='EBCDIC-XYZ'?><openimmo/>", "encoding_unknown"),
        ("<openimmo/>".encode("utf-32"), "encoding_unknown"),
        ("<openimmo/>".encode("utf-16")[:-1], "encoding_broken"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_refusal_names_file_and_line_and_quotes_nothing() -> None:
    text = document(offer()).replace("Vermietung", "M\u00fcller &M\u00fcller;")
    with pytest.raises(Failure) as caught:
        list(offers(source(text)))
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if "ller;" in row)
    assert caught.value.problem.where == f"test.xml:{line}"
    assert "ller" not in repr(caught.value.problem)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8", ""),
        ("utf-8-sig", "utf-8"),
        ("iso-8859-1", "ISO-8859-1"),
        ("cp1252", "windows-1252"),
        ("iso-8859-15", "ISO-8859-15"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16LE"),
    ],
)
def test_umlauts_arrive_whatever_the_encoding(encoding: str, declared: str) -> None:
    text = document(changed("freitexte/lage", "N\u00e4he M\u00fchle, Stra\u00dfe")).partition("?>")[2]
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else "<?xml version='1.0'?>"
    content = (head + text).encode(encoding)
    (read,) = offers(source(content))
    assert read.node["freitexte"]["lage"] == "N\u00e4he M\u00fchle, Stra\u00dfe"
    assert codes(content) == []


def test_an_encoding_that_contradicts_itself_is_a_warning() -> None:
    text = document(changed("freitexte/lage", "M\u00fchle")).partition("?>")[2]
    for declared, encoding, code in (
        ("ISO-8859-1", "utf-8", "encoding_doubtful"),
        ("ISO-8859-1", "utf-8-sig", "encoding_contradicted"),
        ("UTF-16", "utf-8", "encoding_contradicted"),
        ("UTF-8", "utf-16", "encoding_contradicted"),
    ):
        content = f"<?xml version='1.0' encoding='{declared}'?>{text}".encode(encoding)
        assert codes(content) == [code], (declared, encoding)


def test_a_euro_sign_of_windows_survives_in_what_calls_itself_iso_8859_1() -> None:
    text = (
        "<?xml version='1.0' encoding='ISO-8859-1'?>"
        + document(changed("preise/freitext_preis", "10 \u20ac")).partition("?>")[2]
    )
    (read,) = offers(source(text.encode("cp1252")))
    assert read.node["preise"]["freitext_preis"] == "10 \u20ac"


def test_lines_are_right_beyond_the_sixteen_bits_that_parsers_count_in() -> None:
    text = (
        document(offer()).replace("<anbieter>", "<anbieter>" + "\n" * 100_000, 1).replace(">512.40<", ">x<")
    )
    (found,) = complaints(text)
    assert found.line is not None
    assert ">x<" in text.splitlines()[found.line - 1]


def hostile(head: bytes, piece: bytes) -> tuple[str, int]:
    """How an endless document is refused, and after how many bytes."""
    stream = Endless(head, piece)
    with pytest.raises(Failure) as caught:
        list(check(Source(cast(BinaryIO, stream), "endless.xml", SMALL)))
    return caught.value.problem.code.removeprefix("openimmo."), stream.read_bytes


LONG = b"<a>" + b"x" * 4000 + b"</a>"
ENDLESS = {
    "nesting": (b"<openimmo>", b"<a>", "too_deep", MB),
    "nesting in an object": (b"<openimmo><anbieter><immobilie>", b"<geo>", "too_deep", MB),
    "elements in an object": (b"<openimmo><anbieter><immobilie>", b"<a/>", "too_many_elements", MB),
    "objects": (b"<openimmo><anbieter>", b"<immobilie/>", "too_many", MB),
    "names without end": (b"<openimmo><", b"a", "text_too_large", 13 * MB),
    "attributes without end": (b"<openimmo ", b'a="b" ', "text_too_large", 13 * MB),
    "a text without end": (b"<openimmo><anbieter><firma>", b"x", "text_too_large", 13 * MB),
    "a comment without end": (b"<openimmo><!--", b"x", "text_too_large", 13 * MB),
    "a comment as prolog": (b"<!--", b"x", "not_xml", MB),
    "blanks": (b"", b" ", "empty", MB),
    "texts without number": (b"<openimmo><anbieter><immobilie>", LONG, "object_too_large", 17 * MB),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_refused_early(name: str) -> None:
    head, piece, code, most = ENDLESS[name]
    found, read = hostile(head, piece)
    assert (found, read < most) == (code, True), (found, read)


def test_a_long_delivery_is_read_in_the_memory_of_one_object(tmp_path: Path) -> None:
    path = tmp_path / "long.xml"
    body = (
        document(changed("freitexte/lage", "x" * 6000))
        .replace("</immobilie>", "</immobilie>\x00", 1)
        .split("\x00")
    )
    one = body[0][body[0].index("<immobilie>") :].encode()
    with path.open("wb") as file:
        file.write(body[0].encode())
        for _ in range(1200):
            file.write(one)
        file.write(body[1].encode())
    with opened(path) as warm:
        next(walk(warm))
    tracemalloc.start()
    try:
        with opened(path) as long:
            assert sum(1 for _ in offers(long)) == 1201
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 8 * MB
    assert peak < 3 * MB


MEASURE = """
import json, pathlib, re, resource, sys
from connectors.openimmo.check import check
from connectors.openimmo.source import Limits, Source
from connectors.problems import Failure
from tests.connectors.openimmo_kit import Endless, document, offer
list(check(Source(__import__("io").BytesIO(document(offer()).encode()), "x")))
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) // 1024
before = peak()
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
codes = []
for head, piece in json.loads(sys.argv[1]):
    try:
        list(check(Source(Endless(head.encode(), piece.encode()), "x", Limits(objects=2000))))
    except Failure as failure:
        codes.append(failure.problem.code)
print(json.dumps([codes, peak() - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of a process as Linux counts it")
def test_the_parser_itself_stays_small_on_hostile_documents() -> None:
    kinds = [(head.decode(), piece.decode()) for head, piece, _, _ in ENDLESS.values()]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, json.dumps(kinds)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found, grown = json.loads(done.stdout)
    assert len(found) == len(ENDLESS)
    assert grown < 200, "MB beyond a small document"


def _try(content: bytes) -> None:
    """Read in every way; only a Failure with a sentence is permitted."""
    for way in (lambda s: list(check(s)), lambda s: list(offers(s)), feedback.read):
        refusals: list[Failure] = []
        try:
            way(source(content))
        except Failure as failure:
            refusals.append(failure)
        assert all(meaning(one.problem) and todo(one.problem) for one in refusals)


@given(st.binary(max_size=400))
def test_no_bytes_whatever_crash(content: bytes) -> None:
    _try(content)
    _try(b"<openimmo><anbieter>" + content + b"</anbieter></openimmo>")


NAMES = """openimmo anbieter immobilie geo etage openimmo_feedback objekt interessent bevorzugt
user_defined_anyfield"""
PIECES = st.sampled_from(
    [
        *(f"<{name}>" for name in NAMES.split()),
        *(f"</{name}>" for name in NAMES.split()),
        *(
            "<etage/>",
            "<aktion/>",
            "<aktion aktionart='ADD'/>",
            "x",
            " ",
            "\n",
            "<!-- c -->",
            "<![CDATA[<]]>",
        ),
        *("<?p i?>", "&amp;", "&x;", "<a b='c'/>", "<openimmo xmlns='u'>", "\u00e4"),
    ]
)


@given(st.lists(PIECES, max_size=30))
def test_no_mixture_of_elements_crashes(pieces: Iterable[str]) -> None:
    _try("".join(pieces).encode())
    _try(("<openimmo><anbieter><immobilie>" + "".join(pieces)).encode())


@given(st.binary(max_size=60), st.integers(0, 4000), st.integers(0, 40))
def test_no_damage_to_a_sound_document_crashes(noise: bytes, at: int, length: int) -> None:
    sound = document(offer()).encode()
    _try(sound[:at] + noise + sound[at + length :])


def test_a_file_that_cannot_be_opened_is_a_failure(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.xml"):
        with pytest.raises(Failure) as caught, opened(path):
            pass
        assert caught.value.problem.code == "openimmo.file_unreadable"


def test_comments_and_instructions_inside_do_not_matter() -> None:
    text = document(offer()).replace("<ort>Muster", "<!-- <x> --><?a b?><ort>Mus<!-- y -->ter")
    (read,) = offers(source(text))
    assert read.node["geo"]["ort"] == "Musterstadt"
    assert complaints(io.BytesIO(text.encode()).getvalue()) == []
