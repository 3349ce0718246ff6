"""A configuration that is no TOML is explained in the language in force."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from console.config import parse
from console.errors import ConfigError
from console.i18n import setup

BROKEN = {
    "a = b": "kein Wert",
    "a b": "fehlt ein =",
    "= 1": "Zeile ist weder",
    "[]": "kein Name beginnen",
    "a = 1 2": "folgt noch etwas",
    "[a\n": "nicht mit ] geschlossen",
    "a = 1\na = 2": "doppelt",
    "[customers.x]\n[customers.x]": "customers.x",
    "a = {b = 1}\na.c = 2": "a ist schon abgeschlossen",
    "a = [1": "Liste",
    "a = {": "fehlt|Tabelle|Name",
    'a = "x': "Anführungszeichen",
    'a = "x\n"': "Zeichen",
    'a = "C:\\qdaten"': "einfache Anführungszeichen",
    'a = "\\u12"': "vor etwas Unbekanntem",
    "a = 2026-13-45": "Datum|Wertebereich|Wert",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_wrong_is_said_in_german(text: str) -> None:
    setup("de")
    with pytest.raises(tomllib.TOMLDecodeError) as english:
        tomllib.loads(text)
    with pytest.raises(ConfigError) as found:
        parse(text, Path("config.toml"))
    (line,) = (problem.sentence("de") for problem in found.value.problems)
    assert any(words in line for words in BROKEN[text].split("|")), line
    assert str(english.value).partition(" (at")[0] not in line
