"""Remove everything of a customer from this laptop and look again whether it is gone."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from console.store.errors import StoreError
from console.store.leases import LeaseHeld, Leases
from console.store.places import DATABASE, customer_folder


@dataclass(frozen=True, slots=True)
class Left:
    """A file that could not be removed, with the system's reason where it gave one."""

    path: Path
    reason: OSError | None


@dataclass(frozen=True, slots=True)
class ForgetReport:
    """What was there (relative to the customer's folder), what is gone, and what is left all the same."""

    folder: Path
    found: tuple[Path, ...]
    gone: tuple[Path, ...]
    left: tuple[Left, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left."""
        return not self.left


def forget(data_dir: Path, customer: str) -> ForgetReport:
    """Remove journal, id map, plans, cache and spills of a customer. Close your own connections first.

    Raises LeaseHeld while a run of this customer is alive. Never raises for a file that cannot be removed:
    the report names it. The secrets are not here; the workspace removes them.
    """
    folder = customer_folder(data_dir, customer)
    running = _living_run(folder / DATABASE)
    if running is not None:
        raise running
    found = _files(folder)
    reasons: dict[Path, OSError] = {}
    for path in sorted(_entries(folder), key=lambda p: len(p.parts), reverse=True):
        _remove(path, reasons)
    _remove(folder, reasons)
    remaining = _files(folder)
    return ForgetReport(
        folder,
        found=tuple(path.relative_to(folder) for path in found),
        gone=tuple(path.relative_to(folder) for path in found if path not in remaining),
        left=tuple(Left(path, reasons.get(path)) for path in remaining),
    )


def _living_run(database: Path) -> LeaseHeld | None:
    """The first lease that is alive; a database that cannot be read has no say."""
    if not database.is_file():
        return None
    try:
        with closing(sqlite3.connect(database)) as conn:
            return Leases(conn).living()
    except (sqlite3.Error, StoreError):
        return None


def _entries(folder: Path) -> list[Path]:
    """Everything below a folder; links are entries themselves and are not followed."""
    return [
        Path(place, name)
        for place, folders, files in os.walk(folder, followlinks=False)
        for name in (*folders, *files)
    ]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in _entries(folder) if path.is_symlink() or not path.is_dir())


def _remove(path: Path, reasons: dict[Path, OSError]) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        reasons[path] = error
