"""One token bucket per partner account and host, shared by all processes through a small SQLite file."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import os
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from connectors.problems import Failure, Owner, Problem, Trouble

T = TypeVar("T")

Pausing = Callable[[float], bool]
"""Told again and again how many seconds a long wait still takes; it says whether to go on waiting."""

LONG = 2.0
"""Seconds from which a wait is told."""
_LOOK = 0.25  # seconds between two tellings

LONGEST_HOLD = 900.0
"""Seconds after which a hold is tried again, whatever the other side asked for."""

_SHARE = 0.97  # of the permitted rate: room for clocks that differ
_IN_THE_AIR = 8  # requests that may arrive late and close together after a slow moment of the network
_log = logging.getLogger(__name__)


class Held(Exception):
    """The bucket gives no token for longer than the caller wants to wait; ``seconds`` says how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"held for {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """A rate and a burst as GCRA wants them: seconds between two requests, and how far a burst may run ahead.

    Of the burst, up to eight requests are kept back: so many may be on their way and arrive together with
    later ones, and still a server that counts at arrival refuses none.
    """

    interval: float
    tolerance: float

    @classmethod
    def of(cls, rate: float, burst: int) -> Pace:
        """The pace for ``rate`` requests a second and a bucket of ``burst``. Raises ValueError."""
        if not rate > 0 or burst < 1:
            raise ValueError("rate and burst must be positive")
        interval = 1 / (rate * _SHARE)
        ahead = burst - 1
        return cls(interval, interval * (ahead - min(_IN_THE_AIR, 0.75 * ahead)))


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is stored, in Unix seconds: the next theoretical arrival time, and when it was written."""

    full_at: float
    written: float


def decide(bucket: Bucket | None, now: float, pace: Pace) -> tuple[float, Bucket]:
    """Seconds to wait (0 = go now, and the bucket has paid for it) and the bucket to store."""
    full_at = _plausible(bucket, now, pace)
    wait = full_at - pace.tolerance - now
    if wait > 0:
        return wait, Bucket(full_at, now)
    return 0.0, Bucket(max(full_at, now) + pace.interval, now)


def held(bucket: Bucket | None, now: float, pace: Pace, seconds: float) -> Bucket:
    """The bucket after the other side asked for a pause: nothing until then, and no burst right after it."""
    pause = min(max(seconds, 0.0), LONGEST_HOLD)
    return Bucket(max(_plausible(bucket, now, pace), now + pause + pace.tolerance), now)


def _plausible(bucket: Bucket | None, now: float, pace: Pace) -> float:
    """The stored time, moved along when the clock was set back, and empty for now when it is absurd."""
    if bucket is None:
        return now
    ahead = bucket.full_at - bucket.written
    if not (math.isfinite(bucket.full_at) and ahead <= LONGEST_HOLD + pace.tolerance + pace.interval):
        return now + pace.tolerance
    return bucket.full_at - max(0.0, bucket.written - now)


class Limiter:
    """Lets requests pass at the permitted rate, first come, first served within the process.

    The SQLite work is done in a thread of its own that never keeps the process alive.
    """

    def __init__(
        self,
        path: Path,
        host: str,
        account: str,
        rate: float,
        burst: int,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pausing: Pausing | None = None,
    ) -> None:
        self._pausing = pausing
        self._pace = Pace.of(rate, burst)
        self._store = _Store(path, hashlib.sha256(f"{host.lower()}\0{account}".encode()).hexdigest())
        self._clock = clock
        self._sleep = sleep
        self._worker = _Worker()
        self._turn = asyncio.Lock()

    async def acquire(self, longest: float = math.inf) -> float:
        """Wait for a token and return the seconds waited.

        Raises Held at once when the wait would exceed ``longest`` or is not wanted any more, Failure when the
        file cannot be used.
        """
        waited = 0.0
        async with self._turn:
            while (wait := await self._take()) > 0:
                if waited + wait > longest:
                    raise Held(wait)
                await self._pause(wait)
                waited += wait
        return waited

    async def _pause(self, wait: float) -> None:
        """Sleep; a long wait is told meanwhile, and whoever hears of it may end it. Raises Held."""
        tell = self._pausing if wait >= LONG else None
        left = wait
        while left > 0:
            if tell is not None and not tell(left):
                raise Held(left)
            step = left if tell is None else min(left, _LOOK)
            await self._sleep(step)
            left -= step

    async def _take(self) -> float:
        try:
            return await self._worker.run(self._take_now)
        except (sqlite3.Error, OSError) as error:
            reason = type(error).__name__
        raise Failure(
            Problem(
                "http.limits_file",
                Trouble.CONFIG,
                Owner.CONSULTANT,
                where=self._store.path.name,
                excerpt=reason,
            )
        )

    def _take_now(self) -> float:
        return self._store.change(lambda bucket: decide(bucket, self._clock(), self._pace))

    def hold(self, seconds: float) -> None:
        """Let nothing pass for so many seconds, in all processes; at most 15 minutes. Returns at once."""

        def job() -> None:
            self._store.change(lambda bucket: (None, held(bucket, self._clock(), self._pace, seconds)))

        self._worker.post(job)

    def close(self) -> None:
        """Close the file and end the thread. Idempotent."""
        self._worker.close(self._store.close)


class _Store:
    """One row of the shared file, changed in short exclusive transactions, by the worker thread alone."""

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self._key = key
        self._db: sqlite3.Connection | None = None

    def change(self, step: Callable[[Bucket | None], tuple[T, Bucket]]) -> T:
        """Read the bucket, let ``step`` decide, store what it says, all or nothing."""
        db = self._db or self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            row = db.execute("SELECT full_at, written FROM bucket WHERE key = ?", (self._key,)).fetchone()
            result, bucket = step(Bucket(*row) if row else None)
            db.execute(
                "INSERT OR REPLACE INTO bucket VALUES (?, ?, ?)", (self._key, bucket.full_at, bucket.written)
            )
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        return result

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(self.path, isolation_level=None, timeout=5.0, check_same_thread=False)
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute("PRAGMA synchronous = OFF")  # after a power cut the buckets are full again anyway
        db.execute(
            "CREATE TABLE IF NOT EXISTS bucket"
            " (key TEXT PRIMARY KEY, full_at REAL NOT NULL, written REAL NOT NULL) STRICT"
        )
        self._db = db
        return db

    def close(self) -> None:
        """Close the file if it was opened."""
        if self._db is not None:
            self._db.close()
            self._db = None


_Job = tuple[Callable[[], Any], "asyncio.Future[Any] | None"]


class _Worker:
    """One daemon thread that does jobs in order; started with the first job."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, job: Callable[[], T]) -> T:
        """Do the job in the thread and wait for its result."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._submit((job, future))
        return await future

    def post(self, job: Callable[[], object]) -> None:
        """Do the job in the thread; nobody waits for it."""
        self._submit((job, None))

    def close(self, last: Callable[[], object]) -> None:
        """Do what is queued and ``last``, then end the thread."""
        if self._thread is not None:
            self._jobs.put((last, None))
            self._jobs.put(None)
            self._thread.join(timeout=1.0)
            self._thread = None

    def _submit(self, job: _Job) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="limiter", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, future = item
            try:
                result = job()
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                _deliver(future, None, error)
            else:
                _deliver(future, result, None)


def _deliver(future: asyncio.Future[Any] | None, result: object, error: Exception | None) -> None:
    """Hand a job's end to its waiter, who may be gone together with the loop."""
    if future is None:
        if error is not None:
            _log.warning("the limits file could not be written: %s", type(error).__name__)
        return

    def settle() -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    try:
        future.get_loop().call_soon_threadsafe(settle)
    except RuntimeError:  # the loop was closed meanwhile
        _log.debug("a waiter of the limiter is gone")
