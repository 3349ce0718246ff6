"""Evidence as it may be shown: decoded to a picture of ours, or read as text; nothing of it is ever run.

A picture is painted anew, so that neither its place (EXIF), nor a profile, nor anything hidden behind its end
gets into a report. Everything that is neither stays what its line says of it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from console.i18n import language
from console.report.model import File
from console.safe import clean_lines
from console.store.errors import StoreError
from console.store.evidence import FOLDER, EvidenceFiles
from console.store.said import Evidence

if TYPE_CHECKING:
    from console.workspace import Workspace

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
PIXELS = 50_000_000
"""Pixels of a picture that is opened: a small file may unfold to gigabytes."""
BROAD, HIGH = 1400, 1800
"""Pixels of a picture that is shown."""
QUALITY = 82
CHARACTERS = 6000
"""Of a text that is shown."""
TEXTS = frozenset({".txt", ".md", ".csv", ".eml", ".log", ".json", ".xml", ".htm", ".html", ".svg"})
"""Endings of what is read as text, and shown as such: a page or drawing as its source."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, or a picture as JPEG with its size in pixels."""

    text: str = ""
    picture: bytes = field(default=b"", repr=False)
    size: tuple[int, int] = (0, 0)


Exhibits = Callable[[File], Shown | None]
"""Shows a piece of evidence; None for what is neither picture nor text."""


def exhibits(workspace: Workspace) -> Exhibits:
    """Those of a customer, read one by one when they are wanted, and once for all formats."""
    kept = EvidenceFiles(workspace.folder / FOLDER, workspace.vault)

    @cache
    def show(file: File) -> Shown | None:
        try:
            content = kept.read(Evidence(file.sha256, file.name, file.size))
        except StoreError as error:
            return Shown(" ".join(error.render(language())))
        return shown(file.name, content)

    return show


def shown(name: str, content: bytes) -> Shown | None:
    """A file's content as picture or text, whichever it is. Never raises for any content."""
    text = _text(content) if PurePath(name).suffix.lower() in TEXTS else None
    return text or _picture(content)


def _text(content: bytes) -> Shown | None:
    if b"\0" in content[:CHARACTERS]:
        return None
    ahead = content[: 4 * CHARACTERS]
    try:
        text = ahead.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = error.end >= len(ahead) and len(ahead) < len(content)  # in the middle of a character
        text = ahead[: error.start].decode("utf-8-sig") if cut else ahead.decode("cp1252", "replace")
    return Shown(clean_lines(text.strip(), CHARACTERS)) if text.strip() else None


def _picture(content: bytes) -> Shown | None:
    from PIL import Image, ImageOps, UnidentifiedImageError  # late: only where evidence is shown

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=FORMATS) as found:
            warnings.simplefilter("ignore")  # of damaged notes in a picture; what cannot be painted raises
            if found.width * found.height > PIXELS:
                return None
            found.draft("RGB", (BROAD, HIGH))
            upright = ImageOps.exif_transpose(found)
            upright.thumbnail((BROAD, HIGH))
            painted = Image.new("RGB", upright.size, "white")
            clear = upright.convert("RGBA")
            painted.paste(clear, mask=clear.getchannel("A"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        return None
    out = io.BytesIO()
    painted.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Shown(picture=out.getvalue(), size=painted.size)
