"""Why a file could not be used is told in the language of the console."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from console.i18n import setup
from console.os_words import os_words

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("number", "german"),
    [
        (errno.ENOENT, "nicht vorhanden"),
        (errno.EACCES, "kein Zugriff, oder ein anderes Programm hat die Datei geöffnet"),
        (errno.ENOSPC, "auf dem Laufwerk ist kein Platz mehr"),
        (errno.EADDRINUSE, "der Port ist belegt"),
        (errno.ELOOP, f"das Betriebssystem lehnt ab, Fehler {errno.ELOOP}"),
    ],
)
def test_no_english_of_the_operating_system_gets_through(number: int, german: str) -> None:
    setup("de")
    assert os_words(OSError(number, os.strerror(number))) == german


def test_a_real_error_is_told_too(tmp_path: Path) -> None:
    setup("de")
    with pytest.raises(OSError, match="No such file") as caught:
        (tmp_path / "fehlt" / "x.csv").write_text("a", encoding="utf-8")
    assert os_words(caught.value) == "nicht vorhanden"


def test_a_file_that_excel_has_open_is_told_as_windows_means_it() -> None:
    setup("de")
    error = PermissionError(errno.EACCES, "The process cannot access the file")
    vars(error)["winerror"] = 32  # only Windows has it
    assert os_words(error) == "ein anderes Programm hat die Datei geöffnet"


def test_what_is_no_error_of_the_system_keeps_its_name() -> None:
    assert os_words(ValueError("embedded null byte")) == "ValueError"
    assert os_words(OSError(0, "eine eigene Meldung")) == "eine eigene Meldung"


def test_nobody_shows_the_systems_own_text() -> None:
    own = re.compile(r"\.strerror\b")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "console").rglob("*.py")
        if path.name != "os_words.py" and own.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
