"""Evidence: files beside answers, kept under the digest of their content, sealed, never run or rendered.

Their own names are data and stand in the answer alone: no path is ever made of them.
"""

from __future__ import annotations

import hashlib
import re
import stat
from contextlib import suppress
from pathlib import Path

from console.store.atomic import write_atomically
from console.store.errors import StoreError
from console.store.places import private_folder
from console.store.said import Evidence
from console.store.vault import Vault, VaultError

FOLDER = "evidence"
LIMIT_MB = 25
LIMIT = LIMIT_MB * 1024 * 1024
LONGEST_NAME = 255

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SEALED, _CLEAR = ".sealed", ".clear"
_SHOWN = 60


class EvidenceFiles:
    """The files of one customer."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def take(self, path: Path) -> Evidence:
        """Keep a copy of a file. Raises StoreError for one that is too large or cannot be read."""
        return self.keep(path.name, _content(path))

    def keep(self, name: str, content: bytes) -> Evidence:
        """Keep content under its digest; the same content is kept once. Raises StoreError."""
        shown = _spelled(name)
        if len(content) > LIMIT:
            raise StoreError("evidence_large", name=shown[:_SHOWN], limit=LIMIT_MB)
        digest = hashlib.sha256(content).hexdigest()
        found = Evidence(digest, shown, len(content))
        if not self._holds(found):
            self._write(digest, content)
        return found

    def read(self, evidence: Evidence) -> bytes:
        """The content as it was given. Raises StoreError where it is gone or was changed."""
        digest = evidence.sha256
        if not _DIGEST.fullmatch(digest):
            raise StoreError("evidence_missing", sha256=digest[:_SHOWN])
        for suffix in (_SEALED, _CLEAR):
            try:
                blob = (self._folder / f"{digest}{suffix}").read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StoreError("disk") from error
            return self._checked(digest, blob, sealed=suffix == _SEALED)
        raise StoreError("evidence_missing", sha256=digest)

    def digests(self) -> tuple[str, ...]:
        """The digests of all files that are kept."""
        names = {path.stem for suffix in (_SEALED, _CLEAR) for path in self._folder.glob(f"*{suffix}")}
        return tuple(sorted(name for name in names if _DIGEST.fullmatch(name)))

    def has(self, sha256: str) -> bool:
        """Whether there is a file of that digest; its content is not looked at."""
        return any((self._folder / f"{sha256}{suffix}").is_file() for suffix in (_SEALED, _CLEAR))

    def _checked(self, digest: str, blob: bytes, *, sealed: bool) -> bytes:
        content = blob
        if sealed:
            try:
                content = self._vault.open(blob, _context(digest))
            except VaultError:
                raise StoreError("evidence_broken", sha256=digest) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreError("evidence_broken", sha256=digest)
        return content

    def _holds(self, evidence: Evidence) -> bool:
        with suppress(StoreError):
            self.read(evidence)
            return True
        return False

    def _write(self, digest: str, content: bytes) -> None:
        private_folder(self._folder)
        suffix = _SEALED if self._vault.durable else _CLEAR
        blob = self._vault.seal(content, _context(digest)) if self._vault.durable else content
        try:
            write_atomically(self._folder / f"{digest}{suffix}", blob)
        except OSError as error:
            raise StoreError("disk") from error


def _content(path: Path) -> bytes:
    """The bytes of an ordinary file; pipes and devices would never end. Raises StoreError."""
    name = _spelled(path.name)[:_SHOWN]
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise StoreError("evidence_unreadable", name=name)
        if found.st_size > LIMIT:
            raise StoreError("evidence_large", name=name, limit=LIMIT_MB)
        with path.open("rb") as file:
            return file.read(LIMIT + 1)  # it may have grown meanwhile: ``keep`` looks again
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        raise StoreError("evidence_unreadable", name=name) from error


def _spelled(name: str) -> str:
    """A file's name as text: bytes that are no text become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")[:LONGEST_NAME]


def _context(digest: str) -> bytes:
    return f"evidence/{digest}".encode()
