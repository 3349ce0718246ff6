"""Keys of windows and questions: one table, from which bindings, hints and documentation come."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

import console.screens
import console.widgets
from console import window_keys
from console.i18n import setup
from console.key_names import shown_key
from console.screens.main import MainScreen
from console.screens.panel import Panel
from console.widgets.field_diff import FieldDiff
from console.widgets.filter_line import FilterLine
from console.widgets.record_table import RecordTable


def _windows() -> Iterator[type[Screen[object]]]:
    for module in pkgutil.iter_modules(console.screens.__path__):
        found = importlib.import_module(f"console.screens.{module.name}")
        for value in vars(found).values():
            own = isinstance(value, type) and value.__module__ == found.__name__
            if own and issubclass(value, Screen) and value is not MainScreen:
                yield value


def _bound(of: type[DOMNode]) -> set[str]:
    found = (b if isinstance(b, Binding) else Binding(*b) for b in of.__dict__.get("BINDINGS", ()))
    return {key for binding in found for key in binding.key.split(",")}


def _listed(scope: str) -> set[str]:
    return {key for one in window_keys.of(scope) for key in one.keys.split(",")}


def test_every_window_takes_its_keys_from_the_table() -> None:
    tables = [
        {k for key in window_keys.of(s) if key.does for k in key.keys.split(",")} for s in window_keys.SCOPES
    ]
    windows = list(_windows())
    assert len(windows) > 15
    assert [window.__name__ for window in windows if _bound(window) not in tables] == []


def test_what_a_key_of_a_window_does_exists() -> None:
    methods = {name for window in _windows() for name in dir(window) if name.startswith("action_")}
    for key in window_keys.KEYS:
        name = key.does.partition("(")[0]
        if name and not name.startswith("app."):
            assert f"action_{name}" in methods, key


@pytest.mark.parametrize(
    ("scope", "widget"), [("table", RecordTable), ("fields", FieldDiff), ("filter", FilterLine)]
)
def test_the_listed_keys_of_a_widget_are_its_own(scope: str, widget: type[Widget]) -> None:
    assert _bound(widget) <= _listed(scope)


def test_every_scope_of_the_table_has_keys_and_a_name() -> None:
    assert {key.scope for key in window_keys.KEYS} == set(window_keys.SCOPES)
    assert not any(issubclass(window, Panel) for window in _windows())


def test_a_hint_names_the_keys_of_its_window() -> None:
    setup("de")
    assert window_keys.hint("calls") == "y kopiert die Zeile, e exportiert alle als CSV, Esc schließt."


def test_keys_are_written_as_people_write_them() -> None:
    setup("de")
    keys = ("ctrl+q", "f9", "backspace", "space", "question_mark", "escape", "X", "a … z", "f")
    assert [shown_key(key) for key in keys] == ["^q", "F9", "⌫", "Leertaste", "?", "Esc", "X", "a … z", "f"]


def test_the_documented_keys_of_windows_are_the_real_ones() -> None:
    documented = Path("docs/keys.md").read_text(encoding="utf-8")
    setup("en")
    assert window_keys.key_table() in documented, "run: python scripts/keys.py"
