"""``einzug openimmo check``: every finding explained, true exit codes, and no file that crashes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.openimmo_kit import SAMPLES, changed, document, offer
from tests.console.cli_kit import ROOT
from tests.console.conftest import Einzug

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="openimmo"><xs:complexType>
<xs:sequence><xs:any processContents="lax" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
<xs:element name="etage" type="xs:positiveInteger"/><xs:element name="adressfreigabe" type="xs:boolean"/>
</xs:schema>"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A delivery with one error and one warning."""
    path = tmp_path / "lieferung.xml"
    path.write_text(
        document(changed("preise/nettokaltmiete", None)).replace('"1.2.7"', '"1.2.6"'), encoding="utf-8"
    )
    return path


def test_a_finding_comes_with_place_explanation_and_whose_turn_it_is(einzug: Einzug, file: Path) -> None:
    told = einzug("openimmo", "check", str(file))
    assert (told.code, told.err) == (1, "")
    rows = told.out.splitlines()
    assert rows[0].startswith("✗ lieferung.xml:")
    assert rows[0].endswith("/openimmo/anbieter[1]/immobilie[1]/preise/nettokaltmiete [I8]")
    assert "Nettokaltmiete fehlt" in rows[1]
    assert "Wohnungsunternehmen" in rows[2]
    assert rows[3].startswith("! ")
    assert rows[-1] == "lieferung.xml: Fehler 1, Warnungen 1, Hinweise 0."


def test_english_is_complete(einzug: Einzug, file: Path) -> None:
    told = einzug("--lang", "en", "openimmo", "check", str(file))
    assert "The net rent is missing" in told.out
    assert told.out.splitlines()[-1] == "lieferung.xml: 1 errors, 1 warnings, 0 hints."


def test_the_json_has_everything(einzug: Einzug, file: Path) -> None:
    told = einzug("openimmo", "check", str(file), "--json")
    assert told.code == 1
    assert told.json["counts"] == {"error": 1, "warning": 1, "hint": 0}
    assert (told.json["unreadable"], told.json["left_out"]) == (None, 0)
    first = next(one for one in told.json["findings"] if one["severity"] == "error")
    assert first["code"] == "openimmo.rent_missing"
    assert (first["rule"], first["owner"], first["file"]) == ("I8", "customer", "lieferung.xml")
    assert first["line"] > 1


def test_warnings_alone_exit_0(einzug: Einzug, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(document(offer()).replace(">512.40<", ">0<"), encoding="utf-8")
    told = einzug("openimmo", "check", str(path))
    assert told.code == 0
    assert "x.xml: Fehler 0, Warnungen" in told.out


def test_many_equal_findings_become_one_with_a_count(einzug: Einzug, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(
        document(*(changed("preise", None, offer(f"1/{n}")) for n in range(40))), encoding="utf-8"
    )
    told = einzug("openimmo", "check", str(path))
    assert told.out.count("Nettokaltmiete fehlt") == 1
    assert "… und 36 weitere" in told.out
    assert "Fehler 40" in told.out


def test_a_zip_is_checked_with_its_pictures(einzug: Einzug, tmp_path: Path) -> None:
    named = [{"@location": "EXTERN", "@gruppe": "BILD", "format": "jpg", "daten": {"pfad": "1.jpg"}}]
    with ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr("openimmo.xml", document(changed("anhaenge", {"anhang": named})))
        file.writestr("2.jpg", b"x")
    told = einzug("openimmo", "check", str(tmp_path / "x.zip"))
    assert told.code == 1
    assert "„1.jpg“" in told.out
    assert "openimmo.xml:" in told.out


def test_feedback_is_checked_too(einzug: Einzug) -> None:
    told = einzug("openimmo", "check", str(SAMPLES / "example-openimmo-feedback.xml"))
    assert (told.code, told.out) == (0, "example-openimmo-feedback.xml: Fehler 0, Warnungen 0, Hinweise 0.\n")


def test_what_cannot_be_read_is_a_finding_with_advice(einzug: Einzug, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(document(offer()).encode()[:-40] + b"<")
    told = einzug("openimmo", "check", str(path))
    assert told.code == 1
    assert "Ab dieser Stelle wurde nichts mehr geprüft." in told.out
    stopped = einzug("openimmo", "check", str(path), "--json").json["unreadable"]
    assert stopped["code"].startswith("openimmo.broken")
    assert stopped["todo"]


@pytest.mark.parametrize(
    "arguments", [["missing.xml"], ["."], [], ["a.xml", "b.xml"], ["a.xml", "--schema", "no.xsd"]]
)
def test_what_is_no_file_exits_2(
    einzug: Einzug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.xml").write_text(document(offer()), encoding="utf-8")
    told = einzug("openimmo", "check", *arguments)
    assert (told.code, told.out) == (2, "")
    assert 1 <= len(told.err.splitlines()) <= 2


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_pipe_is_refused_instead_of_waiting(einzug: Einzug, tmp_path: Path) -> None:
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "x.xml")
    assert einzug("openimmo", "check", str(tmp_path / "x.xml")).code == 2


def test_a_schema_of_the_users_is_asked_as_well(einzug: Einzug, tmp_path: Path) -> None:
    (tmp_path / "own.xsd").write_text(XSD, encoding="utf-8")
    text = document(changed("geo/etage", -1)).replace(
        "<name>", "<adressfreigabe>Musterfrau</adressfreigabe><name>"
    )
    (tmp_path / "x.xml").write_text(text, encoding="utf-8")
    told = einzug(
        "openimmo", "check", str(tmp_path / "x.xml"), "--schema", str(tmp_path / "own.xsd"), "--json"
    )
    found = [one for one in told.json["findings"] if one["code"] == "openimmo.schema"]
    assert [one["path"].rpartition("/")[2] for one in found] == ["etage", "adressfreigabe"]
    assert all(one["line"] for one in found)
    assert "'-1'" in found[0]["message"]
    assert "Musterfrau" not in told.out


@pytest.mark.parametrize("content", ["", "<xs:schema", "<a/>", "hello"])
def test_an_unusable_schema_exits_2(einzug: Einzug, file: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "own.xsd").write_text(content, encoding="utf-8")
    told = einzug("openimmo", "check", str(file), "--schema", str(tmp_path / "own.xsd"))
    assert (told.code, told.out) == (2, "")
    assert "own.xsd" in told.err


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"<openimmo>", b"<?xml version='1.0'?>"])
)
def test_no_file_whatever_crashes_it(einzug: Einzug, tmp_path: Path, content: bytes, head: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(head + content)
    for more in ((), ("--json",)):
        assert einzug("openimmo", "check", str(path), *more).code in (0, 1)


def test_nothing_in_a_file_steers_the_terminal(einzug: Einzug, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    data = "<format>a</format><daten><pfad>\u009b31m\u202e[red]</pfad></daten>"
    hostile = f'<anhang location="\u202eEXTERN">{data}</anhang>'
    path.write_text(
        document(offer()).replace("<verwaltung_techn>", f"<anhaenge>{hostile}</anhaenge><verwaltung_techn>"),
        encoding="utf-8",
    )
    out = einzug("openimmo", "check", str(path)).out
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)


def test_the_help_does_not_load_the_xml_library() -> None:
    call = "run(['openimmo', 'check', '--help'])"
    code = f"import sys; from console.cli import run; {call}; print('lxml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
