"""The letters that follow from a chain, as files that can be sent on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from connectors.chains import Letter
from console.chains import words


def save(letters: Iterable[Letter], folder: Path, prefix: str) -> list[Path]:
    """Write each letter into a file of a folder that may be new; a former one is replaced. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for letter in letters:
        path = folder / f"{prefix}-{letter.key}.txt"
        path.write_text(words.letter_text(letter), encoding="utf-8", newline="\r\n")
        written.append(path)
    return written
