"""How the Immomio double opens a delivery: one XML and the files it names, within limits.

Nothing is ever unpacked to disk, so names that lead out of the ZIP cannot do harm; they are refused all the
same, because a real importer would have to.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from connectors.immomio.sandbox_openimmo import MOST_XML, Unreadable

MOST_FILES = 10_000
MOST_BYTES = 512 * 1024 * 1024
MOST_RATIO = 200  # no picture and no PDF shrinks more; a document may, and has a limit of its own
_SMALL = 64 * 1024
_BLOCK = 256 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
"""What zipfile raises for damaged, encrypted, oddly compressed and cut archives."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived: the OpenImmo document, and the MD5 of an attached file by its path, None for no file."""

    xml: bytes
    attached: Callable[[str], str | None]


def plain(xml: bytes) -> Delivery:
    """A delivery that is one XML without files."""
    return Delivery(xml, lambda _path: None)


def unpack(content: bytes) -> Delivery:
    """A delivery from the bytes of its ZIP. Raises Unreadable.

    The digests are made now, so that every file is known to be whole and within the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _admit(infos)
            document = _document(infos)
            files = [info for info in infos if info is not document]
            _refuse_bombs(files)
            xml = _whole(archive, document)
            digests = {info.filename: _digest(archive, info) for info in files}
    except _BROKEN:
        raise Unreadable from None
    return Delivery(xml, digests.get)


def _admit(infos: list[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in infos]
    if len(names) > MOST_FILES or len(set(names)) != len(names) or not all(map(_harmless, names)):
        raise Unreadable
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise Unreadable


def _document(infos: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    documents = [info for info in infos if info.filename.lower().endswith(".xml")]
    if len(documents) != 1:
        raise Unreadable
    return documents[0]


def _refuse_bombs(files: list[zipfile.ZipInfo]) -> None:
    for info in files:
        if info.file_size > _SMALL and info.file_size > MOST_RATIO * max(1, info.compress_size):
            raise Unreadable


def _harmless(name: str) -> bool:
    """Whether a path stays inside the ZIP on every system."""
    parts = name.split("/")
    return bool(name) and not ("\\" in name or ":" in name or "\0" in name or ".." in parts or parts[0] == "")


def _whole(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        content = file.read(MOST_XML + 1)
    if len(content) > MOST_XML:
        raise Unreadable
    return content


def _digest(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with archive.open(info) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
