"""Who works on what: rows with an owner and a heartbeat, so that two processes never write the same thing.

A lease ends when it is released, two minutes after its last heartbeat, or at once when its process on this
machine is gone.
"""

from __future__ import annotations

import os
import platform
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.store.clock import Clock, spell, utc_now
from console.store.database import row, rows, transaction
from console.store.errors import StoreError
from console.store.processes import process_alive, process_token

EXPIRES_AFTER = timedelta(minutes=2)


class LeaseHeld(StoreError):
    """Another run holds this lease; ``holder`` tells which."""

    def __init__(self, name: str, holder: Holder) -> None:
        super().__init__(
            "held", name=name, pid=holder.pid, host=holder.host, since=f"{holder.since:%Y-%m-%d %H:%M} UTC"
        )
        self.holder = holder


class LeaseLost(StoreError):
    """A lease that was ours has been taken over or released: stop writing."""

    def __init__(self, name: str) -> None:
        super().__init__("lost", name=name)


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lease."""

    token: str
    pid: int
    host: str
    since: datetime
    beat: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was acquired."""

    name: str
    since: datetime


class Leases:
    """The leases of one file as one owner sees them. Every instance is an owner of its own."""

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        clock: Clock = utc_now,
        alive: Callable[[int], bool] = process_alive,
        host: str | None = None,
    ) -> None:
        self._conn = conn
        self._clock = clock
        self._alive = alive
        self._host = platform.node() if host is None else host
        self._token = f"{process_token()}-{secrets.token_hex(4)}"

    def acquire(self, name: str) -> Lease:
        """Take the lease, from a dead holder too. Raises LeaseHeld, even when we hold it ourselves."""
        with transaction(self._conn) as conn:
            holder = self.holder(name)
            if holder is not None:
                raise LeaseHeld(name, holder)
            now = self._clock()
            conn.execute(
                "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?)",
                (name, self._token, os.getpid(), self._host, spell(now), spell(now)),
            )
        return Lease(name, now)

    @contextmanager
    def held(self, name: str) -> Iterator[Lease]:
        """Hold the lease for the length of a block. Raises LeaseHeld."""
        lease = self.acquire(name)
        try:
            yield lease
        finally:
            self.release(name)

    def renew(self, name: str) -> None:
        """Tell the others that we are still at it. Raises LeaseLost."""
        with transaction(self._conn) as conn:
            done = conn.execute(
                "UPDATE lease SET beat = ? WHERE name = ? AND token = ?",
                (spell(self._clock()), name, self._token),
            )
            if done.rowcount == 0:
                raise LeaseLost(name)

    def beat(self) -> int:
        """Renew all leases of ours at once and say how many there are; call it every half minute or so."""
        with transaction(self._conn) as conn:
            return conn.execute(
                "UPDATE lease SET beat = ? WHERE token = ?", (spell(self._clock()), self._token)
            ).rowcount

    def release(self, name: str) -> None:
        """Give the lease back. One that is no longer ours is left alone."""
        with transaction(self._conn) as conn:
            conn.execute("DELETE FROM lease WHERE name = ? AND token = ?", (name, self._token))

    def holder(self, name: str) -> Holder | None:
        """Who holds the lease now; None where it is free or its holder is dead."""
        sql = "SELECT token, pid, host, since, beat FROM lease WHERE name = ?"
        found = row(self._conn, sql, (name,))
        if found is None:
            return None
        token, pid, host, since, beat = found
        holder = Holder(token, pid, host, datetime.fromisoformat(since), datetime.fromisoformat(beat))
        return holder if self._lives(holder) else None

    def held_elsewhere(self, name: str) -> Holder | None:
        """Who else holds the lease now; None where it is free, dead or ours."""
        holder = self.holder(name)
        return None if holder is None or holder.token == self._token else holder

    def living(self) -> LeaseHeld | None:
        """The first lease of any name that somebody holds, as the error that it is; None where none is."""
        for (name,) in rows(self._conn, "SELECT name FROM lease ORDER BY name"):
            holder = self.holder(name)
            if holder is not None:
                return LeaseHeld(name, holder)
        return None

    def _lives(self, holder: Holder) -> bool:
        # A beat far in the future means that the clock was set back: as old as one far in the past.
        if abs(self._clock() - holder.beat) > EXPIRES_AFTER:
            return False
        if holder.host != self._host:
            return True
        if holder.pid == os.getpid():
            return holder.token.startswith(process_token())  # else a dead process had our number
        return self._alive(holder.pid)
