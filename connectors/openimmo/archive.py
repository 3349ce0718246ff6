"""Foreign ZIPs: nothing is unpacked to disk, every member is judged before it is opened."""

from __future__ import annotations

import errno
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from connectors.openimmo.attachments import Members, unsafe
from connectors.openimmo.complaint import Complaint, Place, failure
from connectors.openimmo.source import MB, Limits, Source
from connectors.problems import Failure, Owner

_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 65_535
_UTF8 = 0x800
_ENCRYPTED = 0x1
_IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".gz", ".tar", ".tgz"})
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)
"""In how many ways a damaged archive shows in zipfile."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a foreign ZIP may hold; ``ratio`` is size unpacked to size packed, for members above 1 MB."""

    members: int = 20_000
    directory: int = 16 * MB
    total: int = 4096 * MB
    ratio: int = 300


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the ZIP: its name as its sender meant it, and its size."""

    name: str
    size: int
    info: ZipInfo


class Archive:
    """An open ZIP of somebody else. ``complaints`` is what was odd and can be lived with."""

    def __init__(
        self, archive: ZipFile, name: str, members: tuple[Member, ...], odd: list[Complaint]
    ) -> None:
        self._archive = archive
        self.name = name
        self.members = members
        self.complaints = odd

    @property
    def documents(self) -> tuple[Member, ...]:
        """The XML files, those at the top first."""
        found = [member for member in self.members if member.name.lower().endswith(".xml")]
        return tuple(sorted(found, key=lambda member: (member.name.count("/"), member.name)))

    def beside(self, document: Member) -> Members:
        """The other files, by their paths relative to the document; with a leading / those outside."""
        folder = document.name.rpartition("/")[0]
        prefix = f"{folder}/" if folder else ""
        xml = {one.name for one in self.documents}
        names = (member.name for member in self.members if member.name not in xml)
        return Members(n.removeprefix(prefix) if n.startswith(prefix) else f"/{n}" for n in names)

    def source(self, document: Member, limits: Limits | None = None) -> Source:
        """A document to be read. Raises Failure; so does reading it where the archive is damaged."""
        return Source(
            cast(BinaryIO, _Stream(self._open(document), document.name)), document.name, limits or Limits()
        )

    def pieces(self, member: Member) -> Iterator[bytes]:
        """The bytes of a member. Raises Failure."""
        stream = _Stream(self._open(member), member.name)
        while piece := stream.read(64 * 1024):
            yield piece

    def _open(self, member: Member) -> IO[bytes]:
        try:
            return self._archive.open(member.info)
        except _BROKEN:
            raise failure("openimmo.zip_damaged", member.name) from None
        except OSError as error:
            raise _unread(error, member.name) from None


class _Stream:
    """A member whose damage becomes a Failure while it is read."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except _BROKEN:
            raise failure("openimmo.zip_damaged", self._name) from None
        except OSError as error:
            raise _unread(error, self._name) from None


def _unread(error: OSError, name: str) -> Failure:
    """What a member that cannot be read means: a place before the file's beginning is damage, else it is the
    disk."""
    if error.errno == errno.EINVAL:
        return failure("openimmo.zip_damaged", name)
    return failure("openimmo.file_unreadable", name, owner=Owner.CONSULTANT)


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP by its content."""
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK" or is_zipfile(file)
    except OSError:
        raise failure("openimmo.file_unreadable", path.name, owner=Owner.CONSULTANT) from None


@contextmanager
def opened(path: Path, bounds: Bounds = BOUNDS) -> Iterator[Archive]:
    """A foreign ZIP, judged. Raises Failure for one that is damaged, encrypted, too large or would harm."""
    archive = _open(path, bounds)
    with archive:
        odd: list[Complaint] = []
        yield Archive(archive, path.name, tuple(_members(archive, path.name, bounds, odd)), odd)


def _open(path: Path, bounds: Bounds) -> ZipFile:
    try:
        with path.open("rb") as file:
            _directory(file, path.name, bounds)
        return ZipFile(path)
    except _BROKEN:
        raise failure("openimmo.zip_damaged", path.name) from None
    except OSError:
        raise failure("openimmo.file_unreadable", path.name, owner=Owner.CONSULTANT) from None


def _directory(file: BinaryIO, name: str, bounds: Bounds) -> None:
    """Refuse a table of contents too large to be read. zipfile would hold all of it. Raises Failure."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise failure("openimmo.zip_damaged", name)
    count, length = struct.unpack_from("<HI", tail, at + 10)
    if count == 0xFFFF or length == 0xFFFFFFFF:
        locator = tail[at - 20 : at] if at >= 20 else b""
        if locator[:4] == b"PK\x06\x07":
            file.seek(min(size, struct.unpack_from("<Q", locator, 8)[0]))
            record = file.read(56)
            if record[:4] == b"PK\x06\x06" and len(record) == 56:
                count, length = struct.unpack_from("<QQ", record, 32)
    if count > bounds.members or length > bounds.directory:
        raise failure("openimmo.zip_too_many", name, excerpt=str(bounds.members))


def _members(archive: ZipFile, name: str, bounds: Bounds, odd: list[Complaint]) -> Iterator[Member]:
    """The files worth looking at. Raises Failure for what would harm."""
    infos = [info for info in archive.infolist() if not _ignored(info)]
    if len(infos) > bounds.members:
        raise failure("openimmo.zip_too_many", name, excerpt=str(bounds.members))
    if sum(info.file_size for info in infos) > bounds.total:
        raise failure("openimmo.zip_bomb", name, excerpt=str(bounds.total // MB))
    known: set[str] = set()
    for info in infos:
        member = Member(_meant(info).replace("\\", "/"), info.file_size, info)
        if harm := _harm(member, bounds):
            raise failure(harm, name, excerpt=member.name[:80])
        odd.extend(_odd(member, twice=member.name in known))
        known.add(member.name)
        yield member


def _harm(member: Member, bounds: Bounds) -> str:
    """Why a member must not be touched; "" where it may."""
    info = member.info
    if unsafe(member.name) or "\0" in info.orig_filename:
        return "openimmo.zip_traversal"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "openimmo.zip_link"
    if info.flag_bits & _ENCRYPTED:
        return "openimmo.zip_encrypted"
    bomb = info.file_size > MB and info.file_size > bounds.ratio * max(info.compress_size, 1)
    return "openimmo.zip_bomb" if bomb else ""


def _odd(member: Member, *, twice: bool) -> Iterator[Complaint]:
    """What receivers will stumble over."""
    shown = member.name[:80]
    place = Place("/", None, file=shown)
    if PurePosixPath(member.name).suffix.lower() in _ARCHIVES:
        yield place.warning("openimmo.zip_nested", name=shown)
    if not member.name.isascii() and not member.info.flag_bits & _UTF8:
        yield place.warning("openimmo.zip_umlauts", name=shown)
    if "\\" in member.info.filename:
        yield place.warning("openimmo.zip_backslash", name=shown)
    if twice:
        yield place.error("openimmo.zip_twice", name=shown)


def _ignored(info: ZipInfo) -> bool:
    """Folders, and what file managers leave behind."""
    return info.is_dir() or info.filename.startswith(_IGNORED[0]) or info.filename.endswith(_IGNORED[1:])


def _meant(info: ZipInfo) -> str:
    """The name without the flag for UTF-8: many write UTF-8 all the same, others the DOS code page."""
    if info.flag_bits & _UTF8 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename
