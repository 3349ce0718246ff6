"""Packs a delivery: the files of its objects, fetched piece by piece, and the OpenImmo document last."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, cast

from connectors.contract import Files
from connectors.immomio.offers import Attached
from connectors.immomio.wire import file_name
from connectors.openimmo.package import DOCUMENT, Package
from connectors.problems import Failure, Owner, Problem, Trouble

PREFIX = "einzug-"
"""What the name of every delivery of ours begins with."""
PIECE = 64 * 1024
IN_MEMORY = 256 * 1024
"""Bytes of a file that stay in memory; what is larger waits on disk until it is packed."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of one object, by the names they get; closing gives their room back."""

    files: dict[str, BinaryIO]

    def close(self) -> None:
        """Forget the files."""
        with ExitStack() as stack:
            for file in self.files.values():
                stack.callback(file.close)


class Parcel:
    """A delivery in a temporary file that vanishes when it is closed. Its name is plain ASCII.

    Making, packing and finishing it raise Failure where this computer's disk takes no more.
    """

    def __init__(self) -> None:
        self.name = f"{PREFIX}{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        self.files: set[str] = set()
        with _room():
            self._file = cast(BinaryIO, tempfile.TemporaryFile(prefix=PREFIX))  # noqa: SIM115  (closed by close)
        self._zip = zipfile.ZipFile(self._file, "w")
        self._package = Package(self._zip)

    @property
    def size(self) -> int:
        """Bytes packed so far."""
        return self._file.tell()

    async def add(self, fetched: Fetched) -> None:
        """Pack files; one that is in already is not packed twice. Raises Failure."""
        for name, file in fetched.files.items():
            if name not in self.files:
                await asyncio.to_thread(self._pack, name, file)
                self.files.add(name)

    def _pack(self, name: str, file: BinaryIO) -> None:
        with _room():
            self._package.add(name, iter(partial(file.read, PIECE), b""))

    def finish(self, document: bytes) -> BinaryIO:
        """Put the document beside the files; gives the whole ZIP. Raises Failure."""
        with _room():
            self._package.add(DOCUMENT, (document,))
            self._zip.close()
        return self._file

    def close(self) -> None:
        """Let the temporary file vanish. Idempotent."""
        with suppress(ValueError, OSError):  # given up in the middle of a file; nobody will read it any more
            self._zip.close()
        with suppress(OSError):  # what a full disk did not take
            self._file.close()


@contextmanager
def _room(where: str = "") -> Iterator[None]:
    """A disk that takes no more is told like any other problem; nothing has left this computer."""
    try:
        yield
    except OSError:
        pass
    else:
        return
    raise Failure(Problem("immomio.no_room", Trouble.CONFIG, Owner.CONSULTANT, where=where))


async def fetch(files: Files | None, attached: Iterable[Attached]) -> Fetched:
    """The files of one object. Raises Failure naming the file, as soon as one cannot be had."""
    fetched = Fetched({})
    try:
        for one in attached:
            name = file_name(one.ref)
            if name not in fetched.files:
                fetched.files[name] = await _fetch_one(files, one.ref)
    except BaseException:
        fetched.close()
        raise
    return fetched


async def _fetch_one(files: Files | None, ref: str) -> BinaryIO:
    if files is None:
        raise Failure(Problem("immomio.no_files", Trouble.SOURCE, Owner.CONSULTANT, where=ref))
    spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, prefix=PREFIX)  # noqa: SIM115  (given away)
    try:
        async for piece in files.fetch(ref):
            with _room(ref):
                spool.write(piece)
    except Failure as failure:
        spool.close()
        told = failure.problem
    except BaseException:
        spool.close()
        raise
    else:
        spool.seek(0)
        return cast(BinaryIO, spool)
    if told.code == "immomio.no_room":
        raise Failure(told)
    raise Failure(replace(told, code="immomio.file_missing", where=ref, excerpt=told.code))
