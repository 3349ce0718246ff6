"""The id map: which records at a partner Einzug has written or recognised as its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.store.clock import Clock, spell, utc_now
from console.store.database import row, transaction


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of one record of ours. ``digest`` (16 bytes) stands for what was last confirmed written;
    None for an adopted record, which we found and never wrote. ``run`` is the run that wrote it."""

    id: str
    remote_id: str | None = None
    digest: bytes | None = None
    run: int | None = None
    at: datetime | None = None  # set by the map


class IdMap:
    """The id map of one partner in one environment. Every writing method is one durable transaction."""

    def __init__(
        self, conn: sqlite3.Connection, partner: str, environment: str, *, clock: Clock = utc_now
    ) -> None:
        self._conn = conn
        self._partner = partner
        self._environment = environment
        self._clock = clock

    def owns(self, entity: str, record: str) -> bool:
        """Whether this record is ours."""
        return self.get(entity, record) is not None

    def get(self, entity: str, record: str) -> Link | None:
        """What is known of a record, or None."""
        found = row(self._conn, f"{_SELECT} AND id = ?", (*self._place(entity), record))
        return _link(found) if found else None

    def put_many(self, entity: str, links: Iterable[Link]) -> None:
        """Note records that were confirmed written. A remote id that is not given keeps its former value."""
        at, place = spell(self._clock()), self._place(entity)
        with transaction(self._conn) as conn:
            conn.executemany(
                _INSERT
                + """ DO UPDATE SET remote = coalesce(excluded.remote, remote), digest = excluded.digest,
                      run = excluded.run, at = excluded.at""",
                ((*place, link.id, link.remote_id, link.digest, link.run, at) for link in links),
            )

    def adopt_many(self, entity: str, found: Mapping[str, str | None]) -> None:
        """Take records found at the partner for ours (id to remote id).

        What is known of a record stays, only a differing remote id is corrected.
        """
        at, place = spell(self._clock()), self._place(entity)
        with transaction(self._conn) as conn:
            conn.executemany(
                _INSERT
                + """ DO UPDATE SET remote = excluded.remote
                      WHERE excluded.remote IS NOT NULL AND remote IS NOT excluded.remote""",
                ((*place, record, remote, None, None, at) for record, remote in found.items()),
            )

    def remove_many(self, entity: str, records: Iterable[str]) -> None:
        """Forget records that were confirmed deleted."""
        place = self._place(entity)
        with transaction(self._conn) as conn:
            conn.executemany(f"DELETE {_WHERE} AND id = ?", ((*place, record) for record in records))

    def count(self, entity: str | None = None) -> int:
        """How many records are ours, of one entity or of all."""
        sql = "SELECT count(*) FROM link WHERE partner = ? AND environment = ? AND entity GLOB ?"
        found = row(self._conn, sql, (self._partner, self._environment, entity or "*"))
        return int(found[0]) if found else 0

    def _place(self, entity: str) -> tuple[str, str, str]:
        return self._partner, self._environment, entity


_WHERE = "FROM link WHERE partner = ? AND environment = ? AND entity = ?"
_SELECT = f"SELECT id, remote, digest, run, at {_WHERE}"
_INSERT = """
    INSERT INTO link (partner, environment, entity, id, remote, digest, run, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (partner, environment, entity, id)
"""


def _link(found: tuple[str, str | None, bytes | None, int | None, str]) -> Link:
    record, remote, digest, run, at = found
    return Link(record, remote, digest, run, datetime.fromisoformat(at))
