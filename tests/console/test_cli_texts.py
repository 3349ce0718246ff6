"""Every sentence in both languages: codes used in the code, click's own texts, and the catalogue's German."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from connectors.contract import Text
from connectors.texts import LANGUAGES, render

ROOT = Path(__file__).resolve().parents[2]
TABLES = sorted([*ROOT.glob("connectors/**/texts.toml"), *ROOT.glob("console/**/texts.toml")])
CLICK = ROOT / "console" / "locale" / "de" / "LC_MESSAGES" / "click.po"
OURS = {"Text", "Problem"}


def codes(source: str) -> Iterator[str]:
    """The literal codes given to ``Text`` and ``Problem``, in either branch of a choice."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in OURS
            and node.args
        ):
            yield from _literals(node.args[0])


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _entry(code: str) -> dict[str, str] | None:
    first, _, rest = code.partition(".")
    for folder in (ROOT / "connectors", ROOT / "connectors" / first):
        path = folder / "texts.toml"
        if path.exists():
            found = tomllib.loads(path.read_text(encoding="utf-8")).get(first, {}).get(rest)
            if isinstance(found, dict):
                return found
    return None


def _sources() -> list[Path]:
    return sorted([*ROOT.glob("console/**/*.py"), *ROOT.glob("connectors/**/*.py")])


def test_every_guard_has_its_sentence() -> None:
    source = (ROOT / "console" / "sync" / "guards.py").read_text(encoding="utf-8")
    keys = {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_guard"
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    } | {"deletes", "updates"}
    assert len(keys) > 5
    assert [key for key in keys if not set(LANGUAGES) <= set(_entry(f"sync.guard_{key}") or {})] == []


def test_the_scan_finds_codes() -> None:
    source = 'Text("a.b", {})\nProblem("c.d" if x else "e.f", 1)\nText(code)\nother("g.h")'
    assert list(codes(source)) == ["a.b", "c.d", "e.f"]


def test_every_code_in_the_code_has_its_sentence_in_both_languages() -> None:
    used = {code for path in _sources() for code in codes(path.read_text(encoding="utf-8"))}
    assert len(used) > 30
    assert [code for code in sorted(used) if not set(LANGUAGES) <= set(_entry(code) or {})] == []


def _entries(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{path}.{name}".strip("."))
    if any(isinstance(value, str) for value in node.values()):
        yield path, node


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.parent.name)
def test_both_languages_name_the_same_things(table: Path) -> None:
    found = list(_entries(tomllib.loads(table.read_text(encoding="utf-8"))))
    assert found
    for path, entry in found:
        for german, english in (("de", "en"), ("de_one", "en_one"), ("todo_de", "todo_en")):
            assert (german in entry) == (english in entry), path
            assert _names(entry.get(german, "")) == _names(entry.get(english, "")), path
            assert entry.get(german, "x").strip(), path


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_a_sentence_renders_in_both_languages() -> None:
    text = Text("sync.guard_deletes", {"count": 30, "limit": 25, "entity": "tenant"})
    german, english = (render(text, language) for language in LANGUAGES)
    assert german != english
    assert "30" in german
    assert "30" in english


def _clicks_own() -> dict[str | tuple[str, ...], None]:
    import click

    folder = Path(click.__file__).parent
    rows = extract_from_dir(folder, [("**.py", "python")], {}, {"_": None, "ngettext": (1, 2)})
    return {message: None for _, _, message, _, _ in rows}


def _german_of_click() -> list[Message]:
    with CLICK.open("rb") as file:
        return [message for message in read_po(file, locale="de") if message.id]


def test_the_german_of_click_belongs_to_texts_that_click_has() -> None:
    own = _clicks_own()
    assert [m.id for m in _german_of_click() if m.id not in own] == []
    assert [m.id for m in _german_of_click() if not m.string] == []


@pytest.mark.parametrize(
    "word", ["No such", "Missing ", "Invalid value", "is not a valid {", "is not in the", "Usage"]
)
def test_what_click_says_to_our_users_is_german(word: str) -> None:
    german = {str(message.id) for message in _german_of_click()}
    said = [message for message in _clicks_own() if word in str(message)]
    assert said
    assert [message for message in said if str(message) not in german] == []
