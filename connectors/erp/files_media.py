"""Pictures and documents of vacancies, from a folder beside the exports. Everything here blocks."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from connectors.erp import vocabulary
from connectors.erp.files_read import complaint
from connectors.letting import Attachment, AttachmentGroup
from connectors.problems import Failure, Owner, Problem, Trouble

SUFFIXES = frozenset({"jpg", "jpeg", "png", "gif", "pdf"})
PIECE = 1 << 20
"""Bytes of a file in memory at once."""

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*]')
_IN_NUMBER = re.compile(r'[\x00-\x1f<>:"|?*/\\_]|[. ]\Z')
_PREFIX = re.compile(r"\A\d+[ _-]+")


class MediaFolder:
    """The files below one folder. A reference is made of a file's place in it, and stays as long as that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, str] = {}
        self._checks: dict[str, tuple[int, int, str]] = {}

    @property
    def there(self) -> bool:
        """Whether the folder exists."""
        return self._path.is_dir()

    def of_unit(self, numbers: Sequence[str]) -> tuple[str, ...]:
        """The files in the folder of a unit, by name: ``10_00123_004_0050`` for Mandant, WE, building, unit.

        Numbers that hold ``_`` or a sign that no file name may hold have no folder. Other kinds of files
        are passed over.
        """
        if any(_IN_NUMBER.search(number) for number in numbers):
            return ()
        folder = "_".join(numbers)
        try:
            names = sorted((p.name for p in (self._path / folder).iterdir()), key=str.casefold)
        except OSError:
            return ()
        return tuple(f"{folder}/{name}" for name in names if _suffix(name) in SUFFIXES)

    def doubt(self, name: str) -> str | None:
        """The code of what speaks against a file: outside the folder, a link, no known kind, not there."""
        place = _place(name)
        if place is None:
            return "erp.media_outside"
        if _suffix(place) not in SUFFIXES:
            return "erp.media_kind"
        path = self._path / place
        if any(_link(step) for step in (path, *path.parents[: len(PurePosixPath(place).parts) - 1])):
            return "erp.media_outside"
        try:
            inside = path.resolve().is_relative_to(self._path.resolve())
        except (OSError, RuntimeError, ValueError):
            return "erp.media_outside"
        if not inside:
            return "erp.media_outside"
        return None if path.is_file() else "erp.media_missing"

    def attachments(self, names: Sequence[str]) -> tuple[Attachment, ...]:
        """The files as a vacancy refers to them, MD5 included. Raises Failure for one that is gone."""
        made: list[Attachment] = []
        shown = [_stem(name) for name in names]
        titled = any(vocabulary.attachment_group(stem) is AttachmentGroup.TITLE for stem in shown)
        for name, stem in zip(names, shown, strict=True):
            code = self.doubt(name)
            if code is not None:
                raise Failure(complaint(code, self._path.name))  # a file name may be personal
            place = _place(name) or name
            group = _group(stem, _suffix(name), titled)
            titled = titled or group is AttachmentGroup.TITLE
            title = _PREFIX.sub("", stem).replace("_", " ").strip()
            made.append(
                Attachment(ref=self._reference(place), group=group, title=title, check=self._md5(place))
            )
        return tuple(made)

    def find(self, ref: str) -> Path:
        """The file of a reference. Raises Failure ``erp.unknown_file``."""
        if ref not in self._places:
            for folder, _, names in os.walk(self._path):
                for name in (name for name in names if _suffix(name) in SUFFIXES):
                    self._reference((Path(folder) / name).relative_to(self._path).as_posix())
        place = self._places.get(ref)
        if place is None or self.doubt(place) is not None:
            raise Failure(Problem("erp.unknown_file", Trouble.MISSING, Owner.CUSTOMER, where=ref[:80]))
        return self._path / place

    def _reference(self, place: str) -> str:
        digest = hashlib.sha256(unicodedata.normalize("NFC", place).encode("utf-8", "replace")).hexdigest()
        ref = f"media-{digest[:20]}.{_suffix(place)}"
        self._places[ref] = place
        return ref

    def _md5(self, place: str) -> str:
        """The MD5 of a file, kept until its time or size changes. Raises Failure."""
        path = self._path / place
        try:
            state = path.stat()
            kept = self._checks.get(place)
            if kept is None or kept[:2] != (state.st_mtime_ns, state.st_size):
                digest = hashlib.md5(usedforsecurity=False)
                with path.open("rb") as file:
                    while piece := file.read(PIECE):
                        digest.update(piece)
                kept = self._checks[place] = (state.st_mtime_ns, state.st_size, digest.hexdigest())
        except OSError:
            raise Failure(complaint("erp.file_unreadable", self._path.name)) from None
        return kept[2]


def _place(name: str) -> str | None:
    """A name as a place below the folder, parted by /; None where it leads out of it or is no name."""
    plain = name.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    if not parts or plain.startswith("/") or ".." in parts or _FORBIDDEN.search(plain):
        return None
    return "/".join(parts)


def _link(path: Path) -> bool:
    junction = getattr(path, "is_junction", None)  # from Python 3.12 on
    return path.is_symlink() or bool(junction and junction())


def _suffix(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).suffix[1:].lower()


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem


def _group(stem: str, suffix: str, titled: bool) -> AttachmentGroup:
    """A floor plan by its name; else a PDF is a document, the first picture the title, the rest by name."""
    named = vocabulary.attachment_group(stem)
    if named is AttachmentGroup.FLOOR_PLAN:
        return named
    if suffix == "pdf":
        return AttachmentGroup.DOCUMENT
    if not titled:
        return AttachmentGroup.TITLE
    return named or AttachmentGroup.PICTURE
