"""A delivery as one ZIP: document and attachments, written piece by piece, the same bytes every time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

DOCUMENT = "openimmo.xml"
_MOMENT = (2000, 1, 1, 0, 0, 0)
_LONGEST = 100
_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+'
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_PACKED = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".pdf", ".zip", ".mp4"})


def safe_name(wanted: str) -> str:
    """A file name without folders, control characters and what Windows keeps for itself; never empty."""
    plain = unicodedata.normalize("NFC", wanted).replace("\\", "/").rpartition("/")[2]
    plain = _UNSAFE.sub("_", plain).strip(" .")
    if not plain or _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    if len(plain) > _LONGEST:
        suffix = PurePosixPath(plain).suffix[:10]
        plain = plain[: _LONGEST - len(suffix)].rstrip(" .") + suffix
    return plain


class Package:
    """Writes into a ZIP. Names have to be what ``safe_name`` makes of them; one is written once."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names: set[str] = set()

    def add(self, name: str, pieces: Iterable[bytes]) -> int:
        """Write one file from its pieces; gives its size. Raises ValueError for a name that cannot be."""
        size = 0
        with self._archive.open(self._entry(name), "w") as member:
            for piece in pieces:
                size += member.write(piece)
        return size

    def _entry(self, name: str) -> ZipInfo:
        if name != safe_name(name) or name in self._names:
            raise ValueError("the name of a member is unsafe or taken")
        self._names.add(name)
        entry = ZipInfo(name, _MOMENT)
        entry.create_system = 3  # the same bytes on every system
        entry.external_attr = 0o100644 << 16
        packed = PurePosixPath(name).suffix.lower() in _PACKED
        entry.compress_type = ZIP_STORED if packed else ZIP_DEFLATED
        return entry
