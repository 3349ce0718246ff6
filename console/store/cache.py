"""The cache: regenerable snapshots and look-ups, as encrypted JSON that expires.

diskcache pickles by itself and unpickles whatever row claims to be a pickle (CVE-2025-69872), so its Disk is
replaced: rows hold sealed JSON in the database, and every other row counts as absent.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.store.errors import StoreError, explained
from console.store.places import private_file, private_folder
from console.store.vault import Vault, VaultError

if TYPE_CHECKING:
    import diskcache

DAYS = 7
_DAY = 86_400


class Cache:
    """A cache of JSON values. Without a durable vault nothing is kept. Use it from one worker thread.

    Keys are texts and do not stand in the file in clear.
    """

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._vault = vault
        self._cache = _open(folder, vault) if vault.durable else None

    def get(self, key: str) -> Any:
        """The value (as JSON gives it back), or None where there is none or it was tampered with."""
        if self._cache is None:
            return None
        with _explained(), suppress(_Refused, VaultError):
            blob = self._cache.get(key)
            return None if blob is None else json.loads(self._vault.open(blob, _context(key)))
        return None

    def set(self, key: str, value: Any, days: float = DAYS) -> None:
        """Keep a JSON value for some days. Raises TypeError or ValueError for what is no JSON."""
        if self._cache is not None:
            with _explained():
                self._cache.set(key, value, expire=days * _DAY)

    def clear(self) -> None:
        """Remove everything."""
        if self._cache is not None:
            with _explained():
                self._cache.clear()

    def close(self) -> None:
        """Close the file."""
        if self._cache is not None:
            self._cache.close()


class _Refused(Exception):
    """A row that we did not write."""


def _context(key: str) -> bytes:
    return b"cache/" + key.encode()


@contextmanager
def _explained() -> Iterator[None]:
    import diskcache

    with explained():
        try:
            yield
        except diskcache.Timeout as error:
            raise StoreError("locked") from error


def _open(folder: Path, vault: Vault) -> diskcache.Cache:
    """Open the cache and drop what expired. A damaged one is thrown away: everything can be read anew."""
    try:
        return _open_once(folder, vault)
    except StoreError as error:
        if error.code != "corrupt":
            raise
    shutil.rmtree(folder, ignore_errors=True)
    return _open_once(folder, vault)


def _open_once(folder: Path, vault: Vault) -> diskcache.Cache:
    import diskcache

    private_folder(folder)
    private_file(folder / diskcache.core.DBNAME)
    with _explained():
        cache = diskcache.Cache(
            folder, timeout=10, disk=_disk(vault), eviction_policy="none", size_limit=2**40
        )
        cache.expire()
    return cache


def _disk(vault: Vault) -> type[diskcache.Disk]:
    """The Disk of one vault: a class, because diskcache would write its arguments into the file."""
    import diskcache
    from diskcache.core import MODE_RAW

    class SealedDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
        """Keys are keyed digests, values sealed JSON bound to their key; files and pickles do not exist."""

        def put(self, key: Any) -> tuple[sqlite3.Binary, bool]:
            """The keyed digest that stands for a text key."""
            if not isinstance(key, str):
                raise TypeError("a cache key is a text")
            return sqlite3.Binary(vault.fingerprint(_context(key))), True

        def get(self, key: Any, raw: Any) -> Any:
            """Keys cannot be read back."""
            raise _Refused

        def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, sqlite3.Binary]:
            """The columns of a sealed value."""
            if read or not isinstance(key, str):
                raise TypeError("a cache value is JSON under a text key")
            text = json.dumps(value, allow_nan=False, separators=(",", ":"))
            return 0, MODE_RAW, None, sqlite3.Binary(vault.seal(text.encode(), _context(key)))

        def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> Any:
            """The sealed bytes of a row that looks like ours."""
            if mode != MODE_RAW or filename is not None or not isinstance(value, bytes) or read:
                raise _Refused
            return value

        def remove(self, file_path: Any) -> None:
            """Rows of ours have no file, so a name in a row is somebody else's and nothing is removed."""

    return SealedDisk
