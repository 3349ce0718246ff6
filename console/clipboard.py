"""Copy for whoever sits in front: by the terminal (OSC 52), by the desktop, or into a file; says which way.

OSC 52 also works over SSH, but nobody answers whether it did. So it is used where the terminal is not known
to ignore it and the text is short enough for those that cut long ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.i18n import _
from console.store.places import private_folder
from console.threads import off_loop

if TYPE_CHECKING:
    from textual.app import App

LONGEST = 70_000
"""Bytes that every terminal with OSC 52 takes: some end at 100,000 after the encoding."""

DEAF = frozenset({"Apple_Terminal"})
"""Values of TERM_PROGRAM whose terminals ignore OSC 52."""


class Way(StrEnum):
    """Where a copy went."""

    TERMINAL = "terminal"
    DESKTOP = "desktop"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Copied:
    """The way a copy took; ``path`` is the file, if it is one."""

    way: Way
    path: Path | None = None

    def sentence(self) -> str:
        """The way in words."""
        if self.way is Way.TERMINAL:
            return _("Sent to the terminal's clipboard.")
        if self.way is Way.DESKTOP:
            return _("Copied to the clipboard.")
        return _("No clipboard here: written to {path}.").format(path=self.path)


Desktop = Callable[[str], bool]
"""Copies by the desktop; False where there is none."""


def copy(
    text: str,
    terminal: Callable[[str], None],
    folder: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    desktop: Desktop | None = None,
) -> Copied:
    """Copy the text the first way that works; ``terminal`` sends OSC 52, ``folder`` takes the file.

    Asking the desktop starts a program: call it beside the event loop. Raises OSError when not even the file
    can be written.
    """
    if hears(text, environ):
        terminal(text)
        return Copied(Way.TERMINAL)
    if (desktop or _desktop)(text):
        return Copied(Way.DESKTOP)
    return Copied(Way.FILE, _file(text, folder))


async def copy_text(app: App[Any], text: str, folder: Path) -> str:
    """Copy what a screen shows, and tell the way in a sentence. Raises OSError."""
    terminal = partial(app.call_from_thread, app.copy_to_clipboard)
    return (await off_loop(partial(copy, text, terminal, folder), "copy")).sentence()


def hears(text: str, environ: Mapping[str, str]) -> bool:
    """Whether the terminal can be expected to take this text by OSC 52."""
    if len(text.encode()) > LONGEST or environ.get("TERM_PROGRAM") in DEAF:
        return False
    # The Linux console and old multiplexers have no clipboard to write to.
    return not environ.get("TERM", "").startswith(("linux", "screen", "vt"))


def _desktop(text: str) -> bool:
    import pyperclip  # late: it looks for programs

    try:
        pyperclip.copy(text)
    except pyperclip.PyperclipException:
        return False
    return True


def _file(text: str, folder: Path) -> Path:
    private_folder(folder)
    path = folder / f"copy-{datetime.now():%Y%m%d-%H%M%S}.txt"
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    return path
