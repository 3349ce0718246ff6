"""Screens as text files: easy to review, and to renew with ``EINZUG_SNAPSHOTS=write``.

Times and ages are made equal by patterns that keep the width, so that nothing moves on the screen.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from textual.pilot import Pilot

from console.app import ConsoleApp
from console.i18n import language
from tests.console.screen_kit import shown

FOLDER = Path(__file__).parent / "snapshots"
WRITE = os.environ.pop("EINZUG_SNAPSHOTS", "") == "write"

_MOVING = (
    (re.compile(r"\b127\.0\.0\.1:\d{5}\b"), "127.0.0.1:50000"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "12:03:04"),
    (re.compile(r"\b\d\d\.\d\d\. \d\d:\d\d\b"), "22.11. 12:04"),
    (re.compile(r"\b\d\d:\d\d\b"), "12:04"),
    (re.compile(r"\b\d:\d\d\b"), "0:05"),
    (re.compile(r"\b\d([.,])\d s\b"), r"0\g<1>1 s"),
    (re.compile(r"\bA-\d{4}-"), "A-2026-"),
)


def frozen_date(_value: object) -> str:
    """A day that is always the same; takes the place of ``formats.date``."""
    return "22.11.2026" if language() == "de" else "22 Nov 2026"


def steady(text: str) -> str:
    """The text with its clock and ages stopped."""
    for pattern, always in _MOVING:
        text = pattern.sub(always, text)
    return text


async def still(app: ConsoleApp, pilot: Pilot[int]) -> None:
    """Wait until two looks at the screen are the same: a line that grew moves the others a moment later."""
    before = ""
    while (now := steady(shown(app))) != before:
        before = now
        await pilot.pause(0.05)


class Album:
    """Compares screens with the files of one language, or writes them; collects what is different."""

    def __init__(self) -> None:
        self.different: list[str] = []
        self.taken: set[str] = set()

    def take(self, app: ConsoleApp, name: str) -> None:
        """Compare what is on the screen now."""
        file = FOLDER / f"{name}-{app.size.width}x{app.size.height}-{language()}.txt"
        seen = steady(shown(app)) + "\n"
        self.taken.add(file.name)
        if WRITE:
            file.parent.mkdir(exist_ok=True)
            file.write_text(seen, encoding="utf-8", newline="\n")
        wanted = file.read_text(encoding="utf-8") if file.exists() else ""
        if seen != wanted:
            self.different.append(f"{file.name}\n{seen}")

    def finish(self) -> None:
        """Fail with the screens that look otherwise than in their files."""
        assert not self.different, "look at them, then set EINZUG_SNAPSHOTS=write:\n" + "\n".join(
            self.different
        )
