from __future__ import annotations

import stat
import sys
from pathlib import Path

import pyperclip
import pytest

from console import i18n
from console.clipboard import LONGEST, Way, copy

GOOD = {"TERM": "xterm-256color"}


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.setup("en")


def test_the_terminal_comes_first(tmp_path: Path) -> None:
    sent: list[str] = []
    done = copy("Lindenhof", sent.append, tmp_path, environ=GOOD, desktop=lambda _text: False)
    assert sent == ["Lindenhof"]
    assert done.way is Way.TERMINAL
    assert "terminal" in done.sentence()


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ("a", {"TERM": "linux"}),
        ("a", {"TERM": "screen-256color"}),
        ("a", GOOD | {"TERM_PROGRAM": "Apple_Terminal"}),
        ("ä" * LONGEST, GOOD),
    ],
)
def test_the_desktop_is_next_where_the_terminal_would_not_hear(
    text: str, environ: dict[str, str], tmp_path: Path
) -> None:
    sent: list[str] = []
    taken: list[str] = []

    def desktop(text: str) -> bool:
        taken.append(text)
        return True

    done = copy(text, sent.append, tmp_path, environ=environ, desktop=desktop)
    assert (done.way, sent, taken) == (Way.DESKTOP, [], [text])


def test_without_a_clipboard_a_private_file_is_written_and_named(tmp_path: Path) -> None:
    done = copy("Öl\n", print, tmp_path / "copies", environ={"TERM": "linux"}, desktop=lambda _text: False)
    assert done.way is Way.FILE
    assert done.path is not None
    assert done.path.read_text(encoding="utf-8") == "Öl\n"
    assert str(done.path) in done.sentence()
    if sys.platform != "win32":
        assert stat.S_IMODE(done.path.stat().st_mode) == 0o600


def test_a_desktop_that_refuses_leads_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_text: str) -> None:
        raise pyperclip.PyperclipException("none")

    monkeypatch.setattr(pyperclip, "copy", refuse)
    assert copy("a", print, tmp_path, environ={"TERM": "linux"}).way is Way.FILE
