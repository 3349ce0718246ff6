"""``einzug report``: writes what the ending asks for, exits by what blocks, verifies, refuses kindly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console.credentials import variable
from tests.console.checklist_kit import only_own
from tests.console.cli_kit import Told
from tests.console.report_kit import CONFIG, html_text, squeezed

Einzug = Callable[..., Told]


@pytest.fixture(autouse=True)
def _customer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_own(monkeypatch)
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("EINZUG_CONFIG", str(config))


def written(einzug: Einzug, path: Path, *more: str) -> Told:
    """Write a report without asking anybody."""
    return einzug("report", "muster", "-o", str(path), "--no-check", *more)


@pytest.mark.parametrize("ending", [".html", ".pdf", ".json"])
def test_a_report_is_written_and_agrees_and_a_touched_one_does_not(
    einzug: Einzug, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"bericht{ending}"
    told = written(einzug, path)
    assert told.code == 1  # something blocks, and it is written all the same
    assert str(path) in told.out
    assert "vor dem Go-live" in told.out
    told = einzug("report", "--verify", str(path))
    assert told.code == 0
    assert "stimmen überein" in told.out
    assert "kein Siegel" in told.out  # there is no keyring here
    path.write_bytes(path.read_bytes() + b" ")
    told = einzug("report", "--verify", str(path))
    assert told.code == 1
    assert "nach dem Schreiben geändert" in told.out


def test_nothing_blocks_once_everything_is_answered(einzug: Einzug, tmp_path: Path) -> None:
    answer = ("checklist", "answer", "muster", "own.provider", "--done", "--who", "Erika Muster")
    assert einzug(*answer, "--set", "way=sip", "--in-clear").code == 0
    path = tmp_path / "r.json"
    assert written(einzug, path).code == 0
    report = json.loads(path.read_text(encoding="utf-8"))["report"]
    assert report["ready"]["blocked"] == 0
    assert report["cover"]["clear_storage"] == "Erika Muster"
    assert report["chapters"][0]["points"][0]["id"] == "own.provider"


def test_the_report_speaks_english_too_and_knows_today(einzug: Einzug, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    written(einzug, path, "--lang", "en")
    assert squeezed("Go-live report") in html_text(path.read_bytes())
    written(einzug, path, "--since", "heute")
    assert "Tagesprotokoll" in html_text(path.read_bytes())
    for day in ("31.05.2026", "gestern", "yesterday"):
        assert written(einzug, path, "--since", day).code == 1


def test_checks_are_run_again_where_they_are_missing(
    einzug: Einzug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for partner in ("erp", "bots4you"):
        for name in ("username", "password", "api_key"):
            monkeypatch.setenv(variable("muster", partner, name), "x")
    path = tmp_path / "r.json"
    told = einzug("report", "muster", "-o", str(path))
    assert "--no-check" in told.err
    report = json.loads(path.read_text(encoding="utf-8"))["report"]
    point = next(one for one in report["chapters"][0]["points"] if one["id"] == "own.connection")
    assert point["finding"]["verdict"] == "fail"  # nobody answers there


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("muster",), ".html, .pdf"),
        (("muster", "-o", "bericht.docx"), ".html, .pdf"),
        (("-o", "bericht.pdf"), "Welcher Kunde"),
        (("muster", "-o", "r.pdf", "--since", "neulich"), "31.05.2026"),
        (("muster", "-o", "r.pdf", "--since", "31.12.2099"), "noch bevor"),
        (("muster", "-o", "gibt-es-nicht/r.pdf"), "Einen Ordner gibt-es-nicht gibt es nicht."),
        (("--verify", "gibt-es-nicht.pdf"), "gibt-es-nicht.pdf"),
    ],
)
def test_what_is_missing_or_wrong_is_said(einzug: Einzug, arguments: tuple[str, ...], words: str) -> None:
    told = einzug("report", *arguments)
    assert told.code == 2
    assert words in told.err


def test_what_is_no_report_and_whose_it_is_are_told(einzug: Einzug, tmp_path: Path) -> None:
    other = tmp_path / "x.pdf"
    other.write_bytes(b"%PDF-1.4 nothing")
    told = einzug("report", "--verify", str(other))
    assert told.code == 2
    assert "kein Bericht von Einzug" in told.err
    path = tmp_path / "r.json"
    written(einzug, path)
    told = einzug("report", "practice", "--verify", str(path))
    assert told.code == 2
    assert "muster" in told.err


def test_a_place_that_cannot_be_written_is_said(einzug: Einzug, tmp_path: Path) -> None:
    told = written(einzug, tmp_path / "missing" / "r.html")
    assert told.code == 2
    assert "missing" in told.err
