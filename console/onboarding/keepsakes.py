"""Evidence out of its sealed room: a copy of each file in a folder that somebody chose.

The names are data: what a file system could take for a path, a device or a hidden file is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from console.errors import ConsoleError
from console.i18n import _
from console.os_words import os_words
from console.store.atomic import write_atomically
from console.store.evidence import FOLDER, EvidenceFiles
from console.store.said import Answer, Evidence

if TYPE_CHECKING:
    from console.workspace import Workspace

LONGEST = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_ODD = re.compile(r"[^\w .,()+&=@#\-]")
_TRIES = 1000


def files_of(said: Iterable[Answer]) -> tuple[Evidence, ...]:
    """Every file of these answers once, in the order in which they were attached."""
    return tuple(dict.fromkeys(file for answer in said for file in answer.files))


def save(workspace: Workspace, files: Iterable[Evidence], folder: Path) -> tuple[Path, ...]:
    """Write copies into a folder, which is made where it is missing; nothing there is ever replaced.

    Blocks. Raises ConsoleError, StoreError.
    """
    kept = EvidenceFiles(workspace.folder / FOLDER, workspace.vault)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_saved(kept.read(one), folder, file_name(one)) for one in files)
    except OSError as error:
        raise ConsoleError(
            _("{path} cannot be written: {why}.").format(path=folder, why=os_words(error)),
            _("Choose another folder."),
        ) from error


def file_name(one: Evidence) -> str:
    """A name that every file system takes for a plain file."""
    stem, dot, ending = _ODD.sub("_", one.name).strip(" .").rpartition(".")
    stem, ending = (stem, dot + ending[:10]) if dot else (ending, "")
    name = f"{stem[: LONGEST - len(ending)].rstrip(' .')}{ending}"
    return name if name.strip("_") and not _RESERVED.fullmatch(name) else f"{one.sha256[:12]}{ending}"


def _saved(content: bytes, folder: Path, name: str) -> Path:
    """Beside what is there already; the same content is not written twice."""
    wished = folder / name
    for number in range(1, _TRIES):
        path = wished if number == 1 else wished.with_stem(f"{wished.stem} ({number})")
        if not path.exists():
            write_atomically(path, content)
            return path
        if path.is_file() and path.read_bytes() == content:
            return path
    raise FileExistsError(17, "File exists", str(wished))
