"""Texts in two languages: which one is chosen, and that no German text or placeholder is missing."""

from __future__ import annotations

import gettext
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from console import i18n
from scripts import messages

ROOT = Path(__file__).resolve().parents[2]


def test_every_text_of_the_console_has_a_german_form_with_the_same_placeholders() -> None:
    assert list(messages.gaps(messages.extract(), messages.read(ROOT / messages.GERMAN))) == []


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "de"),
        ({"LANG": "C"}, "de"),
        ({"LANG": "C.UTF-8"}, "de"),
        ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, "de"),
        ({"LC_ALL": "", "LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_AT@euro"}, "de"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "deu"}, "en"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks the system where nothing is set")
def test_the_locale_decides_and_german_is_the_default(environ: dict[str, str], language: str) -> None:
    assert i18n.preferred(environ) == language


def test_a_language_asked_for_overrides_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    i18n.setup("de")
    assert i18n.language() == "de"
    i18n.setup(None)
    assert i18n.language() == "en"


def test_an_unknown_language_is_refused_and_the_allowed_ones_are_named() -> None:
    with pytest.raises(ValueError, match="allowed are de, en"):
        i18n.setup("fr")


def test_a_text_that_no_catalogue_holds_stays_english() -> None:
    assert i18n._("no catalogue holds this") == "no catalogue holds this"
    assert i18n.ngettext("{n} stone", "{n} stones", 2) == "{n} stones"


def test_a_new_text_goes_from_the_source_into_german(tmp_path: Path) -> None:
    folder = tmp_path / messages.GERMAN.parent
    folder.mkdir(parents=True)
    (tmp_path / "console" / "place.py").write_text(
        '_("Hello {name}")\nngettext("{n} stone", "{n} stones", 2)\n'
    )
    (tmp_path / messages.GERMAN).write_text(messages.HEADER, encoding="utf-8")

    messages.update(tmp_path)
    text = (tmp_path / messages.GERMAN).read_text(encoding="utf-8")
    assert 'msgid "Hello {name}"\nmsgstr ""' in text
    assert text.count("place.py") == 2

    text = text.replace('msgid "Hello {name}"\nmsgstr ""', 'msgid "Hello {name}"\nmsgstr "Grüß Gott, {name}"')
    text = text.replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "ein Stein"\nmsgstr[1] "{n} Steine"')
    (tmp_path / messages.GERMAN).write_text(text, encoding="utf-8")
    messages.update(tmp_path)
    assert (tmp_path / messages.GERMAN).read_text(encoding="utf-8") == text
    assert list(messages.gaps(messages.extract(tmp_path), messages.read(tmp_path / messages.GERMAN))) == []

    messages.compile_catalogues(tmp_path)
    with (tmp_path / messages.GERMAN).with_suffix(".mo").open("rb") as file:
        german = gettext.GNUTranslations(file)
    assert german.gettext("Hello {name}") == "Grüß Gott, {name}"
    assert german.ngettext("{n} stone", "{n} stones", 1) == "ein Stein"
    assert german.ngettext("{n} stone", "{n} stones", 7) == "{n} Steine"


@pytest.mark.parametrize(
    ("source", "german"),
    [
        ("Hello {name}", None),
        ("Hello {name}", ""),
        ("Hello {name}", "Hallo"),
        ("Hello {name}", "Hallo {nome}"),
        ("Hello {name}", "Hallo {name} {other}"),
        ("Hello {name}", "Hallo {name} {"),
        (("{n} stone", "{n} stones"), ("ein Stein", "Steine")),
        (("{n} stone", "{n} stones"), ("ein Stein", "")),
        (("{n} stone", "{n} stones"), ("{m} Stein", "{n} Steine")),
    ],
)
def test_a_gap_in_the_catalogue_is_seen(
    source: str | tuple[str, str], german: str | tuple[str, str] | None
) -> None:
    texts, catalogue = Catalog(), Catalog(locale="de")
    texts.add(source)
    if german is not None:
        catalogue.add(source, german)
    assert len(list(messages.gaps(texts, catalogue))) == 1


def test_a_german_text_that_nobody_uses_is_seen() -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("Gone", "Weg")
    assert list(messages.gaps(Catalog(), catalogue)) == ["no longer used: 'Gone'"]


def test_choosing_a_language_imports_nothing_heavy() -> None:
    code = "import sys, console.i18n as i; i.setup('de'); print({'babel', 'textual'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_another_language_is_spoken_for_a_block_and_by_this_thread_alone() -> None:
    heard: list[str] = []
    i18n.setup("en")
    with i18n.speaking("de"):
        other = threading.Thread(target=lambda: heard.append(i18n.language()))
        other.start()
        other.join()
        heard += [
            i18n.language(),
            i18n._("Help"),
            i18n.ngettext("{count} call", "{count} calls; the newest first", 1),
        ]
    assert heard == ["en", "de", "Hilfe", "{count} Aufruf"]
    assert i18n.language() == "en"
