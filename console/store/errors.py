"""What can go wrong with the files on the laptop, as codes whose sentences stand in ``texts.toml``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

from connectors.texts import table

CODES_BY_RESULT = MappingProxyType(
    {
        sqlite3.SQLITE_BUSY: "locked",
        sqlite3.SQLITE_LOCKED: "locked",
        sqlite3.SQLITE_CORRUPT: "corrupt",
        sqlite3.SQLITE_NOTADB: "corrupt",
        sqlite3.SQLITE_READONLY: "read_only",
        sqlite3.SQLITE_PERM: "read_only",
        sqlite3.SQLITE_CANTOPEN: "cannot_open",
        sqlite3.SQLITE_FULL: "full",
        sqlite3.SQLITE_IOERR: "disk",
    }
)
"""Which sentence belongs to which primary result code of SQLite."""


class StoreError(Exception):
    """A file of the store cannot be used; ``code`` leads to its sentence, ``details`` fill it in.

    Details are paths, versions, process numbers and times: nothing of a record.
    """

    def __init__(self, code: str, **details: str | int) -> None:
        self.code = code
        self.details = details
        super().__init__(self.render("en")[0])

    @property
    def message(self) -> str:
        """What happened, in German."""
        return self.render("de")[0]

    @property
    def hint(self) -> str:
        """What to do next, in German."""
        return self.render("de")[1]

    def render(self, language: str = "de") -> tuple[str, str]:
        """What happened and what to do next, in one sentence each."""
        entry = table("console.store")["store"][self.code]
        return (
            entry[language].format_map(self.details),
            entry[f"todo_{language}"].format_map(self.details),
        )


@contextmanager
def explained() -> Iterator[None]:
    """Turn the errors of SQLite that come from the machine into a StoreError; others pass unchanged."""
    try:
        yield
    except sqlite3.Error as error:
        result = getattr(error, "sqlite_errorcode", None)
        code = CODES_BY_RESULT.get(result & 0xFF) if result is not None else None
        if code is None:
            raise
        raise StoreError(code) from error
